"""Forty homes over two years: how they get a licence, are visited, mend what lacks or do not, and what follows.

Each home goes its way as a generator of waits, and stops where the present is.
"""

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sop_engine.app import take_in
from sop_engine.case import commands as cmd
from sop_engine.case.clock import next_openings, rows_of
from sop_engine.case.directory import Agency
from sop_engine.case.events import SYSTEM
from sop_engine.demo import visits
from sop_engine.demo.crowd import Deck
from sop_engine.demo.play import Play
from sop_engine.demo.stories import home_of_41
from sop_engine.demo.visits import Care, Row, Waits
from sop_engine.services.installation import Installation, actor_of, new_id
from sop_engine.store.database import writing

HOMES = Path(__file__).with_name("homes.yaml")
SEED = 41
PACE = 6
AT_ONE_GO = timedelta(hours=3)
COUNCIL, AUDITOR = "ncrc", "utis"
PAPERS = [
    "application_form", "statute", "building_papers", "budget", "staff_list", "protection_policy",
    "local_recommendation",
]  # fmt: skip
DIRECTOR = [
    "nepali", "twenty_five", "basic_education", "orientation", "no_conviction", "good_character", "own_income",
]  # fmt: skip

GOOD, FAIR, MIXED, POOR, BAD = Care(0, 0.05), Care(0, 0.36), Care(0.05, 0.2), Care(0.14, 0.45), Care(0.3, 0.6)
HIDDEN = Care(0, 0.1, unseen=("B4", "E2"))  # on the day of the visit no child could be talked with
CARES = {GOOD: 5, FAIR: 4, MIXED: 4, POOR: 2}
# What becomes of a plan: all is fixed; some is, and that is the end or goes to the council; or nobody looks in time.
ENDS = {"fixed": 9, "partly_fixed": 2, "escalate": 1, "overdue": 4}
# How many of a hundred homes an NGO audits, and the local level visits after a complaint.
AUDITED, COMPLAINED = 20, 15
# How many of a hundred visits for which it is time are not announced, and how many are not made.
UNANNOUNCED, NOT_MADE = 40, 8


@dataclass(frozen=True, slots=True)
class Home:
    """One home as it is played."""

    agency: Agency
    play: Play

    @property
    def code(self) -> str:
        return self.agency.code

    def follower(self, kind: str) -> str:
        """The agency of a kind that serves the district of the home."""
        return self.play.inst.directory_now().of_kind((kind,), self.agency.district)[0]

    def happens(self, percent: int) -> bool:
        return self.play.chance.random() * 100 < percent


@dataclass(frozen=True, slots=True)
class Deals:
    """How homes are run and what becomes of plans, dealt in their shares."""

    cares: Deck[Care]
    ends: Deck[str]


def take_in_homes(inst: Installation) -> None:
    """Take in the homes of the demonstration that the directory does not have."""
    with writing(inst.engine) as connection:
        take_in(connection, inst.keys, HOMES)


def live(play: Play, until: datetime) -> None:
    """Let every home go its way over two years up to a moment, but for the one that has a story of its own."""
    play = replace(play, chance=random.Random(SEED), pace=PACE)
    directory = play.inst.directory_now()
    deals = Deals(Deck(list(CARES.items()), play.chance), Deck(list(ENDS.items()), play.chance))
    for code in directory.of_kind(("childrens_home",)):
        if code != home_of_41.HOME:
            home = Home(directory.agencies[code], play)
            days, way = WAYS.get(code, (play.chance.randint(*USUAL_DAYS), None))
            play.clock.now = (until - timedelta(days=days)).replace(hour=4)
            play.good = _good(home)
            _until(play, until, way(home) if way is not None else _usual(home, deals))


def _until(play: Play, until: datetime, waits: Waits) -> None:
    """Go on until the present; what is done at one go may take some hours, and none of it is still to come."""
    for wait in waits:
        if play.clock.now + wait >= until - AT_ONE_GO:
            return
        play.clock.now += wait


def _good(home: Home) -> dict[str, Any]:
    """What is so in a home all the time."""
    beds = home.agency.beds or 20
    children = str(beds - home.play.chance.randint(0, 6))
    return visits.GOOD | {
        "local": home.follower("local_level"), "province": home.follower("provincial_child_rights"),
        "officer": home.follower("child_welfare"), "home_place": home.agency.district, "capacity": str(beds),
        "children_registered": children, "children_present": children, "children_there": children,
    }  # fmt: skip


