"""Two cases of one person: one ends and is joined to the other, and parts from it again; no history is rewritten."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import is_hidden_from
from sop_engine.case.decide.answer import Asked, Decision, not_holder, stale
from sop_engine.case.items import REVIEWER
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.requirements import unmet_waiting
from sop_engine.case.state import MergedState, Proposal


def merge(asked: Asked, command: cmd.Merge) -> Decision:
    """Propose, as the holder, that the case be joined to another; whoever answers for that one signs."""
    case, other = asked.case, command.other
    refusal = (
        not_holder(asked, command.actor)
        or stale(case, command, case.stage_seq, case.holder_seq)
        or _waits_for_a_signature(asked)
        or _goes_on(asked)
    )
    if refusal is not None:
        return refusal
    if other is None or not _may_be_named(asked, other):
        return _not_there()
    refusal = _unfit(asked, other, command.actor.agency) or _without_reason(command)
    return refusal or (ev.Proposed(act="merge", target=other.number, role=REVIEWER, of=other.holder),)


def merged(asked: Asked, proposal: Proposal, command: cmd.Sign) -> Decision:
    """End the case as joined, where everything still is as it was when that was proposed."""
    case, other = asked.case, command.other
    refusal = _goes_on(asked)
    if refusal is not None:
        return refusal
    if other is None or not _may_be_named(asked, other):
        return _not_there()
    refusal = _unfit(asked, other, command.actor.agency) or _changed_hands(proposal, other.holder)
    if refusal is not None:
        return refusal
    withdrawn = (ev.OfferWithdrawn(why="ended"),) if case.offer is not None else ()
    joined = ev.Merged(
        into=other.case, number=other.number, holder=other.holder, readers=other.readers,
        signed_by=command.actor.person,
    )  # fmt: skip
    return (*withdrawn, joined)


def unmerge(asked: Asked, command: cmd.Unmerge) -> Decision:
    """Propose that a joining be undone: who held the case, or who answers for the other; the other of the two signs."""
    joined = asked.case.merged
    if joined is None:
        return refuse("not_joined", "This case is not joined to another", "यो विषय अर्कोमा गाभिएको छैन")
    if command.actor.agency not in (joined.left, joined.holder):
        return refuse("no_part", "Your agency takes no part in this case", "तपाईंको निकाय यस विषयमा संलग्न छैन")
    refusal = _waits_for_a_signature(asked) or _without_reason(command) or _left_alone(asked, joined)
    of = _second(joined, command.actor.agency)
    return refusal or (ev.Proposed(act="unmerge", target=joined.number, role=REVIEWER, of=of),)


def unmerged(asked: Asked, proposal: Proposal, command: cmd.Sign) -> Decision:
    """Let the case go on by itself, with whom and in the stage in which it ended."""
    joined = asked.case.merged
    if joined is None:
        return refuse("not_joined", "This case is not joined to another", "यो विषय अर्कोमा गाभिएको छैन")
    refusal = _changed_hands(proposal, _second(joined, proposal.agency)) or _left_alone(asked, joined)
    return refusal or (ev.Unmerged(signed_by=command.actor.person),)


def join(asked: Asked, command: cmd.Join) -> Decision:
    """Note that another case was joined to this one, or is so no longer."""
    if (command.other in asked.case.joined) == command.joined:
        return _nothing_new()
    if command.joined:
        return (ev.Joined(other=command.other, number=command.number),)
    return (ev.Parted(other=command.other),)


def share(asked: Asked, command: cmd.ShareWith) -> Decision:
    """Note who answers for the case to which this one was joined, and who reads it."""
    joined = asked.case.merged
    known = joined is None or (joined.holder, joined.readers) == (command.holder, command.readers)
    if joined is None or joined.into != command.into or known:
        return _nothing_new()
    return (ev.ReadersChanged(holder=command.holder, readers=command.readers),)


def _second(joined: MergedState, proposing: str) -> str:
    """Who signs that a joining be undone: the one of the two agencies that does not ask for it, where there are two."""
    return joined.holder if proposing == joined.left else joined.left


def _goes_on(asked: Asked) -> Refusal | None:
    """A refusal where the case cannot end now."""
    case, stage = asked.case, asked.ground.procedure.sop.stages.get(asked.case.stage or "")
    if case.about != "person":
        return refuse("no_person", "Only cases about a person are joined", "व्यक्तिको विषयमा भएका विषय मात्र गाभ्न सकिन्छ")
    if case.stop is not None:
        return refuse(
            "stopped",
            "A red stop is on: it must be reviewed before this case is joined",
            "रातो रोक लागेको छ: गाभ्नुअघि त्यो हेरिनुपर्छ",
        )
    waits = unmet_waiting(case, stage.wait_for) if stage is not None and stage.wait_for is not None else []
    if case.ending is not None or waits:
        return refuse(
            "waiting",
            "Cases that this one opened are still waited for: they must be settled first",
            "यसले खोलेका विषय अझै पर्खिइँदैछन्: पहिले ती टुङ्गिनुपर्छ",
            *waits,
        )
    return None


def _may_be_named(asked: Asked, other: cmd.Other) -> bool:
    """Whether the holder knows of another case already: it was told of it, or answers for it itself."""
    return other.case in asked.case.resembles or other.holder == asked.case.holder


def _not_there() -> Refusal:
    """The one answer for a case that is not there and for one that may not be named."""
    return refuse(
        "no_such_case",
        "There is no case with this number to which this one could be joined: look at the number again",
        "यो विषय गाभ्न मिल्ने यस्तो नम्बरको विषय छैन: नम्बर फेरि हेर्नुहोस्",
    )


def _unfit(asked: Asked, other: cmd.Other, acting: str) -> Refusal | None:
    """Why a case that may be named still cannot take this one."""
    case = asked.case
    if other.case == case.id:
        return refuse("itself", "A case cannot be joined to itself", "विषयलाई त्यसैमा गाभ्न मिल्दैन")
    if other.about != "person":
        return refuse("no_person", "Only cases about a person are joined", "व्यक्तिको विषयमा भएका विषय मात्र गाभ्न सकिन्छ")
    if other.subject == case.subject:
        return refuse(
            "linked",
            "Both cases are known to be of one person: each goes on by its own procedure",
            "दुवै विषय एउटै व्यक्तिका भनी थाहा छ: हरेक आफ्नै कार्यविधिअनुसार चल्छ",
        )
    if other.merged:
        return refuse(
            "joined_itself",
            "That case is joined to another itself: join this one to that other case",
            "त्यो विषय आफैँ अर्कोमा गाभिएको छ: यो विषय त्यही अर्कोमा गाभ्नुहोस्",
        )
    if other.closed:
        return refuse(
            "closed",
            "That case is closed: nobody would be accountable. The agency that held it must open it again first",
            "त्यो विषय बन्द छ: कोही जवाफदेही हुने छैन। पहिले जसको जिम्मामा थियो उसैले फेरि खोल्नुपर्छ",
        )
    if is_hidden_from(asked.ground, case, other.holder):
        return refuse(
            "hidden",
            "The agency that holds that case is not to know of this one: they cannot be joined",
            "त्यो विषय जसको जिम्मामा छ उसलाई यो विषय थाहा दिइँदैन: यी गाभ्न मिल्दैन",
        )
    if other.stopped and acting == other.holder:
        return refuse(
            "stopped",
            "A red stop is on in the other case: it must be reviewed first",
            "अर्को विषयमा रातो रोक लागेको छ: पहिले त्यो हेरिनुपर्छ",
        )
    return None


def _waits_for_a_signature(asked: Asked) -> Refusal | None:
    if asked.case.proposal is None:
        return None
    return refuse(
        "proposed",
        "Something else waits for a signature: it must be signed, refused or taken back first",
        "अर्को कुरा हस्ताक्षर पर्खिरहेको छ: पहिले त्यो हस्ताक्षर, अस्वीकार वा फिर्ता हुनुपर्छ",
    )


def _without_reason(command: cmd.Command) -> Refusal | None:
    if "reason" in command.sealed:
        return None
    return refuse("reason_missing", "Say why in a sentence", "किन हो एक वाक्यमा लेख्नुहोस्")


def _changed_hands(proposal: Proposal, of: str) -> Refusal | None:
    if proposal.of == of:
        return None
    return refuse(
        "changed_hands",
        "The other case is with another agency now: take the request back and ask anew",
        "अर्को विषय अब अर्कै निकायसँग छ: अनुरोध फिर्ता लिई फेरि माग्नुहोस्",
    )


def _left_alone(asked: Asked, joined: MergedState) -> Refusal | None:
    """A refusal where nobody works here any more for the agency with which the case would go on."""
    if asked.ground.directory.acts_here(joined.left):
        return None
    return refuse("nobody_acts", "That agency has no users here", "त्यस निकायका प्रयोगकर्ता यहाँ छैनन्")


def _nothing_new() -> Refusal:
    return refuse("nothing_new", "This is known already", "यो पहिल्यै थाहा छ")
