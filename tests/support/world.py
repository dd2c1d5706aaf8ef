"""An installation for a test: fresh database, all agencies, two people in each, a clock that is set."""

import random
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sop_engine.app import Settings, initialise, installation, load_settings
from sop_engine.demo.cast import hire
from sop_engine.demo.clock import SetClock
from sop_engine.demo.play import Play
from sop_engine.services.installation import Installation
from tests.support.postgres import fresh_database

MORNING = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PASSWORD = "a-password-for-tests"
BOTH = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class World:
    """Everything a test needs; `play` acts as whoever is meant to act."""

    settings: Settings
    inst: Installation
    clock: SetClock
    play: Play


@dataclass(frozen=True, slots=True)
class Kept:
    """An installation that nobody uses any more, to be copied, and what its story gave."""

    folder: TemporaryDirectory[str]
    url: str | None
    play: Play
    found: Any


def make_world(home: Path, database: str = "sqlite", seed: int = 1) -> World:
    """A new installation in a folder, on SQLite or PostgreSQL."""
    world, _ = told(home, database)
    world.play.chance = random.Random(seed)
    return world


def told(home: Path, database: str, story: Callable[[Play], Any] | None = None) -> tuple[World, Any]:
    """An installation in which a story was told, if any, and what it gave.

    To fill a database takes longer than most tests: each story is told once in a process, and copied.
    """
    kept = _told(database, story)
    url = fresh_database(kept.url) if kept.url is not None else None
    settings, clock = _settings(home, url), SetClock(kept.play.clock.now)
    shutil.copytree(kept.folder.name, home, dirs_exist_ok=True)
    inst = installation(settings, clock)
    play = deepcopy(replace(kept.play, inst=None, clock=clock))  # type: ignore[arg-type]
    play.inst, play.clock = inst, clock
    return World(settings, inst, clock, play), kept.found


@cache
def _told(database: str, story: Callable[[Play], Any] | None) -> Kept:
    folder = TemporaryDirectory()
    home = Path(folder.name)
    if story is not None:
        world, _ = told(home, database)
        url, play, found = None if database == "sqlite" else world.settings.database, world.play, story(world.play)
    else:
        url, found = None if database == "sqlite" else fresh_database(), None
        settings, clock = _settings(home, url), SetClock(MORNING)
        initialise(settings)
        inst = installation(settings, clock)
        play = Play(inst, hire(inst, inst.directory_now(), PASSWORD), clock, random.Random(1))
    play.inst.engine.dispose()
    return Kept(folder, url, play, found)


def _settings(home: Path, url: str | None) -> Settings:
    environment = {"SOP_ENGINE_DATABASE": url} if url is not None else {}
    return load_settings(home, {"SOP_ENGINE_SECOND_FACTOR": "offered", **environment})
