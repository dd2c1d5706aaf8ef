"""Recording, correcting, waiving steps and attaching their papers."""

from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import is_kept_from
from sop_engine.case.clock import limit, values_now
from sop_engine.case.decide.answer import Asked, Decision, has_conflict, not_holder, stale
from sop_engine.case.decide.spawning import by_step
from sop_engine.case.refusal import Refusal, Unmet, refuse
from sop_engine.case.requirements import all_recorded, blocking, lacking_papers, offered, unmet
from sop_engine.case.state import MOST_FILES, StepState, changed
from sop_engine.sop.language import Field, Step, Text


def record(asked: Asked, command: cmd.RecordStep) -> Decision:
    """Record a step, in whole or in part: open values and facts into the event, closed ones only as commitments."""
    case, procedure = asked.case, asked.ground.procedure
    if command.step not in procedure.steps:
        return refuse(
            "no_step",
            f"'{command.step}' is no step of this procedure",
            f"'{command.step}' यस कार्यविधिको चरण होइन",
        )
    stage, step = procedure.steps[command.step]
    refusal = _may_record(asked, command, stage, step)
    if refusal is not None:
        return refusal
    before, alone = case.steps.get(command.step), bool(step.different_people)
    refusal = _alone(asked, command, step) if alone else stale(case, command, before.seq if before else 0)
    if refusal is not None:
        return refusal
    if command.corrects and (before is None or not before.count):
        return refuse("nothing_to_correct", "This step is not recorded yet", "यो कार्य अझै दर्ता भएको छैन")
    parts = _chosen(asked, command)
    if isinstance(parts, Refusal):
        return parts
    opened, closed = split(procedure.fields, command.values)
    kept = {name: value for name, value in case.values.items() if name not in command.emptied}
    given = {**kept, **command.known, **command.values}
    touched = procedure.touched_facts([*command.values, *command.emptied]) if command.complete and not alone else []
    results = procedure.work_out(touched, given, asked.now.date())
    facts = {name: value for name, value in results.items() if value is not None}
    recorded = ev.StepRecorded(
        step=command.step,
        complete=command.complete,
        values={**opened, **facts},
        lost=[name for name in (*command.emptied, *(n for n in results if results[n] is None)) if name in case.values],
        closed=sorted(closed),
        parts=parts,
        for_agency=_for_agency(asked, step, command.actor.agency),
        corrects=before.seq if command.corrects and before else None,
        alone=alone,
        sheet=command.sheet,
    )
    spawned = by_step(asked, command.step, step) if command.complete and not command.corrects else ()
    return (recorded, *_handed_over(asked, step, recorded), *_awaited(asked, step, recorded), *spawned)


def _alone(asked: Asked, command: cmd.RecordStep, step: Step) -> Refusal | None:
    """A refusal once all have recorded: from then on everybody sees what the others found."""
    if command.corrects or all_recorded(asked.ground, asked.case, command.step):
        return refuse(
            "all_recorded",
            f"'{step.title.en}' is recorded by everybody: what differs is settled together",
            f"'{step.title.in_language('ne')}' सबैले दर्ता गरिसके: फरक कुरा सँगै टुङ्ग्याइन्छ",
        )
    return None


def _awaited(asked: Asked, step: Step, recorded: ev.StepRecorded) -> tuple[ev.Event, ...]:
    """A step that asks for an answer begins a wait for the body that gives it."""
    if step.awaits is None or not recorded.complete or recorded.corrects is not None:
        return ()
    case, ground = asked.case, asked.ground
    part: str | None = str(step.awaits.answer_of)
    if part == "decided_by":
        part = ground.deciding_part(case.stage or "", values_now(ground, case, asked.now))
    agency = ground.agency(case, part) if part is not None else None
    if agency is None or recorded.step in case.awaited:
        return ()
    within = step.awaits.within
    due = limit(ground, case.holder, asked.now, within) if within is not None else None
    return (ev.Awaited(key=recorded.step, body=agency, due=due),)


def _handed_over(asked: Asked, step: Step, recorded: ev.StepRecorded) -> tuple[ev.Event, ...]:
    """A step that hands the person over says with whom she is from now on."""
    if step.with_ is None or not recorded.complete or recorded.corrects is not None:
        return ()
    case = changed(
        asked.case,
        parts={**asked.case.parts, **recorded.parts},
        values={**asked.case.values, **recorded.values},
    )
    agency = asked.ground.named_alone(case, str(step.with_))
    return (ev.HandedOver(to=agency),) if agency is not None and agency != case.with_ else ()


