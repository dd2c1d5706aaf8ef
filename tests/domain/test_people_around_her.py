"""S9 and S21 played: who speaks for her or travels with her is chosen with her, and a threat to staff raises the risk."""

from datetime import timedelta
from typing import Any

import pytest

from sop_engine.case import events as ev
from sop_engine.demo.play import Stuck
from sop_engine.demo.stories import bar_rescue, housemaid, kuwait_route
from sop_engine.sop.loading import standard_library
from tests.support.told import events
from tests.support.world import MORNING, World

RIGHT: dict[str, Any] = {
    "beside_from": ["none_of_these"], "beside_vetted": "yes", "beside_wish_met": "as_wished", "beside_agreed": "agreed",
}  # fmt: skip
NOT_AGREED = "She has not agreed"
NOT_FIT = "comes from where nobody may come"


@pytest.fixture
def world(sqlite_world: World) -> World:
    """What a procedure asks is the same on each database."""
    return sqlite_world


def before_the_questions(world: World) -> str:
    """A woman stopped at the border, at the trafficking check, who needs an interpreter; everything else is ready."""
    adult = {"birth_date": "1999", "age_basis": "document"}
    world.play.begin(MORNING, 8, kuwait_route.GOOD | adult | {"interpreter_vetted": "vetted"})
    woman = world.play.open("smuggling-referral", "encounter", "wcsc-banke")
    world.play.advance(woman, "safe")
    world.play.consent(woman, "screening_talk")
    world.play.record(woman, "choose_ngo")
    world.play.record(woman, "setting")
    return woman


def chosen(world: World, case: str, step: str = "choose_interpreter", **answers: Any) -> None:
    world.play.record(case, step, **{**RIGHT, **answers})


def before_the_journey(world: World) -> str:
    """A housemaid on her way home, prepared for the journey but for her escort."""
    play = world.play
    play.begin(MORNING, 50, housemaid.GOOD)
    case = play.open("repatriation", "request", "mission-kuwait-city")
    play.advance(case, "accept")
    housemaid.wish_and_home(play, case)
    housemaid.court(play, case)
    play.advance(case, "approve")
    play.advance(case, "issued")
    play.consent(case, "data_sharing")
    for step in ("assess_risk", "fit", "brief", "ask_beside", "choose_escort", "confirm"):
        play.record(case, step)
    return case


def test_an_interpreter_is_chosen_only_after_her_wish_was_asked(world: World) -> None:
    woman = before_the_questions(world)
    with pytest.raises(Stuck, match="Ask whom she wishes beside her"):
        chosen(world, woman)
    world.play.record(woman, "ask_beside")
    chosen(world, woman)
    world.play.record(woman, "questions")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"beside_agreed": "said_no"}, NOT_AGREED),
        ({"beside_agreed": "not_asked"}, NOT_AGREED),
        ({"beside_vetted": "no"}, NOT_FIT),
        ({"beside_wish_met": "not_met"}, NOT_FIT),
        ({"beside_from": ["community", "district"]}, NOT_FIT),
        ({"beside_from": ["village"]}, NOT_FIT),
        ({"beside_from": ["employer_or_agent"]}, NOT_FIT),
        ({"beside_from": []}, NOT_FIT),
    ],
)
def test_no_talk_with_an_interpreter_whom_she_refuses_or_who_comes_from_what_she_named(
    world: World, answers: dict[str, Any], said: str
) -> None:
    woman = before_the_questions(world)
    world.play.record(woman, "ask_beside", beside_not_from=["community"])
    chosen(world, woman, **answers)
    with pytest.raises(Stuck, match=said):
        world.play.record(woman, "questions")
    chosen(world, woman)
    world.play.record(woman, "questions")
    assert world.play.case(woman).steps["choose_interpreter"].count == 2


def test_no_talk_while_nobody_chose_the_interpreter_who_is_needed(world: World) -> None:
    woman = before_the_questions(world)
    with pytest.raises(Stuck, match="not known"):
        world.play.record(woman, "questions")


def test_she_may_refuse_later_and_name_more_later(world: World) -> None:
    woman = before_the_questions(world)
    world.play.record(woman, "ask_beside", beside_not_from=["none"])
    chosen(world, woman, beside_from=["district"], beside_wish_met="nobody_else")
    assert world.play.case(woman).values["beside_fits"] == "yes"
    world.play.record(woman, "ask_beside", beside_not_from=["district"])
    with pytest.raises(Stuck, match=NOT_FIT):
        world.play.record(woman, "questions")
    chosen(world, woman, beside_agreed="said_no")
    with pytest.raises(Stuck, match=NOT_AGREED):
        world.play.record(woman, "questions")


def test_another_interpreter_on_the_day_is_not_the_one_she_agreed_to(world: World) -> None:
    woman = before_the_questions(world)
    world.play.record(woman, "ask_beside")
    chosen(world, woman)
    world.play.record(woman, "setting", interpreter_vetted="not_vetted")
    with pytest.raises(Stuck, match="chosen with her is not here"):
        world.play.record(woman, "questions")


def test_who_asks_is_as_she_wishes_or_says_why_not_and_that_she_agreed(world: World) -> None:
    woman = before_the_questions(world)
    world.play.record(woman, "setting", interpreter_vetted="not_needed", interviewer_as_wished="not_as_wished")
    with pytest.raises(Stuck, match="Who asks is not as she wishes"):
        world.play.record(woman, "questions")
    world.play.record(woman, "setting", interpreter_vetted="not_needed", interviewer_as_wished="cannot_wait")
    world.play.record(woman, "questions")


