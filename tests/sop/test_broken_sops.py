"""Broken SOPs: every mistake at once, each with its file, line, column and a sentence that says what to do."""

import functools
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from sop_engine.sop.loading import load_file, load_text
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


# Seconds of processor time. All of these take tens of milliseconds; unbounded, they would take minutes or for ever.
A_HANG = 20
RULES = {
    "nested brackets": "(" * 900 + "pieces >= 1" + ")" * 900,
    "nested maps": "{" * 900,
    "nested loops": "[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, [1,2,3].all(d, a+b+c+d > 0))))",
    "a loop of a billion rounds": functools.reduce(
        lambda inner, depth: f"{list(range(10))}.all(v{depth}, {inner})", range(9), "pieces >= 1"
    ),
    "a pattern that backtracks": '"' + "a" * 1900 + '".matches("(a+)+b")',
    "a long sum": "pieces >= 1" + "+1" * 900,
    "many alternatives": " || ".join(["pieces >= 1"] * 140),
    "many not": "!" * 1900 + "true",
    "an open quote": '"' + "\\" * 900,
    "a long chain": "pieces" + ".a" * 900 + " == 1",
    "too long": " || ".join(["pieces >= 1"] * 300),
}
FILES = {
    "an alias bomb": (
        "a: &a [x, x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)),
        "an alias",
    ),
    "ten megabytes": ("a: " + "x" * 10_000_000, "longer than"),
    "ten megabytes of entries": ("k: v\n" * 2_000_000, "longer than"),
    "deep lists": ("a: " + "[" * 5000 + "]" * 5000, "nested deeper"),
    "deep maps": ("".join(" " * depth + "a:\n" for depth in range(900)), "nested deeper"),
    "deep lists that do not close": ("[" * 400_000, "nested deeper"),
    "many entries": ("".join(f"k{n}: v\n" for n in range(50_000)), "longer than"),
    "a key of a megabyte": ("? " + "k" * 900_000 + "\n: v\n", "not known here"),
    "a condition of many levels": (SMALL.replace("only_if: is_child", "only_if: " + "[" * 60 + "]" * 60), "nested"),
    "a reference to a file": ("a: !!python/object/apply:os.system [id]\n", "is missing here"),
    "many wrong names": (
        "fields:\n" + "".join(f"  name_{n}: {{type: text_{n}, tytle: T}}\n" for n in range(390)),
        "are enough",
    ),
    "more names than anybody follows": ("fields:\n" + "".join(f"  n{n}: {{}}\n" for n in range(5000)), "more than 400"),
    "many documents": ("---\na: b\n" * 20_000, "a second document"),
}


class TestHostileFiles:
    @pytest.mark.parametrize("hostile", FILES)
    def test_a_hostile_file_is_refused_and_holds_nothing_up(self, hostile: str) -> None:
        text, sentence = FILES[hostile]
        begun = time.process_time()
        with pytest.raises(BrokenSop, match=sentence):
            load_text(text, "hostile.yaml")
        assert time.process_time() - begun < A_HANG

    def test_a_long_chain_of_facts_is_followed_to_its_end(self) -> None:
        facts = ["  f0: {from: value_band, as: is, value: high}"]
        facts += [f"  f{n}: {{from: f{n - 1}, as: is, value: yes}}" for n in range(1, 390)]
        text = SMALL.replace("forms:\n", "\n".join(facts) + "\nforms:\n", 1)
        chosen = "    accountable: {depends_on: f389, cases: {yes: desk, no: officer}}\n"
        begun = time.process_time()
        load_text(text.replace("    accountable: officer\n", chosen), "chain.yaml")
        assert time.process_time() - begun < A_HANG

    @pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\0", "- a\n- b\n", "just words", "\ud800"])
    def test_what_is_no_sop_is_refused(self, text: str) -> None:
        with pytest.raises(BrokenSop):
            load_text(text, "none.yaml")

    def test_ten_megabytes_are_not_read_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "long.yaml"
        path.write_bytes(b"\xff" * 10_000_000)
        begun = time.process_time()
        with pytest.raises(BrokenSop, match=r"UTF-8|longer than"):
            load_file(path)
        assert time.process_time() - begun < A_HANG

    @pytest.mark.parametrize("rule", RULES)
    def test_a_hostile_rule_is_read_and_asked_and_holds_nothing_up(self, rule: str) -> None:
        text = SMALL.replace("rule: pieces >= 1", f"rule: {json.dumps(RULES[rule])}")
        begun = time.process_time()
        with suppress(BrokenSop):
            procedure, _ = load_text(text, "hostile.yaml")
            procedure.rules[RULES[rule]].answer({"pieces": 1})
        assert time.process_time() - begun < A_HANG
