"""Story 5: forty days at the shelter of the embassy; a court abroad is only awaited; no permit is needed to return."""

from datetime import timedelta

from sop_engine.case import events as ev
from sop_engine.demo.stories import housemaid
from tests.support.told import awaited, events, findings, holders
from tests.support.world import MORNING, World


def test_she_comes_home_after_forty_days_without_a_labour_permit(world: World) -> None:
    (returned,) = housemaid.tell(world.play, MORNING)
    case = world.play.case(returned)
    assert (case.status, case.outcome, case.closes_as) == ("closed", "received_home", "completed")
    assert (case.entered["transit"] - case.opened).days == 40
    assert case.values["funding"] == "mowcsc_budget"
    (following,) = case.children
    after = world.play.case(following)
    assert (after.sop, after.stage, after.holder) == ("reintegration", "recovery", "chanp-aashraya")
    assert findings(world.inst, returned, following) == []


def test_the_embassy_answers_for_her_while_the_court_is_awaited(world: World) -> None:
    (returned,) = housemaid.tell(world.play, MORNING)
    assert ("decision", "mission-kuwait-city") in holders(world.inst, returned)
    assert "courts-kuwait" not in {holder for _, holder in holders(world.inst, returned)}
    assert timedelta(days=27) <= awaited(world.inst, returned, "courts-kuwait") < timedelta(days=28)
    assert awaited(world.inst, returned, "mission-kuwait-city") > timedelta(hours=23)
    held = events(world.inst, returned, ev.HoldBegun)
    assert [hold.reason for hold in held] == ["court_order", "court_order"]
    assert len(events(world.inst, returned, ev.HoldEnded)) == 2


def test_her_family_is_visited_only_after_she_agreed_and_the_return_needs_a_second_person(world: World) -> None:
    (returned,) = housemaid.tell(world.play, MORNING)
    consents = [given.consent for given in events(world.inst, returned, ev.ConsentGiven)]
    assert consents == ["return", "family_contact", "data_sharing", "referral"]
    (proposed,) = events(world.inst, returned, ev.Proposed)
    assert (proposed.target, proposed.of) == ("approve", "mission-kuwait-city")
    decided = [entry for entry in events(world.inst, returned, ev.Entered) if entry.stage == "documents"]
    assert [entry.signed_by for entry in decided] == [world.play.cast.lead("mission-kuwait-city").id]