def test_what_she_named_and_who_the_interpreter_is_stand_in_no_event(world: World) -> None:
    woman = before_the_questions(world)
    world.play.record(woman, "ask_beside", beside_not_from=["feared_state"])
    chosen(world, woman, beside_code="N-7")
    open_values = world.play.case(woman).values
    assert not {"beside_not_from", "beside_from", "beside_code", "beside_languages"} & set(open_values)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"beside_agreed": "said_no"}, "She has not agreed to this escort"),
        ({"beside_wish_met": "not_met"}, "The escort is not checked"),
        ({"beside_from": ["family"]}, "The escort is not checked"),
    ],
)
def test_nobody_departs_with_an_escort_who_is_not_as_she_wishes(
    world: World, answers: dict[str, Any], said: str
) -> None:
    case = before_the_journey(world)
    world.play.record(case, "ask_beside", beside_not_from=["family", "refused"])
    chosen(world, case, "choose_escort", **answers)
    with pytest.raises(Stuck, match=said):
        world.play.go(case, "depart")
    chosen(world, case, "choose_escort")
    world.play.advance(case, "depart")
    assert world.play.case(case).stage == "transit"


def test_an_escort_of_her_village_may_travel_where_she_named_none(world: World) -> None:
    case = before_the_journey(world)
    chosen(world, case, "choose_escort", beside_from=["village"])
    world.play.advance(case, "depart")
    assert world.play.case(case).stage == "transit"


def test_a_threat_to_staff_raises_the_risk_and_travel_waits_for_a_new_look(world: World) -> None:
    case, play = before_the_journey(world), world.play
    assert play.case(case).values["risk_now"] == "medium"
    play.record(case, "note_threat", staff_threat="staff")
    assert play.case(case).values["risk_now"] == "high"
    with pytest.raises(Stuck, match=r"too high(.|\n)*must be done again first|must be done again first(.|\n)*too high"):
        play.go(case, "depart")
    play.record(case, "assess_risk", risk_level="low", staff_threat="staff_and_her")
    assert (play.case(case).values["risk_now"], play.case(case).duties) == ("high", [])
    with pytest.raises(Stuck, match="too high"):
        play.go(case, "depart")
    play.record(case, "assess_risk", risk_level="low", staff_threat="nobody")
    assert play.case(case).values["risk_now"] == "low"
    play.advance(case, "depart")
    assert play.case(case).stage == "transit"


def test_an_earlier_look_that_saw_nobody_in_danger_frees_nothing_after_a_threat(world: World) -> None:
    case, play = before_the_journey(world), world.play
    play.record(case, "note_threat", staff_threat="nobody")
    assert play.case(case).values["risk_now"] == "medium"
    with pytest.raises(Stuck, match="must be done again first"):
        play.go(case, "depart")


def test_a_second_threat_raises_the_risk_again(world: World) -> None:
    case, play = before_the_journey(world), world.play
    for _ in range(2):
        play.record(case, "note_threat", staff_threat="staff")
        assert play.case(case).values["risk_now"] == "high"
        assert [duty.step for duty in play.case(case).duties] == ["assess_risk"]
        play.record(case, "assess_risk", risk_level="medium", staff_threat="nobody")
        assert play.case(case).values["risk_now"] == "medium"


def test_a_new_look_is_owed_within_a_day_and_the_supervisor_is_told_at_once(world: World) -> None:
    case, play = before_the_journey(world), world.play
    play.record(case, "note_threat", staff_threat="staff")
    (duty,) = play.case(case).duties
    assert duty.due == world.clock.now + timedelta(hours=24)
    assert duty.blocks == ["family_contact", "travel"]
    play.catch_up(case)
    told = [to for alerted in events(world.inst, case, ev.Escalated) for to in alerted.informs]
    assert f"{play.case(case).holder}.supervisor" in told


def test_the_risk_is_high_where_nobody_has_looked_at_it_yet(world: World) -> None:
    world.play.begin(MORNING, 8, kuwait_route.GOOD)
    woman = world.play.open("smuggling-referral", "encounter", "wcsc-banke")
    assert "risk_now" not in world.play.case(woman).values
    world.play.record(woman, "note_threat", staff_threat="staff_and_her")
    assert world.play.case(woman).values["risk_now"] == "high"


def test_in_a_rescue_a_threat_is_told_and_looked_at_and_holds_nobody_up(world: World) -> None:
    play = world.play
    person, child = bar_rescue.persons(play, bar_rescue.tip_off(play))[0]
    play.record(person, "note_threat", staff_threat="staff")
    assert [duty.step for duty in play.case(person).duties] == ["assess_risk"]
    bar_rescue.to_shelter(play, person, child)
    assert play.case(person).stage == "sheltered"


# A complaint has no staff beside a person in danger: who writes one may name nobody.
WITH_STAFF = sorted(
    name for name in standard_library().procedures if not name.startswith(("home-", "complaint", "suspect-"))
)


@pytest.mark.parametrize("sop", WITH_STAFF)
def test_a_threat_is_written_down_in_kinds_and_never_in_free_words(sop: str) -> None:
    procedure = standard_library().procedures[sop]
    form = procedure.form_of(procedure.step_of("note_threat"))
    assert form is not None
    assert {str(procedure.fields[str(name)].type) for name in form.fields()} == {"several", "choice", "date"}
