"""People who sign in, and their sessions. A session's token is kept only as a hash; a password only as Argon2id."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from sop_engine.store import notices
from sop_engine.store.tables import as_text, from_text, person, session

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
_hasher = PasswordHasher()
_PRESENT = select(person, notices.COUNT.label("news")).where(person.c.id == bindparam("of_person"))
_NOBODY = _hasher.hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody reads: `language` en or ne, `digits` latn or deva, `calendar` (shown first) ad or bs.

    None where nothing was chosen: digits and calendar are then those of the language.
    """

    language: str | None = None
    digits: str | None = None
    calendar: str | None = None

    @property
    def devanagari(self) -> bool:
        """Whether numbers are written ०-९."""
        return self.digits == "deva" if self.digits else self.language == "ne"

    @property
    def bikram_sambat(self) -> bool:
        """Whether dates stand in Bikram Sambat first, and are typed in it."""
        return self.calendar == "bs" if self.calendar else self.language == "ne"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in: for which agency they act, in which roles, and how they read."""

    id: str
    sign_in: str
    agency: str
    shown_as: str
    roles: frozenset[str]
    demo: bool = False
    reader: Reader = Reader()


def add(connection: Connection, account: Account, password: str, cheap: bool = False) -> None:
    """Add an account; `cheap` hashes quickly and is for demonstration accounts with random passwords only."""
    hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1) if cheap else _hasher
    connection.execute(
        insert(person).values(
            id=account.id,
            sign_in=account.sign_in,
            agency=account.agency,
            shown_as=account.shown_as,
            roles=msgspec.json.encode(sorted(account.roles)).decode(),
            password=hasher.hash(password),
            demo=account.demo,
            language=account.reader.language,
            digits=account.reader.digits,
            calendar=account.reader.calendar,
        )
    )


def check(connection: Connection, sign_in: str, password: str) -> Account | None:
    """The account whose password this is. Takes as long for an unknown name as for a wrong password."""
    row = connection.execute(select(person).where(person.c.sign_in == sign_in)).first()
    try:
        _hasher.verify(row.password if row is not None else _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return _account(row) if row is not None else None


def by_id(connection: Connection, identity: str) -> Account | None:
    row = connection.execute(select(person).where(person.c.id == identity)).first()
    return _account(row) if row is not None else None


def by_sign_in(connection: Connection, sign_in: str) -> Account | None:
    row = connection.execute(select(person).where(person.c.sign_in == sign_in)).first()
    return _account(row) if row is not None else None


def of_agency(connection: Connection, agency: str) -> list[Account]:
    rows = connection.execute(select(person).where(person.c.agency == agency).order_by(person.c.shown_as))
    return [_account(row) for row in rows]


def all_of(connection: Connection) -> dict[str, list[Account]]:
    """Everybody who can sign in, by agency."""
    found: dict[str, list[Account]] = {}
    for row in connection.execute(select(person).order_by(person.c.id)):
        found.setdefault(row.agency, []).append(_account(row))
    return found


def names(connection: Connection, ids: set[str]) -> dict[str, str]:
    """How the people with these ids are shown."""
    if not ids:
        return {}
    rows = connection.execute(select(person.c.id, person.c.shown_as).where(person.c.id.in_(sorted(ids))))
    return {row.id: row.shown_as for row in rows}


def _account(row: Row[tuple[object, ...]]) -> Account:
    reader = Reader(row.language, row.digits, row.calendar)
    roles = frozenset(msgspec.json.decode(row.roles))
    return Account(row.id, row.sign_in, row.agency, row.shown_as, roles, row.demo, reader)


def reads(connection: Connection, identity: str, reader: Reader) -> None:
    """Keep how somebody reads, for every device on which they sign in."""
    chosen = {"language": reader.language, "digits": reader.digits, "calendar": reader.calendar}
    connection.execute(update(person).where(person.c.id == identity).values(chosen))


def begin_session(connection: Connection, account: Account, now: datetime) -> str:
    """A new session; gives the token for the cookie."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(session).values(token=_hash(token), person=account.id, begun=as_text(now), last_seen=as_text(now))
    )
    return token


@dataclass(frozen=True, slots=True)
class Session:
    """Whose session it is, whether it is time to touch it, and how much is new for her, counted up to 100."""

    account: Account
    due: bool
    news: int


def of_session(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session of a token; None where it has ended."""
    row = connection.execute(select(session).where(session.c.token == _hash(token))).first()
    if row is None:
        return None
    seen = from_text(row.last_seen)
    if now - from_text(row.begun) > ABSOLUTE or now - seen > IDLE:
        return None
    found = connection.execute(_PRESENT, {"of_person": row.person, "now": as_text(now)}).first()
    return Session(_account(found), now - seen > TOUCH, found.news) if found is not None else None


def touch_session(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(session).where(session.c.token == _hash(token)).values(last_seen=as_text(now)))


def end_session(connection: Connection, token: str) -> None:
    connection.execute(delete(session).where(session.c.token == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
