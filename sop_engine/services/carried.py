"""What came along with a case, and what tells apart the cases that one opened: read with the reader's key."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.access import is_kept_from
from sop_engine.case.ground import Ground
from sop_engine.case.reading import seen
from sop_engine.case.state import Case
from sop_engine.sop.language import Field, Spawn
from sop_engine.store import vault

OPENED = 1
Answer = tuple[Field, Any]


def came_along(
    connection: Connection, ground: Ground, case: Case, first: ev.Envelope, agency: str, key: bytes | None
) -> dict[str, Any]:
    """The answers with which a case was opened, in the order of its fields; closed ones where there is a key.

    What is not for the agency stands there as `Withheld`, here and in all that this module gives.
    """
    values: dict[str, Any] = dict(first.event.values) if isinstance(first.event, ev.Opened) else {}
    if key is not None:
        closed = vault.of_event(connection, key, case.subject, case.id, OPENED)
        values |= {name: seen(ground, case, agency, name, value, first.agency) for name, value in closed.items()}
    hidden = kept_fields(ground, case, agency)
    return {name: values[name] for name in map(str, ground.procedure.fields) if name in values and name not in hidden}


def kept_fields(ground: Ground, case: Case, agency: str) -> set[str]:
    """The fields of the steps that are kept from an agency."""
    forms = (
        ground.procedure.form_of(step)
        for name, (_, step) in ground.procedure.steps.items()
        if is_kept_from(ground, case, name, agency)
    )
    return {str(field) for form in forms if form is not None for field in form.fields()}


def told_apart(
    connection: Connection,
    ground: Ground,
    case: Case,
    envelopes: Sequence[ev.Envelope],
    agency: str,
    key: bytes | None,
) -> dict[str, list[Answer]]:
    """For each case opened for a row of a list, what travelled of this row, such as its token, by the case's id.

    The row is read as it stood when the case was opened, for a later correction may have moved it.
    """
    born = [
        (envelope.seq, child, ground.spawn_of(envelope.event.name, envelope.event.exit))
        for envelope in envelopes
        if isinstance(envelope.event, ev.Spawned)
        for child in envelope.event.children
        if child.row is not None
    ]
    named = {child.id: names for _, child, spawn in born if (names := _cells(ground, case, spawn, child.row, agency))}
    if key is None or not named:
        return {}
    cells = {cell for names in named.values() for cell in names}
    written = vault.by_event(connection, key, case.subject, case.id, cells)
    before = {child.id: seq for seq, child, _ in born}
    by = {envelope.seq: envelope.agency for envelope in envelopes}
    theirs = {
        seq: {name: seen(ground, case, agency, name, value, by.get(seq)) for name, value in values.items()}
        for seq, values in written.items()
    }
    found = {child: _as_written(ground, case, theirs, names, before[child]) for child, names in named.items()}
    return {child: answers for child, answers in found.items() if answers}


def _cells(ground: Ground, case: Case, spawn: Spawn, row: int | None, agency: str) -> list[str]:
    """The closed cells of a row that travel with the case opened for it, unless their step is kept from the agency."""
    step, _, field = str(spawn.for_each or "").partition(".")
    if step not in ground.procedure.steps or is_kept_from(ground, case, step, agency):
        return []
    columns = ground.procedure.fields[field].row
    return [f"{field}.{row}.{name}" for name in spawn.carry if name in columns and not columns[name].open]


def _as_written(
    ground: Ground, case: Case, written: Mapping[int, Mapping[str, Any]], names: Sequence[str], before: int
) -> list[Answer]:
    """The last that was written in these cells before an event, but for what was recorded in part."""
    latest: dict[str, Any] = {}
    for seq in sorted(seq for seq in written if seq < before and seq not in case.drafts):
        latest |= written[seq]
    return [(_column(ground, name), latest[name]) for name in names if latest.get(name)]


def _column(ground: Ground, cell: str) -> Field:
    field, _, column = cell.split(".")
    return ground.procedure.fields[field].row[column]
