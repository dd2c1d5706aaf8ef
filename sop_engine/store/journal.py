"""The journal: events appended to their case's hash chain, and the rows that follow from them, in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from sop_engine.audit import chained
from sop_engine.case import events as ev
from sop_engine.case import state
from sop_engine.case.state import Case
from sop_engine.store.prepared import Prepared, Rows
from sop_engine.store.tables import access, as_text, awaited, finding, held, item, journal, standing, unfolded

By = Literal["case_id", "number"]
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
_ITEM = Prepared(insert(item))
_ITEM_END = Prepared(delete(item).where(item.c.case_id == bindparam("of_case")))
_FINDING = Prepared(insert(finding))
_LOAD = Prepared(select(standing.c.state, standing.c.head).where(standing.c.case_id == bindparam("of_case")))
_RELATED = and_(
    access.c.case_id == standing.c.case_id,
    access.c.agency == bindparam("of_agency"),
    access.c.person == "",
    or_(access.c.until.is_(None), access.c.until > bindparam("now")),
)
# By what a case is found, and whether it is found where the agency has nothing to do with it.
_TO_WRITE = {
    (by, whosever): Prepared(
        select(standing.c.state, standing.c.head, access.c.relation)
        .select_from(standing.join(access, _RELATED, isouter=whosever))
        .where(standing.c[by] == bindparam("of_key"))
        .with_for_update(of=standing)
    )
    for by in ("case_id", "number")
    for whosever in (True, False)
}
_COMMAND = Prepared(select(journal.c.case_id).where(journal.c.command == bindparam("of_command")).limit(1))
_EVENTS = select(journal.c.body).where(journal.c.case_id == bindparam("of_case"))
_BODIES = Prepared(_EVENTS.order_by(journal.c.seq))
_BODY = Prepared(_EVENTS.where(journal.c.seq == bindparam("of_seq")))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case, the head of its chain, and how the agency that asked is related to it now.

    What one person may look at in an emergency is no relation of her agency: nothing is ever written by it.
    """

    case: Case
    head: bytes
    relations: frozenset[str]


def load(connection: Connection, case_id: str) -> tuple[Case, bytes] | None:
    """A case as it stands and the head of its chain."""
    row = _LOAD.run(connection, {"of_case": case_id}).first()
    return (state.from_bytes(row.state), bytes(row.head)) if row is not None else None


def load_to_write(
    connection: Connection, by: By, key: str, agency: str, now: datetime, whosever: bool = True
) -> Loaded | None:
    """A case by its id or number, which nobody else can write before this transaction ends.

    Unless it is wanted `whosever` it is, a case to which the agency has no relation is neither read nor held up: that
    takes as long as one that is not there.
    """
    rows = list(_TO_WRITE[by, whosever].run(connection, {"of_key": key, "of_agency": agency, "now": as_text(now)}))
    if not rows:
        return None
    related = frozenset(row.relation for row in rows if row.relation is not None)
    return Loaded(state.from_bytes(rows[0].state), bytes(rows[0].head), related)


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


def acted_otherwise(connection: Connection, beginning: str, command: str) -> bool:
    """Whether another command whose id begins so was carried out; what follows the id of a command is a part of it."""
    other = func.substr(journal.c.command, 1, len(command)) != command
    ours = (journal.c.command >= beginning, journal.c.command < beginning + "g", other)
    return connection.execute(select(journal.c.case_id).where(*ours).limit(1)).first() is not None


def bodies(connection: Connection, case_id: str) -> list[bytes]:
    """The stored bytes of every event of a case, in order."""
    return [as_found(row.body) for row in _BODIES.run(connection, {"of_case": case_id})]


def as_found(value: bytes | str) -> bytes:
    """The bytes of a row. SQLite gives text where somebody wrote text into it: an audit names it and does not fall."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)


def history(connection: Connection, case_id: str) -> Iterator[ev.Envelope]:
    """Every event of a case, in order."""
    return (ev.from_bytes(body) for body in bodies(connection, case_id))


def event(connection: Connection, case_id: str, seq: int) -> ev.Envelope:
    """One event of a case."""
    row = _BODY.run(connection, {"of_case": case_id, "of_seq": seq}).one()
    return ev.from_bytes(bytes(row.body))


def files_standing(connection: Connection) -> set[str]:
    """The files that the standing of any case names: quick, and enough to tell what is surely there."""
    rows = connection.execute(select(standing.c.state)).yield_per(1_000)
    cases = (state.from_bytes(row.state) for row in rows if b'"files"' in row.state)
    return {one.file.id for case in cases for step in case.steps.values() for one in step.files}


def files_named(connection: Connection) -> set[str]:
    """The files that any event names, from the journal alone; none of a case whose words were erased."""
    found: dict[str, set[str]] = {}
    erased: set[str] = set()
    for row in connection.execute(select(journal.c.case_id, journal.c.body)).yield_per(1_000):
        body = bytes(row.body)
        if b'"document_attached"' not in body and b'"erased"' not in body:
            continue
        event = ev.from_bytes(body).event
        if isinstance(event, ev.Erased):
            erased.add(row.case_id)
        elif isinstance(event, ev.DocumentAttached) and event.file is not None:
            found.setdefault(row.case_id, set()).add(event.file.id)
    return {file for case_id, files in found.items() if case_id not in erased for file in files}


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


def stand(connection: Connection, before: Case | None, row: dict[str, Any]) -> Rows:
    """Bring the standing of a case up to date: one row, or none where somebody else was there meanwhile."""
    if before is None:
        return _STANDING.run(connection, row)
    return _RESTAND.run(connection, {"of_case": before.id, "of_seq": before.seq, **row})


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


def keep_items(connection: Connection, case_id: str, rows: list[dict[str, Any]]) -> None:
    """Replace the work items of a case."""
    _ITEM_END.run(connection, {"of_case": case_id})
    if rows:
        _ITEM.run(connection, rows)
