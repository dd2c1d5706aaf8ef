"""docs/guards.md: every guard is there, stands where the page says, and holds a case back until it is met."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sop_engine.case.ground import Ground
from sop_engine.sop.language import Exit, Requirement, Step
from sop_engine.sop.loading import standard_library
from sop_engine.sop.procedure import Procedure
from tests.domain.standing import acts, lacking

PAGE = Path(__file__).parents[2] / "docs" / "guards.md"
TICKED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Guard:
    """One row of the page: acts, who knows it, and the two states of a case between which it makes the difference."""

    sop: str
    acts: tuple[str, ...]
    known: str
    held: tuple[str, ...]
    free: tuple[str, ...]

    def difference(self) -> set[str]:
        """The names of what is not the same in both states."""
        return {name_in(word) for word in set(self.held).symmetric_difference(self.free)}

    def names(self) -> set[str]:
        return {name_in(word) for word in (*self.held, *self.free)}


def name_in(word: str) -> str:
    """The fact, field, step, consent or case of which a word speaks."""
    kind, _, rest = word.partition(" ")
    return "days" if kind in ("days", "was") else (rest or kind).partition("=")[0].partition(" ")[0]


def parts() -> Iterator[tuple[str, str]]:
    """Each SOP and the part of the page about it."""
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        yield title.strip("`"), text


def cells(text: str, count: int) -> Iterator[list[str]]:
    """The rows of the tables that have so many cells, without headings."""
    for line in text.splitlines():
        found = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(found) == count:
            yield found


def words(cell: str) -> tuple[str, ...]:
    return tuple(TICKED.findall(cell))


GUARDS = [
    Guard(sop, words(where), known, words(held), words(free))
    for sop, text in parts()
    for where, _, known, held, free in cells(text, 5)
]
PLAYED = [pytest.param(guard, act, id=f"{guard.sop} {act} {', '.join(guard.free)}") for guard in GUARDS for act in guard.acts]  # fmt: skip
PROCEDURES = sorted(standard_library().procedures)


@pytest.mark.parametrize(("guard", "act"), PLAYED)
def test_a_guard_holds_back_until_it_is_met(guard: Guard, act: str, grounds: dict[str, Ground]) -> None:
    ground = grounds[guard.sop]
    held, free = lacking(ground, act, guard.held), lacking(ground, act, guard.free)
    assert held - free, f"nothing is lacking that would not be lacking otherwise: {[one.say.en for one in held]}"
    assert "not_offered" not in {one.code for one in free}


@pytest.mark.parametrize("sop", PROCEDURES)
def test_every_condition_has_a_row(sop: str) -> None:
    lacking_rows = [
        f"{act}: {asked}"
        for act, said in acts(standard_library().procedures[sop]).items()
        for asked in asked_of(standard_library().procedures[sop], said)
        if not any(act in guard.acts and asked in guard.names() for guard in GUARDS if guard.sop == sop)
    ]
    assert lacking_rows == []


def asked_of(procedure: Procedure, said: Step | Exit) -> set[str]:
    """Everything that the conditions and requirements of an act read or ask for, by name."""
    found = said.only_if.names() if said.only_if is not None else set[str]()
    for requirement in said.requires:
        found |= names_of(procedure, requirement)
    return {"days" if name in procedure.sop.periods else name for name in found}


def names_of(procedure: Procedure, said: Requirement) -> set[str]:
    found = {str(name).split(".")[-1] for name in said.names}
    for one in (said.if_, said.where if said.kind in ("where", "any_of") else None):
        found |= one.names() if one is not None else set()
    if said.rule is not None:
        found |= set(procedure.rules[str(said.rule)].names)
    return found.union(*(names_of(procedure, part) for part in said.parts))


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.sop} {', '.join(guard.acts)}")
def test_every_row_stands_where_it_says_and_says_how_it_is_known(guard: Guard) -> None:
    procedure = standard_library().procedures[guard.sop]
    assert [act for act in guard.acts if act not in acts(procedure)] == []
    assert guard.known.startswith(("computed", "attested"))
    computed_of = {name for name in guard.difference() if name in procedure.sop.facts}
    if computed_of:
        assert guard.known.startswith("computed"), f"{computed_of} follows from answers: a program knows it"


@pytest.mark.parametrize("sop", PROCEDURES)
def test_every_sentence_that_a_person_confirms_has_its_reason(sop: str) -> None:
    text = dict(parts())[sop]
    said = {(stage.strip("`"), sentence): why for stage, sentence, why in cells(text, 3)}
    rules = {
        (str(name), rule.text.en)
        for name, stage in standard_library().procedures[sop].sop.stages.items()
        for rule in stage.rules
    }
    assert set(said) == rules
    assert all(said.values())


def test_the_tests_that_the_page_names_are_there() -> None:
    page, here = PAGE.read_text(encoding="utf-8"), Path(__file__).parent
    named = set(re.findall(r"\b(test_[a-z_]+)(?=`)", page))
    written = set(re.findall(r"def (test_[a-z_]+)", "".join(file.read_text("utf-8") for file in here.glob("*.py"))))
    assert named
    assert named <= written
