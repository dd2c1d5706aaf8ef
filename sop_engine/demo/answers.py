"""Invented answers to any form, chosen by chance; what a case needs to go on is given by the story that plays it."""

import random
from datetime import datetime, timedelta
from typing import Any

from sop_engine.case.directory import Directory
from sop_engine.sop.language import CHOICES, MAY_BE_EMPTY, Field, Form
from sop_engine.sop.procedure import Procedure

WORDS = (
    "Explained in her own language.", "She asked for time to think.", "Nothing else was said.",
    "She wishes to sleep first.", "Told what happens next.", "Noted as she said it.",
)  # fmt: skip

# Invented people: a first and a last name at random, in either script, so that nobody real is meant.
FIRST = (
    "Sita",
    "सीता",
    "Maya",
    "Kabita",
    "कविता",
    "Sunita",
    "Bimala",
    "Phulmaya",
    "फूलमाया",
    "Asmita",
    "Rojina",
    "Dolma",
)
LAST = (
    "Tamang",
    "तामाङ",
    "Rai",
    "Magar",
    "Chaudhary",
    "चौधरी",
    "Nepali",
    "Gurung",
    "Pariyar",
    "Shrestha",
    "श्रेष्ठ",
    "B.K.",
)

# What is so in most stories: the answers with which a case goes on.
USUAL: dict[str, Any] = {
    "age_basis": "stated", "risk_level": "medium", "safe_contact_channel": "none", "staff_threat": "nobody",
    "children_with_person": "0", "interpreter_vetted": "not_needed", "guardian_here": "not_needed",
    "interviewer_as_wished": "as_wished", "beside_wish": "woman", "beside_not_from": ["none"],
    "beside_from": ["none_of_these"], "beside_wish_met": "as_wished", "beside_agreed": "agreed",
    "interview_minutes": "45", "interviews_count": "1", "medical_answer": "accepted", "guardian_conflict": "no",
    "share_what": ["identity", "health", "location"], "persons_sent": "1", "persons_taken": "1",
    "panel_agencies": ["women_desk", "women_child_officer", "ngo"], "family_involved": "no", "family_willing": "yes",
    "wants_asylum": "no", "heard_before": "no",
}  # fmt: skip


def fill(
    procedure: Procedure, form: Form, given: dict[str, Any], directory: Directory, now: datetime, chance: random.Random
) -> dict[str, Any]:
    """Raw answers to every field of a form that must be answered, and to some others."""
    raw = {}
    for section in form.sections:
        for asked in section.fields:
            name = str(asked.field)
            said = procedure.fields[name]
            if name in given:
                raw[name] = given[name]
            elif said.type == "rows" or (said.type not in MAY_BE_EMPTY and not asked.optional) or chance.random() < 0.4:
                raw[name] = answer(said, directory, now, chance)
    return {name: value for name, value in raw.items() if value is not None}


def answer(said: Field, directory: Directory, now: datetime, chance: random.Random) -> Any:
    """An invented answer to one field; None where it is best left empty."""
    kind = str(said.type)
    if said.finds == "name":
        return f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    if said.finds == "phone":
        return f"98{chance.randint(10_000_000, 99_999_999)}"
    if kind == "yes_no":
        return "yes"
    if kind in CHOICES or kind == "choice":
        return chance.choice([str(word) for word in (CHOICES.get(kind) or said.of)])
    if kind == "several":
        words = [str(word) for word in said.of if word not in ("none", "unknown", "other")]
        return chance.sample(words, min(len(words), chance.randint(1, 2)))
    if kind in ("integer", "money", "decimal"):
        return str(chance.randint(0, 3))
    if kind == "date":
        return (now - timedelta(days=chance.randint(0, 20))).date().isoformat()
    if kind == "datetime":
        return (now + timedelta(hours=chance.randint(1, 30))).isoformat()
    if kind == "place":
        return chance.choice(sorted(directory.districts))
    if kind == "border_point":
        return chance.choice(sorted(directory.border_points))
    if kind == "country":
        return chance.choice(["IN", "KW", "AE", "MY"])
    if kind in ("text", "long_text"):
        return chance.choice(WORDS)
    if kind == "person":
        return f"Invented person {chance.randint(1000, 9999)}"
    if said.standard is not None:
        return [rated(code, chance) for code in said.row["code"].of]
    if kind == "rows":
        return [
            {str(name): answer(column, directory, now, chance) for name, column in said.row.items()} for _ in range(3)
        ]
    return None


def rated(code: str, chance: random.Random, faults: float = 0.06) -> dict[str, Any]:
    """An invented rating of one criterion; `faults` is how often something lacks."""
    drawn = chance.random()
    mark = "not_met" if drawn < faults / 3 else "partly" if drawn < faults else "met"
    return {"code": str(code), "rating": mark, "evidence": chance.sample(["D", "O", "S", "K"], chance.randint(1, 3))}
