"""Was this event as the SOP asks? A verdict for each event of a history, by whomever it was written.

Authority is judged by who held the case when the event was recorded, lateness by when it happened. An event that the
engine accepted is conforming, a lawful departure, or a finding of a few kinds; any other kind means that the history
was not made by the engine, or not under this SOP.
"""

from collections.abc import Sequence

import msgspec

from sop_engine.case import events as ev
from sop_engine.case.apply import apply
from sop_engine.case.clock import all_due, steps_due, values_now
from sop_engine.case.decide.answer import Asked
from sop_engine.case.decide.moving import lacks, second_person
from sop_engine.case.ground import Ground
from sop_engine.case.requirements import offered, unmet
from sop_engine.case.state import Case
from sop_engine.sop.language import Exit

CONFORMING, DEPARTURE, FINDING, BREACH = "conforming", "departure", "finding", "breach"
FINDINGS = ("late", "no_longer_met", "second_person_missing", "contested", "emergency_unjustified")
DEPARTURES = ("waived", "overridden", "by_law", "lapse", "reassigned", "extended", "diverted", "emergency", "conflict")
_KIND_OF = {
    "step_not_done": "skipped_step",
    "document_missing": "skipped_step",
    "not_known": "skipped_step",
    "count": "skipped_step",
    "consent_not_asked": "missing_consent",
    "consent_refused": "missing_consent",
    "consent_withdrawn": "missing_consent",
    "consent_other_receiver": "missing_consent",
    "consent_over": "missing_consent",
}


class Verdict(msgspec.Struct, frozen=True):
    """What one event is, of which `kind`, and the agency and stage to which it is charged."""

    verdict: str
    kind: str = ""
    agency: str | None = None
    stage: str | None = None


def verdicts(ground: Ground, before: Case | None, envelope: ev.Envelope) -> list[Verdict]:
    """What an event is, given the case before it; one conforming verdict where nothing is to be said."""
    found = [] if before is None else _judge(ground, before, envelope)
    return found or [Verdict(CONFORMING)]


def _judge(ground: Ground, before: Case, envelope: ev.Envelope) -> list[Verdict]:
    event = envelope.event
    if isinstance(event, ev.StepRecorded):
        return _step(ground, before, envelope, event)
    if isinstance(event, ev.Offered):
        return _exit(ground, before, envelope, event.exit, event.stage, late=False)
    if isinstance(event, ev.Entered):
        return _entered(ground, before, envelope, event)
    if isinstance(event, ev.Ending):
        return _exit(ground, before, envelope, event.exit, event.outcome, late=False)
    if isinstance(event, ev.Closed):
        return _closed(ground, before, envelope, event)
    return _other(before, envelope)


def _other(before: Case, envelope: ev.Envelope) -> list[Verdict]:
    event, charged = envelope.event, (before.holder, before.stage)
    if isinstance(event, ev.StepWaived):
        signed = before.proposal is not None and before.proposal.by != event.second_person
        return [Verdict(DEPARTURE, "waived", *charged) if signed else Verdict(BREACH, "rule_broken", *charged)]
    if isinstance(event, ev.Merged | ev.Unmerged):
        act = "merge" if isinstance(event, ev.Merged) else "unmerge"
        proposal = before.proposal
        signed = proposal is not None and proposal.act == act and proposal.by != event.signed_by
        return [] if signed else [Verdict(BREACH, "rule_broken", *charged)]
    if isinstance(event, ev.Erased) and event.because != "together":
        proposal = before.proposal
        signed = proposal is not None and proposal.act == "erase" and proposal.by != event.signed_by
        return [] if signed and not before.legal_holds else [Verdict(BREACH, "rule_broken", envelope.agency)]
    if isinstance(event, ev.Reassigned):
        return [Verdict(DEPARTURE, "reassigned", envelope.agency, before.stage)]
    if isinstance(event, ev.Diverted):
        return [Verdict(DEPARTURE, "diverted", *charged)]
    if isinstance(event, ev.DeadlineExtended):
        return [Verdict(DEPARTURE, "extended", *charged)]
    if isinstance(event, ev.Released) and before.stop is not None and envelope.happened > before.stop.review_by:
        return [Verdict(FINDING, "late", *charged)]
    if isinstance(event, ev.ConflictDeclared):
        return [Verdict(DEPARTURE, "conflict", event.conflict.agency, before.stage)]
    if isinstance(event, ev.ConflictConfirmed | ev.ConflictLifted):
        return _conflict(before, envelope, event)
    if isinstance(event, ev.EmergencyOpened):
        return [Verdict(DEPARTURE, "emergency", envelope.agency, before.stage)]
    if isinstance(event, ev.EmergencyReviewed):
        return _emergency(before, envelope, event)
    if isinstance(event, ev.Contested):
        return [Verdict(FINDING, "contested", *charged)]
    if isinstance(event, ev.Escalated) and event.rung.startswith("signature:"):
        return [Verdict(FINDING, "second_person_missing", *charged)]
    if isinstance(event, ev.Escalated) and event.rung.startswith("confirmation:"):
        unsigned = before.conflicts.get(event.rung.split(":")[1])
        return [Verdict(FINDING, "second_person_missing", unsigned.confirms if unsigned else None, before.stage)]
    if isinstance(event, ev.Opened):
        return [Verdict(BREACH, "wrong_order", *charged)]
    return []


