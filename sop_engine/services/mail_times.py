"""When somebody may be told by e-mail: at once or once a day, and never in her quiet hours. Pure; hours are Nepal's."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Kathmandu")
AT_ONCE, DAILY, NEVER = "at_once", "daily", "never"
# At once is no more often than this: what a whole operation brings comes in few mails.
APART = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often: at_once, or daily at the hour `hour`. From the first hour of `quiet` until before the second is rest.

    Quiet hours may go over midnight; where both are the same there are none.
    """

    how: str
    hour: int = 9
    quiet: tuple[int, int] | None = None


def is_quiet(rhythm: Rhythm, moment: datetime) -> bool:
    """Whether a moment falls into the quiet hours."""
    if rhythm.quiet is None:
        return False
    begin, end = rhythm.quiet
    hour = moment.astimezone(ZONE).hour
    return begin <= hour < end if begin <= end else hour >= begin or hour < end


def after_quiet(rhythm: Rhythm, moment: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours into which it falls."""
    if rhythm.quiet is None or not is_quiet(rhythm, moment):
        return moment
    return _next(moment, rhythm.quiet[1])


def mail_at(rhythm: Rhythm, since: datetime, last: datetime | None) -> datetime:
    """From when on somebody may be told of what is new since a moment, where she was told `last` of something else."""
    if rhythm.how == DAILY:
        begin = _next(since, rhythm.hour)
        if last is not None:
            begin = max(begin, _next(last + timedelta(microseconds=1), rhythm.hour))
    else:
        begin = since if last is None else max(since, last + APART)
    return after_quiet(rhythm, begin)


def may_go(rhythm: Rhythm, since: datetime, last: datetime | None, now: datetime) -> bool:
    """Whether somebody may be told now of what is new since a moment."""
    return rhythm.how != NEVER and mail_at(rhythm, since, last) <= now and not is_quiet(rhythm, now)


def _next(moment: datetime, hour: int) -> datetime:
    """The first time from a moment on that it is this hour."""
    local = moment.astimezone(ZONE)
    there = datetime.combine(local.date(), time(hour), ZONE)
    return there if there >= local else datetime.combine(local.date() + timedelta(days=1), time(hour), ZONE)
