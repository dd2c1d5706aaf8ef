"""Finding a case by what somebody says: a number, a handle, a phone or a name. Only what is theirs to read now.

Every case that a search lists is written down as looked at before the list is shown; the name itself stands on no list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from sop_engine.case import state as case_state
from sop_engine.case.accountability import Accountability, accountability
from sop_engine.case.directory import Directory
from sop_engine.case.permissions import may
from sop_engine.services.identity import Identity, Likeness, Register, identity_of
from sop_engine.services.installation import Installation
from sop_engine.services.limits import keep_to
from sop_engine.services.registering import register_of
from sop_engine.services.side_by_side import number_told
from sop_engine.sop.language import Text
from sop_engine.store import identities, readings, worklists
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account
from sop_engine.store.worklists import Line

A_PAGE = 50
MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """Which of the cases found are wanted: by status (open, closed or all), procedure and district; empty is any.

    `about` is the kind of subject, `near` a district that is only told, `strict` leaves out those of which no more
    agrees than a part of the name, and those that somebody of another age can hardly be.
    """

    status: str = ""
    sop: str = ""
    district: str = ""
    about: str = ""
    near: str = ""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that was found, without its name: where it stands, and why it was found.

    `here` says that it is in the district that was named, `merged` the case to which it was joined, for who may know.
    """

    number: str
    sop: Text
    strip: Accountability
    status: str
    why: tuple[str, ...]
    here: bool
    merged: str | None = None

    @property
    def exact(self) -> bool:
        """Whether something agrees as it was written: a token, a phone number or a whole name."""
        return bool({"handle", "phone", "name"} & set(self.why))


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `more` says that there were more than are listed."""

    hits: list[Hit]
    more: bool
    directory: Directory
    now: datetime


def asked_by(text: str) -> Identity:
    """What somebody typed into one box: it may be a name, a phone number or a handle."""
    return identity_of([("name", text), ("phone", text), ("handle", text)])


def search(inst: Installation, account: Account, asked: Identity, filters: Filters, most: int = A_PAGE) -> Found:
    """The cases that may be about somebody and are hers to read: what agrees first, open ones before closed.

    Raises TooMuch.
    """
    now = inst.clock()
    with looking(inst.engine, everybody=True) as connection:
        keep_to(inst, connection, account, "search")
    with looking(inst.engine) as connection:
        directory = inst.directory(connection)
        with register_of(inst, connection, account.agency) as register:
            ours = _ours(inst, connection, account, register, asked, filters)
            listed = list(islice(ours, most + 1))
        hits = [
            _hit(inst, connection, line, likeness, filters.near, account.agency) for line, likeness in listed[:most]
        ]
    # Somebody looks for a case to go on with: of those that agree as well, one that is open stands first.
    hits.sort(key=lambda hit: (not hit.exact, hit.status == "closed"))
    with writing(inst.engine) as connection:
        for line, _ in listed[:most]:
            readings.note(connection, account, line.case_id, "search", now)
    return Found(hits, len(listed) > most, directory, now)


def _ours(
    inst: Installation, connection: Connection, account: Account, register: Register, asked: Identity, filters: Filters
) -> Iterator[tuple[Line, Likeness]]:
    """Of the cases that are likely those that the account may read now, and that are wanted."""
    likely = [one for one in register.find(asked) if not filters.strict or _is_strong(one[1])]
    for begin in range(0, len(likely), A_PAGE):
        some = dict(likely[begin : begin + A_PAGE])
        related = worklists.relations_to(connection, list(some), account.agency, inst.clock())
        theirs = [case_id for case_id in some if may("find", related.get(case_id, set()))]
        locked = identities.without_key(connection, account.agency, theirs)
        for case_id in locked:
            register.drop(case_id)
        lines = {line.case_id: line for line in worklists.by_ids(connection, theirs)}
        for case_id, likeness in some.items():
            if case_id in lines and case_id not in locked and _wanted(inst, connection, lines[case_id], filters):
                yield lines[case_id], likeness


def _is_strong(likeness: Likeness) -> bool:
    """Whether more agrees than a part of a name, and no year of birth speaks against it."""
    return likeness.bits > 0 and bool(set(likeness.why) - {"part"})


def _wanted(inst: Installation, connection: Connection, line: Line, filters: Filters) -> bool:
    status = "closed" if line.status == "closed" else "open"
    if filters.status not in ("", "all", status) or filters.sop not in ("", line.sop):
        return False
    if filters.about and inst.ground(connection, line.version).procedure.sop.about != filters.about:
        return False
    return not filters.district or filters.district in _districts(line, inst.directory(connection))


def _districts(line: Line, directory: Directory) -> set[str]:
    """The districts of a case: of its open answers and facts, and of the agency that holds it."""
    agency = directory.agencies.get(line.holder or "")
    said = {value for value in case_state.from_bytes(line.state).values.values() if isinstance(value, str)}
    return said | ({agency.district} if agency is not None and agency.district is not None else set())


def _hit(
    inst: Installation, connection: Connection, line: Line, likeness: Likeness, near: str, agency: str
) -> Hit:  # fmt: skip
    ground = inst.ground(connection, line.version)
    case = case_state.from_bytes(line.state)
    strip = accountability(ground, case, inst.clock())
    here = bool(near) and near in _districts(line, ground.directory)
    merged = number_told(case, agency)
    return Hit(line.number, ground.procedure.sop.title, strip, line.status, likeness.why, here, merged)
