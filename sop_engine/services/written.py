"""A day as somebody typed it, taken apart: calendar, year, month, day and time. Knows not whether there is that day.

Numbers alone are read as year-month-day or day-month-year, told apart by where the four digits of the year stand: the
day comes before the month, never after it. A month by its name says which calendar is meant.
"""

import re
from dataclasses import dataclass

from sop_engine.sop.months import read_month

_BS = r"(?:BS|B\.S\.|वि\.? ?सं\.?)"
_BEFORE = re.compile(rf"^{_BS}\s*", re.IGNORECASE)
_AFTER = re.compile(rf"(?<=[\d\s]){_BS}$", re.IGNORECASE)
# Hours and minutes end a text; what stands before them is the day, and may be nothing.
_TIMED = re.compile(r"(?:^|[ T,])(\d{1,2}:.+)$")
_YEAR_FIRST = re.compile(r"^(?P<y>\d{4})(?:[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?)?$", re.ASCII)
_DAY_FIRST = re.compile(r"^(?P<d>\d{1,2})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4})$", re.ASCII)
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\s?गते)?"
_YEAR, _NAME, _GAP = r"(?P<y>\d{4})(?:\s?साल)?", r"(?P<n>[^\d\s,./-]{2,20})", r"[\s,./-]{1,3}"
_NAMED = tuple(
    re.compile(rf"^{_GAP.join(parts)}$", re.ASCII | re.IGNORECASE)
    for parts in ((_DAY, _NAME, _YEAR), (_NAME, _DAY, _YEAR), (_YEAR, _NAME, _DAY), (_NAME, _YEAR), (_YEAR, _NAME))
)


@dataclass(frozen=True, slots=True)
class Written:
    """A day as it was typed: `calendar` is BS, AD or, where nothing says it, empty. `day` and `month` may be left out.

    The parts are digits as typed. A `time` alone has no year; what is neither date nor time has nothing at all.
    """

    calendar: str = ""
    year: str = ""
    month: str = ""
    day: str = ""
    time: str = ""

    @property
    def numbers(self) -> str:
        """Year, month and day as far as they are known: `2026-01-31`, `2026-01`, `2026`."""
        return "-".join([self.year, *(f"{int(part):02}" for part in (self.month, self.day) if part)])


def taken_apart(text: str) -> Written:
    """A text with Latin digits, taken apart."""
    whole = " ".join(text.split())
    timed = _TIMED.search(whole)
    day, time = (whole[: timed.start()].strip(" ,"), timed[1]) if timed else (whole, "")
    if not day:
        return Written(time=time)
    bare = _AFTER.sub("", _BEFORE.sub("", day)).strip()
    calendar = "BS" if bare != day else ""
    if found := _YEAR_FIRST.match(bare) or _DAY_FIRST.match(bare):
        return Written(calendar, found["y"], found["m"] or "", found["d"] or "", time)
    return _by_name(bare, calendar, time)


def _by_name(day: str, calendar: str, time: str) -> Written:
    """A day with its month in words; one of another calendar than was said is none."""
    found = next((found for pattern in _NAMED if (found := pattern.match(day))), None)
    named = read_month(found["n"]) if found is not None else None
    if found is None or named is None or (calendar and calendar != named[0]):
        return Written()
    return Written(named[0], found["y"], str(named[1]), found.groupdict().get("d") or "", time)