def _conflict(before: Case, envelope: ev.Envelope, event: ev.ConflictConfirmed | ev.ConflictLifted) -> list[Verdict]:
    found, proposal = before.conflicts.get(event.agency), before.proposal
    if isinstance(event, ev.ConflictConfirmed):
        signed = found is not None and found.confirms is not None and found.by != envelope.by
    else:
        asked = proposal is not None and proposal.act == "lift_conflict" and proposal.target == event.agency
        signed = found is not None and asked and proposal is not None and proposal.by != event.signed_by
    return [] if signed else [Verdict(BREACH, "rule_broken", envelope.agency, before.stage)]


def _emergency(before: Case, envelope: ev.Envelope, event: ev.EmergencyReviewed) -> list[Verdict]:
    """A review is charged to who was to make it where it is late, and to who read where it was not justified."""
    opened = before.emergencies.get(event.emergency)
    if opened is None or opened.justified is not None or opened.by == envelope.by:
        return [Verdict(BREACH, "rule_broken", envelope.agency, before.stage)]
    late = envelope.happened > opened.review_by
    found = [Verdict(FINDING, "late", envelope.agency, before.stage)] if late else []
    return (
        found if event.justified else [*found, Verdict(FINDING, "emergency_unjustified", opened.agency, before.stage)]
    )


def _step(ground: Ground, before: Case, envelope: ev.Envelope, event: ev.StepRecorded) -> list[Verdict]:
    charged = (envelope.agency, before.stage)
    if event.step not in ground.procedure.steps:
        return [Verdict(BREACH, "unknown_event", *charged)]
    stage, step = ground.procedure.steps[event.step]
    owed = any(duty.step == event.step and duty.agency == envelope.agency for duty in before.duties)
    found = []
    if not owed and envelope.agency not in {agency for agency, _ in ground.recorders(before, event.step)}:
        found.append(Verdict(BREACH, "wrong_agency", *charged))
    ahead = stage is not None and stage != before.stage and stage not in before.entered
    if not owed and ahead and event.corrects is None:
        found.append(Verdict(BREACH, "wrong_order", *charged))
    values = values_now(ground, before, envelope.recorded)
    if not offered(ground, step, values):
        found.append(Verdict(BREACH, "rule_broken", *charged))
    if event.complete:
        lacking = [
            lack for said in step.requires for lack in unmet(ground, before, said, None, values, envelope.recorded)
        ]
        found += [Verdict(BREACH, _KIND_OF.get(lack.code, "rule_broken"), *charged) for lack in lacking[:1]]
        found += _late_step(ground, before, envelope, event.step)
    if event.corrects is not None:
        found += _no_longer_met(ground, before, event, envelope)
    return found


def _late_step(ground: Ground, before: Case, envelope: ev.Envelope, step: str) -> list[Verdict]:
    limits = [due.at for due in steps_due(ground, before, envelope.recorded) if due.name == step]
    limits += [duty.due for duty in before.duties if duty.step == step]
    late = any(envelope.happened > limit for limit in limits)
    return [Verdict(FINDING, "late", envelope.agency, before.stage)] if late else []


def _no_longer_met(ground: Ground, before: Case, event: ev.StepRecorded, envelope: ev.Envelope) -> list[Verdict]:
    """A correction never moves a stage; where a way that was taken would not be open now, that is a finding."""
    after = msgspec.structs.replace(before, values={**before.values, **event.values})
    values = values_now(ground, after, envelope.recorded)
    exits = {str(n): e for stage in ground.procedure.sop.stages for n, e in ground.procedure.sop.exits(stage).items()}
    for name in before.taken:
        exit_ = exits.get(name)
        if exit_ is None:
            continue
        open_now = ground.procedure.holds(exit_.only_if, values) is not False
        wheres = [said.where for said in exit_.requires if said.kind == "where" and said.if_ is None]
        if not open_now or any(ground.procedure.holds(where, values) is False for where in wheres):
            return [Verdict(FINDING, "no_longer_met", envelope.agency, before.stage)]
    return []


