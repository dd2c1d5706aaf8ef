"""What is asked of people, in words: consents with their text, forms with their questions, and what rules may know."""

from collections.abc import Iterator

from sop_engine.sop.language import MAY_BE_EMPTY, Asked, Consent, Field, Form, Section
from sop_engine.sop.phrases import TYPES
from sop_engine.sop.summary.pieces import Chapter, Item, Line, chapter, line
from sop_engine.sop.wording import Wording, condition, label, readable, role_title, title_of


def asking(w: Wording) -> Iterator[Chapter]:
    """The chapters of consents, of forms, and of what stays readable."""
    sop = w.procedure.sop
    yield chapter(
        "consents", w.say("Consents"), (line(w.text(said.title), _consent(w, said)) for said in sop.consents.values())
    )
    yield chapter("forms", w.say("Forms"), (_form(w, said) for said in w.procedure.forms.values()))
    kept = [title_of(str(name), w.procedure, w.language) for name, said in sop.fields.items() if said.open]
    known = [title_of(str(name), w.procedure, w.language) for name in sop.facts]
    yield chapter(
        "readable",
        w.say("Readable after erasure"),
        (line(w.say("Answers"), (w.listed(kept),)), line(w.say("What follows from answers"), (w.listed(known),))),
    )


def _consent(w: Wording, said: Consent) -> Iterator[str]:
    yield f"“{w.text(said.text)}”"
    givers = (
        w.say("{g} for {p}", g=label(None, str(giver), w.language).lower(), p=label(None, str(who), w.language).lower())
        for who, giver in said.given_by.items()
    )
    yield w.say("given by: {g}", g="; ".join(givers))
    if said.assent is not None:
        yield w.say("a child is asked too, and agrees")
    if said.lasts is not None:
        yield w.say("lasts {d}", d=said.lasts.in_language(w.language))
    else:
        yield w.say("lasts until it is taken back")


def _form(w: Wording, said: Form) -> Line:
    signers = w.listed(_signer(w, str(name)) for name in said.signatures)
    items = [item for section in said.sections for item in _section(w, section)]
    if signers:
        items.append(Item(w.say("signed by: {s}", s=signers)))
    return line(w.text(said.title), items)


def _signer(w: Wording, name: str) -> str:
    who, _, role = name.partition(".")
    return role_title(w, role or who)


def _section(w: Wording, section: Section) -> Iterator[Item]:
    head = w.text(section.title) if section.title is not None else ""
    if section.show_if is not None:
        told = w.say("only if {c}", c=condition(w, section.show_if))
        head = f"{head}, {told}" if head else told
    questions = tuple(_question(w, asked) for asked in section.fields)
    yield Item(head or w.say("Questions"), questions)


def _question(w: Wording, asked: Asked) -> str:
    said = w.procedure.fields[str(asked.field)]
    optional = asked.optional or said.type in MAY_BE_EMPTY
    kept = w.say("open") if said.open else w.say("closed")
    told = w.say("{t} ({a}; {k})", t=w.text(said.title), a=_answers(w, said), k=kept)
    return w.say("{q}, may be left out", q=told) if optional else told


def _answers(w: Wording, said: Field) -> str:
    if said.type in ("choice", "several"):
        answers = " / ".join(label(said, str(code), w.language) for code in said.of)
        return w.say("several of: {a}", a=answers) if said.type == "several" else answers
    if said.standard is not None:
        return w.say("a rating for each criterion of the standard")
    if said.row:
        return w.say("a list of: {c}", c=w.listed(w.text(column.title) for column in said.row.values()))
    return TYPES[str(said.type)].in_language(w.language) if said.type in TYPES else readable(str(said.type))
