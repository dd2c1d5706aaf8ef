"""How many people are with each agency now, as the cases say."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from sop_engine.store.tables import access, as_text


def people_with(connection: Connection, agencies: Collection[str], now: datetime) -> dict[str, int]:
    """The number of people who are with each of these agencies."""
    live = or_(access.c.until.is_(None), access.c.until > as_text(now))
    query = select(access.c.agency, func.count().label("n")).where(
        access.c.agency.in_(sorted(agencies)), access.c.relation == "with", live
    )
    return {row.agency: row.n for row in connection.execute(query.group_by(access.c.agency))}
