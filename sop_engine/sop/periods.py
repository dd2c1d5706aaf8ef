"""Periods that offices count by: a month of either calendar, a fiscal year of Nepal. Knows no clock and no page.

A period has a code for addresses: `ad-2026-11`, `bs-2083-08`, `fy-2083` (the fiscal year 2083/84, from 1 Shrawan).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sop_engine.sop.calendar import bikram_sambat, days_of_bs, from_bs

# In Nepal a fiscal year begins on the first day of this month.
SHRAWAN = 4
_CODE = re.compile(r"^(ad|bs|fy)-(\d{4})(?:-(\d{2}))?$")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from `first` to `last`; `kind` is ad, bs (a month of that calendar) or fy (`month` is then 0)."""

    kind: str
    year: int
    month: int
    first: date
    last: date

    @property
    def code(self) -> str:
        return f"{self.kind}-{self.year}" + (f"-{self.month:02}" if self.month else "")


def read(code: str) -> Period:
    """The period of a code; raises ValueError for what is none."""
    found = _CODE.match(code)
    try:
        if found is not None and (found[1] == "fy") == (found[3] is None):
            return _of(found[1], int(found[2]), int(found[3] or 0))
    except ValueError:
        pass
    raise ValueError(f"'{code[:20]}' is no period: write ad-2026-11, bs-2083-08 or fy-2083")


def _of(kind: str, year: int, month: int) -> Period:
    """Raises ValueError where the calendar does not have it."""
    if kind == "fy":
        return Period(kind, year, 0, from_bs(year, SHRAWAN, 1), from_bs(year + 1, SHRAWAN, 1) - timedelta(days=1))
    if kind == "bs":
        return Period(kind, year, month, from_bs(year, month, 1), from_bs(year, month, days_of_bs(year, month)))
    first = date(year, month, 1)
    return Period(kind, year, month, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def around(kind: str, day: date) -> Period:
    """The period of a kind in which a day lies."""
    if kind == "ad":
        return read(f"ad-{day.year:04}-{day.month:02}")
    year, month, _ = bikram_sambat(day)
    return read(f"bs-{year}-{month:02}") if kind == "bs" else read(f"fy-{year if month >= SHRAWAN else year - 1}")


def latest(kind: str, day: date, most: int) -> Iterator[Period]:
    """The periods of a kind up to the one in which a day lies, the newest first."""
    for _ in range(most):
        one = around(kind, day)
        yield one
        day = one.first - timedelta(days=1)
