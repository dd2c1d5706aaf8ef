"""What was recorded stays, what was sent twice acts once, and who is asked can answer."""

from datetime import timedelta

from sop_engine.case import commands as cmd
from sop_engine.case.clock import values_now
from sop_engine.case.refusal import Refusal
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.auditing import verify
from sop_engine.services.case_page import case_page
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.recording import record_step
from sop_engine.services.sending import Done, open_case, send
from sop_engine.services.step_page import step_page
from sop_engine.store import outbox
from sop_engine.store.database import looking, writing
from sop_engine.worker.loop import run_once
from tests.case.test_taking_over import try_as
from tests.support.world import World


def test_waiving_a_recorded_step_keeps_its_records_and_papers(sqlite_world: World) -> None:
    play = sqlite_world.play
    operation = bar_rescue.tip_off(play)
    assert isinstance(try_as(sqlite_world, "ahtb", operation, cmd.Attach, step="things", document="seizure_list"), Done)
    before = play.case(operation).steps["things"]
    assert isinstance(try_as(sqlite_world, "ahtb", operation, cmd.WaiveStep, step="things"), Done)
    assert isinstance(try_as(sqlite_world, "ahtb", operation, cmd.Sign, lead=True), Done)
    after = play.case(operation).steps["things"]
    assert after.status == "waived"
    assert (after.count, after.recent, after.documents) == (before.count, before.recent, before.documents)
    assert before.documents


def test_an_agency_that_is_consulted_gives_its_opinion(sqlite_world: World) -> None:
    """In planning a rescue the council is consulted; it plays no part in the case yet."""
    play = sqlite_world.play
    play.good = {**bar_rescue.GOOD, **bar_rescue.headcount()}
    operation = play.open("rescue-operation", "intel", "ahtb")
    play.advance(operation, "plan")
    answer = send(
        sqlite_world.inst,
        operation,
        cmd.Note(id=new_id(), actor=actor_of(play.cast.worker("ncrc"))),
        {"note": "Take a woman officer along."},
    )
    assert isinstance(answer, Done)
    assert answer.case.consulted == ["council"]


def test_a_rescue_is_launched_once_however_often_its_offer_is_refused(sqlite_world: World) -> None:
    play = sqlite_world.play
    case = play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    play.finish(case)
    for _ in range(2):
        answer = try_as(sqlite_world, "wcsc-kathmandu", case, cmd.Go, exit="launch_rescue")
        assert isinstance(answer, Done), answer
        assert isinstance(try_as(sqlite_world, "ahtb", case, cmd.Refuse, reason="no_capacity"), Done)
    assert len(play.case(case).children) == 1


def test_a_letter_that_breaks_stays_with_its_reason_and_holds_up_no_other(world: World) -> None:
    broken = outbox.OpenChild(parent="nobody", seq=1, child="never", row=None)
    with writing(world.inst.engine) as connection:
        outbox.put(connection, [broken], world.clock())
    operation = bar_rescue.tip_off(world.play)
    bar_rescue.persons(world.play, operation)
    run_once(world.inst)
    with looking(world.inst.engine) as connection:
        assert outbox.waiting(connection) == [broken]
        assert outbox.problems(connection) == [(broken.id, "LookupError")]


def test_opening_sent_twice_opens_once(sqlite_world: World) -> None:
    actor, command = actor_of(sqlite_world.play.cast.worker("wcsc-kathmandu")), new_id()
    first, second = (
        open_case(sqlite_world.inst, actor, "identification", "report", {}, command_id=command) for _ in range(2)
    )
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert first.case.id == second.case.id
    stranger = actor_of(sqlite_world.play.cast.worker("utis"))
    assert isinstance(
        open_case(sqlite_world.inst, stranger, "identification", "report", {}, command_id=command), Refusal
    )


def test_what_holds_for_a_child_holds_until_the_stage_is_left(sqlite_world: World) -> None:
    """A girl who turns 18 while she is with the child welfare officer goes on as a child until she leaves the stage."""
    play, world = sqlite_world.play, sqlite_world
    operation = bar_rescue.tip_off(play)
    person = bar_rescue.persons(play, operation)[0][0]
    play.advance(person, "to_safety")
    born = (world.clock() - timedelta(days=18 * 365.25 - 20)).date().isoformat()
    play.advance(person, "sort_done", birth_date=born, part_played="child")
    world.clock.wait(days=40)
    run_once(world.inst)
    case = play.case(person)
    assert case.values["is_child"] == "no"
    assert values_now(play.ground(case), case, world.clock())["is_child"] == "yes"
    play.record(person, "offer_care")
    play.consent(person, "medical_care")
    play.finish(person, bed_wing="girls")
    play.go(person, "medical_done_child")
    assert play.case(person).until_left == {}


def test_a_correction_can_take_an_answer_away_and_what_follows_from_it_goes_too(sqlite_world: World) -> None:
    play, world = sqlite_world.play, sqlite_world
    case = play.open("home-licence", "licensed", "ncrc", parts={"home": "home-katus"})
    number, account = play.case(case).number, play.cast.worker("ncrc")
    answers = {"home_place": "NP0327", "operator": "A trust", "capacity": "45", "takes": ["girls"],
               "licence_until": "2027-07-16"}  # fmt: skip
    assert isinstance(record_step(world.inst, account, number, "note_licence", answers), Done)
    assert play.case(case).values["takes"] == ["girls"]
    less = {name: value for name, value in answers.items() if name not in ("takes", "operator")}
    assert isinstance(record_step(world.inst, account, number, "note_licence", less, corrects=True), Done)
    assert "takes" not in play.case(case).values
    shown = step_page(world.inst, account, number, "note_licence").values
    assert shown["home_place"] == "NP0327"
    assert not shown.get("operator")
    assert verify(world.inst).problems == []


def test_a_case_closed_long_ago_can_still_be_opened_again(sqlite_world: World) -> None:
    """Its last holder reads it no more after ninety days, but goes on to know of it."""
    play, world = sqlite_world.play, sqlite_world
    case = play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    play.finish(case)
    play.go(case, "unfounded")
    assert play.case(case).status == "closed"
    world.clock.wait(days=200)
    page = case_page(world.inst, play.cast.worker("wcsc-kathmandu"), play.case(case).number)
    assert (page.relations, page.content) == (frozenset({"informed"}), False)
    answer = try_as(world, "wcsc-kathmandu", case, cmd.Reopen, reason="new_information")
    assert isinstance(answer, Done)
