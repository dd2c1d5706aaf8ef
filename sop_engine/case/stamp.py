"""From decided events to envelopes: sequence, who, and the two times, with moves never dated before the last move."""

from collections.abc import Sequence
from datetime import datetime

from sop_engine.case import events as ev
from sop_engine.case.commands import Command
from sop_engine.case.state import Case

MOVES = (
    ev.Entered, ev.Closed, ev.Reassigned, ev.Diverted, ev.Reopened, ev.Ending, ev.Offered, ev.Merged, ev.Unmerged,
)  # fmt: skip


def last_cut(case: Case) -> datetime:
    """When the holding of a case last began or its stage was entered: nothing that moves it happened before."""
    return max(case.stage_since, case.holder_since)


def stamp(
    case: Case | None, case_id: str, command: Command, events: Sequence[ev.Event], now: datetime
) -> list[ev.Envelope]:
    """The envelopes of a decision. Time that is typed late stays late; time in the future is now."""
    happened = min(command.happened or now, now)
    if case is not None and any(isinstance(event, MOVES) for event in events):
        happened = min(max(happened, last_cut(case)), now)
    first = case.seq + 1 if case is not None else 1
    return [
        ev.Envelope(
            case=case_id,
            seq=first + number,
            by=command.actor.person,
            agency=command.actor.agency,
            happened=happened,
            recorded=now,
            command=command.id,
            event=event,  # type: ignore[arg-type]
            seen=command.seen,
            sealed=command.sealed if number == 0 else {},
        )
        for number, event in enumerate(events)
    ]
