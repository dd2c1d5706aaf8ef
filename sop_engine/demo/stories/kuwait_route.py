"""Story 1: two women bound for Kuwait by way of India, stopped for a talk at Jamunaha.

Nobody deceived or forced them; they paid for a way around the rules. So it ends as smuggling alone, and the Department
of Foreign Employment works on the return of what they paid.
"""

from datetime import datetime
from typing import Any

from sop_engine.demo.answers import USUAL
from sop_engine.demo.play import Play

ASKED = {**{f"q{number}": "no" for number in range(1, 21)}, "q12": "yes", "q13": "yes", "q14": "yes", "q16": "yes"}
GOOD: dict[str, Any] = {
    **USUAL, **ASKED,
    "border_met_at": "nepalgunj-jamunaha", "place_found": "NP0557", "direction": "leaving_nepal",
    "travelling_with": "A neighbour", "trip_purpose": "Housework in Kuwait",
    "destination": "Kuwait, by way of Rupaidiha", "id_seen": "citizenship", "family_call": "not_asked",
    "visa_permit_mismatch": "yes", "contact_by": "women_desk", "sex": "female", "urgent_medical": "no",
    "screener": "bakaino",
    "international_finding": "som", "national_legal_basis": ["foreign_employment_act"],
    "finding_reasons": "They asked for the way themselves and paid for it. Nobody deceived, forced or held them.",
    "stateless_signs": "no", "nationality_stated": "NP", "origin_kind": "nepali",
    "solution_by": "employment_department",
    "journey": [{"journey_from": "2026", "journey_country": "IN", "journey_status": "third_country_route"}],
    "papers_used": ["genuine", "visit_visa"], "fee_npr": "150000",
    "solutions_agreed": ["labour_complaint", "refund_claim"], "refoulement_check": "no_risk_of_return",
}  # fmt: skip


def tell(play: Play, until: datetime) -> list[str]:
    """The whole story, forty days ago. Gives the two cases of identification."""
    play.begin(until, 40, GOOD)
    women = {play.open("identification", "interception", "booth-jamunaha"): born for born in ("1999", "2002")}
    for woman in women:
        play.advance(woman, "concern")
    for (woman, born), name in zip(women.items(), ("Dolma Tamang", "फूलमाया राई"), strict=True):
        play.advance(woman, "ready", birth_date=born, person_name=name)
    play.clock.wait(hours=22)
    for woman in women:
        screened(play, woman)
    smuggled = [play.follow(woman) for woman in women]
    play.clock.wait(days=2)
    for case, wish in zip(smuggled, ("yes", "no"), strict=True):
        play.advance(case, "national_returnee")
        asked_by_police(play, case, wish)
    play.clock.wait(days=5)
    for case in smuggled:
        play.advance(case, "settled")
    return list(women)


def screened(play: Play, woman: str) -> None:
    """After a night's rest: smuggling alone, confirmed by a second person, and referred as she wishes."""
    play.consent(woman, "screening_talk")
    play.finish(woman)
    play.record(woman, "ask_sharing")
    play.consent(woman, "referral", "data_sharing")
    play.go(woman, "som_only")


def asked_by_police(play: Play, case: str, wish: str) -> None:
    """She informs the police of the way or does not; the Department of Foreign Employment helps all the same."""
    play.finish(case, wish_to_inform=wish)
    if wish == "yes":
        play.consent(case, "voluntary_information")
        play.record(case, "information")
    play.advance(case, "done")
