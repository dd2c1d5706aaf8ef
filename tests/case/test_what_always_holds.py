"""Whatever anybody tries: one holder at every instant, refusals change nothing, rows are what the events give."""

import random
from pathlib import Path

import pytest

from sop_engine.demo.stories import bar_rescue
from tests.support.invariants import check_all, try_by_chance
from tests.support.world import make_world

SEEDS = range(6)
TRIES = 120


def play_by_chance(home: Path, seed: int, tries: int) -> None:
    """Random commands on an operation and a few of its people, each checked as it is sent, and all cases at the end."""
    world = make_world(home, "postgresql" if seed % 2 else "sqlite", seed)
    operation = bar_rescue.tip_off(world.play)
    cases = [operation, *(person for person, _ in bar_rescue.persons(world.play, operation)[:3])]
    try_by_chance(world, cases, random.Random(seed), tries)
    check_all(world)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_tried_one_agency_holds_and_rows_follow_events(seed: int, tmp_path: Path) -> None:
    play_by_chance(tmp_path, seed, TRIES)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_whatever_is_tried_for_long(seed: int, tmp_path: Path) -> None:
    play_by_chance(tmp_path, seed, 600)
