"""Tokens for programs: each acts as the person who made it, in no more than its scopes, until its last day."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.brake import Origin
from sop_engine.services.installation import Installation, new_id
from sop_engine.services.security import proven
from sop_engine.sop.language import Text
from sop_engine.store import people, tokens
from sop_engine.store.database import Unwritable, looking, writing
from sop_engine.store.people import Account
from sop_engine.store.tokens import Token

__all__ = ["MOST_DAYS", "SCOPES", "Bearer", "Token", "bearer_of", "end_token", "make_token", "tokens_of"]
SCOPES = {
    "read": Text("Read lists, cases, procedures and forms", "सूची, विषय, कार्यविधि र फारम पढ्ने"),
    "find": Text("Find cases by what somebody says", "कसैले भनेको कुराबाट विषय खोज्ने"),
    "open": Text("Open cases", "विषय खोल्ने"),
    "record": Text("Record steps, papers, consents and notes", "चरण, कागज, सहमति र टिप्पणी राख्ने"),
    "act": Text("Move cases, accept, sign and ask", "विषय अगाडि बढाउने, स्वीकार गर्ने, हस्ताक्षर गर्ने र माग्ने"),
    "review": Text("Read figures and the register of homes", "तथ्याङ्क र बालगृहको दर्ता पढ्ने"),
}
MOST_DAYS, MOST_TOKENS, LONGEST_NAME = 365, 20, 80
TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever sends a token: the person for whom it acts, and what it may be used for."""

    account: Account
    scopes: frozenset[str]


def make_token(
    inst: Installation,
    account: Account,
    name: str,
    scopes: Iterable[str],
    days: int,
    password: str,
    origin: Origin,
) -> str | Refusal:
    """A new token of somebody who typed her password again; its secret is given once."""
    name, wanted, now = name.replace("\0", "").strip(), frozenset(scopes), inst.clock()
    wrong = _wrong(name, wanted, days)
    if wrong is not None:
        return wrong
    refused = proven(inst, account, password, origin)
    if refused is not None:
        return refused
    with writing(inst.engine) as connection:
        there = [one for one in tokens.of_person(connection, account.id) if one.expires > now]
        if len(there) >= MOST_TOKENS:
            return refuse(
                "too_many",
                f"You have {MOST_TOKENS} tokens: end one first",
                f"{MOST_TOKENS} वटा टोकन छन्: पहिले एउटा अन्त्य गर्नुहोस्",
            )
        return tokens.make(
            connection, inst.guard, Token(new_id(), account.id, name, wanted, now, now + timedelta(days=days))
        )


def _wrong(name: str, wanted: frozenset[str], days: int) -> Refusal | None:
    """Why a token cannot be made as it was asked for."""
    if not 1 <= len(name) <= LONGEST_NAME:
        return refuse(
            "name",
            f"Say in 1 to {LONGEST_NAME} letters what the token is for",
            f"टोकन केका लागि हो १ देखि {LONGEST_NAME} अक्षरमा लेख्नुहोस्",
        )
    if not wanted or not wanted <= SCOPES.keys():
        return refuse("scopes", "Choose what the token may do", "टोकनले के गर्न सक्छ छान्नुहोस्")
    if not 1 <= days <= MOST_DAYS:
        return refuse("days", f"A token lasts 1 to {MOST_DAYS} days", f"टोकन १ देखि {MOST_DAYS} दिनसम्म चल्छ")
    return None


def tokens_of(inst: Installation, account: Account) -> list[Token]:
    """Somebody's own tokens, newest first, also those that are over."""
    with looking(inst.engine) as connection:
        return tokens.of_person(connection, account.id)


def end_token(inst: Installation, account: Account, identity: str) -> bool:
    """End one of somebody's own tokens at once."""
    with writing(inst.engine) as connection:
        return tokens.end(connection, account.id, identity)


def bearer_of(inst: Installation, secret: str) -> Bearer | None:
    """For whom a token acts, and with which scopes; None where it is unknown or over. Notes when it was used."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        found = tokens.find(connection, inst.guard, secret)
        account = (
            people.who_signs_in(connection, inst.guard, found.person)
            if found is not None and found.expires > now
            else None
        )
    if found is None or account is None:
        return None
    if found.last_used is None or now - found.last_used > TOUCH:
        # Where nothing can be written, what is only read goes on.
        with suppress(Unwritable), writing(inst.engine) as connection:
            tokens.used(connection, found.id, now)
    return Bearer(account, found.scopes)
