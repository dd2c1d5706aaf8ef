"""Playing one inspection of a home: two people rate apart and agree, the home plans, and somebody looks again.

What takes time is a generator of waits, so that a story stops wherever the present is.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sop_engine.case.clock import rows_of
from sop_engine.demo.answers import rated
from sop_engine.demo.play import Play
from sop_engine.sop import score
from sop_engine.sop.standards import SCALE, Standard

Row = dict[str, Any]
Waits = Iterator[timedelta]

GOOD: dict[str, Any] = {
    "team_has": ["lead_inspector", "second_inspector", "woman", "social_worker"], "conflicts": "none_declared",
    "led_last_two": "no", "observer_invited": "no", "names_left_out": "yes", "new_inspector": "yes", "met_again": "8",
    "copied_to": ["local_committee", "province_committee", "council"],
}  # fmt: skip
PRIORITIES = {"P0": "danger", "P1": "critical", "P2": "major", "P3": "minor"}
DAYS_TO_FIX = {"danger": 2, "critical": 28, "major": 80, "minor": 150}
ACTIONS = {
    "danger": "The children are moved away from it today.",
    "critical": "Mended at once, and shown to the ward.",
    "major": "A new way of working is written down and taught.",
    "minor": "The staff put it right in the coming months.",
}
TOLD_AT_ONCE = ["child_welfare_officer", "police_100", "helpline_1098"]
PROOFS = ("A photo of the room, without children.", "A paper of the office.", "A note of the visit.")
APART = 0.06
DAYS_OF_NOTICE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Care:
    """How a home is run: how often something lacks in what is critical and in the rest, and what nobody could see."""

    critical: float
    other: float
    unseen: tuple[str, ...] = ()


def in_truth(standard: Standard, care: Care, chance: random.Random) -> list[Row]:
    """What is so in a home, criterion by criterion."""
    rows = [
        rated(str(code), chance, care.critical if said.critical else care.other)
        for code, said in standard.criteria().items()
    ]
    return [{"code": row["code"], "rating": "not_seen"} if row["code"] in care.unseen else row for row in rows]


def seen_by_one(rows: list[Row], chance: random.Random) -> list[Row]:
    """How one person rates what is so: now and then one mark higher or lower."""
    return [row | {"rating": _beside(row["rating"], chance)} if chance.random() < APART else row for row in rows]


def _beside(mark: str, chance: random.Random) -> str:
    if mark not in SCALE:
        return mark
    place = SCALE.index(mark)
    return chance.choice([*SCALE[max(0, place - 1) : place], *SCALE[place + 1 : place + 2]])


def marked(standard: Standard, marks: Mapping[str, str]) -> list[Row]:
    """Every criterion met and shown twice, but for those that are marked otherwise."""
    return [
        {"code": str(code), "rating": marks.get(str(code), "met"), "evidence": ["D", "O"]}
        for code in standard.criteria()
    ]


def plan(standard: Standard, rows: list[Row], danger: bool, today: date, chance: random.Random) -> list[Row]:
    """An action for every criterion with a finding, the most urgent first."""
    found: dict[str, Row] = {}
    for finding in score.findings(standard, score.ratings_of(rows), danger):
        priority = PRIORITIES[finding.priority]
        due = (today + timedelta(days=DAYS_TO_FIX[priority])).isoformat()
        for code in finding.criteria or ("danger",):
            row = {"finding": code, "priority": priority, "due": due, "action": ACTIONS[priority]}
            found.setdefault(code, row | {"proof": chance.choice(PROOFS)})
    return list(found.values())


def checked(play: Play, case: str, open_: int) -> list[Row]:
    """What a look at the actions shows: so many are open, the less urgent ones; the others are fixed."""
    actions = rows_of(play.case(case).values, "actions")
    today = play.clock.now.date().isoformat()
    fixed = len(actions) - open_
    return [
        {"finding": row["finding"], "fixed": "yes" if number < fixed else "no", "checked_on": today}
        for number, row in enumerate(actions)
    ]


def standard_of(play: Play, case: str) -> Standard:
    """The standard by which an inspection rates."""
    standard = play.ground(play.case(case)).procedure.standard_of("agreed")
    assert standard is not None, "the SOP of inspections rates by a standard"
    return standard


def to_home(play: Play, case: str, kind: str) -> Waits:
    """From the plan of a visit of a kind to the door of the home."""
    day = play.clock.now.date() + DAYS_OF_NOTICE
    play.advance(case, "team_ready", visit_kind=kind, visit_on=day.isoformat())
    yield DAYS_OF_NOTICE
    play.advance(case, "set_out")


def closing_talk(play: Play, case: str, danger: tuple[str, ...] = ()) -> Waits:
    """What is seen in the home, who is told at once where there is danger, and the closing talk."""
    play.record(case, "look")
    if danger:
        play.record(case, "danger", danger_kind=list(danger), told_at_once=TOLD_AT_ONCE)
    yield timedelta(hours=7)
    play.advance(case, "seen", danger_found="yes" if danger else "no")


def to_report(play: Play, case: str, rows: list[Row]) -> Waits:
    """From the ratings, each alone, to the report that is issued; a home without findings is done with it."""
    yield timedelta(hours=20)
    for _ in range(2):
        play.record(case, "rate", ratings=seen_by_one(rows, play.chance))
    play.advance(case, "rated", agreed=rows)
    yield timedelta(days=6)
    play.advance(case, "send_for_check")
    yield timedelta(days=5)
    play.advance(case, "checked")
    yield timedelta(days=2)
    play.advance(case, "plan_wanted" if play.case(case).values["open_findings"] else "nothing_lacks")


def to_plan(play: Play, case: str) -> Waits:
    """The home answers each finding in time, and the plan is accepted."""
    values = play.case(case).values
    yield timedelta(hours=30) if values["plan_is_urgent"] == "yes" else timedelta(days=10)
    danger = values["danger_found"] == "yes"
    actions = plan(standard_of(play, case), rows_of(values, "agreed"), danger, play.clock.now.date(), play.chance)
    play.advance(case, "submit", actions=actions)
    yield timedelta(hours=20)
    play.advance(case, "accept_plan")


def to_end(play: Play, case: str, open_: int, way: str) -> Waits:
    """The local level checks the actions and inspectors look again; so many are open, and it ends in this way."""
    play.record(case, "check_actions", checks=checked(play, case, open_))
    play.advance(case, "ready_for_visit")
    yield timedelta(days=4)
    play.advance(case, way, checks=checked(play, case, open_))


def audit(play: Play, case: str, rows: list[Row]) -> Waits:
    """An NGO audits a home by itself: two auditors rate apart and agree."""
    yield timedelta(days=3)
    for _ in range(2):
        play.record(case, "audit_rate", ratings=seen_by_one(rows, play.chance))
    yield timedelta(days=2)
    play.advance(case, "hand_in", agreed=rows, danger_found="no")
