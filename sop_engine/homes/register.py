"""The register of homes: licence, last grade, open findings, next visit; and for each finding whether it was fixed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from sop_engine.case.clock import next_openings, people_here, rows_of, stage_due
from sop_engine.case.directory import Directory
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case, from_bytes
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation
from sop_engine.sop import score
from sop_engine.sop.facts import still_open
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
HOME, RATE, AGREED = "home", "rate", "agreed"
REPORTED = "final_report"
NGO = "ngo"
URGENT = ("danger", "critical")
BEFORE_THE_VISIT = ("planned", "pre_visit")


@dataclass(frozen=True, slots=True)
class Entry:
    """One home in the register. Grades are small letters or none; `next_visit` is None where nothing is planned."""

    home: str
    number: str
    stage: str
    stage_title: Text
    follows: str | None
    licence_until: date | None
    grade: str | None
    audit_grade: str | None
    open_findings: int
    critical: int
    next_visit: datetime | None
    running: int


@dataclass(frozen=True, slots=True)
class Action:
    """What was promised about one criterion, by when, and whether it was seen to be fixed."""

    finding: str
    text: Text | None
    priority: Text
    due: str
    fixed: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """One inspection or audit: what it found, in how far two raters agreed, and what became of it.

    Nothing of what it found is there before its report is issued.
    """

    number: str
    opened: datetime
    kind: Text | None
    audit: bool
    stage_title: Text
    until: datetime | None
    result: score.Score | None
    findings: tuple[score.Finding, ...]
    agreement: score.Agreement | None
    actions: list[Action]


@dataclass(frozen=True, slots=True)
class HomePage:
    """A home: its entry and its visits, newest first; `standard` holds the criteria by which it was rated."""

    entry: Entry
    visits: list[Visit]
    standard: Standard
    directory: Directory
    now: datetime


def may_audit(account: Account, directory: Directory) -> bool:
    """Whether somebody's agency looks at homes: child rights bodies, local levels, ministries, NGOs."""
    agency = directory.agencies.get(account.agency)
    return agency is not None and agency.kind in AUDITING_KINDS


