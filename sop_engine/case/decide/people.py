"""What concerns the person and the people around a case: consents, where she is, who works on it, notes, answers."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.clock import values_now
from sop_engine.case.decide.answer import Asked, Decision, has_conflict, not_holder, not_taking_part, taking_part
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal, Unmet, refuse
from sop_engine.case.requirements import unmet
from sop_engine.case.state import Case, ConsentState, changed
from sop_engine.sop.language import Consent

SIGNED = ("signature", "thumbprint", "voice")


def giver_of(ground: Ground, case: Case, said: Consent) -> str:
    """Who gives a consent in this case: a word of its `given_by`, for an adult or for a child."""
    who = "child" if ground.is_child(case) and "child" in said.given_by else "adult"
    return str(said.given_by[who])


def _known_consent(asked: Asked, name: str) -> Refusal | None:
    if name in asked.ground.procedure.sop.consents:
        return None
    return refuse(
        "no_consent",
        f"This procedure knows no consent '{name}'",
        f"यस कार्यविधिमा '{name}' भन्ने सहमति छैन",
    )


def give_consent(asked: Asked, command: cmd.GiveConsent) -> Decision:
    """Record a consent as it was given. Doubt about the age counts as a child: guardian and assent are asked for."""
    refusal = not_taking_part(asked, command.actor) or _known_consent(asked, command.consent)
    if refusal is not None:
        return refusal
    said = asked.ground.procedure.sop.consents[command.consent]
    child, giver = asked.ground.is_child(asked.case), giver_of(asked.ground, asked.case, said)
    if command.given_by != giver:
        en = (
            "A guardian must give this consent for a child"
            if giver == "guardian"
            else f"This consent is given by the {giver}"
        )
        return refuse("wrong_giver", en, "यो सहमति दिने व्यक्ति अर्कै हो")
    if child and said.assent and not command.assent:
        return refuse(
            "assent_missing",
            "The child's own agreement is needed too",
            "बालबालिकाको आफ्नै सहमति पनि चाहिन्छ",
        )
    if command.signed not in SIGNED:
        return refuse(
            "signed_how",
            f"Say how it was given: {', '.join(SIGNED)}",
            f"कसरी दिइयो जनाउनुहोस्: {', '.join(SIGNED)}",
        )
    unknown = [code for code in command.to if code not in asked.ground.directory.agencies]
    if unknown:
        return refuse("wrong_agency", f"'{unknown[0]}' is no agency here", f"'{unknown[0]}' यहाँको निकाय होइन")
    return (
        ev.ConsentGiven(
            consent=command.consent, given_by=command.given_by, to=command.to, classes=command.classes,
            signed=command.signed, assent=command.assent,
        ),
    )  # fmt: skip


def refuse_consent(asked: Asked, command: cmd.RefuseConsent) -> Decision:
    """Record that a consent was asked for and refused."""
    refusal = not_taking_part(asked, command.actor) or _known_consent(asked, command.consent)
    return refusal or (ev.ConsentRefused(consent=command.consent),)


def withdraw_consent(asked: Asked, command: cmd.WithdrawConsent) -> Decision:
    """Record that a consent was withdrawn; an open offer that rests on it is void.

    The person herself takes it back at any time, also after the end.
    """
    stranger = None if command.actor.agency == ev.PERSON else not_taking_part(asked, command.actor)
    refusal = stranger or _known_consent(asked, command.consent)
    if refusal is not None:
        return refusal
    state = asked.case.consents.get(command.consent)
    if state is None or state.status != "given":
        return refuse("not_given", "This consent is not given", "यो सहमति दिइएको छैन")
    withdrawn = ev.ConsentWithdrawn(consent=command.consent)
    return (withdrawn, ev.OfferWithdrawn(why="consent_withdrawn")) if _rests_on_it(asked, withdrawn) else (withdrawn,)


def _rests_on_it(asked: Asked, withdrawn: ev.ConsentWithdrawn) -> bool:
    """Whether the open offer needs a consent: without it something that its exit requires would not have been met.

    It is asked as of the offer: a consent whose time ran out meanwhile is withdrawn as surely as any other.
    """
    case, offer = asked.case, asked.case.offer
    if offer is None or offer.exit is None:
        return False
    to = offer.for_agency or offer.to
    left = ConsentState("withdrawn", case.seq + 1, asked.now)
    without = changed(case, consents={**case.consents, withdrawn.consent: left})
    requires = asked.ground.exits(case)[offer.exit].requires

    def lacking(case: Case) -> list[Unmet]:
        values = values_now(asked.ground, case, asked.now)
        return [one for said in requires for one in unmet(asked.ground, case, said, to, values, offer.made)]

    return len(lacking(without)) > len(lacking(case))


def hand_over(asked: Asked, command: cmd.HandOver) -> Decision:
    """Record with whom the person physically is now."""
    if asked.ground.procedure.sop.about != "person":
        return refuse(
            "no_person",
            "Only a person can be handed over",
            "व्यक्तिलाई मात्र हस्तान्तरण गर्न सकिन्छ",
        )
    refusal = not_taking_part(asked, command.actor)
    if refusal is not None:
        return refusal
    if not asked.ground.directory.takes(command.to):
        return refuse("wrong_agency", f"'{command.to}' is no agency here", f"'{command.to}' यहाँको निकाय होइन")
    refusal = has_conflict(asked, command.to)
    if refusal is not None:
        return refusal
    if command.to == asked.case.with_:
        return refuse("already_there", "The person is already there", "व्यक्ति पहिल्यै त्यहीँ हुनुहुन्छ")
    return (ev.HandedOver(to=command.to),)


def assign(asked: Asked, command: cmd.Assign) -> Decision:
    """Give the case to a worker of the agency that holds it."""
    refusal = not_holder(asked, command.actor)
    return refusal or (ev.Assigned(worker=command.worker),)


def note(asked: Asked, command: cmd.Note) -> Decision:
    """Write a note; its words are sealed."""
    opinion = _consulted_part(asked, command.actor.agency)
    refusal = not_taking_part(asked, command.actor) if opinion is None else None
    if refusal is not None:
        return refusal
    if "note" not in command.sealed:
        return refuse("empty", "The note is empty: write a sentence", "टिप्पणी खाली छ: एक वाक्य लेख्नुहोस्")
    to_her = ev.PERSON in command.to
    if to_her and not (asked.case.own_view and asked.case.own_view.open and command.actor.agency == asked.case.holder):
        return refuse(
            "no_reader",
            "Only the agency that is accountable writes to her, and only while she has a code of her own",
            "उहाँसँग आफ्नै कोड हुँदा जवाफदेही निकायले मात्र उहाँलाई लेख्छ",
        )
    strangers = set(command.to) - {ev.PERSON} - taking_part(asked.case)
    if strangers:
        title = asked.ground.directory.title(min(strangers))
        return refuse(
            "no_reader",
            f"{title.en} takes no part in this case and cannot be written to",
            f"{title.in_language('ne')} यस विषयमा संलग्न छैन, लेख्न मिल्दैन",
        )
    return (ev.Noted(opinion=opinion, to=sorted(set(command.to) - {command.actor.agency})),)


def _consulted_part(asked: Asked, agency: str) -> str | None:
    """The part, consulted in this stage, for which an agency speaks."""
    stage = asked.ground.procedure.sop.stages.get(asked.case.stage or "")
    parts = stage.consults if stage is not None else ()
    return next((str(part) for part in parts if asked.ground.agency(asked.case, str(part)) == agency), None)


def await_answer(asked: Asked, command: cmd.Await) -> Decision:
    """Note that an answer was asked of a body that does not hold the case."""
    refusal = not_holder(asked, command.actor)
    return refusal or (ev.Awaited(key=command.key, body=command.body, due=command.due),)


def answer(asked: Asked, command: cmd.Answer) -> Decision:
    """Note that an awaited answer has come."""
    refusal = not_holder(asked, command.actor)
    if refusal is not None:
        return refusal
    if command.key not in asked.case.awaited:
        return refuse("not_awaited", "No such answer is awaited", "यस्तो जवाफको प्रतीक्षा छैन")
    return (ev.Answered(key=command.key),)
