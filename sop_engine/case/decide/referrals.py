"""Referrals: a service is asked of another agency. Who is accountable stays accountable; the answer is due."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.decide.answer import Asked, Decision, has_conflict, kept_out, not_taking_part
from sop_engine.case.events import SYSTEM
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.requirements import blocking, unmet_consent
from sop_engine.case.state import ReferralState
from sop_engine.sop.language import Text

SERVICES = (
    "shelter", "health", "psychosocial", "legal_aid", "interpretation", "family_tracing", "documents", "education",
    "livelihood", "transport", "security", "other",
)  # fmt: skip
ANSWERS = ("accepted", "declined", "given")
DECLINE_REASONS = ("no_capacity", "not_our_task", "not_our_district", "conflict_of_interest", "not_safe", "other")
MOST_REFERRALS = 100


def refer(asked: Asked, command: cmd.Refer) -> Decision:
    """Ask an agency for a service; of a person only under a consent of hers that covers this agency."""
    refusal = not_taking_part(asked, command.actor) or kept_out(asked, command.to) or _unclear(asked, command)
    if refusal is not None:
        return refusal
    lacking = blocking(asked.ground, asked.case, "referral")
    if command.consent is not None:
        lacking += unmet_consent(asked.ground, asked.case, command.consent, command.to, asked.now)
    if lacking:
        return Refusal("referral_blocked", Text("Cannot ask for this yet", "यो अहिले माग्न मिल्दैन"), tuple(lacking))
    return (ev.Referred(to=command.to, service=command.service, due=command.due, consent=command.consent),)


def _unclear(asked: Asked, command: cmd.Refer) -> Refusal | None:
    consents = asked.ground.procedure.sop.consents
    if not asked.ground.directory.takes(command.to) or command.to == command.actor.agency:
        return refuse(
            "wrong_agency",
            "Choose another agency of the directory",
            "निर्देशिकाको अर्को निकाय छान्नुहोस्",
        )
    refusal = has_conflict(asked, command.to)
    if refusal is not None:
        return refusal
    if command.service not in SERVICES:
        return refuse("wrong_service", "Choose a service of the list", "सूचीबाट सेवा छान्नुहोस्")
    if command.due <= asked.now:
        return refuse(
            "not_ahead",
            "Choose a day and time that are still to come",
            "आउन बाँकी दिन र समय छान्नुहोस्",
        )
    if "asked" not in command.sealed:
        return refuse("empty", "Say what is asked: write a sentence", "के मागिएको हो एक वाक्यमा लेख्नुहोस्")
    needs = asked.ground.procedure.sop.about == "person" or command.consent is not None
    if needs and command.consent not in consents:
        return refuse(
            "consent_unnamed", "Say under which consent of hers it is asked", "उहाँको कुन सहमतिअनुसार मागिएको हो जनाउनुहोस्"
        )
    if len(asked.case.referrals) >= MOST_REFERRALS:
        return refuse(
            "too_many",
            f"{MOST_REFERRALS} services were asked for in this case",
            f"यस विषयमा {MOST_REFERRALS} वटा सेवा मागिसकिएका छन्",
        )
    return None


def opened(asked: Asked, command: cmd.OpenReferral) -> Decision:
    """Note that a receiver without an account opened its link."""
    running = _running(asked, command.referral)
    if isinstance(running, Refusal):
        return running
    if command.actor.agency != SYSTEM or running.opened is not None:
        return refuse("opened", "This link was opened before", "यो लिङ्क पहिल्यै खोलिएको छ")
    return (ev.ReferralOpened(referral=command.referral),)


def answer(asked: Asked, command: cmd.AnswerReferral) -> Decision:
    """The receiver's answer; for one without users here, what the agency that asked was told, or its link."""
    referral = _running(asked, command.referral)
    if isinstance(referral, Refusal):
        return referral
    may = {referral.to}
    if not asked.ground.directory.acts_here(referral.to):
        may |= {referral.asked_by, SYSTEM}
    if command.actor.agency not in may:
        return refuse(
            "not_yours",
            "The agency that was asked answers this",
            "जसलाई मागिएको हो उसैले जवाफ दिन्छ",
        )
    if command.answer not in ANSWERS or command.answer == referral.status:
        return refuse("wrong_answer", "Choose an answer of the list", "सूचीबाट जवाफ छान्नुहोस्")
    reason = command.reason if command.answer == "declined" else None
    if command.answer == "declined" and reason not in DECLINE_REASONS:
        return refuse("reason_unknown", "Say why not: choose a reason", "किन होइन: कारण छान्नुहोस्")
    return (ev.ReferralAnswered(referral=command.referral, answer=command.answer, reason=reason),)


def withdraw(asked: Asked, command: cmd.WithdrawReferral) -> Decision:
    """Take back what was asked, as the agency that asked or the one that is accountable now."""
    referral = _running(asked, command.referral)
    if isinstance(referral, Refusal):
        return referral
    if command.actor.agency not in (referral.asked_by, asked.case.holder):
        return refuse("not_yours", "The agency that asked takes it back", "जसले मागेको हो उसैले फिर्ता लिन्छ")
    return (ev.ReferralWithdrawn(referral=command.referral),)


def _running(asked: Asked, key: str) -> ReferralState | Refusal:
    referral = asked.case.referrals.get(key)
    if referral is None or not referral.running:
        return refuse("no_referral", "This is asked for no longer", "यो अब मागिएको छैन")
    return referral
