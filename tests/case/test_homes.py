"""Homes: ratings made alone and settled together, findings with limits, visits, and what a licence hears."""

import random
from datetime import timedelta
from typing import Any

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import exit_view
from sop_engine.case.clock import stage_due, steps_due
from sop_engine.case.events import SYSTEM
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.demo.answers import rated
from sop_engine.demo.homes import DIRECTOR, PAPERS
from sop_engine.services.case_page import case_page
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.recording import record_step
from sop_engine.services.sending import Done, NotFound, send
from sop_engine.services.step_page import StepPage, step_page
from sop_engine.services.upkeep import rebuild
from sop_engine.sop.loading import standard_library
from sop_engine.worker.loop import run_once
from tests.support.world import World

CODES = [str(code) for code in standard_library().procedures["home-inspection"].fields["agreed"].row["code"].of]
TEAM: dict[str, Any] = {
    "team_has": ["lead_inspector", "second_inspector", "woman", "social_worker"],
    "conflicts": "none_declared",
    "led_last_two": "no",
    "observer_invited": "no",
    "names_left_out": "yes",
    "danger_found": "no",
    "local": "local-kathmandu",
    "province": "pcrc-bagmati",
    "officer": "cwo-kathmandu",
}


def ratings(**marks: str) -> list[dict[str, Any]]:
    """Every criterion met with two kinds of evidence, but for those named."""
    return [
        {"code": code, "rating": marks.get(code, "met"), "evidence": ["D", "O"]}
        | ({"reason": "no_such_children"} if marks.get(code) == "na" else {})
        for code in CODES
    ]


@pytest.fixture
def licence(sqlite_world: World) -> str:
    """A licensed home in Kathmandu that has users here."""
    play = sqlite_world.play
    play.good = TEAM
    case = play.open("home-licence", "licensed", "ncrc", parts={"home": "home-katus"})
    play.record(case, "note_licence", home_place="NP0327", capacity="45")
    return case


def inspection(world: World, **found: str) -> str:
    """An inspection of the home as far as its rating, with these marks agreed."""
    play = world.play
    play.good = {**TEAM, "ratings": ratings(**found), "agreed": ratings(**found)}
    case = play.open("home-inspection", "planned", "ncrc", parts={"home": "home-katus"})
    for way in ("team_ready", "set_out", "seen"):
        play.advance(case, way)
    return case


def rate(world: World, case: str, lead: bool, rows: list[dict[str, Any]]) -> object:
    account = world.play.cast.lead("ncrc") if lead else world.play.cast.worker("ncrc")
    return record_step(world.inst, account, world.play.case(case).number, "rate", {"ratings": rows})


def page(world: World, case: str, step: str, lead: bool = False) -> StepPage:
    account = world.play.cast.lead("ncrc") if lead else world.play.cast.worker("ncrc")
    return step_page(world.inst, account, world.play.case(case).number, step)


