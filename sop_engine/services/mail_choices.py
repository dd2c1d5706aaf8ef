"""What a person chooses about e-mails: her address, which kinds of notices, how often, and her quiet hours.

An address counts only once its owner has typed the code that was mailed to it. It is sealed with the key of her agency.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

import msgspec
from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.installation import Installation
from sop_engine.services.mail_times import AT_ONCE, DAILY, NEVER, Rhythm
from sop_engine.services.post import is_address
from sop_engine.store import mailing
from sop_engine.store.database import looking, writing
from sop_engine.store.mailing import Mailing
from sop_engine.store.notices import KINDS
from sop_engine.store.people import Account
from sop_engine.store.sealing import seal, unseal

HOWS = (AT_ONCE, DAILY, NEVER)
CODE_LASTS = timedelta(minutes=30)
MOST_TRIES = 5
MOST_ASKS, IN = 5, timedelta(hours=24)
DIGITS = 6
NEW_DEVICE = "new"


class Unproven(msgspec.Struct, frozen=True):
    """An address and the code that was mailed to it."""

    address: str
    code: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a page shows of somebody's choices; `waiting` is an address that is not proven yet, while its code lasts."""

    mailing: Mailing
    address: str | None
    waiting: str | None
    can_mail: bool


def choices_of(inst: Installation, account: Account) -> Choices:
    """What somebody chose so far."""
    with looking(inst.engine) as connection:
        one = mailing.load(connection, account.id)
        unproven = code_of(inst, connection, one)
        address = address_of(inst, connection, one)
    return Choices(one, address, unproven.address if unproven is not None else None, inst.post is not None)


def choose(
    inst: Installation, account: Account, language: str, how: str, hour: int, quiet: tuple[int, int] | None,
    kinds: Iterable[str],
) -> Refusal | None:  # fmt: skip
    """Keep what somebody chose; the kinds that she did not choose come by no e-mail."""
    chosen = set(kinds)
    hours = (hour, *(quiet or ()))
    if how not in HOWS or not chosen <= set(KINDS) or not all(0 <= one < 24 for one in hours):
        return refuse("no_choice", "Choose from the list", "सूचीबाट छान्नुहोस्")
    begin, end = quiet if quiet is not None else (None, None)
    with writing(inst.engine) as connection:
        mailing.change(
            connection, account.id, language=language, how=how, hour=hour, quiet_from=begin, quiet_to=end,
            kinds=tuple(chosen),
        )  # fmt: skip
    return None


def ask_for_code(inst: Installation, account: Account, typed: str, language: str) -> Refusal | None:
    """Have a code mailed to an address that somebody says is hers."""
    address = typed.strip()
    if not is_address(address):
        return refuse("no_address", "This is no e-mail address: check it", "यो इमेल ठेगाना होइन: जाँच्नुहोस्")
    with writing(inst.engine) as connection:
        one = mailing.load(connection, account.id, to_change=True)
        refused = _one_more(inst, connection, one)
        if refused is not None:
            return refused
        code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
        plain = msgspec.json.encode(Unproven(address, code))
        sealed = seal(
            inst.keys.of_worker(connection, account.id, account.agency), plain, _bound(account.id, "unproven")
        )
        mailing.change(
            connection, account.id, language=language, unproven=sealed, asked=inst.clock(), tries=0, wanted="code"
        )
    return None


def prove(inst: Installation, account: Account, typed: str) -> Refusal | None:
    """Let an address count where the code fits that was mailed to it; after some wrong ones a new code is needed."""
    with writing(inst.engine) as connection:
        one = mailing.load(connection, account.id, to_change=True)
        unproven = code_of(inst, connection, one)
        if unproven is None:
            return refuse("code_over", "This code is over: ask for a new one", "यो कोड सकियो: नयाँ कोड माग्नुहोस्")
        if not compare_digest(unproven.code.encode(), "".join(typed.split()).encode()):
            mailing.change(connection, account.id, tries=one.tries + 1)
            return refuse("wrong_code", "This is not the code that was mailed", "पठाइएको कोड यो होइन")
        key = inst.keys.of_worker(connection, account.id, account.agency)
        sealed = seal(key, unproven.address.encode(), _bound(account.id, "address"))
        _forget_code(connection, account, address=sealed, failures=0, retry=None)
    return None


def forget_address(inst: Installation, account: Account) -> None:
    """Take somebody's address away: no e-mail comes any more."""
    with writing(inst.engine) as connection:
        _forget_code(connection, account, address=None, failures=0, retry=None)


def ask_for_test(inst: Installation, account: Account, language: str) -> Refusal | None:
    """Have a test mailed to somebody's proven address."""
    with writing(inst.engine) as connection:
        one = mailing.load(connection, account.id, to_change=True)
        if address_of(inst, connection, one) is None:
            return refuse("no_address_yet", "There is no address yet", "अहिलेसम्म ठेगाना छैन")
        refused = _one_more(inst, connection, one)
        if refused is None:
            mailing.change(connection, account.id, language=language, wanted="test")
    return refused


def address_of(inst: Installation, connection: Connection, one: Mailing) -> str | None:
    """Somebody's proven address; None where there is none, or she left the agency under whose key it was sealed."""
    plain = _opened(inst, connection, one.person, "address", one.address)
    return plain.decode() if plain is not None else None


def code_of(inst: Installation, connection: Connection, one: Mailing) -> Unproven | None:
    """The address that somebody is to prove and its code; None where none was asked for, or the code is over."""
    if one.asked is None or inst.clock() - one.asked > CODE_LASTS or one.tries >= MOST_TRIES:
        return None
    plain = _opened(inst, connection, one.person, "unproven", one.unproven)
    return msgspec.json.decode(plain, type=Unproven) if plain is not None else None


def rhythm_of(one: Mailing) -> Rhythm:
    """When somebody may be told."""
    quiet = (one.quiet_from, one.quiet_to) if one.quiet_from is not None and one.quiet_to is not None else None
    return Rhythm(one.how, one.hour, quiet)


def tell_new_device(connection: Connection, account: Account) -> None:
    """Mail somebody that her account was signed in to from a new device, where she gets e-mails."""
    one = mailing.load(connection, account.id, to_change=True)
    if one.address is not None and one.how != NEVER and one.wanted is None:
        mailing.change(connection, account.id, wanted=NEW_DEVICE)


def _one_more(inst: Installation, connection: Connection, one: Mailing) -> Refusal | None:
    """Count a mail that somebody asks for herself: nobody's mail is to be flooded from here."""
    now = inst.clock()
    fresh = one.asks_since is None or now - one.asks_since > IN
    if not fresh and one.asks >= MOST_ASKS:
        return refuse(
            "too_many_mails", f"No more than {MOST_ASKS} such e-mails a day: try again tomorrow",
            f"यस्ता इमेल दिनको {MOST_ASKS} वटाभन्दा बढी पठाइँदैन: भोलि फेरि प्रयास गर्नुहोस्",
        )  # fmt: skip
    mailing.change(
        connection, one.person, asks=1 if fresh else one.asks + 1, asks_since=now if fresh else one.asks_since
    )
    return None


def _forget_code(connection: Connection, account: Account, **values: object) -> None:
    mailing.change(connection, account.id, unproven=None, asked=None, tries=0, wanted=None, **values)


def _opened(inst: Installation, connection: Connection, person: str, what: str, sealed: bytes | None) -> bytes | None:
    key = inst.keys.subject(connection, person) if sealed is not None else None
    return unseal(key, sealed, _bound(person, what)) if key is not None and sealed is not None else None


def _bound(person: str, what: str) -> str:
    return f"mailing/{person}/{what}"
