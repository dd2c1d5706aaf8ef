"""Who is accountable now, for what, until when, who is next, and with whom the person is: the one answer that every
page, the command line and Python show."""

from datetime import datetime

import msgspec

from sop_engine.case.clock import Due, all_due, periods_running, values_now
from sop_engine.case.decide.answer import Asked
from sop_engine.case.decide.moving import lacks
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Unmet
from sop_engine.case.requirements import mark
from sop_engine.case.state import Case
from sop_engine.sop.language import Exit, Text
from sop_engine.sop.procedure import Procedure


class Accountability(msgspec.Struct, frozen=True):
    """The strip of a case. `holder` is None once it is closed."""

    holder: str | None
    holder_for: str | None
    since: datetime
    stage: str | None
    stage_title: Text
    until: Due | None
    also_due: list[Due]
    periods: list[Due]
    next_agency: str | None
    next_title: Text | None
    next_kind: Text | None
    offered_to: str | None
    with_: str | None
    on_hold: str | None


def accountability(ground: Ground, case: Case, now: datetime) -> Accountability:
    """The strip of a case at a moment."""
    sop = ground.procedure.sop
    due = all_due(ground, case, now)
    until = next((one for what in ("stage", "offer", "hold") for one in due if one.what == what), None)
    next_agency, next_title, next_kind = _next(ground, case, now)
    if case.status == "closed" and case.outcome:
        title = outcome_title(ground.procedure, case.outcome)
    elif case.stage is None or case.status == "opening":
        title = Text("Opening", "खोलिँदै")
    else:
        title = sop.stages[case.stage].title
    return Accountability(
        holder=case.holder,
        holder_for=case.holder_for,
        since=case.holder_since,
        stage=case.stage,
        stage_title=title,
        until=until if case.status != "closed" else None,
        also_due=[one for one in due if one != until],
        periods=periods_running(ground, case, now) if case.status != "closed" else [],
        next_agency=next_agency,
        next_title=next_title,
        next_kind=next_kind,
        offered_to=case.offer.to if case.offer else None,
        with_=case.with_,
        on_hold=case.hold.reason if case.hold else None,
    )


def outcome_title(procedure: Procedure, name: str) -> Text:
    """What an end is called; every procedure has that of a case that was joined to another of the same person."""
    said = procedure.sop.outcomes.get(name)
    return said.title if said is not None else Text("Joined to another case", "अर्को विषयमा गाभियो")


def likely_exit(ground: Ground, case: Case, now: datetime) -> tuple[str, Exit] | None:
    """The exit that the case will most likely take: the first in the SOP's order that can still be for it.

    Where none can be for it now, the first that can be once the periods are over.
    """
    now_known = values_now(ground, case, now)
    for values in (now_known, {**now_known, **{str(name): "over" for name in ground.procedure.sop.periods}}):
        for name, exit_ in ground.exits(case).items():
            if exit_.lapse or exit_.by_wish or name in ground.procedure.sop.anywhere:
                continue
            if ground.procedure.holds(exit_.only_if, values) is not False:
                return name, exit_
    return None


def _next(ground: Ground, case: Case, now: datetime) -> tuple[str | None, Text | None, Text | None]:
    """The agency that comes next, what it will do, and, where it is not known yet, its kind."""
    sop = ground.procedure.sop
    if case.status == "closed":
        return None, None, None
    if case.offer is not None:
        stage = case.offer.stage
        return case.offer.to, sop.stages[stage].title, None
    if case.status == "opening":
        agency, kind = _accountable(ground, case, case.entry, now)
        return agency, sop.stages[case.entry].title, kind
    found = likely_exit(ground, case, now)
    if found is None:
        return None, None, None
    name, exit_ = found
    if exit_.ends is not None:
        bound = next(iter(exit_.spawn.bind.values()), None) if exit_.spawn else None
        agency = ground.agency(case, str(bound)) if bound else None
        return agency, sop.outcomes[str(exit_.ends)].title, _kind(ground, str(bound)) if bound else None
    target = ground.target(case, name) or str(exit_.goes_to)
    agency, kind = _accountable(ground, case, target, now)
    return agency, sop.stages[target].title, kind


def _accountable(ground: Ground, case: Case, stage: str, now: datetime) -> tuple[str | None, Text | None]:
    part = ground.stage_part(stage, values_now(ground, case, now))
    return (ground.agency(case, part), _kind(ground, part)) if part else (None, None)


