"""People who sign in. A password is kept only as Argon2id."""

import hmac
import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from sop_engine.store.factors import SECOND
from sop_engine.store.tables import agency, as_text, device, factor, from_text, person

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")
# Whoever has not ended and whose agency is in use.
SIGNS_IN = and_(
    person.c.ended.is_(None), person.c.agency.in_(select(agency.c.code).where(agency.c.deactivated.is_(None)))
)

_SECOND_FACTORS = (
    select(func.count())
    .select_from(factor)
    .where(factor.c.person == person.c.id, factor.c.kind.in_(SECOND), factor.c.begun_by.is_(None))
    .scalar_subquery()
)
# An account with all that is vouched for.
WHOLE = select(person, _SECOND_FACTORS.label("second_factors"))
_log = structlog.get_logger("accounts")


ADMINISTRATOR, AGENCY_ADMINISTRATOR = "administrator", "agency_administrator"
ADMINISTERING = frozenset((ADMINISTRATOR, AGENCY_ADMINISTRATOR))


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody reads: `language` en or ne, `digits` latn or deva, `calendar` (shown first) ad or bs.

    None where nothing was chosen: digits and calendar are then those of the language.
    """

    language: str | None = None
    digits: str | None = None
    calendar: str | None = None

    @property
    def devanagari(self) -> bool:
        """Whether numbers are written ०-९."""
        return self.digits == "deva" if self.digits else self.language == "ne"

    @property
    def bikram_sambat(self) -> bool:
        """Whether dates stand in Bikram Sambat first, and are typed in it."""
        return self.calendar == "bs" if self.calendar else self.language == "ne"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in: for which agency they act, in which roles, and how they read."""

    id: str
    sign_in: str
    agency: str
    shown_as: str
    roles: frozenset[str]
    demo: bool = False
    reader: Reader = Reader()
    given_until: datetime | None = None

    @property
    def works(self) -> bool:
        """Whether she works on the cases of her agency: everybody but who has roles of administration alone."""
        return not self.roles or not self.roles <= ADMINISTERING


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in a list of people: when she signed in last, whether she has a second factor, since when it is over."""

    account: Account
    signed_in: datetime | None
    has_factor: bool
    ended: datetime | None


def add(connection: Connection, guard: bytes, account: Account, password: str, cheap: bool = False) -> None:
    """Add an account; `cheap` hashes quickly and is for demonstration accounts with random passwords only.

    A password that is `given_until` a moment must be changed by then.
    """
    hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1) if cheap else _hasher
    connection.execute(
        insert(person).values(
            id=account.id,
            sign_in=account.sign_in,
            agency=account.agency,
            shown_as=account.shown_as,
            roles=_roles(account.roles),
            password=hasher.hash(_spelled(password)),
            demo=account.demo,
            given_until=as_text(account.given_until) if account.given_until is not None else None,
            language=account.reader.language,
            digits=account.reader.digits,
            calendar=account.reader.calendar,
            vouched="",
        )
    )
    vouch(connection, guard, account.id)


def vouch(connection: Connection, guard: bytes, identity: str) -> None:
    """Vouch for what opens an account as it stands now: after each change of it, and of its second factors."""
    row = connection.execute(WHOLE.where(person.c.id == identity)).one()
    connection.execute(update(person).where(person.c.id == identity).values(vouched=_code(guard, row)))


def vouch_again(connection: Connection, before: bytes | None, guard: bytes) -> int:
    """Vouch by another key for every account that was vouched for before (for all, where `before` is None)."""
    spared = set(altered(connection, before)) if before is not None else set()
    known = [row.id for row in connection.execute(select(person.c.id)) if row.id not in spared]
    for identity in known:
        vouch(connection, guard, identity)
    return len(known)


def altered(connection: Connection, guard: bytes) -> list[str]:
    """The ids of accounts that were changed otherwise than by this program: what opens them, or whose they are."""
    rows = connection.execute(WHOLE.order_by(person.c.id)).all()
    return [row.id for row in rows if not hmac.compare_digest(row.vouched, _code(guard, row))]


def _code(guard: bytes, row: Row[tuple[object, ...]]) -> str:
    """Over id, name, agency, roles, hash of the password, when it ended, and how many second factors there are."""
    opens = [row.id, row.sign_in, row.agency, row.roles, row.password, row.ended, row.second_factors]
    return hmac.digest(guard, json.dumps(opens).encode(), "sha256").hex()


def at_the_door(guard: bytes, row: Row[tuple[object, ...]] | None) -> Account | None:
    """The account of a row of `WHOLE` for somebody who comes in; None for one that nobody vouched for."""
    if row is None:
        return None
    if not hmac.compare_digest(row.vouched, _code(guard, row)):
        _log.error("account altered", person=row.id)
        return None
    return account_of(row)


def check(connection: Connection, guard: bytes, sign_in: str, password: str) -> Account | None:
    """The account whose password this is. Takes as long for an unknown name as for a wrong password."""
    row = connection.execute(WHOLE.where(person.c.sign_in == sign_in, SIGNS_IN)).first()
    fitting = fits(row.password if row is not None else None, password)
    return at_the_door(guard, row) if fitting else None


def password_of(connection: Connection, identity: str, held: bool = False) -> str | None:
    """Somebody's password as it is kept; `held`, nobody changes it before this transaction ends."""
    query = select(person.c.password).where(person.c.id == identity)
    return connection.execute(query.with_for_update(read=True) if held else query).scalar_one_or_none()


