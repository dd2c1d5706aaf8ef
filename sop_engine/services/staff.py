"""The people who can sign in, as an operator adds, finds and ends them."""

import structlog

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.installation import Installation, new_id
from sop_engine.services.passwords import weak
from sop_engine.store import factors, people, sessions, tokens, worklists
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account


def add_account(
    inst: Installation, sign_in: str, agency: str, shown_as: str, roles: frozenset[str], password: str
) -> str | None:
    """Add an account; gives a sentence where it cannot be."""
    known = inst.directory_now().agencies.get(agency)
    if known is None:
        return f"no agency has the code '{agency}': look into the directory"
    if not known.acts_here:
        return f"{known.title.en} has no users here, the directory says: others act for it"
    refused = weak(password, (sign_in, shown_as))
    if refused is not None:
        return refused.sentence("en")
    with writing(inst.engine) as connection:
        if people.by_sign_in(connection, sign_in, ended=True) is not None:
            return f"'{sign_in}' is taken: choose another"
        people.add(connection, Account(new_id(), sign_in, agency, shown_as, roles), password)
    return None


def give_password(inst: Installation, sign_in: str, password: str) -> str | None:
    """Give somebody another password, after it was asked for in person; gives a sentence where it cannot be.

    Her sessions end, and no device is known as hers any more. Tokens for programs stay.
    """
    account = account_named(inst, sign_in)
    if account is None:
        return _nobody(sign_in)
    refused = weak(password, (account.sign_in, account.shown_as))
    if refused is not None:
        return refused.sentence("en")
    with writing(inst.engine) as connection:
        people.set_password(connection, account.id, password)
        sessions.end_all(connection, account.id)
        sessions.forget_devices(connection, account.id)
    _note(inst, "password given", account)
    return None


def unlock_factor(inst: Installation, sign_in: str) -> str | None:
    """Take somebody's second factors away, after her identity was checked in person; her sessions end.

    Gives a sentence where it cannot be. At her next sign-in she sets up an app, where one is required.
    """
    account = account_named(inst, sign_in)
    if account is None:
        return _nobody(sign_in)
    with writing(inst.engine) as connection:
        if factors.drop(connection, account.id) == 0:
            return f"{sign_in} has no second factor"
        sessions.end_all(connection, account.id)
    _note(inst, "second factor removed", account)
    return None


def end_account(inst: Installation, sign_in: str) -> str | None:
    """End an account: nobody signs in with it, sessions and tokens go, cases keep the name.

    Gives a sentence where it cannot be: it names the open cases on which she works.
    """
    account = account_named(inst, sign_in)
    if account is None:
        return _nobody(sign_in)
    with writing(inst.engine) as connection:
        works_on = worklists.open_of_worker(connection, account.id)
        if works_on:
            return f"{sign_in} works on open cases: give them to somebody else first: {', '.join(works_on)}"
        people.end(connection, account.id, inst.clock())
        sessions.end_all(connection, account.id)
        sessions.forget_devices(connection, account.id)
        factors.drop(connection, account.id)
        tokens.end_all(connection, account.id)
    _note(inst, "account ended", account)
    return None


def _nobody(sign_in: str) -> str:
    return f"nobody who can sign in is called '{sign_in}'"


def _note(inst: Installation, what: str, account: Account) -> None:
    """A line in the log of the program; it holds an id and no name."""
    structlog.get_logger("accounts").warning(what, person=account.id, at=inst.clock().isoformat())


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
    """The account with this sign-in, where it has not ended."""
    with looking(inst.engine) as connection:
        return people.by_sign_in(connection, sign_in)
