"""Second persons and oversight: signing what was proposed, reassigning, contesting a sheet, reopening."""

from datetime import datetime

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.apply import apply
from sop_engine.case.clock import limit, values_now
from sop_engine.case.decide import conflicts, erasing, merging
from sop_engine.case.decide.answer import Asked, Decision, has_conflict, kept_out
from sop_engine.case.decide.moving import take_exit
from sop_engine.case.decide.opening import first_stage
from sop_engine.case.decide.spawning import by_reopening
from sop_engine.case.escalation import oversees
from sop_engine.case.items import owed_to
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import Proposal
from sop_engine.sop.language import Reopen, ReopenRule

REOPEN_REASONS = ("new_information", "person_returned", "re_trafficked", "error")


def _signing(asked: Asked, command: cmd.Command) -> Proposal | Refusal:
    """What waits for a second signature, for a person who may give it."""
    proposal = asked.case.proposal
    if proposal is None:
        return refuse("nothing_proposed", "Nothing waits for a second signature", "दोस्रो हस्ताक्षर पर्खिएको केही छैन")
    if command.actor.person == proposal.by:
        return refuse(
            "same_person",
            "The person who proposed this cannot sign it: ask a colleague",
            "प्रस्ताव गर्ने व्यक्तिले नै हस्ताक्षर गर्न मिल्दैन: सहकर्मीलाई भन्नुहोस्",
        )
    if command.actor.agency != proposal.of or proposal.role not in command.actor.roles:
        of = asked.ground.directory.title(proposal.of)
        return refuse(
            "not_second",
            f"A {proposal.role} of {of.en} must sign this",
            f"{of.in_language('ne')} को {proposal.role} ले हस्ताक्षर गर्नुपर्छ",
        )
    return proposal


def sign(asked: Asked, command: cmd.Sign) -> Decision:
    """Give the second signature; what was proposed is then done, if its requirements still hold."""
    case = asked.case
    if case.proposal is None and case.owed_signature is not None:
        return _sign_late(asked, command)
    proposal, signer = _signing(asked, command), command.actor.person
    if isinstance(proposal, Refusal):
        return proposal
    if proposal.act == "waive":
        return (ev.StepWaived(step=proposal.target, second_person=signer),)
    if proposal.act == "lift_conflict":
        return conflicts.lifted(proposal, command)
    if proposal.act == "reassign":
        reassigned = ev.Reassigned(to=proposal.target, second_person=signer, hide_from_former=proposal.override)
        return has_conflict(asked, proposal.target) or (reassigned,)
    if proposal.act == "extend":
        return (ev.DeadlineExtended(until=datetime.fromisoformat(proposal.target), second_person=signer),)
    if proposal.act == "reopen":
        return _reopening(asked, proposal.target, command, _reopen_rules(asked).otherwise, signer)
    if proposal.act == "merge":
        return merging.merged(asked, proposal, command)
    if proposal.act == "unmerge":
        return merging.unmerged(asked, proposal, command)
    if proposal.act == "erase":
        return erasing.erased(asked, proposal, command)
    exit_ = asked.ground.exits(case).get(proposal.target)
    if exit_ is None:
        return refuse(
            "no_exit",
            "This is not possible any more from where the case is",
            "विषय रहेको ठाउँबाट अब यो सम्भव छैन",
        )
    return take_exit(asked, proposal.target, exit_, proposal.to, proposal.override, command, signer)


def _sign_late(asked: Asked, command: cmd.Sign) -> Decision:
    owed = asked.case.owed_signature
    assert owed is not None
    if command.actor.person == owed.by:
        return refuse(
            "same_person",
            "The person who did this cannot sign it: ask a colleague",
            "यो गर्ने व्यक्तिले नै हस्ताक्षर गर्न मिल्दैन: सहकर्मीलाई भन्नुहोस्",
        )
    for role, agency in owed_to(asked.ground, asked.case):
        if command.actor.agency == agency and role in command.actor.roles:
            return (ev.Countersigned(exit=owed.exit),)
    return refuse(
        "not_second",
        "This is signed by the person with the role that the procedure names, at the agency that acted",
        "यसमा काम गर्ने निकायको, कार्यविधिले तोकेको भूमिका भएको व्यक्तिले हस्ताक्षर गर्नुपर्छ",
    )


def refuse_to_sign(asked: Asked, command: cmd.RefuseToSign) -> Decision:
    """Say no as the second person, or take one's own request back; what was proposed is not done."""
    asked_for = asked.case.proposal
    if asked_for is not None and asked_for.by == command.actor.person:
        return (ev.ProposalRefused(act=asked_for.act, target=asked_for.target, withdrawn=True),)
    proposal = _signing(asked, command)
    if isinstance(proposal, Refusal):
        return proposal
    return (ev.ProposalRefused(act=proposal.act, target=proposal.target),)


