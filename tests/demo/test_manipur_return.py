"""Story 3: 179 people travel together, and each has a case, a wish, a decision and a signed sheet of her own."""

from collections import Counter
from datetime import timedelta

import pytest

from sop_engine.case import events as ev
from sop_engine.case.clock import stage_due
from sop_engine.demo.stories import manipur_return
from tests.support.told import awaited, envelopes, findings, holders
from tests.support.world import MORNING, World, make_world

Group = tuple[World, list[str]]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def group(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Group:
    """The story told once on each database."""
    world = make_world(tmp_path_factory.mktemp("group"), request.param)
    return world, manipur_return.tell(world.play, MORNING)


def test_179_people_are_home_and_each_goes_on_in_her_own_way(group: Group) -> None:
    world, people = group
    cases = [world.play.case(person) for person in people]
    assert Counter(case.values["sex"] for case in cases) == {"female": 147, "male": 32}
    assert Counter((case.status, case.stage, case.outcome) for case in cases) == {
        ("open", "reception", None): 158,
        ("closed", "reception", "received_home"): 16,
        ("closed", "reception", "declined"): 5,
    }
    assert findings(world.inst, *people) == []


def test_who_stays_is_held_by_the_ministry_with_a_place_that_received_her(group: Group) -> None:
    world, people = group
    open_ = [case for case in map(world.play.case, people) if case.status == "open"]
    assert {case.holder for case in open_} == {"mowcsc"}
    assert len({case.with_ for case in open_}) == 8
    dues = [stage_due(world.play.ground(case), case, MORNING) for case in open_]
    assert all(due is not None and due.at > MORNING for due in dues)


def test_each_was_asked_and_each_return_has_a_second_person_and_a_sheet(group: Group) -> None:
    world, people = group
    for person in people:
        history = envelopes(world.inst, person)
        consents = [one.event.consent for one in history if isinstance(one.event, ev.ConsentGiven)]
        assert consents[:2] == ["return", "data_sharing"]
        (approved,) = [e.event for e in history if isinstance(e.event, ev.Entered) and e.event.stage == "documents"]
        assert approved.signed_by == world.play.cast.lead("mission-new-delhi").id
        assert "handover_sheet" in world.play.case(person).steps["handover"].documents


def test_the_state_that_gives_the_order_and_the_escort_is_awaited_or_acted_for_and_never_holds(group: Group) -> None:
    world, people = group
    for person in people[::20]:
        assert timedelta(hours=20) < awaited(world.inst, person, "manipur-social-welfare") < timedelta(days=3)
        assert holders(world.inst, person)[-2:] == [("transit", "mowcsc"), ("reception", "mowcsc")]
        entered = [one.event for one in envelopes(world.inst, person) if isinstance(one.event, ev.Entered)]
        (transit,) = [entry for entry in entered if entry.stage == "transit"]
        assert (transit.holder, transit.for_agency) == ("mowcsc", "manipur-social-welfare")
