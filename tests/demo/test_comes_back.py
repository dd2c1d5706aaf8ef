"""Story 8: her no is final and never punished, and five months later she is met as before."""

from sop_engine.case import events as ev
from sop_engine.demo.stories import comes_back
from tests.support.told import envelopes, events, findings
from tests.support.world import MORNING, World


def test_she_declines_by_her_own_wish_and_stays_identified(world: World) -> None:
    _, then = comes_back.tell(world.play, MORNING)
    case = world.play.case(then)
    assert (case.stage, case.outcome, case.closes_as) == ("identified", "declined", "declined")
    assert case.values["international_finding"] == "tip"
    (closed,) = events(world.inst, then, ev.Closed)
    assert closed.signed_by is None
    assert "refer" not in case.steps
    assert findings(world.inst, then) == []


def test_her_safety_plan_is_owed_after_the_end_and_given(world: World) -> None:
    _, then = comes_back.tell(world.play, MORNING)
    history = envelopes(world.inst, then)
    ended = next(number for number, one in enumerate(history) if isinstance(one.event, ev.Closed))
    steps = [one.event.step for one in history[ended:] if isinstance(one.event, ev.StepRecorded)]
    assert steps == ["give_safety_plan"]
    assert world.play.case(then).duties == []


def test_five_months_later_the_same_ngo_meets_her_and_she_has_a_bed(world: World) -> None:
    now, then = comes_back.tell(world.play, MORNING)
    case = world.play.case(now)
    ended = world.play.case(then).closed
    assert ended is not None
    assert 150 <= (case.opened - ended).days <= 155
    assert (case.opener, case.status, case.stage, case.holder) == ("utis", "open", "reflection", "himal-aashraya")
    assert findings(world.inst, now) == []
