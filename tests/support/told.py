"""What a test asks of a case that a story has told: its events, its findings, who held it, and who was awaited."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import select

from sop_engine.case import events as ev
from sop_engine.services.installation import Installation
from sop_engine.store import journal, tables
from sop_engine.store.database import looking
from sop_engine.store.tables import from_text

E = TypeVar("E", bound=ev.Event)


def events(inst: Installation, case_id: str, kind: type[E]) -> list[E]:
    """The events of one kind, in order."""
    return [one.event for one in envelopes(inst, case_id) if isinstance(one.event, kind)]


def envelopes(inst: Installation, case_id: str) -> list[ev.Envelope]:
    """The whole history of a case."""
    with looking(inst.engine) as connection:
        return list(journal.history(connection, case_id))


def findings(inst: Installation, *case_ids: str) -> list[tuple[str, str]]:
    """Kind and stage of everything in these cases that was not as the SOP asks: departures, findings, breaches."""
    finding = tables.finding
    with looking(inst.engine) as connection:
        asked = select(finding.c.kind, finding.c.stage).where(finding.c.case_id.in_(case_ids))
        return [(row.kind, row.stage) for row in connection.execute(asked.order_by(finding.c.at))]


def holders(inst: Installation, case_id: str) -> list[tuple[str, str]]:
    """Who held a case in which stage, one after the other."""
    held = tables.held
    with looking(inst.engine) as connection:
        asked = select(held.c.stage, held.c.holder).where(held.c.case_id == case_id).order_by(held.c.seq)
        return [(row.stage, row.holder) for row in connection.execute(asked) if row.stage]


def awaited(inst: Installation, case_id: str, body: str) -> timedelta:
    """How long in all a body was awaited that never held the case."""
    table = tables.awaited
    with looking(inst.engine) as connection:
        asked = select(table.c.begun, table.c.ended).where(table.c.case_id == case_id, table.c.body == body)
        waits = [from_text(row.ended) - from_text(row.begun) for row in connection.execute(asked) if row.ended]
    return sum(waits, timedelta())


def words_of(value: object) -> Iterator[str]:
    """Every text in an answer, however deep it stands in lists and maps."""
    if isinstance(value, dict):
        for one in value.values():
            yield from words_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from words_of(one)
    elif isinstance(value, str):
        yield value
