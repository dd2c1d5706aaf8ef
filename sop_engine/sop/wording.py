"""What an SOP says in words of a language: conditions, limits, sources, requirements, signatures. Knows no page.

The one place where a condition is put into words: pages, prints and the command line all take it from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sop_engine.sop.calendar import Duration
from sop_engine.sop.conditions import Condition
from sop_engine.sop.language import Deadline, Fact, Field, Moment, Requirement, Signature, Source, Text
from sop_engine.sop.laws import cited
from sop_engine.sop.phrases import CODES, nepali
from sop_engine.sop.procedure import Procedure


@dataclass(frozen=True, slots=True)
class Wording:
    """Who tells: a procedure, the language, and the titles of kinds of agency and of other SOPs."""

    procedure: Procedure
    language: str = "en"
    kinds: Mapping[str, Text] = field(default_factory=dict)
    sops: Mapping[str, Text] = field(default_factory=dict)

    def say(self, english: str, **values: object) -> str:
        """A phrase in the language, with its values put in."""
        return (nepali(english) if self.language == "ne" else english).format(**values)

    def text(self, text: Text) -> str:
        return text.in_language(self.language)

    def listed(self, parts: Iterable[str], last: str = "and") -> str:
        """Parts as a list in a sentence: `a, b and c`."""
        told = list(dict.fromkeys(parts))
        if len(told) < 2:
            return "".join(told)
        return f"{', '.join(told[:-1])} {self.say(last)} {told[-1]}"


def readable(code: str) -> str:
    """A code as words, where it has no title of its own."""
    return code.replace("_", " ").capitalize()


def label(said: Field | None, code: str, language: str) -> str:
    """The words for an answer."""
    if said is not None and code in said.labels:
        return said.labels[code].in_language(language)
    return CODES[code].in_language(language) if code in CODES else readable(code)


def title_of(name: str, procedure: Procedure, language: str) -> str:
    """The title of a field, fact, period or track; its readable name where it has none."""
    last = name.rpartition(".")[2]
    said, fact = procedure.fields.get(name) or procedure.fields.get(last), procedure.sop.facts.get(name)
    title = fact.title if fact is not None else said.title if said is not None else _other_title(name, procedure)
    if title is not None:
        return title.in_language(language)
    return _made_title(fact, procedure, language) if fact is not None else readable(last)


def _other_title(name: str, procedure: Procedure) -> Text | None:
    sop = procedure.sop
    if name.startswith("track.") and name[6:] in sop.tracks:
        return sop.tracks[name[6:]].title
    return sop.periods[name].title if name in sop.periods else None


def _made_title(fact: Fact, procedure: Procedure, language: str) -> str:
    """What a fact without a title is called: by what it is made from."""
    w = Wording(procedure, language)
    if fact.as_ == "under_18":
        return w.say("under 18 years")
    sources = w.listed(title_of(str(name), procedure, language) for name in fact.from_)
    return w.say("{f} is filled in", f=sources) if fact.as_ == "filled" else sources


def condition(w: Wording, said: Condition, negated: bool = False) -> str:
    """When something applies, in words: `Contact: By phone or By letter`."""
    if said.op in ("all", "any", "none"):
        return _group(w, said, negated)
    name, sop = str(said.name), w.procedure.sop
    title = title_of(name, w.procedure, w.language)
    if said.op in ("period_over", "period_running"):
        phrase = "{t}: over" if (said.op == "period_over") != negated else "{t}: not over"
        return w.say(phrase, t=title)
    if said.op in ("bare", "surely"):
        return _fact(w, said, sop.facts.get(name), title, negated)
    named = [value_words(w, name, str(value)) for value in said.values]
    joined = w.listed(named, "and" if said.op == "has_all" else "or")
    return w.say("{t}: not {v}" if negated else "{t}: {v}", t=title, v=joined)


def _group(w: Wording, said: Condition, negated: bool) -> str:
    """None of some is each of them denied; denied again it is one of them."""
    inner = (said.op == "none") != negated
    every = (said.op in ("all", "none")) != negated
    parts = [condition(w, part, inner) for part in said.parts]
    nested = [part.op in ("all", "any", "none") and len(part.parts) > 1 for part in said.parts]
    bracketed = [f"({text})" if deep and len(parts) > 1 else text for text, deep in zip(parts, nested, strict=True)]
    return f" {w.say('and' if every else 'or')} ".join(dict.fromkeys(bracketed))


def value_words(w: Wording, name: str, value: str) -> str:
    """The words for a value of a field, fact or track."""
    if name.startswith("track."):
        track = w.procedure.sop.tracks.get(name[6:])
        return track.labels[value].in_language(w.language) if track and value in track.labels else readable(value)
    said, fact = w.procedure.fields.get(name), w.procedure.sop.facts.get(name)
    said = said or w.procedure.fields.get(name.rpartition(".")[2])
    # A fact that repeats an answer is called as that answer is.
    if said is None and fact is not None and len(fact.from_) == 1:
        said = w.procedure.fields.get(str(fact.from_[0]))
    if w.language != "en" and fact is not None and (said is None or value not in said.labels):
        return _by_its_row(w, fact, value)
    return label(said, value, w.language)


def _by_its_row(w: Wording, fact: Fact, value: str) -> str:
    """The result of a fact has no words but the English ones of its name: elsewhere it is told by when it is so."""
    row = next((one for one in fact.first_of if one.is_ == value), None)
    if row is not None:
        return f"({condition(w, row.if_)})"
    return w.say("in all other cases") if value == fact.else_ else label(None, value, w.language)


def _fact(w: Wording, said: Condition, fact: Fact | None, title: str, negated: bool) -> str:
    """A fact of yes, no and doubt: bare it holds unless it is surely no."""
    sure = (said.op == "surely") != negated
    if fact is not None and fact.title is None:
        told = _spelled_out(w, fact, negated)
        if told is not None:
            doubtful = not sure and fact.missing not in (None, "no")
            return w.say("{c} (or not known)", c=told) if doubtful else told
    if negated:
        return w.say("{t}: surely not" if said.op == "bare" else "{t}: not surely", t=title)
    if fact is not None and fact.missing is None and said.op == "bare":
        return w.say("{t}: yes", t=title)
    return w.say("{t}: surely" if said.op == "surely" else "{t}: yes or in doubt", t=title)


def _spelled_out(w: Wording, fact: Fact, negated: bool) -> str | None:
    """A fact without a title by what makes it; None where it has words of its own."""
    if fact.yes_if is not None:
        told = condition(w, fact.yes_if, negated)
        return f"({told})" if fact.yes_if.op in ("all", "any", "none") else told
    if fact.as_ in ("is", "is_not"):
        name = str(fact.from_[0])
        value = label(w.procedure.fields.get(name), str(fact.value), w.language)
        wanted = "{t}: not {v}" if (fact.as_ == "is_not") != negated else "{t}: {v}"
        return w.say(wanted, t=title_of(name, w.procedure, w.language), v=value)
    if fact.as_ == "filled":
        sources = w.listed((title_of(str(name), w.procedure, w.language) for name in fact.from_), "or")
        return w.say("{f} is not filled in" if negated else "{f} is filled in", f=sources)
    if fact.rule is not None:
        sources = w.listed(title_of(str(name), w.procedure, w.language) for name in fact.from_)
        return w.say("{f}: they do not fit the rule" if negated else "{f}: they fit the rule", f=sources)
    return None


def source(w: Wording, said: Source | None) -> str:
    """Where a rule comes from: the law with its article, a guideline, a medical reason, or our proposal."""
    if said is None:
        return w.say("no source is named")
    if said.kind in ("law", "guideline"):
        return w.say("law: {r}" if said.kind == "law" else "guideline: {r}", r=cited(said.reference, w.language))
    return w.say("medical reason") if said.kind == "clinical" else w.say("proposed, no law says it")


def limit(w: Wording, said: Deadline) -> str:
    """A deadline with its condition and its source."""
    if said.none is not None:
        return w.say("no limit: {w}", w=w.text(said.none))
    length = _length(w, said)
    if said.if_ is not None:
        length = w.say("{d}, if {c}", d=length, c=condition(w, said.if_))
    if said.extend is not None:
        length = w.say("{d}; may be extended {n} times", d=length, n=said.extend.times)
    return w.say("{d} ({s})", d=length, s=source(w, said.source))


def _length(w: Wording, said: Deadline) -> str:
    if said.each is not None:
        title = title_of(str(said.each), w.procedure, w.language)
        if said.at_most is None:
            return w.say("for each of {f}: until its own day", f=title)
        row = w.procedure.fields[str(said.each)].row
        by = row.get(str(said.at_most.by))
        times = [f"{label(by, str(k), w.language)}: {d.in_language(w.language)}" for k, d in said.at_most.cases.items()]
        return w.say("for each of {f}: until its own day, at most {t}", f=title, t=", ".join(times))
    if said.within is not None:
        return within(w, said.within)
    return w.say("until: {t}", t=title_of(str(said.until), w.procedure, w.language))


def within(w: Wording, said: Duration) -> str:
    """By when: within a length of time, or at once."""
    length = said.in_language(w.language)
    return length if said.unit == "at once" else w.say("within {d}", d=length)


def lane_title(procedure: Procedure, part: str, language: str, kinds: Mapping[str, Text]) -> str:
    """How a part is called: its title, else the title of its kind, else its name in words."""
    said = procedure.sop.agencies.get(part)
    if said is not None and said.title is not None:
        return said.title.in_language(language)
    kind = kinds.get(str(said.kind[0])) if said is not None else None
    return kind.in_language(language) if kind is not None else part.replace("_", " ")


def part(w: Wording, name: str) -> str:
    """A part, or people with a role in it (`desk.supervisor`), by its title; with its name where two share a title."""
    who, _, role = name.partition(".")
    fixed = {
        "holder": "who holds the case",
        "receiver": "who receives the case",
        "decided_by": "who decides",
        "person": "the person",
        "guardian": "the guardian",
    }
    if who in w.procedure.sop.agencies or who not in fixed:
        title = lane_title(w.procedure, who, w.language, w.kinds)
        others = (other for other in w.procedure.sop.agencies if other != who)
        if any(lane_title(w.procedure, str(other), w.language, w.kinds) == title for other in others):
            title = f"{title} “{readable(who).lower()}”"
    else:
        title = w.say(fixed[who])
    return f"{title} ({role_title(w, role)})" if role else title


def parts(w: Wording, names: Iterable[str], last: str = "or") -> str:
    return w.listed((part(w, str(name)) for name in names), last)


def role_title(w: Wording, role: str) -> str:
    titled = w.procedure.sop.roles.get(role)
    if titled is not None:
        return w.text(titled)
    return CODES[role].in_language(w.language) if role in CODES else readable(role).lower()


def signature(w: Wording, said: Signature) -> str:
    """Who signs as second person, and when."""
    who = w.say("{r} of {a}", r=role_title(w, str(said.role)), a=part(w, str(said.of)))
    if said.after is None:
        told = w.say("a second person signs before: {w}", w=who)
    else:
        told = w.say("a second person signs within {d} after: {w}", w=who, d=said.after.in_language(w.language))
    return w.say("{d}, if {c}", d=told, c=condition(w, said.if_)) if said.if_ is not None else told


def sop_title(w: Wording, name: str) -> str:
    """The title of another SOP."""
    return w.text(w.sops[name]) if name in w.sops else readable(name.replace("-", "_"))


def step_title(w: Wording, name: str) -> str:
    """The title of a step, also of one written STAGE.STEP."""
    last = name.rpartition(".")[2]
    return w.text(w.procedure.step_of(last).title) if last in w.procedure.steps else readable(last)


def requirement(w: Wording, said: Requirement) -> str:
    """One thing that must be so, as a sentence; with what is said to whoever lacks it."""
    told = _required(w, said)
    if said.if_ is not None and told:
        told = w.say("{r}, asked only if {c}", c=condition(w, said.if_), r=told)
    if said.say is None:
        return told
    return w.say("{r}; otherwise: “{s}”", r=told, s=w.text(said.say)) if told else f"“{w.text(said.say)}”"


def _required(w: Wording, said: Requirement) -> str:
    steps = w.listed(f"“{step_title(w, str(name))}”" for name in said.names)
    if said.kind == "consent":
        titles = (w.text(w.procedure.sop.consents[name].title) for name in said.names)
        return w.say("the consent is given: {c}", c=w.listed(f"“{title}”" for title in titles))
    if said.kind == "consulted":
        return w.say("an opinion was given by {a}", a=parts(w, said.names, "and"))
    if said.kind == "where":
        return condition(w, said.where) if said.where is not None else ""
    if said.kind == "rule":
        rule = w.procedure.rules[str(said.rule)]
        sources = w.listed(title_of(name, w.procedure, w.language) for name in rule.names)
        return w.say("{f}: they fit the rule", f=sources)
    if said.kind == "any_of":
        return w.say("one of these: {r}", r="; ".join(requirement(w, one) for one in said.parts))
    if said.kind == "fresh" and said.not_older_than is not None:
        return w.say("done, not longer ago than {d}: {s}", s=steps, d=said.not_older_than.in_language(w.language))
    if said.kind in ("count", "last"):
        return _counted(w, said, steps)
    return w.say("done: {s}", s=steps)


def _counted(w: Wording, said: Requirement, steps: str) -> str:
    phrase = "{s} is recorded {n} times"
    if said.kind == "last":
        phrase = "the last {n} records of {s}"
    elif said.on_different == "days":
        phrase = "{s} is recorded on {n} different days"
    elif said.in_a_row:
        phrase = "{s} is recorded {n} times in a row"
    told = w.say(phrase, s=steps, n=said.at_least)
    return w.say("{d}, each with: {c}", d=told, c=condition(w, said.where)) if said.where is not None else told


def moment(w: Wording, said: Moment) -> str:
    """A moment in a case, in words."""
    sop = w.procedure.sop
    if said.done is not None:
        return w.say("“{s}” is done", s=step_title(w, str(said.done)))
    if said.left is not None:
        return w.say("“{s}” is left", s=w.text(sop.stages[said.left].title))
    if said.reaches is not None:
        track, _, state = str(said.reaches).partition(".")
        return w.say("“{t}” reaches: {v}", t=w.text(sop.tracks[track].title), v=value_words(w, f"track.{track}", state))
    name = str(said.entered)
    if name in sop.outcomes:
        return w.say("the case ends: {s}", s=w.text(sop.outcomes[name].title))
    return w.say("“{s}” begins", s=w.text(sop.stages[name].title))
