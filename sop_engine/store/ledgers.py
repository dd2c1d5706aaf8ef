"""The ledgers of a case: who held it and whose answer was awaited, interval by interval."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from sop_engine.store.tables import awaited, from_text, held


@dataclass(frozen=True, slots=True)
class Held:
    holder: str
    for_agency: str | None
    stage: str | None
    begun: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Waited:
    key: str
    body: str
    holder: str | None
    begun: datetime
    ended: datetime | None


def held_of(connection: Connection, case_id: str) -> list[Held]:
    rows = connection.execute(select(held).where(held.c.case_id == case_id).order_by(held.c.seq))
    return [
        Held(
            row.holder,
            row.for_agency,
            row.stage,
            from_text(row.begun),
            from_text(row.ended) if row.ended else None,
        )
        for row in rows
    ]


def awaited_of(connection: Connection, case_id: str) -> list[Waited]:
    rows = connection.execute(select(awaited).where(awaited.c.case_id == case_id).order_by(awaited.c.begun))
    return [
        Waited(row.key, row.body, row.holder, from_text(row.begun), from_text(row.ended) if row.ended else None)
        for row in rows
    ]
