"""Story 7: a man who came back from a scam compound and is charged abroad with the fraud that he was made to commit.

What he was made to do is a purpose of the trafficking and no reason to treat him as a suspect. He does not want to
report to the police, and gets every help all the same.
"""

from datetime import datetime
from typing import Any

from sop_engine.demo.answers import USUAL
from sop_engine.demo.play import Play
from sop_engine.demo.stories import recovery

ASKED = {
    **{f"q{number}": "no" for number in range(1, 21)},
    **{f"q{number}": "yes" for number in (1, 2, 3, 4, 8, 9, 10, 16, 17)},
}
GOOD: dict[str, Any] = {
    **USUAL, **ASKED,
    "channel": "embassy", "anonymous": "no", "place_found": "NP0327", "persons_est": "1", "danger_now": "no",
    "report_summary": "Back from a compound where people are made to cheat online. Charged abroad with fraud.",
    "contact_by": "ngo", "contact_ngo": "utis", "birth_date": "1997", "sex": "male", "urgent_medical": "no",
    "screener": "utis", "shelter": "himal-aashraya", "case_owner": "utis",
    "q10_said": "Who did not write to the strangers as told was beaten.",
    "international_finding": "tip", "national_legal_basis": ["httca_transportation", "foreign_employment_act"],
    "acts_found": ["recruitment", "transportation", "transfer"], "means_found": ["deception", "force", "threat"],
    "purposes_found": ["forced_crime"], "controls_found": ["restricts_movement", "threats", "withholds_documents"],
    "som_benefit": "no", "som_border": "no",
    "finding_reasons": "The fraud of which he is accused abroad is what he was exploited for. He is not punished.",
    "wish_to_report": "no", "medical_before_police": "given", "options_told": ["stay_here", "go_home"],
    "ref_services": ["legal_help", "psychosocial", "livelihood"], "ref_urgency": "three_days",
    "service": "himal-aashraya",
}  # fmt: skip


def tell(play: Play, until: datetime) -> list[str]:
    """The whole story, from the note of the embassy to his own plan. Gives his case of identification."""
    play.begin(until, 60, GOOD)
    case = play.open("identification", "report", "mission-bangkok")
    play.advance(case, "start_contact")
    play.advance(case, "ready")
    play.clock.wait(hours=22)
    play.consent(case, "screening_talk")
    play.record(case, "choose_shelter")
    play.advance(case, "presume")
    reflection(play, case)
    play.advance(case, "identify")
    referred(play, case)
    return [case]


def reflection(play: Play, case: str) -> None:
    """A month of his own: a lawyer explains that he may keep silent; nothing is asked of him."""
    play.finish(case)
    play.clock.wait(days=7)
    play.record(case, "counselling")
    play.clock.wait(days=25)
    play.advance(case, "ready_for_assessment")
    play.clock.wait(days=6)


def referred(play: Play, case: str) -> None:
    """To a lawyer and a place to stay, as he agreed."""
    play.record(case, "ask_sharing")
    play.consent(case, "referral", "data_sharing")
    play.advance(case, "refer_reintegration")
    recovery.begins(play, play.follow(case))