class TestBlindRating:
    def test_nobody_sees_the_other_before_both_have_rated(self, sqlite_world: World) -> None:
        case = inspection(sqlite_world)
        assert isinstance(rate(sqlite_world, case, False, ratings(E2="not_met")), Done)
        assert page(sqlite_world, case, "rate", lead=True).values == {}
        assert page(sqlite_world, case, "agree", lead=True).values.get("agreed") is None
        assert page(sqlite_world, case, "agree", lead=True).raters == []
        mine = {row["code"]: row["rating"] for row in page(sqlite_world, case, "rate").values["ratings"]}
        assert mine["E2"] == "not_met"
        assert "ratings" not in sqlite_world.play.case(case).values

    def test_one_person_rating_twice_is_one_rater(self, sqlite_world: World) -> None:
        case = inspection(sqlite_world)
        assert isinstance(rate(sqlite_world, case, False, ratings()), Done)
        assert isinstance(rate(sqlite_world, case, False, ratings(A1="partly")), Done)
        assert page(sqlite_world, case, "rate").mark == "incomplete"
        refused = send(
            sqlite_world.inst,
            case,
            cmd.Go(id=new_id(), actor=actor_of(sqlite_world.play.cast.worker("ncrc")), exit="rated"),
        )
        assert isinstance(refused, Refusal)
        assert {unmet.fix for unmet in refused.unmet} == {"rate", "agree"}

    def test_nothing_is_settled_before_both_have_rated(self, sqlite_world: World) -> None:
        case = inspection(sqlite_world)
        rate(sqlite_world, case, False, ratings())
        number, account = sqlite_world.play.case(case).number, sqlite_world.play.cast.worker("ncrc")
        answer = record_step(sqlite_world.inst, account, number, "agree", {"agreed": ratings()})
        assert isinstance(answer, Refusal)
        assert "must first be recorded by 2 people" in answer.sentence()

    def test_what_both_say_is_filled_in_and_what_differs_is_open(self, sqlite_world: World) -> None:
        case = inspection(sqlite_world)
        rate(sqlite_world, case, False, ratings(E2="not_met"))
        rate(sqlite_world, case, True, ratings(E2="partly"))
        found = page(sqlite_world, case, "agree")
        assert [rater.rows["E2"]["rating"] for rater in found.raters] == ["not_met", "partly"]
        assert {row["code"] for row in found.values["agreed"]} == set(CODES) - {"E2"}

    def test_a_rating_made_on_the_spot_and_typed_later_counts(self, sqlite_world: World) -> None:
        case = inspection(sqlite_world)
        number, account = sqlite_world.play.case(case).number, sqlite_world.play.cast.worker("ncrc")
        seen = sqlite_world.play.case(case).entered["on_site"]
        record_step(sqlite_world.inst, account, number, "rate", {"ratings": ratings()}, happened=seen)
        rate(sqlite_world, case, True, ratings())
        assert page(sqlite_world, case, "rate").mark == "done"

    def test_what_is_kept_for_later_is_there_for_its_rater_alone(self, sqlite_world: World) -> None:
        case = inspection(sqlite_world)
        number, account = sqlite_world.play.case(case).number, sqlite_world.play.cast.worker("ncrc")
        begun = [*ratings()[:9], {"code": CODES[9], "rating": "partly", "note": "Two beds for three."}]
        record_step(sqlite_world.inst, account, number, "rate", {"ratings": begun}, part_only=True)
        assert page(sqlite_world, case, "rate").values["ratings"] == begun
        assert page(sqlite_world, case, "rate", lead=True).values == {}

    def test_after_both_nobody_rates_again(self, sqlite_world: World) -> None:
        case = inspection(sqlite_world)
        rate(sqlite_world, case, False, ratings())
        rate(sqlite_world, case, True, ratings())
        answer = rate(sqlite_world, case, True, ratings(E2="partly"))
        assert isinstance(answer, Refusal)
        assert answer.code == "all_recorded"


def agreed(world: World, **found: str) -> Case:
    case = inspection(world, **found)
    world.play.advance(case, "rated")
    return world.play.case(case)


class TestGrade:
    """The worked checks of the standard, through the engine."""

    def test_one_critical_criterion_not_met_caps_the_grade(self, sqlite_world: World) -> None:
        values = agreed(sqlite_world, E2="not_met").values
        assert (values["grade"], values["score"], values["open_critical"]) == ("d", 98, 1)

    def test_a_critical_criterion_not_seen_leaves_no_grade(self, sqlite_world: World) -> None:
        assert agreed(sqlite_world, B6="not_seen").values["grade"] == "none"

    def test_all_met_is_the_best_grade(self, sqlite_world: World) -> None:
        values = agreed(sqlite_world).values
        assert (values["grade"], values["score"], values["open_findings"]) == ("a", 100, 0)


def carried_out(world: World) -> str:
    """An inspection with two findings whose plan was accepted."""
    play = world.play
    case = inspection(world, E2="not_met", A5="partly")
    days = {name: (world.clock() + timedelta(days=n)).date().isoformat() for name, n in (("E2", 90), ("A5", 60))}
    play.good |= {
        "actions": [
            {"finding": "E2", "priority": "critical", "due": days["E2"], "action": "New rules for staff."},
            {"finding": "A5", "priority": "minor", "due": days["A5"], "action": "Minutes are kept."},
        ]
    }
    for way in ("rated", "send_for_check", "checked", "plan_wanted", "submit", "accept_plan"):
        play.advance(case, way)
    return case


def due_day(world: World, case_id: str) -> object:
    case = world.play.case(case_id)
    found = stage_due(world.play.ground(case), case, world.clock())
    return found.at.date() if found is not None else None


