"""How often something secret was typed wrong of late. A key is a keyed hash: no row tells whose name was tried."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from sop_engine.store.tables import as_text, attempt, from_text


@dataclass(frozen=True, slots=True)
class Count:
    """Failures counted, when they were last counted, and until when no further try is taken."""

    failures: int
    last: datetime
    until: datetime


def of(connection: Connection, keys: Iterable[str]) -> dict[str, Count]:
    """The counts of keys that have one, locked until the end of the transaction in an order that all keep."""
    query = select(attempt).where(attempt.c.key.in_(sorted(keys))).order_by(attempt.c.key).with_for_update()
    return {
        row.key: Count(row.failures, from_text(row.last), from_text(row.until)) for row in connection.execute(query)
    }


def keep(connection: Connection, key: str, count: Count, new: bool) -> None:
    """Keep a count; Busy comes of two that make the same `new` one at once, so that neither writes over the other."""
    values = {"failures": count.failures, "last": as_text(count.last), "until": as_text(count.until)}
    if new:
        connection.execute(insert(attempt).values(key=key, **values))
    else:
        connection.execute(update(attempt).where(attempt.c.key == key).values(**values))


def drop(connection: Connection, key: str) -> None:
    """Forget what was counted under a key."""
    connection.execute(delete(attempt).where(attempt.c.key == key))


def tidy(connection: Connection, before: datetime) -> None:
    """Drop what was last counted before a moment."""
    connection.execute(delete(attempt).where(attempt.c.last < as_text(before), attempt.c.until < as_text(before)))
