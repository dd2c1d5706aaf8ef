"""Reading in an emergency, as it is decided: who may, who reviews it, and what it is called afterwards."""

from typing import Any

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import relations
from sop_engine.case.apply import apply
from sop_engine.case.decide import decide
from sop_engine.case.items import items
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import changed
from sop_engine.case.verdict import of_history
from sop_engine.services.emergency import open_in_emergency
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import Done, send
from sop_engine.services.upkeep import rebuild
from sop_engine.store import journal
from sop_engine.store.database import looking
from tests.support.world import World

DESK, NIGHT = "wcsc-kathmandu", "wcsc-jhapa"
WHY = {"reason": "She is in the hospital here and nobody answers."}


@pytest.fixture
def case_id(world: World) -> str:
    """A case of the desk, on each database."""
    return world.play.open("identification", "report", DESK, place_found="NP0327")


def opened(world: World, case_id: str, who: str = NIGHT) -> str:
    """Somebody reads the case in an emergency; gives the key of that."""
    number = world.play.case(case_id).number
    assert open_in_emergency(world.inst, world.play.cast.worker(who), number, WHY["reason"], new_id()) is None
    return list(world.play.case(case_id).emergencies)[-1]


def review(world: World, case_id: str, key: str, who: str = DESK, **more: Any) -> Done | Refusal:
    actor = actor_of(world.play.cast.lead(who))
    command = cmd.ReviewEmergency(id=new_id(), actor=actor, emergency=key, justified=True, **more)
    return send(world.inst, case_id, command, WHY)


def kinds(world: World, case_id: str) -> list[tuple[str, str | None]]:
    with looking(world.inst.engine) as connection:
        history = list(journal.history(connection, case_id))
    judged = of_history(world.play.ground(world.play.case(case_id)), history)
    return [(one.kind, one.agency) for _, found in judged for one in found if one.kind]


def test_a_late_review_is_a_finding_charged_to_who_was_to_make_it(world: World, case_id: str) -> None:
    key = opened(world, case_id)
    world.clock.wait(days=4)
    assert isinstance(review(world, case_id, key), Done)
    assert ("late", DESK) in kinds(world, case_id)
    assert ("emergency", NIGHT) in kinds(world, case_id)
    assert rebuild(world.inst, check=True).problems == []


def test_it_is_reviewed_once(world: World, case_id: str) -> None:
    key = opened(world, case_id)
    assert isinstance(review(world, case_id, key), Done)
    again = review(world, case_id, key)
    assert isinstance(again, Refusal)
    assert again.code == "nothing_to_review"


def test_of_a_closed_case_whoever_held_it_last_reviews_it(world: World, case_id: str) -> None:
    world.play.finish(case_id)
    world.play.go(case_id, "unfounded")
    assert world.play.case(case_id).status == "closed"
    key = opened(world, case_id)
    case = world.play.case(case_id)
    assert [one.agency for one in items(world.play.ground(case), case) if one.kind == "review"] == [DESK]
    assert isinstance(review(world, case_id, key), Done)
    assert rebuild(world.inst, check=True).problems == []


def test_two_of_one_agency_each_have_a_time_of_their_own(world: World, case_id: str) -> None:
    opened(world, case_id)
    world.clock.wait(minutes=30)
    number = world.play.case(case_id).number
    lead = world.play.cast.lead(NIGHT)
    assert open_in_emergency(world.inst, lead, number, WHY["reason"], new_id()) is None
    case = world.play.case(case_id)
    theirs = [one for one in relations(world.play.ground(case), case) if one.relation == "emergency"]
    assert {one.person for one in theirs} == {lead.id, world.play.cast.worker(NIGHT).id}
    assert len({one.until for one in theirs}) == 2
    assert rebuild(world.inst, check=True).problems == []


def test_for_an_agency_to_which_the_case_is_shut_it_is_not_there(world: World, case_id: str) -> None:
    """Decided alike where it was hidden, and where there is a conflict of interest."""
    case = world.play.case(case_id)
    command = cmd.OpenEmergency(id=new_id(), actor=actor_of(world.play.cast.worker(NIGHT)), sealed={"reason": "x"})
    said = ev.Conflict(agency=NIGHT)
    declared = ev.ConflictDeclared(
        conflict=said, confirms=DESK, confirm_by=world.clock(), act_by=world.clock()
    )  # fmt: skip
    for shut in (changed(case, hidden_from=[NIGHT]), _with(case, declared, world)):
        answer = decide(world.play.ground(case), shut, command, world.clock())
        assert isinstance(answer, Refusal)
        assert answer.code == "not_there"
    assert not isinstance(decide(world.play.ground(case), case, command, world.clock()), Refusal)


def _with(case: Any, event: ev.AnyEvent, world: World) -> Any:
    now = world.clock()
    return apply(
        case,
        ev.Envelope(
            case=case.id, seq=case.seq + 1, by="x", agency=DESK, happened=now, recorded=now, command="c", event=event
        ),
    )
