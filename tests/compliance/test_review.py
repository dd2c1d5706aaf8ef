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


def test_every_figure_opens_exactly_what_it_counts(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    numbers = sorted(world.play.case(person).number for person in people)
    for key in ("opened", "open"):
        assert [item.number for item in found.counted(key)[1]] == numbers
    removed = next(line for line in found.stages if line.stage == "removed")
    assert found.counted("stage.removed.ahtb")[1] == removed.items
    assert found.counted("late.removed.ahtb")[1] == removed.late
    with pytest.raises(NotFound):
        found.counted("stage.nowhere.nobody")


def test_who_is_overdue_and_still_waits_counts_as_late(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    removed = next(line for line in found.stages if line.stage == "removed")
    assert sorted(item.number for item in removed.late) == sorted(world.play.case(one).number for one in people)
    assert [item.ended for item in removed.late].count(None) == 10
    assert removed.in_time == 0


def test_time_awaited_is_shown_apart_from_time_held(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    desk = next(line for line in found.agencies if line.agency == "wcsc-kathmandu")
    assert timedelta(hours=2) <= desk.awaited <= desk.held


def test_late_steps_are_findings_and_takings_over_by_law_are_departures(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    late = next(line for line in found.findings if line.kind == "late")
    assert {item.number for item in late.items} >= {world.play.case(person).number for person in people[:2]}
    assert {line.kind for line in found.departures} <= set(DEPARTURES)


def test_who_does_not_review_sees_no_figure(world: World, people: list[str]) -> None:
    with pytest.raises(NotFound):
        review(world.inst, world.play.cast.worker("wcsc-kathmandu"), "rescue-person", MORNING, world.clock())


def test_a_reviewer_sees_no_attribute_of_a_person(world: World, people: list[str]) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    assert set(found.counted("open")[1][0].__slots__) == {
        "number",
        "stage",
        "agency",
        "begun",
        "ended",
        "due",
        "awaited",
    }


def test_what_is_still_awaited_counts_from_its_true_beginning_and_opens_exactly(
    world: World, people: list[str]
) -> None:
    start = world.clock() - timedelta(hours=1)
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", start, world.clock())
    line = next(line for line in found.waits if line.still)
    assert line.since is not None
    assert line.since < start
    assert found.counted(f"still.{line.agency}")[1] == line.still
    assert found.counted(f"wait.{line.agency}")[1] == line.items
    for item in line.still:
        assert item.ended is None
        assert item.stage is not None
        assert (item.awaited, item.agency) == (line.agency, world.play.case(people[0]).holder)


def test_what_is_late_stands_in_the_order_of_its_limits_what_still_goes_on_first(
    world: World, people: list[str]
) -> None:
    found = review(world.inst, world.play.cast.worker("mowcsc"), "rescue-person", MORNING, world.clock())
    lates = [found.counted("late")[1], *(line.late for line in found.stages)]
    assert max(len(late) for late in lates) >= 10
    for late in lates:
        assert [(one.ended is not None, one.due) for one in late] == sorted(
            (one.ended is not None, one.due) for one in late if one.due is not None
        )
