"""A person's day: what is offered to her agency, late, due, hers and her agency's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sop_engine.case import state as case_state
from sop_engine.case.accountability import Accountability, accountability
from sop_engine.case.directory import Directory
from sop_engine.case.escalation import reminded
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Text
from sop_engine.store import worklists
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.worklists import Line

SOON = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list, with its strip; `reminded` is the share (percent) of the time of which it last reminded."""

    number: str
    sop: Text
    strip: Accountability
    due: datetime | None
    reminded: int | None
    status: str
    mine: bool
    from_agency: str | None
    answer_by: datetime | None
    operation: str | None


@dataclass(frozen=True, slots=True)
class ShelfView:
    name: str
    count: int
    over: bool
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Worklist:
    """What a person's day holds. `operations` counts the offers of each operation that can be accepted together."""

    shelves: list[ShelfView]
    operations: dict[str, int]
    directory: Directory
    now: datetime


def worklist_of(inst: Installation, account: Account) -> Worklist:
    """The worklist of a person."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        directory = inst.directory(connection)
        found = worklists.shelves(connection, account.agency, account.id, now, now + SOON)
        parents = {line.parent for shelf in found for line in shelf.lines if line.parent}
        numbers = {line.case_id: line.number for line in worklists.by_ids(connection, sorted(p for p in parents if p))}
        shelves = [
            ShelfView(
                shelf.name,
                shelf.count,
                shelf.over,
                [_row(inst, connection, line, account, numbers, now) for line in shelf.lines],
            )
            for shelf in found
        ]
    operations: dict[str, int] = {}
    for row in shelves[0].rows:
        if row.operation is not None:
            operations[row.operation] = operations.get(row.operation, 0) + 1
    return Worklist(shelves, {number: n for number, n in operations.items() if n > 1}, directory, now)


def _row(
    inst: Installation,
    connection: Connection,
    line: Line,
    account: Account,
    numbers: Mapping[str, str],
    now: datetime,
) -> Row:
    ground = inst.ground(connection, line.version)
    case = case_state.from_bytes(line.state)
    return Row(
        number=line.number,
        sop=ground.procedure.sop.title,
        strip=accountability(ground, case, now),
        due=line.due,
        reminded=reminded(case),
        status=line.status,
        mine=line.worker == account.id,
        from_agency=case.offer.by if case.offer else None,
        answer_by=case.offer.answer_by if case.offer else None,
        operation=numbers.get(line.parent) if line.parent else None,
    )
