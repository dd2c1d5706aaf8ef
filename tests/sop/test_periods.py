"""Months of both calendars and fiscal years: whole days, one after the other, with none lost between them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.sop.calendar import bikram_sambat
from sop_engine.sop.periods import around, latest, read

KINDS = ("ad", "bs", "fy")


def test_a_fiscal_year_goes_from_shrawan_to_the_end_of_asar() -> None:
    year = read("fy-2083")
    assert (bikram_sambat(year.first), bikram_sambat(year.last)) == ((2083, 4, 1), (2084, 3, 32))
    assert (year.first, year.last) == (date(2026, 7, 17), date(2027, 7, 16))


def test_months_have_their_days() -> None:
    assert (read("ad-2028-02").last, read("bs-2083-08").first) == (date(2028, 2, 29), date(2026, 11, 17))
    assert read("bs-2083-08").last == date(2026, 12, 15)


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.sampled_from(KINDS))
def test_every_day_lies_in_one_period_of_each_kind_and_the_day_after_its_last_in_the_next(day: date, kind: str) -> None:
    one = around(kind, day)
    assert one.first <= day <= one.last
    assert around(kind, one.last + timedelta(days=1)).first == one.last + timedelta(days=1)
    assert read(one.code) == one


def test_the_newest_stand_first() -> None:
    assert [one.code for one in latest("fy", date(2026, 7, 16), 2)] == ["fy-2082", "fy-2081"]
    assert [one.code for one in latest("ad", date(2026, 1, 5), 2)] == ["ad-2026-01", "ad-2025-12"]


@pytest.mark.parametrize(
    "code", ["", "ad-2026", "fy-2083-01", "bs-2083-13", "ad-2026-00", "bs-2101-01", "fy-2100", "x", "ad-0000-01"]
)
def test_what_is_no_period_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="is no period"):
        read(code)
