"""How long a history of a million events takes to verify, against hashing its bytes once."""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from bench.figure import Figure
from bench.world import bench_world
from sop_engine.audit import GENESIS, Key, Tree, chained, check, checkpoint_of, sign, written
from sop_engine.demo.stories import bar_rescue
from sop_engine.store import checkpoints
from sop_engine.store.database import looking
from sop_engine.store.tables import journal
from tests.support.world import World

EVENTS, A_CASE, A_CHECKPOINT = 1_000_000, 40, 2_500
AT = "2026-03-02T04:00:00.000000Z"


def audit_verify() -> Figure:
    """Seconds for chains, tree and 400 checkpoints of a database, against one hash over each of the same bodies."""
    with bench_world("sqlite") as world:
        bodies = _some_bodies(world)
        _fill(world, bodies)
        with looking(world.inst.engine) as connection:
            begun = time.perf_counter()
            entries = (entry for _, entry, _ in checkpoints.logged(connection))
            found = check(entries, checkpoints.notes(connection), world.inst.log_key.public)
            took = time.perf_counter() - begun
    assert (found.problems, found.entries) == ([], EVENTS), found.problems[:3]
    begun = time.perf_counter()
    for number in range(EVENTS):
        hashlib.sha256(bodies[number % len(bodies)]).digest()
    once = time.perf_counter() - begun
    more = {"events": EVENTS, "bytes an event": sum(map(len, bodies)) // len(bodies)}
    return Figure("audit.verify", took, "s", once, took / once, more)


def _some_bodies(world: World) -> list[bytes]:
    """The events of a real case."""
    bar_rescue.persons(world.play, bar_rescue.tip_off(world.play))
    with looking(world.inst.engine) as connection:
        return [bytes(row.body) for row in connection.execute(select(journal.c.body))]


def _fill(world: World, bodies: list[bytes]) -> None:
    """A journal and a log of so many events, with a checkpoint for each few thousand."""
    key, tree, last = world.inst.log_key, Tree(), "none"
    notes: list[tuple[int, str, str]] = []
    world.inst.engine.dispose()
    with closing(sqlite3.connect(Path(world.settings.home) / "sop-engine.db")) as database, database:
        for table in ("journal", "log", "unfolded", "standing", "checkpoint", "branch"):
            database.execute(f"DELETE FROM {table}")  # noqa: S608 the names stand above
        for case, seq, body, head in _events(bodies):
            tree.add(head)
            command = f"{case}-{seq}"
            database.execute("INSERT INTO journal VALUES (?, ?, ?, 0, ?, ?, ?)", (case, seq, command, AT, body, head))
            database.execute("INSERT INTO log VALUES (?, ?, ?, ?)", (tree.size, case, seq, head))
            if tree.size % A_CHECKPOINT == 0:
                note = _note(key.public, key.seed, tree, last)
                last = checkpoint_of(note).digest
                notes.append((tree.size, AT, note))
        database.executemany("INSERT INTO checkpoint VALUES (?, ?, ?)", notes)


def _events(bodies: list[bytes]) -> Iterator[tuple[str, int, bytes, bytes]]:
    for number in range(EVENTS // A_CASE):
        head = GENESIS
        for seq in range(1, A_CASE + 1):
            body = bodies[(number * A_CASE + seq) % len(bodies)]
            head = chained(head, body)
            yield f"{number:032}", seq, body, head


def _note(key: Key, seed: bytes, tree: Tree, last: str) -> str:
    body = written(key.name, tree.size, tree.root, last)
    return f"{body}\n{sign(key, seed, body)}"
