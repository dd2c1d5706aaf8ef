"""Finding cases: every query joins `access`, so that nobody finds what is not theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, func, literal, or_, select, true

from sop_engine.store.prepared import Prepared
from sop_engine.store.tables import NEVER, NOT_CLOSED, access, as_text, from_text, person, standing

MOST_COUNTED = 500
NOBODY = "nobody"
CONTENT = ("holder", "offered", "with", "part", "keeper", "former", "opener")


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list: number and where it stands, nothing of the person."""

    case_id: str
    number: str
    sop: str
    version: str
    status: str
    stage: str | None
    holder: str | None
    holder_for: str | None
    offered_to: str | None
    worker: str | None
    with_: str | None
    due: datetime | None
    opened: datetime
    outcome: str | None
    parent: str | None
    state: bytes


@dataclass(frozen=True, slots=True)
class Shelf:
    """One part of a worklist: its lines (a page of them) and how many there are, counted up to MOST_COUNTED.

    `over` where there may be more than were counted.
    """

    name: str
    lines: list[Line]
    count: int
    over: bool


def _theirs(agency: str, now: datetime) -> ColumnElement[bool]:
    live = or_(access.c.until.is_(None), access.c.until > as_text(now))
    theirs = (access.c.agency == agency, access.c.relation.in_(CONTENT), live)
    return select(literal(1)).where(access.c.case_id == standing.c.case_id, *theirs).exists()


def _playing_a_part(agency: str, now: datetime) -> ColumnElement[bool]:
    """Begins at the agency's few rows of these relations, where `_theirs` begins at the case."""
    live = or_(access.c.until.is_(None), access.c.until > as_text(now))
    playing = (access.c.agency == agency, access.c.relation.in_(("part", "with")), live)
    return standing.c.case_id.in_(select(access.c.case_id).where(*playing))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to: a procedure, a stage of it, a worker (`NOBODY` for cases without one)."""

    sop: str | None = None
    stage: str | None = None
    worker: str | None = None

    def condition(self) -> ColumnElement[bool]:
        """The filter as a condition on `standing`; true where it narrows nothing."""
        wanted = [standing.c.sop == self.sop] if self.sop else []
        wanted += [standing.c.stage == self.stage] if self.stage else []
        if self.worker:
            wanted.append(standing.c.worker.is_(None) if self.worker == NOBODY else standing.c.worker == self.worker)
        return and_(true(), *wanted)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose worklist it is, and what is late (before `now`) or due soon (before `soon`)."""

    agency: str
    person: str
    now: datetime
    soon: datetime


def shelves(connection: Connection, whose: Whose, narrowed: Filter, most: int) -> list[Shelf]:
    """The worklist of a person, shelf by shelf, each with its first lines and its count. Each case stands on one."""
    parts = {name: and_(where, narrowed.condition()) for name, where in _conditions(whose).items()}
    counted = _counts(connection, parts)
    return [_shelf(connection, name, where, most, 0, counted[name]) for name, where in parts.items()]


def shelf(connection: Connection, name: str, whose: Whose, narrowed: Filter, most: int, skip: int) -> Shelf | None:
    """One shelf of a worklist from a line on; None where there is no shelf of this name."""
    where = _conditions(whose).get(name)
    if where is None:
        return None
    whole = and_(where, narrowed.condition())
    return _shelf(connection, name, whole, most, skip, _counts(connection, {name: whole})[name])


def counts(connection: Connection, whose: Whose) -> dict[str, int]:
    """How many cases stand on each shelf, counted up to MOST_COUNTED."""
    return _counts(connection, _conditions(whose))


def _counts(connection: Connection, parts: Mapping[str, ColumnElement[bool]]) -> dict[str, int]:
    """How many cases fit each condition, counted up to MOST_COUNTED, in one statement."""
    columns = []
    for name, where in parts.items():
        some = select(literal(1)).select_from(standing).where(where).limit(MOST_COUNTED).subquery()
        columns.append(select(func.count()).select_from(some).scalar_subquery().label(name))
    row = connection.execute(select(*columns)).one()
    return dict(zip(parts, row, strict=True))


