"""The homes of the demonstration: forty in the register, in every state, with every grade and priority."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from sop_engine.app import initialise, installation, load_settings
from sop_engine.demo import homes, visits
from sop_engine.demo.cast import hire
from sop_engine.demo.clock import SetClock
from sop_engine.demo.crowd import YEARS
from sop_engine.demo.play import Play
from sop_engine.demo.stories import home_of_41
from sop_engine.homes import register
from sop_engine.homes.lacks import PRIORITIES
from sop_engine.homes.narrowing import HomesWanted
from sop_engine.services import auditing, upkeep
from sop_engine.services.passing import run_once
from sop_engine.sop.loading import standard_library
from sop_engine.store import tables
from sop_engine.store.database import looking
from tests.support.world import PASSWORD

UNTIL = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Homes:
    """All homes after two years: the register and the page of each."""

    play: Play
    entries: list[register.Entry]
    pages: list[register.HomePage]

    @property
    def visits(self) -> list[register.Visit]:
        return [visit for page in self.pages for visit in page.visits]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Two years of all homes, and the one with a story of its own."""
    settings = load_settings(tmp_path_factory.mktemp("homes"), {})
    initialise(settings)
    clock = SetClock(UNTIL - YEARS)
    inst = installation(settings, clock)
    homes.take_in_homes(inst)
    play = Play(inst, hire(inst, inst.directory_now(), PASSWORD), clock, random.Random(0), alone=True)
    homes.live(play, UNTIL)
    home_of_41.tell(play, UNTIL)
    clock.now = UNTIL
    run_once(inst)
    auditor = play.cast.worker("ncrc")
    entries, _ = register.register(inst, auditor)
    return Homes(play, entries, [register.home(inst, auditor, entry.home) for entry in entries])


def test_forty_homes_stand_in_the_register_each_with_one_licence(lived: Homes) -> None:
    codes = [entry.home for entry in lived.entries]
    assert len(codes) == len(set(codes)) == 40
    assert set(codes) == set(lived.play.inst.directory_now().of_kind(("childrens_home",)))
    assert len({entry.number for entry in lived.entries}) == 40


def test_every_home_has_a_local_level_that_follows_it_and_room_for_twenty_to_sixty(lived: Homes) -> None:
    directory = lived.play.inst.directory_now()
    known = [entry for entry in lived.entries if entry.stage not in ("applied", "unregistered_found")]
    assert all(entry.follows is not None and directory.acts_here(entry.follows) for entry in known)
    beds = [directory.agencies[entry.home].beds or 0 for entry in lived.entries]
    assert 20 <= min(beds) < max(beds) <= 60
    without = [entry for entry in lived.entries if not directory.acts_here(entry.home)]
    assert len(without) > 30


def test_licences_stand_in_every_state_of_a_measure(lived: Homes) -> None:
    stages = Counter(entry.stage for entry in lived.entries)
    assert min(stages["licensed"], stages["under_plan"]) >= 5
    assert set(stages) >= {
        "applied", "on_site_study", "unregistered_found", "renewal_due", "lapsed", "warned", "suspended", "closing",
    }  # fmt: skip


def test_every_grade_is_given_and_every_severity_occurs(lived: Homes) -> None:
    assert {entry.grade for entry in lived.entries} == {"a", "b", "c", "d", "e", "none", None}
    found = {finding.severity for visit in lived.visits for finding in visit.findings}
    assert found == set(PRIORITIES.values())


def test_homes_without_a_valid_licence_are_those_that_lost_it_and_those_whose_end_date_has_passed(lived: Homes) -> None:
    without = HomesWanted(state="without").narrow(lived.entries, lived.play.inst.directory_now())
    expired = [entry for entry in without if entry.licence_until is not None and entry.licence_until < UNTIL.date()]
    assert any(entry.stage in register.HAS_A_LICENCE for entry in expired)
    assert {"lapsed", "suspended", "applied"} <= {entry.stage for entry in without}
    assert len(expired) < len(without) < len(lived.entries)


