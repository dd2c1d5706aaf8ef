"""The data dictionary: every field and fact of procedures, what is readable without a key, and where it is asked."""

from collections.abc import Iterable, Iterator

from sop_engine.sop.language import CHOICES, Fact, Field
from sop_engine.sop.procedure import Procedure

HEAD = """| field | question | type | answers | open or class | asked in |
|---|---|---|---|---|---|"""
FACTS_HEAD = """| fact | from | made by | results | where an input is missing |
|---|---|---|---|---|"""


def dictionary(procedures: Iterable[Procedure]) -> str:
    """The data dictionary of some procedures, as Markdown: a section a procedure, a row a field or column."""
    return "\n".join(line for procedure in procedures for line in _procedure(procedure))


def _procedure(procedure: Procedure) -> Iterator[str]:
    used = _used(procedure)
    yield f"## {procedure.sop.title.en} (`{procedure.name}`)"
    yield ""
    yield HEAD
    for name in sorted(used):
        said = procedure.fields[name]
        yield _field(name, said, ", ".join(sorted(used[name])))
        if said.standard is None:
            yield from (_field(f"{name}.{column}", inner, "") for column, inner in said.row.items())
    if procedure.sop.facts:
        yield ""
        yield FACTS_HEAD
        yield from (_fact(procedure, str(name), fact) for name, fact in procedure.sop.facts.items())
    yield ""


def _used(procedure: Procedure) -> dict[str, set[str]]:
    """The fields of a procedure, each with the forms of its steps that ask for it; its own are there in any case."""
    found: dict[str, set[str]] = {str(name): set() for name in procedure.sop.fields}
    for _, step in procedure.steps.values():
        form = procedure.form_of(step)
        for field in form.fields() if form is not None else ():
            found.setdefault(str(field), set()).add(str(step.form))
    return found


def _field(name: str, said: Field, forms: str) -> str:
    words = [str(word) for word in CHOICES.get(str(said.type), said.of)]
    kind = f"{said.type} of {said.standard}" if said.standard is not None else str(said.type)
    listed = ", ".join(words) if len(words) <= 12 else f"{len(words)} words"
    kept = "each column" if said.type == "rows" else "open" if said.open else f"closed, {said.class_}"
    kept += f"; finds by {said.finds}" if said.finds is not None else ""
    return f"| `{name}` | {said.title.en} | {kind} | {listed} | {kept} | {forms} |"


def _fact(procedure: Procedure, name: str, fact: Fact) -> str:
    made = str(fact.as_) if fact.as_ is not None else "first_of" if fact.first_of else "rule" if fact.rule else "yes_if"
    results = [str(case.is_) for case in fact.first_of] + [str(fact.else_)] * bool(fact.else_)
    listed = ", ".join(dict.fromkeys(results)) or "as the maker gives"
    missing = str(fact.missing) if fact.missing is not None else "not known"
    return f"| `{name}` | {', '.join(f'`{source}`' for source in fact.from_)} | {made} | {listed} | {missing} |"
