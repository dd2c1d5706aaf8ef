"""The page of a case: everything that somebody may see of it. No look without a relation and a line in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case import state as case_state
from sop_engine.case.access import answers_for, is_kept_from
from sop_engine.case.accountability import (
    Accountability,
    ExitView,
    StepView,
    accountability,
    exit_views,
    step_views,
)
from sop_engine.case.clock import values_now
from sop_engine.case.decide.people import giver_of
from sop_engine.case.directory import Directory
from sop_engine.case.events import OpenValue
from sop_engine.case.ground import Ground
from sop_engine.case.items import Item, is_for, items
from sop_engine.case.permissions import may, may_all
from sop_engine.case.requirements import consent_ends, lacking_papers
from sop_engine.case.retention import over_at
from sop_engine.case.shut import Shut, shut_ways
from sop_engine.case.state import Case, EmergencyState
from sop_engine.services.asking import Asked, referrals_of, tasks_of
from sop_engine.services.carried import Answer, came_along, told_apart
from sop_engine.services.corrections import Change, corrections
from sop_engine.services.foretelling import Foretold, foretell
from sop_engine.services.installation import Installation
from sop_engine.services.ledger import Interval, ledger_of
from sop_engine.services.resembling import Resembling, resembling
from sop_engine.services.rights import (
    find,
    hidden_children,
    is_told,
    key_to_read,
    looked,
    reads_step,
)
from sop_engine.services.said import said_beside
from sop_engine.services.side_by_side import MergedView, merged_view, readable
from sop_engine.services.signing import signatures
from sop_engine.services.telling import Told, tell
from sop_engine.sop.language import Text
from sop_engine.sop.procedure import Procedure
from sop_engine.store import journal, people, readings, worklists
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account
from sop_engine.store.worklists import Line


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
    ends: datetime | None
    to: list[str]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A step that was recorded in a stage in which the case is no longer; `stage` is None for one of no stage."""

    name: str
    title: Text
    stage: Text | None
    happened: datetime
    waived: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page of a case shows; `content` is False for those who see progress only, as a former holder.

    They see besides what the stage lets their part see: `told`, open answers and facts by name. `carried` are the
    answers with which the case was opened, `apart` tells the cases apart that it opened, by their ids. `papers` are
    those that a recorded step still lacks. `items` are what this person may be asked for here. `shut` are the ways that
    are not for this case as it stands. `joined` are the numbers of cases that were joined to this one and that the
    reader may open, `merged` says to which this one was joined. `corrected` says what each correction changed, by the
    number of its event. `acts` is False for who only reads, in an emergency; `emergencies` are such readings that are
    to be seen here, `said` what was written beside events. `kept_until` is when the time is over for which what was
    said is kept.
    """

    case: Case
    procedure: Procedure
    directory: Directory
    relations: frozenset[str]
    content: bool
    leads: bool
    acts: bool
    emergencies: Mapping[str, EmergencyState]
    said: Mapping[int, str]
    told: dict[str, OpenValue]
    strip: Accountability
    stages: list[StageView]
    steps: list[StepView]
    papers: Mapping[str, list[Text]]
    duties: list[ev.Owed]
    tasks: list[Asked]
    referrals: list[Asked]
    items: list[Item]
    earlier: list[Earlier]
    exits: list[ExitView]
    shut: list[Shut]
    foretold: Mapping[str, Foretold]
    consents: list[ConsentView]
    ledger: list[Interval]
    parent: Line | None
    resembling: list[Resembling]
    joined: list[str]
    merged: MergedView | None
    carried: Mapping[str, Any]
    apart: Mapping[str, list[Answer]]
    children: list[tuple[Line, Accountability]]
    history: list[Told]
    corrected: Mapping[int, list[Change]]
    workers: list[Account]
    names: Mapping[str, str]
    kept_until: datetime | None
    now: datetime


def case_page(inst: Installation, account: Account, number: str, permission: str = "know") -> CasePage:
    """The page of a case, for whoever has a permission; raises NotFound.

    The look is written down first: without that line nothing is shown.
    """
    now = inst.clock()
    with writing(inst.engine) as connection:
        case_id, relations = find(connection, number, account, now, permission)
        readings.note(connection, account, case_id, looked("case", relations), now)
    with looking(inst.engine) as connection:
        case = journal.load_known(connection, case_id)
        ground = inst.ground(connection, case.version)
        content, leads = may_all("read", relations), may("lead", relations)
        envelopes = list(journal.history(connection, case_id))
        names = people.names(
            connection, {envelope.by for envelope in envelopes} | ({case.worker} if case.worker else set())
        )
        said = said_beside(inst, connection, ground, case, envelopes, account.agency, relations)
        signed = signatures(envelopes)
        key = key_to_read(inst, connection, case, account.agency, relations)
        parent = _parent(connection, case, account.agency, now)
        lines = worklists.children_of(connection, case.id)
        hidden = hidden_children(inst, connection, ground, case, lines, account.agency)
        joined = readable(connection, case, account.agency, now) if content else {}
        hidden |= case.joined.keys() - joined.keys()
        exits = exit_views(ground, case, now) if content else []
        ledger = ledger_of(connection, ground, case, envelopes)
        steps = step_views(ground, case, now) if may_all("list", relations) else []
        return CasePage(
            case=case,
            procedure=ground.procedure,
            directory=inst.directory(connection).working_on(case.about),
            relations=relations,
            content=content,
            leads=leads,
            acts=may("act", relations),
            emergencies=_emergencies(case, account, leads, now) if content else {},
            said=said,
            told=_told(ground, case, account.agency) if not content else {},
            strip=accountability(ground, case, now),
            stages=stage_map(ground, case, now, ledger),
            steps=[view for view in steps if _reads(ground, case, view.name, account.agency)],
            papers={view.name: _papers(ground, case, view, now) for view in steps},
            duties=[duty for duty in case.duties if content and _reads(ground, case, duty.step, account.agency)],
            tasks=tasks_of(case, said) if content else [],
            referrals=referrals_of(case, said, None if content else account.agency),
            items=[one for one in items(ground, case) if is_for(one, account.agency, account.id, account.roles)],
            earlier=_earlier(ground, case, {view.name for view in steps}, account.agency, relations),
            exits=exits,
            shut=shut_ways(ground, case, now) if leads else [],
            foretold={view.name: foretell(inst, connection, ground, case, view, account, now) for view in exits},
            consents=_consents(ground, case) if content else [],
            ledger=ledger,
            parent=parent,
            resembling=resembling(inst, connection, case, account) if leads else [],
            joined=list(joined.values()),
            merged=merged_view(connection, case, account.agency, now),
            carried=came_along(connection, ground, case, envelopes[0], account.agency, key) if content else {},
            apart=told_apart(connection, ground, case, envelopes, account.agency, key) if content else {},
            children=_children(inst, connection, case, lines, hidden, now) if content else [],
            history=[
                tell(ground, envelope, names, said, signed)
                for envelope in (reversed(envelopes) if may("history", relations) else ())
                if is_told(ground, case, envelope.event, account.agency, hidden)
            ],
            corrected=corrections(inst, connection, ground, case, envelopes, account, relations),
            workers=people.workers_of(connection, account.agency) if leads else [],
            names=names,
            kept_until=over_at(ground, case),
            now=now,
        )


def _parent(connection: Connection, case: Case, agency: str, now: datetime) -> Line | None:
    """The case that opened this one, where an agency may know of it."""
    if case.parent is None or not worklists.relations_of(connection, case.parent, agency, now):
        return None
    return worklists.by_ids(connection, [case.parent])[0]


def _emergencies(case: Case, account: Account, leads: bool, now: datetime) -> dict[str, EmergencyState]:
    """The readings in an emergency that are to be seen on the page: all that go on or wait, for those who hold the
    case or review it; else her own that goes on.
    """
    led = leads or answers_for(case) == account.agency
    return {
        key: one
        for key, one in case.emergencies.items()
        if (led and (one.justified is None or one.until > now)) or (one.by == account.id and one.until > now)
    }


def _told(ground: Ground, case: Case, agency: str) -> dict[str, OpenValue]:
    """What the stage in which a case is lets an agency see that only follows it."""
    stage = ground.procedure.sop.stages.get(case.stage or "")
    theirs = [one for one in stage.informs if ground.agency(case, str(one.part)) == agency] if stage is not None else []
    names = [str(name) for one in theirs for name in one.carries]
    return {name: case.values[name] for name in names if name in case.values}


def _reads(ground: Ground, case: Case, step: str, agency: str) -> bool:
    return not is_kept_from(ground, case, step, agency)


def _papers(ground: Ground, case: Case, view: StepView, now: datetime) -> list[Text]:
    """The papers for want of which a step is incomplete."""
    step, state = ground.procedure.step_of(view.name), case.steps.get(view.name)
    if state is None or view.mark != "incomplete":
        return []
    lacking = lacking_papers(ground, step, state, values_now(ground, case, now))
    return [step.documents[name].title or Text(name.replace("_", " ").capitalize()) for name in lacking]


def _earlier(ground: Ground, case: Case, here: set[str], agency: str, relations: frozenset[str]) -> list[Earlier]:
    """The steps that are done or waived, stand in no list of the stage and are this agency's to read, in order."""
    found = []
    for name, (stage, step) in ground.procedure.steps.items():
        state = case.steps.get(name)
        if state is None or not state.done or name in here or not reads_step(ground, case, name, agency, relations):
            continue
        title = ground.procedure.sop.stages[stage].title if stage is not None else None
        found.append(Earlier(name, step.title, title, state.happened, state.status == "waived"))
    return found


