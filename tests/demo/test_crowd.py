"""The crowd of invented cases: in the proportions that reports suggest, in every procedure, with all that goes wrong.

A share may be off by three standard deviations of as many independent draws: chance alone would go further in one count
of 370, so a share further off says that the crowd is made wrongly. The seed is fixed, so a count is always the same.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import sqrt
from pathlib import Path

import pytest
from sqlalchemy import select

from sop_engine.case import events as ev
from sop_engine.case.state import Case
from sop_engine.demo.build import CROWD, PACE, SEED, wander
from sop_engine.demo.crowd import HARMS, KINDS, YEARS
from sop_engine.demo.play import Play
from sop_engine.services.installation import Installation
from sop_engine.store import journal, tables, vault
from sop_engine.store.database import looking
from tests.support.world import make_world

UNTIL = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
SMALL = 110
PEOPLE = {("female", "no"): 60, ("female", "yes"): 25, ("male", "no"): 10, ("male", "yes"): 5}
EXPLOITATION = {"sexual": 55, "labour": 35, "other": 10}
ENDS = {"som_only": 15, "not_a_victim": 30, "declined": 8, "lost_contact": 4, "re_trafficked": 1}


@dataclass(frozen=True, slots=True)
class Crowd:
    """A crowd that went its way for two years: its installation, its cases and its events by kind."""

    inst: Installation
    cases: list[Case]
    events: Counter[str]

    def episodes(self, stage: str) -> list[Case]:
        """The cases of identification that have come to a stage; each is one person in one episode."""
        return [case for case in self.cases if case.sop == "identification" and stage in case.entered]


def crowd_of(home: Path, count: int) -> Crowd:
    world = make_world(home)
    world.clock.now = UNTIL - YEARS
    chance = random.Random(SEED)
    wander(Play(world.inst, world.play.cast, world.clock, chance, pace=PACE, alone=True), UNTIL, count, lambda *_: None)
    with looking(world.inst.engine) as connection:
        ids = connection.execute(select(tables.standing.c.case_id)).scalars().all()
        cases = [journal.load_known(connection, case_id) for case_id in ids]
        bodies = connection.execute(select(tables.journal.c.body)).scalars()
        kinds = Counter(type(ev.from_bytes(bytes(body)).event).__name__ for body in bodies)
    return Crowd(world.inst, cases, kinds)


@pytest.fixture(scope="module")
def crowds(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Crowd]:
    """Makes a crowd of so many opened cases, each once."""
    return cache(lambda count: crowd_of(tmp_path_factory.mktemp("crowd"), count))


@pytest.fixture(
    scope="module", params=[pytest.param(SMALL, id="small"), pytest.param(CROWD, id="whole", marks=pytest.mark.slow)]
)
def crowd(request: pytest.FixtureRequest, crowds: Callable[[int], Crowd]) -> Crowd:
    """A small crowd; the whole one among the slow tests."""
    return crowds(request.param)


def assert_shares(counted: Counter[str], of: int, expected: dict[str, int]) -> None:
    for name, percent in expected.items():
        share = percent / 100
        tolerance = 3 * sqrt(share * (1 - share) / of)
        assert abs(counted[name] / of - share) <= tolerance, f"{name}: {counted[name]} of {of} is not near {percent} %"


def test_women_girls_men_and_boys_are_identified_in_their_shares(crowd: Crowd) -> None:
    identified = [(case.values.get("sex"), case.values["is_child"]) for case in crowd.episodes("identified")]
    known = Counter(person for person in identified if person in PEOPLE)
    assert known.total() > 0.9 * len(identified)
    assert_shares(known, known.total(), PEOPLE)


def test_kinds_of_exploitation_are_identified_in_their_shares(crowd: Crowd) -> None:
    kind_of = {tuple(purposes): kind for kind, listed in KINDS.items() for purposes in listed}
    found: Counter[str] = Counter()
    with looking(crowd.inst.engine) as connection:
        for case in crowd.episodes("identified"):
            kept = vault.latest(connection, crowd.inst.keys, case.subject, case.id, ["purposes_found"])
            found.update([kind_of[tuple(kept["purposes_found"])]] if kept else [])
    assert_shares(found, found.total(), EXPLOITATION)


def test_what_screening_comes_to_has_its_shares(crowd: Crowd) -> None:
    ended = [case for case in crowd.episodes("screening") if case.status == "closed"]
    assert len(ended) > 0.9 * len(crowd.episodes("screening"))
    again = [case.closes_as for case in crowd.cases if case.closes_as == "re_trafficked"]
    assert_shares(Counter([*(str(case.closes_as) for case in ended), *again]), len(ended), ENDS)


def test_things_are_late_refused_waived_and_on_hold_as_in_life_and_no_rule_is_broken(crowd: Crowd) -> None:
    finding = tables.finding
    with looking(crowd.inst.engine) as connection:
        rows = connection.execute(select(finding.c.kind, finding.c.verdict)).all()
    assert {row.kind for row in rows} >= {"late", "waived", "by_law"}
    assert "breach" not in {row.verdict for row in rows}
    assert min(crowd.events[kind] for kind in ("OfferRefused", "HoldBegun", "HoldEnded", "StepWaived")) >= 3


@pytest.mark.slow
def test_the_whole_crowd_is_large_and_everywhere(crowds: Callable[[int], Crowd]) -> None:
    whole = crowds(CROWD)
    by_sop = Counter(case.sop for case in whole.cases)
    assert len(whole.cases) >= 1500
    assert len(by_sop) >= 6
    assert min(by_sop.values()) >= 50
    with looking(whole.inst.engine) as connection:
        holders = connection.execute(select(tables.held.c.holder).distinct()).scalars().all()
    assert len(holders) >= 15
    assert whole.events["Reopened"] >= 10
    assert min(whole.events[kind] for kind in ("OfferRefused", "HoldBegun", "StepWaived")) >= 50


def test_shares_of_exploitation_of_women_and_men_make_the_shares_of_all() -> None:
    women = sum(percent for (sex, _), percent in PEOPLE.items() if sex == "female") / 100
    for kind, percent in EXPLOITATION.items():
        assert abs(women * HARMS["female"][kind] + (1 - women) * HARMS["male"][kind] - percent) < 1
