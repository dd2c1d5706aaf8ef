"""Registers of names in memory, one for each agency that searches; `registering` fills them. Knows no database.

No tag of a name is stored anywhere: a stolen database shows neither names nor how common they are. What nobody used
for a while is forgotten.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sop_engine.services import spelling
from sop_engine.services.identity import Register

IDLE = timedelta(hours=1)


@dataclass(slots=True)
class Kept:
    """One register, up to which place in the log it has read, and the newer events of which it knows."""

    register: Register = field(default_factory=Register, repr=False)
    position: int = -1
    waiting: dict[str, int] = field(default_factory=dict)
    used: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass(slots=True)
class Registers:
    """The registers of this process, by agency; that of None is the worker's, which opens everything."""

    _kept: dict[str | None, Kept] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def of(self, agency: str | None, now: datetime) -> Iterator[Kept]:
        """The register of an agency, for one thread at a time."""
        with self._lock:
            self._forget_unused(now)
            kept = self._kept.setdefault(agency, Kept())
            kept.used = now
        with kept.lock:
            yield kept

    def _forget_unused(self, now: datetime) -> None:
        for agency, kept in list(self._kept.items()):
            if kept.used is not None and now - kept.used > IDLE:
                del self._kept[agency]
                spelling.forget()

    def tidy(self, now: datetime) -> None:
        """Forget what nobody used for a while."""
        with self._lock:
            self._forget_unused(now)

    def forget(self) -> None:
        """Forget everything: keys were destroyed, or names may no longer be in memory."""
        with self._lock:
            self._kept.clear()
            spelling.forget()
