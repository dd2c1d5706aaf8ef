"""How time is shown: what is left first, the date second, in both calendars, in the zone of Nepal."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from sop_engine.services.answers import read_moment
from sop_engine.sop.calendar import bikram_sambat

ZONE = ZoneInfo("Asia/Kathmandu")
MONTHS_BS = (
    "Baisakh",
    "Jestha",
    "Asar",
    "Shrawan",
    "Bhadra",
    "Asoj",
    "Kartik",
    "Mangsir",
    "Poush",
    "Magh",
    "Falgun",
    "Chaitra",
)
MONTHS_BS_NE = ("वैशाख", "जेठ", "असार", "साउन", "भदौ", "असोज", "कात्तिक", "मङ्सिर", "पुस", "माघ", "फागुन", "चैत")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAYS_NE = ("सोम", "मङ्गल", "बुध", "बिही", "शुक्र", "शनि", "आइत")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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
    """A day in both calendars: `Thu 26 Nov · 11 Mangsir 2083`."""
    local = moment.astimezone(ZONE)
    year, month, number = bikram_sambat(local.date())
    weekday = (DAYS_NE if language == "ne" else DAYS)[local.weekday()]
    there = (MONTHS_BS_NE if language == "ne" else MONTHS_BS)[month - 1]
    western = f"{local.day} {MONTHS[local.month - 1]}"
    if language == "ne":
        return f"{weekday} {number} {there} {year} · {western}"
    return f"{weekday} {western} · {number} {there} {year}"


def dated(civil: date, language: str = "en") -> str:
    """A day that may be years away, in both calendars: `Fri 16 Jul 2027 · 32 Asar 2084`."""
    western = f"{civil.day} {MONTHS[civil.month - 1]} {civil.year}"
    weekday = (DAYS_NE if language == "ne" else DAYS)[civil.weekday()]
    try:
        year, month, number = bikram_sambat(civil)
    except (ValueError, OverflowError):  # the tables of Bikram Sambat end somewhere
        return f"{weekday} {western}"
    there = f"{number} {(MONTHS_BS_NE if language == 'ne' else MONTHS_BS)[month - 1]} {year}"
    return f"{weekday} {there} · {western}" if language == "ne" else f"{weekday} {western} · {there}"


def recorded(text: str, language: str = "en") -> str:
    """A moment as an answer holds it (without a zone: in that of Nepal), with its day in both calendars."""
    moment = datetime.fromisoformat(text)
    local = moment.replace(tzinfo=ZONE) if moment.tzinfo is None else moment.astimezone(ZONE)
    return f"{dated(local.date(), language)}, {clock(local)}"


def when(moment: datetime, language: str = "en") -> str:
    """A moment: the day in both calendars and the time of day."""
    return f"{day(moment, language)}, {clock(moment)}"


def clock(moment: datetime) -> str:
    """The time of day in Nepal: `10:42`."""
    return f"{moment.astimezone(ZONE):%H:%M}"


def typed(text: str) -> datetime | None:
    """A day and time as somebody typed it, in either calendar, in the zone of Nepal; None where it is none."""
    try:
        return datetime.fromisoformat(read_moment(text.strip(), ZONE))
    except ValueError:
        return None
