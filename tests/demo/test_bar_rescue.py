"""Story 2, in Python: twelve people from a bar, three of them children, from tip-off to a bed in a shelter."""

from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing, upkeep
from sop_engine.services.passing import run_once
from tests.support.world import World


def test_twelve_people_reach_a_shelter_each_with_a_case_and_one_holder(world: World) -> None:
    play = world.play
    operation = bar_rescue.tip_off(play)
    people = bar_rescue.persons(play, operation)
    assert len(people) == 12
    for person, child in people:
        bar_rescue.to_shelter(play, person, child)
    case = play.case(operation)
    assert case.stage == "persons"
    assert all("safe" in state.milestones for state in case.children.values())
    run_once(world.inst)
    assert upkeep.rebuild(world.inst, check=True).problems == []
    assert auditing.verify(world.inst).problems == []
