"""Passkeys (WebAuthn): what a browser is asked for, and whether its answer fits. Knows no page and no session.

What is asked belongs to one holder (a session, half of one, or a browser), is good for five minutes and serves once.
The device must see that its owner is there and is herself: by her finger, her face, or a number that it asks for.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import structlog
import webauthn
from sqlalchemy import Connection
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import factors
from sop_engine.services.installation import Installation, new_id
from sop_engine.store import challenges, people
from sop_engine.store import factors as stored
from sop_engine.store.factors import PASSKEY, Factor
from sop_engine.store.people import Account

ADD, USE = "add", "use"
LASTS = timedelta(minutes=5)
LONGEST_ANSWER = 20_000
# What the library raises for an answer that no browser gives.
MALFORMED = (
    WebAuthnException, ValueError, TypeError, LookupError, AttributeError, OverflowError, EOFError, RecursionError,
)  # fmt: skip
_REQUIRED = UserVerificationRequirement.REQUIRED
_log = structlog.get_logger("accounts")


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are good: `host` is what they are bound to, `origin` the address that the page must have."""

    host: str
    origin: str


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a passkey, sealed: what the device calls it, and the public key."""

    called: bytes
    public: bytes


def ask_to_add(inst: Installation, connection: Connection, account: Account, holder: str, place: Place) -> str:
    """What a browser is asked for to make a passkey, as JSON. Devices that have one already make no other."""
    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=place.host,
        user_id=account.id.encode(),
        user_name=account.sign_in,
        challenge=_bytes(challenges.ask(connection, holder, ADD, inst.clock())),
        timeout=_milliseconds(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
        exclude_credentials=_descriptors(inst, connection, account.id),
    )
    return webauthn.options_to_json(options)


def add(
    inst: Installation, connection: Connection, account: Account, holder: str, place: Place, said: str, name: str
) -> Refusal | None:
    """Keep the passkey that a browser made; from now on it counts."""
    asked = challenges.take(connection, holder, ADD, inst.clock() - LASTS)
    if asked is None:
        return wrong_passkey()
    try:
        made = webauthn.verify_registration_response(
            credential=_answer(said),
            expected_challenge=_bytes(asked),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except MALFORMED:
        return wrong_passkey()
    identity = new_id()
    kept = msgspec.json.encode(Kept(made.credential_id, made.credential_public_key))
    sealed = factors.sealed(inst, connection, account.id, identity, kept)
    plain = name.replace("\0", "").strip()[: factors.LONGEST_NAME]
    stored.add(
        connection, Factor(identity, account.id, PASSKEY, plain, sealed, inst.clock(), last_step=made.sign_count)
    )
    people.vouch(connection, inst.guard, account.id)
    return None


def ask_to_use(inst: Installation, connection: Connection, holder: str, place: Place, owner: str | None) -> str:
    """What a browser is asked for to use a passkey, as JSON: one of an `owner`, or any that it has for this place."""
    options = webauthn.generate_authentication_options(
        rp_id=place.host,
        challenge=_bytes(challenges.ask(connection, holder, USE, inst.clock())),
        timeout=_milliseconds(),
        allow_credentials=_descriptors(inst, connection, owner) if owner is not None else [],
        user_verification=_REQUIRED,
    )
    return webauthn.options_to_json(options)


def owner_of(said: str) -> str | None:
    """Whose passkey an answer says that it is; nothing is proven by it. None where it does not say."""
    try:
        return _bytes(_answer(said)["response"]["userHandle"]).decode()
    except MALFORMED:
        return None


def serves(
    inst: Installation, connection: Connection, owner: str, holder: str, place: Place, said: str
) -> Refusal | None:
    """Whether an answer is of one of somebody's passkeys, and to what this holder was asked; a refusal where not."""
    asked = challenges.take(connection, holder, USE, inst.clock() - LASTS)
    found = _called(inst, connection, owner, said)
    if asked is None or found is None:
        return wrong_passkey()
    one, kept = found
    try:
        # The count is compared where it is kept: two answers at once see the same one here.
        used = webauthn.verify_authentication_response(
            credential=_answer(said),
            expected_challenge=_bytes(asked),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=kept.public,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except MALFORMED:
        return wrong_passkey()
    if not stored.serve_count(connection, one.id, used.new_sign_count, inst.clock()):
        _log.warning("passkey copied", person=owner, factor=one.id)
        return _copied()
    return None


def wrong_passkey() -> Refusal:
    """The refusal of a passkey that does not fit, or of an answer that came too late or twice."""
    return refuse(
        "passkey",
        "This passkey does not fit here, or it took too long: try again",
        "यो पासकी यहाँ मिलेन वा धेरै समय लाग्यो: फेरि प्रयास गर्नुहोस्",
    )


def _copied() -> Refusal:
    return refuse(
        "copied",
        "This passkey counts backwards, as a copy of it would: sign in another way, remove it, and tell whoever looks "
        "after accounts",
        "यो पासकीको गणना पछाडि फर्कियो, नक्कल भएजस्तो देखिन्छ: अर्को तरिकाले साइन इन गरेर यसलाई हटाउनुहोस् "
        "र खाता हेर्ने व्यक्तिलाई भन्नुहोस्",
    )


def _called(inst: Installation, connection: Connection, owner: str, said: str) -> tuple[Factor, Kept] | None:
    """The passkey of somebody that an answer names."""
    try:
        called = _bytes(_answer(said)["rawId"])
    except MALFORMED:
        return None
    there = _of(inst, connection, owner)
    return next(((one, kept) for one, kept in there if kept.called == called), None)


def _of(inst: Installation, connection: Connection, owner: str) -> list[tuple[Factor, Kept]]:
    mine = [one for one in stored.of_person(connection, owner) if one.kind == PASSKEY]
    return [(one, msgspec.json.decode(factors.opened(inst, connection, one), type=Kept)) for one in mine]


def _descriptors(inst: Installation, connection: Connection, owner: str) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=kept.called) for _, kept in _of(inst, connection, owner)]


def _answer(said: str) -> dict[str, dict[str, str]]:
    """What a browser answered; raises one of MALFORMED where it is none."""
    answer = json.loads(said) if len(said) <= LONGEST_ANSWER else None
    if not isinstance(answer, dict):
        raise TypeError
    return answer


def _bytes(text: object) -> bytes:
    """The bytes that base64url without filling stands for."""
    if not isinstance(text, str):
        raise TypeError
    return urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))


def _milliseconds() -> int:
    return LASTS // timedelta(milliseconds=1)
