"""Whatever anybody tries: one holder at every instant, refusals change nothing, rows are what the events give."""

import itertools
import random
from pathlib import Path

import pytest
from sqlalchemy import select

from sop_engine.case import events as ev
from sop_engine.case.accountability import accountability, exit_views, step_views
from sop_engine.case.refusal import Refusal
from sop_engine.case.verdict import BREACH, CONFORMING, DEPARTURES, FINDINGS, of_history
from sop_engine.demo import bar_rescue
from sop_engine.services import upkeep
from sop_engine.services.passing import run_once
from sop_engine.services.sending import Done
from sop_engine.store import journal
from sop_engine.store.database import looking
from sop_engine.store.ledgers import held_of
from sop_engine.store.tables import journal as journal_table
from tests.support.chance import try_something
from tests.support.world import World, make_world

SEEDS = range(6)
TRIES = 120


def play_by_chance(world: World, seed: int, tries: int) -> list[str]:
    """Random commands on a few cases, each checked as it is sent; gives the ids of every case that came of it."""
    chance = random.Random(seed)
    operation = bar_rescue.tip_off(world.play)
    cases = [operation, *(person for person, _ in bar_rescue.persons(world.play, operation)[:3])]
    for _ in range(tries):
        case_id = chance.choice(cases)
        before = world.play.case(case_id)
        answer = try_something(world.play, case_id, chance)
        after = world.play.case(case_id)
        if answer is None or isinstance(answer, Refusal):
            assert after == before
        else:
            assert isinstance(answer, Done)
            assert after.seq > before.seq
        check_showing(world, case_id)
    with looking(world.inst.engine) as connection:
        return [row.case_id for row in connection.execute(select(journal_table.c.case_id).distinct())]


def check_showing(world: World, case_id: str) -> None:
    """Every case can be shown at every moment, with a holder while it is not closed."""
    case = world.play.case(case_id)
    ground, now = world.play.ground(case), world.clock()
    found = accountability(ground, case, now)
    step_views(ground, case, now)
    exit_views(ground, case, now)
    assert (found.holder is None) == (case.status == "closed")
    if case.holder is not None:
        assert ground.directory.acts_here(case.holder)


def check_ledger(world: World, case_id: str) -> None:
    """The intervals of holding join without gap or overlap, from the opening to the end or to now."""
    with looking(world.inst.engine) as connection:
        intervals = held_of(connection, case_id)
        envelopes = list(journal.history(connection, case_id))
    case = world.play.case(case_id)
    assert intervals[0].begun == envelopes[0].happened
    reopened = {e.happened for e in envelopes if isinstance(e.event, ev.Reopened)}
    for one, following in itertools.pairwise(intervals):
        assert one.ended is not None
        assert one.begun <= one.ended
        assert one.ended == following.begun or following.begun in reopened
    assert (intervals[-1].ended is None) == (case.status != "closed")


def check_verdicts(world: World, case_id: str) -> None:
    """What the engine accepted is conforming, a lawful departure, or a finding of the few kinds that it allows."""
    with looking(world.inst.engine) as connection:
        envelopes = list(journal.history(connection, case_id))
    for envelope, found in of_history(world.play.ground(world.play.case(case_id)), envelopes):
        for verdict in found:
            assert verdict.verdict != BREACH, (envelope, verdict)
            assert verdict.verdict == CONFORMING or verdict.kind in (*FINDINGS, *DEPARTURES)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_tried_one_agency_holds_and_rows_follow_events(seed: int, tmp_path: Path) -> None:
    world = make_world(tmp_path, "postgresql" if seed % 2 else "sqlite", seed)
    cases = play_by_chance(world, seed, TRIES)
    for case_id in cases:
        check_ledger(world, case_id)
        check_verdicts(world, case_id)
    assert upkeep.rebuild(world.inst, check=True).problems == []
    assert upkeep.verify(world.inst).problems == []
    run_once(world.inst)
    assert upkeep.rebuild(world.inst, check=True).problems == []
    assert upkeep.verify(world.inst).problems == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_whatever_is_tried_for_long(seed: int, tmp_path: Path) -> None:
    world = make_world(tmp_path, "postgresql" if seed % 2 else "sqlite", seed)
    for case_id in play_by_chance(world, seed, 600):
        check_ledger(world, case_id)
        check_verdicts(world, case_id)
    assert upkeep.rebuild(world.inst, check=True).problems == []
