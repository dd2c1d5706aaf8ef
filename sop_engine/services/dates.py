"""Dates and times as somebody typed them, in either calendar and either digits. What is kept is Gregorian, and UTC.

A date in Bikram Sambat says so: `BS 2083-08-13`, or by the name of its month: `13 Mangsir 2083`. For somebody who reads
that calendar first (`bs`) it need not where its year cannot be meant otherwise. No calendar is guessed.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from sop_engine.services.written import Written, taken_apart
from sop_engine.sop.calendar import FIRST_BS, LAST_BS, read_day
from sop_engine.sop.digits import latin

OLDEST_YEARS = 120
AHEAD_YEARS = 10
# No moment is typed in a Gregorian year from here on; in Bikram Sambat it is 2003.
ONLY_BS = 2060
_AND_BS = "check the year, and write BS before it for Bikram Sambat"
_AGE = re.compile(r"^(\d{1,3}) ?(?:years?|वर्ष)?(?: \((\d{4}-\d{2}-\d{2})\))?$", re.ASCII)
_AGE_ON = re.compile(r"^age:(\d{1,3})@(\d{4}-\d{2}-\d{2})$", re.ASCII)


def read_date(text: str, vague: bool, today: date, past: bool = False, bs: bool = False) -> str:
    """A day in either calendar; where vague dates are allowed also a month, a year, or an age such as `16 years`.

    `past` days are not after today. A month or year of Bikram Sambat is kept as such: `BS 2065-02`.
    """
    typed = latin(text.strip())
    if vague and (age := _AGE_ON.match(typed) or _AGE.match(typed)) and int(age[1]) < 120:
        told = min(read_day(age[2]), today) if age[2] else today
        _plausible(text, told, today, True, False)
        return f"age:{int(age[1])}@{told.isoformat()}"
    found = taken_apart(typed)
    if not found.year or found.time or (not found.day and not vague):
        how = (
            "write 2008-05-17, 2008-05, 2008, BS 2065-02-04 or an age such as 16 years"
            if vague
            else "write 2026-01-31 or BS 2082-10-17"
        )
        raise ValueError(f"'{text[:40]}' is no date: {how}")
    there = found.calendar == "BS" or (
        bs and not found.calendar and _only_bs(int(found.year), today.year + (0 if past else AHEAD_YEARS))
    )
    day = read_day(("BS " if there else "") + found.numbers + "-01" * (2 - found.numbers.count("-")))
    _plausible(text, day, today, past, not found.calendar and not there and FIRST_BS <= day.year <= LAST_BS)
    if there:
        return day.isoformat() if found.day else f"BS {found.numbers}"
    return found.numbers


def _only_bs(year: int, latest: int) -> bool:
    """Whether a year is one of Bikram Sambat, because in the Gregorian calendar it lies after the `latest` possible."""
    return latest < year <= LAST_BS


def _plausible(text: str, day: date, today: date, past: bool, may_be_bs: bool) -> None:
    """Raise ValueError where a day cannot be meant; `may_be_bs` says that it could be in the other calendar."""
    check = _AND_BS if may_be_bs else "check the year"
    if past and day > today:
        raise ValueError(f"'{text[:40]}' is in the future: {check}")
    if past and day.year < today.year - OLDEST_YEARS:
        raise ValueError(f"'{text[:40]}' is more than {OLDEST_YEARS} years ago: check the year")
    if day > today + timedelta(days=365 * AHEAD_YEARS):
        raise ValueError(f"'{text[:40]}' is more than ten years ahead: {check}")


def shown_age(text: str, years: str) -> str:
    """An age as it was typed (`16 years (2026-11-24)`, with the word for years); any other date as it is."""
    age = _AGE_ON.match(text)
    return f"{age[1]} {years} ({age[2]})" if age else text


def read_moment(text: str, zone: tzinfo, bs: bool = False, hour: str = "00:00", today: date | None = None) -> str:
    """A local date and time, in either calendar, as UTC (`2026-11-24 10:30` in that zone).

    `hour` is what a day alone means; a time alone is meant `today`, where that is given.
    """
    found = taken_apart(latin(text).replace("Z", "+00:00"))
    day = _day_of(found, bs, today, text)
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()} {_padded(found.time or hour)}")
        local = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        return local.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise ValueError(f"'{text[:40]}' is no date and time: write 2026-11-24 10:30") from None


def _day_of(found: Written, bs: bool, today: date | None, text: str) -> date:
    """The day of a moment; raises ValueError with a sentence where none can be meant."""
    if found.time and not found.year and today is not None:
        return today
    if not found.day:
        raise ValueError(f"'{text[:40]}' is no date and time: write 2026-11-24 10:30")
    year = int(found.year)
    there = found.calendar == "BS" or (bs and not found.calendar and ONLY_BS <= year <= LAST_BS)
    if not there and year >= ONLY_BS:
        raise ValueError(
            f"'{text[:40]}' is more than ten years ahead: {'check the year' if found.calendar else _AND_BS}"
        )
    return read_day(f"{'BS ' if there else ''}{found.numbers}")


def _padded(time: str) -> str:
    """`9:30` as `09:30`."""
    return f"0{time}" if re.match(r"^\d:", time) else time
