"""The time of this machine without its leaps."""

import time
from datetime import UTC, datetime, timedelta

import structlog

# What is set right in passing is followed; a wrong clock is off by more.
LEAP = timedelta(minutes=5)
# It goes on while the machine sleeps, where the system has such a clock.
_RUNNING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SteadyClock:
    """Now, as the time at the start and how long the machine has run since tell it.

    A clock that leaps while the program runs would end deadlines, keys and drafts, and keep open what is open for an
    hour. Such a leap is not followed until the program is started again; small corrections are.
    """

    def __init__(self) -> None:
        self._last = datetime.now(UTC), time.clock_gettime(_RUNNING)
        self._told = False

    def __call__(self) -> datetime:
        says, running = datetime.now(UTC), time.clock_gettime(_RUNNING)
        before, then = self._last
        is_now = before + timedelta(seconds=running - then)
        if abs(says - is_now) <= LEAP:
            self._last, self._told = (says, running), False
            return says
        if not self._told:
            self._told = True
            structlog.get_logger("clock").error("clock leapt", says=says.isoformat(), taken=is_now.isoformat())
        return is_now
