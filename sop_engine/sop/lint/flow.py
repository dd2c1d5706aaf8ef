"""The way through: every stage can be reached and left, no help hangs on cooperation."""

from collections.abc import Callable

from sop_engine.sop.guards import Missing
from sop_engine.sop.language import Exit, Requirement
from sop_engine.sop.lint.check import Checked, field_type
from sop_engine.sop.reading import Word, place_of


def check(checked: Checked) -> None:
    sop = checked.sop
    reached = _reach(checked, lambda exit_: True)
    for name in sop.stages:
        if name not in reached:
            checked.mistake(place_of(name), f"no way leads into '{name}': name it in opens_at or let an exit go to it")
        if not any(exit_.ends or exit_.goes_to != name for exit_ in sop.exits(name).values()):
            checked.mistake(place_of(name), f"no way leads out of '{name}'")
    ended = {str(exit_.ends) for _, _, exit_ in checked.exits() if exit_.ends}
    for name in sop.outcomes:
        if name not in ended:
            checked.mistake(place_of(name), f"no exit ends in '{name}': take it out, or let an exit end in it")
        if sop.about == "person" and not sop.outcomes[name].erase:
            checked.mistake(place_of(name), f"'{name}' does not say what is erased when: add 'erase'")
    _one_target(checked)
    _cooperation(checked, reached)


def _reach(checked: Checked, passable: Callable[[Exit], bool]) -> set[str]:
    """The stages that can be entered when only passable exits are used."""
    sop = checked.sop
    reached = {str(name) for name in sop.opens_at}
    if sop.reopen is not None:
        reached.add(str(sop.reopen.otherwise.goes_to))
    queue = list(reached)
    while queue:
        for exit_ in sop.exits(queue.pop()).values():
            if exit_.goes_to and exit_.goes_to != "previous" and passable(exit_) and str(exit_.goes_to) not in reached:
                reached.add(str(exit_.goes_to))
                queue.append(str(exit_.goes_to))
    return reached


def _one_target(checked: Checked) -> None:
    """Inside one SOP a trigger name always leads to the same place, so that histories can be checked pair by pair."""
    targets: dict[str, str] = {}
    for _, name, exit_ in checked.exits():
        target = str(exit_.goes_to or exit_.ends)
        if targets.setdefault(name, target) != target:
            checked.mistake(
                exit_.place,
                f"'{name}' leads to '{target}' here and to '{targets[name]}' elsewhere: give it another name",
            )


def _cooperation(checked: Checked, reached: set[str]) -> None:
    """S14: for every value of a cooperation field every service stage stays reachable (domain rule, section 11.16)."""
    service = {str(name) for name, stage in checked.sop.stages.items() if stage.service} & reached
    for name, said in checked.fields.items():
        if not said.cooperation or not said.open:
            continue
        for word in field_type(said)[1]:
            values = {name: word}

            def passable(exit_: Exit, values: dict[str, str] = values) -> bool:
                return not _barred(checked, exit_, values)

            lost = service - _reach(checked, passable)
            if lost:
                place = checked.sop.stages[Word(min(lost), said.place)].place
                checked.mistake(
                    place,
                    f"'{min(lost)}' cannot be reached when {name} is {word}: no service may depend on cooperation",
                )


def _barred(checked: Checked, exit_: Exit, values: dict[str, str]) -> bool:
    conditions = [exit_.only_if, *_wheres(exit_.requires)]
    for condition in conditions:
        if condition is None or condition not in checked.guards:
            continue
        answer = checked.guards[condition].answer(values)
        if answer is not True and not isinstance(answer, Missing):
            return True
    return False


def _wheres(requirements: tuple[Requirement, ...]) -> list[object]:
    return [
        requirement.where for requirement in requirements if requirement.kind == "where" and requirement.if_ is None
    ]
