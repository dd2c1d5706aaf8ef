"""What pages of administration show: people, agencies, what waits for a second person, and the record of it all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sop_engine.case.directory import Agency, Directory
from sop_engine.services import agencies, changes
from sop_engine.services.acting import NotFound
from sop_engine.services.administrators import administers_all, in_scope, scope
from sop_engine.services.agencies import Needed
from sop_engine.services.changes import AddPerson, OfAgency, OfPerson
from sop_engine.services.installation import Installation
from sop_engine.services.roles import ADMINISTRATOR, known_roles
from sop_engine.sop.language import Text
from sop_engine.store import burdens, people
from sop_engine.store import changes as stored
from sop_engine.store.changes import Change
from sop_engine.store.database import looking
from sop_engine.store.people import Account, Entry

A_PAGE, MOST_PAGES = 30, 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """A change as a page tells it: what it is, and the names of whom, who asked and who decided.

    `whose` says whether it waits for whoever looks, or was asked for by her.
    """

    change: Change
    one: OfPerson | OfAgency
    names: Mapping[str, str]
    whose: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as an administrator sees her: the cases on which she works, and the roles that may be given to her."""

    entry: Entry
    works_on: Needed
    roles: Mapping[str, Text]
    offered: Sequence[str]
    waiting: Sequence[Line]


@dataclass(frozen=True, slots=True)
class AgencyPage:
    """An agency as an administrator sees it: what still hangs on it, and what waits for a second person."""

    agency: Agency
    needed: Needed
    people: int
    waiting: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Record:
    """Some of what was asked and done, newest first; `further` says whether there is another page after it."""

    lines: Sequence[Line]
    page: int
    further: bool


def waiting(inst: Installation, account: Account) -> list[Line]:
    """The changes that wait for a second person, among those that somebody may see; raises NotFound."""
    limit = scope(account)
    with looking(inst.engine) as connection:
        return _lines(connection, account, stored.waiting(connection, limit))


def record(inst: Installation, account: Account, page: int) -> Record:
    """A page, counted from 1, of what was asked and done; raises NotFound."""
    limit, page = scope(account), max(1, min(page, MOST_PAGES))
    with looking(inst.engine) as connection:
        found = stored.record(connection, limit, A_PAGE + 1, (page - 1) * A_PAGE)
        return Record(_lines(connection, account, found[:A_PAGE]), page, len(found) > A_PAGE)


def people_of(inst: Installation, account: Account, agency: str) -> list[Entry]:
    """Everybody of an agency; raises NotFound where somebody does not look after its people."""
    in_scope(account, agency)
    with looking(inst.engine) as connection:
        if agency not in inst.directory(connection).agencies:
            raise NotFound(agency)
        return people.listed(connection, agency)


def person_of(inst: Installation, account: Account, identity: str) -> Person:
    """One person; raises NotFound where she is not somebody's to look after."""
    with looking(inst.engine, everybody=True) as connection:
        entry = people.entry(connection, identity)
        if entry is None:
            raise NotFound(identity)
        in_scope(account, entry.account.agency)
        cases = burdens.of_worker(connection, identity)
        works_on = agencies.needed(inst, connection, cases, account.agency)
        roles = known_roles(inst, connection)
        there = [one for one in stored.waiting(connection, entry.account.agency) if one.whom == identity]
        offered = offered_roles(account, [*roles, *sorted(entry.account.roles - roles.keys())])
        return Person(entry, works_on, roles, offered, _lines(connection, account, there))


def roles_of(inst: Installation, account: Account) -> tuple[Mapping[str, Text], Sequence[str]]:
    """Every role with its title, and those that somebody may give; raises NotFound."""
    scope(account)
    with looking(inst.engine) as connection:
        roles = known_roles(inst, connection)
    return roles, offered_roles(account, list(roles))


def offered_roles(account: Account, roles: Sequence[str]) -> list[str]:
    """Those of some roles that somebody may give."""
    return [role for role in roles if role != ADMINISTRATOR or administers_all(account)]


def agencies_of(inst: Installation, account: Account) -> Directory:
    """The directory, for somebody who looks after all agencies; raises NotFound."""
    if not administers_all(account):
        raise NotFound("agencies")
    return inst.directory_now()


def agency_of(inst: Installation, account: Account, code: str) -> AgencyPage:
    """One agency; raises NotFound for who does not look after all of them."""
    if not administers_all(account):
        raise NotFound(code)
    with looking(inst.engine, everybody=True) as connection:
        agency = inst.directory(connection).agencies.get(code)
        if agency is None:
            raise NotFound(code)
        there = [one for one in stored.waiting(connection, code) if one.whom == code]
        cases = burdens.of_agency(connection, code, inst.clock())
        needed = agencies.needed(inst, connection, cases, account.agency)
        return AgencyPage(
            agency, needed, len(people.of_agency(connection, code)), _lines(connection, account, there)
        )  # fmt: skip


def _lines(connection: Connection, account: Account, found: Sequence[Change]) -> list[Line]:
    read = [(one, changes.from_text(one.body)) for one in found]
    ids = {name for one in found for name in (one.whom, one.asked_by, one.decided_by) if name is not None}
    to_be = {said.whom: said.shown_as for _, said in read if isinstance(said, AddPerson)}
    names = to_be | people.names(connection, ids)
    return [Line(one, said, names, _whose(account, one)) for one, said in read]


def _whose(account: Account, one: Change) -> str:
    """Whether a change may be decided by somebody, taken back by her, or only be looked at."""
    if one.decided is not None or one.whom == account.id:
        return "seen"
    return "asked" if one.asked_by == account.id else "to_decide"
