"""Story 8: a woman who was identified, refused every referral, and came back five months later.

Her no was final and cost her nothing: she kept her safety plan, and the door stayed open. The NGO no longer reads a
case that ended so long ago, so another one begins; this time she stays. Her name is written in the other script, and
the holder is told all the same that both cases may be hers.
"""

from datetime import datetime
from typing import Any

from sop_engine.demo.answers import USUAL
from sop_engine.demo.play import Play

ASKED = {
    **{f"q{number}": "no" for number in range(1, 21)},
    **{f"q{number}": "yes" for number in (1, 2, 3, 5, 8, 10)},
}
GOOD: dict[str, Any] = {
    **USUAL, **ASKED,
    "channel": "ngo_outreach", "anonymous": "no", "place_found": "NP0327", "persons_est": "1", "danger_now": "no",
    "contact_by": "ngo", "contact_ngo": "utis", "birth_date": "1992", "sex": "female", "urgent_medical": "no",
    "screener": "utis", "shelter": "himal-aashraya", "case_owner": "utis",
    "international_finding": "tip", "national_legal_basis": ["httca_trafficking"],
    "acts_found": ["recruitment", "harbouring"], "means_found": ["deception", "abuse_of_vulnerability"],
    "purposes_found": ["sexual", "entertainment_sector"], "wish_to_report": "undecided",
    "medical_before_police": "given", "options_told": ["stay_here", "go_home", "no_service"],
}  # fmt: skip
MONTHS_AWAY = 5


def tell(play: Play, until: datetime) -> list[str]:
    """The whole story up to now: she is back in the shelter. Gives the case of now and the one of then."""
    play.begin(until, 30 * MONTHS_AWAY + 65, GOOD)
    then = met(play, "Kamala Nepali")
    play.clock.wait(days=32)
    play.advance(then, "ready_for_assessment")
    play.clock.wait(days=6)
    play.advance(then, "identify")
    play.record(then, "options")
    play.go(then, "declined")
    play.record(then, "give_safety_plan")
    play.clock.wait(days=30 * MONTHS_AWAY)
    return [met(play, "कमला नेपाली"), then]


def met(play: Play, name: str) -> str:
    """From the first word to a bed and a safety plan, with a night's rest before any question. Gives the case."""
    case = play.open("identification", "report", "utis")
    play.advance(case, "start_contact")
    play.advance(case, "ready", person_name=name)
    play.clock.wait(hours=22)
    play.consent(case, "screening_talk")
    play.record(case, "choose_shelter")
    play.advance(case, "presume")
    play.finish(case)
    return case