class TestFindings:
    def test_a_plan_that_was_handed_in_is_not_written_anew_by_the_home(self, sqlite_world: World, licence: str) -> None:
        case = carried_out(sqlite_world)
        number, home = sqlite_world.play.case(case).number, sqlite_world.play.cast.worker("home-katus")
        for corrects in (False, True):
            answer = record_step(sqlite_world.inst, home, number, "write_plan", {"actions": []}, corrects=corrects)
            assert isinstance(answer, Refusal)
        assert sqlite_world.play.case(case).values["open_actions"] == 2

    def test_each_finding_has_its_own_limit_and_never_more_than_its_priority_allows(
        self, sqlite_world: World, licence: str
    ) -> None:
        case = carried_out(sqlite_world)
        begun = sqlite_world.play.case(case).counts_from
        assert due_day(sqlite_world, case) == (begun + timedelta(days=30)).date()

    def test_a_home_does_not_stop_its_own_time(self, sqlite_world: World, licence: str) -> None:
        case = carried_out(sqlite_world)
        for reason in ("disaster", "court_stay"):
            hold = cmd.Hold(id=new_id(), actor=sqlite_world.play.holder(case), reason=reason)
            assert isinstance(send(sqlite_world.inst, case, hold, {"reason": "Rain."}), Refusal)

    def test_a_finding_that_is_fixed_leaves_the_next_one(self, sqlite_world: World, licence: str) -> None:
        case = carried_out(sqlite_world)
        today = sqlite_world.clock().date().isoformat()
        checks = [{"finding": "E2", "fixed": "yes", "checked_on": today}]
        sqlite_world.play.record(case, "check_actions", checks=checks)
        later = sqlite_world.play.case(case)
        wanted = next(row["due"] for row in later.values["actions"] if row["finding"] == "A5")  # type: ignore[index,union-attr]
        assert str(due_day(sqlite_world, case)) == wanted
        assert later.values["open_actions"] == 1

    def test_an_inspection_is_not_met_while_a_finding_is_open(self, sqlite_world: World, licence: str) -> None:
        case = carried_out(sqlite_world)
        today = sqlite_world.clock().date().isoformat()
        checks = [{"finding": "E2", "fixed": "yes", "checked_on": today}]
        sqlite_world.play.record(case, "check_actions", checks=checks)
        sqlite_world.play.advance(case, "ready_for_visit")
        sqlite_world.play.finish(case, new_inspector="yes", checks=checks)
        actor = actor_of(sqlite_world.play.cast.worker("ncrc"))
        assert isinstance(send(sqlite_world.inst, case, cmd.Go(id=new_id(), actor=actor, exit="fixed")), Refusal)


def test_what_inspectors_note_is_kept_from_the_home_that_holds_the_case(sqlite_world: World) -> None:
    case = inspection(sqlite_world, E2="not_met")
    for way in ("rated", "send_for_check"):
        sqlite_world.play.advance(case, way)
    assert sqlite_world.play.case(case).holder == "home-katus"
    number, home = sqlite_world.play.case(case).number, sqlite_world.play.cast.worker("home-katus")
    for step in ("brief", "rate", "agree", "look"):
        with pytest.raises(NotFound):
            step_page(sqlite_world.inst, home, number, step)
    assert step_page(sqlite_world.inst, home, number, "remark").name == "remark"


def test_a_home_learns_of_no_rescue_and_reads_no_line_of_what_is_kept_from_it(sqlite_world: World) -> None:
    play = sqlite_world.play
    case = inspection(sqlite_world, E2="not_met")
    play.record(case, "danger", danger_kind=["abuse"], told_at_once=["police_100"])
    for way in ("rated", "send_for_check"):
        play.advance(case, way)
    number, home = play.case(case).number, play.cast.worker("home-katus")
    with pytest.raises(NotFound):
        step_page(sqlite_world.inst, home, number, "danger")
    seen, council = (case_page(sqlite_world.inst, one, number) for one in (home, play.cast.worker("ncrc")))
    assert (len(seen.children), len(council.children)) == (0, 1)
    told = " ".join(line.words.en for line in seen.history)
    for words in ("danger", "Linked cases", "linked case", "Rate every", "complaints", "Plan the visit"):
        assert words not in told
    assert "Closing talk is done" in told


def test_a_home_neither_waives_nor_papers_over_what_inspectors_do(sqlite_world: World) -> None:
    case = inspection(sqlite_world, E2="not_met")
    for way in ("rated", "send_for_check"):
        sqlite_world.play.advance(case, way)
    head: dict[str, Any] = {"actor": actor_of(sqlite_world.play.cast.worker("home-katus"))}
    for step in ("brief", "rate", "agree", "issue_report", "see_again"):
        answer = send(sqlite_world.inst, case, cmd.WaiveStep(id=new_id(), step=step, **head), {"reason": "No need."})
        assert isinstance(answer, Refusal), step
    for step, paper in (("plan_visit", "declarations"), ("issue_report", "report")):
        note = cmd.Attach(id=new_id(), step=step, document=paper, **head)
        assert isinstance(send(sqlite_world.inst, case, note, {"kept": "Shelf"}), Refusal), step
    waive = cmd.WaiveStep(id=new_id(), step="remark", **head)
    assert isinstance(send(sqlite_world.inst, case, waive, {"reason": "Nothing is wrong."}), Done)


