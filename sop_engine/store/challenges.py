"""What was asked of a browser and is not answered yet. That an answer serves once is decided here."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert

from sop_engine.store.tables import as_text, challenge


def ask(connection: Connection, holder: str, purpose: str, now: datetime) -> str:
    """Something new and random to ask a holder (a session, half of one, a browser) for; it takes the place of the last.

    43 letters of base64url, which stand for 32 bytes.
    """
    value = secrets.token_urlsafe(32)
    _drop(connection, holder, purpose)
    connection.execute(
        insert(challenge).values(holder=holder, purpose=purpose, value=value, begun=as_text(now))
    )  # fmt: skip
    return value


def take(connection: Connection, holder: str, purpose: str, since: datetime) -> str | None:
    """What a holder was asked for; None where nothing is, or where it was asked before a moment. It is gone then."""
    row = _drop(connection, holder, purpose)
    return row[0] if row is not None and row[1] >= as_text(since) else None


def _drop(connection: Connection, holder: str, purpose: str) -> tuple[str, str] | None:
    which = (challenge.c.holder == holder, challenge.c.purpose == purpose)
    gone = delete(challenge).where(*which).returning(challenge.c.value, challenge.c.begun)
    row = connection.execute(gone).first()
    return (row.value, row.begun) if row is not None else None


def tidy(connection: Connection, before: datetime) -> None:
    """Drop what was asked before a moment."""
    connection.execute(delete(challenge).where(challenge.c.begun < as_text(before)))
