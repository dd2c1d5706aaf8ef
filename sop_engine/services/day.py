"""A person's day: what is offered to her agency, late, due, hers and her agency's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sop_engine.case import state as case_state
from sop_engine.case.accountability import Accountability, accountability
from sop_engine.case.directory import Directory
from sop_engine.case.escalation import reminded
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Text
from sop_engine.store import worklists
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.worklists import Line

SOON = timedelta(days=2)
A_PAGE = 50
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list, with its strip.

    `reminded` is the share (percent) of the time of which it last reminded, where time runs and is not over.
    """

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


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """One page of one shelf, counted from 1; `further` says whether there is another after it."""

    shelf: ShelfView
    page: int
    further: bool
    directory: Directory
    now: datetime


def worklist_of(inst: Installation, account: Account) -> Worklist:
    """The worklist of a person."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        directory = inst.directory(connection)
        found = worklists.shelves(connection, account.agency, account.id, now, now + SOON, A_PAGE)
        lines = [line for shelf in found for line in shelf.lines]
        rows = {
            line.case_id: row for line, row in zip(lines, _rows(inst, connection, lines, account, now), strict=True)
        }
        shelves = [
            ShelfView(shelf.name, shelf.count, shelf.over, [rows[line.case_id] for line in shelf.lines])
            for shelf in found
        ]
    operations: dict[str, int] = {}
    for row in shelves[0].rows:
        if row.operation is not None:
            operations[row.operation] = operations.get(row.operation, 0) + 1
    return Worklist(shelves, {number: n for number, n in operations.items() if n > 1}, directory, now)


def shelf_of(inst: Installation, account: Account, name: str, page: int) -> ShelfPage:
    """A page of one shelf of a person's worklist; raises NotFound where there is no such shelf."""
    now, page = inst.clock(), max(1, min(page, MOST_PAGES))
    with looking(inst.engine) as connection:
        skip = (page - 1) * A_PAGE
        found = worklists.shelf(connection, name, account.agency, account.id, now, now + SOON, A_PAGE + 1, skip)
        if found is None:
            raise NotFound(name)
        rows = _rows(inst, connection, found.lines[:A_PAGE], account, now)
        shelf = ShelfView(found.name, found.count, found.over, rows)
        return ShelfPage(shelf, page, len(found.lines) > A_PAGE, inst.directory(connection), now)


def _rows(
    inst: Installation, connection: Connection, lines: Sequence[Line], account: Account, now: datetime
) -> list[Row]:
    parents = sorted({line.parent for line in lines if line.parent})
    numbers = {line.case_id: line.number for line in worklists.by_ids(connection, parents)}
    return [_row(inst, connection, line, account, numbers, now) for line in lines]


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
    strip = accountability(ground, case, now)
    over = strip.until is not None and strip.until.at < now
    return Row(
        number=line.number,
        sop=ground.procedure.sop.title,
        strip=strip,
        due=line.due,
        reminded=reminded(case) if not over and strip.on_hold is None else None,
        status=line.status,
        mine=line.worker == account.id,
        from_agency=case.offer.by if case.offer else None,
        answer_by=case.offer.answer_by if case.offer else None,
        operation=numbers.get(line.parent) if line.parent else None,
    )
