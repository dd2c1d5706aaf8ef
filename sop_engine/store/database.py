"""Connections: SQLite and PostgreSQL set up so that acknowledged means on disk, and one way to run a transaction."""

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError

BUSY_MILLISECONDS = 15_000
# Kept open between transactions: one for each of the server's threads, the worker and some more.
CONNECTIONS = 12


class Busy(Exception):
    """Another writer was there first; the same act may be tried again."""


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
    return create_engine(url, hide_parameters=True, pool_size=CONNECTIONS, pool_pre_ping=True)


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


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; committed at the end, or rolled back whole. Raises Busy on a lost race."""
    driver: Any = engine.dialect.loaded_dbapi
    try:
        with engine.begin() as connection:
            yield connection
    except (IntegrityError, driver.IntegrityError) as error:
        raise Busy(f"another writer was first: {type(error).__name__}") from error
    except (OperationalError, driver.OperationalError) as error:
        if any(word in str(error) for word in ("locked", "could not serialize", "deadlock")):
            raise Busy("another writer was first: locked") from error
        raise


@contextlib.contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database for reading."""
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection
