"""The ledger of a case: who held it, for what and how long, whose answer was awaited, and why the deadline stood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case
from sop_engine.sop.language import Text
from sop_engine.store import ledgers

Span = tuple[str, datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Interval:
    """Who held the case, for what, from when to when.

    `awaited` tells whose answer was awaited meanwhile, `paused` for what reasons the deadline stood still.
    """

    holder: str
    for_agency: str | None
    stage: Text
    begun: datetime
    ended: datetime | None
    awaited: list[Span]
    paused: list[Span]


def ledger_of(connection: Connection, ground: Ground, case: Case, envelopes: Sequence[ev.Envelope]) -> list[Interval]:
    """Every interval of holding, in order; those without length are left out."""
    waits = [(wait.body, wait.begun, wait.ended) for wait in ledgers.awaited_of(connection, case.id)]
    pauses = _pauses(envelopes)
    intervals = []
    for row in ledgers.held_of(connection, case.id):
        if row.ended == row.begun:
            continue
        stage = ground.procedure.sop.stages.get(row.stage) if row.stage else None
        title = stage.title if stage else Text("Opening", "खोलिँदै")
        awaited, paused = (_within(spans, row.begun, row.ended) for spans in (waits, pauses))
        intervals.append(Interval(row.holder, row.for_agency, title, row.begun, row.ended, awaited, paused))
    return intervals


def _pauses(envelopes: Sequence[ev.Envelope]) -> list[Span]:
    """The holds of a case, each with its reason: ended by hand, or by entering another stage or the end."""
    found: list[Span] = []
    for one in envelopes:
        running = bool(found) and found[-1][2] is None
        if isinstance(one.event, ev.HoldBegun):
            found.append((one.event.reason, one.happened, None))
        elif running and isinstance(one.event, ev.HoldEnded | ev.Entered | ev.Closed | ev.Merged):
            found[-1] = (*found[-1][:2], one.happened)
    return found


def _within(spans: Sequence[Span], begun: datetime, ended: datetime | None) -> list[Span]:
    """The parts of these spans that lie in an interval."""
    return [
        (what, max(start, begun), min(end, ended) if end and ended else end or ended)
        for what, start, end in spans
        if (ended is None or start < ended) and (end is None or end > begun)
    ]
