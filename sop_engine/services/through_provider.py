"""Signing in through an identity provider, and tying an account to who somebody is there.

Nobody becomes an account by signing in: its owner ties it first, signed in and with her password. Knows no page.
"""

import hashlib
from dataclasses import dataclass
from hmac import compare_digest

import msgspec
import structlog
from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import accounts, brake, factors
from sop_engine.services.accounts import Entered, Halfway, Origin
from sop_engine.services.identity_provider import Asked, Identity, Provider, Unreached, Untrue
from sop_engine.services.installation import Installation
from sop_engine.services.passkeys import LASTS
from sop_engine.services.security import proven
from sop_engine.store import challenges, people, sessions
from sop_engine.store import factors as stored
from sop_engine.store.database import looking, writing
from sop_engine.store.factors import PROVIDER, Factor
from sop_engine.store.people import Account

ENTER, TIE = "enter", "tie"
_log = structlog.get_logger("accounts")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sends back by the browser, and who holds it: `token` is of a session, or knows a browser."""

    token: str
    state: str
    code: str
    issuer: str | None
    back: str


def ties(state: str) -> bool:
    """Whether an answer is to somebody who ties her account; else she signs in. Which it is, is asked again."""
    return state.startswith(f"{TIE}.")


def begin(inst: Installation, token: str, back: str) -> str | Refusal:
    """The address at the provider where somebody signs in; `token` is what her browser will be known by."""
    return _begin(inst, token, ENTER, back)


def begin_tying(
    inst: Installation, account: Account, token: str, password: str, back: str, origin: Origin
) -> str | Refusal:
    """The address at the provider where somebody who is signed in shows who she is there."""
    refused = proven(inst, account, password, origin)
    return refused if refused is not None else _begin(inst, token, TIE, back)


def _begin(inst: Installation, token: str, purpose: str, back: str) -> str | Refusal:
    provider = _provider(inst)
    with writing(inst.engine) as connection:
        state = challenges.ask(connection, sessions.key_of(token), purpose, inst.clock())
    try:
        return provider.leads_to(Asked(f"{purpose}.{state}", token, back), inst.clock())
    except Unreached as problem:
        return _down(provider, problem)


def enter(inst: Installation, answer: Answer, origin: Origin) -> Entered | Halfway | Refusal:
    """What an answer of the provider opens, for an account that is tied to it."""
    with looking(inst.engine) as connection:
        tries = brake.tries_of(inst, connection, brake.PROVIDER, answer.token, origin)
    waits = brake.take(inst, tries)
    if waits is not None:
        return brake.told(waits)
    found = _identity(inst, answer, ENTER)
    if isinstance(found, Refusal):
        return found
    with writing(inst.engine) as connection:
        one = stored.of_id(connection, _row_of(found))
        account = people.who_signs_in(connection, inst.guard, one.person) if one is not None else None
        if one is None or account is None or not _is_tied(inst, connection, one, found):
            _log.warning("sign-in failed", person=None, why=brake.PROVIDER)
            return _unknown(_provider(inst))
        brake.passed(inst, connection, tries)
        stored.used(connection, one.id, inst.clock())
        return accounts.after_first(inst, connection, account, origin, found.strong)


def tie(inst: Installation, account: Account, answer: Answer) -> Refusal | None:
    """Tie somebody's account to who she is at the provider, in place of who she was there before."""
    found = _identity(inst, answer, TIE)
    if isinstance(found, Refusal):
        return found
    with writing(inst.engine) as connection:
        identity, provider = _row_of(found), _provider(inst)
        before = stored.of_id(connection, identity)
        if before is not None and before.person != account.id:
            return refuse(
                "tied",
                f"Who you are at {provider.title} opens another account here already",
                f"{provider.title} मा तपाईंको पहिचानले यहाँ अर्को खाता खोल्छ",
            )
        stored.drop(connection, account.id, kind=PROVIDER)
        kept = factors.sealed(inst, connection, account.id, identity, _written(found))
        stored.add(connection, Factor(identity, account.id, PROVIDER, provider.title, kept, inst.clock()))
    _log.warning("factor changed", person=account.id, what="provider tied")
    return None


def untie(inst: Installation, account: Account, password: str, origin: Origin) -> Refusal | None:
    """From now on the identity provider opens somebody's account no more."""
    refused = proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        if stored.drop(connection, account.id, kind=PROVIDER):
            _log.warning("factor changed", person=account.id, what="provider untied")
    return None


def _identity(inst: Installation, answer: Answer, purpose: str) -> Identity | Refusal:
    """Who an answer is of, where it is one to what this browser was asked for, and to nothing else."""
    provider = _provider(inst)
    with writing(inst.engine) as connection:
        asked = challenges.take(connection, sessions.key_of(answer.token), purpose, inst.clock() - LASTS)
    state = f"{purpose}.{asked}"
    if asked is None or not compare_digest(state.encode(), answer.state.encode()):
        return _wrong(provider, "state")
    if answer.issuer not in (None, provider.issuer) or not answer.code:
        return _wrong(provider, "answer")
    try:
        return provider.identity(Asked(state, answer.token, answer.back), answer.code, inst.clock())
    except Unreached as problem:
        return _down(provider, problem)
    except Untrue as problem:
        return _wrong(provider, str(problem))


def _provider(inst: Installation) -> Provider:
    assert inst.provider is not None, "pages about the provider are there with one only"
    return inst.provider


def _row_of(found: Identity) -> str:
    """The id of the row that ties an account to an identity: there can be one."""
    return hashlib.sha256(_written(found)).hexdigest()[:32]


def _written(found: Identity) -> bytes:
    return msgspec.json.encode([found.issuer, found.subject])


def _is_tied(inst: Installation, connection: Connection, one: Factor, found: Identity) -> bool:
    return one.kind == PROVIDER and factors.opened(inst, connection, one) == _written(found)


def _down(provider: Provider, problem: Unreached) -> Refusal:
    _log.warning("identity provider cannot be used", kind=str(problem))
    return refuse(
        "down",
        f"{provider.title} does not answer now: sign in with name and password",
        f"{provider.title} ले अहिले जवाफ दिएन: नाम र पासवर्डले साइन इन गर्नुहोस्",
    )


def _wrong(provider: Provider, why: str) -> Refusal:
    _log.warning("identity provider was not believed", kind=why)
    return refuse(
        "wrong",
        f"What came from {provider.title} does not fit, or took too long: try again",
        f"{provider.title} बाट आएको कुरा मिलेन वा धेरै समय लाग्यो: फेरि प्रयास गर्नुहोस्",
    )


def _unknown(provider: Provider) -> Refusal:
    return refuse(
        "unknown",
        f"No account here is tied to who you are at {provider.title}: sign in with name and password, and tie it under "
        "“Safety of my account”",
        f"{provider.title} मा तपाईंको पहिचान यहाँको कुनै खातासँग जोडिएको छैन: नाम र पासवर्डले साइन इन गरेर "
        "“मेरो खाताको सुरक्षा” मा जोड्नुहोस्",
    )
