"""For whom cases waited: true lengths, and those who let others wait longest first."""

from datetime import datetime, timedelta

from sop_engine.compliance.items import Item
from sop_engine.compliance.waits import WaitLine, wait_lines
from sop_engine.store.figures import Wait
from tests.support.world import MORNING

START, END = MORNING, MORNING + timedelta(days=90)


def wait(body: str, begun: int, ended: int | None) -> Wait:
    """A wait from and to so many days after the start."""
    return Wait("c", body, START + timedelta(days=begun), START + timedelta(days=ended) if ended is not None else None)


def lines(*waits: Wait) -> list[WaitLine]:
    def item(one: Wait, ended: datetime | None) -> Item:
        return Item("NP", None, "holder", one.begun, ended, awaited=one.body)

    return wait_lines(waits, START, END, item)


def test_the_median_is_of_answers_with_their_true_length() -> None:
    (line,) = lines(wait("home", -100, 10), wait("home", 10, 14), wait("home", 20, 40), wait("home", -196, None))
    assert line.median == timedelta(days=20)
    assert line.since == START - timedelta(days=196)
    assert (len(line.still), len(line.answered)) == (1, 3)


def test_without_an_answer_there_is_no_median() -> None:
    (line,) = lines(wait("home", 1, None))
    assert line.median is None


def test_an_answer_after_the_period_was_not_there_at_its_end() -> None:
    (line,) = lines(wait("home", 1, 95))
    assert [item.ended for item in line.still] == [None]


def test_what_ended_before_the_period_does_not_count() -> None:
    assert lines(wait("home", -9, -1), wait("home", 91, None)) == []


def test_who_lets_others_wait_longest_stands_first_and_after_them_who_did_most_often() -> None:
    found = lines(
        wait("once", 1, 2), wait("often", 1, 2), wait("often", 3, 4), wait("new", 80, None), wait("old", -286, None)
    )
    assert [line.agency for line in found] == ["old", "new", "often", "once"]