def _may_record(asked: Asked, command: cmd.RecordStep, stage: str | None, step: Step) -> Refusal | None:
    case = asked.case
    owed = any(duty.step == command.step and duty.agency == command.actor.agency for duty in case.duties)
    if not owed and not command.corrects:
        if case.status != "open":
            return refuse("not_open", "The case is not open", "विषय खुला छैन")
        if stage is not None and stage != case.stage and stage not in case.entered:
            title = asked.ground.procedure.sop.stages[stage].title
            return refuse(
                "not_in_stage",
                f"This is done in '{title.en}'",
                f"यो '{title.in_language('ne')}' मा गरिन्छ",
            )
    recorders = asked.ground.recorders(case, command.step)
    allowed = {agency for agency, role in recorders if role is None or role in command.actor.roles}
    if not owed and command.actor.agency not in allowed:
        names = ", ".join(asked.ground.directory.title(agency).en for agency, _ in recorders if agency)
        return refuse(
            "not_doer",
            f"This step is done by {names or 'another agency'}",
            f"यो कार्य {names or 'अर्को निकाय'} ले गर्छ",
        )
    values = values_now(asked.ground, case, asked.now)
    if not offered(asked.ground, step, values):
        return refuse(
            "not_offered",
            f"'{step.title.en}' is not for this case",
            f"'{step.title.in_language('ne')}' यस विषयका लागि होइन",
        )
    lacking = blocking(asked.ground, case, step.freezable) + _unsettled(asked, step)
    lacking += [lack for said in step.requires for lack in unmet(asked.ground, case, said, None, values, asked.now)]
    if lacking:
        return refuse(
            "unmet",
            f"Cannot record '{step.title.en}' yet",
            f"'{step.title.in_language('ne')}' अझै दर्ता गर्न सकिँदैन",
            *lacking,
        )
    return None


def _unsettled(asked: Asked, step: Step) -> list[Unmet]:
    """What differs can be settled only when everybody has recorded alone."""
    if step.settles is None or all_recorded(asked.ground, asked.case, str(step.settles)):
        return []
    first = asked.ground.procedure.step_of(str(step.settles))
    en = f"'{first.title.en}' must first be recorded by {first.different_people} people"
    ne = f"'{first.title.in_language('ne')}' पहिले {first.different_people} जनाले दर्ता गर्नुपर्छ"
    return [Unmet("step_not_done", Text(en, ne), str(step.settles), asked.case.holder)]


def _chosen(asked: Asked, command: cmd.RecordStep) -> dict[str, str] | Refusal:
    """The agencies chosen in this step, one for each part that is chosen in it."""
    chosen: dict[str, str] = {}
    for name, part in asked.ground.procedure.sop.agencies.items():
        if part.chosen_in != command.step:
            continue
        agency = command.parts.get(str(name))
        if agency is None:
            values = {**values_now(asked.ground, asked.case, asked.now), **command.values}
            wanted = asked.ground.procedure.surely(part.if_, values)
            if command.complete and wanted and str(name) not in asked.case.parts:
                title = asked.ground.part_title(str(name))
                lacking = Unmet("agency_missing", title, fix=command.step, field=str(name))
                return refuse("agency_missing", "Choose an agency", "निकाय छान्नुहोस्", lacking)
            continue
        said = asked.ground.directory.agencies.get(agency)
        if said is None or not said.active or said.kind not in part.kind:
            return refuse("wrong_agency", f"'{agency}' cannot be chosen here", f"'{agency}' यहाँ छान्न मिल्दैन")
        refusal = has_conflict(asked, agency)
        if refusal is not None:
            return refusal
        chosen[str(name)] = agency
    return chosen


