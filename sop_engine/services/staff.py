"""The people who can sign in, as an operator adds, finds and ends them, and as their colleagues know them."""

from collections.abc import Callable

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.administering import operate
from sop_engine.services.changes import AddPerson, EndPerson, GivePassword, OfPerson, ResetFactor
from sop_engine.services.installation import Installation, new_id
from sop_engine.services.passwords import random_password, weak
from sop_engine.services.roles import ADMINISTRATOR, ENOUGH
from sop_engine.store import people
from sop_engine.store.database import looking
from sop_engine.store.people import ADMINISTERING, Account


def add_account(
    inst: Installation, sign_in: str, agency: str, shown_as: str, roles: frozenset[str], password: str
) -> str | None:
    """Add an account with a first password; gives a sentence where it cannot be."""
    if not roles.isdisjoint(ADMINISTERING):
        return "administrators are made with 'sop-engine people administrator', or by two of them in the web"
    refused = weak(password, (sign_in, shown_as))
    if refused is not None:
        return refused.sentence("en")
    one = AddPerson(whom=new_id(), sign_in=sign_in, agency=agency, shown_as=shown_as, roles=sorted(roles))
    return _sentence(operate(inst, one, password))


def vouch_for_all(inst: Installation) -> int:
    """Vouch for every account as it stands, where the key by which that was done is lost; gives how many there are."""
    with inst.writing() as connection:
        return people.vouch_again(connection, None, inst.guard)


def add_administrator(inst: Installation, sign_in: str, agency: str, shown_as: str) -> tuple[str, str]:
    """Make one of the first two administrators; gives a first password, or else a sentence why it cannot be."""
    with looking(inst.engine) as connection:
        there = people.of_roles(connection, ADMINISTRATOR)
    if there >= ENOUGH:
        return "", f"{there} administrators can sign in: they make another one in the web, two of them together"
    password = random_password()
    one = AddPerson(whom=new_id(), sign_in=sign_in, agency=agency, shown_as=shown_as, roles=[ADMINISTRATOR])
    return password, _sentence(operate(inst, one, password)) or ""


def give_password(inst: Installation, sign_in: str, password: str) -> str | None:
    """Give somebody a first password anew, after it was asked for in person; gives a sentence where it cannot be.

    Her sessions end, and no device is known as hers any more. Tokens for programs stay.
    """
    account = account_named(inst, sign_in)
    if account is None:
        return _nobody(sign_in)
    refused = weak(password, (account.sign_in, account.shown_as))
    if refused is not None:
        return refused.sentence("en")
    return _sentence(operate(inst, GivePassword(whom=account.id), password))


def unlock_factor(inst: Installation, sign_in: str) -> str | None:
    """Take somebody's second factors away, after her identity was checked in person; her sessions end.

    Gives a sentence where it cannot be. At her next sign-in she sets up an app, where one is required.
    """
    return _with(inst, sign_in, lambda whom: ResetFactor(whom=whom))


def end_account(inst: Installation, sign_in: str) -> str | None:
    """End an account: nobody signs in with it, sessions and tokens go, her cases are nobody's and keep the name.

    Gives a sentence where it cannot be.
    """
    return _with(inst, sign_in, lambda whom: EndPerson(whom=whom))


def _with(inst: Installation, sign_in: str, made: Callable[[str], OfPerson]) -> str | None:
    account = account_named(inst, sign_in)
    return _nobody(sign_in) if account is None else _sentence(operate(inst, made(account.id)))


def _sentence(refused: Refusal | None) -> str | None:
    return refused.sentence("en") if refused is not None else None


def _nobody(sign_in: str) -> str:
    return f"nobody who can sign in is called '{sign_in}'"


def invented(inst: Installation) -> int:
    """How many accounts of the demonstration there are: all have one password."""
    with looking(inst.engine) as connection:
        return sum(account.demo for account in people.all_of(connection))


def colleagues(inst: Installation, account: Account) -> list[Account]:
    """The people of somebody's own agency."""
    with looking(inst.engine) as connection:
        return people.workers_of(connection, account.agency)


def not_colleague(inst: Installation, account: Account, worker: str | None) -> Refusal | None:
    """A refusal where a worker is named who is not of somebody's own agency."""
    if worker is None or worker in {one.id for one in colleagues(inst, account)}:
        return None
    return refuse("no_colleague", "This person does not work in your agency", "यो व्यक्ति तपाईंको निकायमा काम गर्दैन")


def account_named(inst: Installation, sign_in: str) -> Account | None:
    """The account with this sign-in, where it has not ended."""
    with looking(inst.engine) as connection:
        return people.by_sign_in(connection, sign_in)
