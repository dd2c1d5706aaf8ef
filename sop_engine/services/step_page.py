"""The page of a step: its form and its answers, open and closed. No look without a relation and a line in the log."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.accountability import (
    Accountability,
    accountability,
    exit_view,
    step_views,
)
from sop_engine.case.clock import people_here, values_now
from sop_engine.case.directory import Directory
from sop_engine.case.ground import Ground
from sop_engine.case.permissions import may
from sop_engine.case.reading import seen
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.requirements import all_recorded, mark
from sop_engine.case.state import Case, Occurrence
from sop_engine.services.acting import NotFound
from sop_engine.services.answers import merge
from sop_engine.services.corrections import Change, corrections
from sop_engine.services.documents import Kept, kept_here
from sop_engine.services.installation import Installation
from sop_engine.services.limits import keep_to
from sop_engine.services.purpose import PurposeMissing, is_lacking
from sop_engine.services.rights import find, key_to_read, looked, reads_step
from sop_engine.sop.language import Form, Step
from sop_engine.sop.procedure import Procedure
from sop_engine.store import drafts, journal, people, readings, vault
from sop_engine.store.database import looking, writing
from sop_engine.store.drafts import Draft
from sop_engine.store.people import Account

PRINT = "print"


@dataclass(frozen=True, slots=True)
class Rater:
    """What one person recorded alone, by the code of the criterion; shown to others only once all have recorded."""

    name: str
    rows: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step's form with the answers that are there: `values` by field, open and closed.

    `only_read` says why the reader may not record it: the case is closed, it takes another role, or another agency
    does it; None for who may. `may_keep` is whether she may keep its papers on a device. `draft` is what the reader
    typed and has not sent yet. `corrected` are the corrections of it with what each changed, newest first.
    """

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
    only_read: str | None
    draft: Draft | None
    files: Sequence[Kept]
    may_keep: bool
    corrected: list[tuple[ev.Envelope, list[Change]]]
    now: datetime

    @property
    def may_record(self) -> bool:
        return self.only_read is None


def step_page(
    inst: Installation, account: Account, number: str, step_name: str, permission: str = "read", typed: bool = False
) -> StepPage:
    """A step with its answers, for whoever has a permission; raises NotFound. Closed answers need a key.

    Raises PurposeMissing where it was recorded and she has not said yet what she opens it for. Where she has `typed`
    something that would be lost, the page is without what was recorded instead.
    """
    now = inst.clock()
    with writing(inst.engine) as connection:
        case_id, relations = find(connection, number, account, now, permission)
        case = journal.load_known(connection, case_id)
        ground = inst.ground(connection, case.version)
        unsaid = step_name in case.steps and is_lacking(inst, connection, ground, case, account, relations)
        if unsaid and not typed:
            raise PurposeMissing(number)
        readings.note(connection, account, case_id, looked(f"step {step_name}", relations), now)
    with looking(inst.engine) as connection:
        # Read again as the agency reads: what the gate above lets through by mistake, the database does not show.
        case = journal.load_known(connection, case_id)
        known = step_name in ground.procedure.steps
        if not known or not reads_step(ground, case, step_name, account.agency, relations):
            raise NotFound(step_name)
        step = ground.procedure.step_of(step_name)
        return StepPage(
            case=case,
            procedure=ground.procedure,
            directory=inst.directory(connection),
            strip=accountability(ground, case, now),
            step=step,
            name=step_name,
            form=ground.procedure.form_of(step),
            mark=mark(ground, case, step_name, values_now(ground, case, now), now),
            values=answers_of(inst, connection, ground, case, step_name, account, relations) if not unsaid else {},
            raters=raters_of(connection, ground, case, step) if not unsaid else [],
            chooses=choices_of(ground, case, step_name),
            only_read=only_read(ground, case, step_name, account),
            draft=_draft(inst, connection, account, case, step_name),
            corrected=_corrected(inst, connection, ground, case, step_name, account, relations) if not unsaid else [],
            files=kept_here(inst, connection, ground, case, step_name, account, relations) if not unsaid else [],
            may_keep=may("keep", relations),
            now=now,
        )


def _corrected(
    inst: Installation, connection: Connection, ground: Ground, case: Case, step_name: str, account: Account,
    relations: frozenset[str],
) -> list[tuple[ev.Envelope, list[Change]]]:  # fmt: skip
    """The corrections of a step that change what this person reads, newest first."""
    if step_name not in case.steps:
        return []
    records = [
        one
        for one in journal.history(connection, case.id)
        if isinstance(one.event, ev.StepRecorded) and one.event.step == step_name
    ]
    changed = corrections(inst, connection, ground, case, records, account, relations)
    return [(one, changed[one.seq]) for one in reversed(records) if one.seq in changed]


