"""The ministry's page: for an SOP and a period, what was opened and closed, in time or not, held and awaited by whom.

Every figure carries what it counts (cases, stays in a stage, findings), so that opening it shows exactly those.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sop_engine.case.accountability import outcome_title
from sop_engine.case.directory import Directory
from sop_engine.case.state import MERGED
from sop_engine.compliance.items import Item
from sop_engine.compliance.waits import WaitLine, stay_before, wait_lines
from sop_engine.services import sops
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Text
from sop_engine.sop.procedure import Procedure
from sop_engine.store import figures, procedures
from sop_engine.store.database import looking
from sop_engine.store.figures import CaseRow, Found, Stay, Wait
from sop_engine.store.people import Account

Row = TypeVar("Row", CaseRow, Stay, Wait, Found)
REVIEWING_KINDS = frozenset({"ministry_women", "ministry_home", "nccht", "ncrc", "oversight", "attorney_general"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts; `of` is how many it is a share of, where it is one."""

    key: str
    label: Text
    items: tuple[Item, ...]
    of: int | None = None

    @property
    def share(self) -> float | None:
        return len(self.items) / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class StageLine:
    """The stays in a stage with an agency that have a deadline and ended in the period or are overdue in it."""

    stage: str
    title: Text
    agency: str
    items: tuple[Item, ...]
    late: tuple[Item, ...]

    @property
    def in_time(self) -> float:
        """The share that ended before its deadline."""
        return 1 - len(self.late) / len(self.items)


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """How long an agency held cases in the period, and during how much of it the answer of another was awaited."""

    agency: str
    held: timedelta
    awaited: timedelta
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class FoundLine:
    verdict: str
    kind: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Everything on the ministry's page; `counted_until` is the end of the period, or now where that is earlier."""

    sop: str
    procedure: Procedure
    start: datetime
    end: datetime
    counted_until: datetime
    figures: list[Figure]
    stages: list[StageLine]
    agencies: list[AgencyLine]
    waits: list[WaitLine]
    findings: list[FoundLine]
    departures: list[FoundLine]
    directory: Directory
    now: datetime

    def counted(self, key: str) -> tuple[list[Text], tuple[Item, ...]]:
        """What a figure is called and what it counts, by its key; raises NotFound for an unknown key."""
        for known, label, items in self.all():
            if known == key:
                return label, items
        raise NotFound(key)

    def all(self) -> Iterator[tuple[str, list[Text], tuple[Item, ...]]]:
        """Every figure: its key, what it is called, and what it counts."""
        for figure in self.figures:
            yield figure.key, [figure.label], figure.items
        for line in self.stages:
            label = [line.title, self.directory.title(line.agency)]
            yield f"stage.{line.stage}.{line.agency}", label, line.items
            yield f"late.{line.stage}.{line.agency}", [*label, Text("late", "ढिला")], line.late
        for held in self.agencies:
            yield f"agency.{held.agency}", [self.directory.title(held.agency)], held.items
        for waited in self.waits:
            label = [Text("Waited for", "पर्खिइएको"), self.directory.title(waited.agency)]
            yield f"wait.{waited.agency}", label, waited.items
            yield f"still.{waited.agency}", [*label, Text("No answer yet", "अझै उत्तर आएको छैन")], waited.still
        for found in (*self.findings, *self.departures):
            yield f"{found.verdict}.{found.kind}", [Text(found.kind)], found.items


def may_review(account: Account, directory: Directory) -> bool:
    """Whether somebody works for an agency that reviews: ministries, committees and oversight bodies."""
    agency = directory.agencies.get(account.agency)
    return account.works and agency is not None and agency.kind in REVIEWING_KINDS


def reviewed_by(inst: Installation, account: Account) -> list[Procedure]:
    """The procedures that an agency reviews: those about suspects, or all others."""
    works_on = inst.directory_now().works_on
    return [one for one in sops.in_force(inst) if works_on(account.agency, str(one.sop.about))]


