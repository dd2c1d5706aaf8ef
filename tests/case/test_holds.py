"""A hold stops a deadline, never the holding; and it stops none that keeps a person safe or that the law sets."""

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case.clock import stage_due
from sop_engine.case.refusal import Refusal
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.sending import Done
from tests.case.test_taking_over import try_as
from tests.support.world import World


@pytest.fixture
def person(sqlite_world: World) -> str:
    """The case of one adult who was just removed."""
    operation = bar_rescue.tip_off(sqlite_world.play)
    return bar_rescue.persons(sqlite_world.play, operation)[0][0]


@pytest.fixture
def sheltered(sqlite_world: World, person: str) -> str:
    """The same person at a stage whose deadline is longer than a day."""
    play = sqlite_world.play
    play.advance(person, "to_safety")
    play.advance(person, "sort_done", birth_date="1998", part_played="presumed_victim")
    return person


def due_of(world: World, case_id: str) -> object:
    case = world.play.case(case_id)
    found = stage_due(world.play.ground(case), case, world.clock())
    return found.at if found is not None else None


def hold(world: World, case_id: str, reason: str = "court_order") -> None:
    holder = world.play.case(case_id).holder or ""
    answer = try_as(world, holder, case_id, cmd.Hold, reason=reason)
    assert isinstance(answer, Done), answer


def test_the_hours_of_a_protection_stage_run_on(sqlite_world: World, person: str) -> None:
    before = due_of(sqlite_world, person)
    hold(sqlite_world, person)
    assert due_of(sqlite_world, person) == before


def test_a_protection_stage_on_hold_lapses(sqlite_world: World, person: str) -> None:
    sqlite_world.play.finish(person)
    hold(sqlite_world, person)
    sqlite_world.clock.wait(hours=5)
    ngo = sqlite_world.play.case(person).parts["ngo"]
    assert isinstance(try_as(sqlite_world, ngo, person, cmd.Go, exit="lapse_to_sorted"), Done)


def test_a_longer_deadline_stops_and_goes_on_by_the_time_of_the_hold(sqlite_world: World, sheltered: str) -> None:
    before = due_of(sqlite_world, sheltered)
    hold(sqlite_world, sheltered)
    assert due_of(sqlite_world, sheltered) is None
    held = sqlite_world.play.case(sheltered).hold
    assert held is not None
    sqlite_world.clock.wait(days=2)
    answer = try_as(sqlite_world, sqlite_world.play.case(sheltered).holder or "", sheltered, cmd.Resume)
    assert isinstance(answer, Done)
    assert due_of(sqlite_world, sheltered) == before + (sqlite_world.clock() - held.since)  # type: ignore[operator]


def test_what_was_overdue_when_the_hold_began_stays_overdue(sqlite_world: World, sheltered: str) -> None:
    sqlite_world.clock.wait(days=9)
    before = due_of(sqlite_world, sheltered)
    hold(sqlite_world, sheltered)
    assert due_of(sqlite_world, sheltered) == before


def test_a_case_on_hold_cannot_be_held_again(sqlite_world: World, sheltered: str) -> None:
    hold(sqlite_world, sheltered)
    answer = try_as(
        sqlite_world, sqlite_world.play.case(sheltered).holder or "", sheltered, cmd.Hold, reason="disaster"
    )
    assert isinstance(answer, Refusal)
    assert answer.code == "on_hold"
