"""The procedure that the tutorial builds: a valid block is accepted, a broken one prints the mistakes under it.

Its commands run as they stand, and print the lines under them.
"""

import re
import shlex
from pathlib import Path

import pytest

from sop_engine.sop.loading import load_text
from sop_engine.sop.source import BrokenSop
from tests.cli.program import Program

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = (DOCS / "missing-child.md").read_text(encoding="utf-8")
FILE = "missing-child.yaml"
VALID = re.findall(r"^```yaml valid\n(.*?)^```$", TUTORIAL, flags=re.DOTALL | re.MULTILINE)
BROKEN = re.findall(r"^```yaml broken\n(.*?)^```\n\n[^\n]*\n\n```text\n(.*?)\n```$", TUTORIAL, re.DOTALL | re.MULTILINE)
CHAPTERS = TUTORIAL[TUTORIAL.index("## 7. ") :]
# A command, and the block of what it prints, where one follows it.
COMMANDS = re.findall(
    r"^    sop-engine ([^\n]*)\n(?:\n```text\n(.*?)\n```$)?", CHAPTERS, flags=re.DOTALL | re.MULTILINE
)


def test_every_block_of_yaml_is_either_valid_or_broken_with_its_mistakes() -> None:
    assert len(VALID) >= 3
    assert len(BROKEN) >= 3
    assert len(re.findall(r"^```yaml", TUTORIAL, flags=re.MULTILINE)) == len(VALID) + len(BROKEN)


@pytest.mark.parametrize("number", range(len(VALID)))
def test_a_block_that_is_called_valid_is_accepted_without_a_warning(number: int) -> None:
    procedure, warnings = load_text(VALID[number], FILE)
    assert procedure.name == "missing-child"
    assert warnings == []


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_a_block_that_is_called_broken_prints_exactly_the_mistakes_under_it(number: int) -> None:
    text, said = BROKEN[number]
    with pytest.raises(BrokenSop) as caught:
        load_text(text, FILE)
    assert str(caught.value) == said


def test_the_file_among_the_examples_is_the_last_block_of_the_tutorial() -> None:
    text = (DOCS / "examples" / FILE).read_text(encoding="utf-8")
    assert text == VALID[-1]
    assert TUTORIAL.rindex("```yaml") == TUTORIAL.rindex("```yaml valid")


@pytest.fixture
def sop_engine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program, in a process where nothing says which installation is meant."""
    monkeypatch.delenv("SOP_ENGINE_HOME", raising=False)
    return Program(monkeypatch, capsys)


def test_the_commands_do_what_the_page_says(
    sop_engine: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE).write_text(VALID[-1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    number = ""
    for line, printed in COMMANDS:
        words = shlex.split(line.partition(" > ")[0].replace("NUMBER", number))
        words += ["--password", "a long password here"] if words[0] == "person-add" else []
        said = sop_engine(*words)
        told = said.out + said.err
        assert said.code == int(printed.startswith("sop-engine: ")), f"{line}: {told}"
        assert [wanted for wanted in printed.splitlines() if wanted not in told] == [], f"{line}: {told}"
        number = said.out.split(":")[0] if words[:2] == ["case", "open"] else number
    assert len(COMMANDS) >= 20
