"""The register of homes: licence, last grade, open findings, next visit; and for each visit what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from sop_engine.case.clock import next_openings
from sop_engine.case.directory import Directory
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case, from_bytes
from sop_engine.homes.lacks import AGREED, URGENT, Lack, is_issued, issued_at, lacks, today_of
from sop_engine.homes.visit import Visit, plan_late, stage_title, visit_of, word_of
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Text
from sop_engine.sop.standards import Standard
from sop_engine.store import procedures, readings, worklists
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account

AUDITING_KINDS = frozenset(
    {
        "ncrc", "ministry_women", "provincial_child_rights", "local_child_rights", "local_level", "child_welfare",
        "ngo", "oversight",
    }
)  # fmt: skip
LICENCE, INSPECTION = "home-licence", "home-inspection"
NGO = "ngo"
# How inspections end after their report: with something left to be fixed, and at all.
LEFT_OPEN = ("closed_partly", "escalated")
REPORTED_ENDS = (*LEFT_OPEN, "closed_met")
BEFORE_THE_VISIT = ("planned", "pre_visit")
# The stages in which a home has a licence; in every other it has none yet, or none any more.
HAS_A_LICENCE = ("licensed", "renewal_due", "under_plan", "warned", "voluntary_closure")
Pairs = list[tuple[Ground, Case]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One home in the register. Grades are small letters or none.

    `next_visit` is the day of a visit, or where none is prepared (`prepared`) the day from which one is due; None where
    no day is known. `under_way` are the stages of the inspections that are not over. `expired` says that the last day
    of the licence has passed; `valid` that the home has a licence and its last day has not passed. `plan_late` says
    that the home owes the plan of an inspection, and its time is over.
    """

    home: str
    number: str
    stage: str
    stage_title: Text
    follows: str | None
    licence_until: date | None
    expired: bool
    valid: bool
    grade: str | None
    audit_grade: str | None
    open_findings: int
    critical: int
    next_visit: date | None
    prepared: bool
    visit_late: bool
    plan_late: bool
    under_way: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """A home: its entry and its visits, newest first; `standard` holds the criteria by which it was rated."""

    entry: Entry
    visits: list[Visit]
    standard: Standard
    directory: Directory
    now: datetime


def may_audit(account: Account, directory: Directory) -> bool:
    """Whether somebody works for an agency that looks at homes: child rights bodies, local levels, ministries, NGOs."""
    agency = directory.agencies.get(account.agency)
    return account.works and agency is not None and agency.kind in AUDITING_KINDS


def register(inst: Installation, account: Account) -> tuple[list[Entry], Directory]:
    """Every home with a licence or an application, those that burn first; raises NotFound where one does not audit."""
    now = inst.clock()
    with looking(inst.engine, everybody=True) as connection:
        directory = _for_auditors(inst, connection, account)
        running = _running(inst, connection, _told_ahead(account, directory), account.agency)
        licences = _cases(inst, connection, LICENCE, account.agency)
        left = _left_open(inst, connection, licences, running, now)
        entries = [_entry(ground, case, running, left, now) for ground, case in licences]
    return sorted(entries, key=_urgency), directory


def all_lacks(inst: Installation, account: Account) -> tuple[list[tuple[str, Lack]], Directory]:
    """What is not fixed in all homes, each with its home; raises NotFound where one does not audit."""
    now = inst.clock()
    with looking(inst.engine, everybody=True) as connection:
        directory = _for_auditors(inst, connection, account)
        licences = _cases(inst, connection, LICENCE, account.agency)
        left = _left_open(inst, connection, licences, _running(inst, connection, False, account.agency), now)
    homes = {case.subject: case.home or "" for _, case in licences}
    return [(homes[subject], lack) for subject, some in left.items() for lack in some], directory


def _left_open(
    inst: Installation, connection: Connection, licences: Pairs, running: Mapping[str, Pairs], now: datetime
) -> dict[str, list[Lack]]:
    """What is not fixed in each home, by its subject: each criterion once, with its nearest day.

    An inspection that ended with something left counts until a later one reports: that one looked at every criterion.
    An audit is evidence, and asks nobody for a plan.
    """
    councils = {case.subject: case.holder for _, case in licences}
    ended: dict[str, Pairs] = {}
    for line in worklists.ended_last(connection, INSPECTION, LEFT_OPEN, REPORTED_ENDS):
        case = from_bytes(line.state)
        newer = [one for _, one in running.get(case.subject, []) if is_issued(one)]
        if not any(case.closed is not None and issued_at(one) > case.closed for one in newer):
            ended.setdefault(case.subject, []).append((inst.ground(connection, line.version), case))
    found: dict[str, list[Lack]] = {}
    for subject, council in councils.items():
        there = [*running.get(subject, []), *ended.get(subject, [])]
        some = [lack for ground, case in there for lack in lacks(ground, case, now, council)]
        nearest = sorted(some, key=lambda lack: (lack.until or date.max, lack.found))
        found[subject] = list({lack.code: lack for lack in reversed(nearest)}.values())
    return found


