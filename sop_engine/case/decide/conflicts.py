"""A conflict of interest: an agency loses sight of a case at once, and what falls to it goes to a named fallback."""

from datetime import timedelta

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import relations
from sop_engine.case.decide.answer import Asked, Decision
from sop_engine.case.escalation import falls_to, oversees, watching
from sop_engine.case.items import REVIEWER
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import Case, Proposal

CONFIRM_WITHIN, ACT_WITHIN = timedelta(hours=24), timedelta(hours=48)
AT_WORK = frozenset(("holder", "with", "part", "opener"))


def declare(asked: Asked, command: cmd.DeclareConflict) -> Decision:
    """Shut a case to an agency at once; a second person signs after. The times are proposed.

    Who is accountable is shut out with a signature of the oversight body only: not by one agency that takes part.
    """
    case, agency = asked.case, command.agency
    refusal = _may_not_declare(asked, command)
    if refusal is not None:
        return refusal
    above = watching(asked.ground, case, agency)
    conflict = ev.Conflict(agency=agency, fallback=falls_to(asked.ground, case, agency) or above, oversight=above)
    by_oversight = agency in (command.actor.agency, case.holder)
    declared = ev.ConflictDeclared(
        conflict=conflict,
        confirms=(above if by_oversight else None) or command.actor.agency,
        confirm_by=asked.now + CONFIRM_WITHIN,
        act_by=asked.now + ACT_WITHIN,
    )
    return (declared, *_ends_with_it(case, agency))


def _may_not_declare(asked: Asked, command: cmd.DeclareConflict) -> Refusal | None:
    case, actor = asked.case, command.actor.agency
    theirs = {one.relation for one in relations(asked.ground, case) if one.agency == actor and not one.person}
    above = oversees(asked.ground, actor)
    if not theirs & AT_WORK and not (above and theirs):
        return refuse(
            "no_part",
            "An agency at work on the case says this, or an oversight body that knows of it",
            "यो विषयमा काम गर्ने निकाय वा थाहा पाएको निगरानी निकायले भन्छ",
        )
    if command.agency not in asked.ground.directory.agencies:
        return refuse("wrong_agency", f"'{command.agency}' is no agency here", f"'{command.agency}' यहाँको निकाय होइन")
    if command.agency in case.conflicts:
        return refuse("said_before", "This is said already", "यो पहिल्यै भनिएको छ")
    if oversees(asked.ground, command.agency) and not above and command.agency != actor:
        return refuse(
            "no_oversight",
            "Of an oversight body only another one says this: tell it to one",
            "निगरानी निकायबारे अर्को निगरानी निकायले मात्र भन्न सक्छ: त्यसलाई भन्नुहोस्",
        )
    if "reason" not in command.sealed:
        return refuse("reason_missing", "Say in a sentence what the conflict is", "के स्वार्थ बाझिन्छ एक वाक्यमा लेख्नुहोस्")
    return None


def _ends_with_it(case: Case, agency: str) -> tuple[ev.Event, ...]:
    """What was offered to, asked of or begun by an agency that may not know of the case any more."""
    found: list[ev.Event] = []
    offer, proposal = case.offer, case.proposal
    if offer is not None and agency in (offer.to, offer.for_agency, offer.by):
        found.append(ev.OfferWithdrawn(why="conflict"))
    if proposal is not None and agency in (proposal.agency, proposal.of):
        found.append(ev.ProposalRefused(act=proposal.act, target=proposal.target, withdrawn=True))
    found += [ev.TaskEnded(task=key, how="dropped") for key, task in case.tasks.items() if task.agency == agency]
    asked = [key for key, one in case.referrals.items() if one.running and one.to == agency]
    return (*found, *(ev.ReferralWithdrawn(referral=key) for key in asked))


def confirm(asked: Asked, command: cmd.ConfirmConflict) -> Decision:
    """Sign that an agency has a conflict of interest: a supervisor, never whoever said it."""
    found = asked.case.conflicts.get(command.agency)
    if found is None or found.confirms is None:
        return refuse("nothing_to_confirm", "This waits for no signature", "यसमा हस्ताक्षर बाँकी छैन")
    if command.actor.person == found.by:
        return refuse(
            "same_person",
            "Whoever said it cannot sign it: ask a colleague",
            "भन्ने व्यक्तिले नै हस्ताक्षर गर्न मिल्दैन: सहकर्मीलाई भन्नुहोस्",
        )
    if command.actor.agency != found.confirms or REVIEWER not in command.actor.roles:
        of = asked.ground.directory.title(found.confirms)
        return refuse(
            "not_second",
            f"A supervisor of {of.en} must sign this",
            f"{of.in_language('ne')} को सुपरिवेक्षकले हस्ताक्षर गर्नुपर्छ",
        )
    return (ev.ConflictConfirmed(agency=command.agency),)


def lift(asked: Asked, command: cmd.LiftConflict) -> Decision:
    """Ask that a conflict that was wrongly declared be lifted: an oversight body, a second person of which signs."""
    if not oversees(asked.ground, command.actor.agency):
        return refuse("no_oversight", "Only an oversight body lifts this", "निगरानी निकायले मात्र यो हटाउन सक्छ")
    if command.agency not in asked.case.conflicts:
        return refuse(
            "no_conflict", "No conflict of interest of this agency is declared", "यस निकायको स्वार्थ बाझिने भनिएको छैन"
        )
    if asked.case.proposal is not None:
        return refuse(
            "proposed",
            "Something else waits for a signature: it must be signed, refused or taken back first",
            "अर्को कुरा हस्ताक्षर पर्खिरहेको छ: पहिले त्यो हस्ताक्षर, अस्वीकार वा फिर्ता हुनुपर्छ",
        )
    if "reason" not in command.sealed:
        return refuse("reason_missing", "Say why in a sentence", "किन हो एक वाक्यमा लेख्नुहोस्")
    of = command.actor.agency
    return (ev.Proposed(act="lift_conflict", target=command.agency, role=REVIEWER, of=of),)


def lifted(proposal: Proposal, command: cmd.Sign) -> Decision:
    """Let the agency be what it is by the procedure again."""
    return (ev.ConflictLifted(agency=proposal.target, signed_by=command.actor.person),)