def review(inst: Installation, account: Account, sop: str, start: datetime, end: datetime) -> Review:
    """The review of an SOP over a period; raises NotFound for those who do not review and for unknown SOPs."""
    now = inst.clock()
    with looking(inst.engine, everybody=True) as connection:
        directory = inst.directory(connection)
        versions = procedures.current(connection)
        if not may_review(account, directory) or sop not in versions:
            raise NotFound(sop)
        rows = figures.cases(connection, sop, start, end)
        stays = figures.stays(connection, sop, start, end)
        waits = figures.waits(connection, sop, start, end)
        found = figures.found(connection, sop, start, end)
        procedure = inst.ground(connection, versions[sop]).procedure
        if not directory.works_on(account.agency, str(procedure.sop.about)):
            raise NotFound(sop)
        if any(part.kept_out for part in procedure.sop.agencies.values()):
            unseen = figures.kept_from(connection, sop, account.agency)
            rows, stays = _seen(rows, unseen), _seen(stays, unseen)
            waits, found = _seen(waits, unseen), _seen(found, unseen)
    counting = _Counting(procedure, {row.case_id: row for row in rows}, start, min(end, now))
    return Review(
        sop=sop,
        procedure=procedure,
        start=start,
        end=end,
        counted_until=counting.end,
        figures=counting.figures(),
        stages=counting.stages(stays),
        agencies=counting.agencies(stays, waits),
        waits=counting.waits(waits, stays),
        findings=counting.found(found, "finding"),
        departures=counting.found(found, "departure"),
        directory=directory,
        now=now,
    )


