"""What was asked and done to agencies and accounts, and by whom. Rows are added and decided once, and never go."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, true, update

from sop_engine.store.tables import as_text, change, from_text


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `what` to `whom` (the id of a person or the code of an agency), of which agency she or it is.

    `body` is JSON that says the rest. Until it is decided `agreed` is None, and nothing has changed.
    """

    id: str
    what: str
    whom: str
    agency: str
    body: str
    asked_by: str
    asked: datetime
    decided_by: str | None = None
    decided: datetime | None = None
    agreed: bool | None = None


def add(connection: Connection, one: Change) -> None:
    """Keep a change that is asked for, or was decided at once."""
    values = {
        "id": one.id, "what": one.what, "whom": one.whom, "agency": one.agency, "body": one.body,
        "asked_by": one.asked_by, "asked": as_text(one.asked), "decided_by": one.decided_by,
        "decided": as_text(one.decided) if one.decided is not None else None, "agreed": one.agreed,
    }  # fmt: skip
    connection.execute(insert(change).values(**values))


def decide(connection: Connection, identity: str, by: str, at: datetime, agreed: bool) -> bool:
    """Decide a change; False where it was decided already, or somebody else does so at this moment."""
    which = (change.c.id == identity, change.c.decided.is_(None))
    values = {"decided_by": by, "decided": as_text(at), "agreed": agreed}
    return connection.execute(update(change).where(*which).values(values)).rowcount == 1


def one(connection: Connection, identity: str) -> Change | None:
    """A change by its id."""
    row = connection.execute(select(change).where(change.c.id == identity)).first()
    return _change(row) if row is not None else None


def waiting(connection: Connection, agency: str | None) -> list[Change]:
    """What nobody has decided yet, of one agency or of all, oldest first."""
    query = select(change).where(change.c.decided.is_(None), _of(agency)).order_by(change.c.asked, change.c.id)
    return [_change(row) for row in connection.execute(query)]


def record(connection: Connection, agency: str | None, most: int, skip: int) -> list[Change]:
    """What was asked and done, of one agency or of all, newest first."""
    query = select(change).where(_of(agency)).order_by(change.c.asked.desc(), change.c.id)
    return [_change(row) for row in connection.execute(query.limit(most).offset(skip))]


def _of(agency: str | None) -> ColumnElement[bool]:
    return and_(true(), *([change.c.agency == agency] if agency is not None else []))


def _change(row: Row[tuple[object, ...]]) -> Change:
    decided = from_text(row.decided) if row.decided is not None else None
    return Change(
        row.id, row.what, row.whom, row.agency, row.body, row.asked_by, from_text(row.asked), row.decided_by, decided,
        row.agreed,
    )  # fmt: skip
