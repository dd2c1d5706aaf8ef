"""Who is told when something is overdue: ladders of stages, offers, clocks and duties, and alerts. Informs only."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from sop_engine.case.clock import Due, all_due, next_openings, values_now
from sop_engine.case.directory import OVERSIGHT_KINDS
from sop_engine.case.ground import Ground
from sop_engine.case.retention import over_at
from sop_engine.case.state import Case
from sop_engine.sop.language import Alert

REMINDER = "reminder:"
DISTRICT, NATIONAL = "dccht", "nccht"
NATIONAL_AFTER = timedelta(days=7)
DISTRICT_AFTER = timedelta(days=3)
DISTRICT_AFTER_IN_PROTECTION = timedelta(hours=24)


class Rung(msgspec.Struct, frozen=True):
    """One step of a ladder: from `at` on, those in `informs` (AGENCY or AGENCY.ROLE) are to be told, once."""

    key: str
    at: datetime
    informs: list[str]


def rungs(ground: Ground, case: Case, now: datetime) -> list[Rung]:
    """Every rung that is ahead of a case or reached and not told yet, earliest first."""
    found = [rung for due in all_due(ground, case, now) for rung in _ladder(ground, case, due, now)]
    return sorted([*found, *_alerts(ground, case, now)], key=lambda rung: rung.at)


def reminded(case: Case) -> int | None:
    """The share (percent) of the time of its stage at which the holder was last reminded; None where it was not."""
    here = f"{REMINDER}{case.stage}:{case.entry_seq}:"
    return max((int(key.rpartition(":")[2]) for key in case.escalated if key.startswith(here)), default=None)


def next_check(ground: Ground, case: Case, limits: Sequence[Due], now: datetime) -> datetime | None:
    """When time next asks something of this case, which has these limits."""
    first = [next(_ladder(ground, case, due, now), None) for due in limits]
    told = [rung.at for rung in (*first, *_alerts(ground, case, now)) if rung is not None]
    kept_until = over_at(ground, case) if case.retention_over is None else None
    erasing = [kept_until] if kept_until is not None else []
    return min([*told, *erasing, *(at for at, _ in next_openings(ground, case))], default=None)


def _ladder(ground: Ground, case: Case, due: Due, now: datetime) -> Iterator[Rung]:
    """The rungs of one limit that are not told yet, earliest first."""
    seq = case.offer.seq if due.what == "offer" and case.offer else case.entry_seq
    yield from _reminders(ground, case, due, now)
    for number, (after, informs) in sorted(enumerate(_rows(ground, case, due, now)), key=lambda row: row[1][0]):
        key = f"{due.what}:{due.name}:{seq}:{number}"
        told = [] if key in case.escalated else [one for to in informs if (one := _told(ground, case, to, due.agency))]
        if told:
            yield Rung(key, due.at + after, told)


def _reminders(ground: Ground, case: Case, due: Due, now: datetime) -> Iterator[Rung]:
    """The holder is reminded at shares of the time of a stage, as its `remind_at` says.

    A share that is past once a later one has come, or the limit itself, reminds of nothing any more.
    """
    stage = ground.procedure.sop.stages.get(case.stage or "")
    if due.what != "stage" or due.began is None or stage is None or case.holder is None:
        return
    shares = sorted(stage.remind_at)
    moments = [due.began + (due.at - due.began) * share / 100 for share in shares] + [due.at]
    for share, at, following in zip(shares, moments, moments[1:], strict=False):
        key = f"{REMINDER}{due.name}:{case.entry_seq}:{share}"
        if key not in case.escalated and following > now:
            yield Rung(key, at, [case.holder])


def _rows(ground: Ground, case: Case, due: Due, now: datetime) -> list[tuple[timedelta, list[str]]]:
    """The SOP's own ladder for a stage, else the default: supervisor, district committee, national secretariat."""
    stage = ground.procedure.sop.stages.get(case.stage or "")
    if due.what == "stage" and stage is not None and stage.escalate:
        values = values_now(ground, case, now)
        rows = [row for row in stage.escalate if ground.procedure.holds(row.if_, values) is not False]
        return [(row.overdue_by.roughly(), [str(to) for to in row.informs]) for row in rows]
    if due.what == "chase":
        return []
    at_once = (timedelta(0), ["holder.supervisor"])
    if due.what not in ("stage", "clock", "offer", "emergency", "conflict"):
        return [at_once]
    protects = stage is not None and stage.protection
    district = DISTRICT_AFTER_IN_PROTECTION if protects else DISTRICT_AFTER
    return [at_once, (district, [DISTRICT]), (NATIONAL_AFTER, [NATIONAL])]


def _alerts(ground: Ground, case: Case, now: datetime) -> list[Rung]:
    if case.status != "open":
        return []
    stage = ground.procedure.sop.stages.get(case.stage or "")
    said: list[tuple[str, Alert]] = [(f"alert:{n}", alert) for n, alert in enumerate(ground.procedure.sop.alert)]
    if stage is not None:
        said += [(f"alert:{case.stage}:{case.entry_seq}:{n}", alert) for n, alert in enumerate(stage.alert)]
    values = values_now(ground, case, now)
    found = []
    for key, alert in said:
        if key in case.escalated or not ground.procedure.surely(alert.if_, values):
            continue
        told = [one for to in alert.informs if (one := _told(ground, case, str(to), case.holder))]
        if told:
            found.append(Rung(key, case.stage_since, told))
    return found


def oversees(ground: Ground, agency: str) -> bool:
    """Whether an agency is an oversight body."""
    return agency in ground.directory.agencies and ground.directory.agencies[agency].kind in OVERSIGHT_KINDS


def falls_to(ground: Ground, case: Case, agency: str) -> str | None:
    """Who takes the place of an agency with a conflict of interest: as its kind says in the directory (proposed)."""
    shut = {agency, *case.conflicts, *case.hidden_from}
    for kind in ground.directory.falls_to.get(ground.directory.agencies[agency].kind, ()):
        for code in ground.directory.of_kind((kind,), _district(case)):
            if code not in shut and ground.directory.acts_here(code):
                return code
    return None


def watching(ground: Ground, case: Case, agency: str) -> str | None:
    """The oversight body that sees to it that a case goes to another agency: that of the district, else above it."""
    shut = {agency, *case.conflicts, *case.hidden_from}
    found = [
        code
        for kind in (DISTRICT, NATIONAL, "oversight")
        for code in ground.directory.of_kind((kind,), _district(case))
    ]
    return next((code for code in found if code not in shut and ground.directory.acts_here(code)), None)


def told_in(ground: Ground, case: Case, kind: str) -> str | None:
    """The body of a kind that is told of a case: that of its district, where a fact tells it."""
    return next(iter(ground.directory.of_kind((kind,), _district(case))), None)


def _told(ground: Ground, case: Case, to: str, late: str | None) -> str | None:
    part, _, role = to.partition(".")
    agency = late if part == "holder" else ground.agency(case, part)
    if agency is None and ground.part(part) is None and part != "holder":
        agency = told_in(ground, case, part)
    if agency is None:
        return None
    return f"{agency}.{role}" if role else agency


def _district(case: Case) -> str | None:
    """The district of a case where a fact tells it."""
    return next((str(value) for name, value in case.values.items() if name.startswith("district_")), None)
