"""Story 1: smuggling alone, confirmed by a second person; help does not depend on what she tells the police."""

from sop_engine.case import events as ev
from sop_engine.demo.stories import kuwait_route
from tests.support.told import events, findings, holders
from tests.support.world import MORNING, World


def test_two_women_end_as_smuggled_and_the_labour_department_helps_both(world: World) -> None:
    women = kuwait_route.tell(world.play, MORNING)
    assert len(women) == 2
    informed = []
    for woman in women:
        case = world.play.case(woman)
        assert (case.closes_as, case.values["international_finding"]) == ("som_only", "som")
        assert case.values["national_legal_basis"] == ["foreign_employment_act"]
        assert case.values["hint"] == "som_indicated"
        assert [stage for stage, _ in holders(world.inst, woman)] == ["interception", "first_contact", "screening"]

        (smuggled,) = case.children
        after = world.play.case(smuggled)
        assert (after.subject, after.closes_as) == (case.subject, "completed")
        assert holders(world.inst, smuggled) == [
            ("status", "immigration-jamunaha"), ("witness", "ahtb"), ("solution", "dofe"),
        ]  # fmt: skip
        assert after.values["solutions_agreed"] == ["labour_complaint", "refund_claim"]
        informed.append("information" in after.steps)
        assert findings(world.inst, woman, smuggled) == []
    assert informed == [True, False]


def test_a_second_person_confirms_that_it_is_smuggling_alone(world: World) -> None:
    (woman, _) = kuwait_route.tell(world.play, MORNING)
    (proposed,) = events(world.inst, woman, ev.Proposed)
    (ending,) = events(world.inst, woman, ev.Ending)
    assert (proposed.target, proposed.of) == ("som_only", "bakaino")
    assert ending.signed_by == world.play.cast.lead("bakaino").id
