"""Broken SOPs: every mistake at once, each with its file, line, column and a sentence that says what to do."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from sop_engine.sop.loading import load_text
from sop_engine.sop.source import BrokenSop

HERE = Path(__file__).parent
SMALL = (HERE / "small.yaml").read_text()
BROKEN: list[dict[str, Any]] = yaml.safe_load((HERE / "broken.yaml").read_text())


def test_the_small_sop_itself_is_right() -> None:
    procedure, warnings = load_text(SMALL, "small.yaml")
    assert procedure.name == "lost-property"
    assert warnings == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken["what"])
def test_every_mistake_is_found_where_it_stands(broken: dict[str, Any]) -> None:
    assert SMALL.count(broken["change"]) >= 1
    with pytest.raises(BrokenSop) as caught:
        load_text(SMALL.replace(broken["change"], broken["to"], 1), "small.yaml")
    found = [f"{m.place.line}:{m.place.column}: {m.message}" for m in caught.value.mistakes]
    assert found == broken["mistakes"]
    assert all(str(m).startswith("small.yaml:") for m in caught.value.mistakes)


KNOWN = {
    "a step that is always needed": [],
    "a step that the exit requires": [
        ("        form: F-LOST\n", "        form: F-LOST\n        needed: optional\n"),
    ],
    "a requirement that reads it": [
        ("form: F-LOST\n", "form: F-LOST\n        needed: optional\n"),
        ("- done: register", "- where: {value_band: [low, high]}"),
    ],
    "a way that is open only with it": [
        ("form: F-LOST\n", "form: F-LOST\n        needed: optional\n"),
        ("          - done: register\n", ""),
        (
            "        goes_to: searched\n",
            "        goes_to: searched\n        only_if: {none_of: [{none_of: [{value_band: low}]}, is_child]}\n",
        ),
    ],
    "an end that leads back only with it": [
        ("outcomes:\n", "reopen:\n  else: {goes_to: searched}\noutcomes:\n"),
    ],
}


@pytest.mark.parametrize("changes", KNOWN.values(), ids=KNOWN)
def test_accountability_may_hang_on_what_is_known_on_every_way(changes: list[tuple[str, str]]) -> None:
    text = SMALL.replace(
        "    accountable: officer\n", "    accountable: {depends_on: value_band, cases: {low: desk, high: officer}}\n"
    )
    for change, to in changes:
        assert change in text
        text = text.replace(change, to, 1)
    assert load_text(text, "small.yaml")[1] == []


class TestHostileFiles:
    def test_an_alias_bomb_is_refused(self) -> None:
        bomb = "a: &a [x, x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
        )
        with pytest.raises(BrokenSop, match="alias"):
            load_text(bomb, "bomb.yaml")

    def test_ten_megabytes_are_refused(self) -> None:
        with pytest.raises(BrokenSop, match="longer than"):
            load_text("a: " + "x" * 10_000_000, "long.yaml")

    def test_deep_nesting_is_refused(self) -> None:
        with pytest.raises(BrokenSop, match="nested deeper"):
            load_text("a: " + "[" * 5000 + "]" * 5000, "deep.yaml")

    def test_many_entries_are_refused(self) -> None:
        with pytest.raises(BrokenSop, match="longer than"):
            load_text("".join(f"k{n}: v\n" for n in range(50_000)), "many.yaml")

    @pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\0", "- a\n- b\n", "just words", "\ud800"])
    def test_what_is_no_sop_is_refused(self, text: str) -> None:
        with pytest.raises(BrokenSop):
            load_text(text, "none.yaml")

    @pytest.mark.parametrize(
        "rule",
        [
            "(" * 900 + "pieces >= 1" + ")" * 900,
            "[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, [1,2,3].all(d, a+b+c+d > 0))))",
            '"' + "a" * 1900 + '".matches("(a+)+b")',
            " || ".join(["pieces >= 1"] * 300),
        ],
    )
    def test_hostile_rules_end_within_a_second(self, rule: str) -> None:
        begun = time.monotonic()
        text = SMALL.replace("rule: pieces >= 1", f"rule: '{rule}'")
        with suppress(BrokenSop):
            load_text(text, "hostile.yaml")
        assert time.monotonic() - begun < 5
