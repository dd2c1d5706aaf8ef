"""Story 7: what he was made to do is what he was exploited for: no suspect, no condition, every help."""

from sop_engine.case import events as ev
from sop_engine.demo.stories import scam_compound
from sop_engine.store import vault
from sop_engine.store.database import looking
from tests.support.told import awaited, events, findings, holders
from tests.support.world import MORNING, World


def test_a_man_charged_abroad_is_identified_as_a_victim_and_referred(world: World) -> None:
    (man,) = scam_compound.tell(world.play, MORNING)
    case = world.play.case(man)
    assert (case.outcome, case.closes_as, case.values["international_finding"]) == (
        "referred_reintegration", "completed", "tip",
    )  # fmt: skip
    assert case.values["hint"] == "tip_indicated"
    with looking(world.inst.engine) as connection:
        kept = vault.latest(connection, world.inst.keys, case.subject, man, ["purposes_found"])
    assert kept == {"purposes_found": ["forced_crime"]}
    assert "legal_help" in case.values["ref_services"]
    (following,) = case.children
    after = world.play.case(following)
    assert (after.sop, after.stage, after.holder) == ("reintegration", "recovery", "himal-aashraya")
    assert findings(world.inst, man, following) == []


def test_no_help_hangs_on_a_report_to_the_police(world: World) -> None:
    (man,) = scam_compound.tell(world.play, MORNING)
    case = world.play.case(man)
    assert case.values["wish_to_report"] == "no"
    assert "statement" not in case.entered
    police = {holder for _, holder in holders(world.inst, man)} & {"ahtb", "wcsc-kathmandu", "police-cid"}
    assert police == set()
    assert not awaited(world.inst, man, "ahtb")


def test_he_has_thirty_days_of_his_own_and_a_panel_decides_with_a_second_person(world: World) -> None:
    (man,) = scam_compound.tell(world.play, MORNING)
    case = world.play.case(man)
    assert (case.left["reflection"] - case.entered["reflection"]).days >= 30
    (proposed,) = events(world.inst, man, ev.Proposed)
    assert (proposed.target, proposed.of) == ("identify", "dccht-kathmandu")
    assert case.values["panel_size"] == 3
