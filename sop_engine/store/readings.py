"""The log of reading: who looked at which case, when and at what. Written before anything is shown."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select

from sop_engine.store.keys import seal, unseal
from sop_engine.store.people import Account
from sop_engine.store.tables import as_text, reading


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


def purposes(connection: Connection, case_id: str, key: bytes) -> list[str]:
    """What looks at a case were for, as those who looked wrote it."""
    query = select(reading).where(reading.c.case_id == case_id, reading.c.purpose.is_not(None))
    rows = connection.execute(query.order_by(reading.c.at))
    return [unseal(key, row.purpose, _bound(row.id)).decode() for row in rows]


def _bound(identity: str) -> str:
    return f"reading/{identity}"


def of_case(connection: Connection, case_id: str) -> list[tuple[str, str, str, str]]:
    """Every look at a case: time, person, agency, what."""
    rows = connection.execute(select(reading).where(reading.c.case_id == case_id).order_by(reading.c.at))
    return [(row.at, row.person, row.agency, row.what) for row in rows]
