"""The ministry's figures: true to the cases behind them, and silent about persons."""

from datetime import timedelta

import pytest

from sop_engine.case.verdict import DEPARTURES
from sop_engine.compliance.review import review
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.sending import NotFound
from tests.support.world import MORNING, World


@pytest.fixture
def people(world: World) -> list[str]:
    """Twelve people rescued: two of them late in the first stage, one handed on to a hospital."""
    operation = bar_rescue.tip_off(world.play)
    people = [person for person, _ in bar_rescue.persons(world.play, operation)]
    world.clock.wait(hours=6)
    for person in people[:2]:
        world.play.advance(person, "to_safety")
    world.play.advance(people[0], "sort_done", birth_date="1998", part_played="presumed_victim")
    world.clock.wait(hours=2)
    return people


def test_every_figure_opens_exactly_its_cases(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    counted = {figure.key: figure.cases for figure in found.figures}
    assert counted["opened"] == frozenset(people)
    assert sorted(row.case_id for row in found.cases_of("open")) == sorted(people)
    removed = next(line for line in found.stages if line.stage == "removed")
    assert (removed.n, removed.in_time) == (2, 0)
    assert {row.case_id for row in found.cases_of("late.removed.ahtb")} == set(people[:2])


def test_time_awaited_is_shown_apart_from_time_held(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    desk = next(line for line in found.agencies if line.agency == "wcsc-kathmandu")
    assert timedelta(hours=2) <= desk.awaited <= desk.held


def test_late_steps_are_findings_and_takings_over_by_law_are_departures(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    assert {line.kind: line.cases for line in found.findings}["late"] >= set(people[:2])
    assert {line.kind for line in found.departures} <= set(DEPARTURES)


def test_who_does_not_review_sees_no_figure(world: World, people: list[str]) -> None:
    with pytest.raises(NotFound):
        review(world.inst, world.play.cast.worker("wcsc-kathmandu"), "rescue-person", MORNING, world.clock())


def test_a_reviewer_sees_no_attribute_of_a_person(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    allowed = {"case_id", "number", "sop", "version", "stage", "holder", "opened", "closed", "due", "outcome"}
    assert set(found.cases_of("open")[0].__slots__) == allowed
