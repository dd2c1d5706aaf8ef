"""Connections: SQLite and PostgreSQL set up so that acknowledged means on disk, and one way to run a transaction."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from sop_engine.store import isolation
from sop_engine.store.tables import as_text

BUSY_MILLISECONDS = 15_000
# Kept open between transactions: one for each of the server's threads, the worker and some more.
CONNECTIONS = 12
LOCK_SECONDS = 10
_LOCKED = ("locked", "could not serialize", "deadlock", "lock timeout")
# As SQLite and PostgreSQL say that there is no room, or that what is there may only be read.
_UNWRITABLE = (
    "disk is full", "disk I/O error", "readonly database", "unable to open database file", "No space left",
    "read-only transaction",
)  # fmt: skip


class Busy(Exception):
    """Another writer was there first; the same act may be tried again."""


class Unwritable(Exception):
    """Nothing can be written for now: the disk is full, the database only lets itself be read, or does not answer."""


def open_database(url: str) -> Engine:
    """An engine for a database address (`sqlite:///path` or `postgresql+psycopg://…`). Errors never show values."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=CONNECTIONS,
            connect_args={"check_same_thread": False, "timeout": BUSY_MILLISECONDS / 1000},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(url, hide_parameters=True, pool_size=CONNECTIONS, pool_pre_ping=True)
    event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _set_up_postgresql(connection: Any, record: Any) -> None:
    """Wait for no lock without end: a session that somebody left open would hold every thread of the server."""
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    connection.autocommit = False


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; committed at the end, or rolled back whole.

    Raises Busy on a lost race, Unwritable where nothing can be written at all.
    """
    driver: Any = engine.dialect.loaded_dbapi
    try:
        with _reached(), engine.begin() as connection:
            yield connection
    except (IntegrityError, driver.IntegrityError) as error:
        raise Busy(f"another writer was first: {type(error).__name__}") from error
    except (OperationalError, InternalError, driver.OperationalError, driver.InternalError) as error:
        if any(word in str(error) for word in _LOCKED):
            raise Busy("another writer was first: locked") from error
        if any(word in str(error) for word in _UNWRITABLE):
            raise Unwritable("nothing can be written") from error
        raise


@contextlib.contextmanager
def _reached() -> Iterator[None]:
    """Raise Unwritable where the database is not there any more, or is being started."""
    try:
        yield
    except OperationalError as error:
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if error.connection_invalidated or state.startswith(("08", "57P")) or "connection failed" in str(error.orig):
            raise Unwritable("the database does not answer") from error
        raise


@contextlib.contextmanager
def looking(engine: Engine, everybody: bool = False) -> Iterator[Connection]:
    """One consistent view of the database for reading: through an engine `reads_for` an agency, of what that may see.

    `everybody` is for what is told without saying of whom: figures, likeness, whom to notify.
    """
    with _reached(), engine.connect().execution_options(reading=True) as connection, connection.begin():
        reader = engine.get_execution_options().get("reads_for")
        if reader is not None and not everybody:
            isolation.read_as(connection, *reader)
        yield connection


def isolate(engine: Engine) -> None:
    """Let PostgreSQL repeat what agencies may see; SQLite has no such means."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            isolation.install(connection)


def isolates(engine: Engine) -> bool:
    """Whether the database itself keeps agencies apart."""
    if engine.dialect.name != "postgresql":
        return False
    with engine.connect() as connection:
        return isolation.is_in_force(connection)


def reads_for(engine: Engine, agency: str, now: datetime) -> Engine:
    """The engine as an agency reads through it: PostgreSQL shows it no row of a case to which it has no relation."""
    return engine.execution_options(reads_for=(agency, as_text(now)))
