"""The way through: every stage can be reached and left, and an exit leads to one place."""

from collections.abc import Callable

from sop_engine.sop.language import PEOPLE, Exit
from sop_engine.sop.lint.check import Checked
from sop_engine.sop.lint.names import RESERVED
from sop_engine.sop.reading import place_of


def check(checked: Checked) -> None:
    sop = checked.sop
    reached = reach(checked, lambda stage, exit_: True)
    for name in sop.stages:
        if name not in reached:
            checked.mistake(place_of(name), f"no way leads into '{name}': name it in opens_at or let an exit go to it")
        if not any(exit_.ends or exit_.goes_to != name for exit_ in sop.exits(name).values()):
            checked.mistake(place_of(name), f"no way leads out of '{name}'")
    ended = {str(exit_.ends) for _, _, exit_ in checked.exits() if exit_.ends}
    for name in sop.outcomes:
        if name in RESERVED:
            checked.mistake(place_of(name), f"'{name}' is a reserved word: choose another name for this outcome")
        if name not in ended:
            checked.mistake(place_of(name), f"no exit ends in '{name}': take it out, or let an exit end in it")
        if sop.about in PEOPLE and not sop.outcomes[name].erase:
            checked.mistake(place_of(name), f"'{name}' does not say what is erased when: add 'erase'")
    _one_target(checked)


def reach(checked: Checked, passable: Callable[[str, Exit], bool]) -> set[str]:
    """The stages that can be entered when only passable exits are used."""
    sop = checked.sop
    reached = {str(name) for name in sop.opens_at}
    if sop.reopen is not None:
        reached.add(str(sop.reopen.otherwise.goes_to))
    queue = list(reached)
    while queue:
        stage = queue.pop()
        for exit_ in sop.exits(stage).values():
            target = str(exit_.goes_to or "")
            if target in sop.stages and target not in reached and passable(stage, exit_):
                reached.add(target)
                queue.append(target)
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