def test_most_homes_were_visited_and_two_people_rated_each_of_them(lived: Homes) -> None:
    visited = [page for page in lived.pages if any(visit.result and not visit.audit for visit in page.visits)]
    assert len(visited) >= 25
    raw = [visit.agreement.raw for visit in lived.visits if visit.agreement is not None]
    assert len(raw) >= 40
    assert any(share < 1 for share in raw if share is not None)
    assert min(share for share in raw if share is not None) > 0.7


def test_findings_are_fixed_partly_fixed_overdue_and_handed_up(lived: Homes) -> None:
    assert {visit.result.grade for visit in lived.visits if visit.audit and visit.result} - {None}
    ends = Counter(visit.stage_title.en for visit in lived.visits)
    assert ends["Everything is fixed"] >= 10
    assert min(ends["Partly fixed"], ends["Handed to the council"], ends["Audit recorded"], ends["No visit"]) >= 1
    overdue = [visit for visit in lived.visits if any(action.overdue for action in visit.actions)]
    assert len(overdue) >= 3
    assert any(action.fixed for visit in overdue for action in visit.actions)


def test_visits_open_themselves_every_six_months(lived: Homes) -> None:
    standing = tables.standing
    with looking(lived.play.inst.engine) as connection:
        asked = select(func.count()).where(standing.c.sop == "home-inspection", standing.c.parent.is_not(None))
        assert connection.execute(asked).scalar_one() >= 25


def test_children_of_the_home_that_closes_still_need_a_place(lived: Homes) -> None:
    (closing,) = [entry for entry in lived.entries if entry.stage == "closing"]
    standing = tables.standing
    with looking(lived.play.inst.engine) as connection:
        asked = select(standing.c.case_id).where(standing.c.number == closing.number)
        case = lived.play.case(connection.execute(asked).scalar_one())
    assert int(str(case.values["children_there"])) > int(str(case.values["children_placed"])) > 0


def test_nothing_is_still_to_come_no_rule_is_broken_and_all_proves_itself(lived: Homes) -> None:
    inst, finding = lived.play.inst, tables.finding
    with looking(inst.engine) as connection:
        latest = connection.execute(select(func.max(tables.journal.c.recorded))).scalar_one()
        breaches = connection.execute(select(finding.c.kind).where(finding.c.verdict == "breach")).all()
    assert latest <= tables.as_text(UNTIL)
    assert breaches == []
    assert auditing.verify(inst).problems == []
    assert upkeep.rebuild(inst, check=True).problems == []


class TestRatings:
    STANDARD = standard_library().procedures["home-inspection"].standards["np-homes-1.0-draft"]

    def test_one_person_sees_a_mark_higher_or_lower_and_never_two(self) -> None:
        rows = visits.marked(self.STANDARD, {"E2": "not_met", "B6": "not_seen"})
        chance = random.Random(4)
        seen = [{row["code"]: row["rating"] for row in visits.seen_by_one(rows, chance)} for _ in range(200)]
        assert {one["E2"] for one in seen} == {"not_met", "partly"}
        assert {one["A1"] for one in seen} == {"met", "partly"}
        assert {one["B6"] for one in seen} == {"not_seen"}

    def test_a_plan_answers_each_finding_once_by_its_most_urgent_priority(self) -> None:
        lacks = {"J1": "not_met", "J2": "not_met", "E2": "not_met", "A5": "partly"}
        rows = visits.plan(self.STANDARD, visits.marked(self.STANDARD, lacks), True, UNTIL.date(), random.Random(1))
        assert [(row["finding"], row["priority"]) for row in rows] == [
            ("danger", "danger"), ("E2", "critical"), ("J1", "major"), ("J2", "major"), ("A5", "minor"),
        ]  # fmt: skip
        assert rows[0]["due"] == (UNTIL + timedelta(days=2)).date().isoformat()
