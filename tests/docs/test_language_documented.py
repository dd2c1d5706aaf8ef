"""The pages about the SOP language know every word that the grammar reads, and no other; what they show runs."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sop_engine.sop import grammar
from sop_engine.sop.loading import load_text
from sop_engine.sop.reading import Record

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "sop-language.md").read_text(encoding="utf-8")
TUTORIAL = (DOCS / "writing-an-sop.md").read_text(encoding="utf-8")
EXAMPLE = DOCS / "examples" / "helpline-call.yaml"
# The section of each record whose words it must list; a section may list words of records inside it as well.
SECTIONS = {
    "The file": (grammar.SOP,),
    "Agencies": (grammar.PART,),
    "Fields": (grammar.FIELD, grammar.ROW_FIELD),
    "Facts": (grammar.FACT,),
    "Forms": (grammar.FORM, grammar.SECTION),
    "Consents": (grammar.CONSENT,),
    "Entries": (grammar.ENTRY,),
    "Stages": (
        grammar.STAGE, grammar.ACCOUNTABLE, grammar.EXCEPTION, grammar.DEADLINE, grammar.ESCALATION, grammar.ALERT,
        grammar.RULE, grammar.TAKING_OVER,
    ),
    "Steps": (grammar.STEP,),
    "Requirements": tuple(kind for kind in grammar.REQUIREMENT.shapes.values() if isinstance(kind, Record)),
    "Exits": (grammar.EXIT, grammar.SIGNATURE, grammar.SPAWN, grammar.WAIT_FOR),
    "Outcomes, milestones, reopening": (grammar.OUTCOME, grammar.MOMENT, grammar.REOPEN),
    "Clocks and periods": (grammar.CLOCK, grammar.PERIOD),
    "Tracks": (grammar.TRACK,),
    "Standing rules and holds": (grammar.STANDING, grammar.HOLD),
}  # fmt: skip


def sections() -> Iterator[tuple[str, str]]:
    for part in REFERENCE.split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        yield title, text


LISTED = {title: set(re.findall(r"^\| `([a-z_]+)` \|", text, flags=re.MULTILINE)) for title, text in sections()}


@pytest.mark.parametrize("title", SECTIONS)
def test_every_word_of_the_grammar_is_explained_and_no_other(title: str) -> None:
    words = {word for record in SECTIONS[title] for word in record.keys}
    inner = {"field", "help", "optional"} if title == "Forms" else set[str]()
    assert LISTED[title] == words | inner


def test_every_type_class_and_maker_is_named() -> None:
    listed = (*grammar.FIELD_TYPES, *grammar.CLASSES, *grammar.FACT_MAKERS, *grammar.SUBJECTS)
    assert [word for word in listed if f"`{word}`" not in REFERENCE] == []


def test_the_example_is_right_and_the_tutorial_shows_it() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert load_text(text, "helpline-call.yaml")[1] == []
    shown = re.findall(r"```yaml\n(.*?)```", TUTORIAL, flags=re.DOTALL)
    assert len(shown) == 6
    assert [excerpt for excerpt in shown if excerpt not in text] == []


def test_the_commands_of_the_tutorial_do_what_it_says(tmp_path: Path) -> None:
    (tmp_path / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
    program, number, refused, said = Path(sys.executable).with_name("sop-engine"), "", list[str](), ""
    for line in re.findall(r"^    sop-engine (.*)$", TUTORIAL, flags=re.MULTILINE):
        words = shlex.split(line.partition(" > ")[0].replace("NUMBER", number))
        words += ["--password", "a long password here"] if words[0] == "person-add" else []
        done = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        refused += [done.stderr] if done.returncode else []
        said = done.stdout
        number = said.split(":")[0] if words[:2] == ["case", "open"] else number
    assert refused == ["sop-engine: Cannot do 'To the child welfare officer': Listen and note is not finished\n"]
    assert "offered_to: Child Welfare Officer of Kathmandu Metropolitan City" in said
