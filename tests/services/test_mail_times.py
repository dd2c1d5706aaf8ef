"""When somebody is told by e-mail: at once, once a day, never in quiet hours; all edges, by the clock of Nepal."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.services.mail_times import APART, ZONE, Rhythm, after_quiet, is_quiet, mail_at, may_go


def nepal(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in March 2026, as it reads on a clock in Nepal."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


NIGHT = Rhythm("at_once", quiet=(22, 6))


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (nepal(2, 21, 59), False), (nepal(2, 22), True), (nepal(2, 23, 59), True), (nepal(3, 0), True),
        (nepal(3, 5, 59), True), (nepal(3, 6), False), (nepal(3, 12), False),
    ],
)  # fmt: skip
def test_quiet_hours_go_over_midnight(moment: datetime, quiet: bool) -> None:
    assert is_quiet(NIGHT, moment) is quiet
    assert is_quiet(NIGHT, moment.astimezone(UTC)) is quiet


def test_what_comes_in_quiet_hours_comes_when_they_end() -> None:
    assert mail_at(NIGHT, nepal(2, 23), None) == nepal(3, 6)
    assert mail_at(NIGHT, nepal(3, 1), None) == nepal(3, 6)
    assert mail_at(NIGHT, nepal(3, 6), None) == nepal(3, 6)
    assert mail_at(NIGHT, nepal(2, 21, 59), None) == nepal(2, 21, 59)


def test_quiet_hours_of_one_day_and_none_at_all() -> None:
    noon = Rhythm("at_once", quiet=(12, 14))
    assert mail_at(noon, nepal(2, 13, 30), None) == nepal(2, 14)
    assert mail_at(Rhythm("at_once", quiet=(7, 7)), nepal(2, 7), None) == nepal(2, 7)
    assert mail_at(Rhythm("at_once"), nepal(2, 3), None) == nepal(2, 3)


def test_at_once_is_no_more_than_every_ten_minutes() -> None:
    assert mail_at(Rhythm("at_once"), nepal(2, 9, 1), nepal(2, 9)) == nepal(2, 9, 10)
    assert mail_at(NIGHT, nepal(2, 21, 55), nepal(2, 21, 54)) == nepal(3, 6)


@pytest.mark.parametrize(
    ("since", "at"),
    [(nepal(2, 8, 59), nepal(2, 9)), (nepal(2, 9), nepal(2, 9)), (nepal(2, 9, 1), nepal(3, 9)),
     (nepal(2, 23, 59), nepal(3, 9)), (nepal(3, 0), nepal(3, 9))],
)  # fmt: skip
def test_a_digest_comes_at_its_hour_of_this_day_or_the_next(since: datetime, at: datetime) -> None:
    assert mail_at(Rhythm("daily", 9), since, None) == at


def test_a_digest_in_quiet_hours_comes_when_they_end() -> None:
    assert mail_at(Rhythm("daily", 5, (22, 6)), nepal(2, 12), None) == nepal(3, 6)
    assert mail_at(Rhythm("daily", 23, (22, 6)), nepal(2, 12), None) == nepal(3, 6)
    assert mail_at(Rhythm("daily", 0, (22, 6)), nepal(2, 12), None) == nepal(3, 6)
    assert mail_at(Rhythm("daily", 22, (22, 6)), nepal(2, 22), None) == nepal(3, 6)
    assert mail_at(Rhythm("daily", 6, (22, 6)), nepal(2, 12), None) == nepal(3, 6)


def test_a_day_has_one_digest_also_where_it_came_late() -> None:
    daily = Rhythm("daily", 9)
    assert mail_at(daily, nepal(2, 8, 59), nepal(2, 9, 0)) == nepal(3, 9)
    assert mail_at(daily, nepal(2, 8, 59), nepal(2, 15)) == nepal(3, 9)
    assert not may_go(daily, nepal(2, 8, 59), nepal(2, 9, 5), nepal(2, 23))
    assert may_go(daily, nepal(2, 8, 59), nepal(2, 9, 5), nepal(3, 9))


def test_a_mail_that_was_held_up_does_not_go_in_quiet_hours() -> None:
    assert not may_go(NIGHT, nepal(2, 21), None, nepal(2, 22, 30))
    assert may_go(NIGHT, nepal(2, 21), None, nepal(3, 6))


def test_never_is_never() -> None:
    assert not may_go(Rhythm("never"), nepal(2, 9), None, nepal(30, 9))


hours = st.integers(0, 23)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
rhythms = st.builds(Rhythm, st.sampled_from(["at_once", "daily"]), hours, st.none() | st.tuples(hours, hours))


@given(rhythms, moments, moments)
def test_nobody_is_told_in_quiet_hours_nor_later_than_two_days(rhythm: Rhythm, since: datetime, last: datetime) -> None:
    at = mail_at(rhythm, since, last)
    assert since <= at
    assert not is_quiet(rhythm, at)
    assert after_quiet(rhythm, at) == at
    assert may_go(rhythm, since, last, at)
    assert at - max(since, last) <= timedelta(days=2) + APART


@given(st.builds(Rhythm, st.just("daily"), hours, st.none() | st.tuples(hours, hours)), moments)
def test_digests_follow_one_another_by_a_day(rhythm: Rhythm, since: datetime) -> None:
    first = mail_at(rhythm, since, None)
    second = mail_at(rhythm, first, first)
    third = mail_at(rhythm, second, second)
    assert third - second == timedelta(days=1)
    assert second > first
