"""What each table of the domain text promises of the SOP that follows it."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from sop_engine.sop.loading import standard_library
from tests.domain.tables import Row, exit_rows, other_rows, rows, stage_rows, step_rows, without_last

CHOICES = Path(__file__).parents[2] / "docs" / "domain-choices.md"
CHOICE, LAPSE = "choice", "lapse"


class AsTheTextSays:
    """Compares the tables of one procedure with its SOP. The last cell of a row says where the row comes from:

    a section of the domain text, `lapse` (a way out when time is over) or `choice`, which docs/domain-choices.md
    explains under the title of the SOP.
    """

    sop: ClassVar[str]
    stages: ClassVar[str]
    steps: ClassVar[str]
    exits: ClassVar[str]
    others: ClassVar[str]

    def test_stages_have_these_agencies_and_deadlines(self) -> None:
        same(self.stages, stage_rows(standard_library().procedures[self.sop]))

    def test_steps_are_these_by_these_agencies_in_this_time(self) -> None:
        same(self.steps, step_rows(standard_library().procedures[self.sop]))

    def test_ways_out_are_these_and_are_signed_so(self) -> None:
        same(self.exits, exit_rows(standard_library().procedures[self.sop]))

    def test_what_stands_beside_the_stages_is_this(self) -> None:
        same(self.others, other_rows(standard_library().procedures[self.sop]))

    def test_only_ways_out_by_time_are_called_lapses(self) -> None:
        for row in rows(self.exits):
            assert (row[-1] == LAPSE) == ("lapse by" in row[3]), row

    def test_every_choice_is_explained(self) -> None:
        chosen = [row[0] for row in rows(self.stages) if row[-1] == CHOICE]
        for table in (self.steps, self.exits, self.others):
            chosen += [f"{row[0]}.{row[1]}" for row in rows(table) if row[-1] == CHOICE]
        explained = explained_in(CHOICES, self.sop)
        unexplained = [name for name in chosen if name not in explained]
        assert not unexplained, f"{CHOICES.name} does not name {', '.join(unexplained)}"


def same(table: str, found: Iterable[Row]) -> None:
    """The rows of a table and of the SOP are the same; what differs is shown on both sides."""
    text, sop = Counter(without_last(rows(table))), Counter(found)
    said = [f"the text, not the SOP: {' | '.join(row)}" for row in text - sop]
    said += [f"the SOP, not the text: {' | '.join(row)}" for row in sop - text]
    assert not said, "\n".join(["", *said])


def explained_in(page: Path, sop: str) -> set[str]:
    """What stands in backticks in the section of a page about an SOP."""
    found = re.search(rf"^## `{sop}`\n(.*?)(?=^## |\Z)", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page.name} has no section about {sop}"
    return set(re.findall(r"`([^`]+)`", found[1]))