def _seen(rows: list[Row], unseen: set[str]) -> list[Row]:
    """Rows without those of cases of which the reader is not to know."""
    return [row for row in rows if row.case_id not in unseen]


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts the rows of a period; nothing after `end`, which is never in the future, is known to it."""

    procedure: Procedure
    rows: Mapping[str, CaseRow]
    start: datetime
    end: datetime

    def figures(self) -> list[Figure]:
        merged = [row for row in self.rows.values() if self._is_merged(row)]
        rows = [row for row in self.rows.values() if not self._is_merged(row)]
        still_open = [row for row in rows if row.closed is None or row.closed >= self.end]
        closed = [row for row in rows if row.closed is not None and row.closed < self.end]
        late = [row for row in still_open if row.due is not None and row.due < self.end]
        opened = [row for row in rows if row.opened >= self.start]
        return [
            Figure("opened", Text("Opened", "खोलिएका"), self._cases(opened)),
            Figure("open", Text("Open", "खुला"), self._cases(still_open), len(rows)),
            Figure("closed", Text("Closed", "बन्द"), self._cases(closed), len(rows)),
            Figure("late", Text("Open and late", "खुला र ढिला"), _latest_first(self._cases(late)), len(still_open)),
            Figure("merged", Text("Joined to another case", "अर्को विषयमा गाभिएका"), self._cases(merged)),
        ]

    def _is_merged(self, row: CaseRow) -> bool:
        """Whether a case had been joined to another of the same person by the end: she is counted there."""
        return row.outcome == MERGED and row.closed is not None and row.closed < self.end

    def _cases(self, rows: Iterable[CaseRow]) -> tuple[Item, ...]:
        return tuple(
            Item(
                row.number,
                outcome_title(self.procedure, row.outcome) if row.closed and row.outcome else self._title(row.stage),
                row.holder, row.opened, row.closed, row.due,
            )
            for row in sorted(rows, key=lambda row: row.number)
        )  # fmt: skip

    def _title(self, stage: str | None) -> Text | None:
        said = self.procedure.sop.stages.get(stage or "")
        return said.title if said is not None else Text(stage) if stage else None

    def stages(self, stays: list[Stay]) -> list[StageLine]:
        """A stay that is overdue and not ended counts as late, so that waiting longer makes no share better.

        One that ended within its time because the case was joined to another is neither in time nor late: it goes on
        there. One that was late already is late.
        """
        counted: dict[tuple[str, str], list[Item]] = defaultdict(list)
        for stay in stays:
            due = self._due(stay)
            ended = stay.ended if stay.ended is not None and stay.ended < self.end else None
            over = (ended is not None and ended >= self.start) or (ended is None and due is not None and due < self.end)
            if stay.stage is not None and due is not None and over and not self._cut_short(stay, due):
                item = Item(self._number(stay.case_id), self._title(stay.stage), stay.holder, stay.begun, ended, due)
                counted[stay.stage, stay.holder].append(item)
        order = {str(name): number for number, name in enumerate(self.procedure.sop.stages)}
        return [
            StageLine(
                stage, self._title(stage) or Text(stage), agency, tuple(items),
                _latest_first(item for item in items if item.due is not None and (item.ended or self.end) > item.due),
            )
            for (stage, agency), items in sorted(
                counted.items(), key=lambda pair: (order.get(pair[0][0], len(order)), pair[0][1])
            )
        ]  # fmt: skip

    def _cut_short(self, stay: Stay, due: datetime) -> bool:
        row = self.rows.get(stay.case_id)
        joined = row is not None and row.outcome == MERGED and stay.ended == row.closed
        return joined and stay.ended is not None and stay.ended <= due

    def _due(self, stay: Stay) -> datetime | None:
        """The limit of a stay: as it was at its end, or, while it goes on in a stage that has limits, as it is now."""
        if stay.ended is not None:
            return stay.due
        row, said = self.rows.get(stay.case_id), self.procedure.sop.stages.get(stay.stage or "")
        limited = said is not None and any(limit.none is None for limit in said.deadline)
        return row.due if row is not None and limited else None

    def _number(self, case_id: str) -> str:
        return self.rows[case_id].number if case_id in self.rows else "?"

    def agencies(self, stays: list[Stay], waits: list[Wait]) -> list[AgencyLine]:
        waits_of: dict[str, list[Wait]] = defaultdict(list)
        for wait in waits:
            waits_of[wait.case_id].append(wait)
        held: dict[str, timedelta] = defaultdict(timedelta)
        waited: dict[str, timedelta] = defaultdict(timedelta)
        cases: dict[str, set[str]] = defaultdict(set)
        for stay in stays:
            begun, ended = max(stay.begun, self.start), min(stay.ended or self.end, self.end)
            if ended <= begun:
                continue
            held[stay.holder] += ended - begun
            waited[stay.holder] += _covered(begun, ended, waits_of[stay.case_id])
            cases[stay.holder].add(stay.case_id)
        return [
            AgencyLine(agency, held[agency], waited[agency], self._cases(self._known(cases[agency])))
            for agency in sorted(held, key=lambda agency: -held[agency])
        ]

    def waits(self, waits: list[Wait], stays: list[Stay]) -> list[WaitLine]:
        """For whom was waited, each wait with who held the case and its stage when the answer came, or at the end."""
        of_case: dict[str, list[Stay]] = defaultdict(list)
        for stay in stays:
            of_case[stay.case_id].append(stay)

        def item(wait: Wait, ended: datetime | None) -> Item:
            stay = stay_before(of_case[wait.case_id], ended or self.end)
            stage, holder = (self._title(stay.stage), stay.holder) if stay is not None else (None, None)
            return Item(self._number(wait.case_id), stage, holder, wait.begun, ended, awaited=wait.body)

        return wait_lines(waits, self.start, self.end, item)

    def _known(self, ids: Iterable[str]) -> list[CaseRow]:
        return [self.rows[one] for one in ids if one in self.rows]

    def found(self, found: list[Found], verdict: str) -> list[FoundLine]:
        of_kind: dict[str, list[Item]] = defaultdict(list)
        for one in found:
            if one.verdict == verdict:
                of_kind[one.kind].append(Item(self._number(one.case_id), self._title(one.stage), one.agency, one.at))
        return [
            FoundLine(verdict, kind, tuple(items))
            for kind, items in sorted(of_kind.items(), key=lambda pair: -len(pair[1]))
        ]


def _latest_first(items: Iterable[Item]) -> tuple[Item, ...]:
    """What is late in the order of its limits: what goes on longest over its time stands first."""
    return tuple(sorted(items, key=lambda item: (item.ended is not None, item.due or item.begun, item.number)))


def _covered(begun: datetime, ended: datetime, waits: list[Wait]) -> timedelta:
    """How much of an interval lies inside at least one wait."""
    covered, reached = timedelta(0), begun
    for wait in sorted(waits, key=lambda wait: wait.begun):
        low, high = max(wait.begun, reached), min(wait.ended or ended, ended)
        if high > low:
            covered += high - low
            reached = high
    return covered