def home(inst: Installation, account: Account, code: str) -> HomePage:
    """The page of a home; raises NotFound. The look is written down first."""
    now = inst.clock()
    with writing(inst.engine) as connection:
        directory = _for_auditors(inst, connection, account)
        licences = [(g, c) for g, c in _cases(inst, connection, LICENCE, account.agency) if c.home == code]
        if not licences:
            raise NotFound(code)
        ground, licence = licences[0]
        readings.note(connection, account, licence.id, "home", now)
    with looking(inst.engine, everybody=True) as connection:
        ahead = _told_ahead(account, directory)
        running = _running(inst, connection, ahead, account.agency)
        left = _left_open(inst, connection, licences[:1], running, now)
        seen = [
            (g, c)
            for line in worklists.of_subject(connection, licence.subject, INSPECTION)
            for g, c in [(inst.ground(connection, line.version), from_bytes(line.state))]
            if (ahead or not _to_come(c)) and not c.is_shut_to(account.agency)
        ]
        standard = seen[-1][0].procedure.standard_of(AGREED) if seen else _standard(inst, connection)
    assert standard is not None, "the SOP of inspections rates by a standard"
    visits = [visit_of(g, c, now) for g, c in sorted(seen, key=lambda pair: pair[1].opened, reverse=True)]
    return HomePage(_entry(ground, licence, running, left, now), visits, standard, directory, now)


def _for_auditors(inst: Installation, connection: Connection, account: Account) -> Directory:
    directory = inst.directory(connection)
    if not may_audit(account, directory):
        raise NotFound(account.agency)
    return directory


def _standard(inst: Installation, connection: Connection) -> Standard | None:
    return inst.ground(connection, procedures.current(connection)[INSPECTION]).procedure.standard_of(AGREED)


def _cases(inst: Installation, connection: Connection, sop: str, reader: str) -> Pairs:
    """The cases of an SOP that are not closed, nor shut to the agency that reads, as by a conflict of interest."""
    lines = worklists.going_on(connection, sop)
    found = [(inst.ground(connection, line.version), from_bytes(line.state)) for line in lines]
    return [(ground, case) for ground, case in found if not case.is_shut_to(reader)]


def _told_ahead(account: Account, directory: Directory) -> bool:
    """Whether somebody learns of a visit before it has taken place: an NGO does not, for it may run homes itself."""
    return directory.agencies[account.agency].kind != NGO


def _to_come(case: Case) -> bool:
    """Whether an inspection has not come to the home yet."""
    return case.status != "closed" and (case.stage or case.entry) in BEFORE_THE_VISIT


def _running(inst: Installation, connection: Connection, ahead: bool, reader: str) -> dict[str, Pairs]:
    """The inspections that are going on, by home; those to come only where one is told ahead."""
    found: dict[str, Pairs] = {}
    for ground, case in _cases(inst, connection, INSPECTION, reader):
        if _to_come(case) and not ahead:
            continue
        found.setdefault(case.subject, []).append((ground, case))
    return found


def _entry(
    ground: Ground, case: Case, running: Mapping[str, Pairs], left: Mapping[str, list[Lack]], now: datetime
) -> Entry:
    values, there, open_ = case.values, running.get(case.subject, []), left.get(case.subject, [])
    inspections = [one for _, one in there]
    until = values.get("licence_until")
    today, visit = today_of(ground, case, now), _next_visit(ground, case, inspections)
    last_day = date.fromisoformat(str(until)) if until is not None else None
    stage, expired = case.stage or case.entry, last_day is not None and last_day < today
    return Entry(
        home=case.home or "",
        number=case.number,
        stage=stage,
        stage_title=stage_title(ground, case),
        follows=ground.agency(case, "local"),
        licence_until=last_day,
        expired=expired,
        valid=stage in HAS_A_LICENCE and not expired,
        grade=word_of(values, "last_grade"),
        audit_grade=word_of(values, "audit_grade"),
        open_findings=len(open_),
        critical=sum(lack.severity in URGENT for lack in open_),
        next_visit=visit,
        prepared=any(_to_come(one) for one in inspections),
        visit_late=visit is not None and visit < today,
        plan_late=any(plan_late(g, one, now) for g, one in there),
        under_way=tuple(stage_title(g, one) for g, one in there),
    )


def _next_visit(ground: Ground, case: Case, inspections: list[Case]) -> date | None:
    """The day of a visit that is prepared, where it is set; else when the next one is to be opened."""
    prepared = [one for one in inspections if _to_come(one)]
    if prepared:
        days = (one.values.get("visit_on") for one in prepared)
        return min((date.fromisoformat(str(day)) for day in days if day is not None), default=None)
    return min((today_of(ground, case, at) for at, _ in next_openings(ground, case)), default=None)


def _urgency(entry: Entry) -> tuple[int, int, str]:
    return -entry.critical, -entry.open_findings, entry.home
