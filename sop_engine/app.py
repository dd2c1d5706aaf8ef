"""Putting the parts together from settings: the only place that does."""

import os
import secrets
import shlex
import shutil
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from sop_engine.audit import LOG, Malformed, key_of, public_key
from sop_engine.services import copying, erasing
from sop_engine.services.clock import SteadyClock
from sop_engine.services.copying import CannotCopy
from sop_engine.services.identity_provider import Provider
from sop_engine.services.identity_provider import faults as faults_of_provider
from sop_engine.services.installation import Installation, SignInRules
from sop_engine.services.post import Post
from sop_engine.sop.loading import load_folder, workflows
from sop_engine.store import checkpoints, directory, documents, people, procedures
from sop_engine.store import copying as stored
from sop_engine.store import erasing as stored_erasing
from sop_engine.store.checkpoints import LogKey
from sop_engine.store.database import isolate, looking, open_database, writing
from sop_engine.store.epochs import VARIABLE, CannotTurn, EpochKeys, InEnvironment, InFiles, WithProgram
from sop_engine.store.key_files import LOG_KEY, create_key_file, read_key_file
from sop_engine.store.keys import KeyRing, next_epoch
from sop_engine.store.migrate import is_current, upgrade
from sop_engine.store.sealing import VaultLocked

SETTINGS_FILE = "sop-engine.toml"
REQUIRED, OFFERED = "required", "offered"
ENVIRONMENT, PROGRAM = "environment", "program "


class NotReady(Exception):
    """The installation cannot be used yet; the message says which command makes it ready."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an installation: from the environment, else from `sop-engine.toml`, else these.

    home: the folder of the installation. database: an address as SQLAlchemy writes it.
    keys: the folder of the epoch keys, `environment`, or `program` and the words that run it. epoch_days: how long one
    is used. passphrase: opens the key files. directory: folder of the directory's files. hosts: names that the web
    answers to.
    secure_cookies: yes wherever the address begins with https. documents: the folder of the sealed files of papers.
    scanner: a virus scanner that reads a file from its standard input.
    audit: the folder of the key that signs the log and of what is known of its witnesses.
    proxy: the address of the reverse proxy whose word on who asks is believed. second_factor: required or offered.
    idle_minutes, session_hours: when a session ends that nobody uses, and when in any case.
    oidc_issuer, oidc_client, oidc_secret_file, oidc_title: the identity provider through which people may sign in.
    """

    home: Path
    database: str
    keys: str
    epoch_days: str
    passphrase: str | None = field(repr=False)
    epoch_keys: str | None = field(repr=False)
    directory: Path
    hosts: tuple[str, ...]
    secure_cookies: bool
    documents: Path
    audit: Path
    scanner: str
    mail_host: str
    mail_port: str
    mail_security: str
    mail_user: str
    mail_password_file: str
    mail_sender: str
    address: str
    proxy: str
    second_factor: str
    idle_minutes: str
    session_hours: str
    oidc_issuer: str
    oidc_client: str
    oidc_secret_file: str
    oidc_title: str

    @property
    def keys_in_files(self) -> bool:
        return self.keys != ENVIRONMENT and not self.keys.startswith(PROGRAM)


