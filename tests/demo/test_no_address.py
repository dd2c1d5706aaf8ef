"""Story 6: while nobody knows his address the deadline stops, the holding does not, and every month somebody looks."""

from datetime import timedelta
from itertools import pairwise

from sop_engine.case import events as ev
from sop_engine.case.clock import stage_due
from sop_engine.demo.stories import no_address
from tests.support.told import envelopes, events, findings, holders
from tests.support.world import MORNING, World


def test_the_home_ministry_holds_a_case_on_hold_without_a_deadline(world: World) -> None:
    (boy,) = no_address.tell(world.play, MORNING)
    case = world.play.case(boy)
    assert (case.status, case.stage, case.holder) == ("open", "identity", "moha")
    assert case.values["is_child"] == "yes"
    assert case.hold is not None
    assert case.hold.reason == "no_address"
    assert case.hold.review_by > MORNING
    assert stage_due(world.play.ground(case), case, MORNING) is None
    assert holders(world.inst, boy) == [("request", "mission-new-delhi"), ("identity", "moha")]
    assert findings(world.inst, boy) == []


def test_the_hold_is_looked_at_again_every_month(world: World) -> None:
    (boy,) = no_address.tell(world.play, MORNING)
    begun = [one.happened for one in envelopes(world.inst, boy) if isinstance(one.event, ev.HoldBegun)]
    assert len(begun) == 5
    gaps = [after - before for before, after in pairwise(begun)]
    assert all(timedelta(days=28) < gap < timedelta(days=30) for gap in gaps)
    assert MORNING - begun[0] > timedelta(days=110)


def test_what_he_remembers_is_kept_although_it_does_not_yet_tell_who_he_is(world: World) -> None:
    (boy,) = no_address.tell(world.play, MORNING)
    records = [one for one in events(world.inst, boy, ev.StepRecorded) if one.step == "trace_paper"]
    assert len(records) == 5
    assert not any(record.complete for record in records)
    assert "identity_result" not in world.play.case(boy).values
