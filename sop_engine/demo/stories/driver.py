"""Story 9: a woman who drove others to a bar and was herself forced to, and a man who ran it.

Her file shows what keeps victims and suspects apart: a lawyer and an NGO saw her alone, two people signed, and the
police desk that takes her in opens a case like any other.
"""

from datetime import datetime
from typing import Any

from sop_engine.demo.answers import USUAL
from sop_engine.demo.play import Play

UNIT, DESK = "ahtb-suspects", "wcsc-kathmandu"
GOOD: dict[str, Any] = {
    **USUAL,
    "offence_place": "NP0327", "in_custody": "yes", "before_judge": "brought", "lawyer_told": "yes",
    "birth_date": "1997", "arrested_at": None, "without_survivor": "yes",
    "evidence": "Ledgers, messages on two phones, the rent contract.",
    "seen_alone_by": ["lawyer", "ngo"], "concerns": None, "helped_by": "women_desk",
}  # fmt: skip


def tell(play: Play, until: datetime) -> list[str]:
    """Both files up to now: hers is closed and she gets help, his is in court. Gives his; no case leads to another."""
    play.begin(until, 60, GOOD)
    hers = registered(play, suspect_name="Chameli Rajwar", part_alleged="transporter")
    play.record(hers, "see_alone")
    forced = ["forced", "debt", "no_gain"]
    play.record(hers, "look_for_victim", victim_signs=forced, victim_reasons="The owner kept her papers and her wages.")
    helped = play.open("identification", "report", DESK, place_found="NP0327")
    play.advance(helped, "start_contact", channel="other", contact_by="women_desk", place_found="NP0327")
    play.clock.wait(hours=3)
    play.record(hers, "bring_to_help")
    play.go(hers, "found_victim")
    his = registered(play, suspect_name="Dhanvir Kutumba Lohani", part_alleged="organiser")
    play.record(
        his, "look_for_victim", victim_signs=["no_sign"], victim_reasons="He owned the bar and kept the takings."
    )
    play.advance(his, "send_to_prosecutor")
    play.clock.wait(days=9)
    play.advance(his, "charge_it", charge="charged", charge_reasons="The ledgers name him.")
    return [his]


def registered(play: Play, **who: Any) -> str:
    """A file from the arrest to its investigation."""
    file = play.open("suspect-file", "registered", UNIT)
    play.record(file, "register", **who)
    play.finish(file)
    play.advance(file, "investigate")
    play.clock.wait(days=4)
    play.record(file, "collect")
    return file
