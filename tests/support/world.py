"""An installation for a test: fresh database, all agencies, two people in each, a clock that is set."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sop_engine.app import Settings, initialise, installation, load_settings
from sop_engine.demo.cast import hire
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
    settings = load_settings(home, environment)
    initialise(settings)
    clock = SetClock(MORNING)
    inst = installation(settings, clock)
    cast = hire(inst, inst.directory_now(), PASSWORD)
    return World(settings, inst, clock, Play(inst, cast, clock, random.Random(seed)))
