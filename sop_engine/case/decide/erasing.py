"""Erasing what was said, by two people, once no law holds it; and holding it for a law."""

from collections.abc import Iterator

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import answers_for
from sop_engine.case.decide.answer import Asked, Decision
from sop_engine.case.escalation import oversees
from sop_engine.case.items import REVIEWER
from sop_engine.case.refusal import Refusal, Unmet, refuse
from sop_engine.case.state import Proposal
from sop_engine.sop.language import PEOPLE, Text

WISH, TIME = "wish", "time"
BECAUSE = (TIME, WISH)
# A code, and the sentence in both languages.
Lack = tuple[str, str, str]


def hold_for_law(asked: Asked, command: cmd.HoldForLaw) -> Decision:
    """Keep what was said for a court or a law, whatever the time: nothing is erased until that agency lets it go.

    An erasure that waits for a signature is off: after the hold somebody has to ask for it anew.
    """
    if "reason" not in command.sealed:
        return refuse(
            "reason_missing", "A legal hold needs its reason: write which court or law asks for it",
            "कानुनी रोकका लागि कारण चाहिन्छ: कुन अदालत वा कानुनले मागेको हो लेख्नुहोस्",
        )  # fmt: skip
    if command.actor.agency in asked.case.legal_holds:
        return refuse("held", "Your agency holds it already", "तपाईंको निकायले पहिल्यै रोकेको छ")
    waits = asked.case.proposal
    if waits is not None and waits.act == "erase":
        return (ev.LegalHoldBegun(), ev.ProposalRefused(act=waits.act, target=waits.target, withdrawn=True))
    return (ev.LegalHoldBegun(),)


def let_go(asked: Asked, command: cmd.LetGo) -> Decision:
    """End a legal hold: a supervisor of the agency that asked for it, or of an oversight body in its place."""
    if command.of not in asked.case.legal_holds:
        return refuse("not_held", "That agency does not hold it", "त्यस निकायले रोकेको छैन")
    if command.of != command.actor.agency and not oversees(asked.ground, command.actor.agency):
        return refuse(
            "not_yours", "Only the agency that asked for a legal hold, or an oversight body, ends it",
            "कानुनी रोक माग्ने निकाय वा निगरानी निकायले मात्र अन्त्य गर्छ",
        )  # fmt: skip
    if REVIEWER not in command.actor.roles:
        return refuse(
            "not_yours", "Only a supervisor ends a legal hold: ask one of your agency to",
            "कानुनी रोक सुपरिवेक्षकले मात्र अन्त्य गर्छ: आफ्नो निकायको सुपरिवेक्षकलाई भन्नुहोस्",
        )  # fmt: skip
    if "reason" not in command.sealed:
        return refuse(
            "reason_missing", "Letting go needs a reason: write one sentence",
            "रोक हटाउन कारण चाहिन्छ: एक वाक्य लेख्नुहोस्",
        )  # fmt: skip
    return (ev.LegalHoldEnded(of=command.of),)


def erase(asked: Asked, command: cmd.Erase) -> Decision:
    """Propose that what was said be erased; a supervisor of the agency that answers for the case signs."""
    if command.because not in BECAUSE:
        return refuse(
            "reason_unknown", "Say whether the time is over or she asks for it", "समय सकिएको वा उहाँले मागेको छान्नुहोस्"
        )
    if asked.case.proposal is not None:
        return refuse("proposed", "Something waits for a second signature already", "पहिल्यै दोस्रो हस्ताक्षर पर्खिएको छ")
    if command.because == WISH and "reason" not in command.sealed:
        return refuse(
            "reason_missing",
            "Write how and when she asked for it: one sentence",
            "उहाँले कसरी र कहिले माग्नुभयो एक वाक्य लेख्नुहोस्",
        )
    of = answers_for(asked.case)
    return _stands_against(asked, command, command.because) or (
        ev.Proposed(act="erase", target=command.because, role=REVIEWER, of=of),
    )


def erased(asked: Asked, proposal: Proposal, command: cmd.Sign) -> Decision:
    """Erase, where nothing has come between since it was proposed."""
    assert command.gone_by is not None, "the program says when backups are reached"
    refusal = _stands_against(asked, command, proposal.target)
    return refusal or (
        ev.Erased(
            because=proposal.target, asked_by=proposal.by, signed_by=command.actor.person, gone_by=command.gone_by
        ),
    )


def forget(asked: Asked, command: cmd.Forget) -> Decision:
    """Take note that what was said by this person was erased by another case of hers."""
    if asked.case.erased is not None:
        return refuse("nothing_new", "It is erased already", "पहिल्यै मेटिएको छ")
    return (ev.Erased(because="together", gone_by=command.gone_by, by_case=command.case),)


def _stands_against(asked: Asked, command: cmd.Erase | cmd.Sign, because: str) -> Refusal | None:
    """Everything that stands against erasing: this case, other cases of the person, a law that holds any of them."""
    lacks = [
        Unmet(code, Text(en, ne))
        for code, en, ne in (
            *_of_case(asked, command.actor.agency, because),
            *(lack for other in command.others for lack in _of_other(other, because)),
        )
    ]
    return refuse("not_erased", "This cannot be erased", "यो मेटाउन मिल्दैन", *lacks) if lacks else None


def _of_case(asked: Asked, agency: str, because: str) -> Iterator[Lack]:
    case, titles = asked.case, asked.ground.directory.title
    if case.about not in PEOPLE:
        yield "no_person", "only what a person said is erased", "व्यक्तिले भनेको मात्र मेटिन्छ"
    elif case.status != "closed":
        yield "not_closed", "the case is open", "विषय खुला छ"
    elif case.merged is not None:
        yield "joined", "it is erased with the case to which it was joined", "गाभिएको विषयसँगै मेटिन्छ"
    elif agency != answers_for(case):
        decides = titles(answers_for(case))
        yield "not_yours", f"{decides.en} decides on this", f"यसको निर्णय {decides.in_language('ne')} ले गर्छ"
    if because == TIME and case.retention_over is None:
        yield "not_over", "the time for which it is to be kept is not over", "राख्नुपर्ने अवधि सकिएको छैन"
    for holding in case.legal_holds:
        holds = titles(holding)
        yield (
            "legal_hold", f"{holds.en} holds it for a court or a law",
            f"{holds.in_language('ne')} ले अदालत वा कानुनका लागि रोकेको छ",
        )  # fmt: skip


def _of_other(other: cmd.OtherFile, because: str) -> Iterator[Lack]:
    """What stands against it in another case of the same person, named only where the agency may know of it."""
    en = f"case {other.number}" if other.number else "another case"
    ne = f"विषय {other.number}" if other.number else "अर्को एउटा विषय"
    if not other.closed:
        yield "other_open", f"{en} of the same person is open", f"उही व्यक्तिको {ne} खुला छ"
    if other.legal_hold:
        yield (
            "other_held", f"{en} of the same person is held for a court or a law",
            f"उही व्यक्तिको {ne} अदालत वा कानुनका लागि रोकिएको छ",
        )  # fmt: skip
    if other.kept_longer and because == TIME:
        yield "other_kept", f"{en} of the same person is to be kept longer", f"उही व्यक्तिको {ne} अझ राख्नुपर्छ"
