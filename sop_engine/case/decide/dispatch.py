"""Which decision answers which command."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.decide import (
    children,
    conflicts,
    emergencies,
    erasing,
    merging,
    moving,
    opening,
    oversight,
    own_view,
    people,
    referrals,
    steps,
    stopping,
    tasks,
    times,
    tracks,
)
from sop_engine.case.decide.answer import Asked, Decision, to_come
from sop_engine.case.decide.consequences import consequences
from sop_engine.case.events import SYSTEM
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import Case

_DECIDE: dict[type[cmd.Command], Callable[[Asked, Any], Decision]] = {
    cmd.RecordStep: steps.record,
    cmd.WaiveStep: steps.waive,
    cmd.Attach: steps.attach,
    cmd.GiveConsent: people.give_consent,
    cmd.RefuseConsent: people.refuse_consent,
    cmd.WithdrawConsent: people.withdraw_consent,
    cmd.Go: moving.go,
    cmd.OfferFirst: opening.offer_first,
    cmd.Accept: moving.accept,
    cmd.Refuse: moving.refuse_offer,
    cmd.WithdrawOffer: moving.withdraw_offer,
    cmd.Sign: oversight.sign,
    cmd.RefuseToSign: oversight.refuse_to_sign,
    cmd.HandOver: people.hand_over,
    cmd.Assign: people.assign,
    cmd.Note: people.note,
    cmd.Hold: times.hold,
    cmd.Resume: times.resume,
    cmd.Extend: times.extend,
    cmd.Reassign: oversight.reassign,
    cmd.Contest: oversight.contest,
    cmd.Reopen: oversight.reopen,
    cmd.MoveTrack: tracks.move,
    cmd.Await: people.await_answer,
    cmd.Answer: people.answer,
    cmd.AddTask: tasks.add,
    cmd.EndTask: tasks.end,
    cmd.Ask: tasks.ask,
    cmd.SetOwnView: own_view.set_own_view,
    cmd.RedStop: stopping.stop,
    cmd.Release: stopping.release,
    cmd.OpenEmergency: emergencies.begin,
    cmd.ReviewEmergency: emergencies.review,
    cmd.DeclareConflict: conflicts.declare,
    cmd.ConfirmConflict: conflicts.confirm,
    cmd.LiftConflict: conflicts.lift,
    cmd.Refer: referrals.refer,
    cmd.OpenReferral: referrals.opened,
    cmd.AnswerReferral: referrals.answer,
    cmd.WithdrawReferral: referrals.withdraw,
    cmd.Report: children.report,
    cmd.Hear: children.hear,
    cmd.Resemble: children.resemble,
    cmd.Merge: merging.merge,
    cmd.Unmerge: merging.unmerge,
    cmd.Join: merging.join,
    cmd.ShareWith: merging.share,
    cmd.HoldForLaw: erasing.hold_for_law,
    cmd.LetGo: erasing.let_go,
    cmd.Erase: erasing.erase,
    cmd.Forget: erasing.forget,
    cmd.Tick: times.tick,
    cmd.Age: times.age,
}


def decide(ground: Ground, case: Case, command: cmd.Command, now: datetime) -> Decision:
    """The events that a command on a case gives, or a refusal that lists every unmet requirement.

    Reads no clock, no database, no request: equal arguments give equal answers.
    """
    if case.erased is not None and command.actor.person != SYSTEM:
        return refuse(
            "erased", "What was said in this case is erased: the case stays as it is",
            "यस विषयमा भनिएका कुरा मेटिए: विषय जस्ताको तस्तै रहन्छ",
        )  # fmt: skip
    asked = Asked(ground, case, now)
    decided = to_come(command, now) or _DECIDE[type(command)](asked, command)
    if isinstance(decided, Refusal):
        return decided
    return (*decided, *consequences(asked, command, decided))


def decide_open(ground: Ground, command: cmd.Open, now: datetime) -> Decision:
    """The events that open a case, or a refusal."""
    return to_come(command, now) or opening.decide_open(ground, command, now)
