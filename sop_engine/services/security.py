"""What somebody does for the safety of her own account: sessions, second factors, recovery codes, password.

Whatever makes an account weaker or moves it asks for the password again, under the same brake as signing in.
"""

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import brake, factors, mail_choices, passkeys
from sop_engine.services.accounts import Entered, Origin, new_session
from sop_engine.services.factors import SettingUp
from sop_engine.services.installation import Installation
from sop_engine.services.passkeys import Place
from sop_engine.services.passwords import SHORTEST, weak
from sop_engine.services.second_step import wrong_code
from sop_engine.store import factors as stored_factors
from sop_engine.store import people, sessions
from sop_engine.store.database import looking, writing
from sop_engine.store.factors import PASSKEY, PROVIDER, RECOVERY, SECOND, TOTP, Factor
from sop_engine.store.people import Account
from sop_engine.store.sessions import Line

__all__ = [
    "SHORTEST", "Security", "add_passkey", "app_begun", "ask_for_address", "begin_app", "begin_passkey",
    "change_password", "confirm_app", "end_other_sessions", "end_session", "proven", "remove_factor",
    "renew_recovery_codes", "security_of", "seen_new_device",
]  # fmt: skip
MOST_OF_A_KIND = 5
_log = structlog.get_logger("accounts")


@dataclass(frozen=True, slots=True)
class Security:
    """The page of an account: its sessions and which is this one, its second factors, how many recovery codes are left.

    `tied` is who she is at the identity provider.
    """

    sessions: list[Line]
    this: str
    factors: list[Factor]
    recovery_codes: int
    required: bool
    tied: Factor | None


def security_of(inst: Installation, account: Account, token: str) -> Security:
    """All that somebody can look after herself."""
    rules = inst.rules
    with looking(inst.engine) as connection:
        living = sessions.living(connection, account.id, inst.clock(), rules.idle, rules.absolute)
        found = stored_factors.of_person(connection, account.id)
    second = [one for one in found if one.kind in SECOND]
    codes = sum(one.kind == RECOVERY for one in found)
    tied = next((one for one in found if one.kind == PROVIDER), None)
    return Security(living, sessions.key_of(token), second, codes, rules.second_factor, tied)


def proven(inst: Installation, account: Account, password: str, origin: Origin) -> Refusal | None:
    """Whether somebody who is signed in knows her password; a refusal where not, or where she must wait."""
    with looking(inst.engine) as connection:
        tries = brake.tries_of(inst, connection, brake.PASSWORD, account.sign_in, origin)
    waits = brake.take(inst, tries)
    if waits is not None:
        return brake.told(waits)
    with looking(inst.engine) as connection:
        checked = people.check(connection, inst.guard, account.sign_in, password)
    if checked is None:
        return refuse("password", "This is not your password: type it again", "यो तपाईंको पासवर्ड होइन: फेरि टाइप गर्नुहोस्")
    with writing(inst.engine) as connection:
        brake.passed(inst, connection, tries)
    return None


def end_session(inst: Installation, account: Account, key: str) -> bool:
    """End one of somebody's own sessions at once."""
    with writing(inst.engine) as connection:
        return sessions.end_one(connection, account.id, key)


def end_other_sessions(inst: Installation, account: Account, token: str) -> None:
    """End all sessions of somebody but this one."""
    with writing(inst.engine) as connection:
        sessions.end_all(connection, account.id, but=token)


def seen_new_device(inst: Installation, account: Account) -> None:
    """Somebody has looked at the sign-in from a new device."""
    with writing(inst.engine) as connection:
        people.seen_new_device(connection, account.id)


def begin_app(
    inst: Installation, account: Account, token: str, name: str, password: str, origin: Origin
) -> Refusal | None:
    """Begin to set up a code app in this session."""
    refused = proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        if _has_many(connection, account, TOTP):
            return refuse(
                "too_many",
                f"You have {MOST_OF_A_KIND} code apps: remove one first",
                f"{MOST_OF_A_KIND} वटा कोड एप छन्: पहिले एउटा हटाउनुहोस्",
            )
        plain = name.replace("\0", "").strip()[: factors.LONGEST_NAME]
        factors.begin(inst, connection, account.id, sessions.key_of(token), plain)
    return None


def app_begun(inst: Installation, account: Account, token: str, site: str) -> SettingUp | None:
    """The code app that somebody is setting up in this session."""
    with looking(inst.engine) as connection:
        return factors.setting_up(inst, connection, account.id, sessions.key_of(token), account.sign_in, site)


def confirm_app(inst: Installation, account: Account, token: str, typed: str, origin: Origin) -> Entered | Refusal:
    """The app counts now. Other sessions end, this one gets a new token; with the first app come recovery codes."""
    with writing(inst.engine) as connection:
        if not factors.confirm(inst, connection, account.id, sessions.key_of(token), typed):
            return wrong_code()
        entered = _added(inst, connection, account, origin)
    _log.warning("factor changed", person=account.id, what="app added")
    return entered


