"""What the smaller words of the language decide: each is followed in a procedure that has no more than it needs."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.accountability import accountability
from sop_engine.case.clock import all_due
from sop_engine.case.refusal import Refusal
from sop_engine.services.case_page import case_page
from sop_engine.services.day import worklist_of
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.sending import Done, send
from sop_engine.sop.language import Text
from sop_engine.sop.loading import load_text
from sop_engine.store.database import writing
from sop_engine.store.procedures import publish
from tests.case.test_taking_over import try_as
from tests.support.world import World

TEXT = (Path(__file__).parent / "small_words.yaml").read_text(encoding="utf-8")
DESK, BUREAU, COMMITTEE, LAWYER = "wcsc-kathmandu", "ahtb", "nccht", "chilaune-legal-aid"


@pytest.fixture
def world(sqlite_world: World) -> World:
    procedure, _ = load_text(TEXT, "small_words.yaml")
    with writing(sqlite_world.inst.engine) as connection:
        publish(connection, procedure, sqlite_world.clock())
    return sqlite_world


@pytest.fixture
def met(world: World) -> str:
    return world.play.open("small-words", "met", DESK)


def recorded(world: World, case_id: str, step: str, **given: str) -> None:
    account = world.play.cast.worker(DESK)
    answer = record_step(world.inst, account, world.play.case(case_id).number, step, given)
    assert isinstance(answer, Done), answer


def at_bureau(world: World, case_id: str) -> None:
    given = {"consent": "share", "given_by": "person", "signed": "signature"}
    assert isinstance(try_as(world, DESK, case_id, cmd.GiveConsent, **given), Done)
    assert isinstance(try_as(world, DESK, case_id, cmd.Go, exit="to_bureau"), Done)
    assert isinstance(try_as(world, BUREAU, case_id, cmd.Accept), Done)


def limits(world: World, case_id: str) -> dict[str, datetime]:
    case = world.play.case(case_id)
    return {due.name: due.at for due in all_due(world.play.ground(case), case, world.clock())}


class TestExcluding:
    def test_the_journey_does_not_count(self, world: World, met: str) -> None:
        before = limits(world, met)["child_known"]
        recorded(world, met, "journey", left="2026-03-02 10:00", there="2026-03-02 15:00")
        assert limits(world, met)["child_known"] - before == timedelta(hours=5)

    def test_what_lay_before_the_clock_began_counts_for_nothing(self, world: World, met: str) -> None:
        before = limits(world, met)["child_known"]
        recorded(world, met, "journey", left="2026-03-01 10:00", there="2026-03-01 15:00")
        assert limits(world, met)["child_known"] == before


class TestConsentWithATime:
    def share(self, world: World, case_id: str) -> Done | Refusal:
        return try_as(world, DESK, case_id, cmd.Go, exit="to_bureau")

    def test_it_serves_until_its_time_is_over_and_again_once_she_was_asked_again(self, world: World, met: str) -> None:
        given = {"consent": "share", "given_by": "person", "signed": "signature", "to": [BUREAU]}
        assert isinstance(try_as(world, DESK, met, cmd.GiveConsent, **given), Done)
        world.clock.wait(days=31)
        refused = self.share(world, met)
        assert isinstance(refused, Refusal)
        assert [one.code for one in refused.unmet] == ["consent_over"]
        assert isinstance(try_as(world, DESK, met, cmd.GiveConsent, **given), Done)
        assert isinstance(self.share(world, met), Done)

    def test_the_page_says_until_when(self, world: World, met: str) -> None:
        given = {"consent": "share", "given_by": "person", "signed": "signature"}
        assert isinstance(try_as(world, DESK, met, cmd.GiveConsent, **given), Done)
        page = case_page(world.inst, world.play.cast.worker(DESK), world.play.case(met).number)
        ends = page.consents[0].ends
        assert ends is not None
        assert timedelta(days=30) <= ends - world.clock() < timedelta(days=31)


class TestWhoMayHold:
    def test_only_whom_the_sop_names_stops_the_clock_and_lets_it_run_again(self, world: World, met: str) -> None:
        assert isinstance(try_as(world, DESK, met, cmd.Hold, reason="court"), Refusal)
        assert isinstance(try_as(world, COMMITTEE, met, cmd.Hold, reason="court"), Done)
        assert isinstance(try_as(world, DESK, met, cmd.Resume), Refusal)
        assert isinstance(try_as(world, COMMITTEE, met, cmd.Resume), Done)


class TestLaterCases:
    def test_a_case_opened_in_the_stage_is_not_waited_for_where_it_does_not_join(self, world: World, met: str) -> None:
        assert isinstance(try_as(world, DESK, met, cmd.Go, exit="to_waiting"), Done)
        world.clock.wait(minutes=1)
        recorded(world, met, "one_more")
        assert len(world.play.case(met).children) == 1
        assert isinstance(try_as(world, DESK, met, cmd.Go, exit="go_on"), Done)

    def test_it_is_waited_for_where_it_joins(self, world: World) -> None:
        procedure, _ = load_text(TEXT.replace("joins_later: no", "joins_later: yes"), "small_words.yaml")
        with writing(world.inst.engine) as connection:
            publish(connection, procedure, world.clock())
        case_id = world.play.open("small-words", "met", DESK)
        assert isinstance(try_as(world, DESK, case_id, cmd.Go, exit="to_waiting"), Done)
        recorded(world, case_id, "one_more")
        refused = try_as(world, DESK, case_id, cmd.Go, exit="go_on")
        assert isinstance(refused, Refusal)
        assert [one.code for one in refused.unmet] == ["waiting"]


class TestWithWhomSheIs:
    def test_entering_a_stage_says_with_whom_she_is(self, world: World, met: str) -> None:
        assert isinstance(try_as(world, DESK, met, cmd.Go, exit="to_waiting"), Done)
        assert world.play.case(met).with_ == LAWYER


class TestTracks:
    def test_the_owner_moves_a_track_that_has_begun_though_she_plays_no_other_part(self, world: World) -> None:
        case_id = world.play.open("small-words", "met", DESK, goes_to_court="yes")
        account = world.play.cast.worker(LAWYER)
        move = cmd.MoveTrack(id=new_id(), actor=actor_of(account), track="court", state="filed")
        assert isinstance(send(world.inst, case_id, move), Done)

    def test_a_track_that_has_not_begun_opens_the_case_to_nobody(self, world: World, met: str) -> None:
        found = world.play.case(met)
        lines = worklist_of(world.inst, world.play.cast.worker(LAWYER)).shelves
        assert found.number not in [row.number for shelf in lines for row in shelf.rows]


class TestReminders:
    def test_the_holder_is_reminded_at_the_shares_of_the_stage_once_each(self, world: World, met: str) -> None:
        account = world.play.cast.worker(DESK)

        def told() -> tuple[int | None, list[str]]:
            run_once(world.inst)
            rows = [row for shelf in worklist_of(world.inst, account).shelves for row in shelf.rows]
            reminded = next(row.reminded for row in rows if row.number == world.play.case(met).number)
            return reminded, [key for key in world.play.case(met).escalated if key.startswith("reminder:")]

        assert told() == (None, [])
        world.clock.wait(hours=6)
        assert told()[0] == 25
        world.clock.wait(hours=13)
        assert told()[0] == 75
        assert len(told()[1]) == 2

    def test_a_reminder_opens_the_case_to_nobody_who_does_not_hold_it(self, world: World, met: str) -> None:
        world.clock.wait(hours=7)
        run_once(world.inst)
        assert world.play.case(met).informed == []


class TestWhatTheInformedSee:
    def test_they_see_what_the_stage_carries_and_nothing_else(self, world: World) -> None:
        case_id = world.play.open("small-words", "met", DESK, goes_to_court="yes")
        page = case_page(world.inst, world.play.cast.worker(BUREAU), world.play.case(case_id).number)
        assert not page.content
        assert page.told == {"goes_to_court": "yes"}
        assert (page.steps, page.history, page.consents) == ([], [], [])


class TestNewEpisode:
    def test_another_case_of_the_same_person_opens_and_the_old_one_stays_closed(self, world: World, met: str) -> None:
        assert isinstance(try_as(world, DESK, met, cmd.Go, exit="to_waiting"), Done)
        world.play.finish(met)
        assert isinstance(try_as(world, DESK, met, cmd.Go, exit="go_on"), Done)
        answer = try_as(world, DESK, met, cmd.Reopen, reason="re_trafficked")
        assert isinstance(answer, Done), answer
        old = world.play.case(met)
        (child,) = old.children
        new = world.play.case(child)
        assert old.status == "closed"
        assert (new.parent, new.subject, new.stage, new.holder) == (met, old.subject, "met", DESK)

    def test_it_opens_once_for_each_end(self, world: World, met: str) -> None:
        assert isinstance(try_as(world, DESK, met, cmd.Go, exit="to_waiting"), Done)
        assert isinstance(try_as(world, DESK, met, cmd.Go, exit="go_on"), Done)
        assert isinstance(try_as(world, DESK, met, cmd.Reopen, reason="re_trafficked"), Done)
        again = try_as(world, DESK, met, cmd.Reopen, reason="re_trafficked")
        assert isinstance(again, Refusal)
        assert again.code == "begun"


class TestDrafts:
    def test_a_closed_answer_of_an_incomplete_record_enters_no_fact(self, world: World, met: str) -> None:
        account, number = world.play.cast.worker(DESK), world.play.case(met).number
        answer = record_step(world.inst, account, number, "journey", {"born": "2015-01-01"}, part_only=True)
        assert isinstance(answer, Done)
        recorded(world, met, "age", basis="paper")
        assert "young" not in world.play.case(met).values
        recorded(world, met, "journey", born="2015-01-01", left="2026-03-02 10:00", there="2026-03-02 15:00")
        assert world.play.case(met).values["young"] == "yes"


class TestConfirmations:
    def test_who_takes_a_way_out_confirms_by_name_what_no_program_can_check(self, world: World, met: str) -> None:
        answer = try_as(world, DESK, met, cmd.Go, exit="to_waiting", confirmed=[0, 7])
        assert isinstance(answer, Done)
        said = [one for one in answer.events if isinstance(one.event, ev.Confirmed)]
        assert [(one.by, one.event) for one in said] == [
            (world.play.cast.worker(DESK).id, ev.Confirmed(stage="met", rules=[0]))
        ]


class TestTimesOfAPerson:
    def test_the_strip_says_until_when_she_has_time(self, world: World, met: str) -> None:
        case = world.play.case(met)
        (time,) = accountability(world.play.ground(case), case, world.clock()).periods
        assert (time.name, time.agency) == ("thinking", None)

    def test_what_comes_next_is_said_although_it_waits_for_the_end_of_her_time(self, world: World, met: str) -> None:
        at_bureau(world, met)
        case = world.play.case(met)
        assert accountability(world.play.ground(case), case, world.clock()).next_title == Text("Done", "सकियो")


class TestSecondSignature:
    def test_who_asked_for_it_may_take_the_request_back(self, world: World, met: str) -> None:
        assert isinstance(try_as(world, DESK, met, cmd.WaiveStep, step="journey"), Done)
        assert isinstance(try_as(world, COMMITTEE, met, cmd.RefuseToSign), Refusal)
        assert isinstance(try_as(world, DESK, met, cmd.RefuseToSign), Done)
        assert world.play.case(met).proposal is None


class TestEarlierStages:
    def test_who_holds_the_case_later_does_not_rewrite_what_another_agency_recorded(
        self, world: World, met: str
    ) -> None:
        recorded(world, met, "age", basis="paper")
        at_bureau(world, met)
        number = world.play.case(met).number

        def correct(agency: str) -> Done | Refusal | WrongAnswers:
            account = world.play.cast.worker(agency)
            return record_step(world.inst, account, number, "age", {"basis": "disputed"}, corrects=True)

        assert isinstance(correct(BUREAU), Refusal)
        assert isinstance(correct(DESK), Done)


class TestTwoOpeningsOfOneName:
    def test_what_travels_is_what_the_way_that_was_taken_says(self, world: World) -> None:
        case_id = world.play.open("small-words", "met", DESK, goes_to_court="yes")
        assert isinstance(try_as(world, DESK, case_id, cmd.Go, exit="to_waiting"), Done)
        assert isinstance(try_as(world, DESK, case_id, cmd.Go, exit="with_all"), Done)
        (child,) = world.play.case(case_id).children
        assert world.play.case(child).values.get("goes_to_court") == "yes"

    def test_a_step_carries_nothing_that_only_a_way_carries(self, world: World) -> None:
        case_id = world.play.open("small-words", "met", DESK, goes_to_court="yes")
        assert isinstance(try_as(world, DESK, case_id, cmd.Go, exit="to_waiting"), Done)
        recorded(world, case_id, "one_more")
        (child,) = world.play.case(case_id).children
        assert "goes_to_court" not in world.play.case(child).values
