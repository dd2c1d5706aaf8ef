"""Whom the demonstration meets beside its stories, in the proportions that reports of recent years suggest.

Reports count those who were identified and those who were screened, so what a person's case comes to is dealt out
beforehand like cards: chance alone would need thousands of cases to come near the proportions.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sop_engine.demo.stories import bar_rescue

YEARS = timedelta(days=730)
DISTRICTS = {
    "wcsc-kathmandu": "NP0327", "wcsc-banke": "NP0557", "wcsc-jhapa": "NP0104", "wcsc-rupandehi": "NP0548",
    "wcsc-kailali": "NP0771", "wcsc-sindhupalchok": "NP0323", "wcsc-kaski": "NP0439", "wcsc-parsa": "NP0234",
    "wcsc-makwanpur": "NP0331",
}  # fmt: skip
BEGINNINGS = {
    ("identification", "report"): 62, ("identification", "interception"): 18, ("rescue-operation", "intel"): 7,
    ("repatriation", "request"): 8, ("smuggling-referral", "encounter"): 5,
}  # fmt: skip
PEOPLE = {"woman": 12, "girl": 5, "man": 2, "boy": 1}
# By which exit the stages are left that decide what a case comes to. A child cannot decline.
SMUGGLED = {"screening": "som_only"}
SMUGGLED_NOT_REFERRED = {"screening": "som_not_referred"}
SMUGGLED_BY_PANEL = {"assessment": "som_only"}
NO_VICTIM = {"screening": "no_indicators"}
NO_VICTIM_BY_PANEL = {"assessment": "not_victim", "review": "upheld"}
DECLINES = {"identified": "declined"}
DECLINES_EARLY = {"reflection": "declined"}
LOST = {"reflection": "lost_contact"}
MISSING = {"reflection": "child_missing"}
AGAIN = {"monitoring": "re_trafficked"}
FATES: tuple[tuple[Mapping[str, str], int, int], ...] = (
    # ways, of a hundred adults, of a hundred children
    (SMUGGLED, 11, 13), (SMUGGLED_NOT_REFERRED, 2, 0), (SMUGGLED_BY_PANEL, 2, 2),
    (NO_VICTIM, 24, 24), (NO_VICTIM_BY_PANEL, 6, 6), (DECLINES, 10, 0), (DECLINES_EARLY, 2, 0),
    (LOST, 4, 0), (MISSING, 0, 4), (AGAIN, 1, 1), ({}, 38, 50),
)  # fmt: skip
FATED = frozenset(exit_name for ways, _, _ in FATES for exit_name in ways.values())
SEXUAL = (["sexual"], ["sexual", "entertainment_sector"])
LABOUR = (["forced_labour"], ["domestic_servitude"], ["debt_bondage"])
OTHER = (["forced_marriage"], ["forced_crime"], ["begging"])
HARMS = {"female": {"sexual": 62, "labour": 28, "other": 10}, "male": {"sexual": 15, "labour": 75, "other": 10}}
KINDS = {"sexual": SEXUAL, "labour": LABOUR, "other": OTHER}

Card = TypeVar("Card")


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person: what is so, and by which exit a stage is left where that is settled."""

    answers: dict[str, Any]
    ways: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """One case to be opened: when, by whom, and whom it is about."""

    at: datetime
    sop: str
    entry: str
    agency: str
    person: Person


class Deck(Generic[Card]):
    """Cards dealt in a shuffled order until none is left, and then again: shares come true in every round."""

    def __init__(self, cards: list[tuple[Card, int]], chance: random.Random) -> None:
        self._cards = [card for card, number in cards for _ in range(number)]
        self._chance = chance
        self._left: list[Card] = []

    def deal(self) -> Card:
        if not self._left:
            self._left = self._chance.sample(self._cards, len(self._cards))
        return self._left.pop()


class People:
    """Deals invented people in the proportions above."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._kinds = Deck(list(PEOPLE.items()), chance)
        self._fates = {
            child: Deck([(ways, children if child else adults) for ways, adults, children in FATES], chance)
            for child in (False, True)
        }
        self._harms = {sex: Deck(list(harms.items()), chance) for sex, harms in HARMS.items()}

    def meet(self, district: str) -> Person:
        """The next person, found in a district."""
        kind = self._kinds.deal()
        child, sex = kind in ("girl", "boy"), "female" if kind in ("woman", "girl") else "male"
        purposes = self._chance.choice(KINDS[self._harms[sex].deal()])
        return Person(_answers(district, child, sex, purposes, self._chance), self._fates[child].deal())


def plans(
    count: int, until: datetime, booths: list[str], missions: list[str], borders: list[str], chance: random.Random
) -> tuple[list[Plan], People]:
    """This many cases to be opened over two years up to a moment, and the people who are met on the way."""
    people = People(chance)
    beginnings = Deck(list(BEGINNINGS.items()), chance)
    found = []
    for _ in range(count):
        at = until - YEARS * chance.random()
        sop, entry = beginnings.deal()
        desk = chance.choices(list(DISTRICTS), [5, 2, 1, 2, 1, 1, 1, 1, 1])[0]
        agency = {
            "interception": chance.choice(booths), "intel": "ahtb", "request": chance.choice(missions),
            "encounter": chance.choice(borders),
        }.get(entry, desk)  # fmt: skip
        found.append(Plan(at, sop, entry, agency, people.meet(DISTRICTS[desk])))
    return sorted(found, key=lambda plan: plan.at), people


def _answers(district: str, child: bool, sex: str, purposes: list[str], chance: random.Random) -> dict[str, Any]:
    """What is so in one case: the person, the place, and the answers without which nothing can go on."""
    women, children = chance.randint(1, 4), chance.randint(0, 2)
    rows = [{"token": f"T-{n}", "looks_like": "woman" if n < women else "girl"} for n in range(women + children)]
    return {
        **bar_rescue.GOOD,
        "place_found": district, "place_of_operation": district, "handover_place": district, "sex": sex,
        "birth_date": chance.choice(["2010", "2011-08", "2013"]) if child else str(chance.randint(1975, 2004)),
        "part_played": "child" if child else "presumed_victim", "purposes_found": purposes,
        "persons_female": str(women), "persons_male": "0", "persons_children": str(children),
        "women_counted": str(women), "men_counted": "0", "children_counted": str(children), "other_sex_counted": "0",
        "people": rows, "visit_safety": "safe", "contact_by_trafficker": "no", "visit_green": "yes",
        "contact_by": "women_desk", "first_responder": "women_desk",
    }  # fmt: skip
