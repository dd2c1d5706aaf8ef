"""One-time links for receivers without an account: only the hash of a link is kept."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from sop_engine.store.guarding import is_for, token_for
from sop_engine.store.tables import as_text, from_text, link

LONG_AGO = "2000-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link leads to, until when, and whether it was opened."""

    case_id: str
    referral: str
    expires: datetime
    opened: bool


def make(connection: Connection, guard: bytes, case_id: str, referral: str, expires: datetime) -> str:
    """A new link to a referral; gives its token, which is kept nowhere. Links made before for it are worth nothing."""
    token = token_for(guard, case_id, referral)
    known = (link.c.case_id == case_id, link.c.referral == referral)
    connection.execute(update(link).where(*known).values(expires=LONG_AGO))
    values = {"token": _hash(token), "case_id": case_id, "referral": referral, "expires": as_text(expires)}
    connection.execute(insert(link).values(**values, opened=None))
    return token


def find(connection: Connection, guard: bytes, token: str, now: datetime) -> Link | None:
    """The link of a token; None where there is none or its time is over."""
    row = connection.execute(select(link).where(link.c.token == _hash(token))).first()
    if row is None or row.expires <= as_text(now) or not is_for(guard, token, row.case_id, row.referral):
        return None
    return Link(row.case_id, row.referral, from_text(row.expires), row.opened is not None)


def open_once(connection: Connection, token: str, now: datetime) -> bool:
    """Mark a link as opened; False where it was opened before."""
    changed = connection.execute(
        update(link)
        .where(link.c.token == _hash(token), link.c.opened.is_(None), link.c.expires > as_text(now))
        .values(opened=as_text(now))
    )
    return changed.rowcount == 1


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