class TestLicence:
    def test_a_home_does_not_learn_of_a_visit_before_it_is_its_turn(self, sqlite_world: World, licence: str) -> None:
        play = sqlite_world.play
        number, home = play.case(licence).number, play.cast.worker("home-katus")
        sqlite_world.clock.wait(days=190)
        run_once(sqlite_world.inst)
        assert "Linked cases" not in " ".join(
            line.words.en for line in case_page(sqlite_world.inst, home, number).history
        )
        run_once(sqlite_world.inst)
        (visit,) = play.case(licence).children
        hidden = case_page(sqlite_world.inst, home, number)
        assert hidden.children == []
        assert "Linked cases" not in " ".join(line.words.en for line in hidden.history)
        assert len(case_page(sqlite_world.inst, play.cast.worker("ncrc"), number).children) == 1
        play.good = {**TEAM, "ratings": ratings(E2="not_met"), "agreed": ratings(E2="not_met")}
        for way in ("team_ready", "set_out", "seen", "rated", "send_for_check"):
            play.advance(visit, way)
        assert len(case_page(sqlite_world.inst, home, number).children) == 1

    def test_an_inspection_tells_the_licence_of_the_same_home_and_moves_nothing(
        self, sqlite_world: World, licence: str
    ) -> None:
        other = sqlite_world.play.open("home-licence", "licensed", "ncrc", parts={"home": "home-lapsi"})
        carried_out(sqlite_world)
        told, untold = sqlite_world.play.case(licence), sqlite_world.play.case(other)
        assert (told.stage, told.values["last_grade"], told.values["still_critical"]) == ("licensed", "d", 1)
        assert told.heard["inspection_graded"].exit == "plan_needed"
        assert "last_grade" not in untold.values

    def test_what_is_heard_is_due_with_the_holder(self, sqlite_world: World, licence: str) -> None:
        carried_out(sqlite_world)
        sqlite_world.clock.wait(days=6)
        answer = send(sqlite_world.inst, licence, cmd.Tick(id=new_id(), actor=cmd.Actor(SYSTEM, SYSTEM)))
        assert isinstance(answer, Done)
        assert any(rung.startswith("heard:inspection_graded") for rung in answer.case.escalated)

    def test_a_licensed_home_is_visited_every_six_months_whoever_is_away(
        self, sqlite_world: World, licence: str
    ) -> None:
        sqlite_world.clock.wait(days=150)
        run_once(sqlite_world.inst)
        assert sqlite_world.play.case(licence).children == {}
        sqlite_world.clock.wait(days=40)
        run_once(sqlite_world.inst)
        run_once(sqlite_world.inst)
        (visit,) = sqlite_world.play.case(licence).children
        opened = sqlite_world.play.case(visit)
        assert (opened.sop, opened.stage, opened.holder) == ("home-inspection", "planned", "ncrc")
        assert opened.parts["home"] == "home-katus"
        assert opened.subject == sqlite_world.play.case(licence).subject
        sqlite_world.clock.wait(days=190)
        run_once(sqlite_world.inst)
        assert len(sqlite_world.play.case(licence).children) == 2

    def test_a_home_does_not_close_while_one_child_has_no_place(self, sqlite_world: World, licence: str) -> None:
        play = sqlite_world.play
        play.advance(licence, "close_for_danger")
        play.finish(licence, closing_for_danger="yes", children_there="41", children_placed="40",
                    handed_over=["files", "assets_list"])  # fmt: skip
        actor = actor_of(play.cast.worker("ncrc"))
        answer = send(sqlite_world.inst, licence, cmd.Go(id=new_id(), actor=actor, exit="closed"))
        assert isinstance(answer, Refusal)
        assert "no confirmed place" in answer.sentence()

    def test_the_councils_check_of_papers_decides_and_not_what_the_home_says(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        fields = standard_library().procedures["home-licence"].fields
        everything = {name: [str(word) for word in fields[name].of] for name in ("papers_there", "director_meets")}
        case = play.open("home-licence", "applied", "home-katus")
        play.finish(case, **{**everything, "papers_there": ["application_form"]})
        play.record(case, "apply", home_place="NP0327", capacity="45", **everything)
        go = cmd.Go(id=new_id(), actor=actor_of(play.cast.worker("ncrc")), exit="complete")
        answer = send(sqlite_world.inst, case, go)
        assert isinstance(answer, Refusal)
        assert "A paper is missing" in answer.sentence()
        play.record(case, "check_papers", **everything)
        play.go(case, "complete")
        with pytest.raises(Exception, match="not for this case"):
            play.record(case, "apply", home_place="NP0101", capacity="45", **everything)

    def test_a_home_must_be_a_home(self, sqlite_world: World) -> None:
        with pytest.raises(Exception, match="Choose an agency"):
            sqlite_world.play.open("home-licence", "licensed", "ncrc", parts={"home": "wcsc-kathmandu"})

    def test_the_rows_are_what_the_events_give(self, sqlite_world: World, licence: str) -> None:
        carried_out(sqlite_world)
        assert rebuild(sqlite_world.inst, check=True).problems == []


def test_an_audit_of_an_ngo_is_evidence_and_moves_nothing(sqlite_world: World, licence: str) -> None:
    play = sqlite_world.play
    play.good = {**TEAM, "ratings": ratings(H2="not_met"), "agreed": ratings(H2="not_met")}
    case = play.open("home-inspection", "auditing", "tooni", parts={"home": "home-katus"})
    play.finish(case)
    play.go(case, "hand_in")
    told = play.case(licence)
    assert (told.values["audit_grade"], told.stage) == ("d", "licensed")
    assert "last_grade" not in told.values


def test_a_rating_that_cannot_be_is_told(sqlite_world: World) -> None:
    case = inspection(sqlite_world)
    rows = ratings()
    rows[0] = {"code": "A1", "rating": "na"}
    rows[1] = dict(rows[2])
    answer = rate(sqlite_world, case, False, rows)
    assert "A1: na needs a reason of the list" in str(answer)
    assert f"{rows[2]['code']} is rated twice" in str(answer)
    assert "criteria are not rated yet" in str(rate(sqlite_world, case, False, ratings()[:60]))


def test_invented_ratings_are_of_every_kind() -> None:
    chance = random.Random(3)
    assert {rated("A1", chance, 0.5)["rating"] for _ in range(60)} == {"met", "partly", "not_met"}


class TestSuspension:
    def suspended(self, world: World, licence: str) -> str:
        world.play.advance(licence, "suspend")
        world.play.record(licence, "write_decision")
        return licence

    @pytest.mark.parametrize(("days", "offered"), [(34, True), (36, False)])
    def test_a_home_appeals_against_a_suspension_within_35_days(
        self, sqlite_world: World, licence: str, days: int, offered: bool
    ) -> None:
        play = sqlite_world.play
        self.suspended(sqlite_world, licence)
        sqlite_world.clock.wait(days=days)
        case = play.case(licence)
        view = exit_view(play.ground(case), case, "appeal", sqlite_world.clock())
        assert (view is not None) == offered

    def test_a_refusal_long_ago_bars_no_appeal(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        play.good = TEAM | {"home_place": "NP0327", "capacity": "45"}
        licence = play.open("home-licence", "applied", "home-katus")
        play.go(licence, "refuse_licence")
        sqlite_world.clock.wait(days=200)
        play.go(licence, "apply_again")
        play.advance(licence, "complete", papers_there=PAPERS, director_meets=DIRECTOR)
        play.record(licence, "certificate")
        play.advance(licence, "license", assessors="2", study_conflicts="none_declared", study_finding="fit")
        self.suspended(sqlite_world, licence)
        play.go(licence, "appeal")
        assert (play.case(licence).stage, play.case(licence).holder) == ("appeal", "mowcsc")

    def test_the_local_level_is_asked_to_look_every_week(self, sqlite_world: World, licence: str) -> None:
        play = sqlite_world.play
        self.suspended(sqlite_world, licence)
        begun = play.case(licence).stage_since
        for week in (1, 2):
            case = play.case(licence)
            (due,) = [
                due for due in steps_due(play.ground(case), case, sqlite_world.clock()) if due.name == "weekly_look"
            ]
            assert (due.at - begun).days == 7 * week
            assert due.agency == "local-kathmandu"
            sqlite_world.clock.wait(days=6)
            play.record(licence, "weekly_look", admissions_seen="0")

    def test_operators_are_barred_or_closed_by_their_own_wish(self, sqlite_world: World, licence: str) -> None:
        play = sqlite_world.play
        play.advance(licence, "close_for_danger")
        placed = {"closing_for_danger": "no", "children_there": "41", "children_placed": "41"}
        play.finish(licence, **placed, handed_over=["files", "assets_list"])
        case = play.case(licence)
        view = exit_view(play.ground(case), case, "closed", sqlite_world.clock())
        assert view is not None
        assert [unmet.fix for unmet in view.lacks] == ["hand_over_files"]
        play.record(licence, "hand_over_files", handed_over=["files", "assets_list", "operators_barred"])
        play.go(licence, "closed")
        assert play.case(licence).outcome == "closed_down"
