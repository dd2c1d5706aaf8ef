"""What still hangs on an agency, and on which cases somebody works: numbers and procedures, nothing of a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, or_, select

from sop_engine.store.tables import NOT_CLOSED, access, as_text, awaited, standing

# How an agency may still be needed by a case that is not closed, beside what stands in the row of the case.
_NEEDED = ("with", "part", "support", "opener")


@dataclass(frozen=True, slots=True)
class Burden:
    """A case that is not closed and needs somebody: its number and procedure, and how it needs her or it."""

    case_id: str
    number: str
    sop: str
    version: str
    how: frozenset[str] = frozenset()


class _Parts(msgspec.Struct):
    """Of the state of a case the agencies that are to play a part, also where their turn has not come."""

    parts: dict[str, str] = {}


def of_agency(connection: Connection, agency: str, now: datetime) -> list[Burden]:
    """The cases that an agency holds, is offered, has with it, acts for, awaits, helps, or is to play a part in.

    Reads the parts of every case that is not closed: for acts that are rare.
    """
    live = or_(access.c.until.is_(None), access.c.until > as_text(now))
    needed = select(access.c.case_id, access.c.relation).where(
        access.c.agency == agency, access.c.relation.in_(_NEEDED), live
    )
    related: dict[str, set[str]] = {}
    for row in connection.execute(needed):
        related.setdefault(row.case_id, set()).add(row.relation)
    answers = select(awaited.c.case_id).where(awaited.c.body == agency, awaited.c.ended.is_(None))
    for row in connection.execute(answers):
        related.setdefault(row.case_id, set()).add("awaited")
    found = []
    for row in connection.execute(select(standing).where(NOT_CLOSED).order_by(standing.c.number)):
        named = {"holder": row.holder, "acted_for": row.holder_for, "offered": row.offered_to}
        how = {relation for relation, code in named.items() if code == agency} | related.get(row.case_id, set())
        if agency in msgspec.json.decode(row.state, type=_Parts).parts.values():
            how |= {"part"} if not how else set()
        if how:
            found.append(Burden(row.case_id, row.number, row.sop, row.version, frozenset(how)))
    return found


def of_worker(connection: Connection, person: str) -> list[Burden]:
    """The cases that are not closed on which somebody works."""
    query = select(standing).where(NOT_CLOSED, standing.c.worker == person).order_by(standing.c.number)
    return [Burden(row.case_id, row.number, row.sop, row.version) for row in connection.execute(query)]


def known_to(connection: Connection, burdens: Iterable[Burden], agency: str, now: datetime) -> frozenset[str]:
    """Which of these cases an agency may know of, by their ids."""
    live = or_(access.c.until.is_(None), access.c.until > as_text(now))
    ids = [one.case_id for one in burdens]
    where = (access.c.agency == agency, access.c.case_id.in_(ids), live)
    return frozenset(row.case_id for row in connection.execute(select(access.c.case_id).where(*where)))
