"""Moving a case: taking an exit, and the receiver's answer to an offer."""

from dataclasses import dataclass
from datetime import datetime

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.clock import limit, stage_due, track_state, values_now
from sop_engine.case.decide.answer import Asked, Decision, happened, not_holder, stale
from sop_engine.case.decide.spawning import by_exit
from sop_engine.case.decide.taking_over import Receiver, choose, duties_left, offer, stage_of, take
from sop_engine.case.refusal import Refusal, Unmet, refuse
from sop_engine.case.requirements import not_known, too_early, unmet_by_exit, unmet_waiting
from sop_engine.case.state import Offer
from sop_engine.sop.language import Exit, Outcome, Signature, Text

REFUSAL_REASONS = (
    "wrong_agency",
    "no_capacity",
    "conflict_of_interest",
    "papers_missing",
    "not_our_district",
    "other",
)


def go(asked: Asked, command: cmd.Go) -> Decision:
    """Take an exit of the stage in which the case is."""
    case = asked.case
    exit_ = asked.ground.exits(case).get(command.exit) if case.status == "open" else None
    if exit_ is None:
        return refuse("no_exit", "This is not possible from where the case is now", "विषय अहिले रहेको ठाउँबाट यो सम्भव छैन")
    refusal = _may_go(asked, command, exit_) or stale(case, command, case.stage_seq, case.holder_seq)
    if refusal is not None:
        return refusal
    if case.offer is not None and not exit_.by_wish:
        to = asked.ground.directory.title(case.offer.to)
        return refuse(
            "offer_open",
            f"The case is offered to {to.en}: wait for the answer or withdraw the offer",
            f"विषय {to.in_language('ne')} लाई प्रस्ताव गरिएको छ: जवाफ पर्खनुहोस् वा प्रस्ताव फिर्ता लिनुहोस्",
        )
    if case.ending is not None and not exit_.by_wish:
        return refuse(
            "ending",
            "The case is ending: the next agency has not accepted yet",
            "विषय टुङ्गिँदैछ: अर्को निकायले स्वीकार गरेको छैन",
        )
    decided = take_exit(asked, command.exit, exit_, command.to, command.override, command, None)
    return decided if isinstance(decided, Refusal) else (*decided, *_confirmed(asked, command))


def _confirmed(asked: Asked, command: cmd.Go) -> tuple[ev.Event, ...]:
    stage = asked.case.stage or ""
    rules = [number for number in command.confirmed if number in range(len(stage_of(asked, stage).rules))]
    return (ev.Confirmed(stage=stage, rules=rules),) if rules else ()


def _may_go(asked: Asked, command: cmd.Go, exit_: Exit) -> Refusal | None:
    if exit_.by is None:
        refusal = not_holder(asked, command.actor)
    else:
        agency = asked.ground.agency(asked.case, str(exit_.by))
        acting = asked.ground.acting(asked.case, str(exit_.by), agency)[0] if agency else None
        allowed = {acting} if exit_.lapse else {acting, asked.case.holder}
        refusal = (
            None
            if command.actor.agency in allowed
            else refuse("not_by", "Another agency may do this", "यो काम अर्को निकायले गर्न सक्छ")
        )
    if refusal is not None:
        return refusal
    waits = stage_of(asked, asked.case.stage or "").wait_for
    overrides = (
        command.override
        and exit_.asks_steps
        and waits is not None
        and waits.override is not None
        and waits.override.reason
    )
    if (exit_.reason or overrides) and "reason" not in command.sealed:
        return refuse(
            "reason_missing",
            f"'{exit_.title.en}' needs a reason: write one sentence",
            f"'{exit_.title.in_language('ne')}' का लागि कारण चाहिन्छ: एक वाक्य लेख्नुहोस्",
        )
    return None


@dataclass(frozen=True, slots=True)
class Leaving:
    """One taking of an exit: who signed as second person, when it happened, and what is still to be signed."""

    name: str
    exit: Exit
    override: bool
    signed_by: str | None
    when: datetime
    signature_due: datetime | None


def take_exit(
    asked: Asked, name: str, exit_: Exit, to: str | None, override: bool, command: cmd.Command, signed_by: str | None
) -> Decision:
    """Everything between the wish to take an exit and its effect; `signed_by` is the second person who agreed."""
    override = override and exit_.asks_steps and _may_override(asked)
    lacking = lacks(asked, name, exit_, to, override)
    if lacking:
        title = exit_.title
        return refuse("unmet", f"Cannot do '{title.en}'", f"'{title.in_language('ne')}' गर्न सकिँदैन", *lacking)
    signature = second_person(asked, exit_, override)
    if signature is not None and signature.after is None and signed_by is None:
        of = _of(asked, signature)
        return (ev.Proposed(act="go", target=name, role=str(signature.role), of=of, to=to, override=override),)
    wait = signature.after if signature is not None else None
    due = limit(asked.ground, asked.case.holder, asked.now, wait) if wait is not None else None
    leaving = Leaving(name, exit_, override, signed_by, happened(command, asked.now), due)
    return _end(asked, leaving) if exit_.ends is not None else _move(asked, leaving, to)


