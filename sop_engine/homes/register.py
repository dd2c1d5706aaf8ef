"""The register of homes: licence, last grade, open findings, next visit; and for each finding whether it was fixed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    """One home in the register. Grades are small letters or none.

    `next_visit` is the day of a visit, or where none is prepared (`prepared`) the day from which one is due; None where
    no day is known. `under_way` are the stages of the inspections that are not over. `expired` says that the last day
    of the licence has passed.
    """

    home: str
    number: str
    stage: str
    stage_title: Text
    follows: str | None
    licence_until: date | None
    expired: bool
    grade: str | None
    audit_grade: str | None
    open_findings: int
    critical: int
    next_visit: date | None
    prepared: bool
    visit_late: bool
    under_way: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """What was promised about one criterion, by when, and whether it was seen to be fixed."""

    finding: str
    text: Text | None
    priority: Text
    due: date | None
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
    values, there = case.values, running.get(case.subject, [])
    inspections = [one for _, one in there]
    left = [row for one in inspections for row in unfixed(one)]
    planned = any(rows_of(one.values, "actions") for one in inspections)
    still = len(_codes(left)) if planned else _number(values, "still_open")
    urgent = len(_codes(row for row in left if row.get("priority") in URGENT))
    until = values.get("licence_until")
    today, visit = _today(ground, case, now), _next_visit(ground, case, inspections)
    last_day = date.fromisoformat(str(until)) if until is not None else None
    stage = ground.procedure.sop.stages.get(case.stage or case.entry)
    return Entry(
        home=case.parts.get(HOME, ""),
        number=case.number,
        stage=case.stage or case.entry,
        stage_title=stage.title if stage is not None else Text(case.status),
        follows=ground.agency(case, "local"),
        licence_until=last_day,
        expired=last_day is not None and last_day < today,
        grade=_word(values, "last_grade"),
        audit_grade=_word(values, "audit_grade"),
        open_findings=still,
        # What was told at the grading holds until a plan says more, and no longer once the inspection is over.
        critical=min(urgent if planned else _number(values, "still_critical") if inspections else 0, still),
        next_visit=visit,
        prepared=any(_to_come(one) for one in inspections),
        visit_late=visit is not None and visit < today,
        under_way=tuple(_stage_title(g, one) for g, one in there),
    )


def _codes(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """The findings of these rows, each once, also where two inspections or two rows name it."""
    return {str(row.get("finding")) for row in rows}


def _stage_title(ground: Ground, case: Case) -> Text:
    stage = ground.procedure.sop.stages.get(case.stage or case.entry)
    return stage.title if stage is not None else Text(case.status)


def _today(ground: Ground, case: Case, now: datetime) -> date:
    return now.astimezone(ground.directory.calendar_of(case.holder or case.opener).zone).date()


def _next_visit(ground: Ground, case: Case, inspections: list[Case]) -> date | None:
    """The day of a visit that is prepared, where it is set; else when the next one is to be opened."""
    prepared = [one for one in inspections if _to_come(one)]
    if prepared:
        days = (one.values.get("visit_on") for one in prepared)
        return min((date.fromisoformat(str(day)) for day in days if day is not None), default=None)
    return min((_today(ground, case, at) for at, _ in next_openings(ground, case)), default=None)


def _visit(ground: Ground, case: Case, now: datetime) -> Visit:
    sop, standard = ground.procedure.sop, ground.procedure.standard_of(AGREED)
    assert standard is not None, "the SOP of inspections rates by a standard"
    ended = sop.outcomes.get(case.outcome or "")
    due = stage_due(ground, case, now)
    issued = case.status == "closed" or REPORTED in case.left
    ratings = score.ratings_of(rows_of(case.values, AGREED)) if issued else {}
    danger = case.values.get("danger_found") == "yes"
    return Visit(
        number=case.number,
        opened=case.opened,
        kind=_label(ground, case.values, "visit_kind"),
        audit=case.entry == "auditing",
        stage_title=ended.title if ended is not None else _stage_title(ground, case),
        until=due.at if due is not None else None,
        result=score.score(standard, ratings, danger) if ratings else None,
        findings=_each_once(score.findings(standard, ratings, danger)) if ratings else (),
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


def _each_once(findings: tuple[score.Finding, ...]) -> tuple[score.Finding, ...]:
    """Findings without the criteria that stand in one before: what is critical stands in its weak area too."""
    seen: set[str] = set()
    kept = []
    for finding in findings:
        new = tuple(code for code in finding.criteria if code not in seen)
        seen.update(new)
        if new or not finding.criteria:
            kept.append(replace(finding, criteria=new))
    return tuple(kept)


def _actions(ground: Ground, case: Case, standard: Standard, now: datetime) -> list[Action]:
    """What was promised, each finding once: with its highest priority and its earliest day."""
    left, criteria = _codes(unfixed(case)), standard.criteria()
    said = ground.procedure.fields["actions"].row["priority"]
    ranks, today = {str(word): number for number, word in enumerate(said.of)}, _today(ground, case, now)
    rows = rows_of(case.values, "actions")
    found = []
    for code in dict.fromkeys(str(row.get("finding", "")) for row in rows):
        mine = [row for row in rows if str(row.get("finding", "")) == code]
        priority = min((str(row.get("priority", "")) for row in mine), key=lambda word: ranks.get(word, len(ranks)))
        due = min((date.fromisoformat(str(row["due"])) for row in mine if row.get("due")), default=None)
        text = criteria[code].text if code in criteria else None
        overdue = code in left and due is not None and due < today
        found.append(Action(code, text, said.labels.get(priority, Text(priority)), due, code not in left, overdue))
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
