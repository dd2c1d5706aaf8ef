"""Tokens with which programs act for a person: only the hash of a secret is kept."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from sop_engine.store.guarding import is_for, token_for
from sop_engine.store.tables import as_text, from_text, person, token

PREFIX = "sop_"


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a person: what she called it, what it may be used for, until when, and when it last was."""

    id: str
    person: str
    name: str
    scopes: frozenset[str]
    made: datetime
    expires: datetime
    last_used: datetime | None = field(default=None)


def make(connection: Connection, guard: bytes, found: Token) -> str:
    """Keep a new token; gives its secret, which is kept nowhere."""
    secret = PREFIX + token_for(guard, found.id, found.person)
    values = {
        "id": found.id, "person": found.person, "name": found.name, "made": as_text(found.made),
        "scopes": msgspec.json.encode(sorted(found.scopes)).decode(), "expires": as_text(found.expires),
    }  # fmt: skip
    connection.execute(insert(token).values(secret=_hash(secret), **values))
    return secret


def find(connection: Connection, guard: bytes, secret: str) -> Token | None:
    """The token of a secret, also one that is over."""
    row = connection.execute(select(token).where(token.c.secret == _hash(secret))).first()
    return _token(row) if row is not None and is_for(guard, secret.removeprefix(PREFIX), row.id, row.person) else None


def of_person(connection: Connection, person: str) -> list[Token]:
    """The tokens of a person, newest first."""
    rows = connection.execute(select(token).where(token.c.person == person).order_by(token.c.made.desc(), token.c.id))
    return [_token(row) for row in rows]


def used(connection: Connection, identity: str, now: datetime) -> None:
    """Note that a token was used."""
    connection.execute(update(token).where(token.c.id == identity).values(last_used=as_text(now)))


def end(connection: Connection, person: str, identity: str) -> bool:
    """End a token of a person; False where she has none of this id."""
    ended = connection.execute(delete(token).where(token.c.id == identity, token.c.person == person))
    return ended.rowcount == 1


def end_all(connection: Connection, person: str) -> None:
    """End all tokens of a person."""
    connection.execute(delete(token).where(token.c.person == person))


def end_all_of_agency(connection: Connection, agency: str) -> None:
    """End the tokens of everybody of an agency."""
    theirs = select(person.c.id).where(person.c.agency == agency)
    connection.execute(delete(token).where(token.c.person.in_(theirs)))


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(
        row.id, row.person, row.name, frozenset(msgspec.json.decode(row.scopes)), from_text(row.made),
        from_text(row.expires), from_text(row.last_used) if row.last_used else None,
    )  # fmt: skip


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
