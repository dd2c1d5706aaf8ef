"""The log of reading: who looked at which case, when and at what. Written before anything is shown.

Looks are entries of the signed log too, those of some minutes as one entry of a history of their own (`READINGS`).
What a look was for is sealed, may be erased, and is not in it.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from sop_engine.audit import GENESIS, chained
from sop_engine.store.people import Account
from sop_engine.store.sealing import seal, unseal
from sop_engine.store.tables import READINGS, as_text, from_text, log, reading, standing

AT_ONCE = 2_000


def note(
    connection: Connection, account: Account, case_id: str, what: str, now: datetime,
    purpose: str | None = None, key: bytes | None = None,
) -> None:  # fmt: skip
    """Write a look down; what it was for may name somebody, so that is sealed with the `key` of the case's subject."""
    identity = secrets.token_hex(16)
    connection.execute(
        insert(reading).values(
            id=identity,
            at=as_text(now),
            person=account.id,
            agency=account.agency,
            case_id=case_id,
            what=what,
            purpose=seal(key, purpose.encode(), _bound(identity)) if purpose and key is not None else None,
        )
    )


def count_of(connection: Connection, person: str, what: str, since: datetime) -> int:
    """How many looks of a kind somebody has caused since a moment."""
    which = (reading.c.person == person, reading.c.at >= as_text(since), reading.c.what == what)
    return int(connection.execute(select(func.count()).select_from(reading).where(*which)).scalar_one())


def is_noted(connection: Connection, person: str, case_id: str, what: str, since: datetime) -> bool:
    """Whether a look of a person at a case is written down since a moment."""
    query = select(reading.c.id).where(
        reading.c.case_id == case_id, reading.c.person == person, reading.c.what == what, reading.c.at >= as_text(since)
    )
    return connection.execute(query.limit(1)).first() is not None


def reseal(connection: Connection, subject: str, old: bytes, new: bytes) -> None:
    """Seal what looks at the cases of a subject were for with another key."""
    cases = select(standing.c.case_id).where(standing.c.subject == subject)
    which = (reading.c.case_id.in_(cases), reading.c.purpose.is_not(None))
    for row in connection.execute(select(reading).where(*which)).all():
        purpose = seal(new, unseal(old, row.purpose, _bound(row.id)), _bound(row.id))
        connection.execute(update(reading).where(reading.c.id == row.id).values(purpose=purpose))


def enter(connection: Connection) -> int:
    """Append the looks that wait to the log; gives how many entries that made."""
    made = 0
    while rows := connection.execute(
        select(reading).where(reading.c.entry.is_(None)).order_by(reading.c.at, reading.c.id).limit(AT_ONCE)
    ).all():
        seq, before = last_entry(connection)
        position = connection.execute(select(func.coalesce(func.max(log.c.position), 0))).scalar_one()
        entry = {"position": position + 1, "case_id": READINGS, "seq": seq + 1, "hash": chained(before, _told(rows))}
        connection.execute(insert(log), [entry])
        connection.execute(update(reading).where(reading.c.id.in_([row.id for row in rows])).values(entry=seq + 1))
        made += 1
    return made


def last_entry(connection: Connection) -> tuple[int, bytes]:
    """The number and hash of the last entry of looks in the log; that before the first where there is none."""
    query = select(log.c.seq, log.c.hash).where(log.c.case_id == READINGS).order_by(log.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return (row.seq, bytes(row.hash)) if row is not None else (0, GENESIS)


def entered(connection: Connection, entry: int) -> bytes | None:
    """The looks of an entry of the log as bytes, as its hash covers them; None where none of them is left."""
    rows = connection.execute(select(reading).where(reading.c.entry == entry)).all()
    return _told(rows) if rows else None


def _told(rows: Sequence[Row[tuple[object, ...]]]) -> bytes:
    """Looks by time and id: a list of `[id, time, person, agency, case, what]`, as JSON in ASCII without spaces."""
    looks = sorted((row.at, row.id, row.person, row.agency, row.case_id, row.what) for row in rows)
    told = [[look, at, person, agency, case, what] for at, look, person, agency, case, what in looks]
    return json.dumps(told, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a case: when, by whom, of which agency, at what, and what for where that was asked and can be read."""

    at: datetime
    person: str
    agency: str
    what: str
    purpose: str | None


def of_case(
    connection: Connection, case_id: str, key: bytes | None = None, most: int | None = None, after: int = 0
) -> list[Look]:
    """The looks at a case, newest first; what they were for is read with the `key` of the case's subject."""
    query = select(reading).where(reading.c.case_id == case_id).order_by(reading.c.at.desc(), reading.c.id)
    return [_look(row, key) for row in connection.execute(query.limit(most).offset(after))]


def _look(row: Row[tuple[object, ...]], key: bytes | None) -> Look:
    sealed = row.purpose if key is not None else None
    purpose = unseal(key, sealed, _bound(row.id)).decode() if key is not None and sealed is not None else None
    return Look(from_text(row.at), row.person, row.agency, row.what, purpose)


def _bound(identity: str) -> str:
    return f"reading/{identity}"