def _conditions(whose: Whose) -> dict[str, ColumnElement[bool]]:
    """What stands on each shelf, those that burn most first; only what is the agency's own to see.

    A case of the agency's own is late, due soon, or else waits for somebody, is this person's, nobody's or a
    colleague's; one of others is offered, or else the agency takes part in it: each stands on one shelf only.
    """
    agency, now, soon = whose.agency, as_text(whose.now), as_text(whose.soon)
    ours = and_(standing.c.holder == agency, NOT_CLOSED)
    later = and_(ours, standing.c.due >= soon)
    not_offered = or_(standing.c.offered_to.is_(None), standing.c.offered_to != agency)
    parts: dict[str, ColumnElement[bool]] = {
        "offered": standing.c.offered_to == agency,
        "late": and_(ours, standing.c.due < now),
        "soon": and_(ours, standing.c.due >= now, standing.c.due < soon),
        "awaiting": and_(later, standing.c.tray == "waits"),
        "mine": and_(later, standing.c.tray == "somebody", standing.c.worker == whose.person),
        "unassigned": and_(later, standing.c.tray == "nobody"),
        "colleagues": and_(later, standing.c.tray == "somebody", standing.c.worker != whose.person),
        "taking_part": and_(NOT_CLOSED, standing.c.holder != agency, not_offered, _playing_a_part(agency, whose.now)),
    }
    return {name: and_(_theirs(agency, whose.now), where) for name, where in parts.items()}


def _shelf(connection: Connection, name: str, where: ColumnElement[bool], most: int, skip: int, count: int) -> Shelf:
    # What is offered is due when it is to be answered, whatever time the sender still has.
    urgent = standing.c.answer_by if name == "offered" else standing.c.due
    ordered = _lines().where(where).order_by(urgent, standing.c.number)
    lines = [_line(row) for row in connection.execute(ordered.limit(most).offset(skip))]
    return Shelf(name, lines, count, count == MOST_COUNTED)


def by_number_after(
    connection: Connection, agency: str, now: datetime, narrowed: Filter, status: str, after: str, most: int
) -> list[Line]:
    """Cases of an agency in the order of their numbers, from after one on; of a status (open, closed or all)."""
    closed = standing.c.status == "closed"
    wanted = [closed if status == "closed" else NOT_CLOSED] if status != "all" else []
    where = and_(_theirs(agency, now), narrowed.condition(), standing.c.number > after, *wanted)
    return [_line(row) for row in connection.execute(_lines().where(where).order_by(standing.c.number).limit(most))]


def offered_together(connection: Connection, agency: str) -> dict[str, int]:
    """The cases that opened several which are now offered to an agency: how many, by their ids."""
    query = select(standing.c.parent, func.count().label("n")).where(
        standing.c.offered_to == agency, standing.c.parent.is_not(None)
    )
    rows = connection.execute(query.group_by(standing.c.parent).having(func.count() > 1))
    return {row.parent: row.n for row in rows}


def offered_of(connection: Connection, agency: str, parent: str) -> list[str]:
    """The ids of the cases of one operation that are offered to an agency."""
    query = select(standing.c.case_id).where(standing.c.offered_to == agency, standing.c.parent == parent)
    return [row.case_id for row in connection.execute(query.order_by(standing.c.number))]


def loads(connection: Connection, agency: str, now: datetime) -> dict[str, tuple[int, int]]:
    """How many open cases of an agency each of its workers has, and how many of them are late."""
    late = func.sum(case((standing.c.due < as_text(now), 1), else_=0))
    query = select(standing.c.worker, func.count().label("n"), late.label("late")).where(
        standing.c.holder == agency, NOT_CLOSED, standing.c.worker.is_not(None), _theirs(agency, now)
    )
    return {row.worker: (row.n, int(row.late)) for row in connection.execute(query.group_by(standing.c.worker))}


def _lines() -> Select[tuple[object, ...]]:
    return select(
        *(
            column
            for column in standing.c
            if column.name not in ("about", "subject", "answer_by", "tray", "check_at", "closed", "seq", "head")
        )
    )


def _line(row: Row[tuple[object, ...]]) -> Line:
    return Line(
        row.case_id, row.number, row.sop, row.version, row.status, row.stage, row.holder, row.holder_for,
        row.offered_to, row.worker, row.with_, from_text(row.due) if row.due != NEVER else None, from_text(row.opened),
        row.outcome, row.parent, row.state,
    )  # fmt: skip


_RELATIONS = Prepared(
    select(access.c.relation).where(
        access.c.case_id == bindparam("of_case"),
        access.c.agency == bindparam("of_agency"),
        or_(access.c.person == "", access.c.person == bindparam("of_person")),
        or_(access.c.until.is_(None), access.c.until > bindparam("now")),
    )
)
# One statement whether there is no such case or only none of theirs: time is not to tell the two apart.
_RELATIONS_BY_NUMBER = Prepared(
    select(access.c.case_id, access.c.relation)
    .join(standing, standing.c.case_id == access.c.case_id)
    .where(
        standing.c.number == bindparam("of_number"),
        access.c.agency == bindparam("of_agency"),
        or_(access.c.person == "", access.c.person == bindparam("of_person")),
        or_(access.c.until.is_(None), access.c.until > bindparam("now")),
    )
)
_BY_NUMBER = Prepared(select(standing.c.case_id).where(standing.c.number == bindparam("of_number")))


