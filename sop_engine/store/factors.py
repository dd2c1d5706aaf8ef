"""Factors: code apps, passkeys, recovery codes, and who somebody is at the identity provider.

Secrets come sealed; that a code serves once is decided here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from sop_engine.store.tables import as_text, factor, from_text

TOTP, PASSKEY, RECOVERY, PROVIDER = "totp", "passkey", "recovery", "provider"
# What counts as a second factor; recovery codes only stand in for one of these.
SECOND = (TOTP, PASSKEY)


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of a person: `kind` is totp, passkey, recovery or provider, `secret` is sealed.

    `begun_by` is the session (or half of one) in which a code app is being set up; None once it counts. `last_step` is
    the time step of the last code, or how often a passkey says that it was used.
    """

    id: str
    person: str
    kind: str
    name: str
    secret: bytes
    made: datetime
    begun_by: str | None = None
    last_used: datetime | None = None
    last_step: int | None = None


def add(connection: Connection, one: Factor) -> None:
    """Keep a new factor."""
    values = {
        "id": one.id, "person": one.person, "kind": one.kind, "name": one.name, "secret": one.secret,
        "made": as_text(one.made), "begun_by": one.begun_by, "last_step": one.last_step,
    }  # fmt: skip
    connection.execute(insert(factor).values(**values))


def of_person(connection: Connection, owner: str) -> list[Factor]:
    """Somebody's factors that count, oldest first; recovery codes that served are not among them."""
    unserved = or_(factor.c.kind != RECOVERY, factor.c.last_used.is_(None))
    which = (factor.c.person == owner, factor.c.begun_by.is_(None), unserved)
    return [
        _factor(row) for row in connection.execute(select(factor).where(*which).order_by(factor.c.made, factor.c.id))
    ]


def of_id(connection: Connection, identity: str) -> Factor | None:
    """One factor, whosever it is."""
    row = connection.execute(select(factor).where(factor.c.id == identity)).first()
    return _factor(row) if row is not None else None


def used(connection: Connection, identity: str, now: datetime) -> None:
    """A factor served that may serve again."""
    connection.execute(update(factor).where(factor.c.id == identity).values(last_used=as_text(now)))


def kinds(connection: Connection, owner: str) -> frozenset[str]:
    """Of which kinds somebody has second factors that count."""
    which = (factor.c.person == owner, factor.c.kind.in_(SECOND), factor.c.begun_by.is_(None))
    return frozenset(connection.execute(select(factor.c.kind).where(*which).distinct()).scalars())


def begun(connection: Connection, owner: str, by: str, since: datetime) -> Factor | None:
    """The code app that somebody is setting up in a session; None where she began before a moment."""
    which = (factor.c.person == owner, factor.c.begun_by == by, factor.c.made >= as_text(since))
    row = connection.execute(select(factor).where(*which)).first()
    return _factor(row) if row is not None else None


def drop_begun(connection: Connection, owner: str, by: str | None = None) -> None:
    """Forget code apps that somebody began to set up and did not confirm: in one session, or in any."""
    mine = factor.c.begun_by == by if by is not None else factor.c.begun_by.is_not(None)
    connection.execute(delete(factor).where(factor.c.person == owner, mine))


def confirm(connection: Connection, identity: str, step: int, now: datetime) -> bool:
    """From now on a code app counts; False where it was confirmed meanwhile. The code just typed has served."""
    which = (factor.c.id == identity, factor.c.begun_by.is_not(None))
    values = {"begun_by": None, "last_step": step, "last_used": as_text(now)}
    return connection.execute(update(factor).where(*which).values(**values)).rowcount == 1


def serve_step(connection: Connection, identity: str, step: int, now: datetime) -> bool:
    """Let the code of a time step serve; False where it, or a later one, has served already."""
    later = or_(factor.c.last_step.is_(None), factor.c.last_step < step)
    values = {"last_step": step, "last_used": as_text(now)}
    return connection.execute(update(factor).where(factor.c.id == identity, later).values(**values)).rowcount == 1


def serve_count(connection: Connection, identity: str, count: int, now: datetime) -> bool:
    """Let a passkey serve that says how often it was used; False where it goes back. Many devices always say 0."""
    later = factor.c.last_step == 0 if count == 0 else factor.c.last_step < count
    values = {"last_step": count, "last_used": as_text(now)}
    return connection.execute(update(factor).where(factor.c.id == identity, later).values(**values)).rowcount == 1


def serve_once(connection: Connection, identity: str, now: datetime) -> bool:
    """Let a recovery code serve; False where it has."""
    which = (factor.c.id == identity, factor.c.last_used.is_(None))
    return connection.execute(update(factor).where(*which).values(last_used=as_text(now))).rowcount == 1


def drop(connection: Connection, owner: str, identity: str | None = None, kind: str | None = None) -> int:
    """Take factors of somebody away: one, those of a kind, or all; gives how many went."""
    which = [factor.c.person == owner]
    which += [factor.c.id == identity] if identity is not None else []
    which += [factor.c.kind == kind] if kind is not None else []
    return connection.execute(delete(factor).where(*which)).rowcount


def _factor(row: Row[tuple[object, ...]]) -> Factor:
    used = from_text(row.last_used) if row.last_used else None
    return Factor(
        row.id, row.person, row.kind, row.name, row.secret, from_text(row.made), row.begun_by, used, row.last_step
    )
