"""An installation: its database, keys, clock and reference data, put together by `sop_engine.app`."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from sop_engine.case.commands import Actor
from sop_engine.case.directory import Directory
from sop_engine.case.ground import Ground
from sop_engine.services.identity_provider import Provider
from sop_engine.services.post import Post
from sop_engine.services.registers import Registers
from sop_engine.sop.digits import latin
from sop_engine.store import directory as stored_directory
from sop_engine.store import procedures
from sop_engine.store.checkpoints import LogKey
from sop_engine.store.database import isolates, looking, reads_for, writing
from sop_engine.store.keys import KeyRing
from sop_engine.store.people import Account

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_LETTERS = 7
CASE, SHEET = "NP", "S"


@dataclass(frozen=True, slots=True)
class SignInRules:
    """What an installation asks of those who sign in: whether a second factor is required, and when a session ends.

    A session ends when nobody used it for `idle`, and in any case after `absolute`.
    """

    second_factor: bool = True
    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=12)


@dataclass(slots=True)
class Installation:
    """Everything that services need. `clock` is the only source of time; tests and the demo set it.

    `reference` is the folder of the directory's files, `documents` that of the sealed files of papers, `audit` that of
    the log's key and of what is known of its witnesses. `post` is the mail server, `provider` the identity provider;
    None where there is none. `epoch_lasts` is how long keys are wrapped by one epoch key, `scanner` the words that run
    a virus scanner.
    """

    engine: Engine
    keys: KeyRing
    clock: Callable[[], datetime]
    reference: Path
    documents: Path
    log_key: LogKey
    audit: Path
    post: Post | None = None
    rules: SignInRules = SignInRules()
    epoch_lasts: timedelta = timedelta(days=90)
    scanner: tuple[str, ...] = ()
    registers: Registers = field(default_factory=Registers)
    provider: Provider | None = None
    isolates: bool | None = None
    _directory: list[Directory] = field(default_factory=list)
    _grounds: dict[str, Ground] = field(default_factory=dict)

    @property
    def guard(self) -> bytes:
        """The key that vouches for what opens accounts (32 bytes); it follows from the key of the log."""
        return self.log_key.guard

    def for_agency(self, agency: str) -> "Installation":
        """The installation as an agency reads it: where the database can, it shows that agency's cases only."""
        if self.isolates is None:
            self.isolates = isolates(self.engine)
        if not self.isolates:
            return self
        return replace(self, engine=reads_for(self.engine, agency, self.clock()))

    def directory(self, connection: Connection) -> Directory:
        """The directory, read once; every agency's view of the installation shares it."""
        if not self._directory:
            self._directory.append(stored_directory.load(connection, self.reference))
        return self._directory[0]

    def directory_now(self) -> Directory:
        """The directory, outside any transaction."""
        with looking(self.engine) as connection:
            return self.directory(connection)

    def ground(self, connection: Connection, version: str) -> Ground:
        """The ground of an SOP version, built once."""
        if version not in self._grounds:
            self._grounds[version] = Ground(procedures.load(connection, version), self.directory(connection))
        return self._grounds[version]

    def ground_now(self, version: str) -> Ground:
        """The ground of an SOP version, outside any transaction."""
        if version in self._grounds:
            return self._grounds[version]
        with looking(self.engine) as connection:
            return self.ground(connection, version)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction; where it is rolled back, keys that it made are forgotten with it."""
        try:
            with writing(self.engine) as connection:
                yield connection
        except BaseException:
            self.keys.forget()
            raise

    def forget(self) -> None:
        """Read the directory anew, after it was changed."""
        self._directory.clear()
        self._grounds.clear()


def actor_of(account: Account) -> Actor:
    return Actor(account.id, account.agency, account.roles)


def new_id() -> str:
    """A random id for a case, a subject or a command (32 hexadecimal letters)."""
    return secrets.token_hex(16)


def new_number() -> str:
    """A random case number such as NP-7K3F-92QX; its last letter checks the others. It tells no volume and no time."""
    return _coded(CASE)


def new_sheet_code() -> str:
    """A random code for a sheet of paper, such as S-7K3F-92QX; its last letter checks the others."""
    return _coded(SHEET)


def _coded(prefix: str) -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(RANDOM_LETTERS))
    whole = letters + check_letter(letters)
    return f"{prefix}-{whole[:4]}-{whole[4:]}"


def check_letter(letters: str) -> str:
    """The check letter: any one wrong letter and any swap of two neighbours changes it (weights prime to 30)."""
    weights = (7, 11, 13, 17, 19, 23, 29)
    total = sum(weight * LETTERS.index(letter) for weight, letter in zip(weights, letters, strict=True))
    return LETTERS[total % len(LETTERS)]


def tidy_number(typed: str) -> str | None:
    """The case number that somebody typed, in its proper form; None where the check letter does not fit."""
    return _tidied(CASE, typed)


def tidy_sheet_code(typed: str) -> str | None:
    """The code of a sheet that somebody typed, in its proper form; None where the check letter does not fit."""
    return _tidied(SHEET, typed)


def _tidied(prefix: str, typed: str) -> str | None:
    plain = "".join(letter for letter in latin(typed).upper() if letter.isalnum())
    plain = plain.removeprefix(prefix) if len(plain) == RANDOM_LETTERS + 1 + len(prefix) else plain
    if len(plain) != RANDOM_LETTERS + 1 or any(letter not in LETTERS for letter in plain):
        return None
    if check_letter(plain[:-1]) != plain[-1]:
        return None
    return f"{prefix}-{plain[:4]}-{plain[4:]}"
