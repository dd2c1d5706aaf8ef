"""The fold: a case and one event give the next case. Knows no SOP; everything needed is in the event."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from sop_engine.case import events as ev
from sop_engine.case.state import (
    MERGED,
    RECENT,
    AwaitedState,
    Case,
    ChildState,
    ConflictState,
    ConsentState,
    EmergencyState,
    ErasedState,
    FileState,
    HeardState,
    HoldState,
    MergedState,
    Occurrence,
    Offer,
    OwedSignature,
    OwnViewState,
    Pause,
    Proposal,
    ReferralState,
    StepState,
    StopState,
    TaskState,
    TrackState,
    changed,
)


def fold(envelopes: Iterable[ev.Envelope]) -> Case | None:
    """The case that a whole history gives; None for an empty one."""
    case: Case | None = None
    for envelope in envelopes:
        case = apply(case, envelope)
    return case


def apply(case: Case | None, envelope: ev.Envelope) -> Case:
    """The case after one event; only an Opened event may come first."""
    event = envelope.event
    if isinstance(event, ev.Opened):
        return _opened(event, envelope)
    if case is None:
        raise ValueError(f"a history begins with an opening, not with {type(event).__name__}")
    changes = _APPLY[type(event)](case, event, envelope)
    return changed(case, seq=envelope.seq, **changes)


def _opened(event: ev.Opened, envelope: ev.Envelope) -> Case:
    return Case(
        id=envelope.case,
        number=event.number,
        sop=event.sop,
        version=event.version,
        about=event.about,
        subject=event.subject,
        seq=envelope.seq,
        opened=envelope.happened,
        opener=envelope.agency,
        entry=event.entry,
        stage_since=envelope.happened,
        counts_from=envelope.happened,
        holder=envelope.agency,
        holder_since=envelope.happened,
        parts=event.parts,
        values=event.values,
        parent=event.parent,
        parent_name=event.parent_name,
        conflicts={
            one.agency: ConflictState(one, envelope.by, envelope.agency, envelope.recorded, envelope.recorded)
            for one in event.conflicts
        },
        hidden_from=event.hidden_from,
    )


def _recorded(case: Case, event: ev.StepRecorded, envelope: ev.Envelope) -> dict[str, Any]:
    before = case.steps.get(event.step)
    recent = list(before.recent) if before else []
    count = before.count if before else 0
    occurrence = Occurrence(envelope.happened, event.values)
    if event.complete and event.alone:
        recent = [one for one in recent if one.by != envelope.by]
        # what was written down on the spot and typed in the stage for it is of this stay in the stage
        here = max(envelope.happened, case.stage_since)
        recent.append(Occurrence(here, event.values, envelope.by, envelope.seq))
        count += 1
    elif event.complete:
        if event.corrects is not None and recent:
            recent[-1] = Occurrence(recent[-1].happened, event.values)
        else:
            recent.append(occurrence)
            count += 1
    anew = before is None or not before.count or (event.complete and event.corrects is None)
    step = StepState(
        seq=envelope.seq,
        status="done" if event.complete else "incomplete",
        happened=envelope.happened if before is None or anew else before.happened,
        recorded=envelope.recorded,
        agency=event.for_agency or envelope.agency,
        count=count,
        recent=recent[-RECENT:],
        documents=before.documents if before else [],
        closed=sorted({*(before.closed if before and event.corrects is None else ()), *event.closed}),
        files=before.files if before else [],
    )
    changes: dict[str, Any] = {"steps": {**case.steps, event.step: step}}
    if event.complete and not event.alone:
        changes["until_left"] = {name: value for name, value in case.until_left.items() if name not in event.values}
        values = {name: value for name, value in case.values.items() if name not in event.lost}
        changes["values"] = {**values, **event.values}
        changes["duties"] = [duty for duty in case.duties if duty.step != event.step]
    if not event.complete:
        changes["drafts"] = [*case.drafts, envelope.seq]
    if event.parts:
        changes["parts"] = {**case.parts, **event.parts}
    return changes


def _waived(case: Case, event: ev.StepWaived, envelope: ev.Envelope) -> dict[str, Any]:
    before = case.steps.get(event.step) or StepState(envelope.seq, "waived", envelope.happened, envelope.recorded)
    happened = before.happened if before.count else envelope.happened
    step = msgspec.structs.replace(before, status="waived", seq=envelope.seq, happened=happened)
    return {"steps": {**case.steps, event.step: step}, "proposal": None}


def _attached(case: Case, event: ev.DocumentAttached, envelope: ev.Envelope) -> dict[str, Any]:
    before = case.steps.get(event.step) or StepState(envelope.seq, "incomplete", envelope.happened, envelope.recorded)
    files = [*before.files, _file(event.document, event.file, envelope)] if event.file else before.files
    step = msgspec.structs.replace(before, documents=sorted({*before.documents, event.document}), files=files)
    duties = [duty for duty in case.duties if duty.step != event.step] if event.completes else case.duties
    return {"steps": {**case.steps, event.step: step}, "duties": duties}


def _file(document: str, file: ev.File, envelope: ev.Envelope) -> FileState:
    return FileState(document, file, envelope.seq, envelope.recorded, envelope.by, envelope.agency)


def _consent(status: str) -> Callable[[Case, Any, ev.Envelope], dict[str, Any]]:
    def change(case: Case, event: Any, envelope: ev.Envelope) -> dict[str, Any]:
        state = ConsentState(
            status, envelope.seq, envelope.happened, getattr(event, "to", []), getattr(event, "classes", [])
        )
        return {"consents": {**case.consents, event.consent: state}}

    return change


def _offered(case: Case, event: ev.Offered, envelope: ev.Envelope) -> dict[str, Any]:
    offer = Offer(
        seq=envelope.seq,
        exit=event.exit,
        stage=event.stage,
        to=event.to,
        by=envelope.agency,
        made=envelope.happened,
        answer_by=event.answer_by,
        for_agency=event.for_agency,
        parts=event.parts,
        signed_by=event.signed_by,
        override=event.override,
    )
    return {"offer": offer, "proposal": None, **_owed_signature(case, event, envelope)}


def _owed_signature(
    case: Case, event: ev.Offered | ev.Entered | ev.Ending | ev.Closed, envelope: ev.Envelope
) -> dict[str, Any]:
    """The second signature that an act leaves to be given."""
    if event.signature_due is None or event.exit is None:
        return {}
    return {
        "owed_signature": OwedSignature(
            event.exit, envelope.by, case.holder or "", envelope.happened, event.signature_due
        )
    }


def _offer_over(case: Case, event: Any, envelope: ev.Envelope) -> dict[str, Any]:
    return {**_without_offer(case), "stage_seq": envelope.seq}


def _without_offer(case: Case) -> dict[str, Any]:
    """An offer that comes to nothing takes with it the signature that it left to be given."""
    owed, offer = case.owed_signature, case.offer
    falls = owed is not None and offer is not None and owed.exit == offer.exit
    return {"offer": None, "owed_signature": None if falls else owed}


def _entered(case: Case, event: ev.Entered, envelope: ev.Envelope) -> dict[str, Any]:
    moved_on = event.holder != case.holder or event.for_agency != case.holder_for
    changes: dict[str, Any] = {
        "status": "open",
        "stage": event.stage,
        "previous": case.stage or case.previous,
        "stage_since": event.since,
        "counts_from": event.counts_from,
        "stage_seq": envelope.seq,
        "entry_seq": envelope.seq,
        "until_left": {},
        "how": event.how,
        "offer": None,
        "proposal": None,
        "hold": None,
        "heard": {},
        "pauses": [],
        "extended": 0,
        "extended_until": None,
        "parts": {**case.parts, **event.parts},
        "entered": {**case.entered, event.stage: event.since},
        "outcome": None,
        "closes_as": None,
        "settled": False,
        "closed": None,
        "ending": None,
        "duties": _with_duties(case, event.duties),
    }
    if case.stage is not None:
        changes["left"] = {**case.left, case.stage: event.since}
    if event.exit is not None:
        changes["taken"] = {**case.taken, event.exit: case.taken.get(event.exit, 0) + 1}
    changes |= _owed_signature(case, event, envelope)
    if moved_on:
        changes |= _new_holder(case, event.holder, event.for_agency, event.since, envelope)
    return changes


def _with_duties(case: Case, owed: list[ev.Owed]) -> list[ev.Owed]:
    steps = {duty.step for duty in owed}
    return [*(duty for duty in case.duties if duty.step not in steps), *owed]


def _new_holder(
    case: Case, holder: str | None, for_agency: str | None, since: Any, envelope: ev.Envelope
) -> dict[str, Any]:
    former = dict(case.former)
    if case.holder is not None and case.holder != holder:
        former[case.holder] = envelope.recorded
    if holder is not None:
        former.pop(holder, None)
    worker = case.worker if holder == case.holder else None
    return {
        "holder": holder,
        "holder_for": for_agency,
        "holder_since": since,
        "holder_seq": envelope.seq,
        "former": former,
        "worker": worker,
    }


def _closed(case: Case, event: ev.Closed, envelope: ev.Envelope) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "status": "closed",
        "outcome": event.outcome,
        "closes_as": event.closes_as,
        "settled": event.settled,
        "closed": envelope.happened,
        "offer": None,
        "proposal": None,
        "hold": None,
        "stop": None,
        "tasks": _of_herself(case),
        "ending": None,
        "heard": {},
        "stage_seq": envelope.seq,
        "entered": {**case.entered, event.outcome: envelope.happened},
        "taken": {**case.taken, event.exit: case.taken.get(event.exit, 0) + 1},
        "duties": _with_duties(case, event.duties),
    }
    changes |= _owed_signature(case, event, envelope)
    if case.stage is not None:
        changes["left"] = {**case.left, case.stage: envelope.happened}
    return changes | _new_holder(case, None, None, envelope.happened, envelope)


def _merged(case: Case, event: ev.Merged, envelope: ev.Envelope) -> dict[str, Any]:
    """What was asked of others ends, as at any end; steps that are owed and what is needed to go on again stay."""
    running = {key: referral for key, referral in case.referrals.items() if referral.running}
    withdrawn = {key: msgspec.structs.replace(one, status="withdrawn") for key, one in running.items()}
    held = [Pause(case.hold.since, max(case.hold.since, envelope.happened))] if case.hold is not None else []
    return {
        "status": "closed",
        "outcome": MERGED,
        "closes_as": "duplicate",
        "closed": envelope.happened,
        "merged": MergedState(
            event.into, event.number, event.holder, event.readers, case.status, case.holder or "", case.holder_for
        ),
        **_without_offer(case),
        "proposal": None,
        "hold": None,
        "pauses": [*case.pauses, *held],
        "tasks": _of_herself(case),
        "awaited": {},
        "referrals": {**case.referrals, **withdrawn},
        "stage_seq": envelope.seq,
        **_new_holder(case, None, None, envelope.happened, envelope),
    }


def _unmerged(case: Case, event: ev.Unmerged, envelope: ev.Envelope) -> dict[str, Any]:
    before, closed = case.merged, case.closed
    assert before is not None, "only a case that was joined to another is parted from it"
    assert closed is not None, "which has ended"
    between = Pause(closed, max(closed, envelope.happened))
    return {
        "status": before.was,
        "outcome": None,
        "closes_as": None,
        "closed": None,
        "merged": None,
        "proposal": None,
        "pauses": [*case.pauses, between],
        "stage_seq": envelope.seq,
        **_new_holder(case, before.left, before.left_for, envelope.happened, envelope),
    }


def _readers(case: Case, event: ev.ReadersChanged, envelope: ev.Envelope) -> dict[str, Any]:
    assert case.merged is not None, "only a case that was joined to another is read with it"
    return {"merged": msgspec.structs.replace(case.merged, holder=event.holder, readers=event.readers)}


def _proposed(case: Case, event: ev.Proposed, envelope: ev.Envelope) -> dict[str, Any]:
    return {
        "proposal": Proposal(
            seq=envelope.seq,
            act=event.act,
            target=event.target,
            role=event.role,
            of=event.of,
            by=envelope.by,
            agency=envelope.agency,
            made=envelope.happened,
            to=event.to,
            override=event.override,
        )
    }


def _spawned(case: Case, event: ev.Spawned, envelope: ev.Envelope) -> dict[str, Any]:
    born = {child.id: ChildState(name=event.name, born=envelope.happened, row=child.row) for child in event.children}
    opened_for = case.opened_for if event.exit else {**case.opened_for, event.name: envelope.happened}
    return {"children": {**case.children, **born}, "opened_for": opened_for}


def _heard(case: Case, event: ev.Heard, envelope: ev.Envelope) -> dict[str, Any]:
    changes: dict[str, Any] = {"values": {**case.values, **event.values}}
    if event.exit is not None and event.due is not None:
        changes["heard"] = {**case.heard, event.event: HeardState(event.exit, envelope.happened, event.due)}
    return changes


def _child(case: Case, event: ev.ChildReported, envelope: ev.Envelope) -> dict[str, Any]:
    before = case.children.get(event.child) or ChildState(name=event.name, born=envelope.happened)
    milestones = sorted({*before.milestones, *event.milestones})
    after = msgspec.structs.replace(before, status=event.status, milestones=milestones)
    return {"children": {**case.children, event.child: after}}


def _hold_begun(case: Case, event: ev.HoldBegun, envelope: ev.Envelope) -> dict[str, Any]:
    return {"hold": HoldState(event.reason, envelope.happened, event.review_by)}


def _hold_ended(case: Case, event: ev.HoldEnded, envelope: ev.Envelope) -> dict[str, Any]:
    since = case.hold.since if case.hold else envelope.happened
    return {"hold": None, "pauses": [*case.pauses, Pause(since, max(since, envelope.happened))]}


def _extended(case: Case, event: ev.DeadlineExtended, envelope: ev.Envelope) -> dict[str, Any]:
    return {
        "extended": case.extended + 1,
        "extended_until": event.until,
        "pauses": [],
        "proposal": case.proposal if event.second_person is None else None,
    }


def _reassigned(case: Case, event: ev.Reassigned, envelope: ev.Envelope) -> dict[str, Any]:
    changes = _new_holder(case, event.to, None, envelope.happened, envelope)
    if event.hide_from_former and case.holder is not None:
        changes["hidden_from"] = sorted({*case.hidden_from, case.holder})
    return {**changes, **_without_offer(case), "proposal": None}


def _escalated(case: Case, event: ev.Escalated, envelope: ev.Envelope) -> dict[str, Any]:
    told = {to.partition(".")[0] for to in event.informs} - {case.holder}
    informed = sorted({*case.informed, *told})
    return {"escalated": [*case.escalated, event.rung], "informed": informed}


def _facts(case: Case, event: ev.FactsChanged, envelope: ev.Envelope) -> dict[str, Any]:
    values = {name: value for name, value in case.values.items() if name not in event.lost}
    before = {name: case.values[name] for name in event.values if name in case.values}
    grown = "is_child" in before and before["is_child"] != "no" and event.values.get("is_child") == "no"
    of_age = {"of_age": envelope.happened} if grown else {}
    return {"values": {**values, **event.values}, "until_left": {**before, **case.until_left}, **of_age}


def _erased(case: Case, event: ev.Erased, envelope: ev.Envelope) -> dict[str, Any]:
    """No file is there any more, and nothing waits for a signature or a decision."""
    steps = {name: msgspec.structs.replace(step, files=[]) if step.files else step for name, step in case.steps.items()}
    return {
        "steps": steps,
        "proposal": None,
        "retention_over": None,
        "erased": ErasedState(envelope.happened, event.because, event.gone_by, event.asked_by, event.signed_by),
    }


def _awaited(case: Case, event: ev.Awaited, envelope: ev.Envelope) -> dict[str, Any]:
    return {"awaited": {**case.awaited, event.key: AwaitedState(event.body, envelope.happened, event.due)}}


def _noted(case: Case, event: ev.Noted, envelope: ev.Envelope) -> dict[str, Any]:
    return {"consulted": sorted({*case.consulted, event.opinion})} if event.opinion is not None else {}


def _track(case: Case, event: ev.TrackMoved, envelope: ev.Envelope) -> dict[str, Any]:
    before = case.tracks.get(event.track)
    reached = {**(before.reached if before else {}), event.state: envelope.happened}
    return {"tracks": {**case.tracks, event.track: TrackState(event.state, reached)}}


def _diverted(case: Case, event: ev.Diverted, envelope: ev.Envelope) -> dict[str, Any]:
    changes = _new_holder(case, event.to, event.for_agency, envelope.happened, envelope)
    hidden = sorted({*case.hidden_from, *event.hidden_from})
    return {
        **changes,
        "parts": {**case.parts, event.part: event.for_agency or event.to},
        "hidden_from": hidden,
        **_without_offer(case),
        "proposal": None,
    }


def _task(case: Case, event: ev.TaskAdded, envelope: ev.Envelope) -> dict[str, Any]:
    task = TaskState(
        event.agency, envelope.happened, event.due, envelope.agency, event.worker, correction=event.correction
    )
    return {"tasks": {**case.tasks, str(envelope.seq): task}}


def _task_ended(case: Case, event: ev.TaskEnded, envelope: ev.Envelope) -> dict[str, Any]:
    return {"tasks": {key: task for key, task in case.tasks.items() if key != event.task}}


def _of_herself(case: Case) -> dict[str, TaskState]:
    """What the person asked is to be answered also after the end."""
    return {key: task for key, task in case.tasks.items() if task.asked_by == ev.PERSON}


def _own_view(case: Case, event: ev.OwnViewSet, envelope: ev.Envelope) -> dict[str, Any]:
    return {
        "own_view": OwnViewState(event.how, envelope.happened, envelope.by, envelope.agency, envelope.seq),
    }


def _stopped(case: Case, event: ev.Stopped, envelope: ev.Envelope) -> dict[str, Any]:
    return {"stop": StopState(envelope.by, envelope.agency, envelope.happened, event.review_by)}


def _emergency(case: Case, event: ev.EmergencyOpened, envelope: ev.Envelope) -> dict[str, Any]:
    opened = EmergencyState(envelope.by, envelope.agency, envelope.recorded, event.until, event.review_by)
    return {"emergencies": {**case.emergencies, str(envelope.seq): opened}}


def _reviewed(case: Case, event: ev.EmergencyReviewed, envelope: ev.Envelope) -> dict[str, Any]:
    seen = msgspec.structs.replace(case.emergencies[event.emergency], justified=event.justified)
    informed = sorted({*case.informed, *event.informs})
    return {"emergencies": {**case.emergencies, event.emergency: seen}, "informed": informed}


def _conflict(case: Case, event: ev.ConflictDeclared, envelope: ev.Envelope) -> dict[str, Any]:
    """What the agency still owed falls to another one; who has the person, and who holds the case, stays a fact."""
    said = event.conflict
    found = ConflictState(
        said, envelope.by, envelope.agency, envelope.recorded, event.act_by, event.confirms, event.confirm_by
    )
    return {
        "conflicts": {**case.conflicts, said.agency: found},
        "duties": [_owed_by(duty, said) for duty in case.duties],
    }


def _owed_by(duty: ev.Owed, said: ev.Conflict) -> ev.Owed:
    falls = duty.agency == said.agency and said.fallback is not None
    return msgspec.structs.replace(duty, agency=said.fallback) if falls else duty


def _confirmed(case: Case, event: ev.ConflictConfirmed, envelope: ev.Envelope) -> dict[str, Any]:
    signed = msgspec.structs.replace(case.conflicts[event.agency], confirms=None, confirm_by=None)
    return {"conflicts": {**case.conflicts, event.agency: signed}}


def _referred(case: Case, event: ev.Referred, envelope: ev.Envelope) -> dict[str, Any]:
    asked = ReferralState(event.to, envelope.agency, event.service, envelope.happened, event.due, event.consent)
    return {"referrals": {**case.referrals, str(envelope.seq): asked}}


def _referral(case: Case, key: str, **values: Any) -> dict[str, Any]:
    return {"referrals": {**case.referrals, key: msgspec.structs.replace(case.referrals[key], **values)}}


_APPLY: dict[type[Any], Callable[[Case, Any, ev.Envelope], dict[str, Any]]] = {
    ev.StepRecorded: _recorded,
    ev.StepWaived: _waived,
    ev.DocumentAttached: _attached,
    ev.ConsentGiven: _consent("given"),
    ev.ConsentRefused: _consent("refused"),
    ev.ConsentWithdrawn: _consent("withdrawn"),
    ev.Offered: _offered,
    ev.OfferRefused: _offer_over,
    ev.OfferWithdrawn: _offer_over,
    ev.Entered: _entered,
    ev.Closed: _closed,
    ev.Proposed: _proposed,
    ev.ProposalRefused: lambda case, event, envelope: {"proposal": None},
    ev.Countersigned: lambda case, event, envelope: {"owed_signature": None},
    ev.Ending: lambda case, event, envelope: {
        "ending": event.exit,
        "ending_signed_by": event.signed_by,
        "proposal": None,
        "stage_seq": envelope.seq,
        **_owed_signature(case, event, envelope),
    },
    ev.Spawned: _spawned,
    ev.ChildReported: _child,
    ev.HandedOver: lambda case, event, envelope: {"with_": event.to, "with_since": envelope.happened},
    ev.Assigned: lambda case, event, envelope: {"worker": event.worker},
    ev.Noted: _noted,
    ev.TrackMoved: _track,
    ev.DutiesArose: lambda case, event, envelope: {"duties": _with_duties(case, event.duties)},
    ev.Diverted: _diverted,
    ev.HoldBegun: _hold_begun,
    ev.HoldEnded: _hold_ended,
    ev.DeadlineExtended: _extended,
    ev.Reassigned: _reassigned,
    ev.Contested: lambda case, event, envelope: {},
    ev.Confirmed: lambda case, event, envelope: {},
    ev.Reopened: lambda case, event, envelope: {
        "status": "opening",
        "entry": event.goes_to,
        "holder": envelope.agency,
        "holder_since": envelope.happened,
        "holder_seq": envelope.seq,
        "stage": None,
        "previous": case.stage,
        "closed": None,
        "retention_over": None,
        "proposal": None,
    },
    ev.Awaited: _awaited,
    ev.Answered: lambda case, event, envelope: {
        "awaited": {key: state for key, state in case.awaited.items() if key != event.key}
    },
    ev.Escalated: _escalated,
    ev.FactsChanged: _facts,
    ev.Heard: _heard,
    ev.TaskAdded: _task,
    ev.TaskEnded: _task_ended,
    ev.OwnViewSet: _own_view,
    ev.Stopped: _stopped,
    ev.Released: lambda case, event, envelope: {"stop": None},
    ev.EmergencyOpened: _emergency,
    ev.EmergencyReviewed: _reviewed,
    ev.ConflictDeclared: _conflict,
    ev.ConflictConfirmed: _confirmed,
    ev.ConflictLifted: lambda case, event, envelope: {
        "conflicts": {agency: one for agency, one in case.conflicts.items() if agency != event.agency},
        "proposal": None,
    },
    ev.Referred: _referred,
    ev.ReferralOpened: lambda case, event, envelope: _referral(case, event.referral, opened=envelope.happened),
    ev.ReferralAnswered: lambda case, event, envelope: _referral(
        case, event.referral, status=event.answer, reason=event.reason
    ),
    ev.ReferralWithdrawn: lambda case, event, envelope: _referral(case, event.referral, status="withdrawn"),
    ev.LegalHoldBegun: lambda case, event, envelope: {
        "legal_holds": {**case.legal_holds, envelope.agency: envelope.happened}
    },
    ev.LegalHoldEnded: lambda case, event, envelope: {
        "legal_holds": {agency: since for agency, since in case.legal_holds.items() if agency != event.of}
    },
    ev.RetentionOver: lambda case, event, envelope: {"retention_over": envelope.happened},
    ev.Erased: _erased,
    ev.Resembled: lambda case, event, envelope: {"resembles": {**case.resembles, event.other: event.number}},
    ev.Merged: _merged,
    ev.Unmerged: _unmerged,
    ev.ReadersChanged: _readers,
    ev.Joined: lambda case, event, envelope: {"joined": {**case.joined, event.other: event.number}},
    ev.Parted: lambda case, event, envelope: {
        "joined": {other: number for other, number in case.joined.items() if other != event.other}
    },
}