def _usual(home: Home, deals: Deals) -> Waits:
    """A licensed home that is visited every six months, each time with what becomes of the plan."""
    licence, care = _known(home), deals.cares.deal()
    if home.happens(AUDITED):
        yield timedelta(days=30)
        audit = home.play.open("home-inspection", "auditing", AUDITOR, parts={"home": home.code})
        yield from visits.audit(home.play, audit, _truth(home, audit, care))
    if home.happens(COMPLAINED):
        yield timedelta(days=50)
        visit = _opened(home, home.follower("local_level"))
        yield from _visited(home, licence, visit, care, "complaint")
        yield from _mended(home, licence, visit, deals.ends.deal())
    while home.play.case(licence).stage == "licensed":
        visit = yield from _opened_by_time(home, licence)
        if home.happens(NOT_MADE):
            return
        kind = "unannounced" if home.happens(UNANNOUNCED) else "scheduled"
        yield from _visited(home, licence, visit, care, kind)
        yield from _mended(home, licence, visit, deals.ends.deal())


def _known(home: Home) -> str:
    """The council notes a licence that was given before; gives the case."""
    licence = home.play.open("home-licence", "licensed", COUNCIL, parts={"home": home.code})
    ends = home.play.clock.now + timedelta(days=home.play.chance.randint(400, 1200))
    home.play.record(licence, "note_licence", licence_until=ends.date().isoformat())
    return licence


def _opened_by_time(home: Home, licence: str) -> Generator[timedelta, None, str]:
    """Wait until the next visit opens itself; gives its case."""
    play = home.play
    case = play.case(licence)
    ((at, _),) = next_openings(play.ground(case), case)
    yield at - play.clock.now
    play.send(licence, cmd.Tick(id=new_id(), actor=cmd.Actor(SYSTEM, SYSTEM)))
    (visit,) = play.case(licence).children.keys() - case.children.keys()
    return visit


def _opened(home: Home, agency: str) -> str:
    """A visit that an agency decides on; gives its case."""
    return home.play.open("home-inspection", "planned", agency, parts={"home": home.code})


def _truth(home: Home, visit: str, care: Care) -> list[Row]:
    """What is so in a home, by the standard of a visit."""
    return visits.in_truth(visits.standard_of(home.play, visit), care, home.play.chance)


def _visited(home: Home, licence: str, visit: str, care: Care, kind: str) -> Waits:
    """A visit of a kind up to its report; where something lacks, a licence that stands comes under a plan."""
    play = home.play
    yield from visits.to_home(play, visit, kind)
    yield from visits.closing_talk(play, visit)
    yield from visits.to_report(play, visit, _truth(home, visit, care))
    yield timedelta(hours=8)
    if play.case(visit).status != "closed" and play.case(licence).stage == "licensed":
        play.advance(licence, "plan_needed")