def _candidates(ground: Ground, case: Case, stage: str | None, now: datetime) -> list[str]:
    part = ground.stage_part(stage, values_now(ground, case, now)) if stage else None
    return list(ground.candidates(case, part)) if part else []


def _kind(ground: Ground, part_name: str) -> Text | None:
    part = ground.part(part_name)
    if part is None:
        return None
    return part.title or ground.directory.kinds.get(str(part.kind[0]), Text(str(part.kind[0])))


class StepView(msgspec.Struct, frozen=True):
    """A step as a task: its mark, who does it, and its own limit."""

    name: str
    title: Text
    mark: str
    doer: str | None
    optional: bool
    due: datetime | None


class ExitView(msgspec.Struct, frozen=True):
    """A way out as a page offers it; `candidates` are the receivers to choose from, `lacks` what is still unmet."""

    name: str
    title: Text
    lacks: list[Unmet]
    receiver: str | None
    candidates: list[str]
    reason: bool
    second_person: bool
    by: str | None
    by_wish: bool
    lapse: bool
    ends: bool
    main: bool
    override: bool = False


def step_views(ground: Ground, case: Case, now: datetime) -> list[StepView]:
    """The steps of the stage in which the case is, and those still owed, in the order of the SOP."""
    values = values_now(ground, case, now)
    dues = {due.name: due.at for due in all_due(ground, case, now) if due.what in ("step", "duty")}
    names = list(ground.procedure.sop.stages[case.stage].steps) if case.stage and case.status == "open" else []
    names += [name for name in ground.procedure.sop.steps if case.status == "open"]
    names += [duty.step for duty in case.duties if duty.step not in names]
    views = []
    for name in names:
        step = ground.procedure.step_of(name)
        state = mark(ground, case, str(name), values, now)
        if state == "not_needed" and ground.procedure.holds(step.only_if, values) is not True:
            continue
        owed = any(duty.step == name for duty in case.duties)
        optional = state == "not_needed" and step.needed.if_ is None and not step.needed.always and not owed
        views.append(
            StepView(str(name), step.title, state, ground.doers(case, step)[0][0], optional, dues.get(str(name)))
        )
    return views


def exit_views(ground: Ground, case: Case, now: datetime) -> list[ExitView]:
    """The ways out of the stage that are for this case (or may still be), with what each lacks."""
    if case.status != "open":
        return []
    likely = likely_exit(ground, case, now)
    views = (_exit_view(ground, case, name, exit_, likely, now) for name, exit_ in ground.exits(case).items())
    return [view for view in views if view is not None]


def exit_view(ground: Ground, case: Case, name: str, now: datetime) -> ExitView | None:
    """One way out of the stage of an open case, with what it lacks; None where it is not for this case."""
    exit_ = ground.exits(case).get(name)
    if exit_ is None or case.status != "open":
        return None
    return _exit_view(ground, case, name, exit_, likely_exit(ground, case, now), now)


def may_take(view: ExitView, case: Case, agency: str) -> bool:
    """Whether a way out is an agency's to take."""
    return view.by == agency if view.lapse else agency in (case.holder, view.by)


def _exit_view(
    ground: Ground, case: Case, name: str, exit_: Exit, likely: tuple[str, Exit] | None, now: datetime
) -> ExitView | None:
    if ground.procedure.holds(exit_.only_if, values_now(ground, case, now)) is False:
        return None
    target = ground.target(case, name) if exit_.goes_to else None
    candidates = _candidates(ground, case, target, now)
    lacking = lacks(Asked(ground, case, now), name, exit_)
    only_waits = bool(lacking) and all(unmet.code == "waiting" for unmet in lacking)
    waits = ground.procedure.sop.stages[case.stage or ""].wait_for
    return ExitView(
        name=name,
        title=exit_.title,
        lacks=lacking,
        receiver=candidates[0] if len(candidates) == 1 else None,
        candidates=candidates if len(candidates) > 1 else [],
        reason=exit_.reason,
        second_person=bool(exit_.second_person),
        by=ground.agency(case, str(exit_.by)) if exit_.by else case.holder,
        by_wish=exit_.by_wish is not None,
        lapse=exit_.lapse,
        ends=exit_.ends is not None,
        main=likely is not None and name == likely[0],
        override=only_waits and waits is not None and waits.override is not None,
    )
