"""Keys: one per person (or other subject of a case), wrapped by each agency's key, wrapped by an epoch key outside.

Whoever signs in has a key of their own as well, under which their second factor and their address are sealed. When a
new epoch begins, every agency gets a new key, and the keys of persons are wrapped anew, some at a time, while work
goes on. The database refuses a key of a person that is wrapped by one of an agency that is there no more.
"""

import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from sop_engine.store.database import Busy
from sop_engine.store.epochs import EpochKeys
from sop_engine.store.prepared import Prepared
from sop_engine.store.sealing import KEY_BYTES, VaultLocked, seal, unseal
from sop_engine.store.tables import agency_key, as_text, epoch, from_text, subject_key

MOST_OPENED = 10_000
_ANY = select(subject_key.c.agency, subject_key.c.epoch, subject_key.c.wrapped).where(
    subject_key.c.subject == bindparam("of_subject")
)
_OPEN = Prepared(_ANY.order_by(subject_key.c.agency).limit(1))
_OPEN_BY = Prepared(_ANY.where(subject_key.c.agency == bindparam("of_agency")))
# Whoever seals holds the key until the transaction ends: nobody renews or destroys it meanwhile.
_OPEN_TO_SEAL = Prepared(_ANY.order_by(subject_key.c.agency).limit(1).with_for_update(read=True))
_WRAP_ANEW = Prepared(
    update(subject_key)
    .where(subject_key.c.subject == bindparam("of_subject"), subject_key.c.agency == bindparam("of_agency"))
    .values(epoch=bindparam("number"), wrapped=bindparam("sealed"))
)


@dataclass(frozen=True, slots=True)
class Epoch:
    """A time in which keys are wrapped by one epoch key: its number, and when it began, was over, and was destroyed.

    Over: nothing in the database is wrapped by it any more, only in backups.
    """

    number: int
    begun: datetime
    over: datetime | None
    destroyed: datetime | None


def epochs(connection: Connection) -> list[Epoch]:
    """Every epoch that there was, in order."""
    rows = connection.execute(select(epoch).order_by(epoch.c.number))
    return [Epoch(row.number, from_text(row.begun), _maybe(row.over), _maybe(row.destroyed)) for row in rows]


def _maybe(text: str | None) -> datetime | None:
    return from_text(text) if text is not None else None


