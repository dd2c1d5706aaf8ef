"""A copy of the database while it is in use, and putting one back: each database by its own means."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select

from sop_engine.store.database import isolate, looking
from sop_engine.store.disk import bring_to_disk
from sop_engine.store.tables import checkpoint, journal, log

SQLITE_FILE, POSTGRESQL_FILE = "sop-engine.db", "sop-engine.dump"
_PAGES_AT_ONCE = 2000
_OF_POLICIES = re.compile(r"\d+; \d+ \d+ (POLICY|ROW SECURITY) ")
_COUNTED = {"events": journal, "entries": log, "checkpoints": checkpoint}


class CannotCopy(Exception):
    """A database cannot be copied or put back; the message says what to do."""


def counts(connection: Connection) -> dict[str, int]:
    """How much a database holds: what a copy is compared with."""
    return {
        name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for name, table in _COUNTED.items()
    }


def copy_out(engine: Engine, folder: Path) -> dict[str, int]:
    """Copy the database into a folder as it is at one moment; gives how much it held then. Raises CannotCopy."""
    if engine.dialect.name == "sqlite":
        return _copy_sqlite(Path(str(engine.url.database)), folder / SQLITE_FILE)
    return _dump(engine, folder / POSTGRESQL_FILE)


def _copy_sqlite(file: Path, copy: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as live, closing(sqlite3.connect(copy)) as target:
        live.backup(target, pages=_PAGES_AT_ONCE)
        # The copy is one file: nothing of it stands in a second one beside it.
        target.execute("PRAGMA journal_mode=DELETE")
        (fault,) = target.execute("PRAGMA quick_check(1)").fetchone()
        if fault != "ok":
            raise CannotCopy(
                f"the database is broken: {fault}. Keep this copy, and put back the last one that is whole"
            )
        found = {
            name: int(target.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])  # noqa: S608 our own names  # nosec B608
            for name, table in _COUNTED.items()
        }
    bring_to_disk(copy)
    bring_to_disk(copy.parent)
    return found


def _dump(engine: Engine, file: Path) -> dict[str, int]:
    """A dump of what one transaction sees, so that it holds exactly what is counted."""
    with looking(engine) as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        found = counts(connection)
        _run(engine, "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={file}")
    bring_to_disk(file)
    bring_to_disk(file.parent)
    return found


def put_back(engine: Engine, folder: Path) -> None:
    """Put a copy into the place of a database that is not there yet; raises CannotCopy."""
    if engine.dialect.name == "sqlite":
        file, copy = Path(str(engine.url.database)), folder / SQLITE_FILE
        if file.exists():
            raise CannotCopy(f"{file} is there already: nothing is written over it")
        if not copy.is_file():
            raise CannotCopy(f"there is no {copy.name} in {folder}: is it the copy of an installation on PostgreSQL?")
        shutil.copyfile(copy, file)
        file.chmod(0o600)
        bring_to_disk(file)
        bring_to_disk(file.parent)
        return
    if inspect(engine).get_table_names():
        raise CannotCopy("the database is not empty: nothing is written over it")
    copy = folder / POSTGRESQL_FILE
    if not copy.is_file():
        raise CannotCopy(f"there is no {copy.name} in {folder}: is it the copy of an installation on SQLite?")
    words = ("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", "--use-list=/dev/stdin", str(copy))
    _run(engine, "pg_restore", *words, given=_without_policies(copy))
    isolate(engine)


def _without_policies(copy: Path) -> str:
    """What a dump holds, without what names the role that reads for agencies: another server may not have it yet."""
    listed = _said_by("pg_restore", "--list", str(copy))
    return "".join(one for one in listed.splitlines(keepends=True) if not _OF_POLICIES.match(one))


def _run(engine: Engine, program: str, *words: str, given: str = "") -> None:
    """Run a program of PostgreSQL on this database, which reads `given`; its password is in no list of processes."""
    url = engine.url.set(drivername="postgresql")
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    target = url.set(password=None).render_as_string(hide_password=False)
    _said_by(program, f"--dbname={target}", *words, environment=environment, given=given)


def _said_by(program: str, *words: str, environment: Mapping[str, str] | None = None, given: str = "") -> str:
    """What a program of PostgreSQL says; raises CannotCopy where it is not there, or does not do it."""
    found = shutil.which(program)
    if found is None:
        raise CannotCopy(f"there is no {program} here: install the client programs of PostgreSQL, as new as the server")
    line = [found, *words]
    done = subprocess.run(line, env=environment, input=given, capture_output=True, text=True, check=False)  # noqa: S603 # nosec B603
    if done.returncode:
        raise CannotCopy(f"{program} says: {done.stderr.strip()[:500]}")
    return done.stdout