def reassign(asked: Asked, command: cmd.Reassign) -> Decision:
    """Propose another holder: the way out when a holder is gone, refuses for ever or is itself suspect."""
    if not oversees(asked.ground, command.actor.agency):
        return refuse(
            "no_oversight",
            "Only an oversight body reassigns a case",
            "निगरानी निकायले मात्र विषय अर्को निकायलाई दिन सक्छ",
        )
    if asked.case.status == "closed":
        return refuse("closed", "The case is closed", "विषय बन्द छ")
    if not asked.ground.directory.acts_here(command.to):
        return refuse("nobody_acts", "That agency has no users here", "त्यस निकायका प्रयोगकर्ता यहाँ छैनन्")
    refusal = has_conflict(asked, command.to) or kept_out(asked, command.to)
    if refusal is not None:
        return refusal
    if "reason" not in command.sealed:
        return refuse(
            "reason_missing",
            "Reassigning needs a reason: write one sentence",
            "अर्को निकायलाई दिन कारण चाहिन्छ: एक वाक्य लेख्नुहोस्",
        )
    return (
        ev.Proposed(
            act="reassign",
            target=command.to,
            role="supervisor",
            of=command.actor.agency,
            override=command.hide_from_former,
        ),
    )


def contest(asked: Asked, command: cmd.Contest) -> Decision:
    """Say within 24 hours that a signed sheet is wrong: a finding, never a return."""
    case = asked.case
    if case.how != "on_signature" or command.actor.agency != case.holder:
        return refuse(
            "nothing_to_contest",
            "Only the agency that took over on a signed sheet can contest it",
            "हस्ताक्षरित पानामा जिम्मा लिने निकायले मात्र विरोध गर्न सक्छ",
        )
    entered = case.stage_since
    if (asked.now - entered).total_seconds() > 24 * 3600:
        return refuse("too_late", "A sheet can be contested within 24 hours", "पाना २४ घण्टाभित्र मात्र विरोध गर्न सकिन्छ")
    return (ev.Contested(),)


def reopen(asked: Asked, command: cmd.Reopen) -> Decision:
    """Open a closed case again: of right within the days the SOP gives, else with a second person.

    For a reason that begins a new episode another case is opened at once, and this one stays closed.
    """
    case, said = asked.case, asked.ground.procedure.sop.reopen
    if case.status != "closed" or case.closed is None:
        return refuse("not_closed", "The case is open", "विषय खुला छ")
    if case.merged is not None:
        return refuse(
            "joined",
            "This case goes on in the one to which it was joined: undo that, if it was wrong",
            "यो विषय गाभिएको विषयमै चल्छ: त्यो गलत भए गाभेको फिर्ता गर्नुहोस्",
        )
    if said is None:
        return refuse("never", "This procedure does not reopen cases", "यस कार्यविधिमा विषय फेरि खोलिँदैन")
    reasons = reasons_to_reopen(said)
    if command.reason not in reasons:
        return refuse("reason_unknown", f"Choose a reason: {', '.join(reasons)}", f"कारण छान्नुहोस्: {', '.join(reasons)}")
    if command.actor.agency not in case.former and command.actor.agency != case.opener:
        return refuse("no_part", "Your agency takes no part in this case", "तपाईंको निकाय यस विषयमा संलग्न छैन")
    if command.reason in said.new_episode:
        begun = by_reopening(asked, command.reason, said.new_episode[command.reason])
        return begun or refuse("begun", "The new case is opened already", "नयाँ विषय पहिल्यै खोलिएको छ")
    rule = said.of_right if said.of_right is not None and _of_right(asked, said.of_right) else said.otherwise
    values = values_now(asked.ground, case, asked.now)
    signature = next((s for s in rule.second_person if asked.ground.procedure.holds(s.if_, values) is not False), None)
    if rule is said.of_right or signature is None:
        return _reopening(asked, command.reason, command, rule, None)
    part = str(signature.of)
    of = command.actor.agency if part == "holder" else asked.ground.agency(case, part) or command.actor.agency
    return (ev.Proposed(act="reopen", target=command.reason, role=str(signature.role), of=of),)


def reasons_to_reopen(said: Reopen) -> tuple[str, ...]:
    """The reasons that may be given, in order."""
    return tuple(dict.fromkeys((*(map(str, said.reasons) if said.reasons else REOPEN_REASONS), *said.new_episode)))


def _reopen_rules(asked: Asked) -> Reopen:
    said = asked.ground.procedure.sop.reopen
    assert said is not None, "only a procedure that reopens cases has such a proposal"
    return said


def _of_right(asked: Asked, rule: ReopenRule) -> bool:
    """Whether a closed case opens again without a second person: from these ends, until that day is over."""
    case = asked.case
    if case.closed is None or (rule.from_ and case.outcome not in rule.from_):
        return False
    holder = max(case.former, key=lambda agency: case.former[agency], default=case.opener)
    return rule.for_ is None or asked.now <= limit(asked.ground, holder, case.closed, rule.for_)


def _reopening(asked: Asked, reason: str, command: cmd.Command, rule: ReopenRule, signed_by: str | None) -> Decision:
    reopened = ev.Reopened(reason=reason, goes_to=str(rule.goes_to), signed_by=signed_by)
    envelope = ev.Envelope(
        case=asked.case.id, seq=asked.case.seq + 1, by=command.actor.person, agency=command.actor.agency,
        happened=asked.now, recorded=asked.now, command=command.id, event=reopened,
    )  # fmt: skip
    again = Asked(asked.ground, apply(asked.case, envelope), asked.now)
    return (reopened, *first_stage(again, asked.now))
