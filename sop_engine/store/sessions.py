"""Sessions, the halves of them that wait for a code, and devices. Of every token only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from sop_engine.store import notices
from sop_engine.store.guarding import is_for, token_for
from sop_engine.store.people import SIGNS_IN, WHOLE, Account, at_the_door
from sop_engine.store.tables import as_text, device, entering, from_text, person, session

TOUCH = timedelta(minutes=1)
# By how much the clocks of two servers may differ.
CLOCKS_APART = timedelta(minutes=5)
SESSION, HALF = "session", "half"
_PRESENT = WHOLE.add_columns(notices.COUNT.label("news")).where(person.c.id == bindparam("of_person"), SIGNS_IN)


@dataclass(frozen=True, slots=True)
class Session:
    """Whose session it is, whether it is time to touch it, and how much is new for her, counted up to 100.

    `new_device` is since when a sign-in from a device that she never used waits for her to look at.
    """

    account: Account
    due: bool
    news: int
    new_device: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """A session as its owner sees it in a list; `key` names it, and signs nobody in."""

    key: str
    begun: datetime
    last_seen: datetime
    device: str


@dataclass(frozen=True, slots=True)
class Half:
    """Whose password was right, and when; `key` is what the row is known by."""

    key: str
    person: str
    begun: datetime


def key_of(token: str) -> str:
    """What a token is known by in the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A random token for a cookie."""
    return secrets.token_urlsafe(32)


def begin(connection: Connection, guard: bytes, owner: str, now: datetime, device_words: str, strong: bool) -> str:
    """A new session; gives the token for the cookie. `strong` tells that a second factor was asked for."""
    token = token_for(guard, SESSION, owner)
    times = {"begun": as_text(now), "last_seen": as_text(now)}
    values = {"token": key_of(token), "person": owner, "device": device_words, "strong": strong, **times}
    connection.execute(insert(session).values(**values))
    return token


def find(
    connection: Connection, guard: bytes, token: str, now: datetime, idle: timedelta, absolute: timedelta, strong: bool
) -> Session | None:
    """The session of a token; None where it has ended, or where it must be `strong` and is not."""
    row = connection.execute(select(session).where(session.c.token == key_of(token))).first()
    if row is None or (strong and not row.strong) or not is_for(guard, token, SESSION, row.person):
        return None
    begun, seen = from_text(row.begun), from_text(row.last_seen)
    # What began later than now began by a clock that was wrong: it would not end for as long.
    if now - begun > absolute or now - seen > idle or max(begun, seen) > now + CLOCKS_APART:
        return None
    found = connection.execute(_PRESENT, {"of_person": row.person, "now": as_text(now)}).first()
    account = at_the_door(guard, found)
    if found is None or account is None:
        return None
    told = from_text(found.new_device) if found.new_device else None
    return Session(account, now - seen > TOUCH, found.news, told)


def touch(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(session).where(session.c.token == key_of(token)).values(last_seen=as_text(now)))


def end(connection: Connection, token: str) -> str | None:
    """End a session; gives whose it was, None where it has ended."""
    ended = delete(session).where(session.c.token == key_of(token)).returning(session.c.person)
    return connection.execute(ended).scalar_one_or_none()


def living(connection: Connection, owner: str, now: datetime, idle: timedelta, absolute: timedelta) -> list[Line]:
    """Somebody's sessions that have not ended, last seen first."""
    which = (
        session.c.person == owner,
        session.c.begun >= as_text(now - absolute),
        session.c.last_seen >= as_text(now - idle),
    )
    rows = connection.execute(select(session).where(*which).order_by(session.c.last_seen.desc(), session.c.token))
    return [Line(row.token, from_text(row.begun), from_text(row.last_seen), row.device) for row in rows]


def end_one(connection: Connection, owner: str, key: str) -> bool:
    """End one of somebody's sessions; False where she has none of this key."""
    which = (session.c.person == owner, session.c.token == key)
    return connection.execute(delete(session).where(*which)).rowcount == 1


