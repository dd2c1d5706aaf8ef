"""The second step of signing in: half a session becomes a whole one by a code or a passkey, or by setting up the first.

Knows no password and no page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import brake, factors, passkeys
from sop_engine.services.accounts import Entered, Origin, begin_session, new_session
from sop_engine.services.factors import SettingUp
from sop_engine.services.installation import Installation
from sop_engine.services.passkeys import Place
from sop_engine.store import factors as stored_factors
from sop_engine.store import people, sessions
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account
from sop_engine.store.sessions import Half

HALF, MOST_CODES = timedelta(minutes=5), 5
_log = structlog.get_logger("accounts")


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """Whose second factor is waited for, and of which `kinds` she has one.

    `setting_up` is the code app that she is to set up, where she has none of any kind.
    """

    account: Account
    half: Half
    setting_up: SettingUp | None
    kinds: frozenset[str] = frozenset()


def code_wanted(inst: Installation, token: str, site: str) -> CodeWanted | None:
    """For whom half a session waits for a code; None where it is over. `site` is what an app shows beside the name."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        half = sessions.half(connection, inst.guard, token, now - factors.SETTING_UP)
        account = people.who_signs_in(connection, inst.guard, half.person) if half is not None else None
        if half is None or account is None:
            return None
        kinds = stored_factors.kinds(connection, account.id)
        if kinds:
            return CodeWanted(account, half, None, kinds) if now - half.begun <= HALF else None
        found = factors.setting_up(inst, connection, account.id, half.key, account.sign_in, site)
        return CodeWanted(account, half, found) if found is not None else None


def enter_code(inst: Installation, wanted: CodeWanted, typed: str, origin: Origin) -> Entered | Refusal:
    """Sign somebody in with a code of her second factor: of an app, or a recovery code."""

    def refused(connection: Connection) -> Refusal | None:
        return None if factors.serves(inst, connection, wanted.account.id, typed) else wrong_code()

    return _enter_second(inst, wanted, origin, brake.CODE, refused)


def ask_for_second(inst: Installation, wanted: CodeWanted, place: Place) -> str:
    """What the browser of half a session is asked for, as JSON: a passkey of hers, or to make the first one."""
    account, key = wanted.account, wanted.half.key
    with writing(inst.engine) as connection:
        if wanted.setting_up is None:
            return passkeys.ask_to_use(inst, connection, key, place, account.id)
        return passkeys.ask_to_add(inst, connection, account, key, place)


def enter_passkey(inst: Installation, wanted: CodeWanted, said: str, place: Place, origin: Origin) -> Entered | Refusal:
    """Sign somebody in with a passkey as her second factor; `said` is what the browser answered, as JSON."""

    def refused(connection: Connection) -> Refusal | None:
        return passkeys.serves(inst, connection, wanted.account.id, wanted.half.key, place, said)

    return _enter_second(inst, wanted, origin, brake.PASSKEY, refused)


def _enter_second(
    inst: Installation, wanted: CodeWanted, origin: Origin, what: str, refused: Callable[[Connection], Refusal | None]
) -> Entered | Refusal:
    account = wanted.account
    with looking(inst.engine) as connection:
        tries = brake.tries_of(inst, connection, what, account.sign_in, origin)
    waits = brake.take(inst, tries)
    if waits is not None:
        return brake.told(waits)
    with writing(inst.engine) as connection:
        if not sessions.try_half(connection, wanted.half.key, MOST_CODES):
            return over()
        wrong = refused(connection)
        if wrong is not None:
            _log.warning("sign-in failed", person=account.id, why=what)
            return wrong
        brake.passed(inst, connection, tries)
        sessions.end_half(connection, wanted.half.key)
        return begin_session(inst, connection, account, origin, strong=True)


def enter_first_code(inst: Installation, wanted: CodeWanted, typed: str, origin: Origin) -> Entered | Refusal:
    """Sign somebody in with the first code of the app that she set up; gives her recovery codes too."""

    def refused(connection: Connection) -> Refusal | None:
        fits = factors.confirm(inst, connection, wanted.account.id, wanted.half.key, typed)
        return None if fits else wrong_code()

    return _enter_first(inst, wanted, origin, "app added", refused)


def enter_first_passkey(
    inst: Installation, wanted: CodeWanted, said: str, name: str, place: Place, origin: Origin
) -> Entered | Refusal:
    """Sign somebody in with the passkey that she made as her first factor; gives her recovery codes too."""

    def refused(connection: Connection) -> Refusal | None:
        return passkeys.add(inst, connection, wanted.account, wanted.half.key, place, said, name)

    return _enter_first(inst, wanted, origin, "passkey added", refused)


def _enter_first(
    inst: Installation, wanted: CodeWanted, origin: Origin, what: str, refused: Callable[[Connection], Refusal | None]
) -> Entered | Refusal:
    account, half = wanted.account, wanted.half
    with writing(inst.engine) as connection:
        if stored_factors.kinds(connection, account.id) or not sessions.is_half(connection, half.key):
            return over()
        wrong = refused(connection)
        if wrong is not None:
            return wrong
        sessions.end_half(connection, half.key)
        stored_factors.drop_begun(connection, account.id)
        codes = factors.new_recovery_codes(inst, connection, account.id)
        _log.warning("factor changed", person=account.id, what=what)
        entered = new_session(inst, connection, account, origin, strong=True)
        return Entered(entered.token, entered.device, codes)


def over() -> Refusal:
    """The refusal of half a session that is over."""
    return refuse("over", "This took too long: sign in anew", "धेरै समय लाग्यो: फेरि साइन इन गर्नुहोस्")


def wrong_code() -> Refusal:
    """The refusal of a code that does not fit, or that served already."""
    return refuse(
        "code",
        "This code does not fit, or was used already: wait for the next one of the app and type it",
        "यो कोड मिलेन वा प्रयोग भइसक्यो: एपको अर्को कोड पर्खेर टाइप गर्नुहोस्",
    )
