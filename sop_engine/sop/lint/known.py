"""What is surely known when a stage is entered, so that who answers for it is never still to be found out.

Followed over the ways of the SOP: a name is known in a stage if on every way to it a step that always had to be done
asked for it, or the way itself was open only with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sop_engine.sop.conditions import Condition
from sop_engine.sop.language import MAY_BE_EMPTY, Exit, Fact, Form, Requirement, Step
from sop_engine.sop.lint.check import Checked, words_of
from sop_engine.sop.reading import Word


@dataclass(frozen=True, slots=True)
class Way:
    """A way into a stage from another (None: a case begins there), with the names that it makes known.

    An exit that `ends` leads into a stage where the case may be opened again.
    """

    start: str | None
    exit: str
    target: str
    tells: frozenset[str]
    ends: bool = False

    def __str__(self) -> str:
        if self.start is None:
            return f"opened at '{self.target}'"
        return f"'{self.exit}' of '{self.start}'" + (" and opened again" if self.ends else "")


def check(checked: Checked) -> None:
    sop = checked.sop
    ways = list(_ways(checked))
    known = _known(checked, ways)
    for stage, said in sop.stages.items():
        name = said.accountable.depends_on
        if name is None or not words_of(checked, name, opened=True):
            continue
        for way in ways:
            if way.target == stage and name not in _following(checked, _after(known, way)):
                lacking = [one for one in ways if name not in _following(checked, _after(known, one))]
                checked.mistake(name.place, _sentence(stage, name, _path(lacking, way)))
                break


def _path(lacking: list[Way], last: Way) -> list[Way]:
    """The shortest run of ways, none of which tells the name, from where a case begins or is opened again."""
    paths, seen = [[last]], {last.start}
    for path in paths:
        first = path[0]
        if first.start is None or first.ends:
            return path
        for before in lacking:
            if before.target == first.start and before.start not in seen:
                seen.add(before.start)
                paths.append([before, *path])
    return [last]


def _sentence(stage: str, name: Word, path: list[Way]) -> str:
    taken = ", ".join(map(str, path))
    return (
        f"who answers for '{stage}' hangs on '{name}', which may not be known yet ({taken}): let a needed step before "
        "ask for it, or make it a fact with 'missing'"
    )


def _following(checked: Checked, known: frozenset[str]) -> set[str]:
    """The fields and facts that are known where these names are; a fact reads only what stands above it."""
    found = set(known)
    for name, fact in checked.sop.facts.items():
        if fact.missing is not None or (_whole(fact) and found.issuperset(fact.from_)):
            found.add(str(name))
    return found


def _whole(fact: Fact) -> bool:
    """Whether a fact has a result for all values of what it reads."""
    return fact.rule is None and not (fact.first_of and fact.else_ is None)


def _known(checked: Checked, ways: list[Way]) -> dict[str, frozenset[str]]:
    """What is known in each stage: on every way to it. Begins with all and takes away until nothing changes."""
    everything = frozenset(name for way in ways for name in way.tells)
    known = dict.fromkeys(map(str, checked.sop.stages), everything)
    changed = True
    while changed:
        changed = False
        for way in ways:
            narrowed = known[way.target] & _after(known, way)
            if narrowed != known[way.target]:
                known[way.target], changed = narrowed, True
    return known


def _after(known: Mapping[str, frozenset[str]], way: Way) -> frozenset[str]:
    return way.tells | (known[way.start] if way.start is not None else frozenset())


def _ways(checked: Checked) -> Iterator[Way]:
    """Every way into a stage. One back to the stage before tells nothing new: that stage was entered already."""
    sop = checked.sop
    for entry in sop.opens_at:
        if entry in sop.stages:
            yield Way(None, "", str(entry), frozenset())
    for stage in sop.stages:
        for name, exit_ in sop.exits(stage).items():
            tells = frozenset(_told_by(checked, stage, exit_))
            for target in _targets(checked, exit_):
                if target in sop.stages:
                    yield Way(str(stage), str(name), target, tells, exit_.ends is not None)


def _targets(checked: Checked, exit_: Exit) -> list[str]:
    """The stages to which an exit may lead, an end by way of being opened again."""
    if exit_.goes_to is not None:
        return [str(exit_.goes_to)]
    reopen = checked.sop.reopen
    if reopen is None:
        return []
    of_right = reopen.of_right
    again = [str(of_right.goes_to)] if of_right is not None and exit_.ends in of_right.from_ else []
    return [*again, str(reopen.otherwise.goes_to)]


def _told_by(checked: Checked, stage: str, exit_: Exit) -> Iterator[str]:
    """The names that are known once this exit was taken from this stage."""
    if exit_.only_if is not None:
        yield from _decided(exit_.only_if, True)
    for requirement in exit_.requires:
        yield from _required(checked, requirement)
    if exit_.asks_steps:
        for step in checked.sop.stages[Word(stage, exit_.place)].steps.values():
            if step.needed.always and step.only_if is None and step.owed is None and step.repeat is None:
                yield from _asked(checked, step)


def _required(checked: Checked, requirement: Requirement) -> Iterator[str]:
    if requirement.if_ is not None:
        return
    if requirement.kind == "where" and requirement.where is not None:
        yield from _decided(requirement.where, True)
    if requirement.kind in ("done", "fresh", "count", "last"):
        for name in requirement.names:
            known = checked.named_steps.get(str(name).split(".")[-1])
            if known is not None and (requirement.kind in ("done", "fresh") or requirement.at_least):
                yield from _asked(checked, known[1])


def _asked(checked: Checked, step: Step) -> Iterator[str]:
    """The fields that a complete record of a step always has."""
    form: Form | None = checked.forms.get(step.form or "")
    for section in form.sections if form is not None else ():
        if section.show_if is None:
            for asked in section.fields:
                said = checked.fields.get(asked.field)
                if said is not None and not asked.optional and said.type not in MAY_BE_EMPTY:
                    yield str(asked.field)


def _decided(condition: Condition, holds: bool) -> set[str]:
    """The names that must have a value for this condition to be surely true, or surely false."""
    if condition.name is not None:
        return {str(condition.name)}
    inner = holds if condition.op != "none" else not holds
    parts = [_decided(part, inner) for part in condition.parts]
    every = (condition.op in ("all", "none")) == holds
    return set.union(*parts) if every else set.intersection(*parts)
