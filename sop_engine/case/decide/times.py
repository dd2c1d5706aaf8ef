"""Holds, extensions, and what the passing of time asks for. Time informs; it never moves a case."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.clock import limit, stage_due
from sop_engine.case.decide.answer import Asked, Decision, happened, not_holder
from sop_engine.case.decide.spawning import by_time
from sop_engine.case.escalation import rungs
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.retention import over_at
from sop_engine.sop.language import Extend, Hold


def hold(asked: Asked, command: cmd.Hold) -> Decision:
    """Stop the deadline of the stage for a reason of the SOP, until its review."""
    said = asked.ground.procedure.sop.holds.get(command.reason)
    if said is None or asked.case.status != "open":
        return refuse("no_hold", "The case cannot be put on hold for this reason", "यस कारणले विषय रोक्न मिल्दैन")
    refusal = _may_stop(asked, command.actor, said)
    if refusal is not None:
        return refusal
    if asked.case.stage in said.not_in:
        return refuse(
            "no_hold_here",
            "In this stage the clock cannot be stopped for this reason",
            "यस चरणमा यस कारणले समय रोक्न मिल्दैन",
        )
    if asked.case.hold is not None:
        return refuse("on_hold", "The case is already on hold", "विषय पहिल्यै रोकिएको छ")
    review = limit(asked.ground, asked.case.holder, happened(command, asked.now), said.review_within)
    return (ev.HoldBegun(reason=command.reason, review_by=review),)


def resume(asked: Asked, command: cmd.Resume) -> Decision:
    """Let the deadline run again."""
    if asked.case.hold is None:
        return refuse("not_on_hold", "The case is not on hold", "विषय रोकिएको छैन")
    refusal = _may_stop(asked, command.actor, asked.ground.procedure.sop.holds[asked.case.hold.reason])
    return refusal or (ev.HoldEnded(),)


def _may_stop(asked: Asked, actor: cmd.Actor, said: Hold) -> Refusal | None:
    """A refusal unless the actor is whom the SOP lets stop the clock for this reason, and let it run again."""
    part, _, role = str(said.by).partition(".")
    has_role = not role or role in actor.roles
    if part == "holder" and has_role:
        return not_holder(asked, actor)
    agency = asked.ground.agency(asked.case, part)
    acting = asked.ground.acting(asked.case, part, agency)[0] if agency is not None and part != "holder" else None
    if acting == actor.agency and has_role:
        return None
    title = asked.ground.directory.title(agency or "")
    return refuse(
        "not_yours",
        f"Another agency stops the clock for this reason: {title.en}",
        f"यस कारणले समय अर्को निकायले रोक्छ: {title.in_language('ne')}",
    )


def extend(asked: Asked, command: cmd.Extend) -> Decision:
    """Give the stage more time, as often as the SOP allows; from the second time on a second person signs."""
    refusal = not_holder(asked, command.actor)
    if refusal is not None:
        return refusal
    due, allowed = stage_due(asked.ground, asked.case, asked.now), _may_extend(asked)
    if allowed is None:
        return refuse("no_extension", "The time of this stage cannot be extended", "यस चरणको समय थप्न मिल्दैन")
    if due is None or command.until <= due.at:
        return refuse("not_longer", "The new time must be after the present one", "नयाँ समय अहिलेको भन्दा पछिको हुनुपर्छ")
    if asked.case.extended >= allowed.times:
        return refuse("extended", "The time was extended as often as it may be", "समय थप्न मिल्ने पटक सकियो")
    if "reason" not in command.sealed:
        return refuse(
            "reason_missing",
            "More time needs a reason: write one sentence",
            "थप समयका लागि कारण चाहिन्छ: एक वाक्य लेख्नुहोस्",
        )
    if allowed.second_person or asked.case.extended:
        row = allowed.second_person[0] if allowed.second_person else None
        role = str(row.role) if row is not None else "supervisor"
        of = asked.ground.agency(asked.case, str(row.of)) if row is not None else asked.case.holder
        until = command.until.isoformat()
        return (ev.Proposed(act="extend", target=until, role=role, of=of or asked.case.holder or ""),)
    return (ev.DeadlineExtended(until=command.until),)


def _may_extend(asked: Asked) -> Extend | None:
    stage = asked.ground.procedure.sop.stages.get(asked.case.stage or "")
    return next((said.extend for said in stage.deadline if said.extend is not None), None) if stage else None


def tick(asked: Asked, command: cmd.Tick) -> Decision:
    """Tell those above what is overdue, each rung once, and open the cases whose time has come."""
    reached = [rung for rung in rungs(asked.ground, asked.case, asked.now) if rung.at <= asked.now]
    told = tuple(ev.Escalated(rung=rung.key, informs=rung.informs) for rung in reached)
    kept_until = over_at(asked.ground, asked.case)
    over = kept_until is not None and kept_until <= asked.now and asked.case.retention_over is None
    found = (*told, *by_time(asked), *((ev.RetentionOver(),) if over else ()))
    return found or refuse("nothing_due", "Nothing is due", "केही पनि बाँकी छैन")


def age(asked: Asked, command: cmd.Age) -> Decision:
    """Work out again the facts that hang on a person's age; the day of the birthday is never stored."""
    procedure = asked.ground.procedure
    names = procedure.facts_of_age()
    results = procedure.work_out(names, {**asked.case.values, **command.known}, asked.now.date())
    changed = {
        name: value for name, value in results.items() if value is not None and asked.case.values.get(name) != value
    }
    if not changed:
        return refuse("nothing_changed", "No fact has changed", "कुनै तथ्य परिवर्तन भएको छैन")
    return (ev.FactsChanged(values=changed),)
