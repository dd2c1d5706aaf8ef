"""What is new for whom: rows that only point at an event of a case; what is not so any more is left out by every query.

Whether something is still so, and still hers to know, is asked of the rows of the case and of the person at each look.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)  # fmt: skip

from sop_engine.case import events as ev
from sop_engine.case.items import INBOXES
from sop_engine.store.tables import (
    NOT_CLOSED,
    access,
    as_text,
    from_text,
    item,
    journal,
    mailing,
    notice,
    person,
    standing,
)  # fmt: skip

KINDS = ("emergency", "offered", "assigned", "to_sign", "asked", "soon", "late", "note", "answer")
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class News:
    """Something that a person of an agency is to be told: event `seq` of a case, or the stage that began with it."""

    person: str
    case_id: str
    kind: str
    seq: int
    agency: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """Something new in a list: the number of its case, what kind of news, and since when.

    Of an answer, which: yes, no, given (a service), done or dropped (a task); None where the event does not say.
    `opens` is False where she is told of what a colleague did in a case, and not of the case.
    """

    number: str
    kind: str
    seq: int
    since: datetime
    answer: str | None
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Unmailed:
    """Something new of which a person may be told by e-mail, unless she chose otherwise."""

    person: str
    case_id: str
    kind: str
    since: datetime


def _asked(kinds: Sequence[str]) -> ColumnElement[bool]:
    """Whether a work item of these kinds waits for the person of a notice, in a role that she has now."""
    in_role = func.replace(person.c.roles, literal('"') + item.c.role + literal('"'), "") != person.c.roles
    return (
        select(literal(1))
        .where(
            item.c.case_id == notice.c.case_id,
            item.c.agency == notice.c.agency,
            item.c.kind.in_(list(kinds)),
            or_(item.c.role.is_(None), in_role),
            or_(item.c.but_not.is_(None), item.c.but_not != person.c.id),
            or_(item.c.worker.is_(None), item.c.worker == person.c.id),
        )
        .exists()
    )


_NOW: BindParameter[str] = bindparam("now")
_OF_AGENCY = and_(access.c.case_id == notice.c.case_id, access.c.agency == notice.c.agency)
_LIVE = or_(access.c.until.is_(None), access.c.until > _NOW)
_THEIRS = select(literal(1)).where(_OF_AGENCY, access.c.person == "", _LIVE).exists()
# Whoever answers for a colleague is told of what she opened, and not of the case.
_OF_COLLEAGUE = select(literal(1)).where(_OF_AGENCY, access.c.relation == "emergency").exists()


def _still_so() -> ColumnElement[bool]:
    """Whether a notice is true now and its person may know of the case; the moment is the parameter `now`."""
    now = _NOW
    ours = and_(standing.c.holder == notice.c.agency, NOT_CLOSED)
    hers = and_(ours, or_(standing.c.worker.is_(None), standing.c.worker == person.c.id))
    so: dict[str, ColumnElement[bool]] = {
        "offered": standing.c.offered_to == notice.c.agency,
        "assigned": and_(ours, standing.c.worker == person.c.id),
        "to_sign": _asked(INBOXES["to_sign"]),
        "asked": _asked(INBOXES["asked"]),
        "soon": and_(hers, standing.c.due >= now),
        "late": and_(hers, standing.c.due < now),
        "note": true(),
        "answer": true(),
        "emergency": true(),
    }
    kinds = or_(*(and_(notice.c.kind == kind, condition) for kind, condition in so.items()))
    told = or_(_THEIRS, and_(notice.c.kind == "emergency", _OF_COLLEAGUE))
    return and_(person.c.agency == notice.c.agency, told, kinds)


def _unread(*columns: ColumnElement[Any]) -> Select[Any]:
    """Everything that is new for people, as it is now."""
    return (
        select(*columns)
        .select_from(notice)
        .join(person, person.c.id == notice.c.person)
        .join(standing, standing.c.case_id == notice.c.case_id)
        .where(notice.c.read.is_(None), _still_so())
    )


_OF_PERSON = notice.c.person == bindparam("of_person")
# How much is new for the person `of_person` at the moment `now`: a column for other statements.
COUNT = (
    select(func.count())
    .select_from(_unread(literal(1)).where(_OF_PERSON).limit(MOST_COUNTED).subquery())
    .scalar_subquery()
)
_EVENT = and_(notice.c.kind == "answer", journal.c.case_id == notice.c.case_id, journal.c.seq == notice.c.seq)
_LINES = (
    _unread(standing.c.number, notice.c.kind, notice.c.seq, notice.c.since, journal.c.body, _THEIRS.label("theirs"))
    .outerjoin(journal, _EVENT)
    .where(_OF_PERSON)
    .order_by(notice.c.since.desc(), standing.c.number, notice.c.kind, notice.c.seq)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_UNMAILED = (
    _unread(notice.c.person, notice.c.case_id, notice.c.kind, notice.c.since)
    .join(mailing, mailing.c.person == notice.c.person)
    .where(notice.c.mailed.is_(None), mailing.c.address.is_not(None), mailing.c.how != "never")
    .order_by(notice.c.person, notice.c.since)
)


def of_person(connection: Connection, identity: str, now: datetime, most: int, skip: int) -> list[Line]:
    """What is new for a person, newest first."""
    asked = {"of_person": identity, "now": as_text(now), "most": most, "skip": skip}
    return [
        Line(row.number, row.kind, row.seq, from_text(row.since), _answer(row.body), bool(row.theirs))
        for row in connection.execute(_LINES, asked)
    ]


def _answer(body: bytes | None) -> str | None:
    """Which answer an event is."""
    event = ev.from_bytes(bytes(body)).event if body is not None else None
    if isinstance(event, ev.ReferralAnswered):
        return {"accepted": "yes", "declined": "no"}.get(event.answer, event.answer)
    if isinstance(event, ev.TaskEnded):
        return event.how
    if isinstance(event, ev.OfferRefused | ev.ProposalRefused):
        return "no"
    if isinstance(event, ev.ConsentWithdrawn):
        return "taken_back"
    return "yes" if isinstance(event, ev.Entered) else None


def unmailed(connection: Connection, now: datetime) -> list[Unmailed]:
    """What is new for those who get e-mails and was in none yet, person by person, oldest first."""
    rows = connection.execute(_UNMAILED, {"now": as_text(now)})
    return [Unmailed(row.person, row.case_id, row.kind, from_text(row.since)) for row in rows]


def add(connection: Connection, found: Iterable[News]) -> int:
    """Keep what is not there yet; gives how many were new."""
    wanted = {(one.person, one.case_id, one.kind, one.seq): one for one in found}
    if not wanted:
        return 0
    cases = sorted({one.case_id for one in wanted.values()})
    keys = select(notice.c.person, notice.c.case_id, notice.c.kind, notice.c.seq)
    there = {tuple(row) for row in connection.execute(keys.where(notice.c.case_id.in_(cases)))}
    rows = [{**asdict(one), "since": as_text(one.since)} for key, one in wanted.items() if key not in there]
    if rows:
        connection.execute(insert(notice), rows)
    return len(rows)


def mark_read(connection: Connection, identity: str, now: datetime) -> None:
    """Everything that was new for a person is read."""
    _mark_read(connection, notice.c.person == identity, now)


def mark_one_read(connection: Connection, identity: str, case_id: str, kind: str, seq: int, now: datetime) -> None:
    """One notice of a person is read."""
    one = (notice.c.case_id == case_id, notice.c.kind == kind, notice.c.seq == seq)
    _mark_read(connection, and_(notice.c.person == identity, *one), now)


def _mark_read(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    unread = and_(which, notice.c.read.is_(None), notice.c.since <= as_text(now))
    connection.execute(update(notice).where(unread).values(read=as_text(now)))


def mark_mailed(connection: Connection, identity: str, kinds: Iterable[str], now: datetime) -> None:
    """What was new until now, of these kinds, goes into an e-mail."""
    which = and_(notice.c.person == identity, notice.c.mailed.is_(None), notice.c.kind.in_(sorted(kinds)))
    connection.execute(update(notice).where(which).values(mailed=as_text(now)))


def mark_unmailed(connection: Connection, identity: str, at: datetime) -> None:
    """The e-mail of a moment did not go out: what was in it waits for the next."""
    which = and_(notice.c.person == identity, notice.c.mailed == as_text(at))
    connection.execute(update(notice).where(which).values(mailed=None))


def drop_older(connection: Connection, than: datetime) -> int:
    """Drop what is older; gives how many."""
    return connection.execute(delete(notice).where(notice.c.since < as_text(than))).rowcount
