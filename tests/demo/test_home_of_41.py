"""Story 4: eight findings, two of them critical: the veto makes the grade, the plan is due in 48 hours."""

from datetime import timedelta

import pytest

from sop_engine.case import events as ev
from sop_engine.case.clock import rows_of, stage_due
from sop_engine.demo.stories import home_of_41
from sop_engine.homes import register
from tests.support.told import envelopes, findings
from tests.support.world import MORNING, World


def records(envelope: ev.Envelope, step: str) -> bool:
    return isinstance(envelope.event, ev.StepRecorded) and envelope.event.step == step


@pytest.fixture
def told(world: World) -> tuple[World, str, str]:
    """The story, with its inspection and its licence."""
    visit, licence = home_of_41.tell(world.play, MORNING)
    return world, visit, licence


def test_two_critical_criteria_make_the_worst_grade_although_the_score_is_high(told: tuple[World, str, str]) -> None:
    world, visit, _ = told
    values = world.play.case(visit).values
    assert (values["danger_found"], values["children_present"], values["grade"]) == ("no", 41, "e")
    assert (values["open_findings"], values["open_critical"]) == (8, 2)
    assert int(str(values["score"])) >= 90
    shown = register.home(world.inst, world.play.cast.worker("ncrc"), home_of_41.HOME).visits[0].result
    assert shown is not None
    assert (shown.uncapped, shown.grade, set(shown.open_critical)) == ("A", "E", {"B6", "H2"})


def test_nobody_is_in_danger_so_no_rescue_begins(told: tuple[World, str, str]) -> None:
    world, visit, _ = told
    assert world.play.case(visit).children == {}
    assert "danger" not in world.play.case(visit).steps


def test_the_plan_is_due_in_48_hours_and_comes_in_time(told: tuple[World, str, str]) -> None:
    world, visit, _ = told
    history = envelopes(world.inst, visit)
    asked = next(one for one in history if isinstance(one.event, ev.Entered) and one.event.stage == "plan_due")
    (planned,) = [one for one in history if records(one, "write_plan")]
    assert timedelta(hours=24) < planned.happened - asked.happened < timedelta(hours=48)
    assert world.play.case(visit).values["plan_is_urgent"] == "yes"
    assert ("late", "plan_due") not in findings(world.inst, visit)


def test_the_licence_is_under_the_plan_of_the_home(told: tuple[World, str, str]) -> None:
    world, _, licence = told
    case = world.play.case(licence)
    assert (case.stage, case.holder) == ("under_plan", home_of_41.HOME)
    assert (case.values["last_grade"], case.values["still_open"], case.values["still_critical"]) == ("e", 8, 2)


def test_what_was_critical_is_fixed_and_three_lesser_findings_are_open(told: tuple[World, str, str]) -> None:
    world, visit, _ = told
    case = world.play.case(visit)
    open_ = {row["finding"] for row in rows_of(case.values, "checks") if row["fixed"] == "no"}
    assert open_ == {"F1", "H7", "K1"}
    assert (case.stage, case.holder, case.values["open_actions"]) == ("carrying_out", home_of_41.HOME, 3)
    priorities = {row["priority"] for row in rows_of(case.values, "actions") if row["finding"] in open_}
    assert priorities == {"minor"}
    due = stage_due(world.play.ground(case), case, MORNING)
    assert due is not None
    assert due.at > MORNING + timedelta(days=60)


def test_two_people_rated_each_alone_and_did_not_agree_on_everything(told: tuple[World, str, str]) -> None:
    world, visit, _ = told
    raters = [one.by for one in envelopes(world.inst, visit) if records(one, "rate")]
    assert len(set(raters)) == len(raters) == 2
    agreement = register.home(world.inst, world.play.cast.worker("ncrc"), home_of_41.HOME).visits[0].agreement
    assert agreement is not None
    assert agreement.raw is not None
    assert 0.7 < agreement.raw < 1
