"""The answers to OWASP ASVS 5.0: each requirement of levels 1 and 2 once, and what is called met can be seen."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Number and level of each requirement, one a line; the sentences are OWASP's and are not copied.
ASKED = [line.split() for line in Path(__file__).with_name("asvs-5.0-levels-1-and-2.txt").read_text().splitlines()]
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d", line)
]
STATES = ("met", "not applicable", "open")
NAMED = re.compile(r"`([\w./-]+\.\w+)(?:::(\w+))?`")


def test_every_requirement_stands_there_once_in_its_order() -> None:
    assert Counter(level for _, level in ASKED) == {"1": 70, "2": 183}
    assert [row[0] for row in ROWS] == [number for number, _ in ASKED]


def test_every_requirement_is_answered() -> None:
    assert [row[0] for row in ROWS if len(row) != 4 or row[2] not in STATES or not row[1] or not row[3]] == []


def test_what_is_met_names_files_and_tests_that_are_there() -> None:
    for number, _, state, where in (row for row in ROWS if row[2] == "met"):
        files = [name for name, test in NAMED.findall(where) if not test]
        tests = [(name, test) for name, test in NAMED.findall(where) if test]
        assert files, f"{number} is called {state} and names no file"
        assert tests, f"{number} is called {state} and names no test"
        assert [name for name in files if not (ROOT / name).is_file()] == [], number
        assert [test for name, test in tests if f"def {test}(" not in (ROOT / name).read_text("utf-8")] == [], number


def test_how_many_are_met_is_told() -> None:
    told = Counter(row[2] for row in ROWS)
    print("OWASP ASVS 5.0, levels 1 and 2:", ", ".join(f"{told[state]} {state}" for state in STATES))
    assert sum(told.values()) == len(ASKED)


def test_the_page_on_security_says_how_fast_weaknesses_are_mended() -> None:
    page = (
        (ROOT / "SECURITY.md").read_text("utf-8").partition("## How fast weaknesses are mended")[2].partition("## ")[0]
    )
    assert [
        word for word in ("within two days", "within seven", "at most 60 days", "every month") if word not in page
    ] == []