def hashed(secret: str) -> str:
    """A password or a PIN as it is kept."""
    return _hasher.hash(_spelled(secret))


def fits(kept: str | None, typed: str) -> bool:
    """Whether a secret is the one that is kept; takes as long where nothing is."""
    try:
        _hasher.verify(kept if kept is not None else _NOBODY, _spelled(typed))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None


def _spelled(password: str) -> str:
    """A password as it is hashed: keyboards put the same letter together in more than one way."""
    return unicodedata.normalize("NFC", password)


def set_password(
    connection: Connection, guard: bytes, identity: str, password: str, given_until: datetime | None = None
) -> None:
    """Give somebody another password; one that somebody else gave is good until a moment, to choose her own."""
    until = as_text(given_until) if given_until is not None else None
    values = {"password": hashed(password), "given_until": until}
    connection.execute(update(person).where(person.c.id == identity).values(values))
    vouch(connection, guard, identity)


def set_roles(
    connection: Connection, guard: bytes, identity: str, before: frozenset[str], roles: frozenset[str]
) -> bool:
    """Give somebody other roles; False where hers are not what they were `before`, or her account has ended."""
    which = (person.c.id == identity, person.c.roles == _roles(before), person.c.ended.is_(None))
    if connection.execute(update(person).where(*which).values(roles=_roles(roles))).rowcount != 1:
        return False
    vouch(connection, guard, identity)
    return True


def _roles(roles: frozenset[str]) -> str:
    return msgspec.json.encode(sorted(roles)).decode()


def note_new_device(connection: Connection, identity: str, at: datetime) -> bool:
    """Somebody's password was right on a device that she never used; False where she has one to look at already."""
    which = (person.c.id == identity, person.c.new_device.is_(None))
    return connection.execute(update(person).where(*which).values(new_device=as_text(at))).rowcount == 1


def seen_new_device(connection: Connection, identity: str) -> None:
    """Somebody has looked at the sign-in from a new device."""
    connection.execute(update(person).where(person.c.id == identity).values(new_device=None))


def end(connection: Connection, guard: bytes, identity: str, now: datetime) -> bool:
    """End an account: nobody signs in with it any more. Its name stays where it stands. False where it has ended."""
    which = (person.c.id == identity, person.c.ended.is_(None))
    if connection.execute(update(person).where(*which).values(ended=as_text(now), password="")).rowcount != 1:  # nosec B106
        return False
    vouch(connection, guard, identity)
    return True


def any_real(connection: Connection) -> bool:
    """Whether anybody can sign in who is not of a demonstration."""
    which = (person.c.demo.is_(False), person.c.ended.is_(None))
    return connection.execute(select(person.c.id).where(*which).limit(1)).first() is not None


