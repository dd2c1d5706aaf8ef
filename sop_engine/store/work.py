"""Work items in lists: what cases ask of a person besides being held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select

from sop_engine.case.items import Item
from sop_engine.store.tables import access, as_text, from_text, item
from sop_engine.store.worklists import MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Wanted:
    """Items in order of urgency, each with the id of its case, and how many there are (up to MOST_COUNTED)."""

    items: list[tuple[str, Item]]
    count: int
    over: bool


def of_person(
    connection: Connection, agency: str, person: str, roles: frozenset[str], kinds: Sequence[str], now: datetime,
    most: int, skip: int = 0,
) -> Wanted:  # fmt: skip
    """The items of these kinds that a person may be asked for: those due first, then those that wait longest."""
    where = _for(agency, person, roles, kinds, now)
    query = select(item).where(where).order_by(item.c.due.asc().nulls_last(), item.c.since, item.c.case_id)
    found = [
        (
            row.case_id,
            Item(
                row.kind, row.key, row.agency, from_text(row.since), from_text(row.due) if row.due else None,
                row.role, row.worker, row.but_not,
            ),
        )
        for row in connection.execute(query.limit(most).offset(skip))
    ]  # fmt: skip
    count = counted(connection, agency, person, roles, kinds, now)
    return Wanted(found, count, count == MOST_COUNTED)


def counted(
    connection: Connection, agency: str, person: str, roles: frozenset[str], kinds: Sequence[str], now: datetime
) -> int:
    """How many items of these kinds a person may be asked for, counted up to MOST_COUNTED."""
    query = select(literal(1)).select_from(item).where(_for(agency, person, roles, kinds, now)).limit(MOST_COUNTED)
    return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def _for(agency: str, person: str, roles: frozenset[str], kinds: Sequence[str], now: datetime) -> ColumnElement[bool]:
    live = or_(access.c.until.is_(None), access.c.until > as_text(now))
    ours = (access.c.case_id == item.c.case_id, access.c.agency == agency, access.c.person == "", live)
    seen = select(literal(1)).where(*ours).exists()
    return and_(
        item.c.agency == agency,
        item.c.kind.in_(list(kinds)),
        or_(item.c.role.is_(None), item.c.role.in_(sorted(roles))),
        or_(item.c.but_not.is_(None), item.c.but_not != person),
        or_(item.c.worker.is_(None), item.c.worker == person),
        seen,
    )
