"""An installation to measure in: a folder that goes when the measuring is over."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.support.world import World, make_world

MORNING = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@contextmanager
def bench_world(database: str) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="sop-engine-bench-") as home:
        world = make_world(Path(home), database)
        world.play.chance = random.Random(7)
        yield world
        world.inst.engine.dispose()