def _move(asked: Asked, leaving: Leaving, to: str | None) -> Decision:
    target = asked.ground.target(asked.case, leaving.name)
    if target is None:
        return refuse("no_exit", "There is no stage to go back to", "फर्कने चरण छैन")
    receiver = choose(asked, target, to)
    if isinstance(receiver, Refusal):
        return receiver
    withdrawn = (ev.OfferWithdrawn(why="her_wish"),) if asked.case.offer is not None else ()
    return (*withdrawn, _hand(asked, leaving, target, receiver), *by_exit(asked, leaving.name, leaving.exit.spawn))


def _hand(asked: Asked, leaving: Leaving, target: str, receiver: Receiver) -> ev.Event:
    """Enter the next stage where its receiver takes over without being asked; else offer it."""
    taking, exit_, when = stage_of(asked, target).taking_over, leaving.exit, leaving.when

    def entered(how: str, since: datetime) -> ev.Entered:
        signed, due = leaving.signed_by, leaving.signature_due
        return take(asked, target, receiver, leaving.name, how, since, since, signed, due)

    if receiver.holder == asked.case.holder:
        return entered("lapse" if exit_.lapse else "moved", when)
    if taking.by_law is not None:
        return entered("by_law", when)
    sheet = _signed_sheet(asked, str(taking.on_signature)) if taking.on_signature is not None else None
    if sheet is not None:
        return entered("on_signature", sheet)
    return offer(asked, leaving.name, target, receiver, leaving.signed_by, leaving.override, leaving.signature_due)


def _signed_sheet(asked: Asked, form: str) -> datetime | None:
    """The time on the signed sheet: when the step with this form was done in the stage that is left."""
    for name, step in stage_of(asked, asked.case.stage or "").steps.items():
        state = asked.case.steps.get(str(name))
        if step.form == form and state is not None and state.count:
            return state.happened
    return None


def lacks(asked: Asked, name: str, exit_: Exit, to: str | None = None, override: bool = False) -> list[Unmet]:
    """Everything that stands between a case and an exit of its stage, except a second signature."""
    ground, case, now = asked.ground, asked.case, asked.now
    values = values_now(ground, case, now)
    offered = ground.procedure.holds(exit_.only_if, values)
    if offered is not True:
        names = sorted(exit_.only_if.names()) if exit_.only_if else []
        if offered is False:
            return [Unmet("not_offered", Text("this way is not for this case", "यो बाटो यस विषयका लागि होइन"))]
        return [not_known(ground, case, missing) for missing in names if missing not in values]
    found = unmet_by_exit(ground, case, exit_, _receiver_for_consent(asked, exit_, to), now, override)
    due = stage_due(ground, case, now)
    early = too_early(ground, case, exit_, due.at if due else None, now)
    if early is not None:
        found.insert(0, early)
    if exit_.at_most is not None and case.taken.get(name, 0) >= exit_.at_most:
        found.append(
            Unmet(
                "used_up",
                Text("this can happen only so often in a case", "यो एउटा विषयमा तोकिएको पटक मात्र हुन सक्छ"),
            )
        )
    return found


def _receiver_for_consent(asked: Asked, exit_: Exit, to: str | None) -> str | None:
    if to is not None:
        return to
    if exit_.goes_to is not None and exit_.goes_to != "previous":
        values = values_now(asked.ground, asked.case, asked.now)
        part = asked.ground.stage_part(str(exit_.goes_to), values)
        return asked.ground.agency(asked.case, part) if part else None
    bound = [asked.ground.agency(asked.case, str(ours)) for ours in exit_.spawn.bind.values()] if exit_.spawn else []
    return next((agency for agency in bound if agency is not None), None)


def _may_override(asked: Asked) -> bool:
    """Whether the stage waits for linked cases and may be left in spite of it."""
    waits = stage_of(asked, asked.case.stage or "").wait_for
    return waits is not None and waits.override is not None and bool(unmet_waiting(asked.case, waits))


def second_person(asked: Asked, exit_: Exit, override: bool) -> Signature | None:
    """The second person that this exit asks for now; an override of a wait asks for its own."""
    values = values_now(asked.ground, asked.case, asked.now)
    waits = stage_of(asked, asked.case.stage or "").wait_for
    rows = exit_.second_person
    if override and waits is not None and waits.override is not None:
        rows = waits.override.second_person
    if exit_.ends is not None and exit_.asks_steps:
        rows = (*rows, *_open_tracks(asked))
    return next((row for row in rows if asked.ground.procedure.holds(row.if_, values) is not False), None)


def _open_tracks(asked: Asked) -> tuple[Signature, ...]:
    """The signatures that an end needs while tracks have begun and are not at their last state."""
    found: list[Signature] = []
    for name, track in asked.ground.procedure.sop.tracks.items():
        state = track_state(asked.ground, asked.case, str(name))
        if state not in (track.states[0], track.states[-1]):
            found += track.open_at_end
    return tuple(found)


def _of(asked: Asked, signature: Signature) -> str:
    agency = asked.ground.agency(asked.case, str(signature.of).partition(".")[0])
    return agency or asked.case.holder or ""


