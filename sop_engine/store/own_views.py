"""The code and PIN of a person's own view, and who is signed in with them. Kept so that nobody can read either back."""

from dataclasses import dataclass
from datetime import datetime

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import Connection, delete, insert, select, update

from sop_engine.store.sessions import key_of
from sop_engine.store.tables import as_text, own_view

# The same for every code, so that one is found by it; what stands against trying codes out is that each try takes long.
_SALT = b"own view of a case"


def mark_of(code: str) -> str:
    """What a code is kept as (64 hexadecimal letters): found by the code, and not read back from it."""
    return hash_secret_raw(code.encode(), _SALT, 3, 65_536, 4, 32, Type.ID).hex()


@dataclass(frozen=True, slots=True)
class Kept:
    """The case of a code, and the hash of its PIN."""

    case_id: str
    pin: str


def keep(connection: Connection, case_id: str, code: str, pin: str) -> None:
    """Keep a code (its mark) and a PIN (its hash); those that the case had before are worth nothing."""
    end(connection, case_id)
    connection.execute(insert(own_view).values(code=code, case_id=case_id, pin=pin))


def end(connection: Connection, case_id: str) -> None:
    """No code leads to a case any more, and nobody is signed in with one."""
    connection.execute(delete(own_view).where(own_view.c.case_id == case_id))


def of_code(connection: Connection, code: str) -> Kept | None:
    row = connection.execute(select(own_view).where(own_view.c.code == code)).first()
    return Kept(row.case_id, row.pin) if row is not None else None


def begin(connection: Connection, code: str, token: str, now: datetime) -> bool:
    """Sign somebody in, and whoever was signed in before out; False where the code has ended meanwhile."""
    begun = update(own_view).where(own_view.c.code == code).values(session=key_of(token), seen=as_text(now))
    return connection.execute(begun).rowcount == 1


def of_session(connection: Connection, token: str, since: datetime) -> str | None:
    """The case that a session sees; None where it has ended, or was last used before a moment."""
    which = (own_view.c.session == key_of(token), own_view.c.seen >= as_text(since))
    return connection.execute(select(own_view.c.case_id).where(*which)).scalar()


def touch(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(own_view).where(own_view.c.session == key_of(token)).values(seen=as_text(now)))


def end_session(connection: Connection, token: str) -> None:
    which = own_view.c.session == key_of(token)
    connection.execute(update(own_view).where(which).values(session=None, seen=None))
