"""How people get notices by e-mail: their choices, their address (sealed), and what became of the last mail."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from sop_engine.store.tables import as_text, from_text, mailing

TIMES = ("asked", "asks_since", "sent", "retry")


@dataclass(frozen=True, slots=True)
class Mailing:
    """What a person chose and how it goes.

    `how` is never, at_once or daily (at `hour`, in Nepal); between the hours `quiet_from` and `quiet_to` nothing comes.
    `address` is sealed and proven; `unproven` is sealed too and holds a new one with its code, `asked` since when, and
    `tries` how often a wrong code was typed. `wanted` is a mail to her alone: code or test, which she asked for
    herself, or new, of a new device; `asks` counts the first two since `asks_since`. `sent` is when she was last told
    of notices, `failures` how often in a row her address was refused, and `retry` when it is tried again.
    """

    person: str
    language: str = "en"
    how: str = "never"
    hour: int = 9
    quiet_from: int | None = None
    quiet_to: int | None = None
    kinds: tuple[str, ...] = ()
    address: bytes | None = None
    unproven: bytes | None = None
    asked: datetime | None = None
    tries: int = 0
    wanted: str | None = None
    asks: int = 0
    asks_since: datetime | None = None
    sent: datetime | None = None
    failures: int = 0
    retry: datetime | None = None


def load(connection: Connection, person: str, to_change: bool = False) -> Mailing:
    """What a person chose; without a row, that nothing is mailed. `to_change` lets nobody else change it meanwhile."""
    query = select(mailing).where(mailing.c.person == person)
    row = connection.execute(query.with_for_update() if to_change else query).mappings().first()
    return _mailing(dict(row)) if row is not None else Mailing(person)


def change(connection: Connection, person: str, **values: Any) -> None:
    """Change some of what is kept of a person."""
    row = _stored(values)
    changed = connection.execute(update(mailing).where(mailing.c.person == person).values(**row))
    if changed.rowcount == 0:
        connection.execute(insert(mailing).values(**_stored({**asdict(Mailing(person)), **values})))


def forget(connection: Connection, person: str) -> None:
    """Forget the choices and the address of somebody who left."""
    connection.execute(delete(mailing).where(mailing.c.person == person))


def wanted(connection: Connection) -> list[Mailing]:
    """Those to whom a mail goes that is no notice: she asked for it, or it tells of a new device."""
    return _all(connection, mailing.c.wanted.is_not(None))


def with_address(connection: Connection) -> dict[str, Mailing]:
    """Those who get notices by e-mail."""
    return {one.person: one for one in _all(connection, mailing.c.address.is_not(None), mailing.c.how != "never")}


def claim_wanted(connection: Connection, one: Mailing) -> bool:
    """Take it upon oneself to send what somebody asked for; False where another worker was first."""
    which = (mailing.c.person == one.person, mailing.c.wanted == one.wanted)
    return connection.execute(update(mailing).where(*which).values(wanted=None)).rowcount == 1


def claim(connection: Connection, one: Mailing, now: datetime) -> bool:
    """Take it upon oneself to tell somebody of her notices; False where another worker was first."""
    before = mailing.c.sent.is_(None) if one.sent is None else mailing.c.sent == as_text(one.sent)
    which = (mailing.c.person == one.person, before)
    return connection.execute(update(mailing).where(*which).values(sent=as_text(now))).rowcount == 1


def _all(connection: Connection, *which: Any) -> list[Mailing]:
    rows = connection.execute(select(mailing).where(*which).order_by(mailing.c.person)).mappings()
    return [_mailing(dict(row)) for row in rows]


def _mailing(row: dict[str, Any]) -> Mailing:
    times = {name: from_text(row[name]) if row[name] else None for name in TIMES}
    return Mailing(**{**row, **times, "kinds": tuple(msgspec.json.decode(row["kinds"]))})


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    row = {name: as_text(value) if name in TIMES and value is not None else value for name, value in values.items()}
    return {**row, "kinds": msgspec.json.encode(sorted(row["kinds"])).decode()} if "kinds" in row else row
