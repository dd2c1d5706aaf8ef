"""How time is shown: what is left first, the date second, in both calendars, in the zone of Nepal."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from sop_engine.services.dates import read_moment
from sop_engine.sop.calendar import bikram_sambat
from sop_engine.sop.months import BIKRAM_SAMBAT, GREGORIAN, shown
from sop_engine.sop.periods import Period
from web.layout.reader import in_digits, reader

ZONE = ZoneInfo("Asia/Kathmandu")
MONTHS_BS, MONTHS_BS_NE = shown(BIKRAM_SAMBAT, nepali=False), shown(BIKRAM_SAMBAT, nepali=True)
MONTHS, MONTHS_NE = shown(GREGORIAN, nepali=False), shown(GREGORIAN, nepali=True)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAYS_NE = ("सोम", "मङ्गल", "बुध", "बिही", "शुक्र", "शनि", "आइत")
NO_BREAK = "\u00a0"
SOON = timedelta(days=2)


def length(span: timedelta) -> str:
    """A length of time in its two largest units: `3 d 4 h`, `2 h 10 min`."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, rest = divmod(minutes, 1440)
    hours, mins = divmod(rest, 60)
    if days:
        return str(gettext("%(d)s d %(h)s h", d=days, h=hours))
    return str(gettext("%(h)s h %(m)s min", h=hours, m=mins) if hours else gettext("%(m)s min", m=mins))


def rough(span: timedelta) -> str:
    """A length of time at a glance: `5 days`, `18 h`, `3 h 10 min`, `20 min`."""
    hours = max(0, int(span.total_seconds() // 3600))
    if hours >= 48:
        return str(gettext("%(d)s days", d=hours // 24))
    return str(gettext("%(h)s h", h=hours)) if hours >= 10 else length(span)


def left(due: datetime, now: datetime) -> str:
    """How long there still is, or by how much it is late."""
    if due >= now:
        return str(gettext("%(l)s left", l=rough(due - now)))
    return str(gettext("%(l)s late", l=rough(now - due)))


def to_answer(due: datetime, now: datetime) -> str:
    """How long there still is to answer an offer, or by how much the answer is late."""
    if due >= now:
        return str(gettext("answer within %(l)s", l=rough(due - now)))
    return str(gettext("answer %(l)s late", l=rough(now - due)))


def urgency(due: datetime | None, now: datetime) -> str:
    """late, soon or calm: how a due time is coloured, always beside its words."""
    if due is None:
        return "calm"
    return "late" if due < now else "soon" if due - now < SOON else "calm"


def day(moment: datetime, language: str = "en") -> str:
    """A day near today in both calendars, that of the reader first: `Thu 26 Nov · 11 Mangsir 2083`."""
    return _both(moment.astimezone(ZONE).date(), language, with_year=False)


def dated(civil: date, language: str = "en") -> str:
    """A day that may be years away, in both calendars: `Fri 16 Jul 2027 · 32 Asar 2084`."""
    return _both(civil, language, with_year=True)


def _both(civil: date, language: str, with_year: bool) -> str:
    """A day in both calendars. No line breaks within either."""
    weekday = (DAYS_NE if language == "ne" else DAYS)[civil.weekday()]
    western = f"{civil.day} {(MONTHS_NE if language == 'ne' else MONTHS)[civil.month - 1]}"
    there = nepali_day(civil, language)
    first, second = (there, western) if reader(language).bikram_sambat and there else (western, there)
    year = f" {civil.year}" if with_year or not there else ""
    days = [one + year if one == western else one for one in (first, second) if one]
    return in_digits(f"{weekday} {' · '.join(day.replace(' ', NO_BREAK) for day in days)}", language)


def nepali_day(civil: date, language: str) -> str:
    """A day in Bikram Sambat, `11 Mangsir 2083`; empty where its tables end."""
    try:
        year, month, number_of_day = bikram_sambat(civil)
    except (ValueError, OverflowError):
        return ""
    return f"{number_of_day} {(MONTHS_BS_NE if language == 'ne' else MONTHS_BS)[month - 1]} {year}"


def period_words(period: Period, language: str) -> str:
    """A period by its name: `Mangsir 2083`, `Nov 2026`, `fiscal year 2083/84`."""
    if period.kind == "fy":
        years = in_digits(f"{period.year}/{(period.year + 1) % 100:02}", language)
        return str(gettext("fiscal year %(y)s", y=years))
    western, nepali = (MONTHS_NE, MONTHS_BS_NE) if language == "ne" else (MONTHS, MONTHS_BS)
    name = (western if period.kind == "ad" else nepali)[period.month - 1]
    return in_digits(f"{name}{NO_BREAK}{period.year}", language)


def nepali_part(text: str, language: str) -> str:
    """A month or a year of Bikram Sambat as it is kept (`BS 2065-02`): `Jestha 2065 BS`."""
    year, _, month = text.removeprefix("BS ").partition("-")
    name = (MONTHS_BS_NE if language == "ne" else MONTHS_BS)[int(month) - 1] if month else ""
    return in_digits(f"{name} {year} {gettext('BS')}".strip().replace(" ", NO_BREAK), language)


def recorded(text: str, language: str = "en") -> str:
    """A moment as an answer holds it (without a zone: in that of Nepal), with its day in both calendars."""
    moment = datetime.fromisoformat(text)
    local = moment.replace(tzinfo=ZONE) if moment.tzinfo is None else moment.astimezone(ZONE)
    return f"{dated(local.date(), language)}, {clock(local, language)}"


def when(moment: datetime, language: str = "en") -> str:
    """A moment: the day in both calendars and the time of day."""
    return f"{day(moment, language)}, {clock(moment, language)}"


def clock(moment: datetime, language: str | None = None) -> str:
    """The time of day in Nepal: `10:42`."""
    return in_digits(f"{moment.astimezone(ZONE):%H:%M}", language)


def typed(text: str, now: datetime, hour: str = "00:00") -> datetime | None:
    """A day and time as somebody typed it, in either calendar, in the zone of Nepal; None where it is none.

    A day alone is meant at that `hour`, a time alone on the day that it is `now`.
    """
    try:
        return read(text, now, hour)
    except ValueError:
        return None


def read(text: str, now: datetime, hour: str = "00:00") -> datetime:
    """The same; raises ValueError with what is wrong where it is none."""
    today = now.astimezone(ZONE).date()
    return datetime.fromisoformat(read_moment(text, ZONE, reader().bikram_sambat, hour, today))


def example(with_time: bool) -> str:
    """A date as it may be typed, in the reader's own calendar and short enough for a phone."""
    hour = " 10:30" if with_time else ""
    return in_digits(f"{'2082-10-17' if reader().bikram_sambat else '2026-01-31'}{hour}")


def examples(with_time: bool, language: str) -> str:
    """The same with the month by its name, which says the calendar: that of the reader first."""
    hour = " 10:30" if with_time else ""
    western = f"31 {(MONTHS_NE if language == 'ne' else MONTHS)[0]} 2026{hour}"
    there = f"{nepali_day(date(2026, 1, 31), language)}{hour}"
    first, second = (there, western) if reader(language).bikram_sambat else (western, there)
    return in_digits(str(gettext("for example %(a)s or %(b)s", a=first, b=second)), language)
