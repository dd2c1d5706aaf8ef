"""What somebody may see: worklist, case page, step page. No look without a relation and a line in the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case import state as case_state
from sop_engine.case.accountability import (
    Accountability,
    ExitView,
    StepView,
    accountability,
    exit_views,
    step_views,
)
from sop_engine.case.clock import people_here, values_now
from sop_engine.case.decide.people import giver_of
from sop_engine.case.directory import Directory
from sop_engine.case.ground import Ground
from sop_engine.case.requirements import all_recorded, mark
from sop_engine.case.state import Case, Occurrence
from sop_engine.services.acting import KEY_RELATIONS, NotFound
from sop_engine.services.installation import Installation, tidy_number
from sop_engine.services.telling import Told, tell
from sop_engine.sop.language import Form, Step, Text
from sop_engine.sop.lint.check import CHOICES, MAY_BE_EMPTY
from sop_engine.sop.procedure import Procedure
from sop_engine.store import journal, ledgers, people, readings, vault, worklists
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account
from sop_engine.store.worklists import Line

SOON = timedelta(days=2)
CONTENT_RELATIONS = frozenset({"holder", "with", "part", "opener", "former"})
SPOKEN_RELATIONS = CONTENT_RELATIONS - {"former"}
SPOKEN = ("note", "reason", "kept")


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list, with its strip."""

    number: str
    sop: Text
    strip: Accountability
    due: datetime | None
    status: str
    mine: bool
    from_agency: str | None
    answer_by: datetime | None
    operation: str | None


