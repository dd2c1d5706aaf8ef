"""The ministry's page: for an SOP and a period, what was opened and closed, in time or not, held and awaited by whom.

Every figure carries the cases that it counts, so that opening it shows exactly those.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop_engine.case.directory import Directory
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Text
from sop_engine.sop.procedure import Procedure
from sop_engine.store import figures, procedures
from sop_engine.store.database import looking
from sop_engine.store.figures import CaseRow, Found, Stay, Wait
from sop_engine.store.people import Account

REVIEWING_KINDS = frozenset({"ministry_women", "ministry_home", "nccht", "ncrc", "oversight"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the cases behind it; `of` is what it is a share of, where it is one."""

    key: str
    label: Text
    cases: frozenset[str]
    of: frozenset[str] | None = None

    @property
    def share(self) -> float | None:
        return len(self.cases) / len(self.of) if self.of else None


@dataclass(frozen=True, slots=True)
class StageLine:
    """How many stays in a stage with an agency ended in time, of `n` that ended with a deadline."""

    stage: str
    title: Text
    agency: str
    n: int
    in_time: int
    late_cases: frozenset[str]
    cases: frozenset[str]


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """How long an agency held cases in the period, and during how much of it the answer of another was awaited."""

    agency: str
    held: timedelta
    awaited: timedelta
    cases: frozenset[str]


@dataclass(frozen=True, slots=True)
class FoundLine:
    verdict: str
    kind: str
    count: int
    cases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Review:
    """Everything on the ministry's page."""

    sop: str
    procedure: Procedure
    start: datetime
    end: datetime
    figures: list[Figure]
    stages: list[StageLine]
    agencies: list[AgencyLine]
    findings: list[FoundLine]
    departures: list[FoundLine]
    rows: dict[str, CaseRow]
    directory: Directory
    now: datetime

    def cases_of(self, key: str) -> list[CaseRow]:
        """The cases behind a figure, by its key; none for an unknown key."""
        ids: Iterable[str] = next((one for name, one in self._all_keys() if name == key), frozenset())
        return sorted((self.rows[case] for case in ids if case in self.rows), key=lambda row: row.number)

    def _all_keys(self) -> list[tuple[str, frozenset[str]]]:
        found = [(figure.key, figure.cases) for figure in self.figures]
        found += [(f"stage.{line.stage}.{line.agency}", line.cases) for line in self.stages]
        found += [(f"late.{line.stage}.{line.agency}", line.late_cases) for line in self.stages]
        found += [(f"agency.{line.agency}", line.cases) for line in self.agencies]
        found += [(f"{line.verdict}.{line.kind}", line.cases) for line in (*self.findings, *self.departures)]
        return found


def may_review(account: Account, directory: Directory) -> bool:
    """Whether somebody's agency reviews: ministries, committees and oversight bodies."""
    agency = directory.agencies.get(account.agency)
    return agency is not None and agency.kind in REVIEWING_KINDS


def review(inst: Installation, account: Account, sop: str, start: datetime, end: datetime) -> Review:
    """The review of an SOP over a period; raises NotFound for those who do not review and for unknown SOPs."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        directory = inst.directory(connection)
        versions = procedures.current(connection)
        if not may_review(account, directory) or sop not in versions:
            raise NotFound(sop)
        rows = figures.cases(connection, sop, start, end)
        stays = figures.stays(connection, sop, start, end)
        waits = figures.waits(connection, sop, start, end)
        found = figures.found(connection, sop, start, end)
        procedure = inst.ground(connection, versions[sop]).procedure
    return Review(
        sop=sop,
        procedure=procedure,
        start=start,
        end=end,
        figures=_figures(rows, start, end, now),
        stages=_stages(procedure, stays, start, end),
        agencies=_agencies(stays, waits, start, min(end, now)),
        findings=_lines(found, "finding"),
        departures=_lines(found, "departure"),
        rows={row.case_id: row for row in rows},
        directory=directory,
        now=now,
    )


def _figures(rows: list[CaseRow], start: datetime, end: datetime, now: datetime) -> list[Figure]:
    everything = frozenset(row.case_id for row in rows)

    def those(key: str, en: str, ne: str, cases: Iterable[CaseRow], of: frozenset[str] | None = None) -> Figure:
        return Figure(key, Text(en, ne), frozenset(row.case_id for row in cases), of)

    still_open = [row for row in rows if row.closed is None or row.closed >= end]
    late = [row for row in still_open if row.due is not None and row.due < now]
    return [
        those("opened", "Opened", "खोलिएका", (row for row in rows if row.opened >= start)),
        those("open", "Open", "खुला", still_open, everything),
        those(
            "closed", "Closed", "बन्द", (row for row in rows if row.closed is not None and row.closed < end), everything
        ),
        those("late", "Open and late", "खुला र ढिला", late, frozenset(row.case_id for row in still_open)),
    ]


def _stages(procedure: Procedure, stays: list[Stay], start: datetime, end: datetime) -> list[StageLine]:
    ended: dict[tuple[str, str], list[Stay]] = defaultdict(list)
    for stay in stays:
        if stay.stage is not None and stay.due is not None and stay.ended is not None and start <= stay.ended < end:
            ended[stay.stage, stay.holder].append(stay)
    order = {str(name): number for number, name in enumerate(procedure.sop.stages)}
    lines = []
    for (stage, agency), listed in sorted(ended.items(), key=lambda pair: (order.get(pair[0][0], 99), pair[0][1])):
        late = [stay for stay in listed if stay.ended is not None and stay.due is not None and stay.ended > stay.due]
        title = procedure.sop.stages[stage].title if stage in procedure.sop.stages else Text(stage)
        lines.append(
            StageLine(
                stage, title, agency, len(listed), len(listed) - len(late),
                frozenset(stay.case_id for stay in late), frozenset(stay.case_id for stay in listed),
            )
        )  # fmt: skip
    return lines


def _agencies(stays: list[Stay], waits: list[Wait], start: datetime, end: datetime) -> list[AgencyLine]:
    waits_of: dict[str, list[Wait]] = defaultdict(list)
    for wait in waits:
        waits_of[wait.case_id].append(wait)
    held: dict[str, timedelta] = defaultdict(timedelta)
    waited: dict[str, timedelta] = defaultdict(timedelta)
    cases: dict[str, set[str]] = defaultdict(set)
    for stay in stays:
        begun, ended = max(stay.begun, start), min(stay.ended or end, end)
        if ended <= begun:
            continue
        held[stay.holder] += ended - begun
        waited[stay.holder] += _covered(begun, ended, waits_of[stay.case_id])
        cases[stay.holder].add(stay.case_id)
    return [
        AgencyLine(agency, held[agency], waited[agency], frozenset(cases[agency]))
        for agency in sorted(held, key=lambda agency: -held[agency])
    ]


def _covered(begun: datetime, ended: datetime, waits: list[Wait]) -> timedelta:
    """How much of an interval lies inside at least one wait."""
    covered, reached = timedelta(0), begun
    for wait in sorted(waits, key=lambda wait: wait.begun):
        low, high = max(wait.begun, reached), min(wait.ended or ended, ended)
        if high > low:
            covered += high - low
            reached = high
    return covered


def _lines(found: list[Found], verdict: str) -> list[FoundLine]:
    of_kind: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        if one.verdict == verdict:
            of_kind[one.kind].append(one)
    return [
        FoundLine(verdict, kind, len(listed), frozenset(one.case_id for one in listed))
        for kind, listed in sorted(of_kind.items(), key=lambda pair: -len(pair[1]))
    ]
