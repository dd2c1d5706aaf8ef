"""One inspection or audit of a home as an auditor reads it: what it found, who agreed, and what became of it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop_engine.case.clock import people_here, rows_of, stage_due
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case
from sop_engine.homes.lacks import (
    AGREED,
    PLAN_DUE,
    Action,
    actions,
    found_by,
    is_issued,
    last_day,
    severity_titles,
    today_of,
    unplanned,
)  # fmt: skip
from sop_engine.sop import score
from sop_engine.sop.language import Text
from sop_engine.sop.standards import Standard

RATE = "rate"


@dataclass(frozen=True, slots=True)
class Found:
    """One criterion that was not met, or `danger`, with its highest severity."""

    code: str
    severity: str
    severity_title: Text


@dataclass(frozen=True, slots=True)
class Visit:
    """One inspection or audit: what it found, in how far two raters agreed, and what became of it.

    Nothing of what it found is there before its report is issued. `findings` are each criterion once. `plan_late` as in
    an entry, and `days_late` by how many days, counted as of a finding; `unplanned` are criteria that were found and
    stand in no action of the plan.
    """

    number: str
    opened: datetime
    kind: Text | None
    audit: bool
    stage_title: Text
    until: datetime | None
    result: score.Score | None
    findings: tuple[Found, ...]
    agreement: score.Agreement | None
    actions: list[Action]
    plan_late: bool
    days_late: int
    unplanned: tuple[str, ...]


def visit_of(ground: Ground, case: Case, now: datetime) -> Visit:
    sop, standard = ground.procedure.sop, ground.procedure.standard_of(AGREED)
    assert standard is not None, "the SOP of inspections rates by a standard"
    ended = sop.outcomes.get(case.outcome or "")
    due = stage_due(ground, case, now)
    issued, late = is_issued(case), plan_late(ground, case, now)
    ratings = score.ratings_of(rows_of(case.values, AGREED)) if issued else {}
    danger = case.values.get("danger_found") == "yes"
    return Visit(
        number=case.number,
        opened=case.opened,
        kind=_label(ground, case.values, "visit_kind"),
        audit=case.entry == "auditing",
        stage_title=ended.title if ended is not None else stage_title(ground, case),
        until=due.at if due is not None else None,
        result=score.score(standard, ratings, danger) if ratings else None,
        findings=tuple(_found(ground, case)) if issued else (),
        agreement=_agreement(ground, case, standard) if issued else None,
        actions=actions(ground, case, now),
        plan_late=late,
        days_late=(today_of(ground, case, now) - last_day(ground, case, due.at)).days if late and due else 0,
        unplanned=unplanned(ground, case) if issued else (),
    )


def plan_late(ground: Ground, case: Case, now: datetime) -> bool:
    due = stage_due(ground, case, now) if case.stage == PLAN_DUE else None
    return due is not None and due.at < now


def _agreement(ground: Ground, case: Case, standard: Standard) -> score.Agreement | None:
    """How far the first two raters agreed, once both have rated."""
    step = "audit_rate" if case.entry == "auditing" else RATE
    records = people_here(ground, case, step)
    if len(records) < ground.procedure.step_of(step).different_people:
        return None
    first, second = (score.ratings_of(rows_of(one.values, "ratings")) for one in records[:2])
    return score.agree(standard, first, second)


def _found(ground: Ground, case: Case) -> Iterator[Found]:
    titles = severity_titles(ground)
    for code, severity in found_by(ground, case).items():
        yield Found(code, severity, titles.get(severity, Text(severity)))


def stage_title(ground: Ground, case: Case) -> Text:
    stage = ground.procedure.sop.stages.get(case.stage or case.entry)
    return stage.title if stage is not None else Text(case.status)


def word_of(values: Mapping[str, Any], name: str) -> str | None:
    return str(values[name]) if name in values else None


def _label(ground: Ground, values: Mapping[str, Any], name: str) -> Text | None:
    """The words for an open answer, as its field labels it."""
    word = word_of(values, name)
    return ground.procedure.fields[name].labels.get(word, Text(word)) if word is not None else None