def _children(
    inst: Installation, connection: Connection, case: Case, lines: list[Line], hidden: set[str], now: datetime
) -> list[tuple[Line, Accountability]]:
    """The cases that this one opened and that are not hidden, in the order of the form's rows."""
    order = {child: state.row if state.row is not None else -1 for child, state in case.children.items()}
    return [
        (line, accountability(inst.ground(connection, line.version), case_state.from_bytes(line.state), now))
        for line in sorted(lines, key=lambda line: (order.get(line.case_id, -1), line.number))
        if line.case_id not in hidden
    ]


def stage_map(ground: Ground, case: Case, now: datetime, ledger: Sequence[Interval]) -> list[StageView]:
    """The stages in the order of the SOP, without those not for this case; a past one with who held it last."""
    views, held = [], {one.stage: one.holder for one in ledger}
    ahead, values = _reachable(ground, case, now), values_now(ground, case, now)
    for name, stage in ground.procedure.sop.stages.items():
        part = ground.stage_part(str(name), values)
        agency = ground.agency(case, part) if part else None
        if name == case.stage and case.status == "open":
            state, agency = "now", case.holder
        elif case.offer is not None and case.offer.stage == name:
            state, agency = "offered", case.offer.to
        elif name in case.entered:
            state, agency = "done", held.get(stage.title, agency)
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
                state.since if state else None, consent_ends(ground, case, str(name)), state.to if state else [],
            )
        )  # fmt: skip
    return views
