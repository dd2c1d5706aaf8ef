"""Rows behind a ministry's figures: cases, intervals and findings of a period. No attribute of a person is read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from sop_engine.case.state import from_bytes
from sop_engine.store.tables import NEVER, as_text, awaited, finding, from_text, held, standing


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a reviewer may see it."""

    case_id: str
    number: str
    sop: str
    version: str
    stage: str | None
    holder: str | None
    opened: datetime
    closed: datetime | None
    due: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Stay:
    """One interval of holding: `due` is the deadline as it was when the interval ended."""

    case_id: str
    holder: str
    stage: str | None
    begun: datetime
    ended: datetime | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Wait:
    case_id: str
    body: str
    begun: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    case_id: str
    verdict: str
    kind: str
    agency: str | None
    stage: str | None
    at: datetime


def cases(connection: Connection, sop: str, start: datetime, end: datetime) -> list[CaseRow]:
    """The cases of an SOP that were open at some time of the period."""
    where = and_(
        standing.c.sop == sop,
        standing.c.opened < as_text(end),
        or_(standing.c.closed.is_(None), standing.c.closed >= as_text(start)),
    )
    columns = (
        standing.c.case_id, standing.c.number, standing.c.sop, standing.c.version, standing.c.stage, standing.c.holder,
        standing.c.opened, standing.c.closed, standing.c.due, standing.c.outcome,
    )  # fmt: skip
    rows = connection.execute(select(*columns).where(where).order_by(standing.c.number))
    return [
        CaseRow(
            row.case_id, row.number, row.sop, row.version, row.stage, row.holder, from_text(row.opened),
            _time(row.closed), _time(row.due), row.outcome,
        )
        for row in rows
    ]  # fmt: skip


def kept_from(connection: Connection, sop: str, agency: str) -> set[str]:
    """The cases of an SOP of which an agency is not to know."""
    rows = connection.execute(select(standing.c.case_id, standing.c.state).where(standing.c.sop == sop))
    return {row.case_id for row in rows if agency in from_bytes(row.state).hidden_from}


def stays(connection: Connection, sop: str, start: datetime, end: datetime) -> list[Stay]:
    """The intervals of holding that touch the period."""
    where = and_(
        standing.c.sop == sop,
        held.c.begun < as_text(end),
        or_(held.c.ended.is_(None), held.c.ended >= as_text(start)),
    )
    query = select(held).join(standing, standing.c.case_id == held.c.case_id).where(where)
    return [
        Stay(row.case_id, row.holder, row.stage, from_text(row.begun), _time(row.ended), _time(row.due))
        for row in connection.execute(query.order_by(held.c.case_id, held.c.seq))
    ]


def waits(connection: Connection, sop: str, start: datetime, end: datetime) -> list[Wait]:
    """The intervals of waiting for an answer that touch the period."""
    where = and_(
        standing.c.sop == sop,
        awaited.c.begun < as_text(end),
        or_(awaited.c.ended.is_(None), awaited.c.ended >= as_text(start)),
    )
    query = select(awaited).join(standing, standing.c.case_id == awaited.c.case_id).where(where)
    return [
        Wait(row.case_id, row.body, from_text(row.begun), _time(row.ended))
        for row in connection.execute(query.order_by(awaited.c.case_id, awaited.c.begun))
    ]


def found(connection: Connection, sop: str, start: datetime, end: datetime) -> list[Found]:
    """The findings and departures that were recorded in the period."""
    where = and_(standing.c.sop == sop, finding.c.at >= as_text(start), finding.c.at < as_text(end))
    query = select(finding).join(standing, standing.c.case_id == finding.c.case_id).where(where)
    return [
        Found(row.case_id, row.verdict, row.kind, row.agency, row.stage, from_text(row.at))
        for row in connection.execute(query.order_by(finding.c.at, finding.c.case_id))
    ]


def _time(text: str | None) -> datetime | None:
    return from_text(text) if text is not None and text != NEVER else None
