"""Who looks after accounts and agencies, and how far: two roles, of which neither opens a case."""

from sqlalchemy import Connection

from sop_engine.services.acting import NotFound
from sop_engine.services.changes import AddPerson, ChangeRoles, OfAgency, OfPerson
from sop_engine.services.roles import ADMINISTRATOR, AGENCY_ADMINISTRATOR
from sop_engine.store import people
from sop_engine.store.people import ADMINISTERING, Account


def administers(account: Account) -> bool:
    """Whether somebody looks after people, of all agencies or of the own one."""
    return not account.roles.isdisjoint(ADMINISTERING)


def administers_all(account: Account) -> bool:
    """Whether somebody looks after all agencies and their people."""
    return ADMINISTRATOR in account.roles


def scope(account: Account) -> str | None:
    """The agency to whose people somebody is limited, None for no limit; raises NotFound for everybody else."""
    if administers_all(account):
        return None
    if AGENCY_ADMINISTRATOR in account.roles:
        return account.agency
    raise NotFound("administration")


def in_scope(account: Account, agency: str) -> str:
    """The agency, where somebody looks after its people; raises NotFound."""
    if scope(account) not in (None, agency):
        raise NotFound(agency)
    return agency


def is_above(connection: Connection, account: Account, one: OfPerson | OfAgency) -> bool:
    """Whether a change is for administrators of all agencies alone: it makes one, or is about one."""
    target = people.by_id(connection, one.whom)
    about = target is not None and administers_all(target) and not administers_all(account)
    return about or not may_give(account, one)


def may_give(account: Account, one: OfPerson | OfAgency) -> bool:
    """Whether somebody may give or take the roles of a change."""
    if administers_all(account):
        return True
    roles = set(one.roles) if isinstance(one, AddPerson | ChangeRoles) else set()
    roles |= set(one.before) if isinstance(one, ChangeRoles) else set()
    return ADMINISTRATOR not in roles


def may_still_ask(connection: Connection, asker: Account, agency: str) -> bool:
    """Whether whoever asked for a change of an agency still looks after it."""
    entry = people.entry(connection, asker.id)
    own = AGENCY_ADMINISTRATOR in asker.roles and asker.agency == agency
    return entry is not None and entry.ended is None and (administers_all(asker) or own)
