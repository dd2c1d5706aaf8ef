"""How often a password or a code may be typed wrong: a few times at once, then after growing waits.

A try is counted before it is made and taken back where it was right, so that many at once gain nothing. What was typed
is not looked at while one must wait: right and wrong, known and unknown names then answer alike. Whoever signed in on
this device before has a count of her own there, so that nobody elsewhere can lock her out.
"""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.installation import Installation
from sop_engine.store import attempts, sessions
from sop_engine.store.attempts import Count
from sop_engine.store.database import Busy, writing

PASSWORD, CODE, PASSKEY, PROVIDER = "password", "code", "passkey", "provider"
LONGEST = timedelta(minutes=15)
# A wait that begins with a second is longer than the longest after so many doublings.
DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures cost nothing, and after what time one failure is forgotten."""

    free: int
    heals: timedelta

    def counted(self, before: Count | None, now: datetime) -> Count:
        """The count with one failure more, and the wait that follows from it."""
        failures, last = self._left(before, now) if before is not None else (0, now)
        failures = min(failures + 1, self.free + DOUBLINGS + 1)
        over = failures - self.free
        wait = min(timedelta(seconds=2 ** (over - 1)), LONGEST) if over > 0 else timedelta()
        return Count(failures, last, now + wait)

    def _left(self, before: Count, now: datetime) -> tuple[int, datetime]:
        """What is left of the failures, and until when they are healed."""
        healed = max((now - before.last) // self.heals, 0)
        return (before.failures - healed, before.last + healed * self.heals) if healed < before.failures else (0, now)


OF_NAME, OF_ADDRESS = Limit(5, timedelta(hours=1)), Limit(50, timedelta(minutes=2))
# By then every count has healed.
FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from: network address (None where it tells nothing), device token, and the browser's words."""

    address: str | None = None
    device: str | None = None
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Tries:
    """Under which keys a try is counted: that of the name or device, and that of the address."""

    own: str
    address: str | None

    def limits(self) -> list[tuple[str, Limit]]:
        found = [(self.own, OF_NAME), *([(self.address, OF_ADDRESS)] if self.address is not None else [])]
        return sorted(found, key=lambda pair: pair[0])


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing was looked at: the next try is taken in so many seconds."""

    seconds: int


def tries_of(inst: Installation, connection: Connection, what: str, name: str, origin: Origin) -> Tries:
    """How a try for somebody is counted; `what` is one of the words above."""
    folded = unicodedata.normalize("NFC", name).casefold()
    if origin.device is not None and sessions.knows(connection, origin.device, name):
        return Tries(inst.keys.mark(connection, f"attempt/{what}/device", f"{origin.device}\0{folded}"), None)
    address = inst.keys.mark(connection, "attempt/address", origin.address) if origin.address is not None else None
    return Tries(inst.keys.mark(connection, f"attempt/{what}", folded), address)


def take(inst: Installation, tries: Tries) -> Waits | None:
    """Count a try before it is made; None where it may be made now."""
    try:
        return _take(inst, tries)
    except Busy:
        # Two made the same new count at once: now there is one.
        return _take(inst, tries)


def _take(inst: Installation, tries: Tries) -> Waits | None:
    now = inst.clock()
    with writing(inst.engine) as connection:
        found = attempts.of(connection, [key for key, _ in tries.limits()])
        # Nobody is made to wait longer: such a time was kept by a clock that was wrong.
        until = max((count.until for count in found.values() if count.until <= now + LONGEST), default=now)
        if until > now:
            return Waits(ceil((until - now).total_seconds()))
        for key, limit in tries.limits():
            attempts.keep(connection, key, limit.counted(found.get(key), now), new=key not in found)
    return None


def passed(inst: Installation, connection: Connection, tries: Tries) -> None:
    """It was right: the own count begins anew, that of the address loses the try that was counted."""
    attempts.drop(connection, tries.own)
    if tries.address is not None:
        before = attempts.of(connection, [tries.address]).get(tries.address)
        if before is not None:
            count = replace(before, failures=max(before.failures - 1, 0), until=inst.clock())
            attempts.keep(connection, tries.address, count, new=False)


def told(waits: Waits) -> Refusal:
    """The refusal that says how long to wait."""
    return refuse(
        "waits",
        f"Too many wrong tries: wait {waits.seconds} seconds, then try again",
        f"धेरै पटक गलत भयो: {waits.seconds} सेकेन्ड पर्खेर फेरि प्रयास गर्नुहोस्",
    )
