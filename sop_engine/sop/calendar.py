"""Durations and the calendars they run by: hours elapsed, days, working days, months, years.

Days are counted as in civil procedure: the first day is not counted and the last ends at 24:00 in the agency's
zone. A calendar (weekend, holidays, zone) is data of the directory; its dates must be checked by the operator.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import nepali_datetime

# The years of Bikram Sambat that the tables of nepali-datetime know.
FIRST_BS: int = nepali_datetime.MINYEAR
LAST_BS: int = nepali_datetime.MAXYEAR
UNITS = ("minutes", "hours", "days", "working days", "weeks", "months", "years")
_NEPALI = {
    "minutes": "मिनेट", "hours": "घण्टा", "days": "दिन", "working days": "कार्यदिन", "weeks": "हप्ता", "months": "महिना",
    "years": "वर्ष",
}  # fmt: skip
_DURATION = re.compile(r"^(\d{1,4}) (minute|hour|day|working day|week|month|year)s?$")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as an SOP writes it; `at once` is shown so and is overdue after an hour."""

    amount: int
    unit: str

    def __str__(self) -> str:
        if self.unit == "at once":
            return "at once"
        return f"{self.amount} {self.unit if self.amount != 1 else self.unit[:-1]}"

    def in_language(self, language: str) -> str:
        """The duration in words of a language."""
        if language != "ne":
            return str(self)
        if self.unit == "at once":
            return "तुरुन्तै"
        return f"{self.amount} {_NEPALI[self.unit]}"

    @classmethod
    def read(cls, text: str) -> "Duration":
        """Read `4 hours`, `21 working days` or `at_once`; raises ValueError with a sentence."""
        if text == "at_once":
            return cls(1, "at once")
        found = _DURATION.match(text)
        if not found:
            raise ValueError(f"'{text}' is no duration: write a number and one of {', '.join(UNITS)}, or at_once")
        return cls(int(found[1]), found[2] + "s")

    def roughly(self) -> timedelta:
        """An elapsed length for comparisons between durations (a month as 30 days), never for a due time."""
        days = {"days": 1, "working days": 1, "weeks": 7, "months": 30, "years": 365}
        if self.unit in days:
            return timedelta(days=days[self.unit] * self.amount)
        return timedelta(hours=self.amount) if self.unit in ("hours", "at once") else timedelta(minutes=self.amount)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an agency works: its zone, its weekend (0 is Monday) and its holidays."""

    name: str
    zone: ZoneInfo
    weekend: frozenset[int]
    holidays: Mapping[date, str]

    @classmethod
    def of(cls, name: str, zone: str, weekend: list[str], holidays: Mapping[date, str]) -> "Calendar":
        return cls(name, ZoneInfo(zone), frozenset(_WEEKDAYS.index(day) for day in weekend), holidays)

    def works_on(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.holidays

    def today(self, now: datetime) -> date:
        """The day that it is in the zone of the agency."""
        return now.astimezone(self.zone).date()

    def after(self, start: datetime, duration: Duration, months_by: str = "gregorian") -> datetime:
        """The moment (UTC) at which `duration`, begun at `start`, is over."""
        if duration.unit in ("hours", "at once"):
            return start + timedelta(hours=duration.amount)
        if duration.unit == "minutes":
            return start + timedelta(minutes=duration.amount)
        day = start.astimezone(self.zone).date()
        if duration.unit == "working days":
            left = duration.amount
            while left > 0:
                day += timedelta(days=1)
                left -= self.works_on(day)
        elif duration.unit in ("days", "weeks"):
            day += timedelta(days=duration.amount * (7 if duration.unit == "weeks" else 1))
        else:
            months = duration.amount * (12 if duration.unit == "years" else 1)
            day = _add_months_bs(day, months) if months_by == "bikram sambat" else _add_months(day, months)
        midnight = datetime.combine(day + timedelta(days=1), time(0), self.zone)
        return midnight.astimezone(UTC)


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


def _add_months_bs(day: date, months: int) -> date:
    here: Any = nepali_datetime.date.from_datetime_date(day)
    index = here.year * 12 + here.month - 1 + months
    year, month = divmod(index, 12)
    last = nepali_datetime._days_in_month(year, month + 1)
    moved: date = nepali_datetime.date(year, month + 1, min(here.day, last)).to_datetime_date()
    return moved


def bikram_sambat(day: date) -> tuple[int, int, int]:
    """Year, month and day of a civil day in Bikram Sambat (source: the tables of nepali-datetime)."""
    there: Any = nepali_datetime.date.from_datetime_date(day)
    return there.year, there.month, there.day


def days_of_bs(year: int, month: int) -> int:
    """How many days a month of Bikram Sambat has; raises ValueError where the tables (1975 to 2100) do not know it."""
    if not (FIRST_BS <= year <= LAST_BS and 1 <= month <= 12):
        raise ValueError(f"month {month} of BS {year} is not in the tables")
    days: int = nepali_datetime._days_in_month(year, month)
    return days


def from_bs(year: int, month: int, day: int) -> date:
    """The civil day of a day in Bikram Sambat; raises ValueError with a sentence."""
    days = days_of_bs(year, month)
    if not 1 <= day <= days:
        text = f"BS {year}-{month:02}-{day:02}"
        raise ValueError(f"'{text}' is no day: month {month} of BS {year} has {days} days")
    read: date = nepali_datetime.date(year, month, day).to_datetime_date()
    return read


def read_day(text: str) -> date:
    """Read `2026-01-01` or `BS 2082-09-17`; raises ValueError with a sentence."""
    try:
        if text.startswith("BS "):
            year, month, day = (int(part) for part in text[3:].split("-"))
            return from_bs(year, month, day)
        return date.fromisoformat(text)
    except (ValueError, TypeError) as problem:
        if "is no day" in str(problem):
            raise
        raise ValueError(f"'{text}' is no day: write 2026-01-01 or BS 2082-09-17") from None
