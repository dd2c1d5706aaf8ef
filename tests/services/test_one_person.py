"""When two cases are most likely about one person: measured with invented people, some of whom have two cases."""

import csv
import random
from pathlib import Path

import pytest

from sop_engine.services.identity import Identity, Register, identity_of

PEOPLE, TWICE = 2_000, 300
MIDDLE = {"कुमारी": "Kumari", "माया": "Maya", "देवी": "Devi", "बहादुर": "Bdr.", "कुमार": "Kumar", "": ""}
FIRST_SURNAME, LAST_SURNAME = "श्रेष्ठ", "सुब्बा"


def spellings() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Given names and surnames in Devanagari, each with the ways in which it is written."""
    found: dict[str, list[str]] = {}
    with (Path(__file__).parent / "names.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["who"] == "same" and " " not in row["one"] and not row["one"].isascii():
                found.setdefault(row["one"], [row["one"]]).append(row["other"])
    names = list(found)
    begin, end = names.index(FIRST_SURNAME), names.index(LAST_SURNAME) + 1
    return {name: found[name] for name in names[:begin] + names[end:]}, {name: found[name] for name in names[begin:end]}


def invented(chance: random.Random) -> list[tuple[int, Identity]]:
    """People whose names are as unequally common as real ones; the first of them are written down twice."""
    given, surnames = spellings()
    found = []
    for person in range(PEOPLE):
        first, last = common(chance, list(given), 0.6), common(chance, list(surnames), 0.9)
        middle, year = chance.choice(list(MIDDLE)), 2026 - int(chance.triangular(5, 50, 19))
        born = f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        phone = f"98{chance.randint(10**7, 10**8 - 1)}"
        for _ in range(2 if person < TWICE else 1):
            words = [
                chance.choice(given[first]),
                chance.choice([middle, MIDDLE[middle], ""]),
                chance.choice(surnames[last]),
            ]
            said = [("name", " ".join(chance.sample(words, 3) if chance.random() < 0.1 else words))]
            said += [("birth", as_told(chance, born, year))] if chance.random() < 0.85 else []
            said += [("phone", phone)] if chance.random() < 0.35 else []
            found.append((person, identity_of(said)))
    chance.shuffle(found)
    return found


def common(chance: random.Random, names: list[str], unequal: float) -> str:
    return chance.choices(names, [1 / (place + 1) ** unequal for place in range(len(names))])[0]


def as_told(chance: random.Random, born: str, year: int) -> str:
    """A date of birth as it is told: the day, the year, or an age that may be a year wrong."""
    return chance.choice([born, str(year), f"age:{2026 - year + chance.choice([0, 0, 0, -1, 1])}@2026-06-01"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_most_who_are_told_are_one_person(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    people, register = invented(random.Random(seed)), Register()
    for number, (_, identity) in enumerate(people):
        register.put(str(number), identity)
    told = {
        tuple(sorted((number, int(other))))
        for number, (_, identity) in enumerate(people)
        for other, likeness in register.find(identity)
        if int(other) != number and register.is_one(likeness)
    }
    right = sum(people[one][0] == people[other][0] for one, other in told)
    precision, recall = right / len(told), right / TWICE
    with capsys.disabled():
        print(f"\n{len(told)} pairs told: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.9
    assert recall >= 0.5
