"""Deadlines: each has a source, none is left out without a reason, and offers are answered in good time."""

from sop_engine.sop.language import Deadline, Stage
from sop_engine.sop.lint.check import Checked
from sop_engine.sop.reading import Word, place_of


def check(checked: Checked) -> None:
    for name, stage in checked.sop.stages.items():
        for deadline in stage.deadline:
            _deadline(checked, name, deadline)
        if stage.protection:
            for deadline in stage.deadline:
                if deadline.within is not None and deadline.within.unit == "working days":
                    checked.mistake(deadline.place, f"'{name}' protects: danger has no weekend, use hours or days")
        _acceptance(checked, name, stage)
    for _, name, step in checked.steps():
        for deadline in (*step.deadline, *((step.owed,) if step.owed else ())):
            _deadline(checked, Word(name, step.place), deadline)


def _deadline(checked: Checked, name: str, deadline: Deadline) -> None:
    said = [way for way in (deadline.within, deadline.each or deadline.until, deadline.none) if way is not None]
    if len(said) != 1:
        checked.mistake(
            deadline.place,
            f"the deadline of '{name}' needs exactly one of: within, until, none (with its reason)",
        )
    elif deadline.none is None and deadline.source is None:
        checked.mistake(
            deadline.place,
            f"the deadline of '{name}' has no source: add law, guideline, clinical or proposed",
        )
    if deadline.until is not None and deadline.each is None and deadline.until not in checked.sop.facts:
        checked.known(deadline.until, checked.sop.facts, "fact")


def _acceptance(checked: Checked, name: str, stage: Stage) -> None:
    accept = stage.taking_over.accept_within
    first = next((deadline.within for deadline in stage.deadline if deadline.within is not None), None)
    if accept is not None and first is not None and accept.roughly() * 4 > first.roughly():
        checked.mistake(
            place_of(name),
            f"accepting '{name}' may take {accept}, more than a quarter of its {first}: shorten it",
        )