def relations_of(connection: Connection, case_id: str, agency: str, now: datetime, person: str = "") -> set[str]:
    """The relations of an agency to a case that hold now, with those of one `person` of it alone."""
    asked = {"of_case": case_id, "of_agency": agency, "of_person": person, "now": as_text(now)}
    return {row.relation for row in _RELATIONS.run(connection, asked)}


def relations_by_number(
    connection: Connection, number: str, agency: str, now: datetime, person: str = ""
) -> tuple[str | None, set[str]]:
    """The id of the case with a number and the relations to it that hold now; None and nothing where there is none."""
    asked = {"of_number": number, "of_agency": agency, "of_person": person, "now": as_text(now)}
    rows = list(_RELATIONS_BY_NUMBER.run(connection, asked))
    return (rows[0].case_id if rows else None), {row.relation for row in rows}


def open_in_emergency(connection: Connection, agency: str, person: str, now: datetime) -> list[tuple[str, datetime]]:
    """The numbers of the cases that a person reads in an emergency now, each with the end of it."""
    hers = (access.c.agency == agency, access.c.relation == "emergency", access.c.person == person)
    query = select(standing.c.number, access.c.until).join(standing, standing.c.case_id == access.c.case_id)
    rows = connection.execute(query.where(*hers, access.c.until > as_text(now)).order_by(access.c.until))
    return [(row.number, from_text(row.until)) for row in rows]


def relations_to(connection: Connection, ids: Sequence[str], agency: str, now: datetime) -> dict[str, set[str]]:
    """The relations of an agency to each of these cases that hold now; cases without one are left out."""
    live = or_(access.c.until.is_(None), access.c.until > as_text(now))
    where = (access.c.case_id.in_(ids), access.c.agency == agency, access.c.person == "", live)
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(access.c.case_id, access.c.relation).where(*where)):
        found.setdefault(row.case_id, set()).add(row.relation)
    return found


def by_number(connection: Connection, number: str) -> str | None:
    """The id of a case by its number."""
    row = _BY_NUMBER.run(connection, {"of_number": number}).first()
    return row.case_id if row is not None else None


def by_ids(connection: Connection, ids: list[str]) -> list[Line]:
    """The lines of these cases."""
    if not ids:
        return []
    return [
        _line(row)
        for row in connection.execute(_lines().where(standing.c.case_id.in_(ids)).order_by(standing.c.number))
    ]


def overdue(connection: Connection, after: datetime, until: datetime) -> list[Line]:
    """The open cases whose time was over between two moments, of agencies that have people here."""
    due = and_(standing.c.due > as_text(after), standing.c.due <= as_text(until))
    # Holders are named, for the index of cases by due time begins with them.
    where = and_(standing.c.holder.in_(select(person.c.agency).distinct()), NOT_CLOSED, due)
    return [_line(row) for row in connection.execute(_lines().where(where))]


def children_of(connection: Connection, parent: str) -> list[Line]:
    """The cases that a case opened."""
    return [
        _line(row)
        for row in connection.execute(_lines().where(standing.c.parent == parent).order_by(standing.c.number))
    ]


def about(connection: Connection, subject: str, sop: str) -> list[str]:
    """The ids of the cases of an SOP about a subject that are not closed."""
    where = and_(standing.c.subject == subject, standing.c.sop == sop, standing.c.status != "closed")
    return [row.case_id for row in connection.execute(select(standing.c.case_id).where(where))]


def of_subject(connection: Connection, subject: str, sop: str) -> list[Line]:
    """Every case of an SOP about a subject, closed ones too."""
    where = and_(standing.c.subject == subject, standing.c.sop == sop)
    return [_line(row) for row in connection.execute(_lines().where(where).order_by(standing.c.opened))]


def going_on(connection: Connection, sop: str) -> list[Line]:
    """The cases of an SOP that are not closed."""
    where = and_(standing.c.sop == sop, standing.c.status != "closed")
    return [_line(row) for row in connection.execute(_lines().where(where).order_by(standing.c.opened))]


def ended_last(connection: Connection, sop: str, so: Sequence[str], after_it: Sequence[str]) -> list[Line]:
    """The cases of an SOP that ended so, unless a later one about the same subject ended in one of `after_it`."""
    later = standing.alias("later")
    replaced = select(literal(1)).where(
        later.c.sop == sop,
        later.c.subject == standing.c.subject,
        later.c.outcome.in_(after_it),
        later.c.closed > standing.c.closed,
    )
    where = and_(standing.c.sop == sop, standing.c.outcome.in_(so), ~replaced.exists())
    return [_line(row) for row in connection.execute(_lines().where(where).order_by(standing.c.opened))]
