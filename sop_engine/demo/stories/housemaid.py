"""Story 5: a housemaid in Kuwait without a labour permit, forty days at the shelter of the embassy.

Her sponsor filed a case, so a court abroad decides when she may leave. The embassy answers for her all that time; the
court is only awaited. That she has no permit is no reason to keep her.
"""

from datetime import datetime
from typing import Any

from sop_engine.demo.answers import USUAL
from sop_engine.demo.play import Play
from sop_engine.demo.stories import recovery

GOOD: dict[str, Any] = {
    **USUAL,
    "direction": "third_country_to_nepal", "route": "air", "asked_by": "person", "birth_date": "1994", "sex": "female",
    "home_place": "NP0323", "urgent_medical": "no", "custody": "embassy_shelter", "cared_by": "own_mission",
    "mission": "mission-kuwait-city", "has_labour_permit": "no", "passport_state": "withheld",
    "open_court_case": "yes", "exit_block": "sponsor_criminal_case", "identity_result": "confirmed_identity",
    "return_wish": "wants_home", "return_options_told": ["return_home", "stay_there"], "tracer": "chanp",
    "home_visitor": "ngo_worker", "home_recommend": "to_family", "host_body": "court", "host_court": "courts-kuwait",
    "order_result": "granted", "legal_clearance": "no_case", "funding": "mowcsc_budget", "receiver": "chanp-aashraya",
    "travel_paper_kind": "emergency_document", "exit_solved": "granted_free", "travel_fitness": "fit",
    "medicines_days": "30", "escort": "mission-kuwait-city", "handover_place": "NP0327",
}  # fmt: skip


def tell(play: Play, until: datetime) -> list[str]:
    """The whole story, from the door of the embassy to a shelter near her home. Gives her case of return."""
    play.begin(until, 50, GOOD)
    case = play.open("repatriation", "request", "mission-kuwait-city")
    play.advance(case, "accept")
    wish_and_home(play, case)
    court(play, case)
    play.advance(case, "approve")
    play.clock.wait(days=4)
    play.record(case, "exit_permit")
    play.record(case, "wage_claim")
    play.advance(case, "issued")
    play.clock.wait(days=3)
    play.consent(case, "data_sharing")
    play.record(case, "assess_risk")
    play.advance(case, "depart")
    home(play, case)
    return [case]


def wish_and_home(play: Play, case: str) -> None:
    """Her papers and her wish; her family is visited only after she agreed and the risk was judged."""
    play.clock.wait(days=1)
    play.record(case, "ask_mission")
    play.clock.wait(days=1)
    play.record(case, "mission_certifies")
    play.answered(case, "ask_mission")
    play.advance(case, "confirmed")
    play.consent(case, "return", "family_contact")
    play.advance(case, "wants_return")
    play.record(case, "assess_risk")
    play.clock.wait(days=4)
    play.record(case, "home_visit")
    play.record(case, "assess_risk")
    play.advance(case, "acceptable")


def court(play: Play, case: str) -> None:
    """The court abroad takes its time: the deadline stops, the hold is looked at again, the embassy goes on asking."""
    play.record(case, "choose_host")
    play.record(case, "ask_order")
    play.clock.wait(days=1)
    play.hold(case, "court_order")
    play.clock.wait(days=13)
    play.resume(case)
    play.hold(case, "court_order")
    play.clock.wait(days=13)
    play.answered(case, "ask_order")
    play.resume(case)
    play.record(case, "order_received")
    play.record(case, "assess_risk")


def home(play: Play, case: str) -> None:
    """The flight, the first rest, and the shelter that goes on with her."""
    play.clock.wait(hours=9)
    play.finish(case)
    play.go(case, "received")
    play.record(case, "assess_risk")
    play.clock.wait(hours=12)
    play.finish(case)
    play.record(case, "ask_sharing")
    play.consent(case, "referral")
    play.clock.wait(days=2)
    play.go(case, "refer")
    recovery.begins(play, play.follow(case))
