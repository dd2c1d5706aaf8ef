"""What time asks for, read from rows, so that losing a worker loses nothing."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from sop_engine.sop.language import PEOPLE
from sop_engine.store.tables import as_text, mark, standing


def to_check(connection: Connection, now: datetime, most: int = 500) -> list[str]:
    """The cases of which time asks something by now, longest waiting first."""
    query = select(standing.c.case_id).where(standing.c.check_at <= as_text(now)).order_by(standing.c.check_at)
    return [row.case_id for row in connection.execute(query.limit(most))]


def open_people(connection: Connection) -> list[str]:
    """The open cases about a person."""
    query = select(standing.c.case_id).where(standing.c.about.in_(PEOPLE), standing.c.status != "closed")
    return [row.case_id for row in connection.execute(query.order_by(standing.c.case_id))]


def closed_as_children(connection: Connection) -> list[str]:
    """The closed cases of persons who were children as far as is known, and whose words are still there."""
    query = select(standing.c.case_id, standing.c.state).where(
        standing.c.about.in_(PEOPLE), standing.c.status == "closed"
    )
    rows = connection.execute(query.order_by(standing.c.case_id)).yield_per(1_000)
    return [
        row.case_id
        for row in rows
        if b'"is_child":' in row.state and b'"is_child":"no"' not in row.state and b'"erased":' not in row.state
    ]


def marked(connection: Connection, name: str) -> str | None:
    """The value of a mark that the worker left for itself."""
    row = connection.execute(select(mark.c.value).where(mark.c.name == name)).first()
    return row.value if row is not None else None


def set_mark(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(mark).where(mark.c.name == name))
    connection.execute(insert(mark).values(name=name, value=value))


def drop_mark(connection: Connection, name: str) -> None:
    """Take a mark away."""
    connection.execute(delete(mark).where(mark.c.name == name))
