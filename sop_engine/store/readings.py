"""The log of reading: who looked at which case, when and at what. Written before anything is shown."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select

from sop_engine.store.people import Account
from sop_engine.store.tables import as_text, reading


def note(connection: Connection, account: Account, case_id: str, what: str, now: datetime) -> None:
    connection.execute(
        insert(reading).values(
            id=secrets.token_hex(16),
            at=as_text(now),
            person=account.id,
            agency=account.agency,
            case_id=case_id,
            what=what,
        )
    )


def of_case(connection: Connection, case_id: str) -> list[tuple[str, str, str, str]]:
    """Every look at a case: time, person, agency, what."""
    rows = connection.execute(select(reading).where(reading.c.case_id == case_id).order_by(reading.c.at))
    return [(row.at, row.person, row.agency, row.what) for row in rows]