@dataclass(slots=True)
class KeyRing:
    """The keys that this process can open. Holds opened keys in memory, never on disk."""

    source: EpochKeys = field(repr=False)
    _epochs: dict[int, bytes] = field(default_factory=dict, repr=False)
    _agencies: dict[tuple[str, int], bytes] = field(default_factory=dict, repr=False)
    _subjects: dict[bytes, bytes] = field(default_factory=dict, repr=False)

    def epoch_key(self, number: int) -> bytes:
        if number not in self._epochs:
            self._epochs[number] = self.source.get(number)
        return self._epochs[number]

    def current(self, connection: Connection) -> int:
        """The epoch under which new keys are wrapped."""
        number = next_epoch(connection) - 1
        if number == 0:
            raise VaultLocked("there is no epoch key yet: run 'sop-engine init'")
        return number

    def begin_epoch(self, connection: Connection, now: datetime) -> int:
        """Begin a new epoch with a new key for every agency; its epoch key is there already. Gives its number."""
        number = next_epoch(connection)
        agencies = connection.execute(select(agency_key.c.agency).distinct().order_by(agency_key.c.agency)).all()
        connection.execute(insert(epoch).values(number=number, begun=as_text(now)))
        for row in agencies:
            self.make_agency(connection, row.agency)
        return number

    def make_agency(self, connection: Connection, code: str) -> None:
        """Make the key of an agency that has none: when the directory is read in, never while a case is worked on."""
        number = self.current(connection)
        query = select(agency_key.c.agency).where(agency_key.c.agency == code, agency_key.c.epoch == number)
        if connection.execute(query).first() is None:
            wrapped = seal(self.epoch_key(number), os.urandom(KEY_BYTES), f"agency/{code}/{number}")
            connection.execute(insert(agency_key).values(agency=code, epoch=number, wrapped=wrapped))

    def _agency(self, connection: Connection, code: str, number: int) -> bytes:
        if (code, number) not in self._agencies:
            query = select(agency_key.c.wrapped).where(agency_key.c.agency == code, agency_key.c.epoch == number)
            row = connection.execute(query).first()
            if row is None and number < self.current(connection):
                raise Busy("a new epoch began meanwhile")
            if row is None:
                raise VaultLocked(f"agency '{code}' has no key: run 'sop-engine init' after changing the directory")
            self._agencies[code, number] = unseal(self.epoch_key(number), row.wrapped, f"agency/{code}/{number}")
        return self._agencies[code, number]

    def new_subject(self, connection: Connection, subject: str, agency: str) -> bytes:
        """Make the key of a new subject, wrapped for its first agency."""
        key = os.urandom(KEY_BYTES)
        self.share(connection, subject, key, agency)
        return key

    def share(self, connection: Connection, subject: str, key: bytes, agency: str) -> None:
        """Wrap a subject's key for an agency that now holds or supports a case of hers."""
        connection.execute(insert(subject_key).values(self.wrapped(connection, subject, key, agency)))

    def wrapped(self, connection: Connection, subject: str, key: bytes, agency: str) -> dict[str, Any]:
        """The row of a subject's key as it is wrapped for an agency in this epoch."""
        number = self.current(connection)
        sealed = seal(self._agency(connection, agency, number), key, _bound(subject, agency, number))
        return {"subject": subject, "agency": agency, "epoch": number, "wrapped": sealed}

    def agencies_of(self, connection: Connection, subject: str) -> set[str]:
        """The agencies for which a subject's key is wrapped."""
        rows = connection.execute(select(subject_key.c.agency).where(subject_key.c.subject == subject))
        return {row.agency for row in rows}

    def subject(self, connection: Connection, subject: str, agency: str | None = None) -> bytes | None:
        """The key of a subject, opened with the key of this agency (of any, where none is named).

        None where it has none, as after erasure.
        """
        if agency is None:
            row = _OPEN.run(connection, {"of_subject": subject}).first()
        else:
            row = _OPEN_BY.run(connection, {"of_subject": subject, "of_agency": agency}).first()
        return self._open(connection, subject, row) if row is not None else None

    def subject_to_seal(self, connection: Connection, subject: str) -> bytes | None:
        """The key of a subject, under which something is about to be sealed."""
        row = _OPEN_TO_SEAL.run(connection, {"of_subject": subject}).first()
        return self._open(connection, subject, row) if row is not None else None

    def subject_to_change(self, connection: Connection, subject: str) -> bytes | None:
        """The key of a subject under which nobody can seal anything before this transaction ends."""
        query = select(subject_key).where(subject_key.c.subject == subject).order_by(subject_key.c.agency)
        rows = connection.execute(query.with_for_update()).all()
        return self._open(connection, subject, rows[0]) if rows else None

    def of_worker(self, connection: Connection, person: str, agency: str) -> bytes:
        """The own key of somebody who signs in; made where there is none yet."""
        return self.subject(connection, person, agency) or self.new_subject(connection, person, agency)

    def _open(self, connection: Connection, subject: str, row: Any) -> bytes:
        wrapped = bytes(row.wrapped)
        found = self._subjects.get(wrapped)
        if found is None:
            by = self._agency(connection, row.agency, row.epoch)
            found = unseal(by, wrapped, _bound(subject, row.agency, row.epoch))
            if len(self._subjects) > MOST_OPENED:
                self._subjects.clear()
            self._subjects[wrapped] = found
        return found

    def subjects(
        self, connection: Connection, agency: str | None, subjects: Iterable[str] | None = None
    ) -> dict[str, bytes]:
        """The keys of all subjects (or of these) that an agency can open; that anybody can, where none is named."""
        query = select(subject_key).order_by(subject_key.c.subject, subject_key.c.agency)
        if agency is not None:
            query = query.where(subject_key.c.agency == agency)
        if subjects is not None:
            query = query.where(subject_key.c.subject.in_(sorted(subjects)))
        found: dict[str, bytes] = {}
        for row in connection.execute(query):
            if row.subject not in found:
                by = self._agency(connection, row.agency, row.epoch)
                found[row.subject] = unseal(by, row.wrapped, _bound(row.subject, row.agency, row.epoch))
        return found

    def rewrap(self, connection: Connection, most: int) -> int:
        """Wrap some keys of subjects anew that are of an epoch before this one; gives how many, 0 at the end."""
        number = self.current(connection)
        query = select(subject_key).where(subject_key.c.epoch < number).order_by(subject_key.c.epoch).limit(most)
        rows = connection.execute(query.with_for_update(skip_locked=True)).all()
        anew = []
        for row in rows:
            by, to = self._agency(connection, row.agency, row.epoch), self._agency(connection, row.agency, number)
            key = unseal(by, row.wrapped, _bound(row.subject, row.agency, row.epoch))
            sealed = seal(to, key, _bound(row.subject, row.agency, number))
            anew.append({"of_subject": row.subject, "of_agency": row.agency, "number": number, "sealed": sealed})
        if anew:
            _WRAP_ANEW.run(connection, anew)
        return len(rows)

    def renew(self, connection: Connection, subject: str, key: bytes) -> None:
        """Give a subject another key in the place of the one that each of its agencies has."""
        for agency in sorted(self.agencies_of(connection, subject)):
            self._replace(connection, subject, key, agency)

    def _replace(self, connection: Connection, subject: str, key: bytes, agency: str) -> None:
        which = (subject_key.c.subject == subject, subject_key.c.agency == agency)
        connection.execute(update(subject_key).where(*which).values(self.wrapped(connection, subject, key, agency)))

    def mark(self, connection: Connection, purpose: str, value: str) -> str:
        """A keyed hash (64 hexadecimal letters): whoever has only the database cannot try out what it is of.

        Of the same value it is another one in the next epoch.
        """
        key = self.epoch_key(self.current(connection))
        return hmac.digest(key, f"{purpose}\0{value}".encode(), "sha256").hex()

    def forget(self) -> None:
        """Drop every opened key: after a transaction that was rolled back, one of them may never have been kept."""
        self._agencies.clear()
        self._subjects.clear()