@dataclass(frozen=True, slots=True)
class ShelfView:
    name: str
    count: int
    over: bool
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Worklist:
    """What a person's day holds. `operations` counts the offers of each operation that can be accepted together."""

    shelves: list[ShelfView]
    operations: dict[str, int]
    directory: Directory
    now: datetime


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage on the map: done, now, offered or ahead; `times` counts how often it was entered."""

    name: str
    title: Text
    agency: str | None
    kind: Text | None
    state: str


@dataclass(frozen=True, slots=True)
class ConsentView:
    name: str
    title: Text
    text: Text
    giver: str
    status: str
    since: datetime | None
    to: list[str]


@dataclass(frozen=True, slots=True)
class Interval:
    """Who held the case, for what, from when to when; `awaited` tells whose answer was awaited meanwhile."""

    holder: str
    for_agency: str | None
    stage: Text
    begun: datetime
    ended: datetime | None
    awaited: list[tuple[str, datetime, datetime | None]]


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page of a case shows; `content` is False for those who see progress only."""

    case: Case
    procedure: Procedure
    directory: Directory
    relations: frozenset[str]
    content: bool
    strip: Accountability
    stages: list[StageView]
    steps: list[StepView]
    exits: list[ExitView]
    consents: list[ConsentView]
    ledger: list[Interval]
    parent: Line | None
    children: list[tuple[Line, Accountability]]
    history: list[Told]
    workers: list[Account]
    names: Mapping[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Rater:
    """What one person recorded alone, by the code of the criterion; shown to others only once all have recorded."""

    name: str
    rows: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step's form with the answers that are there: `values` by field, open and closed."""

    case: Case
    procedure: Procedure
    directory: Directory
    strip: Accountability
    step: Step
    name: str
    form: Form | None
    mark: str
    values: Mapping[str, Any]
    raters: list[Rater]
    chooses: Mapping[str, list[str]]
    may_record: bool
    now: datetime


def worklist(inst: Installation, account: Account) -> Worklist:
    """The worklist of a person."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        directory = inst.directory(connection)
        found = worklists.shelves(connection, account.agency, account.id, now, now + SOON)
        parents = {line.parent for shelf in found for line in shelf.lines if line.parent}
        numbers = {line.case_id: line.number for line in worklists.by_ids(connection, sorted(p for p in parents if p))}
        shelves = [
            ShelfView(
                shelf.name,
                shelf.count,
                shelf.over,
                [_row(inst, connection, line, account, numbers, now) for line in shelf.lines],
            )
            for shelf in found
        ]
    operations: dict[str, int] = {}
    for row in shelves[0].rows:
        if row.operation is not None:
            operations[row.operation] = operations.get(row.operation, 0) + 1
    return Worklist(shelves, {number: n for number, n in operations.items() if n > 1}, directory, now)


def _row(
    inst: Installation,
    connection: Connection,
    line: Line,
    account: Account,
    numbers: Mapping[str, str],
    now: datetime,
) -> Row:
    ground = inst.ground(connection, line.version)
    case = case_state.from_bytes(line.state)
    return Row(
        number=line.number,
        sop=ground.procedure.sop.title,
        strip=accountability(ground, case, now),
        due=line.due,
        status=line.status,
        mine=line.worker == account.id,
        from_agency=case.offer.by if case.offer else None,
        answer_by=case.offer.answer_by if case.offer else None,
        operation=numbers.get(line.parent) if line.parent else None,
    )


def find(connection: Connection, number: str, agency: str, now: datetime) -> tuple[str, frozenset[str]]:
    """The id of a case and the relations of an agency to it; raises NotFound alike for absent and foreign cases."""
    case_id = worklists.by_number(connection, number) if tidy_number(number) == number else None
    relations = worklists.relations_of(connection, case_id, agency, now) if case_id is not None else set()
    if case_id is None or not relations:
        raise NotFound(number)
    return case_id, frozenset(relations)


def case_id_of(inst: Installation, account: Account, number: str) -> str:
    """The id of a case that is this account's to see; raises NotFound."""
    with looking(inst.engine) as connection:
        return find(connection, number, account.agency, inst.clock())[0]


def case_page(inst: Installation, account: Account, number: str) -> CasePage:
    """The page of a case; raises NotFound. The look is written down first: without that line nothing is shown."""
    now = inst.clock()
    with writing(inst.engine) as connection:
        case_id, relations = find(connection, number, account.agency, now)
        readings.note(connection, account, case_id, "case", now)
    with looking(inst.engine) as connection:
        case = journal.load_known(connection, case_id)
        ground = inst.ground(connection, case.version)
        content = bool(relations & CONTENT_RELATIONS)
        envelopes = list(journal.history(connection, case_id))
        names = people.names(
            connection, {envelope.by for envelope in envelopes} | ({case.worker} if case.worker else set())
        )
        said = _said(inst, connection, ground, case, envelopes, account.agency) if relations & SPOKEN_RELATIONS else {}
        parent = worklists.by_ids(connection, [case.parent])[0] if case.parent else None
        return CasePage(
            case=case,
            procedure=ground.procedure,
            directory=inst.directory(connection),
            relations=relations,
            content=content,
            strip=accountability(ground, case, now),
            stages=stage_map(ground, case, now),
            steps=[
                view
                for view in (step_views(ground, case, now) if content or "offered" in relations else [])
                if not is_kept_from(ground, case, view.name, account.agency)
            ],
            exits=exit_views(ground, case, now) if content else [],
            consents=_consents(ground, case) if content else [],
            ledger=_ledger(connection, ground, case),
            parent=parent
            if parent and worklists.relations_of(connection, parent.case_id, account.agency, now)
            else None,
            children=_children(inst, connection, case, now) if content else [],
            history=[tell(ground, envelope, names, said) for envelope in reversed(envelopes)] if content else [],
            workers=people.of_agency(connection, account.agency) if "holder" in relations else [],
            names=names,
            now=now,
        )


def _said(
    inst: Installation, connection: Connection, ground: Ground, case: Case, envelopes: list[ev.Envelope], agency: str
) -> dict[int, str]:
    """What people wrote beside events: notes, reasons, and where papers are kept; needs a key of the agency's own.

    An agency from which a step is kept reads only what its own people wrote.
    """
    key = inst.keys.subject(connection, case.subject, [agency])
    if key is None:
        return {}
    apart = any(is_kept_from(ground, case, step, agency) for step in ground.procedure.steps)
    theirs = {envelope.seq for envelope in envelopes if apart and envelope.agency != agency}
    found = vault.by_event(connection, key, case.subject, case.id, SPOKEN)
    return {
        seq: " ".join(str(value) for value in values.values()) for seq, values in found.items() if seq not in theirs
    }


def _children(
    inst: Installation, connection: Connection, case: Case, now: datetime
) -> list[tuple[Line, Accountability]]:
    """The cases that this one opened, in the order of the form's rows."""
    order = {child: state.row if state.row is not None else -1 for child, state in case.children.items()}
    lines = sorted(
        worklists.children_of(connection, case.id), key=lambda line: (order.get(line.case_id, -1), line.number)
    )
    return [
        (line, accountability(inst.ground(connection, line.version), case_state.from_bytes(line.state), now))
        for line in lines
    ]


def is_kept_from(ground: Ground, case: Case, step_name: str, agency: str) -> bool:
    """Whether the SOP keeps a step from an agency, as what was complained of is kept from a home."""
    return agency in {ground.agency(case, str(part)) for part in ground.procedure.step_of(step_name).kept_from}


def stage_map(ground: Ground, case: Case, now: datetime) -> list[StageView]:
    """The stages in the order of the SOP, without those that are not for this case."""
    views = []
    ahead, values = _reachable(ground, case, now), values_now(ground, case, now)
    for name, stage in ground.procedure.sop.stages.items():
        part = ground.stage_part(str(name), values)
        agency = ground.agency(case, part) if part else None
        if name == case.stage and case.status == "open":
            state, agency = "now", case.holder
        elif case.offer is not None and case.offer.stage == name:
            state, agency = "offered", case.offer.to
        elif name in case.entered:
            state = "done"
        elif name in ahead:
            state = "ahead"
        else:
            continue
        kinds = ground.part(part).kind if part and ground.part(part) else ()  # type: ignore[union-attr]
        kind = ground.directory.kinds.get(str(kinds[0])) if kinds else None
        views.append(StageView(str(name), stage.title, agency, kind, state))
    return views


def _reachable(ground: Ground, case: Case, now: datetime) -> set[str]:
    """The stages that can still be entered from here as far as is known."""
    if case.status == "closed":
        return set()
    values = values_now(ground, case, now)
    start = case.stage if case.status == "open" and case.stage else case.entry
    reached, queue = {start}, [start]
    while queue:
        for exit_ in ground.procedure.sop.exits(queue.pop()).values():
            target = str(exit_.goes_to) if exit_.goes_to else None
            known = ground.procedure.holds(exit_.only_if, values) is not False
            if target in ground.procedure.sop.stages and target not in reached and known and not exit_.lapse:
                reached.add(str(target))
                queue.append(str(target))
    return reached


def _consents(ground: Ground, case: Case) -> list[ConsentView]:
    views = []
    for name, said in ground.procedure.sop.consents.items():
        state = case.consents.get(str(name))
        views.append(
            ConsentView(
                str(name), said.title, said.text, giver_of(ground, case, said), state.status if state else "not_asked",
                state.since if state else None, state.to if state else [],
            )
        )  # fmt: skip
    return views


def _ledger(connection: Connection, ground: Ground, case: Case) -> list[Interval]:
    waits = ledgers.awaited_of(connection, case.id)
    intervals = []
    for row in ledgers.held_of(connection, case.id):
        if row.ended == row.begun:
            continue
        stage = ground.procedure.sop.stages.get(row.stage) if row.stage else None
        awaited = [
            (
                wait.body,
                max(wait.begun, row.begun),
                min(wait.ended, row.ended) if wait.ended and row.ended else wait.ended or row.ended,
            )
            for wait in waits
            if (row.ended is None or wait.begun < row.ended) and (wait.ended is None or wait.ended > row.begun)
        ]
        title = stage.title if stage else Text("Opening", "खोलिँदै")
        intervals.append(Interval(row.holder, row.for_agency, title, row.begun, row.ended, awaited))
    return intervals


def step_page(inst: Installation, account: Account, number: str, step_name: str) -> StepPage:
    """A step with its answers; raises NotFound. Closed answers need a key of the reader's own agency."""
    now = inst.clock()
    with writing(inst.engine) as connection:
        case_id, relations = find(connection, number, account.agency, now)
        if not relations & CONTENT_RELATIONS:
            raise NotFound(number)
        readings.note(connection, account, case_id, f"step {step_name}"[:40], now)
    with looking(inst.engine) as connection:
        case = journal.load_known(connection, case_id)
        ground = inst.ground(connection, case.version)
        if step_name not in ground.procedure.steps or is_kept_from(ground, case, step_name, account.agency):
            raise NotFound(step_name)
        step = ground.procedure.step_of(step_name)
        doers = {agency for agency, role in ground.doers(case, step) if role is None or role in account.roles}
        owed = any(duty.step == step_name and duty.agency == account.agency for duty in case.duties)
        return StepPage(
            case=case,
            procedure=ground.procedure,
            directory=inst.directory(connection),
            strip=accountability(ground, case, now),
            step=step,
            name=step_name,
            form=ground.procedure.form_of(step),
            mark=mark(ground, case, step_name, values_now(ground, case, now), now),
            values=answers_of(inst, connection, ground, case, step_name, account),
            raters=raters_of(connection, ground, case, step),
            chooses=choices_of(ground, case, step_name),
            may_record=owed or (account.agency in doers and case.status == "open"),
            now=now,
        )


def answers_of(
    inst: Installation, connection: Connection, ground: Ground, case: Case, step_name: str, account: Account
) -> dict[str, Any]:
    """The answers of a step's last record, else what is known; closed ones where the agency has a key.

    Of a step that everybody records alone, the reader's own.
    """
    step = ground.procedure.step_of(step_name)
    form = ground.procedure.form_of(step)
    if form is None:
        return {}
    names = [str(name) for name in form.fields()]
    values: dict[str, Any] = {name: case.values[name] for name in names if name in case.values}
    state = case.steps.get(step_name)
    key = inst.keys.subject(connection, case.subject, [account.agency])
    if step.different_people:
        mine = [one for one in people_here(ground, case, step_name) if one.by == account.id]
        closed = vault.of_event(connection, key, case.subject, case.id, mine[0].seq) if mine and key else {}
        return merge(mine[0].values, closed) if mine else {}
    first = str(step.settles) if step.settles is not None else None
    if first is not None and all_recorded(ground, case, first) and (state is None or state.status != "done"):
        values |= agreed_so_far(people_here(ground, case, first), names)
    if state is not None:
        envelope = journal.event(connection, case.id, state.seq)
        if isinstance(envelope.event, ev.StepRecorded):
            values |= {name: value for name, value in envelope.event.values.items() if name in names}
            if key is not None:
                values = merge(values, vault.of_event(connection, key, case.subject, case.id, state.seq))
    elif key is not None:
        known = vault.latest(
            connection,
            inst.keys,
            case.subject,
            case.id,
            [name for name in names if not ground.procedure.fields[name].open],
        )
        values |= known
    return values


def raters_of(connection: Connection, ground: Ground, case: Case, step: Step) -> list[Rater]:
    """What each recorded alone, for the step that settles it; nobody's while one of them is still to record."""
    if step.settles is None or not all_recorded(ground, case, str(step.settles)):
        return []
    records = people_here(ground, case, str(step.settles))
    names = people.names(connection, {one.by for one in records})
    return [
        Rater(
            names.get(one.by, ""), {str(row.get("code")): row for rows in one.values.values() for row in _dicts(rows)}
        )
        for one in records
    ]


def agreed_so_far(records: list[Occurrence], names: list[str]) -> dict[str, Any]:
    """The rows on which everybody agrees, for the one list of a form that settles what was recorded alone."""
    lists = [{str(row.get("code")): row for rows in one.values.values() for row in _dicts(rows)} for one in records]
    if not lists:
        return {}
    first = lists[0]
    same = [
        first[code]
        for code in first
        if len({(rows.get(code, {}).get("rating"), rows.get(code, {}).get("reason")) for rows in lists}) == 1
    ]
    return {names[0]: same}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def merge(opened: Mapping[str, Any], closed: Mapping[str, Any]) -> dict[str, Any]:
    """Open answers with their closed ones put back, columns of rows into their rows."""
    merged: dict[str, Any] = {
        name: [dict(row) for row in value] if _rows(value) else value for name, value in opened.items()
    }
    for name, value in closed.items():
        field, _, rest = name.partition(".")
        number, _, column = rest.partition(".")
        if column and isinstance(merged.get(field), list) and int(number) < len(merged[field]):
            merged[field][int(number)][column] = value
        elif not rest:
            merged[name] = value
    return merged


def _rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def choices_of(ground: Ground, case: Case, step_name: str) -> dict[str, list[str]]:
    """The parts whose agency is chosen in a step, each with the agencies that can be chosen."""
    found = {}
    for name, part in ground.procedure.sop.agencies.items():
        if part.chosen_in == step_name:
            kinds = tuple(str(kind) for kind in part.kind)
            district = next(
                (str(case.values[key]) for key in ("district_found", "district_of_operation") if key in case.values),
                None,
            )
            fitting = ground.directory.of_kind(kinds, district)
            rest = [code for code in ground.directory.of_kind(kinds) if code not in fitting]
            found[str(name)] = [*fitting, *rest]
    return found


__all__ = [
    "CHOICES",
    "KEY_RELATIONS",
    "MAY_BE_EMPTY",
    "CasePage",
    "StepPage",
    "Worklist",
    "case_page",
    "step_page",
    "worklist",
]