def begin_passkey(
    inst: Installation, account: Account, token: str, password: str, place: Place, origin: Origin
) -> str | Refusal:
    """What the browser of this session is asked for to make a passkey, as JSON."""
    refused = proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        if _has_many(connection, account, PASSKEY):
            return refuse(
                "too_many",
                f"You have {MOST_OF_A_KIND} passkeys: remove one first",
                f"{MOST_OF_A_KIND} वटा पासकी छन्: पहिले एउटा हटाउनुहोस्",
            )
        return passkeys.ask_to_add(inst, connection, account, sessions.key_of(token), place)


def add_passkey(
    inst: Installation, account: Account, token: str, said: str, name: str, place: Place, origin: Origin
) -> Entered | Refusal:
    """The passkey that the browser made counts from now on; `said` is its answer, as JSON. As with a first app."""
    with writing(inst.engine) as connection:
        refused = passkeys.add(inst, connection, account, sessions.key_of(token), place, said, name)
        if refused is not None:
            return refused
        entered = _added(inst, connection, account, origin)
    _log.warning("factor changed", person=account.id, what="passkey added")
    return entered


def _added(inst: Installation, connection: Connection, account: Account, origin: Origin) -> Entered:
    """Other sessions end, and this one goes on under a new token; with the first factor come recovery codes."""
    codes: tuple[str, ...] = ()
    if not any(one.kind == RECOVERY for one in stored_factors.of_person(connection, account.id)):
        codes = factors.new_recovery_codes(inst, connection, account.id)
    entered = new_session(inst, connection, account, origin, strong=True)
    return Entered(entered.token, entered.device, codes)


def _has_many(connection: Connection, account: Account, kind: str) -> bool:
    there = stored_factors.of_person(connection, account.id)
    return sum(one.kind == kind for one in there) >= MOST_OF_A_KIND


def remove_factor(inst: Installation, account: Account, identity: str, password: str, origin: Origin) -> Refusal | None:
    """Take one of somebody's own code apps or passkeys away; the last one stays where a second factor is required."""
    refused = proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        there = stored_factors.of_person(connection, account.id)
        second = {one.id: one.kind for one in there if one.kind in SECOND}
        if identity in second and len(second) == 1 and inst.rules.second_factor:
            return refuse(
                "last",
                "This is your only second factor: set up another one first",
                "यो तपाईंको एक मात्र दोस्रो प्रमाण हो: पहिले अर्को राख्नुहोस्",
            )
        if identity in second:
            _remove(connection, account, identity, last=len(second) == 1)
            people.vouch(connection, inst.guard, account.id)
            what = "passkey removed" if second[identity] == PASSKEY else "app removed"
            _log.warning("factor changed", person=account.id, what=what)
    return None


def _remove(connection: Connection, account: Account, identity: str, last: bool) -> None:
    """Recovery codes stand in for another factor: they go with the last one."""
    stored_factors.drop(connection, account.id, identity=identity)
    if last:
        stored_factors.drop(connection, account.id, kind=RECOVERY)


def renew_recovery_codes(
    inst: Installation, account: Account, password: str, origin: Origin
) -> tuple[str, ...] | Refusal:
    """Ten new recovery codes in place of those before."""
    refused = proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        if not stored_factors.kinds(connection, account.id):
            return refuse("no_factor", "Set up a code app or a passkey first", "पहिले कोड एप वा पासकी राख्नुहोस्")
        codes = factors.new_recovery_codes(inst, connection, account.id)
    _log.warning("factor changed", person=account.id, what="recovery codes")
    return codes


def ask_for_address(
    inst: Installation, account: Account, typed: str, language: str, password: str, origin: Origin
) -> Refusal | None:
    """Have a code mailed to another address of somebody."""
    refused = proven(inst, account, password, origin)
    return refused if refused is not None else mail_choices.ask_for_code(inst, account, typed, language)


def change_password(
    inst: Installation, account: Account, password: str, wanted: str, again: str, origin: Origin
) -> Entered | Refusal:
    """Another password. Every other session ends, and this one gets a new token."""
    if wanted != again:
        return refuse("again", "The new password was typed in two ways", "नयाँ पासवर्ड दुई पटक फरक टाइप भयो")
    if wanted == password:
        return refuse(
            "again", "This is the password until now: choose another one", "यो अहिलेसम्मकै पासवर्ड हो: अर्को छान्नुहोस्"
        )
    found = weak(wanted, (account.sign_in, account.shown_as))
    refused = found if found is not None else proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        people.set_password(connection, inst.guard, account.id, wanted)
        strong = bool(stored_factors.kinds(connection, account.id))
        entered = new_session(inst, connection, account, origin, strong)
    _log.warning("factor changed", person=account.id, what="password")
    return entered