def split(fields: Any, values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The open part of some answers, and the names of the closed ones that have a value.

    Of a list of rows the open columns are open, the others closed as FIELD.ROW.COLUMN.
    """
    opened: dict[str, Any] = {}
    closed: list[str] = []
    for name, value in values.items():
        said: Field | None = fields.get(name)
        if said is None or value in (None, "", []):
            continue
        if said.type == "rows":
            rows = []
            for number, row in enumerate(value):
                rows.append(
                    {column: cell for column, cell in row.items() if said.row[column].open and cell not in (None, "")}
                )
                closed += [
                    f"{name}.{number}.{column}"
                    for column, cell in row.items()
                    if not said.row[column].open and cell not in (None, "")
                ]
            opened[name] = rows
        elif said.open:
            opened[name] = value
        else:
            closed.append(name)
    return opened, closed


def _for_agency(asked: Asked, step: Step, typist: str) -> str | None:
    """For whom the typist typed: the agency of the part where it has no users here."""
    for doer in step.done_by:
        agency = asked.ground.agency(asked.case, str(doer).partition(".")[0])
        if agency == typist:
            return None
        if agency is not None and asked.ground.acting(asked.case, str(doer).partition(".")[0], agency)[0] == typist:
            return agency
    return None


def waive(asked: Asked, command: cmd.WaiveStep) -> Decision:
    """Propose that a needed step be waived: a supervisor of the holder must sign."""
    refusal = not_holder(asked, command.actor)
    if refusal is not None:
        return refusal
    if command.step not in asked.ground.procedure.steps:
        return refuse(
            "no_step",
            f"'{command.step}' is no step of this procedure",
            f"'{command.step}' यस कार्यविधिको चरण होइन",
        )
    if not _within_reach(asked, command.step):
        title = asked.ground.procedure.step_of(command.step).title
        return refuse(
            "not_yours",
            f"'{title.en}' is not for your agency to waive",
            f"'{title.in_language('ne')}' तपाईंको निकायले छोड्न मिल्दैन",
        )
    if _chooses(asked, command.step):
        return refuse(
            "chooses_agency",
            "In this step an agency is chosen, and the case needs it: record the step",
            "यस कार्यमा निकाय छानिन्छ, विषयलाई त्यो चाहिन्छ: कार्य दर्ता गर्नुहोस्",
        )
    if "reason" not in command.sealed:
        return refuse(
            "reason_missing",
            "Waiving a step needs a reason: write one sentence",
            "कार्य छोड्न कारण चाहिन्छ: एक वाक्य लेख्नुहोस्",
        )
    return (ev.Proposed(act="waive", target=command.step, role="supervisor", of=asked.case.holder or ""),)


def _chooses(asked: Asked, name: str) -> bool:
    """Whether a step chooses an agency that is not known yet and that the case may need."""
    values = values_now(asked.ground, asked.case, asked.now)
    return any(
        part.chosen_in == name and str(part_name) not in asked.case.parts
        and asked.ground.procedure.holds(part.if_, values) is not False
        for part_name, part in asked.ground.procedure.sop.agencies.items()
    )  # fmt: skip


def _within_reach(asked: Asked, name: str) -> bool:
    """Whether the holder may waive a step or note its papers: the step has come and is not kept from the holder."""
    ground, case, stage = asked.ground, asked.case, asked.ground.procedure.steps[name][0]
    here = stage is None or stage == case.stage or stage in case.entered
    return here and not is_kept_from(ground, case, name, case.holder or "")


def attach(asked: Asked, command: cmd.Attach) -> Decision:
    """Say that the paper of a step exists and where it is kept."""
    steps = asked.ground.procedure.steps
    if command.step not in steps or command.document not in steps[command.step][1].documents:
        return refuse("no_document", "This step has no such paper", "यस कार्यमा यस्तो कागज छैन")
    allowed = {agency for agency, _ in asked.ground.doers(asked.case, steps[command.step][1])}
    allowed |= {asked.case.holder} if _within_reach(asked, command.step) else set()
    allowed |= {duty.agency for duty in asked.case.duties if duty.step == command.step}
    if command.actor.agency not in allowed:
        return refuse("not_doer", "Another agency keeps this paper", "यो कागज अर्को निकायले राख्छ")
    step, state = steps[command.step][1], asked.case.steps.get(command.step)
    if command.file is not None and state is not None and _full(state, command.document):
        return refuse(
            "too_many_files",
            f"This paper has {MOST_FILES} files already: put several pages into one PDF",
            f"यस कागजमा पहिल्यै {MOST_FILES} वटा फाइल छन्: धेरै पाना एउटै PDF मा राख्नुहोस्",
        )
    lacking = (
        lacking_papers(asked.ground, step, state, values_now(asked.ground, asked.case, asked.now)) if state else []
    )
    completes = state is not None and state.status == "done" and lacking == [command.document]
    return (ev.DocumentAttached(step=command.step, document=command.document, completes=completes, file=command.file),)


def _full(state: StepState, document: str) -> bool:
    return sum(one.document == document for one in state.files) >= MOST_FILES
