"""Random and randomly spoiled SOPs: each loads, or its mistakes are told where they stand; none ends in a traceback."""

import random
import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.case.directory import Directory
from sop_engine.case.ground import Ground
from sop_engine.sop.diagram import diagram
from sop_engine.sop.loading import load_text, texts_beside, workflows
from sop_engine.sop.source import BrokenSop, Mistake
from sop_engine.sop.summary import summary
from tests.support.generated import random_sop

BESIDE = texts_beside(workflows())
WRITTEN = [
    (Path(__file__).parent / "small.yaml").read_text(encoding="utf-8"),
    *(path.read_text(encoding="utf-8") for path in sorted(workflows().glob("*.yaml")) if path.name != "forms.yaml"),
]
WORD = re.compile(r"[\w.%-]+")
ODD = (
    "nobody",
    "previous",
    "holder",
    "[]",
    "{}",
    "''",
    "no",
    "0 days",
    "99999",
    "''''",
    "{if: x}",
    "at_once",
    "*x",
    "ष",
)
NOWHERE = Directory({}, {}, {}, {}, {}, {})
seeds = st.integers(min_value=0, max_value=2**32)


def mistakes_of(text: str) -> list[Mistake]:
    """The mistakes of a text; one without any can be shown, drawn and put into action."""
    try:
        procedure, _ = load_text(text, "some.yaml", BESIDE)
    except BrokenSop as broken:
        return broken.mistakes
    assert summary(procedure)
    assert diagram(procedure).startswith("<svg")
    assert Ground(procedure, NOWHERE).machine.states
    return []


def spoiled(text: str, chance: random.Random) -> str:
    """The text with one thing changed: a line left out, doubled or moved, or a word put in the place of another."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    way = chance.choice(["left out", "doubled", "moved", "indented", "word", "word", "word", "odd"])
    if way == "left out":
        del lines[at]
    elif way == "doubled":
        lines.insert(at, lines[at])
    elif way == "moved":
        lines.insert(chance.randrange(len(lines)), lines.pop(at))
    elif way == "indented":
        lines[at] = "  " + lines[at]
    else:
        found = list(WORD.finditer(lines[at]))
        new = chance.choice(ODD if way == "odd" else WORD.findall(text))
        if found:
            old = chance.choice(found)
            lines[at] = lines[at][: old.start()] + new + lines[at][old.end() :]
    return "\n".join(lines)


@settings(max_examples=100, deadline=None)
@given(seed=seeds)
def test_every_generated_sop_is_right(seed: int) -> None:
    assert mistakes_of(random_sop(random.Random(seed), "random")) == []


@settings(max_examples=300, deadline=None)
@given(seed=seeds, times=st.integers(min_value=1, max_value=6))
def test_a_spoiled_sop_is_followed_or_its_mistakes_are_told(seed: int, times: int) -> None:
    chance = random.Random(seed)
    text = chance.choice([*WRITTEN, random_sop(chance, "random")])
    for _ in range(times):
        text = spoiled(text, chance)
    lines = text.count("\n") + 2
    for mistake in mistakes_of(text):
        assert 1 <= mistake.place.line <= lines, mistake
        assert mistake.place.column >= 1
        assert mistake.message