def load_settings(home: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the installation in `home` (default: SOP_ENGINE_HOME, else ./installation)."""
    env = os.environ if environment is None else environment
    place = home or Path(env.get("SOP_ENGINE_HOME", "installation"))
    file = place / SETTINGS_FILE
    said = tomllib.loads(file.read_text()) if file.is_file() else {}

    def setting(name: str, otherwise: str) -> str:
        return str(env.get(f"SOP_ENGINE_{name.upper()}", said.get(name, otherwise)))

    return Settings(
        home=place,
        database=setting("database", f"sqlite:///{place / 'sop-engine.db'}"),
        keys=setting("keys", str(place / "keys")),
        epoch_days=setting("epoch_days", "90"),
        passphrase=env.get("SOP_ENGINE_PASSPHRASE"),
        epoch_keys=env.get(VARIABLE),
        directory=Path(setting("directory", str(workflows() / "directory"))),
        hosts=tuple(setting("hosts", "localhost,127.0.0.1").split(",")),
        secure_cookies=setting("secure_cookies", "no") == "yes",
        documents=Path(setting("documents", str(place / "documents"))),
        audit=Path(setting("audit", str(place / "audit"))),
        scanner=setting("scanner", ""),
        mail_host=setting("mail_host", ""),
        mail_port=setting("mail_port", "587"),
        mail_security=setting("mail_security", "starttls"),
        mail_user=setting("mail_user", ""),
        mail_password_file=setting("mail_password_file", ""),
        mail_sender=setting("mail_sender", ""),
        address=setting("address", ""),
        proxy=setting("proxy", ""),
        second_factor=setting("second_factor", REQUIRED),
        idle_minutes=setting("idle_minutes", "15"),
        session_hours=setting("session_hours", "12"),
        oidc_issuer=setting("oidc_issuer", ""),
        oidc_client=setting("oidc_client", ""),
        oidc_secret_file=setting("oidc_secret_file", ""),
        oidc_title=setting("oidc_title", ""),
    )


def initialise(settings: Settings) -> None:
    """Make an installation: folder, key, database, agencies, and the program's SOPs. Safe to run again."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.documents.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make_log_key(settings)
    secret = settings.home / "web.key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48))
    engine = open_database(settings.database)
    _ask(engine)
    upgrade(engine)
    isolate(engine)
    library = load_folder(workflows())
    keys = KeyRing(epoch_keys(settings))
    with writing(engine) as connection:
        _first_epoch(connection, keys)
        take_in(connection, keys, settings.directory / "agencies.yaml")
        for procedure in library.procedures.values():
            procedures.publish(connection, procedure, datetime.now(UTC))
    engine.dispose()


def epoch_keys(settings: Settings) -> EpochKeys:
    """Where the epoch keys of the settings are."""
    if settings.keys_in_files:
        return InFiles(Path(settings.keys), settings.passphrase)
    if settings.keys == ENVIRONMENT:
        return InEnvironment(settings.epoch_keys)
    return WithProgram(tuple(shlex.split(settings.keys.removeprefix(PROGRAM))))


def _first_epoch(connection: Connection, keys: KeyRing) -> None:
    """Begin the first epoch where there is none; else see that its key is at hand."""
    number = next_epoch(connection)
    if number > 1:
        keys.epoch_key(number - 1)
        return
    try:
        keys.epoch_key(number)
    except VaultLocked:
        keys.source.make(number)
    keys.begin_epoch(connection, datetime.now(UTC))
    with suppress(CannotTurn):
        keys.source.make(number + 1)


def _make_log_key(settings: Settings) -> None:
    """Make the key that signs the log, and its public half, which gives the log a name for ever."""
    settings.audit.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret, public = settings.audit / "log.key", settings.audit / "log.pub"
    if not secret.exists():
        create_key_file(secret, settings.passphrase, LOG_KEY)
    if not public.exists():
        name = urlsplit(settings.address).hostname or f"sop-engine-{secrets.token_hex(4)}"
        seed = read_key_file(secret, settings.passphrase, LOG_KEY)
        public.write_text(f"{public_key(f'{name}/log', LOG, seed)}\n")


def put_back(settings: Settings, folder: Path) -> dict[str, Any]:
    """Put a copy of an installation into its place, where its keys stand already; gives what was written of it.

    Raises CannotCopy where something is in the way, or VaultLocked without the keys.
    """
    written = copying.about(folder)
    number, public = int(written["epoch"]), key_of(written["log"])
    if copying.mark_of(epoch_keys(settings).get(number)) != written["opened_by"]:
        raise CannotCopy(
            f"the key of epoch {number} that is here opens another installation: bring the one of this copy"
        )
    seed = read_key_file(settings.audit / "log.key", settings.passphrase, LOG_KEY)
    if public_key(public.name, LOG, seed) != public:
        raise CannotCopy(f"{settings.audit / 'log.key'} is of another installation: bring the one of this copy")
    if settings.documents.is_dir() and any(settings.documents.iterdir()):
        raise CannotCopy(f"{settings.documents} is not empty: nothing is written over it")
    engine = open_database(settings.database)
    stored.put_back(engine, folder)
    engine.dispose()
    if (folder / "documents").is_dir():
        shutil.copytree(folder / "documents", settings.documents, dirs_exist_ok=True)
    for known in (folder / "audit").iterdir():
        # What the machine itself knows of its log is newer, and tells what the copy lacks.
        if not (settings.audit / known.name).exists():
            shutil.copy(known, settings.audit / known.name)
    initialise(settings)
    engine = open_database(settings.database)
    with writing(engine) as connection:
        gone = erasing.replay(connection, settings.audit)
    for file in gone:
        documents.remove(settings.documents, file)
    stored_erasing.scrub(engine)
    engine.dispose()
    return written


def begin_log_anew(settings: Settings) -> Path:
    """Begin a new log after older data were put back; what is known of the old one goes to the folder that is given.

    The old log's checkpoints and key stay readable there, for witnesses and auditors.
    """
    old = settings.audit / f"until-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    old.mkdir(mode=0o700)
    engine, before = open_database(settings.database), _log_key(settings).guard
    with writing(engine) as connection:
        (old / "checkpoints").write_text("\n".join(checkpoints.notes(connection)))
        checkpoints.clear(connection)
    for name in ("log.key", "log.pub", "latest"):
        if (settings.audit / name).exists():
            (settings.audit / name).rename(old / name)
    _make_log_key(settings)
    with writing(engine) as connection:
        people.vouch_again(connection, before, _log_key(settings).guard)
    engine.dispose()
    return old


def _log_key(settings: Settings) -> LogKey:
    """The key that signs the log; raises VaultLocked where the two halves are not of one key."""
    seed = read_key_file(settings.audit / "log.key", settings.passphrase, LOG_KEY)
    try:
        public = key_of((settings.audit / "log.pub").read_text())
    except (OSError, Malformed) as problem:
        raise VaultLocked(f"{settings.audit / 'log.pub'} cannot be read ({problem}): restore the file") from problem
    if public != public_key(public.name, LOG, seed):
        raise VaultLocked(
            f"log.key and log.pub in {settings.audit} are not of one key: restore the one that was changed"
        )
    return LogKey(public, seed)


def take_in(connection: Connection, keys: KeyRing, file: Path) -> None:
    """Take in the agencies of a directory file, each with a key."""
    agencies = directory.read_agencies(file)
    directory.keep_agencies(connection, agencies)
    for agency in agencies:
        keys.make_agency(connection, agency.code)


def installation(settings: Settings, clock: Callable[[], datetime] | None = None) -> Installation:
    """Open an installation; raises NotReady or VaultLocked with what to do."""
    if not settings.home.is_dir():
        place = _shown(settings.home)
        raise NotReady(f"There is no installation in {place}: run 'sop-engine init', or name its folder with --home")
    engine = open_database(settings.database)
    _need_current(engine, settings)
    keys = KeyRing(epoch_keys(settings))
    with looking(engine) as connection:
        keys.epoch_key(keys.current(connection))
    now = clock or SteadyClock()
    post, rules = post_of(settings), sign_in_rules(settings)
    lasts = timedelta(days=_whole("epoch_days", settings.epoch_days, 365))
    return Installation(
        engine, keys, now, settings.directory, settings.documents, _log_key(settings), settings.audit, post, rules,
        lasts, tuple(shlex.split(settings.scanner)), provider=provider_of(settings),
    )  # fmt: skip


def sign_in_rules(settings: Settings) -> SignInRules:
    """What is asked of those who sign in; raises NotReady where a setting says what it cannot."""
    if settings.second_factor not in (REQUIRED, OFFERED):
        raise NotReady(f"The setting second_factor is '{settings.second_factor}': write {REQUIRED} or {OFFERED}")
    idle = _whole("idle_minutes", settings.idle_minutes, 24 * 60)
    absolute = _whole("session_hours", settings.session_hours, 7 * 24)
    return SignInRules(settings.second_factor == REQUIRED, timedelta(minutes=idle), timedelta(hours=absolute))


def _whole(name: str, said: str, most: int) -> int:
    """A setting that is a whole number from 1 on."""
    if not (said.isascii() and said.isdigit() and 1 <= int(said) <= most):
        raise NotReady(f"The setting {name} is '{said}': write a whole number from 1 to {most}")
    return int(said)


def post_of(settings: Settings) -> Post | None:
    """The mail server of the settings; None where they name none. Whether it can be used, `doctor` tells."""
    if not settings.mail_host:
        return None
    return Post(
        settings.mail_host, settings.mail_port, settings.mail_security, settings.mail_user,
        settings.mail_password_file, settings.mail_sender, settings.address,
    )  # fmt: skip


def provider_of(settings: Settings) -> Provider | None:
    """The identity provider of the settings, None where they name none; raises NotReady where they cannot be right."""
    if not settings.oidc_issuer:
        return None
    title = settings.oidc_title or urlsplit(settings.oidc_issuer).hostname or ""
    provider = Provider(settings.oidc_issuer, settings.oidc_client, settings.oidc_secret_file, title)
    wrong = faults_of_provider(provider)
    if wrong:
        raise NotReady(f"The identity provider cannot be used: {wrong[0]}")
    return provider


def _need_current(engine: Engine, settings: Settings) -> None:
    """Raise NotReady where the database is not there, does not answer, or is older than this program."""
    lacking = f"The database of {_shown(settings.home)} is missing or older than this program: run 'sop-engine init'"
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    # SQLite would make an empty file, which looks like an installation that lost everything.
    if file is not None and not Path(file).is_file():
        raise NotReady(lacking)
    if not _ask(engine):
        raise NotReady(lacking)


def _ask(engine: Engine) -> bool:
    """Whether the database has the shape that this program needs; raises NotReady where it does not answer."""
    where = engine.url.render_as_string(hide_password=True)
    try:
        return is_current(engine)
    except OperationalError as error:
        raise NotReady(f"The database {where} does not answer: is it running, and is its address right?") from error
    except DatabaseError as error:
        raise NotReady(
            f"The database {where} cannot be read: it is damaged or is none. Keep it, and put a copy back with "
            "'sop-engine restore' into another folder"
        ) from error


def _shown(folder: Path) -> str:
    """A folder as somebody would type it: what is not absolute begins with ./"""
    return str(folder) if folder.is_absolute() else f"./{folder}"