def _end(asked: Asked, leaving: Leaving) -> Decision:
    exit_ = leaving.exit
    spawned = by_exit(asked, leaving.name, exit_.spawn)
    if spawned and spawned[0].children:
        signed, due = leaving.signed_by, leaving.signature_due
        ending = ev.Ending(exit=leaving.name, outcome=str(exit_.ends), signed_by=signed, signature_due=due)
        return (ending, *spawned)
    withdrawn = (ev.OfferWithdrawn(why="ended"),) if asked.case.offer is not None else ()
    signed, due = leaving.signed_by, leaving.signature_due
    return (*withdrawn, closing(asked, leaving.name, exit_, signed, leaving.when, due))


def closing(
    asked: Asked,
    name: str,
    exit_: Exit,
    signed_by: str | None,
    when: datetime,
    signature_due: datetime | None = None,
) -> ev.Closed:
    """The end of a case, with the duty that it leaves."""
    outcome: Outcome = asked.ground.procedure.sop.outcomes[str(exit_.ends)]
    duties = duties_left(asked, when)
    if exit_.leaves is not None and asked.case.holder is not None:
        due = limit(asked.ground, asked.case.holder, when, exit_.leaves.within)
        duties.append(ev.Owed(step=str(exit_.leaves.step), agency=asked.case.holder, due=due))
    return ev.Closed(
        exit=name, outcome=str(exit_.ends), closes_as=str(outcome.closes_as), settled=outcome.settled,
        signed_by=signed_by, signature_due=signature_due, duties=duties,
    )  # fmt: skip


def accept(asked: Asked, command: cmd.Accept) -> Decision:
    """Accept an offer: in one act the stage is entered, the holder changes, duties and clocks move."""
    case = asked.case
    offered = _offered_to(asked, command)
    if isinstance(offered, Refusal):
        return offered
    refusal = stale(case, command, offered.seq) or _not_theirs_any_more(asked, offered)
    if refusal is not None:
        return refusal
    receiver = Receiver(offered.to, offered.for_agency, offered.parts)
    when = max(happened(command, asked.now), offered.made)
    if offered.exit is None:
        how = "reopened" if case.entered else "opened"
        return (take(asked, offered.stage, receiver, None, how, when, offered.made),)
    exit_ = asked.ground.exits(case)[offered.exit]
    lacking = lacks(asked, offered.exit, exit_, offered.for_agency or offered.to, override=offered.override)
    if lacking:
        return refuse("unmet", "This can no longer be accepted", "अब यो स्वीकार गर्न सकिँदैन", *lacking)
    how = "lapse" if exit_.lapse else "accepted"
    return (take(asked, offered.stage, receiver, offered.exit, how, when, offered.made, offered.signed_by),)


def _open_offer(asked: Asked) -> Offer | Refusal:
    return asked.case.offer or refuse(
        "no_offer",
        "There is no open offer: it was answered or withdrawn",
        "खुला प्रस्ताव छैन: जवाफ दिइसकिएको वा फिर्ता लिइएको छ",
    )


def _offered_to(asked: Asked, command: cmd.Command) -> Offer | Refusal:
    """The open offer, for the agency to which it was made."""
    offered = _open_offer(asked)
    if isinstance(offered, Offer) and command.actor.agency != offered.to:
        return refuse("not_receiver", "The case is offered to another agency", "विषय अर्को निकायलाई प्रस्ताव गरिएको छ")
    return offered


def _not_theirs_any_more(asked: Asked, offered: Offer) -> Refusal | None:
    """A refusal where what decides who is accountable has changed since the offer: it is read on entry."""
    part = asked.ground.stage_part(offered.stage, values_now(asked.ground, asked.case, asked.now))
    if part in offered.parts:
        return None
    title = stage_of(asked, offered.stage).title
    return refuse(
        "receiver_changed",
        f"Another agency is accountable for '{title.en}' now: the sender must offer it again",
        f"'{title.in_language('ne')}' का लागि अब अर्को निकाय जवाफदेही छ: पठाउनेले फेरि प्रस्ताव गर्नुपर्छ",
    )


def refuse_offer(asked: Asked, command: cmd.Refuse) -> Decision:
    """Send an offer back; the sender stays accountable."""
    offered = _offered_to(asked, command)
    if isinstance(offered, Refusal):
        return offered
    reasons = (*REFUSAL_REASONS, *(str(reason) for reason in asked.ground.procedure.sop.refusal_reasons))
    if command.reason not in reasons:
        return refuse("reason_unknown", f"Choose a reason: {', '.join(reasons)}", f"कारण छान्नुहोस्: {', '.join(reasons)}")
    return (ev.OfferRefused(reason=command.reason),)


def withdraw_offer(asked: Asked, command: cmd.WithdrawOffer) -> Decision:
    """Take an offer back: its sender, or the agency that holds the case. Needs no wait."""
    offered = _open_offer(asked)
    if isinstance(offered, Refusal):
        return offered
    refusal = not_holder(asked, command.actor) if command.actor.agency != offered.by else None
    return refusal or (ev.OfferWithdrawn(),)
