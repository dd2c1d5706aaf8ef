"""The people who can sign in, as an operator adds and finds them."""

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.installation import Installation, new_id
from sop_engine.store import people
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account

SHORTEST_PASSWORD = 12


def add_account(
    inst: Installation, sign_in: str, agency: str, shown_as: str, roles: frozenset[str], password: str
) -> str | None:
    """Add an account; gives a sentence where it cannot be."""
    known = inst.directory_now().agencies.get(agency)
    if known is None:
        return f"no agency has the code '{agency}': look into the directory"
    if not known.acts_here:
        return f"{known.title.en} has no users here, the directory says: others act for it"
    if len(password) < SHORTEST_PASSWORD:
        return f"the password is too short: {SHORTEST_PASSWORD} letters or more, several words are best"
    with writing(inst.engine) as connection:
        if people.by_sign_in(connection, sign_in) is not None:
            return f"'{sign_in}' is taken: choose another"
        people.add(connection, Account(new_id(), sign_in, agency, shown_as, roles), password)
    return None


def invented(inst: Installation) -> int:
    """How many accounts of the demonstration there are: all have one password."""
    with looking(inst.engine) as connection:
        return sum(account.demo for those in people.all_of(connection).values() for account in those)


def colleagues(inst: Installation, account: Account) -> list[Account]:
    """The people of somebody's own agency."""
    with looking(inst.engine) as connection:
        return people.of_agency(connection, account.agency)


def not_colleague(inst: Installation, account: Account, worker: str | None) -> Refusal | None:
    """A refusal where a worker is named who is not of somebody's own agency."""
    if worker is None or worker in {one.id for one in colleagues(inst, account)}:
        return None
    return refuse("no_colleague", "This person does not work in your agency", "यो व्यक्ति तपाईंको निकायमा काम गर्दैन")


def account_named(inst: Installation, sign_in: str) -> Account | None:
    """The account with this sign-in."""
    with looking(inst.engine) as connection:
        return people.by_sign_in(connection, sign_in)