def _draft(inst: Installation, connection: Connection, account: Account, case: Case, step_name: str) -> Draft | None:
    key = inst.keys.subject(connection, case.subject, account.agency)
    return drafts.load(connection, key, account.id, case.id, step_name) if key is not None else None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A step as it was recorded: its answers, open and closed, and the agencies `chosen` in it, by part."""

    name: str
    step: Step
    form: Form | None
    mark: str
    values: Mapping[str, Any]
    chosen: Mapping[str, str]


def recorded_here(inst: Installation, account: Account, number: str) -> list[Recorded]:
    """What was recorded of the steps of the stage, to be checked before the case moves; raises NotFound.

    Each step is written down as looked at, and its closed answers need a key, as on its own page; raises PurposeMissing
    as that does.
    """
    now = inst.clock()
    return _recorded(
        inst, account, number, lambda ground, case: [view.name for view in step_views(ground, case, now)], "read"
    )


def recorded_everywhere(inst: Installation, account: Account, number: str, purpose: str) -> list[Recorded]:
    """What was recorded of every step, to be printed with its answers, in the order of the SOP; raises NotFound.

    The print is written down with what it is for, and each step as looked at. Raises TooMuch.
    """
    return _recorded(inst, account, number, lambda ground, case: list(ground.procedure.steps), "copy", purpose)


def _recorded(
    inst: Installation, account: Account, number: str, steps: Callable[[Ground, Case], list[str]], permission: str,
    purpose: str = "",
) -> list[Recorded]:  # fmt: skip
    now = inst.clock()
    with writing(inst.engine) as connection:
        case_id, relations = find(connection, number, account, now, permission)
        case = journal.load_known(connection, case_id)
        ground = inst.ground(connection, case.version)
        names = [
            name
            for name in steps(ground, case)
            if name in case.steps and reads_step(ground, case, name, account.agency, relations)
        ]
        if not purpose and names and is_lacking(inst, connection, ground, case, account, relations):
            raise PurposeMissing(number)
        if purpose:
            keep_to(inst, connection, account, PRINT)
            key = inst.keys.subject_to_seal(connection, case.subject)
            readings.note(connection, account, case_id, PRINT, now, purpose, key)
        for name in names:
            readings.note(connection, account, case_id, looked(f"step {name}", relations), now)
    with looking(inst.engine) as connection:
        case = journal.load_known(connection, case_id)
        values = values_now(ground, case, now)
        return [
            Recorded(
                name=name,
                step=ground.procedure.step_of(name),
                form=ground.procedure.form_of(ground.procedure.step_of(name)),
                mark=mark(ground, case, name, values, now),
                values=answers_of(inst, connection, ground, case, name, account, relations),
                chosen={part: case.parts[part] for part in _chosen_in(ground, name) if part in case.parts},
            )
            for name in names
        ]


def rules_to_confirm(inst: Installation, account: Account, number: str, exit_name: str) -> set[int]:
    """The rules of the stage, by their place, that whoever takes an exit confirms by name; raises NotFound.

    A person's own wish waits for nobody's word.
    """
    now = inst.clock()
    with looking(inst.engine) as connection:
        case_id, relations = find(connection, number, account, now, "act")
        case = journal.load_known(connection, case_id)
        ground = inst.ground(connection, case.version)
    view = exit_view(ground, case, exit_name, now) if may("read", relations) else None
    return set() if view is not None and view.by_wish else _asked_by_name(ground, case)


def unconfirmed(
    inst: Installation, account: Account, number: str, exit_name: str, confirmed: Collection[int]
) -> Refusal | None:
    """A refusal where somebody takes an exit without confirming every rule of the stage by name; raises NotFound."""
    return None if rules_to_confirm(inst, account, number, exit_name) <= set(confirmed) else _unconfirmed()


def unconfirmed_in(ground: Ground, case: Case, confirmed: Collection[int]) -> Refusal | None:
    """A refusal where not every rule of the stage of a case is confirmed by name."""
    return None if _asked_by_name(ground, case) <= set(confirmed) else _unconfirmed()


def _asked_by_name(ground: Ground, case: Case) -> set[int]:
    """The rules of the stage of a case, by their place, that no program can check."""
    stage = ground.procedure.sop.stages.get(case.stage or "")
    return {place for place, rule in enumerate(stage.rules) if rule.ask} if stage is not None else set()


def _unconfirmed() -> Refusal:
    return refuse(
        "unconfirmed",
        "Confirm by name what no program can check, or go back",
        "कुनै कार्यक्रमले जाँच्न नसक्ने कुरा एक-एक गरी पुष्टि गर्नुहोस्, वा फर्कनुहोस्",
    )


def only_read(ground: Ground, case: Case, step_name: str, account: Account) -> str | None:
    """Why somebody may read a step and not record it: closed, other_role or other_agency."""
    if any(duty.step == step_name and duty.agency == account.agency for duty in case.duties):
        return None
    roles = [role for agency, role in ground.recorders(case, step_name) if agency == account.agency]
    if not roles:
        return "other_agency" if case.status != "closed" else "closed"
    if not any(role is None or role in account.roles for role in roles):
        return "other_role"
    return None if case.status == "open" else "closed"


def answers_of(
    inst: Installation, connection: Connection, ground: Ground, case: Case, step_name: str, account: Account,
    relations: frozenset[str],
) -> dict[str, Any]:  # fmt: skip
    """The answers of a step's last record, else what is known; closed ones where there is a key to read them.

    Of a step that everybody records alone, the reader's own. What is not for the reader's agency stands as `Withheld`.
    """
    step = ground.procedure.step_of(step_name)
    form = ground.procedure.form_of(step)
    if form is None:
        return {}
    names = [str(name) for name in form.fields()]
    values: dict[str, Any] = {name: case.values[name] for name in names if name in case.values}
    state = case.steps.get(step_name)
    key = key_to_read(inst, connection, case, account.agency, relations)
    if step.different_people:
        mine = own_record(connection, ground, case, step_name, account.id)
        if mine is None:
            return {}
        seq, opened = mine
        closed = vault.of_event(connection, key, case.subject, case.id, seq) if key is not None else {}
        return merge(opened, closed)
    first = str(step.settles) if step.settles is not None else None
    if first is not None and all_recorded(ground, case, first) and (state is None or state.status != "done"):
        values |= agreed_so_far(people_here(ground, case, first), names)
    event = journal.event(connection, case.id, state.seq).event if state is not None else None
    if isinstance(event, ev.StepRecorded) and state is not None:
        values |= {name: value for name, value in event.values.items() if name in names}
        if key is not None:
            closed = vault.of_event(connection, key, case.subject, case.id, state.seq)
            by = dict.fromkeys(closed, state.agency)
            values = merge(values, _for_them(ground, case, closed, by, account.agency))
    elif key is not None and (event is None or isinstance(event, ev.DocumentAttached)):
        closed_names = [name for name in names if not ground.procedure.fields[name].open]
        known = vault.latest(connection, inst.keys, case.subject, case.id, closed_names)
        values |= _for_them(ground, case, known, {}, account.agency)
    return values


def _for_them(
    ground: Ground, case: Case, closed: Mapping[str, Any], by: Mapping[str, str], agency: str
) -> dict[str, Any]:
    """Closed answers as an agency sees them; `by` tells which agency wrote each, where that is known."""
    return {name: seen(ground, case, agency, name, value, by.get(name)) for name, value in closed.items()}


def own_record(
    connection: Connection, ground: Ground, case: Case, step_name: str, person: str
) -> tuple[int, Mapping[str, Any]] | None:
    """What somebody last recorded or kept for later of a step that all do alone, since its stage was last entered."""
    stage, found = ground.procedure.steps[step_name][0], None
    for envelope in journal.history(connection, case.id):
        event = envelope.event
        if isinstance(event, ev.Entered) and event.stage == stage:
            found = None
        elif isinstance(event, ev.StepRecorded) and event.step == step_name and envelope.by == person:
            found = envelope.seq, event.values
    return found


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


def choices_of(ground: Ground, case: Case, step_name: str) -> dict[str, list[str]]:
    """The parts whose agency is chosen in a step, each with the agencies that can be chosen."""
    found = {}
    for name in _chosen_in(ground, step_name):
        kinds = tuple(str(kind) for kind in ground.procedure.sop.agencies[name].kind)
        district = next(
            (str(case.values[key]) for key in ("district_found", "district_of_operation") if key in case.values), None
        )
        fitting = ground.directory.of_kind(kinds, district)
        rest = [code for code in ground.directory.of_kind(kinds) if code not in fitting]
        found[name] = [*fitting, *rest]
    return found


def _chosen_in(ground: Ground, step_name: str) -> list[str]:
    """The parts whose agency is chosen in a step."""
    return [str(name) for name, part in ground.procedure.sop.agencies.items() if part.chosen_in == step_name]
