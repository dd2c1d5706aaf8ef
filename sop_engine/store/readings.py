"""The log of reading: who looked at which case, when and at what. Written before anything is shown."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from sop_engine.store.keys import seal, unseal
from sop_engine.store.people import Account
from sop_engine.store.tables import as_text, from_text, reading


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
