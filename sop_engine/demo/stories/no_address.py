"""Story 6: a boy in a home in Bihar who does not know where he comes from.

Without a home district the Home Ministry looks for his identity. The case is on hold and is looked at again every
month: the deadline stops, the holding never does.
"""

from datetime import datetime
from typing import Any

from sop_engine.demo.answers import USUAL
from sop_engine.demo.play import Play

GOOD: dict[str, Any] = {
    **USUAL,
    "direction": "india_to_nepal", "route": "land", "asked_by": "foreign_state", "birth_date": "2016",
    "age_basis": "estimated", "sex": "male", "home_place": None, "urgent_medical": "no", "custody": "shelter",
    "cared_by": "shelter_or_ngo", "carer": "khayar", "mission": "mission-new-delhi", "has_labour_permit": "no",
    "passport_state": "none", "open_court_case": "no", "exit_block": "none",
}  # fmt: skip
REMEMBERED = (
    "A river with a hanging bridge, and a bazaar on Saturdays.",
    "The bridge is not in the two districts asked so far.",
    "He sang a song in Maithili.",
    "Three schools in Dhanusha have answered that they do not know him.",
    "He says that he was taken to India by train, from Jayanagar.",
)


def tell(play: Play, until: datetime) -> list[str]:
    """The story up to now: four months at the Home Ministry, and no address yet. Gives his case of return."""
    play.begin(until, 29 * len(REMEMBERED), GOOD)
    case = play.open("repatriation", "request", "mission-new-delhi")
    play.record(case, "take_request")
    play.record(case, "embassy_letter")
    play.advance(case, "accept")
    for number, words in enumerate(REMEMBERED):
        if number:
            play.clock.wait(days=29)
            play.resume(case)
        remembers(play, case, words)
        play.hold(case, "no_address")
    return [case]


def remembers(play: Play, case: str, words: str) -> None:
    """What is known so far, written down although it does not yet tell who he is."""
    play.record(case, "trace_paper", part_only=True, identity_notes=words, identity_result=None)
