"""Which cases the demonstration holds beside its stories: in the proportions that reports of recent years suggest."""

import random
from datetime import datetime, timedelta
from typing import Any

from sop_engine.demo.stories import bar_rescue
from sop_engine.demo.wander import Plan

YEARS = timedelta(days=730)
DISTRICTS = {
    "wcsc-kathmandu": "NP0327", "wcsc-banke": "NP0557", "wcsc-jhapa": "NP0104", "wcsc-rupandehi": "NP0548",
    "wcsc-kailali": "NP0771", "wcsc-sindhupalchok": "NP0323", "wcsc-kaski": "NP0440", "wcsc-parsa": "NP0234",
    "wcsc-makwanpur": "NP0331",
}  # fmt: skip
SHARES = (
    ("identification", "report", 0.62), ("identification", "interception", 0.18), ("rescue-operation", "intel", 0.07),
    ("repatriation", "request", 0.08), ("smuggling-referral", "encounter", 0.05),
)  # fmt: skip


def plans(
    count: int, until: datetime, booths: list[str], missions: list[str], borders: list[str], chance: random.Random
) -> list[Plan]:
    """This many cases to be opened over two years up to a moment."""
    found = []
    for _ in range(count):
        at = until - YEARS * chance.random()
        sop, entry = _pick(chance)
        desk = chance.choices(list(DISTRICTS), [5, 2, 1, 2, 1, 1, 1, 1, 1])[0]
        agency = {
            "interception": chance.choice(booths), "intel": "ahtb", "request": chance.choice(missions),
            "encounter": chance.choice(borders),
        }.get(entry, desk)  # fmt: skip
        found.append(Plan(at, sop, entry, agency, _answers(DISTRICTS[desk], chance)))
    return sorted(found, key=lambda plan: plan.at)


def _pick(chance: random.Random) -> tuple[str, str]:
    sop, entry, _ = chance.choices(SHARES, [share for _, _, share in SHARES])[0]
    return sop, entry


def _answers(district: str, chance: random.Random) -> dict[str, Any]:
    """What is so in one case: the person, the place, and the answers without which nothing can go on."""
    person = chance.choices(["woman", "girl", "man", "boy"], [60, 25, 10, 5])[0]
    child = person in ("girl", "boy")
    women, children = chance.randint(1, 4), chance.randint(0, 2)
    rows = [{"token": f"T-{n}", "looks_like": "woman" if n < women else "girl"} for n in range(women + children)]
    return {
        **bar_rescue.GOOD,
        "place_found": district, "place_of_operation": district, "handover_place": district,
        "sex": "female" if person in ("woman", "girl") else "male",
        "birth_date": chance.choice(["2010", "2011-08", "2013"]) if child else str(chance.randint(1975, 2004)),
        "part_played": "child" if child else "presumed_victim",
        "persons_female": str(women), "persons_male": "0", "persons_children": str(children),
        "women_counted": str(women), "men_counted": "0", "children_counted": str(children), "other_sex_counted": "0",
        "people": rows, "interview_minutes": "45",
        "family_involved": "no", "family_willing": "yes", "visit_safety": "safe",
        "contact_by_trafficker": "no", "visit_green": "yes",
        "wants_asylum": "no", "contact_by": "women_desk", "first_responder": "women_desk",
    }  # fmt: skip