def next_epoch(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(epoch.c.number), 0))).scalar_one()) + 1


def end_epochs(connection: Connection, now: datetime) -> list[int]:
    """Drop the keys of agencies of past epochs under which nothing is wrapped any more; gives those epochs."""
    last = next_epoch(connection) - 1
    used = select(subject_key.c.epoch).distinct()
    which = (epoch.c.number < last, epoch.c.over.is_(None), epoch.c.number.not_in(used))
    ended = [row.number for row in connection.execute(select(epoch.c.number).where(*which).order_by(epoch.c.number))]
    if ended:
        connection.execute(delete(agency_key).where(agency_key.c.epoch.in_(ended)))
        connection.execute(update(epoch).where(epoch.c.number.in_(ended)).values(over=as_text(now)))
    return ended


def note_destroyed(connection: Connection, number: int, now: datetime) -> None:
    """The key of an epoch is there no more: no backup of its time can be opened."""
    connection.execute(update(epoch).where(epoch.c.number == number).values(destroyed=as_text(now)))


def destroy(connection: Connection, subject: str) -> int:
    """Destroy the key of a subject; gives for how many agencies it was wrapped."""
    return connection.execute(delete(subject_key).where(subject_key.c.subject == subject)).rowcount


def _bound(subject: str, agency: str, number: int) -> str:
    return f"subject/{subject}/{agency}/{number}"
