"""Checkpoints of the log as they are kept: signed, one after the other, with what witnesses signed below."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, select, update

from sop_engine.audit import GENESIS, Checkpoint, Entry, Key, checkpoint_of, sign, written
from sop_engine.store import readings, tree
from sop_engine.store.journal import as_found
from sop_engine.store.log import length
from sop_engine.store.tables import READINGS, as_text, checkpoint, from_text, journal, log, standing, unfolded

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key with which an installation signs its log; the public half names the log."""

    public: Key
    seed: bytes = field(repr=False)

    @property
    def guard(self) -> bytes:
        """The key that vouches for what opens accounts (32 bytes)."""
        return hmac.digest(self.seed, b"accounts", "sha256")


def latest(connection: Connection) -> tuple[Checkpoint, datetime] | None:
    """The last checkpoint and when it was signed; None before the first."""
    query = select(checkpoint).order_by(checkpoint.c.size.desc()).limit(1)
    row = connection.execute(query).first()
    return (checkpoint_of(row.note), from_text(row.at)) if row is not None else None


def note_of(connection: Connection, size: int) -> str | None:
    """The checkpoint of a size as a note; None where there is none of that size."""
    row = connection.execute(select(checkpoint.c.note).where(checkpoint.c.size == size)).first()
    return row.note if row is not None else None


def notes(connection: Connection) -> list[str]:
    """Every checkpoint as a note, oldest first."""
    return [row.note for row in connection.execute(select(checkpoint.c.note).order_by(checkpoint.c.size))]


def put(connection: Connection, key: LogKey, now: datetime) -> str | None:
    """Sign the log as it stands and give the note; None where nothing was added since the last checkpoint."""
    size, last = length(connection), latest(connection)
    if size == 0 or (last is not None and last[0].size >= size):
        return None
    tree.grow(connection, size)
    body = written(key.public.name, size, tree.root(connection, size), last[0].digest if last is not None else "none")
    note = f"{body}\n{sign(key.public, key.seed, body)}"
    connection.execute(insert(checkpoint).values(size=size, at=as_text(now), note=note))
    return note


def add_line(connection: Connection, size: int, line: str) -> None:
    """Put the line of a witness below the checkpoint of a size."""
    connection.execute(update(checkpoint).where(checkpoint.c.size == size).values(note=checkpoint.c.note + line))


def clear(connection: Connection) -> None:
    """Take every checkpoint away, where the log begins anew under another key."""
    connection.execute(delete(checkpoint))


_SAME = and_(log.c.case_id == journal.c.case_id, log.c.seq == journal.c.seq)
_WAITS = and_(unfolded.c.case_id == journal.c.case_id, unfolded.c.seq == journal.c.seq)


def logged(connection: Connection) -> Iterator[tuple[int, Entry, bytes | None]]:
    """Each entry of the log with its position, its event or its looks, and the hash that the journal keeps of that."""
    query = (
        select(log.c.position, log.c.case_id, log.c.seq, log.c.hash, journal.c.body, journal.c.hash.label("kept"))
        .select_from(log.outerjoin(journal, _SAME))
        .order_by(log.c.position)
    )
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        if row.case_id == READINGS:
            body = readings.entered(connection, row.seq)
        else:
            body = None if row.body is None else as_found(row.body)
        yield row.position, Entry(row.case_id, row.seq, body, as_found(row.hash)), row.kept and as_found(row.kept)


def unlogged(connection: Connection) -> Iterator[tuple[Entry, bool]]:
    """Each event that is in no log, and whether it waits for it."""
    query = (
        select(journal.c.case_id, journal.c.seq, journal.c.body, journal.c.hash, unfolded.c.seq.label("waits"))
        .select_from(journal.outerjoin(log, _SAME).outerjoin(unfolded, _WAITS))
        .where(log.c.position.is_(None))
        .order_by(journal.c.case_id, journal.c.seq)
    )
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        yield Entry(row.case_id, row.seq, as_found(row.body), as_found(row.hash)), row.waits is not None


@dataclass(frozen=True, slots=True)
class Logged:
    """An event: its body, the hash before it in its case, and where in the log it stands (None: not yet)."""

    body: bytes
    before: bytes
    position: int | None


def event(connection: Connection, case_id: str, seq: int) -> Logged | None:
    """An event of a case as the log has it; None where there is none."""
    query = (
        select(journal.c.seq, journal.c.body, journal.c.hash, log.c.position)
        .select_from(journal.outerjoin(log, _SAME))
        .where(journal.c.case_id == case_id, journal.c.seq.in_((seq - 1, seq)))
    )
    rows = {row.seq: row for row in connection.execute(query)}
    if seq not in rows:
        return None
    before = bytes(rows[seq - 1].hash) if seq - 1 in rows else GENESIS
    return Logged(bytes(rows[seq].body), before, rows[seq].position)


def ends(connection: Connection) -> dict[str, tuple[int, bytes]]:
    """Where each case stands, and what tells of looks: its last event and the head of its chain."""
    rows = connection.execute(select(standing.c.case_id, standing.c.seq, standing.c.head))
    last = readings.last_entry(connection)
    return {row.case_id: (row.seq, bytes(row.head)) for row in rows} | ({READINGS: last} if last[0] else {})
