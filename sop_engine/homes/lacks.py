"""What one inspection found: what of it is not fixed, by when it must be, and who has seen that it is. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sop_engine.case.clock import rows_due, rows_of, stage_due, values_now
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case
from sop_engine.sop import score
from sop_engine.sop.facts import still_open
from sop_engine.sop.language import Text

AGREED, ACTIONS, CHECKS = "agreed", "actions", "checks"
REPORTED, ON_SITE, PLAN_DUE, CARRYING_OUT = "final_report", "on_site", "plan_due", "carrying_out"
CHECKING = ("check_actions", "see_again")
DANGER = "danger"
# What the standard calls the urgency of a finding, in the words in which a plan says it: the most urgent first.
PRIORITIES = {"P0": DANGER, "P1": "critical", "P2": "major", "P3": "minor"}
URGENT = (DANGER, "critical")
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Lack:
    """One criterion that a home did not meet, and that nobody has seen to be fixed.

    `code` is the criterion, or `danger`, which has no `text`. `until` is the last day: that of the plan, or while the
    home owes its plan (`plan_owed`) the day by which that must be there; None where no plan names the finding.
    `acts` is the agency that must act, `acts_for` the one for which it does. `days_late` is 0 while there is time.
    """

    number: str
    code: str
    text: Text | None
    severity: str
    severity_title: Text
    found: date
    until: date | None
    plan_owed: bool
    acts: str | None
    acts_for: str | None
    days_late: int


@dataclass(frozen=True, slots=True)
class Action:
    """What was promised about one criterion, by when, and who saw on which day that it was fixed."""

    finding: str
    text: Text | None
    priority: Text
    found: date
    due: date | None
    fixed: bool
    overdue: bool
    fixed_on: date | None
    checked_by: str | None


def is_issued(case: Case) -> bool:
    """Whether the report of an inspection is there, and with it what was found."""
    return case.status == "closed" or REPORTED in case.left


def issued_at(case: Case) -> datetime:
    """When the report was issued."""
    return case.left.get(REPORTED) or case.closed or case.opened


def lacks(ground: Ground, case: Case, now: datetime, council: str | None) -> list[Lack]:
    """What an inspection found that is not fixed, the most urgent first; nothing before its report is issued.

    `council` is who follows the licence: it must act where the inspection is over.
    """
    if not is_issued(case):
        return []
    labels, texts, today = severity_titles(ground), _texts(ground), today_of(ground, case, now)
    ranks, found_on, owed = list(labels), _found_on(ground, case), case.stage == PLAN_DUE
    acts, acts_for = (council, None) if case.status == "closed" else (case.holder, case.holder_for)
    found = [
        Lack(
            case.number, code, texts.get(code), severity, labels.get(severity, Text(severity)), found_on, until, owed,
            acts, acts_for, max((today - until).days, 0) if until is not None else 0,
        )
        for code, (severity, until) in _still(ground, case, now, ranks).items()
    ]  # fmt: skip
    return sorted(found, key=lambda lack: _rank(ranks, lack.severity))


def _still(ground: Ground, case: Case, now: datetime, ranks: list[str]) -> dict[str, tuple[str, date | None]]:
    """What is not fixed: each criterion with its severity, the higher one of report and plan, and its last day."""
    found = found_by(ground, case)
    if CARRYING_OUT not in case.entered:
        due = stage_due(ground, case, now) if case.stage == PLAN_DUE else None
        until = last_day(ground, case, due.at) if due is not None else None
        return {code: (severity, until) for code, severity in found.items()}
    planned, days = codes(rows_of(case.values, ACTIONS)), _days(ground, case, now)
    still: dict[str, tuple[str, date | None]] = {c: (word, None) for c, word in found.items() if c not in planned}
    for row in unfixed(case):
        code, said = str(row.get("finding")), str(row.get("priority"))
        known = [still[code][0]] if code in still else [found[code]] if code in found else []
        still[code] = (min([said, *known], key=lambda word: _rank(ranks, word)), days.get(code))
    return still


def found_by(ground: Ground, case: Case) -> dict[str, str]:
    """The criteria that an inspection found not to be met, each with its highest severity."""
    ratings = score.ratings_of(rows_of(case.values, AGREED))
    standard = ground.procedure.standard_of(AGREED)
    if not ratings or standard is None:
        return {}
    found: dict[str, str] = {}
    for finding in score.findings(standard, ratings, case.values.get("danger_found") == "yes"):
        for code in finding.criteria or (DANGER,):
            found.setdefault(str(code), PRIORITIES[finding.priority])
    return found


def unplanned(ground: Ground, case: Case) -> tuple[str, ...]:
    """What was found and stands in no action, once there is a plan."""
    planned = codes(rows_of(case.values, ACTIONS))
    return tuple(code for code in found_by(ground, case) if planned and code not in planned)


def unfixed(case: Case) -> list[dict[str, Any]]:
    """The actions of an inspection that nobody has seen to be fixed."""
    return still_open(rows_of(case.values, ACTIONS), rows_of(case.values, CHECKS))


def codes(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """The findings of these rows, each once, also where two rows name it."""
    return {str(row.get("finding")) for row in rows}


def actions(ground: Ground, case: Case, now: datetime) -> list[Action]:
    """What was promised, each finding once: with its highest priority, its earliest day, and who saw it fixed."""
    left, labels, texts = codes(unfixed(case)), severity_titles(ground), _texts(ground)
    ranks, today, days = list(labels), today_of(ground, case, now), _days(ground, case, now)
    rows = rows_of(case.values, ACTIONS)
    found = []
    for code in dict.fromkeys(str(row.get("finding", "")) for row in rows):
        mine = [row for row in rows if str(row.get("finding", "")) == code]
        priority = min((str(row.get("priority", "")) for row in mine), key=lambda word: _rank(ranks, word))
        said = min((date.fromisoformat(str(row["due"])) for row in mine if row.get("due")), default=None)
        due = days.get(code, said)
        overdue = code in left and due is not None and due < today
        seen = _seen_fixed(ground, case, code) if code not in left else (None, None)
        words = labels.get(priority, Text(priority))
        found.append(
            Action(code, texts.get(code), words, _found_on(ground, case), due, code not in left, overdue, *seen)
        )
    return found


def _seen_fixed(ground: Ground, case: Case, code: str) -> tuple[date | None, str | None]:
    """On which day and by whom a finding was seen to be fixed, first since it was last seen open."""
    looks = sorted(
        (
            (one.happened, state.agency, row)
            for name in CHECKING
            if (state := case.steps.get(name)) is not None
            for one in state.recent
            for row in rows_of(one.values, CHECKS)
            if str(row.get("finding")) == code
        ),
        key=lambda look: look[0],
    )
    seen: tuple[date | None, str | None] = (None, None)
    for happened, agency, row in looks:
        if row.get("fixed") != "yes":
            seen = (None, None)
        elif seen[1] is None:
            said = row.get("checked_on")
            seen = (date.fromisoformat(str(said)) if said else today_of(ground, case, happened), agency)
    return seen


def today_of(ground: Ground, case: Case, now: datetime) -> date:
    """The day that it is at the agency that is accountable."""
    return now.astimezone(ground.directory.calendar_of(case.holder or case.opener).zone).date()


def _found_on(ground: Ground, case: Case) -> date:
    """The day on which the inspectors left the home; of an audit, on which it was closed."""
    return today_of(ground, case, case.left.get(ON_SITE) or issued_at(case))


def _days(ground: Ground, case: Case, now: datetime) -> dict[str, date]:
    """The last day of each finding that is put right: no later than the procedure allows, or as it was extended."""
    start, stage = case.entered.get(CARRYING_OUT), ground.procedure.sop.stages.get(CARRYING_OUT)
    if start is None or stage is None:
        return {}
    values, longer = values_now(ground, case, now), case.extended_until if case.stage == CARRYING_OUT else None
    found: dict[str, date] = {}
    for said in stage.deadline:
        for row, at in rows_due(ground, case, said, start, values) if said.each is not None else ():
            day, code = last_day(ground, case, max(at, longer) if longer is not None else at), str(row.get("finding"))
            found[code] = min(day, found.get(code, day))
    return found


def last_day(ground: Ground, case: Case, at: datetime) -> date:
    """The last day of a limit: one that ends at midnight ends with the day before."""
    return today_of(ground, case, at - A_MOMENT)


def severity_titles(ground: Ground) -> dict[str, Text]:
    """The severities, the most urgent first, with their words."""
    said = ground.procedure.fields[ACTIONS].row["priority"]
    return {str(word): said.labels.get(word, Text(str(word))) for word in said.of}


def _texts(ground: Ground) -> dict[str, Text]:
    standard = ground.procedure.standard_of(AGREED)
    return {str(code): one.text for code, one in standard.criteria().items()} if standard is not None else {}


def _rank(ranks: list[str], word: str) -> int:
    return ranks.index(word) if word in ranks else len(ranks)
