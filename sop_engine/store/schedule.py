"""What time asks for, read from rows, so that losing a worker loses nothing."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from sop_engine.store.tables import as_text, mark, standing


def to_check(connection: Connection, now: datetime, most: int = 500) -> list[str]:
    """The cases of which time asks something by now, longest waiting first."""
    query = select(standing.c.case_id).where(standing.c.check_at <= as_text(now)).order_by(standing.c.check_at)
    return [row.case_id for row in connection.execute(query.limit(most))]


def open_people(connection: Connection) -> list[str]:
    """The open cases about a person."""
    query = select(standing.c.case_id).where(standing.c.about == "person", standing.c.status != "closed")
    return [row.case_id for row in connection.execute(query.order_by(standing.c.case_id))]


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
