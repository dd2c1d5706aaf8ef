"""Acts on a case: one row for each, made of the command that it sends."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import Installation
from sop_engine.services.repeating import sent_before
from sop_engine.services.rights import case_id_of
from sop_engine.services.sending import Done, NotFound, send
from sop_engine.services.staff import not_colleague
from sop_engine.services.step_page import unconfirmed
from web import here
from web.api.case_shapes import Acted
from web.api.group import Group
from web.api.taken import SENTENCE, head, of_command

group = Group("acts", "What changes a case: one act, one command, one answer.", "/cases")
Check = Callable[[Installation, str, Any], Refusal | None]
_NAMED = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Act:
    """An act: its address under a case, its command, what its sentence is sealed as, and what is checked before."""

    name: str
    path: str
    command: type[cmd.Command]
    about: str
    said: str | None = None
    needed: bool = False
    scope: str = "act"
    check: Check | None = None


def _colleague(inst: Installation, number: str, command: Any) -> Refusal | None:
    return not_colleague(inst, here.account(), command.worker)


def _rules(inst: Installation, number: str, command: cmd.Go) -> Refusal | None:
    return unconfirmed(inst, here.account(), number, command.exit, command.confirmed)


ACTS = (
    Act("accept", "accept", cmd.Accept, "Accept an offer: the agency is accountable from now on"),
    Act("refuse", "refuse", cmd.Refuse, "Send an offer back, with a coded reason", "reason"),
    Act("withdraw", "withdraw-offer", cmd.WithdrawOffer, "Take an own offer back"),
    Act("offer_first", "offer-first", cmd.OfferFirst, "Offer a case that is still opening to its first agency"),
    Act("take_way", "ways/<exit>", cmd.Go, "Take a way out of the stage", "reason", check=_rules),
    Act("sign", "sign", cmd.Sign, "Give the second signature"),
    Act("refuse_to_sign", "refuse-to-sign", cmd.RefuseToSign, "Do not sign, or take an own request back", "reason"),
    Act("hand_over", "hand-over", cmd.HandOver, "Say with which agency the person is now"),
    Act("assign", "assign", cmd.Assign, "Give the case to somebody of the agency, or to nobody", check=_colleague),
    Act("hold", "hold", cmd.Hold, "Let the time stand still, for a reason that the procedure knows", "reason"),
    Act("resume", "resume", cmd.Resume, "Let the time run again"),
    Act("extend", "extend", cmd.Extend, "Ask for more time", "reason"),
    Act("reassign", "reassign", cmd.Reassign, "An oversight body gives the case to another agency", "reason", True),
    Act("contest", "contest", cmd.Contest, "Say that a signed sheet is wrong", "reason"),
    Act("reopen", "reopen", cmd.Reopen, "Open a closed case again", "reason"),
    Act("hold_for_law", "legal-holds", cmd.HoldForLaw, "Keep what was said for a court or a law", "reason", True),
    Act("let_go", "legal-holds/<of>/end", cmd.LetGo, "End a legal hold", "reason", True),
    Act("erase", "erase", cmd.Erase, "Ask a second person to erase what the person said", "reason"),
    Act("stop", "stop", cmd.RedStop, "Press the red stop", "reason"),
    Act("release", "release", cmd.Release, "Review a red stop and let things go on", "reason"),
    Act("review_emergency", "emergencies/<emergency>/review", cmd.ReviewEmergency,
        "Say whether a reading in an emergency was justified", "reason", True),
    Act("declare_conflict", "conflicts", cmd.DeclareConflict,
        "Say that an agency has a conflict of interest: the case is not there for it any more", "reason", True),
    Act("confirm_conflict", "conflicts/<agency>/confirm", cmd.ConfirmConflict, "Sign as a second person that one has"),
    Act("lift_conflict", "conflicts/<agency>/lift", cmd.LiftConflict, "Ask that a conflict be lifted", "reason", True),
    Act("answered", "answers/<key>", cmd.Answer, "Note that an awaited answer has come"),
    Act("track", "tracks/<track>", cmd.MoveTrack, "Say which state a track has reached"),
    Act("add_task", "tasks", cmd.AddTask, "Ask an agency of the case for something", "task", True, check=_colleague),
    Act("end_task", "tasks/<task>/end", cmd.EndTask, "Say that a task is done or dropped", "answer"),
    Act("refer", "referrals", cmd.Refer, "Ask an agency for a service, under a consent", "asked", True),
    Act("answer_referral", "referrals/<referral>/answer", cmd.AnswerReferral, "Answer a request for a service"),
    Act("withdraw_referral", "referrals/<referral>/withdraw", cmd.WithdrawReferral, "Take a request back"),
    Act("join", "join", cmd.Merge, "Ask that this case be joined to another of the same person", "reason", True),
    Act("part", "part", cmd.Unmerge, "Ask that a joining be undone", "reason", True),
    Act("note", "notes", cmd.Note, "Write a note, to all of the case or to some", "note", True, "record"),
    Act("give_consent", "consents/<consent>/give", cmd.GiveConsent, "A consent is given", scope="record"),
    Act("refuse_consent", "consents/<consent>/refuse", cmd.RefuseConsent, "A consent is refused", scope="record"),
    Act("withdraw_consent", "consents/<consent>/withdraw", cmd.WithdrawConsent, "It is taken back", scope="record"),
    Act("waive", "steps/<step>/waive", cmd.WaiveStep, "Ask that a needed step be waived", "reason", True),
    Act("attach", "steps/<step>/papers/<document>", cmd.Attach, "Say where a paper is kept", "kept", True, "record"),
)  # fmt: skip


def acted(done: Done) -> dict[str, Any]:
    """What an act came to, in the shape of `Acted`."""
    case = done.case
    return {
        "number": case.number, "seq": case.seq, "status": case.status, "stage": case.stage, "holder": case.holder,
        "offered_to": case.offer.to if case.offer is not None else None,
        "events": [envelope.event.__struct_config__.tag for envelope in done.events],
    }  # fmt: skip


def answered(answer: Done | Refusal) -> Any:
    """The answer to an act: where the case stands now, with its tag, or the refusal."""
    if isinstance(answer, Refusal):
        return answer
    return acted(answer), 200, {"ETag": f'"{answer.case.seq}"'}


# The answer to an act sent again that ended what the agency had to do with the case.
NO_LONGER = {"seq": 0, "status": "not yours", "stage": None, "holder": None, "offered_to": None, "events": []}


def _view(act: Act) -> Callable[..., Any]:
    def view(body: dict[str, Any], number: str, **named: str) -> Any:
        inst = here.installation()
        try:
            case_id = case_id_of(inst, here.account(), number)
        except NotFound:
            if sent_before(inst, head()["id"]):
                return {**NO_LONGER, "number": number}
            raise
        sentence = (body.pop(SENTENCE, None) or "").strip() or None
        secrets = {act.said: sentence} if act.said is not None and sentence is not None else None
        command = act.command(**{**head(), **named, **body})
        refusal = act.check(inst, number, command) if act.check is not None else None
        return refusal or answered(send(inst, case_id, command, secrets))

    view.__name__, view.__doc__ = act.name, act.about + "."
    return view


def _registered() -> Iterator[str]:
    for act in ACTS:
        named = frozenset(_NAMED.findall(act.path))
        takes = of_command(act.command, named, act.needed if act.said is not None else None)
        group.operation(
            "POST", f"/<number>/{act.path}", act.scope, takes=takes, gives=Acted, changes=True, tagged=True
        )(_view(act))
        yield act.name


NAMES = tuple(_registered())
