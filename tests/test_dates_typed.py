"""Dates and times as people type them: in both calendars and digits, never guessed, never in an impossible year."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import nepali_datetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.services.dates import read_date, read_moment, shown_age
from sop_engine.sop.calendar import bikram_sambat, days_of_bs, from_bs
from sop_engine.sop.digits import devanagari, latin
from sop_engine.sop.facts import birth_span
from sop_engine.sop.months import BIKRAM_SAMBAT, GREGORIAN, read_month, shown

KATHMANDU = ZoneInfo("Asia/Kathmandu")
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-24 10:30", "2026-11-24T10:30", "2026/11/24 10:30", "२०२६-११-२४ १०:३०", "BS 2083-08-08 10:30",
        "bs2083/8/8 10:30", "वि.सं. २०८३-०८-०८ १०:३०", "BS २०८३-०८-०८T10:30",
    ],
)  # fmt: skip
def test_a_time_is_read_in_both_calendars_and_both_digits(typed: str) -> None:
    assert read_moment(typed, KATHMANDU) == "2026-11-24T04:45:00Z"


@pytest.mark.parametrize(
    "typed",
    [
        "28 Nov 2026", "28 November 2026", "28th november, 2026", "November 28, 2026", "28-Nov-2026", "28 नोभेम्बर 2026",
        "२८ नोभेम्बर २०२६", "२०२६ नोभेम्बर २८", "12 Mangsir 2083", "12 mangsir 2083 BS", "१२ मङ्सिर २०८३", "मंसिर १२, २०८३",
        "२०८३ मङ्सिर १२ गते", "वि.सं. २०८३ साल मङ्सिर १२ गते", "१२ गते मंसिर २०८३", "28/11/2026", "28-11-2026", "28.11.2026",
        "२८/११/२०२६", "BS 12/8/2083", "12.8.2083 BS", "वि.सं. १२-०८-२०८३", "28\u00a0Nov\u00a02026",
    ],
)  # fmt: skip
@pytest.mark.parametrize("bs", [False, True])
def test_a_day_is_read_by_the_name_of_its_month_and_day_first(typed: str, bs: bool) -> None:
    assert read_date(typed, vague=False, today=TODAY, bs=bs) == "2026-11-28"
    assert read_moment(f"{typed} 14:30", KATHMANDU, bs=bs) == "2026-11-28T08:45:00Z"


def test_the_day_comes_before_the_month() -> None:
    assert read_date("3/4/2026", vague=False, today=TODAY) == "2026-04-03"
    with pytest.raises(ValueError, match="is no day"):
        read_date("11/28/2026", vague=False, today=TODAY)


@pytest.mark.parametrize("typed", ["12/8/2083", "१२/८/२०८३", "१२-०८-२०८३"])
def test_day_first_a_year_of_bikram_sambat_is_taken_from_its_readers_alone(typed: str) -> None:
    assert read_date(typed, vague=False, today=TODAY, bs=True) == "2026-11-28"
    with pytest.raises(ValueError, match=r"more than ten years ahead.*Bikram Sambat"):
        read_date(typed, vague=False, today=TODAY)


def test_the_name_of_a_month_says_the_calendar_also_where_the_year_looks_like_another() -> None:
    assert read_date("1 Baisakh 2030", vague=True, today=TODAY, past=True) == from_bs(2030, 1, 1).isoformat()
    for bs in (False, True):
        with pytest.raises(ValueError, match=r"more than ten years ahead: check the year$"):
            read_moment("28 Nov 2083 10:00", KATHMANDU, bs=bs)


@pytest.mark.parametrize(
    "typed",
    [
        "28 Nov", "28 Nov 26", "28/11", "28/11-2026", "28 Foo 2026", "BS 28 Nov 2026", "30 Feb 2026", "33 पुस २०८३",
        "Nov", "14:30", "28 Nov 2026 14:30",
    ],
)  # fmt: skip
def test_what_is_no_day_by_name_is_not_guessed(typed: str) -> None:
    with pytest.raises(ValueError, match="is no da"):
        read_date(typed, vague=False, today=TODAY)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Nov 2008", "2008-11"), ("नोभेम्बर २००८", "2008-11"), ("पुस २०६५", "BS 2065-09"), ("2065 Poush", "BS 2065-09")],
)
def test_a_birth_may_be_known_by_the_name_of_its_month(typed: str, kept: str) -> None:
    assert read_date(typed, vague=True, today=TODAY, past=True) == kept
    with pytest.raises(ValueError, match="is no date"):
        read_date(typed, vague=False, today=TODAY)


@pytest.mark.parametrize("typed", ["14:30", "१४:३०", " 14:30 "])
def test_a_time_alone_is_meant_today(typed: str) -> None:
    assert read_moment(typed, KATHMANDU, today=TODAY) == "2026-11-24T08:45:00Z"
    with pytest.raises(ValueError, match="is no date and time"):
        read_moment(typed, KATHMANDU)


def test_no_two_months_share_a_name() -> None:
    for calendar, months in (("BS", BIKRAM_SAMBAT), ("AD", GREGORIAN)):
        assert len(months) == 12
        for number, names in enumerate(months, 1):
            for name in (*names[0], *names[1]):
                assert read_month(name) == (calendar, number)
                assert read_month(name.upper()) == (calendar, number)


@given(
    st.dates(date(1950, 1, 1), date(2036, 11, 20)),
    st.booleans(),
    st.sampled_from(["{d} {m} {y}", "{y} {m} {d}", "{m} {d}, {y}"]),
)
def test_a_day_as_pages_show_it_is_read_as_the_same_day(day: date, nepali: bool, order: str) -> None:
    there = bikram_sambat(day)
    for (year, month, number), months in ((there, BIKRAM_SAMBAT), ((day.year, day.month, day.day), GREGORIAN)):
        text = order.format(d=number, m=shown(months, nepali)[month - 1], y=year)
        assert read_date(devanagari(text) if nepali else text, vague=False, today=TODAY, bs=nepali) == day.isoformat()


@given(st.text("0123456789०१२ /.-:BSTवि.संपुसNov", max_size=24))
def test_whatever_is_typed_is_a_day_or_gets_a_sentence(text: str) -> None:
    for read in (
        lambda: read_date(text, vague=True, today=TODAY),
        lambda: read_moment(text, KATHMANDU, bs=True, today=TODAY),
    ):
        assert re.match(r"BS |age:|\d{4}|'.*' is (no da|in the future|more than)", outcome(read), re.DOTALL)


def outcome(read: Callable[[], str]) -> str:
    """What was read, or the sentence that says why nothing was."""
    try:
        return read()
    except ValueError as problem:
        return str(problem)


@pytest.mark.parametrize("typed", ["2083-08-08 10:30", "२०८३-०८-०८ १०:३०", "२०८३/८/८ १०:३०", "2026-11-24 10:30"])
def test_who_reads_bikram_sambat_first_need_not_mark_it(typed: str) -> None:
    assert read_moment(typed, KATHMANDU, bs=True) == "2026-11-24T04:45:00Z"


def test_nobody_elses_year_is_guessed_to_be_bikram_sambat() -> None:
    with pytest.raises(ValueError, match="write BS before it for Bikram Sambat"):
        read_moment("2083-08-08 10:30", KATHMANDU)
    with pytest.raises(ValueError, match=r"more than ten years ahead.*Bikram Sambat"):
        read_date("2083-08-08", vague=False, today=TODAY)
    with pytest.raises(ValueError, match=r"in the future.*Bikram Sambat"):
        read_date("2045-03-02", vague=True, today=TODAY, past=True)
    assert read_date("2083-08-08", vague=False, today=TODAY, bs=True) == "2026-11-24"
    assert read_date("2045-03-02", vague=True, today=TODAY, past=True, bs=True) == from_bs(2045, 3, 2).isoformat()


@pytest.mark.parametrize("year", ["1999", "2010", "2026"])
def test_a_year_that_may_be_gregorian_is_gregorian_for_everybody(year: str) -> None:
    for bs in (False, True):
        assert read_date(f"{year}-05-01", vague=True, today=TODAY, past=True, bs=bs) == f"{year}-05-01"


def test_a_day_alone_is_meant_at_the_hour_that_was_said() -> None:
    assert read_moment("BS 2083-08-08", KATHMANDU, hour="17:00") == "2026-11-24T11:15:00Z"
    assert read_moment("2026-11-24", KATHMANDU) == "2026-11-23T18:15:00Z"
    assert read_moment("2026-11-24 9:30", KATHMANDU) == "2026-11-24T03:45:00Z"


@pytest.mark.parametrize(
    "typed", ["", "BS 2083-08-32 10:30", "2026-11-24 25:00", "BS", "tomorrow", "2026-13-01 10:00", "BS 2101-01-01"]
)
def test_what_is_no_time_gets_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="is no da"):
        read_moment(typed, KATHMANDU)


def test_a_day_that_its_month_lacks_says_how_many_the_month_has() -> None:
    with pytest.raises(ValueError, match="'BS 2083-08-32' is no day: month 8 of BS 2083 has 29 days"):
        read_date("BS 2083-08-32", vague=False, today=TODAY)


@pytest.mark.parametrize(
    ("typed", "says"),
    [("2030-01-01", "in the future"), ("2087-01-01", "in the future"), ("1850-01-01", "more than 120 years ago")],
)
def test_nobody_is_born_in_the_future_or_long_ago(typed: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_date(typed, vague=True, today=TODAY, past=True)


def test_an_age_comes_back_as_it_was_typed_and_keeps_its_day() -> None:
    kept = read_date("16 years", vague=True, today=TODAY)
    assert kept == read_date("१६ वर्ष", vague=True, today=TODAY)
    shown = shown_age(kept, "years")
    assert shown == "16 years (2026-11-24)"
    assert read_date(shown, vague=True, today=date(2027, 3, 1)) == kept
    assert read_date(devanagari(shown_age(kept, "वर्ष")), vague=True, today=date(2027, 3, 1)) == kept


@pytest.mark.parametrize("typed", ["BS 2045-03", "२०४५-०३", "2045/3"])
def test_a_birth_may_be_known_by_its_month_in_bikram_sambat(typed: str) -> None:
    kept = read_date(typed, vague=True, today=TODAY, past=True, bs=True)
    assert kept == "BS 2045-03"
    assert birth_span(kept) == (from_bs(2045, 3, 1), from_bs(2045, 3, days_of_bs(2045, 3)))
    assert read_date(kept, vague=True, today=TODAY, past=True) == kept


def test_a_birth_may_be_known_by_its_year_in_bikram_sambat() -> None:
    kept = read_date("BS 2045", vague=True, today=TODAY, past=True)
    assert birth_span(kept) == (from_bs(2045, 1, 1), from_bs(2046, 1, 1) - timedelta(days=1))


def test_a_form_that_needs_a_day_takes_no_month() -> None:
    with pytest.raises(ValueError, match="is no date"):
        read_date("BS 2083-08", vague=False, today=TODAY)


@pytest.mark.parametrize("year", range(2070, 2091))
def test_the_last_day_of_each_month_is_the_day_before_the_next(year: int) -> None:
    for month in range(1, 13):
        last = days_of_bs(year, month)
        after = from_bs(year + month // 12, month % 12 + 1, 1)
        assert from_bs(year, month, last) + timedelta(days=1) == after
        assert from_bs(year, month, last) == nepali_datetime.date(year, month, last).to_datetime_date()
        assert bikram_sambat(after - timedelta(days=1)) == (year, month, last)
        with pytest.raises(ValueError, match=f"has {last} days"):
            from_bs(year, month, last + 1)


@given(st.dates(date(1950, 1, 1), date(2036, 11, 20)), st.booleans())
def test_what_is_written_in_bikram_sambat_is_read_as_the_same_day(day: date, nepali: bool) -> None:
    year, month, number = bikram_sambat(day)
    text = f"BS {year}-{month:02}-{number:02}"
    assert read_date(devanagari(text) if nepali else text, vague=False, today=TODAY) == day.isoformat()


@given(st.dates(date(2010, 1, 1), date(2043, 4, 10)), st.integers(0, 23), st.integers(0, 59))
def test_a_moment_in_nepal_is_the_same_in_both_calendars(day: date, hour: int, minute: int) -> None:
    year, month, number = bikram_sambat(day)
    there = read_moment(f"BS {year}-{month}-{number} {hour}:{minute:02}", KATHMANDU)
    assert there == read_moment(f"{day.isoformat()} {hour:02}:{minute:02}", KATHMANDU)
    assert datetime.fromisoformat(there).astimezone(KATHMANDU).date() == day


def test_midnight_in_nepal_belongs_to_the_new_day() -> None:
    assert read_moment("BS 2083-04-01 00:00", KATHMANDU) == "2026-07-16T18:15:00Z"
    assert read_moment("BS 2083-03-32 23:59", KATHMANDU) == "2026-07-16T18:14:00Z"


def test_a_leap_day_is_a_day_in_its_year_only() -> None:
    assert read_date("2028-02-29", vague=False, today=TODAY) == "2028-02-29"
    with pytest.raises(ValueError, match="is no day"):
        read_date("2027-02-29", vague=False, today=TODAY)


@given(st.text("0123456789-: ", max_size=20))
def test_digits_come_back(text: str) -> None:
    assert latin(devanagari(text)) == text


def test_codes_keep_their_digits() -> None:
    said = "NP-7K3F-92QX, A1, MP4, a@b1.np: 12 of 30, 10:42"
    assert devanagari(said) == "NP-7K3F-92QX, A1, MP4, a@b1.np: १२ of ३०, १०:४२"