def _closed(ground: Ground, before: Case, envelope: ev.Envelope, event: ev.Closed) -> list[Verdict]:
    """An end; one that waited for another case was judged when it was chosen, and is only late or not."""
    if before.ending == event.exit:
        return _late(ground, before, envelope)
    return _exit(ground, before, envelope, event.exit, event.outcome)


def _late(ground: Ground, before: Case, envelope: ev.Envelope) -> list[Verdict]:
    dues = [due for due in all_due(ground, before, envelope.recorded) if due.what in ("stage", "clock")]
    return [Verdict(FINDING, "late", due.agency, before.stage) for due in dues if envelope.happened > due.at]


def _entered(ground: Ground, before: Case, envelope: ev.Envelope, event: ev.Entered) -> list[Verdict]:
    if event.exit is None:
        return _begun(ground, before, envelope, event)
    found = _exit(ground, before, envelope, event.exit, event.stage)
    if event.how in ("by_law", "lapse"):
        found.append(Verdict(DEPARTURE, event.how, envelope.agency, before.stage))
    if event.how == "accepted" and (before.offer is None or before.offer.to != envelope.agency):
        found.append(Verdict(BREACH, "wrong_agency", envelope.agency, before.stage))
    return found


def _begun(ground: Ground, before: Case, envelope: ev.Envelope, event: ev.Entered) -> list[Verdict]:
    """The first stage: entered by whoever opens, by acceptance, or where the stage says so by law."""
    by_law = event.how == "by_law" and ground.procedure.sop.stages[event.stage].taking_over.by_law is not None
    if before.status != "opening" or not (by_law or event.how in ("opened", "reopened")):
        return [Verdict(BREACH, "wrong_order", envelope.agency, before.stage)]
    return [Verdict(DEPARTURE, "by_law", envelope.agency, before.stage)] if by_law else []


def _exit(
    ground: Ground, before: Case, envelope: ev.Envelope, name: str | None, target: str, late: bool = True
) -> list[Verdict]:
    charged = (before.holder, before.stage)
    if name is None:
        return []
    exit_ = ground.exits(before).get(name)
    if exit_ is None or ground.target(before, name) != target:
        return [Verdict(BREACH, "wrong_order", envelope.agency, before.stage)]
    found = _authority(ground, before, envelope, exit_)
    overridden = _overridden(before, envelope)
    lacking = lacks(Asked(ground, before, envelope.recorded), name, exit_, _to(envelope), override=overridden)
    found += [Verdict(BREACH, _KIND_OF.get(lack.code, "rule_broken"), *charged) for lack in lacking[:1]]
    if overridden:
        found.append(Verdict(DEPARTURE, "overridden", *charged))
    return [*found, *_late(ground, before, envelope)] if late else found


def _authority(ground: Ground, before: Case, envelope: ev.Envelope, exit_: Exit) -> list[Verdict]:
    allowed = {before.holder, ev.SYSTEM, before.offer.to if before.offer else None}
    allowed.add(before.proposal.of if before.proposal else None)
    if exit_.by is not None and (agency := ground.agency(before, str(exit_.by))) is not None:
        allowed.add(ground.acting(before, str(exit_.by), agency)[0])
    wrong = envelope.agency not in allowed
    found = [Verdict(BREACH, "wrong_agency", envelope.agency, before.stage)] if wrong else []
    if before.offer is None and _lacks_signature(ground, before, envelope, exit_):
        found.append(Verdict(BREACH, "rule_broken", before.holder, before.stage))
    return found


def _lacks_signature(ground: Ground, before: Case, envelope: ev.Envelope, exit_: Exit) -> bool:
    """Whether a second person had to sign before the act and did not; of an offer it is judged when it is made."""
    asked = Asked(ground, before, envelope.recorded)
    signature = second_person(asked, exit_, _overridden(before, envelope))
    return signature is not None and signature.after is None and getattr(envelope.event, "signed_by", None) is None


def _overridden(before: Case, envelope: ev.Envelope) -> bool:
    proposal, event = before.proposal, envelope.event
    signed = getattr(event, "signed_by", None) is not None
    # Who goes on without it, since nothing is waited for any more, does not do what was proposed.
    if signed and proposal is not None and proposal.override and proposal.target == getattr(event, "exit", None):
        return True
    return before.offer is not None and before.offer.override and isinstance(envelope.event, ev.Entered)


def _to(envelope: ev.Envelope) -> str | None:
    event = envelope.event
    return (event.for_agency or event.to) if isinstance(event, ev.Offered) else None


def of_history(ground: Ground, envelopes: Sequence[ev.Envelope]) -> list[tuple[ev.Envelope, list[Verdict]]]:
    """The verdicts of a whole history, event by event."""
    judged, case = [], None
    for envelope in envelopes:
        judged.append((envelope, verdicts(ground, case, envelope)))
        case = apply(case, envelope)
    return judged
