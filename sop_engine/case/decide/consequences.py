"""What follows from an act unasked: standing rules that set off duties, exceptions that divert a case."""

from collections.abc import Sequence
from datetime import datetime

from sop_engine.case import events as ev
from sop_engine.case.apply import apply
from sop_engine.case.clock import limit, values_now
from sop_engine.case.commands import Command
from sop_engine.case.decide.answer import Asked
from sop_engine.case.ground import Ground
from sop_engine.case.stamp import stamp
from sop_engine.case.state import Case
from sop_engine.sop.language import After


def consequences(asked: Asked, command: Command, events: Sequence[ev.Event]) -> tuple[ev.Event, ...]:
    """The events that follow from the events of a decision."""
    ground, sop = asked.ground, asked.ground.procedure.sop
    if not sop.always and not any(stage.accountable.except_ or stage.with_ for stage in sop.stages.values()):
        return ()
    after = asked.case
    for envelope in stamp(asked.case, asked.case.id, command, events, asked.now):
        after = apply(after, envelope)
    moved = placed(ground, after, events)
    duties = _duties(ground, asked.case, after, (*events, *moved), asked.now)
    return (*moved, *duties, *_diverted(ground, after, asked.now))


def placed(ground: Ground, case: Case, events: Sequence[ev.Event]) -> tuple[ev.HandedOver, ...]:
    """With whom the person is from the entry of a stage on, where the stage says so; `case` is as it stands then."""
    stage = ground.procedure.sop.stages.get(case.stage or "")
    if stage is None or stage.with_ is None or not any(isinstance(event, ev.Entered) for event in events):
        return ()
    agency = ground.named_alone(case, str(stage.with_))
    return (ev.HandedOver(to=agency),) if agency is not None and agency != case.with_ else ()


def _duties(
    ground: Ground, before: Case, after: Case, events: Sequence[ev.Event], now: datetime
) -> tuple[ev.DutiesArose, ...]:
    """The steps that standing rules want done again; a redo sets off no redo."""
    owed: list[ev.Owed] = []
    redone = {duty.step for duty in before.duties}
    for rule in ground.procedure.sop.always:
        if after.holder is None or not any(_sets_off(ground, rule.after, event, redone) for event in events):
            continue
        due = limit(ground, after.holder, now, rule.within)
        for name in rule.redo:
            step = str(name).split(".")[-1]
            owed.append(ev.Owed(step=step, agency=after.holder, due=due, blocks=[str(word) for word in rule.blocks]))
    return (ev.DutiesArose(duties=owed),) if owed else ()


def _sets_off(ground: Ground, said: After, event: ev.Event, redone: set[str]) -> bool:
    if isinstance(event, ev.StepRecorded) and event.complete and event.corrects is None and event.step not in redone:
        marked = ground.procedure.step_of(event.step).mark
        return (said.marked is not None and marked == said.marked) or event.step in [
            n.split(".")[-1] for n in said.done
        ]
    if isinstance(event, ev.Entered):
        return said.entered is not None and event.stage == said.entered
    return isinstance(event, ev.HandedOver) and said.received is not None


def _diverted(ground: Ground, case: Case, now: datetime) -> tuple[ev.Diverted, ...]:
    """The exception of the stage that holds now, where its agency does not hold the case already."""
    stage = ground.procedure.sop.stages.get(case.stage or "")
    if stage is None or case.status != "open":
        return ()
    values = values_now(ground, case, now)
    for exception in stage.accountable.except_:
        if not ground.procedure.surely(exception.if_, values):
            continue
        part = str(exception.use)
        agency = ground.agency(case, part)
        holder, for_agency = ground.acting(case, part, agency) if agency is not None else (None, None)
        hidden = [code for name in exception.hide_from if (code := ground.agency(case, str(name))) is not None]
        known = (holder, for_agency) == (case.holder, case.holder_for) and set(hidden) <= set(case.hidden_from)
        if holder is None or known:
            return ()
        return (ev.Diverted(part=part, to=holder, for_agency=for_agency, hidden_from=hidden),)
    return ()
