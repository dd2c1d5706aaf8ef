"""The journal: events appended to their case's hash chain, and the rows that follow from them, in one transaction."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from sop_engine.case import events as ev
from sop_engine.case import state
from sop_engine.case.access import Relation
from sop_engine.case.apply import apply
from sop_engine.case.stamp import last_cut
from sop_engine.case.state import Case
from sop_engine.store.database import Busy
from sop_engine.store.tables import access, as_text, awaited, held, journal, standing, unfolded

GENESIS = b"\0" * 32
_JOURNAL = insert(journal)
_UNFOLDED = insert(unfolded)
_STANDING = insert(standing)
_RESTAND = update(standing).where(standing.c.case_id == bindparam("of_case"), standing.c.seq == bindparam("of_seq"))
_HELD = insert(held)
_HELD_END = (
    update(held).where(held.c.case_id == bindparam("of_case"), held.c.ended.is_(None)).values(ended=bindparam("at"))
)
_AWAITED = insert(awaited)
_ACCESS = insert(access)
_LOAD = select(standing.c.state, standing.c.head).where(standing.c.case_id == bindparam("of_case"))
_LOAD_TO_WRITE = _LOAD.with_for_update()
_COMMAND = select(journal.c.case_id, journal.c.seq).where(journal.c.command == bindparam("of_command")).limit(1)


def chained(before: bytes, body: bytes) -> bytes:
    """The hash of an event: SHA-256 over the hash before it and its stored bytes."""
    return hashlib.sha256(before + body).digest()


def load(connection: Connection, case_id: str, to_write: bool = False) -> tuple[Case, bytes] | None:
    """A case as it stands and the head of its chain."""
    row = connection.execute(_LOAD_TO_WRITE if to_write else _LOAD, {"of_case": case_id}).first()
    return (state.from_bytes(row.state), row.head) if row is not None else None


def load_known(connection: Connection, case_id: str) -> Case:
    """A case that is there for certain; raises LookupError where the database contradicts itself."""
    loaded = load(connection, case_id)
    if loaded is None:
        raise LookupError(f"case {case_id} has no standing: run 'sop-engine rebuild'")
    return loaded[0]


def acted_before(connection: Connection, command: str) -> str | None:
    """The case on which a command was carried out already."""
    row = connection.execute(_COMMAND, {"of_command": command}).first()
    return row.case_id if row is not None else None


def bodies(connection: Connection, case_id: str) -> list[bytes]:
    """The stored bytes of every event of a case, in order."""
    rows = connection.execute(select(journal.c.body).where(journal.c.case_id == case_id).order_by(journal.c.seq))
    return [bytes(row.body) for row in rows]


def history(connection: Connection, case_id: str) -> Iterator[ev.Envelope]:
    """Every event of a case, in order."""
    return (ev.from_bytes(body) for body in bodies(connection, case_id))


def append(
    connection: Connection, before: Case | None, head: bytes, envelopes: Sequence[ev.Envelope]
) -> tuple[Case, bytes]:
    """Append events to the chain of a case; gives the case after them and its new head."""
    case, rows = before, []
    for ordinal, envelope in enumerate(envelopes):
        body = ev.to_bytes(envelope)
        head = chained(head, body)
        case = apply(case, envelope)
        rows.append(
            {
                "case_id": envelope.case,
                "seq": envelope.seq,
                "command": envelope.command,
                "ordinal": ordinal,
                "recorded": as_text(envelope.recorded),
                "body": body,
                "hash": head,
            }
        )
    assert case is not None
    connection.execute(_JOURNAL, rows)
    connection.execute(_UNFOLDED, [{"case_id": row["case_id"], "seq": row["seq"]} for row in rows])
    return case, head


def project(
    connection: Connection, before: Case | None, after: Case, head: bytes, envelopes: Sequence[ev.Envelope],
    due: datetime | None, check_at: datetime | None,
    relations: Sequence[Relation], relations_before: Sequence[Relation],
) -> None:  # fmt: skip
    """Bring the projections of a case up to its last events."""
    row = standing_row(after, head, due, check_at)
    if before is None:
        connection.execute(_STANDING, row)
    else:
        done = connection.execute(_RESTAND, {"of_case": after.id, "of_seq": before.seq, **row})
        if done.rowcount != 1:
            raise Busy("another writer was first")
    _project_ledgers(connection, before, envelopes)
    if set(relations) != set(relations_before):
        connection.execute(delete(access).where(access.c.case_id == after.id))
        if relations:
            connection.execute(_ACCESS, [access_row(after.id, relation) for relation in relations])


def standing_row(case: Case, head: bytes, due: datetime | None, check_at: datetime | None) -> dict[str, Any]:
    """The row of a case in `standing`."""
    return {
        "case_id": case.id,
        "number": case.number,
        "sop": case.sop,
        "version": case.version,
        "about": case.about,
        "subject": case.subject,
        "status": case.status,
        "stage": case.stage,
        "holder": case.holder,
        "holder_for": case.holder_for,
        "offered_to": case.offer.to if case.offer else None,
        "awaiting": next(iter(case.awaited.values())).body if case.awaited else None,
        "worker": case.worker,
        "with_": case.with_,
        "due": as_text(due) if due else None,
        "check_at": as_text(check_at) if check_at else None,
        "opened": as_text(case.opened),
        "closed": as_text(case.closed) if case.closed else None,
        "outcome": case.outcome,
        "parent": case.parent,
        "seq": case.seq,
        "head": head,
        "state": state.to_bytes(case),
    }


def access_row(case_id: str, relation: Relation) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "agency": relation.agency,
        "relation": relation.relation,
        "until": as_text(relation.until) if relation.until else None,
    }


def ledger_changes(before: Case | None, envelopes: Sequence[ev.Envelope]) -> list[tuple[str, dict[str, Any]]]:
    """What events do to the ledgers: `end_held`, `held`, `end_awaited`, `awaited`, each with its row.

    Holder intervals are cut at *happened*, clamped between the previous cut and *recorded*.
    """
    changes: list[tuple[str, dict[str, Any]]] = []
    case = before
    for envelope in envelopes:
        after = apply(case, envelope)
        here = (after.holder, after.holder_for, after.stage, after.status == "opening")
        was = (case.holder, case.holder_for, case.stage, case.status == "opening") if case else None
        if here != was or isinstance(envelope.event, ev.Entered):
            at = _cut(case, after, envelope)
            if case is not None and case.holder is not None:
                changes.append(("end_held", {"of_case": after.id, "at": as_text(at)}))
            if after.holder is not None:
                stage = after.stage if after.status == "open" else None
                row = {
                    "case_id": after.id,
                    "seq": envelope.seq,
                    "holder": after.holder,
                    "for_agency": after.holder_for,
                }
                changes.append(("held", {**row, "stage": stage, "begun": as_text(at), "ended": None}))
        changes += _awaited_changes(case, after, envelope)
        case = after
    return changes


def _cut(before: Case | None, after: Case, envelope: ev.Envelope) -> datetime:
    at = after.stage_since if isinstance(envelope.event, ev.Entered) else envelope.happened
    return at if before is None else max(last_cut(before), min(at, envelope.recorded))


def _awaited_changes(before: Case | None, after: Case, envelope: ev.Envelope) -> list[tuple[str, dict[str, Any]]]:
    """Whose answer is awaited: a receiver of an offer, an agency for which another acts, a body that was asked."""
    changes: list[tuple[str, dict[str, Any]]] = []
    was = _waited_for(before) if before is not None else {}
    here = _waited_for(after)
    at = as_text(envelope.happened if not isinstance(envelope.event, ev.Entered) else after.stage_since)
    for key in was.keys() - here.keys():
        changes.append(("end_awaited", {"of_case": after.id, "of_key": key, "at": at}))
    for key in here.keys() - was.keys():
        row = {"case_id": after.id, "key": key, "body": here[key], "holder": after.holder}
        changes.append(("awaited", {**row, "begun": at, "ended": None}))
    return changes


def _waited_for(case: Case) -> dict[str, str]:
    waited = {f"answer:{key}:{as_text(state.since)}": state.body for key, state in case.awaited.items()}
    if case.offer is not None:
        waited[f"offer:{case.offer.seq}"] = case.offer.to
    if case.holder_for is not None:
        waited[f"for:{case.holder_seq}"] = case.holder_for
    return waited


_AWAITED_END = (
    update(awaited)
    .where(
        awaited.c.case_id == bindparam("of_case"),
        awaited.c.key == bindparam("of_key"),
        awaited.c.ended.is_(None),
    )
    .values(ended=bindparam("at"))
)


def _project_ledgers(connection: Connection, before: Case | None, envelopes: Sequence[ev.Envelope]) -> None:
    statements = {"end_held": _HELD_END, "held": _HELD, "end_awaited": _AWAITED_END, "awaited": _AWAITED}
    for what, row in ledger_changes(before, envelopes):
        connection.execute(statements[what], row)
