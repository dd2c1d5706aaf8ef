"""Turning keys while work goes on: a new epoch, wrapping anew what is of an old one, destroying its key, a new key for
one person.

An epoch lasts for `installation.epoch_lasts`. Then the next begins, every key of a person is wrapped anew, and after as
long again the old epoch key is destroyed: until then backups of its time can be put back, and after it nobody opens
them. What is erased today is therefore gone from every backup on the day that `gone_from_backups` gives.

The key of an epoch is made an epoch before, and the epoch begins by itself only once somebody has said that a copy of
its key is in a safe place: nothing is ever wrapped by a key that a broken disk could take away.
"""

import os
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from sop_engine.services.installation import Installation
from sop_engine.store import drafts, keys, readings, schedule, vault
from sop_engine.store.database import looking
from sop_engine.store.epochs import CannotTurn, InFiles
from sop_engine.store.keys import Epoch
from sop_engine.store.sealing import KEY_BYTES, VaultLocked

__all__ = [
    "CannotTurn", "Epoch", "begin", "gone_from_backups", "has_copy", "keep_copies", "leap", "make_key",
    "of_installation", "renew", "rewrap_all", "turn",
]  # fmt: skip
KEPT, SEEN = "keys kept", "clock seen"
LONGEST_PAUSE = timedelta(days=7)
AT_ONCE, A_DAY, AN_HOUR = 500, timedelta(days=1), timedelta(hours=1)


def of_installation(inst: Installation) -> list[Epoch]:
    """Every epoch that there was, in order."""
    with looking(inst.engine) as connection:
        return keys.epochs(connection)


def begin(inst: Installation) -> int:
    """Begin a new epoch; gives its number. Raises CannotTurn where no key can be made from here."""
    with looking(inst.engine) as connection:
        number = keys.next_epoch(connection)
    make_key(inst, number)
    with inst.writing() as connection:
        inst.keys.begin_epoch(connection, inst.clock())
    with suppress(CannotTurn):
        make_key(inst, number + 1)
    return number


def keep_copies(inst: Installation) -> int:
    """Somebody has brought a copy of every key to a safe place; gives the last epoch whose key that is."""
    with looking(inst.engine) as connection:
        last = keys.next_epoch(connection)
    inst.keys.epoch_key(last)
    with inst.writing() as connection:
        schedule.set_mark(connection, KEPT, str(last))
    return last


def has_copy(inst: Installation, number: int) -> bool:
    """Whether a copy of the key of an epoch is in a safe place: a key service, and whoever sets variables, has one."""
    if not isinstance(inst.keys.source, InFiles):
        return True
    with looking(inst.engine) as connection:
        return int(schedule.marked(connection, KEPT) or 0) >= number


def make_key(inst: Installation, number: int) -> None:
    """Make the key of an epoch, unless one was made by a try before that did not come to its end."""
    try:
        inst.keys.epoch_key(number)
    except VaultLocked:
        inst.keys.source.make(number)
        inst.keys.epoch_key(number)


def rewrap_all(inst: Installation) -> int:
    """Wrap every key of a person anew that is of an old epoch, and end epochs that are done with; gives how many."""
    done = 0
    while some := _rewrap_some(inst):
        done += some
    with inst.writing() as connection:
        ended = keys.end_epochs(connection, inst.clock())
    if ended:
        inst.keys.forget()
    return done


def _rewrap_some(inst: Installation) -> int:
    with inst.writing() as connection:
        return inst.keys.rewrap(connection, AT_ONCE)


def turn(inst: Installation, sure: bool = False) -> int:
    """Begin an epoch, wrap anew and destroy, as far as it is due; gives how much was done.

    No key is destroyed while it is not `sure` that the clock is right (`leap`).
    """
    now, found = inst.clock(), of_installation(inst)
    sure = _goes_on(inst, sure)
    done = 0
    if now - found[-1].begun >= inst.epoch_lasts and has_copy(inst, found[-1].number + 1):
        done += _begin_where_possible(inst)
    if any(one.over is None for one in found[:-1]) or done:
        done += rewrap_all(inst)
    for one in found:
        if sure and one.over is not None and one.destroyed is None and now - one.over >= inst.epoch_lasts:
            done += _destroy(inst, one)
    return done


def leap(inst: Installation) -> tuple[datetime, datetime] | None:
    """Between which times this machine went, where it went back or over more than a week in which no worker ran.

    Either it was off, or its clock is wrong, which would destroy a key on whose backups somebody still relies.
    """
    before, now = _seen(inst), inst.clock()
    return (before, now) if before is not None and _leapt(before, now) else None


def _leapt(before: datetime, now: datetime) -> bool:
    return not timedelta() <= now - before <= LONGEST_PAUSE


def _goes_on(inst: Installation, sure: bool) -> bool:
    """Whether time has gone by as it should, or somebody is sure that it did; each hour that is seen is noted."""
    before, now = _seen(inst), inst.clock()
    if before is not None and _leapt(before, now) and not sure:
        return False
    if before is None or not timedelta() <= now - before < AN_HOUR:
        with inst.writing() as connection:
            schedule.set_mark(connection, SEEN, now.isoformat())
    return True


def _seen(inst: Installation) -> datetime | None:
    with looking(inst.engine) as connection:
        seen = schedule.marked(connection, SEEN)
    return datetime.fromisoformat(seen) if seen is not None else None


def _begin_where_possible(inst: Installation) -> int:
    try:
        begin(inst)
    except CannotTurn:
        # Whoever runs the server has to bring the key: `doctor` tells that it is late.
        return 0
    return 1


def _destroy(inst: Installation, one: Epoch) -> int:
    try:
        inst.keys.source.destroy(one.number)
    except CannotTurn as problem:
        structlog.get_logger("worker").warning("old epoch key is still there", epoch=one.number, problem=str(problem))
        return 0
    with inst.writing() as connection:
        keys.note_destroyed(connection, one.number, inst.clock())
    inst.keys.forget()
    return 1


def gone_from_backups(inst: Installation, connection: Connection) -> datetime:
    """When at the latest no backup that was made until now can be opened any more.

    This epoch ends a length after it began, and its key is destroyed a length after that; a day is for the worker.
    """
    begun = keys.epochs(connection)[-1].begun
    return max(begun + inst.epoch_lasts, inst.clock()) + inst.epoch_lasts + A_DAY


def renew(inst: Installation, subject: str) -> bool:
    """Give a person another key and seal all that is hers with it; False where she has none.

    For the day on which somebody may have got hold of hers.
    """
    with inst.writing() as connection:
        old = inst.keys.subject_to_change(connection, subject)
        if old is None:
            return False
        new = os.urandom(KEY_BYTES)
        vault.reseal(connection, subject, old, new)
        drafts.reseal(connection, subject, old, new)
        readings.reseal(connection, subject, old, new)
        inst.keys.renew(connection, subject, new)
    inst.keys.forget()
    return True
