"""Story 4: a home in Kathmandu with 41 children: eight findings, two of them critical.

No child is in danger today, but two critical criteria are not met: the grade is the worst, however good the rest is,
and the plan is due in 48 hours. The licence comes under the plan. What was critical is fixed in time; some is not yet.
"""

from datetime import datetime, timedelta
from typing import Any

from sop_engine.demo import visits
from sop_engine.demo.play import Play

HOME = "home-katus"
LACKS = {
    "B6": "not_met", "H2": "not_met", "A5": "partly", "C2": "partly", "D5": "partly", "F1": "partly", "H7": "partly",
    "K1": "partly",
}  # fmt: skip
STILL_OPEN = 3
GOOD: dict[str, Any] = {
    **visits.GOOD,
    "local": "local-kathmandu", "province": "pcrc-bagmati", "officer": "cwo-kathmandu", "home_place": "NP0327",
    "capacity": "45", "children_registered": "44", "children_present": "41", "complaints_read": "2",
}  # fmt: skip


def tell(play: Play, until: datetime) -> list[str]:
    """The story up to now, from a complaint two months ago. Gives the inspection and the licence."""
    play.begin(until, 60, GOOD)
    licence = play.open("home-licence", "licensed", "ncrc", parts={"home": HOME})
    play.record(licence, "note_licence", licence_until=(until + timedelta(days=500)).date().isoformat())
    visit = play.open("home-inspection", "planned", "ncrc", parts={"home": HOME})
    for wait in _visit(play, licence, visit):
        play.clock.now += wait
    return [visit, licence]


def _visit(play: Play, licence: str, visit: str) -> visits.Waits:
    """From the visit to the day on which the local level looks at what was fixed."""
    yield from visits.to_home(play, visit, "complaint")
    yield from visits.closing_talk(play, visit)
    yield from visits.to_report(play, visit, visits.marked(visits.standard_of(play, visit), LACKS))
    yield timedelta(hours=4)
    play.advance(licence, "plan_needed")
    yield from visits.to_plan(play, visit)
    yield timedelta(days=20)
    play.record(visit, "check_actions", checks=visits.checked(play, visit, STILL_OPEN))