def _mended(home: Home, licence: str, visit: str, end: str) -> Waits:
    """The plan, if there is one, and what becomes of it: fixed in time, partly, handed up, or not looked at again."""
    play = home.play
    if play.case(visit).status != "closed":
        yield from visits.to_plan(play, visit)
        values = play.case(visit).values
        yield timedelta(days=22 if values["plan_is_urgent"] == "yes" else 60)
        actions = len(rows_of(values, "actions"))
        if end == "overdue":
            play.record(visit, "check_actions", checks=visits.checked(play, visit, (actions + 1) // 2))
            return
        yield from visits.to_end(play, visit, 0 if end == "fixed" else (actions + 2) // 3, end)
        yield timedelta(days=2)
    yield from _answered(home, licence, end)


def _answered(home: Home, licence: str, end: str) -> Waits:
    """What the council does about a licence under a plan: the plan is fulfilled, a warning, or a visit once more."""
    play = home.play
    if play.case(licence).stage != "under_plan":
        return
    if play.case(licence).values["still_open"] == 0:
        play.advance(licence, "plan_fulfilled")
    elif end == "escalate":
        play.advance(licence, "warn")
        play.record(licence, "write_warning")
    else:
        yield timedelta(days=30)
        visit = _opened(home, home.follower("local_level"))
        yield from _visited(home, licence, visit, GOOD, "follow_up")
        yield from _mended(home, licence, visit, "fixed")


def _applies(home: Home) -> Waits:
    """An application whose papers are still looked through."""
    _application(home)
    yield timedelta()


def _application(home: Home) -> str:
    licence = home.play.open("home-licence", "applied", home.code)
    home.play.record(licence, "apply", papers_there=PAPERS[:-2], director_meets=DIRECTOR)
    return licence


def _studied(home: Home) -> Waits:
    """A complete application, and two assessors who will look at the home."""
    yield from _to_study(home)


def _to_study(home: Home) -> Generator[timedelta, None, str]:
    licence = _application(home)
    yield timedelta(days=6)
    home.play.advance(licence, "complete", papers_there=PAPERS, director_meets=DIRECTOR)
    return licence


def _new(home: Home) -> Waits:
    """A home that applied, was studied, got its licence and its first visit."""
    licence = yield from _to_study(home)
    yield timedelta(days=20)
    home.play.record(licence, "certificate")
    home.play.advance(licence, "license", assessors="2", study_conflicts="none_declared", study_finding="fit")
    yield timedelta(days=90)
    visit = _opened(home, COUNCIL)
    yield from _visited(home, licence, visit, FAIR, "initial")
    yield from _mended(home, licence, visit, "fixed")


def _unregistered(home: Home) -> Waits:
    """A home without a licence that the local level came upon yesterday."""
    licence = home.play.open("home-licence", "unregistered_found", home.follower("local_level"), {"home": home.code})
    home.play.finish(licence)
    yield timedelta()


def _warned(home: Home) -> Generator[timedelta, None, str]:
    """A home that mended too little, and was warned in writing; gives its licence."""
    licence = _known(home)
    visit = yield from _opened_by_time(home, licence)
    yield from _visited(home, licence, visit, POOR, "unannounced")
    yield from _mended(home, licence, visit, "escalate")
    return licence


def _suspended(home: Home) -> Waits:
    """A home that went on as before after the warning: nobody is admitted, and the local level looks in every week."""
    licence = yield from _warned(home)
    yield timedelta(days=30)
    home.play.advance(licence, "suspend")
    home.play.record(licence, "write_decision")
    for _ in range(4):
        yield timedelta(days=7)
        home.play.record(licence, "weekly_look", admissions_seen="0")


def _closing(home: Home) -> Waits:
    """A home in which a visit after a complaint found danger: children are moved out, and some have no place yet."""
    play, licence = home.play, _known(home)
    yield timedelta(days=40)
    visit = _opened(home, home.follower("local_level"))
    yield from visits.to_home(play, visit, "complaint")
    yield from visits.closing_talk(play, visit, danger=("abuse",))
    yield timedelta(hours=2)
    play.go(licence, "close_for_danger")
    yield timedelta(hours=5)
    play.send(licence, cmd.Sign(id=new_id(), actor=actor_of(play.cast.lead(COUNCIL))))
    play.record(licence, "place_children", closing_for_danger="yes", children_placed="9")
    yield from visits.to_report(play, visit, _truth(home, visit, BAD))


def _renewing(home: Home) -> Generator[timedelta, None, str]:
    """A home that was asked for its yearly papers; gives its licence."""
    licence = _known(home)
    yield timedelta(days=30)
    home.play.advance(licence, "ask_renewal")
    yield timedelta(days=20)
    return licence


def _lapsed(home: Home) -> Waits:
    """A home that did not hand in its yearly papers in time."""
    licence = yield from _renewing(home)
    yield timedelta(days=80)
    home.play.go(licence, "let_lapse")
    home.play.record(licence, "send_notice")


def _hidden(home: Home) -> Waits:
    """A home in which too little could be seen for a grade."""
    licence = _known(home)
    visit = yield from _opened_by_time(home, licence)
    yield from _visited(home, licence, visit, HIDDEN, "scheduled")
    yield from _mended(home, licence, visit, "overdue")


def _shut(home: Home) -> Waits:
    """A home that does not let the inspectors in."""
    visit = yield from _opened_by_time(home, _known(home))
    yield from visits.to_home(home.play, visit, "unannounced")
    home.play.go(visit, "entry_refused")
    home.play.finish(visit, not_possible_because="entry_refused")


# Homes of which something special is told: since how many days they are known, and how they go.
WAYS: dict[str, tuple[int, Callable[[Home], Waits]]] = {
    "home-lapsi": (30, _studied),
    "home-chiuri": (9, _applies),
    "home-kafal": (400, _new),
    "home-rupi": (1, _unregistered),
    "home-battai": (265, _warned),
    "home-titra": (330, _suspended),
    "home-bhangera": (75, _closing),
    "home-nibuwa": (205, _shut),
    "home-kalij": (260, _hidden),
    "home-dhukur": (60, _renewing),
    "home-jureli": (140, _lapsed),
}
USUAL_DAYS = (400, 725)
