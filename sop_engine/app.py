"""Putting the parts together from settings: the only place that does."""

import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from sop_engine.services.installation import Installation, SignInRules
from sop_engine.services.post import Post
from sop_engine.sop.loading import load_folder, workflows
from sop_engine.store import directory, procedures
from sop_engine.store.database import open_database, writing
from sop_engine.store.keys import KeyRing, create_key_file, read_key_file
from sop_engine.store.migrate import is_current, upgrade

SETTINGS_FILE = "sop-engine.toml"
REQUIRED, OFFERED = "required", "offered"


class NotReady(Exception):
    """The installation cannot be used yet; the message says which command makes it ready."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an installation: from the environment, else from `sop-engine.toml`, else these.

    home: the folder of the installation. database: an address as SQLAlchemy writes it. key_file: the epoch key.
    passphrase: opens the key file. directory: folder of the directory's files. hosts: names that the web answers to.
    secure_cookies: yes wherever the address begins with https. documents: the folder of the sealed files of papers.
    proxy: the address of the reverse proxy whose word on who asks is believed. second_factor: required or offered.
    idle_minutes, session_hours: when a session ends that nobody uses, and when in any case.
    """

    home: Path
    database: str
    key_file: Path
    passphrase: str | None
    directory: Path
    hosts: tuple[str, ...]
    secure_cookies: bool
    documents: Path
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
        key_file=Path(setting("key_file", str(place / "epoch.key"))),
        passphrase=env.get("SOP_ENGINE_PASSPHRASE"),
        directory=Path(setting("directory", str(workflows() / "directory"))),
        hosts=tuple(setting("hosts", "localhost,127.0.0.1").split(",")),
        secure_cookies=setting("secure_cookies", "no") == "yes",
        documents=Path(setting("documents", str(place / "documents"))),
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
    )


def initialise(settings: Settings) -> None:
    """Make an installation: folder, key, database, agencies, and the program's SOPs. Safe to run again."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.key_file.exists():
        create_key_file(settings.key_file, settings.passphrase)
    settings.documents.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = settings.home / "web.key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48))
    engine = open_database(settings.database)
    _ask(engine)
    upgrade(engine)
    library = load_folder(workflows())
    keys = KeyRing(read_key_file(settings.key_file, settings.passphrase))
    with writing(engine) as connection:
        take_in(connection, keys, settings.directory / "agencies.yaml")
        for procedure in library.procedures.values():
            procedures.publish(connection, procedure, datetime.now(UTC))
    engine.dispose()


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
    keys = KeyRing(read_key_file(settings.key_file, settings.passphrase))
    now = clock or (lambda: datetime.now(UTC))
    post, rules = post_of(settings), sign_in_rules(settings)
    return Installation(engine, keys, now, settings.directory, settings.documents, post, rules)


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
    try:
        return is_current(engine)
    except OperationalError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise NotReady(f"The database {where} does not answer: is it running, and is its address right?") from error


def _shown(folder: Path) -> str:
    """A folder as somebody would type it: what is not absolute begins with ./"""
    return str(folder) if folder.is_absolute() else f"./{folder}"
