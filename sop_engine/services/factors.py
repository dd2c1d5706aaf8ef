"""Factors that are typed: code apps (TOTP, RFC 6238) and recovery codes. Knows no page and no session."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

import pyotp
from sqlalchemy import Connection

from sop_engine.services.installation import LETTERS, Installation, new_id
from sop_engine.sop.digits import latin
from sop_engine.store import factors as stored
from sop_engine.store import people
from sop_engine.store.factors import RECOVERY, TOTP, Factor
from sop_engine.store.sealing import VaultLocked, seal, unseal

RECOVERY_CODES, RECOVERY_LETTERS = 10, 12
PERIOD_SECONDS, DIGITS = 30, 6
SETTING_UP = timedelta(minutes=30)
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class SettingUp:
    """A code app that is being set up: its secret as text in Base32, and the address that a QR code holds."""

    secret: str
    address: str


def begin(inst: Installation, connection: Connection, owner: str, by: str, name: str) -> None:
    """Begin to set up a code app in a session, or half of one, known as `by`."""
    stored.drop_begun(connection, owner, by)
    identity, secret = new_id(), pyotp.random_base32()
    kept = sealed(inst, connection, owner, identity, secret.encode())
    stored.add(connection, Factor(identity, owner, TOTP, name, kept, inst.clock(), by))


def setting_up(
    inst: Installation, connection: Connection, owner: str, by: str, label: str, site: str
) -> SettingUp | None:
    """The code app that is being set up there, as an app shows it: `label` at `site`. None where none is."""
    found = stored.begun(connection, owner, by, inst.clock() - SETTING_UP)
    if found is None:
        return None
    secret = opened(inst, connection, found).decode()
    return SettingUp(secret, pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=site))


def confirm(inst: Installation, connection: Connection, owner: str, by: str, typed: str) -> bool:
    """Whether what was typed is a code of the app that is being set up there; from now on it counts."""
    now = inst.clock()
    found = stored.begun(connection, owner, by, now - SETTING_UP)
    step = _step(opened(inst, connection, found).decode(), _plain(typed), now) if found is not None else None
    if found is None or step is None or not stored.confirm(connection, found.id, step, now):
        return False
    stored.drop_begun(connection, owner)
    people.vouch(connection, inst.guard, owner)
    return True


def serves(inst: Installation, connection: Connection, owner: str, typed: str) -> bool:
    """Whether what was typed is a code of one of somebody's factors; it serves this once and never again."""
    now, plain = inst.clock(), _plain(typed)
    typed_ones = [one for one in stored.of_person(connection, owner) if one.kind in (TOTP, RECOVERY)]
    return any(_serves(inst, connection, one, plain, now) for one in typed_ones)


def _serves(inst: Installation, connection: Connection, one: Factor, plain: str, now: datetime) -> bool:
    kept = opened(inst, connection, one)
    if one.kind == RECOVERY:
        return compare_digest(kept, _digest(plain)) and stored.serve_once(connection, one.id, now)
    step = _step(kept.decode(), plain, now)
    return step is not None and stored.serve_step(connection, one.id, step, now)


def new_recovery_codes(inst: Installation, connection: Connection, owner: str) -> tuple[str, ...]:
    """Ten new recovery codes, as they are shown once; those before are worth nothing now."""
    stored.drop(connection, owner, kind=RECOVERY)
    codes = tuple(_random_code() for _ in range(RECOVERY_CODES))
    for code in codes:
        identity = new_id()
        kept = sealed(inst, connection, owner, identity, _digest(_plain(code)))
        stored.add(connection, Factor(identity, owner, RECOVERY, "", kept, inst.clock()))
    return codes


def _random_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LETTERS))
    return "-".join(letters[place : place + 4] for place in range(0, RECOVERY_LETTERS, 4))


def _plain(typed: str) -> str:
    """What was typed without blanks and hyphens, in Latin digits and capitals."""
    return "".join(letter for letter in latin(typed).upper() if letter.isalnum())


def _step(secret: str, plain: str, now: datetime) -> int | None:
    """The time step of which this is the code: this one, the one before or the next; None where it is of neither."""
    if len(plain) != DIGITS or not (plain.isascii() and plain.isdigit()):
        return None
    app, here = pyotp.TOTP(secret), int(now.timestamp()) // PERIOD_SECONDS
    fitting = [step for step in (here - 1, here, here + 1) if compare_digest(app.generate_otp(step), plain)]
    return fitting[0] if fitting else None


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def sealed(inst: Installation, connection: Connection, owner: str, identity: str, plain: bytes) -> bytes:
    """The secret of a factor as it is kept: under the own key of whoever signs in, bound to its row."""
    account = people.by_id(connection, owner)
    assert account is not None, "whoever sets up a factor has an account"
    return seal(inst.keys.of_worker(connection, owner, account.agency), plain, f"factor/{identity}")


def opened(inst: Installation, connection: Connection, one: Factor) -> bytes:
    """The secret of a factor."""
    key = inst.keys.subject(connection, one.person)
    if key is None:
        raise VaultLocked("the key of somebody who signs in is gone: let her set up her second factor anew")
    return unseal(key, one.secret, f"factor/{one.id}")
