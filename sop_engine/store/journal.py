"""The journal: events appended to their case's hash chain, and the rows that follow from them, in one transaction."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from sop_engine.case import events as ev
from sop_engine.case import state
from sop_engine.case.state import Case
from sop_engine.store.database import Busy
from sop_engine.store.prepared import Prepared
from sop_engine.store.tables import access, as_text, awaited, finding, held, journal, standing, unfolded

GENESIS = b"\0" * 32
_JOURNAL = Prepared(insert(journal))
_UNFOLDED = Prepared(insert(unfolded))
_STANDING = Prepared(insert(standing))
_RESTAND = Prepared(
    update(standing)
    .where(standing.c.case_id == bindparam("of_case"), standing.c.seq == bindparam("of_seq"))
    .values({column.name: bindparam(column.name) for column in standing.c})
)
_HELD = Prepared(insert(held))
_HELD_END = Prepared(
    update(held)
    .where(held.c.case_id == bindparam("of_case"), held.c.ended.is_(None))
    .values(ended=bindparam("at"), due=bindparam("was_due"))
)
_AWAITED = Prepared(insert(awaited))
_AWAITED_END = Prepared(
    update(awaited)
    .where(awaited.c.case_id == bindparam("of_case"), awaited.c.key == bindparam("of_key"), awaited.c.ended.is_(None))
    .values(ended=bindparam("at"))
)
_ACCESS = Prepared(insert(access))
_ACCESS_END = Prepared(delete(access).where(access.c.case_id == bindparam("of_case")))
_FINDING = Prepared(insert(finding))
_STANDS = select(standing.c.state, standing.c.head).where(standing.c.case_id == bindparam("of_case"))
_LOAD = Prepared(_STANDS)
_LOAD_TO_WRITE = Prepared(_STANDS.with_for_update())
_COMMAND = Prepared(select(journal.c.case_id).where(journal.c.command == bindparam("of_command")).limit(1))
_EVENTS = select(journal.c.body).where(journal.c.case_id == bindparam("of_case"))
_BODIES = Prepared(_EVENTS.order_by(journal.c.seq))
_BODY = Prepared(_EVENTS.where(journal.c.seq == bindparam("of_seq")))


def chained(before: bytes, body: bytes) -> bytes:
    """The hash of an event: SHA-256 over the hash before it and its stored bytes."""
    return hashlib.sha256(before + body).digest()


def load(connection: Connection, case_id: str, to_write: bool = False) -> tuple[Case, bytes] | None:
    """A case as it stands and the head of its chain."""
    row = (_LOAD_TO_WRITE if to_write else _LOAD).run(connection, {"of_case": case_id}).first()
    return (state.from_bytes(row.state), bytes(row.head)) if row is not None else None


def load_known(connection: Connection, case_id: str) -> Case:
    """A case that is there for certain; raises LookupError where the database contradicts itself."""
    loaded = load(connection, case_id)
    if loaded is None:
        raise LookupError(f"case {case_id} has no standing: run 'sop-engine rebuild'")
    return loaded[0]


def acted_before(connection: Connection, command: str) -> str | None:
    """The case on which a command was carried out already."""
    row = _COMMAND.run(connection, {"of_command": command}).first()
    return row.case_id if row is not None else None


def bodies(connection: Connection, case_id: str) -> list[bytes]:
    """The stored bytes of every event of a case, in order."""
    return [bytes(row.body) for row in _BODIES.run(connection, {"of_case": case_id})]


def history(connection: Connection, case_id: str) -> Iterator[ev.Envelope]:
    """Every event of a case, in order."""
    return (ev.from_bytes(body) for body in bodies(connection, case_id))


def event(connection: Connection, case_id: str, seq: int) -> ev.Envelope:
    """One event of a case."""
    row = _BODY.run(connection, {"of_case": case_id, "of_seq": seq}).one()
    return ev.from_bytes(bytes(row.body))


def append(connection: Connection, head: bytes, envelopes: Sequence[ev.Envelope]) -> bytes:
    """Append events to the chain of a case; gives its new head."""
    rows = []
    for ordinal, envelope in enumerate(envelopes):
        body = ev.to_bytes(envelope)
        head = chained(head, body)
        row = {"case_id": envelope.case, "seq": envelope.seq, "command": envelope.command, "ordinal": ordinal}
        rows.append({**row, "recorded": as_text(envelope.recorded), "body": body, "hash": head})
    _JOURNAL.run(connection, rows)
    _UNFOLDED.run(connection, [{"case_id": row["case_id"], "seq": row["seq"]} for row in rows])
    return head


def stand(connection: Connection, before: Case | None, row: dict[str, Any]) -> None:
    """Bring the standing of a case up to date; raises Busy where somebody else was there meanwhile."""
    if before is None:
        _STANDING.run(connection, row)
        return
    done = _RESTAND.run(connection, {"of_case": before.id, "of_seq": before.seq, **row})
    if done.rowcount != 1:
        raise Busy("another writer was first")


_CHANGES = {"end_held": _HELD_END, "held": _HELD, "end_awaited": _AWAITED_END, "awaited": _AWAITED, "finding": _FINDING}


def keep_changes(connection: Connection, changes: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """End and begin intervals of holding and awaiting, and note findings, in the order in which they happened."""
    for what, row in changes:
        _CHANGES[what].run(connection, row)


def keep_access(connection: Connection, case_id: str, rows: list[dict[str, Any]]) -> None:
    """Replace the relations of a case."""
    _ACCESS_END.run(connection, {"of_case": case_id})
    if rows:
        _ACCESS.run(connection, rows)
