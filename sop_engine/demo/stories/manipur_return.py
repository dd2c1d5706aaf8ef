"""Story 3: 179 people from hotels in Manipur come home together over Panitanki and Kakarbhitta.

A group is no case of its own: each person is asked alone, and each case has its own steps and its own signed sheet. The
state in which they were found gives one order; its welfare office escorts them, and the ministry answers for it here.
"""

from datetime import datetime
from itertools import cycle
from typing import Any

from sop_engine.demo.answers import USUAL
from sop_engine.demo.play import Play
from sop_engine.demo.stories import recovery

PEOPLE = 179
WOMEN = 147
TRACERS = {"NP0104": "tooni", "NP0327": "utis", "NP0323": "chanp", "NP0557": "bakaino"}
RECEIVERS = (
    "tooni", "tooni-aashraya", "transit-kakarbhitta", "transit-kathmandu", "himal-aashraya", "kharsu-aashraya",
    "chanp-aashraya", "bakaino-aashraya",
)  # fmt: skip
REFERRED = 16
DECLINED = 5
GOOD: dict[str, Any] = {
    **USUAL,
    "direction": "india_to_nepal", "route": "land", "asked_by": "foreign_state", "birth_date": "1996",
    "urgent_medical": "no", "custody": "shelter", "cared_by": "own_mission", "mission": "mission-new-delhi",
    "has_labour_permit": "no", "passport_state": "none", "open_court_case": "no", "exit_block": "none",
    "identity_result": "confirmed_identity",
    "return_wish": "wants_home", "return_options_told": ["return_home", "stay_there"], "host_body": "court",
    "host_court": "manipur-social-welfare", "order_result": "granted", "legal_clearance": "no_case",
    "funding": "mowcsc_budget", "travel_paper_kind": "identity_letter", "travel_fitness": "fit",
    "medicines_days": "30", "escort": "manipur-social-welfare", "handover_place": "NP0104",
}  # fmt: skip


def tell(play: Play, until: datetime) -> list[str]:
    """The whole story up to now: most rest and are asked, some have gone on. Gives all cases, one gone on first."""
    play.begin(until, 9, GOOD, pace=0.02)
    people = [play.open("repatriation", "request", "mission-new-delhi") for _ in range(PEOPLE)]
    homes = dict(zip(people, cycle(TRACERS), strict=False))
    for number, (person, home) in enumerate(homes.items()):
        sex = "female" if number < WOMEN else "male"
        play.advance(person, "accept", home_place=home, sex=sex)
        play.advance(person, "confirmed")
    play.clock.wait(days=1)
    for person, home in homes.items():
        asked(play, person, TRACERS[home])
    play.clock.wait(days=1)
    for person, receiver in zip(people, cycle(RECEIVERS), strict=False):
        ordered(play, person, receiver)
    play.clock.wait(days=1)
    for person in people:
        play.consent(person, "data_sharing")
        play.advance(person, "depart")
    play.clock.wait(hours=22)
    for person in people:
        play.advance(person, "received")
        play.record(person, "assess_risk")
    play.clock.wait(hours=9)
    for person in people:
        play.finish(person)
    play.clock.wait(days=2)
    for person in people[-DECLINED:]:
        play.go(person, "declined")
        play.record(person, "give_safety_plan")
    recovery.begins(play, *[referred(play, person) for person in people[:REFERRED]])
    return people


def asked(play: Play, person: str, tracer: str) -> None:
    """Each is asked alone, and the risk of each return is judged; then the state is asked for its order."""
    play.consent(person, "return")
    play.advance(person, "wants_return", tracer=tracer)
    play.record(person, "assess_risk")
    play.advance(person, "acceptable")
    play.record(person, "choose_host")
    play.record(person, "ask_order")


def ordered(play: Play, person: str, receiver: str) -> None:
    """The order has come: the return is approved by a second person and a letter of identity given."""
    play.answered(person, "ask_order")
    play.advance(person, "approve", receiver=receiver)
    play.advance(person, "issued")


def referred(play: Play, person: str) -> str:
    """To the place that received the person, as agreed; gives the case that begins there."""
    play.record(person, "ask_sharing")
    play.consent(person, "referral")
    play.go(person, "refer")
    return play.follow(person)
