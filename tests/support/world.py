"""An installation for a test: fresh database, all agencies, two people in each, a clock that is set."""

import random
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sop_engine.app import Settings, initialise, installation, load_settings
from sop_engine.demo.cast import Cast, hire
from sop_engine.demo.clock import SetClock
from sop_engine.demo.play import Play
from sop_engine.services.installation import Installation
from tests.support.postgres import fresh_database

MORNING = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PASSWORD = "a-password-for-tests"


@dataclass(frozen=True, slots=True)
class World:
    """Everything a test needs; `play` acts as whoever is meant to act."""

    settings: Settings
    inst: Installation
    clock: SetClock
    play: Play


def make_world(home: Path, database: str = "sqlite", seed: int = 1) -> World:
    """A new installation in a folder, on SQLite or PostgreSQL."""
    environment = {} if database == "sqlite" else {"SOP_ENGINE_DATABASE": fresh_database()}
    settings, clock = load_settings(home, {"SOP_ENGINE_SECOND_FACTOR": "offered", **environment}), SetClock(MORNING)
    if database == "sqlite":
        # To fill a database takes longer than most tests: it is done once, and copied.
        filled, cast = _filled()
        shutil.copytree(filled.name, home, dirs_exist_ok=True)
        inst = installation(settings, clock)
    else:
        initialise(settings)
        inst = installation(settings, clock)
        cast = hire(inst, inst.directory_now(), PASSWORD)
    return World(settings, inst, clock, Play(inst, cast, clock, random.Random(seed)))


@cache
def _filled() -> tuple[TemporaryDirectory[str], Cast]:
    folder = TemporaryDirectory()
    settings = load_settings(Path(folder.name), {})
    initialise(settings)
    inst = installation(settings, SetClock(MORNING))
    cast = hire(inst, inst.directory_now(), PASSWORD)
    inst.engine.dispose()
    return folder, cast