def by_id(connection: Connection, identity: str) -> Account | None:
    row = connection.execute(select(person).where(person.c.id == identity)).first()
    return account_of(row) if row is not None else None


def who_signs_in(connection: Connection, guard: bytes, identity: str) -> Account | None:
    """The account of this id, where its owner can sign in now."""
    return at_the_door(guard, connection.execute(WHOLE.where(person.c.id == identity, SIGNS_IN)).first())


def by_sign_in(connection: Connection, sign_in: str, ended: bool = False) -> Account | None:
    """The account with this sign-in; one that is `ended` only where asked."""
    which = [person.c.sign_in == sign_in, *([] if ended else [person.c.ended.is_(None)])]
    row = connection.execute(select(person).where(*which)).first()
    return account_of(row) if row is not None else None


def workers_of(connection: Connection, agency: str) -> list[Account]:
    """The people of an agency who can sign in and work on its cases."""
    return [one for one in of_agency(connection, agency) if one.works]


def of_agency(connection: Connection, agency: str) -> list[Account]:
    """The people of an agency who can sign in."""
    which = (person.c.agency == agency, person.c.ended.is_(None))
    rows = connection.execute(select(person).where(*which).order_by(person.c.shown_as))
    return [account_of(row) for row in rows]


def listed(connection: Connection, agency: str) -> list[Entry]:
    """Everybody of an agency, also those who left, these last."""
    return _entries(connection, person.c.agency == agency)


def entry(connection: Connection, identity: str) -> Entry | None:
    """One person as a list shows her."""
    return next(iter(_entries(connection, person.c.id == identity)), None)


def _entries(connection: Connection, where: ColumnElement[bool]) -> list[Entry]:
    used = select(func.max(device.c.last_used)).where(device.c.person == person.c.id).scalar_subquery()
    second = select(factor.c.id).where(
        factor.c.person == person.c.id, factor.c.kind.in_(SECOND), factor.c.begun_by.is_(None)
    )
    query = select(person, used.label("used"), second.exists().label("has_factor")).where(where)
    ordered = query.order_by(person.c.ended.is_not(None), person.c.shown_as, person.c.id)
    return [
        Entry(account_of(row), _moment(row.used), bool(row.has_factor), _moment(row.ended))
        for row in connection.execute(ordered)
    ]


def _moment(stored: str | None) -> datetime | None:
    return from_text(stored) if stored is not None else None


def of_roles(connection: Connection, role: str) -> int:
    """How many who can sign in have a role."""
    rows = connection.execute(select(person.c.roles).where(SIGNS_IN))
    return sum(role in msgspec.json.decode(row.roles) for row in rows)


def all_of(connection: Connection) -> list[Account]:
    """Everybody who can sign in."""
    rows = connection.execute(select(person).where(person.c.ended.is_(None)).order_by(person.c.id))
    return [account_of(row) for row in rows]


def workers(connection: Connection) -> dict[str, list[Account]]:
    """Everybody who can sign in and works on cases, by agency."""
    found: dict[str, list[Account]] = {}
    for account in all_of(connection):
        if account.works:
            found.setdefault(account.agency, []).append(account)
    return found


def names(connection: Connection, ids: set[str]) -> dict[str, str]:
    """How the people with these ids are shown."""
    if not ids:
        return {}
    rows = connection.execute(select(person.c.id, person.c.shown_as).where(person.c.id.in_(sorted(ids))))
    return {row.id: row.shown_as for row in rows}


def account_of(row: Row[tuple[object, ...]]) -> Account:
    """The account that a row of a person tells of."""
    reader = Reader(row.language, row.digits, row.calendar)
    roles = frozenset(msgspec.json.decode(row.roles))
    given = _moment(row.given_until)
    return Account(row.id, row.sign_in, row.agency, row.shown_as, roles, row.demo, reader, given)


def reads(connection: Connection, identity: str, reader: Reader) -> None:
    """Keep how somebody reads, for every device on which they sign in."""
    chosen = {"language": reader.language, "digits": reader.digits, "calendar": reader.calendar}
    connection.execute(update(person).where(person.c.id == identity).values(chosen))