def end_all(connection: Connection, owner: str, but: str | None = None) -> None:
    """End somebody's sessions and what she began, but the session of a token."""
    spared = key_of(but) if but is not None else ""
    connection.execute(delete(session).where(session.c.person == owner, session.c.token != spared))
    connection.execute(delete(entering).where(entering.c.person == owner))


def end_all_of_agency(connection: Connection, agency: str) -> None:
    """End the sessions of everybody of an agency, and what they began."""
    theirs = select(person.c.id).where(person.c.agency == agency)
    for table in (session, entering):
        connection.execute(delete(table).where(table.c.person.in_(theirs)))


def begin_half(connection: Connection, guard: bytes, owner: str, now: datetime) -> str:
    """The password was right, the code is still to come; gives the token for the cookie."""
    token = token_for(guard, HALF, owner)
    connection.execute(insert(entering).values(token=key_of(token), person=owner, begun=as_text(now), tries=0))
    return token


def half(connection: Connection, guard: bytes, token: str, since: datetime) -> Half | None:
    """What a token began; None where that was before a moment."""
    row = connection.execute(select(entering).where(entering.c.token == key_of(token))).first()
    if row is None or from_text(row.begun) < since or not is_for(guard, token, HALF, row.person):
        return None
    return Half(row.token, row.person, from_text(row.begun))


def try_half(connection: Connection, key: str, most: int) -> bool:
    """Count a try of a code; False where it was tried too often, or is over."""
    which = (entering.c.token == key, entering.c.tries < most)
    return connection.execute(update(entering).where(*which).values(tries=entering.c.tries + 1)).rowcount == 1


def is_half(connection: Connection, key: str) -> bool:
    """Whether what was begun is still there; nobody else ends it before this transaction does."""
    row = connection.execute(select(entering.c.token).where(entering.c.token == key).with_for_update()).first()
    return row is not None


def end_half(connection: Connection, key: str) -> bool:
    """Take away what was begun; False where it is gone already."""
    return connection.execute(delete(entering).where(entering.c.token == key)).rowcount == 1


def knows(connection: Connection, token: str, sign_in: str) -> bool:
    """Whether somebody with this sign-in has signed in on a device before."""
    which = (device.c.token == key_of(token), person.c.sign_in == sign_in)
    query = select(device.c.token).join(person, person.c.id == device.c.person).where(*which)
    return connection.execute(query).first() is not None


def has_devices(connection: Connection, owner: str) -> bool:
    """Whether somebody has ever signed in on a device that is still known."""
    return connection.execute(select(device.c.token).where(device.c.person == owner).limit(1)).first() is not None


def keep_device(connection: Connection, token: str | None, owner: str, now: datetime) -> str:
    """Remember that somebody signed in on a device; gives its token, a new one where it had none of ours."""
    ours = (
        token is not None
        and connection.execute(select(device.c.token).where(device.c.token == key_of(token)).limit(1)).first()
    )
    kept = token if token is not None and ours else new_token()
    which = (device.c.token == key_of(kept), device.c.person == owner)
    changed = connection.execute(update(device).where(*which).values(last_used=as_text(now)))
    if changed.rowcount == 0:
        connection.execute(insert(device).values(token=key_of(kept), person=owner, last_used=as_text(now)))
    return kept


def forget_devices(connection: Connection, owner: str) -> None:
    """No device is known any more as one of somebody's."""
    connection.execute(delete(device).where(device.c.person == owner))


def tidy(connection: Connection, sessions: datetime, halves: datetime, devices: datetime) -> None:
    """Drop sessions begun, halves begun and devices used before these moments."""
    connection.execute(delete(session).where(session.c.begun < as_text(sessions)))
    connection.execute(delete(entering).where(entering.c.begun < as_text(halves)))
    connection.execute(delete(device).where(device.c.last_used < as_text(devices)))
