"""People who sign in. A password is kept only as Argon2id."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Row, insert, select, update

from sop_engine.store.tables import as_text, person

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")


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


def add(connection: Connection, account: Account, password: str, cheap: bool = False) -> None:
    """Add an account; `cheap` hashes quickly and is for demonstration accounts with random passwords only."""
    hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1) if cheap else _hasher
    connection.execute(
        insert(person).values(
            id=account.id,
            sign_in=account.sign_in,
            agency=account.agency,
            shown_as=account.shown_as,
            roles=msgspec.json.encode(sorted(account.roles)).decode(),
            password=hasher.hash(_spelled(password)),
            demo=account.demo,
            language=account.reader.language,
            digits=account.reader.digits,
            calendar=account.reader.calendar,
        )
    )


def check(connection: Connection, sign_in: str, password: str) -> Account | None:
    """The account whose password this is. Takes as long for an unknown name as for a wrong password."""
    row = connection.execute(select(person).where(person.c.sign_in == sign_in, person.c.ended.is_(None))).first()
    try:
        _hasher.verify(row.password if row is not None else _NOBODY, _spelled(password))
    except (VerifyMismatchError, InvalidHashError):
        return None
    return account_of(row) if row is not None else None


def _spelled(password: str) -> str:
    """A password as it is hashed: keyboards put the same letter together in more than one way."""
    return unicodedata.normalize("NFC", password)


def set_password(connection: Connection, identity: str, password: str) -> None:
    """Give somebody another password."""
    hashed = _hasher.hash(_spelled(password))
    connection.execute(update(person).where(person.c.id == identity).values(password=hashed))


def note_new_device(connection: Connection, identity: str, at: datetime) -> bool:
    """Somebody's password was right on a device that she never used; False where she has one to look at already."""
    which = (person.c.id == identity, person.c.new_device.is_(None))
    return connection.execute(update(person).where(*which).values(new_device=as_text(at))).rowcount == 1


def seen_new_device(connection: Connection, identity: str) -> None:
    """Somebody has looked at the sign-in from a new device."""
    connection.execute(update(person).where(person.c.id == identity).values(new_device=None))


def end(connection: Connection, identity: str, now: datetime) -> None:
    """End an account: nobody signs in with it any more. Its name stays where it stands."""
    connection.execute(update(person).where(person.c.id == identity).values(ended=as_text(now), password=""))  # nosec B106


def any_real(connection: Connection) -> bool:
    """Whether anybody can sign in who is not of a demonstration."""
    which = (person.c.demo.is_(False), person.c.ended.is_(None))
    return connection.execute(select(person.c.id).where(*which).limit(1)).first() is not None


def by_id(connection: Connection, identity: str) -> Account | None:
    row = connection.execute(select(person).where(person.c.id == identity)).first()
    return account_of(row) if row is not None else None


def by_sign_in(connection: Connection, sign_in: str, ended: bool = False) -> Account | None:
    """The account with this sign-in; one that is `ended` only where asked."""
    which = [person.c.sign_in == sign_in, *([] if ended else [person.c.ended.is_(None)])]
    row = connection.execute(select(person).where(*which)).first()
    return account_of(row) if row is not None else None


def of_agency(connection: Connection, agency: str) -> list[Account]:
    """The people of an agency who can sign in."""
    which = (person.c.agency == agency, person.c.ended.is_(None))
    rows = connection.execute(select(person).where(*which).order_by(person.c.shown_as))
    return [account_of(row) for row in rows]


def all_of(connection: Connection) -> dict[str, list[Account]]:
    """Everybody who can sign in, by agency."""
    found: dict[str, list[Account]] = {}
    for row in connection.execute(select(person).where(person.c.ended.is_(None)).order_by(person.c.id)):
        found.setdefault(row.agency, []).append(account_of(row))
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
    return Account(row.id, row.sign_in, row.agency, row.shown_as, roles, row.demo, reader)


def reads(connection: Connection, identity: str, reader: Reader) -> None:
    """Keep how somebody reads, for every device on which they sign in."""
    chosen = {"language": reader.language, "digits": reader.digits, "calendar": reader.calendar}
    connection.execute(update(person).where(person.c.id == identity).values(chosen))
