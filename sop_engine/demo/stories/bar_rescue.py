"""Story 2: twelve workers, three of them children, from a bar in Kathmandu, from tip-off to safe hands."""

from datetime import datetime
from typing import Any

from sop_engine.demo.answers import USUAL
from sop_engine.demo.play import Play

PEOPLE = 12
CHILDREN = 3
GOOD: dict[str, Any] = {
    **USUAL,
    "operation_kind": "in_nepal", "place_of_operation": "NP0327", "source_checked": "two_sources",
    "persons_female": "9", "persons_male": "0", "persons_children": "3", "women_officers": "3",
    "shelter_beds": "14", "interpreter_planned": "not_needed", "leak_result": "no_leak",
    "approval_path": "planned", "approval_answer": "approved", "signs_seen": ["children", "debt"],
    "complaints_number": "0", "suspect_files": "2",
    "roles_present": [
        "leader", "first_woman_officer", "second_woman_officer", "ngo_worker", "child_worker", "driver_for_suspects",
    ],
    "fitness": "fit", "place_found": "NP0327", "sex": "female",
    "guardian_name": "Guardian named by the child welfare officer", "plan_kept": "as_planned",
}  # fmt: skip


def headcount() -> dict[str, Any]:
    """The head count of the bar: nine women and three girls, a token each."""
    rows = [
        {"token": f"B-{n:02}", "looks_like": "girl" if n > PEOPLE - CHILDREN else "woman"} for n in range(1, PEOPLE + 1)
    ]
    return {
        "people": rows,
        "women_counted": str(PEOPLE - CHILDREN),
        "men_counted": "0",
        "children_counted": str(CHILDREN),
        "other_sex_counted": "0",
    }


def tip_off(play: Play) -> str:
    """The operation from the tip-off up to the removal; gives its id, with a case opened for each person."""
    play.good = {**GOOD, **headcount()}
    operation = play.open("rescue-operation", "intel", "ahtb")
    play.advance(operation, "plan")
    play.advance(operation, "submit")
    play.advance(operation, "approve")
    play.advance(operation, "go")
    play.advance(operation, "secured")
    return operation


def persons(play: Play, operation: str) -> list[tuple[str, bool]]:
    """The cases of the people of an operation, in the order of the head count, and whether each is a child."""
    children = play.case(operation).children
    ordered = sorted(children, key=lambda child: children[child].row or 0)
    return [(child, (children[child].row or 0) >= PEOPLE - CHILDREN) for child in ordered]


def to_shelter(play: Play, person: str, child: bool) -> None:
    """One person from the removal to a bed in a shelter."""
    born = "2011-05" if child else "1998"
    play.advance(person, "to_safety")
    play.advance(person, "sort_done", birth_date=born, part_played="child" if child else "presumed_victim")
    play.record(person, "offer_care")
    play.consent(person, "medical_care")
    play.advance(
        person, "medical_done_child" if child else "medical_done_adult", bed_wing="girls" if child else "women"
    )
    play.advance(person, "intake_done")


def to_safe_hands(play: Play, person: str) -> None:
    """One person from the shelter into the hands of the agency that goes on with her case."""
    play.consent(person, "data_sharing")
    play.finish(person)
    play.go(person, "hand_over")
    play.follow(person)


def tell(play: Play, until: datetime) -> list[str]:
    """The whole story, thirty days ago: every person ends in safe hands. Gives the operation."""
    play.begin(until, 30, {}, pace=15)
    operation = tip_off(play)
    for person, child in persons(play, operation):
        to_shelter(play, person, child)
        to_safe_hands(play, person)
    play.advance(operation, "all_settled")
    return [operation]
