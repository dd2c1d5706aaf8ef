"""A full disk, a database that is only to be read, one that somebody else holds: a sentence, nothing half, later all.

The full disk is a real one where the test may mount a small one, else SQLite is told how many pages there may be.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, func, select

from sop_engine.services import auditing
from sop_engine.services.passing import run_once
from sop_engine.store.database import Busy, Unwritable, looking
from sop_engine.store.tables import journal
from sop_engine.worker.loop import Worker
from tests.api.conftest import Program, program
from tests.support.world import World
from tests.web.conftest import Site, enter, removed

MOUNT, UMOUNT = (shutil.which(name) or "" for name in ("mount", "umount"))


def events(world: World) -> int:
    with looking(world.inst.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(journal)).scalar_one())


def written(by: Program, site: Site, text: str) -> Any:
    return by.post(f"/cases/{site.number(site.operation)}/notes", {"sentence": text})


def goes_on(world: World, site: Site, by: Program, before: int) -> None:
    """Nothing of what was not acknowledged is there; from now on everything is kept again and verifies."""
    assert events(world) == before
    assert written(by, site, "Afterwards.").status_code == 200
    assert events(world) == before + 1
    while run_once(world.inst):
        pass
    assert auditing.verify(world.inst).problems == []


def refused(site: Site, by: Program, page: Any) -> None:
    """A program and a person are told that nothing can be kept; lists are read."""
    answer = written(by, site, "x" * 9_000)
    assert (answer.status_code, answer.json["rule"], answer.headers["Retry-After"]) == (503, "unwritable", "60")
    address = f"/cases/{site.number(site.operation)}/note"
    shown = page.post(address, data={"note": "y" * 9_000, "command": "d" * 32})
    assert (shown.status_code, shown.headers.get("Retry-After")) == (503, "60"), shown.headers.get("Location")
    assert "Nothing was half done" in shown.text
    assert page.get("/").status_code == 200
    assert by.get("/cases").status_code == 200
    with pytest.raises(Unwritable):
        site.world.play.open("identification", "report", "wcsc-kathmandu", report_summary="z" * 9_000)


def entered(site: Site) -> Any:
    client = enter(site, "ahtb")
    site.app.config["WTF_CSRF_ENABLED"] = False
    client.get("/")
    return client


@contextmanager
def full(world: World) -> Iterator[None]:
    """No page more than there are, for every connection; pages that are free are used up first."""
    path = world.settings.home / "sop-engine.db"
    with closing(sqlite3.connect(path)) as database:
        pages = int(database.execute("PRAGMA page_count").fetchone()[0])

    def limit(connection: Any, record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    with changed(world, limit):
        yield


@contextmanager
def read_only(world: World) -> Iterator[None]:
    with changed(world, lambda connection, record: connection.execute("PRAGMA query_only=ON")):
        yield


@contextmanager
def changed(world: World, how: Any) -> Iterator[None]:
    """New connections for a time, each set up so."""
    world.inst.engine.dispose()
    event.listen(world.inst.engine, "connect", how)
    yield
    event.remove(world.inst.engine, "connect", how)
    world.inst.engine.dispose()


@contextmanager
def only_read_by_postgresql(world: World) -> Iterator[None]:
    address = world.settings.database.replace("postgresql+psycopg://", "postgresql://")

    def tell(value: str) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            name = connection.info.dbname
            connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')  # type: ignore[call-overload]

    tell("on")
    world.inst.engine.dispose()
    yield
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" RESET default_transaction_read_only')  # type: ignore[call-overload]
    world.inst.engine.dispose()


@pytest.mark.parametrize(
    ("database", "state"), [("sqlite", full), ("sqlite", read_only), ("postgresql", only_read_by_postgresql)]
)
def test_where_nothing_can_be_written_a_sentence_says_so_and_reading_goes_on(
    tmp_path: Path, database: str, state: Any
) -> None:
    site = removed(tmp_path, database)
    world = site.world
    by, page = program(site, "ahtb"), entered(site)
    before = events(world)
    with state(world):
        refused(site, by, page)
        worker = Worker(world.inst, pause=0.01)
        world.clock.wait(days=40)
        worker.start()
        worker.stop()
        world.clock.wait(days=-40)
        # What is small finds room in pages that are there already: a letter of the worker may be kept.
        before = events(world)
    goes_on(world, site, by, before)


@pytest.mark.skipif(os.geteuid() != 0 or not MOUNT or not UMOUNT, reason="only root mounts a small disk")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run([MOUNT, "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], check=False)
    if mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        site = removed(disk / "home")
        world = site.world
        by, page = program(site, "ahtb"), entered(site)
        before = events(world)
        filler = os.open(disk / "filler", os.O_CREAT | os.O_WRONLY)
        with suppress(OSError):
            while os.write(filler, b"\0" * 4096):
                pass
        os.close(filler)
        # What room the log of the database still has is used up first.
        kept = 0
        while written(by, site, "z" * 9_000).status_code == 200:
            kept += 1
        assert events(world) == before + kept
        before += kept
        refused(site, by, page)
        (disk / "filler").unlink()
        goes_on(world, site, by, before)
        world.inst.engine.dispose()
    finally:
        subprocess.run([UMOUNT, "--lazy", disk], check=True)


def test_a_database_that_somebody_else_holds_for_longer_than_anybody_waits(tmp_path: Path) -> None:
    site = removed(tmp_path)
    world = site.world
    by, page = program(site, "ahtb"), entered(site)
    before = events(world)
    with (
        changed(world, lambda connection, record: connection.execute("PRAGMA busy_timeout=20")),
        closing(sqlite3.connect(world.settings.home / "sop-engine.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        answer = written(by, site, "Held.")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert page.get("/").status_code == 200
        with pytest.raises(Busy):
            site.world.play.open("identification", "report", "wcsc-kathmandu", report_summary="z" * 9_000)
        other.execute("ROLLBACK")
    goes_on(world, site, by, before)


def test_a_table_that_another_session_of_postgresql_holds(tmp_path: Path) -> None:
    site = removed(tmp_path, "postgresql")
    world = site.world
    by, page = program(site, "ahtb"), entered(site)
    before = events(world)

    def impatient(connection: Any, record: Any) -> None:
        connection.execute("SET lock_timeout = '50ms'")
        connection.commit()

    address = world.settings.database.replace("postgresql+psycopg://", "postgresql://")
    with changed(world, impatient), psycopg.connect(address) as other:
        other.execute("LOCK TABLE standing IN SHARE MODE")
        answer = written(by, site, "Held.")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert page.get("/").status_code == 200
        other.rollback()
    goes_on(world, site, by, before)
