"""Signing in and out. The browser holds only random tokens; what each is worth is kept on the server.

Name and password come first. Where a second factor is asked for, they open half a session, which is worth one code or
passkey. A passkey alone signs in as well: the device is one factor, and that it knows its owner the other.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal
from sop_engine.services import brake, factors, passkeys
from sop_engine.services.brake import Origin, Waits
from sop_engine.services.browsers import browser_of
from sop_engine.services.installation import Installation
from sop_engine.services.mail_choices import tell_new_device
from sop_engine.services.passkeys import Place, wrong_passkey
from sop_engine.store import attempts, challenges, people, schedule, sessions
from sop_engine.store import factors as stored_factors
from sop_engine.store.database import Unwritable, looking, writing
from sop_engine.store.people import Account, Reader
from sop_engine.store.sessions import Session

__all__ = [
    "Account", "Entered", "Halfway", "Origin", "Place", "Reader", "Session", "Waits", "ask_for_passkey",
    "begin_session", "new_session", "reads", "session_of", "sign_in", "sign_in_with_passkey", "sign_out", "tidy_all",
]  # fmt: skip
DEVICE_FORGOTTEN = timedelta(days=400)
TIDIED = "tidied"
_log = structlog.get_logger("accounts")


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody is signed in: tokens of her session and of her device; recovery codes where she has new ones."""

    token: str
    device: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Halfway:
    """The password was right; the token is worth one code. `sets_up` tells that she has no second factor yet."""

    token: str
    sets_up: bool


def sign_in(inst: Installation, name: str, password: str, origin: Origin) -> Entered | Halfway | Waits | None:
    """What name and password open; None where they do not fit, which takes as long for an unknown name."""
    with looking(inst.engine) as connection:
        tries = brake.tries_of(inst, connection, brake.PASSWORD, name, origin)
    waits = brake.take(inst, tries)
    if waits is not None:
        return waits
    with looking(inst.engine) as connection:
        known = people.by_sign_in(connection, name)
        kept = people.password_of(connection, known.id) if known is not None else None
        account = people.check(connection, inst.guard, name, password)
    if account is None or _is_over(inst, account):
        _log.warning("sign-in failed", person=known.id if known is not None else None, why="password")
        return None
    with writing(inst.engine) as connection:
        if people.password_of(connection, account.id, held=True) != kept:
            # Changed while it was compared: whoever changed it was told that every other session has ended.
            _log.warning("sign-in failed", person=account.id, why="password")
            return None
        brake.passed(inst, connection, tries)
        return after_first(inst, connection, account, origin, strong=False)


def after_first(
    inst: Installation, connection: Connection, account: Account, origin: Origin, strong: bool
) -> Entered | Halfway:
    """A password, or an identity provider, was right: what that opens. `strong` tells that it was two factors."""
    _note_device(inst, connection, account, origin)
    has_factor = bool(stored_factors.kinds(connection, account.id))
    if strong or not (has_factor or inst.rules.second_factor):
        return begin_session(inst, connection, account, origin, strong)
    token = sessions.begin_half(connection, inst.guard, account.id, inst.clock())
    if not has_factor:
        factors.begin(inst, connection, account.id, sessions.key_of(token), "")
    return Halfway(token, not has_factor)


def _is_over(inst: Installation, account: Account) -> bool:
    """Whether a password that somebody else gave was not changed in time."""
    return account.given_until is not None and account.given_until < inst.clock()


def _note_device(inst: Installation, connection: Connection, account: Account, origin: Origin) -> None:
    """A password or passkey was right: where that is on a device that she never used, she is to look at it."""
    known = origin.device is not None and sessions.knows(connection, origin.device, account.sign_in)
    if known or not sessions.has_devices(connection, account.id):
        return
    if people.note_new_device(connection, account.id, inst.clock()):
        tell_new_device(connection, account)


def begin_session(
    inst: Installation, connection: Connection, account: Account, origin: Origin, strong: bool
) -> Entered:
    """A session on a device that is known from now on."""
    device = sessions.keep_device(connection, origin.device, account.id, inst.clock())
    _log.info("signed in", person=account.id, agency=account.agency, strong=strong)
    begun = sessions.begin(connection, inst.guard, account.id, inst.clock(), browser_of(origin.agent), strong)
    return Entered(begun, device)


def new_session(inst: Installation, connection: Connection, account: Account, origin: Origin, strong: bool) -> Entered:
    """End all that somebody has begun anywhere, and begin a session here."""
    sessions.end_all(connection, account.id)
    return begin_session(inst, connection, account, origin, strong)


def ask_for_passkey(inst: Installation, token: str, place: Place) -> str:
    """What a browser is asked for in which nobody is signed in, as JSON; `token` is what it will be known by."""
    with writing(inst.engine) as connection:
        return passkeys.ask_to_use(inst, connection, sessions.key_of(token), place, None)


def sign_in_with_passkey(inst: Installation, token: str, said: str, place: Place, origin: Origin) -> Entered | Refusal:
    """What a passkey alone opens; `said` is what the browser answered, as JSON."""
    owner = passkeys.owner_of(said)
    with looking(inst.engine) as connection:
        account = people.who_signs_in(connection, inst.guard, owner) if owner is not None else None
        tries = brake.tries_of(inst, connection, brake.PASSKEY, account.sign_in if account else "", origin)
    waits = brake.take(inst, tries)
    if waits is not None:
        return brake.told(waits)
    with writing(inst.engine) as connection:
        if account is None:
            _log.warning("sign-in failed", person=None, why=brake.PASSKEY)
            return wrong_passkey()
        wrong = passkeys.serves(inst, connection, account.id, sessions.key_of(token), place, said)
        if wrong is not None:
            _log.warning("sign-in failed", person=account.id, why=brake.PASSKEY)
            return wrong
        brake.passed(inst, connection, tries)
        _note_device(inst, connection, account, origin)
        return begin_session(inst, connection, account, origin, strong=True)


def session_of(inst: Installation, token: str, stays: bool = True) -> Session | None:
    """The session of a token; None where it has ended. Where somebody `stays`, it goes on living."""
    rules, now = inst.rules, inst.clock()
    with looking(inst.engine) as connection:
        found = sessions.find(connection, inst.guard, token, now, rules.idle, rules.absolute, rules.second_factor)
    if found is not None and found.due and stays:
        # Where nothing can be written, what is only read goes on; the session lives no longer for it.
        with suppress(Unwritable), writing(inst.engine) as connection:
            sessions.touch(connection, token, now)
    return found


def reads(inst: Installation, account: Account, reader: Reader) -> None:
    """Keep how somebody reads."""
    with writing(inst.engine) as connection:
        people.reads(connection, account.id, reader)


def sign_out(inst: Installation, token: str) -> None:
    """End a session; its token is worth nothing from now on."""
    with writing(inst.engine) as connection:
        person = sessions.end(connection, token)
    if person is not None:
        _log.info("signed out", person=person)


def tidy_all(inst: Installation) -> None:
    """Once an hour drop what is over: sessions, halves of them, counts of failures, and devices not used for a year."""
    now = inst.clock()
    hour = now.strftime("%Y-%m-%dT%H")
    with looking(inst.engine) as connection:
        if schedule.marked(connection, TIDIED) == hour:
            return
    with writing(inst.engine) as connection:
        schedule.set_mark(connection, TIDIED, hour)
        attempts.tidy(connection, now - brake.FORGOTTEN)
        challenges.tidy(connection, now - passkeys.LASTS)
        sessions.tidy(connection, now - inst.rules.absolute, now - factors.SETTING_UP, now - DEVICE_FORGOTTEN)
