"""A clock that stands where it is set, for demonstrations, tests and replays."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class SetClock:
    """Called like a clock; `wait` moves it on."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **length: float) -> datetime:
        """Move on by a length such as `hours=3`."""
        self.now += timedelta(**length)
        return self.now