def register(inst: Installation, account: Account) -> tuple[list[Entry], Directory]:
    """Every home with a licence or an application, those that burn first; raises NotFound where one does not audit."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        directory = _for_auditors(inst, connection, account)
        running = _running(inst, connection, _told_ahead(account, directory))
        entries = [_entry(ground, case, running, now) for ground, case in _cases(inst, connection, LICENCE)]
    return sorted(entries, key=_urgency), directory


def home(inst: Installation, account: Account, code: str) -> HomePage:
    """The page of a home; raises NotFound. The look is written down first."""
    now = inst.clock()
    with writing(inst.engine) as connection:
        directory = _for_auditors(inst, connection, account)
        licences = [(g, c) for g, c in _cases(inst, connection, LICENCE) if c.parts.get(HOME) == code]
        if not licences:
            raise NotFound(code)
        ground, licence = licences[0]
        readings.note(connection, account, licence.id, "home", now)
    with looking(inst.engine) as connection:
        ahead = _told_ahead(account, directory)
        running = _running(inst, connection, ahead)
        seen = [
            (g, c)
            for line in worklists.of_subject(connection, licence.subject, INSPECTION)
            for g, c in [(inst.ground(connection, line.version), from_bytes(line.state))]
            if ahead or not _to_come(c)
        ]
        standard = seen[-1][0].procedure.standard_of(AGREED) if seen else _standard(inst, connection)
    assert standard is not None, "the SOP of inspections rates by a standard"
    visits = [_visit(g, c, now) for g, c in sorted(seen, key=lambda pair: pair[1].opened, reverse=True)]
    return HomePage(_entry(ground, licence, running, now), visits, standard, directory, now)


def _for_auditors(inst: Installation, connection: Connection, account: Account) -> Directory:
    directory = inst.directory(connection)
    if not may_audit(account, directory):
        raise NotFound(account.agency)
    return directory


def _standard(inst: Installation, connection: Connection) -> Standard | None:
    return inst.ground(connection, procedures.current(connection)[INSPECTION]).procedure.standard_of(AGREED)


def _cases(inst: Installation, connection: Connection, sop: str) -> list[tuple[Ground, Case]]:
    """The cases of an SOP that are not closed."""
    return [
        (inst.ground(connection, line.version), from_bytes(line.state)) for line in worklists.going_on(connection, sop)
    ]


def _told_ahead(account: Account, directory: Directory) -> bool:
    """Whether somebody learns of a visit before it has taken place: an NGO does not, for it may run homes itself."""
    return directory.agencies[account.agency].kind != NGO


def _to_come(case: Case) -> bool:
    """Whether an inspection has not come to the home yet."""
    return case.status != "closed" and (case.stage or case.entry) in BEFORE_THE_VISIT


def _running(inst: Installation, connection: Connection, ahead: bool) -> dict[str, list[tuple[Ground, Case]]]:
    """The inspections that are going on, by home; those to come only where one is told ahead."""
    found: dict[str, list[tuple[Ground, Case]]] = {}
    for ground, case in _cases(inst, connection, INSPECTION):
        if _to_come(case) and not ahead:
            continue
        found.setdefault(case.subject, []).append((ground, case))
    return found


def _entry(ground: Ground, case: Case, running: Mapping[str, list[tuple[Ground, Case]]], now: datetime) -> Entry:
    values, inspections = case.values, [one for _, one in running.get(case.subject, [])]
    left = [row for one in inspections for row in unfixed(one)]
    planned = any(rows_of(one.values, "actions") for one in inspections)
    still = len(left) if planned else _number(values, "still_open")
    urgent = sum(row.get("priority") in URGENT for row in left) if planned else _number(values, "still_critical")
    until = values.get("licence_until")
    stage = ground.procedure.sop.stages.get(case.stage or case.entry)
    return Entry(
        home=case.parts.get(HOME, ""),
        number=case.number,
        stage=case.stage or case.entry,
        stage_title=stage.title if stage is not None else Text(case.status),
        follows=ground.agency(case, "local"),
        licence_until=date.fromisoformat(str(until)) if until is not None else None,
        grade=_word(values, "last_grade"),
        audit_grade=_word(values, "audit_grade"),
        open_findings=still,
        critical=min(urgent, still),
        next_visit=_next_visit(ground, case, inspections, now),
        running=len(inspections),
    )


def _next_visit(ground: Ground, case: Case, inspections: list[Case], now: datetime) -> datetime | None:
    """The day of a visit that is planned, else when the next one is to be opened."""
    zone = ground.directory.calendar_of(case.holder or case.opener).zone
    planned = [
        datetime.fromisoformat(str(one.values["visit_on"])).replace(tzinfo=zone)
        for one in inspections
        if _to_come(one) and "visit_on" in one.values
    ]
    return min(planned or [at for at, _ in next_openings(ground, case)], default=None)


def _visit(ground: Ground, case: Case, now: datetime) -> Visit:
    sop, standard = ground.procedure.sop, ground.procedure.standard_of(AGREED)
    assert standard is not None, "the SOP of inspections rates by a standard"
    ended = sop.outcomes.get(case.outcome or "")
    stage = sop.stages.get(case.stage or case.entry)
    due = stage_due(ground, case, now)
    issued = case.status == "closed" or REPORTED in case.left
    ratings = score.ratings_of(rows_of(case.values, AGREED)) if issued else {}
    danger = case.values.get("danger_found") == "yes"
    return Visit(
        number=case.number,
        opened=case.opened,
        kind=_label(ground, case.values, "visit_kind"),
        audit=case.entry == "auditing",
        stage_title=ended.title if ended is not None else stage.title if stage is not None else Text(case.status),
        until=due.at if due is not None else None,
        result=score.score(standard, ratings, danger) if ratings else None,
        findings=score.findings(standard, ratings, danger) if ratings else (),
        agreement=_agreement(ground, case, standard) if issued else None,
        actions=_actions(ground, case, standard, now),
    )


def _agreement(ground: Ground, case: Case, standard: Standard) -> score.Agreement | None:
    """How far the first two raters agreed, once both have rated."""
    step = "audit_rate" if case.entry == "auditing" else RATE
    records = people_here(ground, case, step)
    if len(records) < ground.procedure.step_of(step).different_people:
        return None
    first, second = (score.ratings_of(rows_of(one.values, "ratings")) for one in records[:2])
    return score.agree(standard, first, second)


def _actions(ground: Ground, case: Case, standard: Standard, now: datetime) -> list[Action]:
    left = [row.get("finding") for row in unfixed(case)]
    criteria = standard.criteria()
    labels = ground.procedure.fields["actions"].row["priority"].labels
    today = now.date().isoformat()
    found = []
    for row in rows_of(case.values, "actions"):
        code, due = str(row.get("finding", "")), str(row.get("due", ""))
        done = code not in left
        text = criteria[code].text if code in criteria else None
        priority = str(row.get("priority", ""))
        overdue = not done and bool(due) and due < today
        found.append(Action(code, text, labels.get(priority, Text(priority)), due, done, overdue))
    return found


def unfixed(case: Case) -> list[dict[str, Any]]:
    """The actions of an inspection that nobody has seen to be fixed."""
    return still_open(rows_of(case.values, "actions"), rows_of(case.values, "checks"))


def _word(values: Mapping[str, Any], name: str) -> str | None:
    return str(values[name]) if name in values else None


def _label(ground: Ground, values: Mapping[str, Any], name: str) -> Text | None:
    """The words for an open answer, as its field labels it."""
    word = _word(values, name)
    return ground.procedure.fields[name].labels.get(word, Text(word)) if word is not None else None


def _number(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name, 0)
    return value if isinstance(value, int) else 0


def _urgency(entry: Entry) -> tuple[int, int, str]:
    return -entry.critical, -entry.open_findings, entry.home
