"""A person's day: what waits for her, what is offered to her agency, late, due, hers and her agency's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sop_engine.case import state as case_state
from sop_engine.case.accountability import Accountability, accountability
from sop_engine.case.directory import Directory
from sop_engine.case.escalation import reminded
from sop_engine.case.items import INBOXES
from sop_engine.case.state import Case
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation
from sop_engine.services.work import Inbox, inbox_in, note_read, waiting_in
from sop_engine.sop.language import Text
from sop_engine.store import people, procedures, worklists
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.worklists import NOBODY, Filter, Line, Whose

__all__ = [
    "NOBODY", "Choices", "Filter", "Row", "ShelfPage", "ShelfView", "Worklist", "counts_of", "numbers_of", "offered_of",
    "shelf_of",
    "worklist_of",
]  # fmt: skip
SOON = timedelta(days=2)
FIRST_LINES = 8
A_PAGE = 25
MOST_PAGES = 10_000
EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list, with its strip.

    `reminded` is the share (percent) of the time of which it last reminded, where time runs and is not over; `waits`
    tells whose answer is awaited and since when, `home` the home that the case is about.
    """

    number: str
    sop: Text
    strip: Accountability
    due: datetime | None
    reminded: int | None
    status: str
    worker: str | None
    from_agency: str | None
    answer_by: datetime | None
    waits: tuple[str, datetime] | None
    home: str | None


@dataclass(frozen=True, slots=True)
class ShelfView:
    name: str
    count: int
    over: bool
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list can be narrowed to: procedures and their stages with titles, and the people of the agency."""

    sops: dict[str, Text]
    stages: dict[str, dict[str, Text]]
    workers: list[Account]


@dataclass(frozen=True, slots=True)
class Worklist:
    """What a person's day holds. `operations` counts the offers of each operation that can be accepted together.

    `emergencies` are the numbers of cases that she reads in an emergency, each with the end of it.
    """

    inboxes: list[Inbox]
    shelves: list[ShelfView]
    operations: dict[str, int]
    emergencies: list[tuple[str, datetime]]
    choices: Choices
    names: Mapping[str, str]
    directory: Directory
    now: datetime


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """One page of one shelf or inbox, counted from 1; `further` says whether there is another after it."""

    shelf: ShelfView | Inbox
    page: int
    further: bool
    choices: Choices
    names: Mapping[str, str]
    directory: Directory
    now: datetime


def worklist_of(inst: Installation, account: Account, narrowed: Filter = EVERYTHING) -> Worklist:
    """The worklist of a person, narrowed by a filter; what waits for her own hand is never narrowed."""
    whose = _whose(inst, account)
    with looking(inst.engine) as connection:
        found = worklists.shelves(connection, whose, narrowed, FIRST_LINES)
        shelves = [
            ShelfView(shelf.name, shelf.count, shelf.over, _rows(inst, connection, shelf.lines, whose.now))
            for shelf in found
        ]
        together = worklists.offered_together(connection, account.agency)
        numbers = {line.case_id: line.number for line in worklists.by_ids(connection, sorted(together))}
        day = Worklist(
            inboxes=[inbox_in(inst, connection, account, name, FIRST_LINES) for name in INBOXES],
            shelves=shelves,
            operations={numbers[parent]: count for parent, count in together.items() if parent in numbers},
            emergencies=worklists.open_in_emergency(connection, account.agency, account.id, whose.now),
            choices=_choices(inst, connection, account),
            names=_names(connection, [row for shelf in shelves for row in shelf.rows]),
            directory=inst.directory(connection),
            now=whose.now,
        )
    note_read(inst, account, day.inboxes)
    return day


def shelf_of(inst: Installation, account: Account, name: str, page: int, narrowed: Filter = EVERYTHING) -> ShelfPage:
    """A page of one shelf or inbox of a person's worklist; raises NotFound where there is none of this name."""
    whose, page = _whose(inst, account), max(1, min(page, MOST_PAGES))
    skip = (page - 1) * A_PAGE
    with looking(inst.engine) as connection:
        shelf: ShelfView | Inbox
        if name in INBOXES:
            inbox = inbox_in(inst, connection, account, name, A_PAGE + 1, skip)
            shelf, found = Inbox(name, inbox.rows[:A_PAGE], inbox.count, inbox.over), len(inbox.rows)
            names: Mapping[str, str] = {}
        else:
            lines = worklists.shelf(connection, name, whose, narrowed, A_PAGE + 1, skip)
            if lines is None:
                raise NotFound(name)
            rows = _rows(inst, connection, lines.lines[:A_PAGE], whose.now)
            shelf, found = ShelfView(lines.name, lines.count, lines.over, rows), len(lines.lines)
            names = _names(connection, rows)
        choices = _choices(inst, connection, account)
        one = ShelfPage(shelf, page, found > A_PAGE, choices, names, inst.directory(connection), whose.now)
    note_read(inst, account, [shelf] if isinstance(shelf, Inbox) else [])
    return one


def counts_of(inst: Installation, account: Account) -> dict[str, int]:
    """How much stands on each shelf and in each inbox of a person now, each counted up to 500."""
    with looking(inst.engine) as connection:
        shelves = worklists.counts(connection, _whose(inst, account))
        return {**waiting_in(inst, connection, account), **shelves}


def offered_of(inst: Installation, account: Account, operation: str) -> list[tuple[str, str]]:
    """The cases that one operation offers to somebody's agency: ids and numbers."""
    with looking(inst.engine) as connection:
        parent = worklists.by_number(connection, operation)
        ids = worklists.offered_of(connection, account.agency, parent) if parent is not None else []
        return [(line.case_id, line.number) for line in worklists.by_ids(connection, ids)]


def numbers_of(inst: Installation, account: Account, name: str, narrowed: Filter, most: int) -> list[str]:
    """The numbers of the cases of a whole shelf, at most so many."""
    with looking(inst.engine) as connection:
        found = worklists.shelf(connection, name, _whose(inst, account), narrowed, most, 0)
    return [line.number for line in found.lines] if found is not None else []


def _whose(inst: Installation, account: Account) -> Whose:
    now = inst.clock()
    return Whose(account.agency, account.id, now, now + SOON)


def _rows(inst: Installation, connection: Connection, lines: Sequence[Line], now: datetime) -> list[Row]:
    return [_row(inst, connection, line, now) for line in lines]


def _row(inst: Installation, connection: Connection, line: Line, now: datetime) -> Row:
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
        worker=line.worker,
        from_agency=case.offer.by if case.offer else None,
        answer_by=case.offer.answer_by if case.offer else None,
        waits=_waits(case),
        home=case.home,
    )


def _waits(case: Case) -> tuple[str, datetime] | None:
    """Whose answer is awaited longest, and since when."""
    waited = [(state.body, state.since) for state in case.awaited.values()]
    if case.offer is not None:
        waited.append((case.offer.to, case.offer.made))
    return min(waited, key=lambda one: one[1], default=None)


def _names(connection: Connection, rows: Sequence[Row]) -> Mapping[str, str]:
    return people.names(connection, {row.worker for row in rows if row.worker is not None})


def _choices(inst: Installation, connection: Connection, account: Account) -> Choices:
    """What there is to choose from: the procedures in force, in which the agency may have cases, and its people."""
    found = {
        name: inst.ground(connection, version).procedure.sop
        for name, version in sorted(procedures.current(connection).items())
    }
    return Choices(
        sops={name: sop.title for name, sop in found.items()},
        stages={name: {str(code): stage.title for code, stage in sop.stages.items()} for name, sop in found.items()},
        workers=people.workers_of(connection, account.agency),
    )
