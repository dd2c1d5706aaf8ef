"""Dates and times as people type them: in both calendars, with Nepali digits, and never in an impossible year."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from sop_engine.services.answers import read_date, read_moment, shown_age

KATHMANDU = ZoneInfo("Asia/Kathmandu")
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "typed", ["2026-11-24 10:30", "2026-11-24T10:30", "BS 2083-08-08 10:30", "2083-08-08 10:30", "२०८३-०८-०८ १०:३०"]
)
def test_a_time_is_read_in_both_calendars(typed: str) -> None:
    assert read_moment(typed, KATHMANDU) == "2026-11-24T04:45:00Z"


@pytest.mark.parametrize("typed", ["", "BS 2083-08-32 10:30", "2026-11-24 25:00", "BS", "tomorrow", "2083-13-01 10:00"])
def test_what_is_no_time_gets_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="is no da"):
        read_moment(typed, KATHMANDU)


@pytest.mark.parametrize(
    ("typed", "says"),
    [("2030-01-01", "in the future"), ("2087-01-01", "in the future"), ("1850-01-01", "more than 120 years ago")],
)
def test_nobody_is_born_in_the_future_or_long_ago(typed: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_date(typed, vague=True, today=TODAY, past=True)


def test_an_age_comes_back_as_it_was_typed_and_keeps_its_day() -> None:
    kept = read_date("16 years", vague=True, today=TODAY)
    shown = shown_age(kept, "years")
    assert shown == "16 years (2026-11-24)"
    assert read_date(shown, vague=True, today=date(2027, 3, 1)) == kept
    assert read_date(shown_age(kept, "वर्ष"), vague=True, today=date(2027, 3, 1)) == kept
