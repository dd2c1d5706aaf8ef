"""Signing in and out. The browser holds only random tokens; what each is worth is kept on the server.

Name and password come first. Where a second factor is asked for, they open half a session, which is worth one code.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import brake, factors
from sop_engine.services.brake import Origin, Waits
from sop_engine.services.browsers import browser_of
from sop_engine.services.factors import SettingUp
from sop_engine.services.installation import Installation
from sop_engine.services.mail_choices import tell_new_device
from sop_engine.store import attempts, people, schedule, sessions
from sop_engine.store import factors as stored_factors
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account, Reader
from sop_engine.store.sessions import Half, Session

__all__ = [
    "Account", "Entered", "Halfway", "Origin", "Reader", "Session", "Waits", "begin_session", "code_wanted",
    "enter_code", "enter_first_code", "new_session", "reads", "session_of", "sign_in", "sign_out", "tidy_all",
]  # fmt: skip
HALF, MOST_CODES = timedelta(minutes=5), 5
DEVICE_FORGOTTEN = timedelta(days=400)
TIDIED = "tidied"


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody is signed in: tokens of her session and of her device; recovery codes where she has new ones."""

    token: str
    device: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Halfway:
    """The password was right; the token is worth one code. `sets_up` tells that she has no code app yet."""

    token: str
    sets_up: bool


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """Whose code is waited for. `setting_up` is the code app that she is to set up, where she has none."""

    account: Account
    half: Half
    setting_up: SettingUp | None


def sign_in(inst: Installation, name: str, password: str, origin: Origin) -> Entered | Halfway | Waits | None:
    """What name and password open; None where they do not fit, which takes as long for an unknown name."""
    with looking(inst.engine) as connection:
        tries = brake.tries_of(inst, connection, brake.PASSWORD, name, origin)
    waits = brake.take(inst, tries)
    if waits is not None:
        return waits
    with looking(inst.engine) as connection:
        account = people.check(connection, name, password)
    if account is None:
        return None
    with writing(inst.engine) as connection:
        brake.passed(inst, connection, tries)
        _note_device(inst, connection, account, origin)
        has_app = stored_factors.has_app(connection, account.id)
        if not has_app and not inst.rules.second_factor:
            return begin_session(inst, connection, account, origin, strong=False)
        token = sessions.begin_half(connection, account.id, inst.clock())
        if not has_app:
            factors.begin(inst, connection, account.id, sessions.key_of(token), "")
        return Halfway(token, not has_app)


def _note_device(inst: Installation, connection: Connection, account: Account, origin: Origin) -> None:
    """The password was right: where that is on a device that she never used, she is to look at it."""
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
    return Entered(sessions.begin(connection, account.id, inst.clock(), browser_of(origin.agent), strong), device)


def new_session(inst: Installation, connection: Connection, account: Account, origin: Origin, strong: bool) -> Entered:
    """End all that somebody has begun anywhere, and begin a session here."""
    sessions.end_all(connection, account.id)
    return begin_session(inst, connection, account, origin, strong)


def code_wanted(inst: Installation, token: str, site: str) -> CodeWanted | None:
    """For whom half a session waits for a code; None where it is over. `site` is what an app shows beside the name."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        half = sessions.half(connection, token, now - factors.SETTING_UP)
        account = people.by_id(connection, half.person) if half is not None else None
        if half is None or account is None:
            return None
        if stored_factors.has_app(connection, account.id):
            return CodeWanted(account, half, None) if now - half.begun <= HALF else None
        found = factors.setting_up(inst, connection, account.id, half.key, account.sign_in, site)
        return CodeWanted(account, half, found) if found is not None else None


def enter_code(inst: Installation, wanted: CodeWanted, typed: str, origin: Origin) -> Entered | Refusal:
    """Sign somebody in with a code of her second factor: of an app, or a recovery code."""
    account = wanted.account
    with looking(inst.engine) as connection:
        tries = brake.tries_of(inst, connection, brake.CODE, account.sign_in, origin)
    waits = brake.take(inst, tries)
    if waits is not None:
        return brake.told(waits)
    with writing(inst.engine) as connection:
        if not sessions.try_half(connection, wanted.half.key, MOST_CODES):
            return _over()
        if not factors.serves(inst, connection, account.id, typed):
            return wrong_code()
        brake.passed(inst, connection, tries)
        sessions.end_half(connection, wanted.half.key)
        return begin_session(inst, connection, account, origin, strong=True)


def enter_first_code(inst: Installation, wanted: CodeWanted, typed: str, origin: Origin) -> Entered | Refusal:
    """Sign somebody in with the first code of the app that she set up; gives her recovery codes too."""
    account, half = wanted.account, wanted.half
    with writing(inst.engine) as connection:
        if stored_factors.has_app(connection, account.id):
            return _over()
        if not factors.confirm(inst, connection, account.id, half.key, typed):
            return wrong_code()
        if not sessions.end_half(connection, half.key):
            return _over()
        codes = factors.new_recovery_codes(inst, connection, account.id)
        entered = new_session(inst, connection, account, origin, strong=True)
        return Entered(entered.token, entered.device, codes)


def _over() -> Refusal:
    return refuse("over", "This took too long: sign in anew", "धेरै समय लाग्यो: फेरि साइन इन गर्नुहोस्")


def wrong_code() -> Refusal:
    """The refusal of a code that does not fit, or that served already."""
    return refuse(
        "code",
        "This code does not fit, or was used already: wait for the next one of the app and type it",
        "यो कोड मिलेन वा प्रयोग भइसक्यो: एपको अर्को कोड पर्खेर टाइप गर्नुहोस्",
    )


def session_of(inst: Installation, token: str, stays: bool = True) -> Session | None:
    """The session of a token; None where it has ended. Where somebody `stays`, it goes on living."""
    rules, now = inst.rules, inst.clock()
    with looking(inst.engine) as connection:
        found = sessions.find(connection, token, now, rules.idle, rules.absolute, rules.second_factor)
    if found is not None and found.due and stays:
        with writing(inst.engine) as connection:
            sessions.touch(connection, token, now)
    return found


def reads(inst: Installation, account: Account, reader: Reader) -> None:
    """Keep how somebody reads."""
    with writing(inst.engine) as connection:
        people.reads(connection, account.id, reader)


def sign_out(inst: Installation, token: str) -> None:
    """End a session; its token is worth nothing from now on."""
    with writing(inst.engine) as connection:
        sessions.end(connection, token)


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
        sessions.tidy(connection, now - inst.rules.absolute, now - factors.SETTING_UP, now - DEVICE_FORGOTTEN)
