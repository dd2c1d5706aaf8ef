"""Ways out of a stage that are not for a case as it stands, and when each would be."""

from datetime import datetime

import msgspec

from sop_engine.case.accountability import likely_exit
from sop_engine.case.clock import values_now
from sop_engine.case.ground import Ground
from sop_engine.case.requirements import field_telling
from sop_engine.case.state import Case
from sop_engine.sop.conditions import Condition
from sop_engine.sop.language import Text


class Shut(msgspec.Struct, frozen=True):
    """A way that is only for a case for which `only_if` holds. `main` is the one that the strip says is next.

    `step` and its `field` are where the stage asks for what decides it, if it does.
    """

    name: str
    title: Text
    only_if: Condition
    main: bool
    step: str | None
    field: str | None


def shut_ways(ground: Ground, case: Case, now: datetime) -> list[Shut]:
    """The ways that the holder of an open case does not find on its page, in the order of the SOP."""
    if case.status != "open":
        return []
    values, likely, sop = values_now(ground, case, now), likely_exit(ground, case, now), ground.procedure.sop
    found = []
    for name, said in ground.exits(case).items():
        theirs = said.lapse or (said.by is not None and ground.agency(case, str(said.by)) != case.holder)
        if theirs or name in sop.anywhere or said.only_if is None:
            continue
        if ground.procedure.holds(said.only_if, values) is False:
            step, field = _asked_here(ground, case, said.only_if)
            main = likely is not None and likely[0] == name
            found.append(Shut(str(name), said.title, said.only_if, main, step, field))
    return found


def _asked_here(ground: Ground, case: Case, only_if: Condition) -> tuple[str | None, str | None]:
    """The step of the stage, and the field of its form, that tells what a condition reads."""
    for step in ground.procedure.sop.stages[case.stage or ""].steps:
        for name in sorted(only_if.names()):
            if field := field_telling(ground, str(step), name):
                return str(step), field
    return None, None
