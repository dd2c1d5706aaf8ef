"""Holds, extensions, and what the passing of time asks for. Time informs; it never moves a case."""

from datetime import timedelta

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.clock import all_due, calendar_of, stage_due
from sop_engine.case.decide.answer import Asked, Decision, happened, not_holder
from sop_engine.case.refusal import refuse


def hold(asked: Asked, command: cmd.Hold) -> Decision:
    """Stop the deadline of the stage for a reason of the SOP, until its review."""
    refusal = not_holder(asked, command.actor)
    if refusal is not None:
        return refusal
    said = asked.ground.procedure.sop.holds.get(command.reason)
    if said is None or asked.case.status != "open":
        return refuse("no_hold", "The case cannot be put on hold for this reason", "यस कारणले विषय रोक्न मिल्दैन")
    if asked.case.stage in said.not_in:
        return refuse(
            "no_hold_here",
            "In this stage the clock cannot be stopped for this reason",
            "यस चरणमा यस कारणले समय रोक्न मिल्दैन",
        )
    if asked.case.hold is not None:
        return refuse("on_hold", "The case is already on hold", "विषय पहिल्यै रोकिएको छ")
    review = calendar_of(asked.ground, asked.case.holder).after(happened(command, asked.now), said.review_within)
    return (ev.HoldBegun(reason=command.reason, review_by=review),)


def resume(asked: Asked, command: cmd.Resume) -> Decision:
    """Let the deadline run again."""
    refusal = not_holder(asked, command.actor)
    if refusal is not None:
        return refusal
    if asked.case.hold is None:
        return refuse("not_on_hold", "The case is not on hold", "विषय रोकिएको छैन")
    return (ev.HoldEnded(),)


def extend(asked: Asked, command: cmd.Extend) -> Decision:
    """Give the stage more time once, with a reason; a second time is refused until the SOP language says who may."""
    refusal = not_holder(asked, command.actor)
    if refusal is not None:
        return refusal
    due = stage_due(asked.ground, asked.case, asked.now)
    if due is None or command.until <= due.at:
        return refuse("not_longer", "The new time must be after the present one", "नयाँ समय अहिलेको भन्दा पछिको हुनुपर्छ")
    if asked.case.extended:
        return refuse("extended_once", "The time was extended once already", "समय एक पटक थपिइसकेको छ")
    if "reason" not in command.sealed:
        return refuse(
            "reason_missing",
            "More time needs a reason: write one sentence",
            "थप समयका लागि कारण चाहिन्छ: एक वाक्य लेख्नुहोस्",
        )
    return (ev.DeadlineExtended(until=command.until),)


def tick(asked: Asked, command: cmd.Tick) -> Decision:
    """Tell those above what is overdue, each rung once."""
    events: list[ev.Event] = []
    case = asked.case
    if case.status == "closed":
        return refuse("nothing_due", "Nothing is overdue", "केही पनि ढिला छैन")
    for rung, informs in overdue_rungs(asked):
        if rung not in case.escalated:
            events.append(ev.Escalated(rung=rung, informs=informs))
    return tuple(events) if events else refuse("nothing_due", "Nothing is overdue", "केही पनि ढिला छैन")


def overdue_rungs(asked: Asked) -> list[tuple[str, list[str]]]:
    """The rungs of the ladder that are reached now: of the stage, as its SOP says or the default, and of an offer."""
    case, ground = asked.case, asked.ground
    reached: list[tuple[str, list[str]]] = []
    for due in all_due(ground, case, asked.now):
        if due.at > asked.now or due.what not in ("stage", "clock", "offer"):
            continue
        ladder = _ladder(asked, due.what)
        for number, (after, informs) in enumerate(ladder):
            if asked.now >= due.at + after:
                seq = case.offer.seq if due.what == "offer" and case.offer else case.stage_seq
                reached.append(
                    (
                        f"{due.what}:{due.name}:{seq}:{number}",
                        [_told(asked, to, due.agency) for to in informs],
                    )
                )
    return reached


def _ladder(asked: Asked, what: str) -> list[tuple[timedelta, list[str]]]:
    """The SOP's own ladder, or the default: supervisor at once, district committee, then the national secretariat."""
    stage = asked.ground.procedure.sop.stages.get(asked.case.stage or "")
    if what == "stage" and stage is not None and stage.escalate:
        return [(row.overdue_by.roughly(), [str(to) for to in row.informs]) for row in stage.escalate]
    second = timedelta(hours=24) if stage is not None and stage.protection else timedelta(days=3)
    return [(timedelta(0), ["holder.supervisor"]), (second, ["dccht"]), (timedelta(days=7), ["nccht"])]


def _told(asked: Asked, to: str, late: str | None) -> str:
    part, _, role = to.partition(".")
    agency = late if part == "holder" else asked.ground.agency(asked.case, part)
    return f"{agency or part}.{role}" if role else (agency or part)


def age(asked: Asked, command: cmd.Age) -> Decision:
    """Work out again the facts that hang on a person's age; the day of the birthday is never stored."""
    procedure = asked.ground.procedure
    names = [
        str(name)
        for name, fact in procedure.sop.facts.items()
        if fact.as_ in ("under_18", "age_band") and fact.on is None
    ]
    results = procedure.work_out(names, {**asked.case.values, **command.known}, asked.now.date())
    changed = {
        name: value for name, value in results.items() if value is not None and asked.case.values.get(name) != value
    }
    if not changed:
        return refuse("nothing_changed", "No fact has changed", "कुनै तथ्य परिवर्तन भएको छैन")
    return (ev.FactsChanged(values=changed),)
