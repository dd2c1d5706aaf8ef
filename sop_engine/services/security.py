"""What somebody does for the safety of her own account: sessions, second factor, recovery codes, password.

Whatever makes an account weaker or moves it asks for the password again, under the same brake as signing in.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import brake, factors
from sop_engine.services.accounts import Entered, Origin, new_session, wrong_code
from sop_engine.services.factors import SettingUp
from sop_engine.services.installation import Installation
from sop_engine.services.passwords import SHORTEST, weak
from sop_engine.store import factors as stored_factors
from sop_engine.store import people, sessions
from sop_engine.store.database import looking, writing
from sop_engine.store.factors import RECOVERY, TOTP, Factor
from sop_engine.store.people import Account
from sop_engine.store.sessions import Line

__all__ = [
    "SHORTEST", "Security", "app_begun", "begin_app", "change_password", "confirm_app", "end_other_sessions",
    "end_session", "proven", "remove_app", "renew_recovery_codes", "security_of", "seen_new_device",
]  # fmt: skip
MOST_APPS = 5


@dataclass(frozen=True, slots=True)
class Security:
    """The page of an account: its sessions and which is this one, its code apps, how many recovery codes are left."""

    sessions: list[Line]
    this: str
    apps: list[Factor]
    recovery_codes: int
    required: bool


def security_of(inst: Installation, account: Account, token: str) -> Security:
    """All that somebody can look after herself."""
    rules = inst.rules
    with looking(inst.engine) as connection:
        living = sessions.living(connection, account.id, inst.clock(), rules.idle, rules.absolute)
        found = stored_factors.of_person(connection, account.id)
    apps = [one for one in found if one.kind == TOTP]
    return Security(living, sessions.key_of(token), apps, len(found) - len(apps), rules.second_factor)


def proven(inst: Installation, account: Account, password: str, origin: Origin) -> Refusal | None:
    """Whether somebody who is signed in knows her password; a refusal where not, or where she must wait."""
    with looking(inst.engine) as connection:
        tries = brake.tries_of(inst, connection, brake.PASSWORD, account.sign_in, origin)
    waits = brake.take(inst, tries)
    if waits is not None:
        return brake.told(waits)
    with looking(inst.engine) as connection:
        checked = people.check(connection, account.sign_in, password)
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
        apps = [one for one in stored_factors.of_person(connection, account.id) if one.kind == TOTP]
        if len(apps) >= MOST_APPS:
            return refuse(
                "too_many",
                f"You have {MOST_APPS} code apps: remove one first",
                f"{MOST_APPS} वटा कोड एप छन्: पहिले एउटा हटाउनुहोस्",
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
        there = stored_factors.of_person(connection, account.id)
        codes: tuple[str, ...] = ()
        if not any(one.kind == RECOVERY for one in there):
            codes = factors.new_recovery_codes(inst, connection, account.id)
        entered = new_session(inst, connection, account, origin, strong=True)
    return Entered(entered.token, entered.device, codes)


def remove_app(inst: Installation, account: Account, identity: str, password: str, origin: Origin) -> Refusal | None:
    """Take one of somebody's own code apps away; the last one stays where a second factor is required."""
    refused = proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        apps = [one.id for one in stored_factors.of_person(connection, account.id) if one.kind == TOTP]
        if identity in apps and len(apps) == 1 and inst.rules.second_factor:
            return refuse(
                "last",
                "This is your only code app: set up another one first",
                "यो तपाईंको एक मात्र कोड एप हो: पहिले अर्को राख्नुहोस्",
            )
        if identity in apps:
            _remove(connection, account, identity, last=len(apps) == 1)
    return None


def _remove(connection: Connection, account: Account, identity: str, last: bool) -> None:
    """Recovery codes stand in for an app: they go with the last one."""
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
        if not stored_factors.has_app(connection, account.id):
            return refuse("no_app", "Set up a code app first", "पहिले कोड एप राख्नुहोस्")
        return factors.new_recovery_codes(inst, connection, account.id)


def change_password(
    inst: Installation, account: Account, password: str, wanted: str, again: str, origin: Origin
) -> Entered | Refusal:
    """Another password. Every other session ends, and this one gets a new token."""
    if wanted != again:
        return refuse("again", "The new password was typed in two ways", "नयाँ पासवर्ड दुई पटक फरक टाइप भयो")
    found = weak(wanted, (account.sign_in, account.shown_as))
    refused = found if found is not None else proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        people.set_password(connection, account.id, wanted)
        strong = stored_factors.has_app(connection, account.id)
        return new_session(inst, connection, account, origin, strong)
