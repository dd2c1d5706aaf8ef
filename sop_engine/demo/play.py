"""Playing a case: whoever is meant to act acts, by commands, at the time of a set clock."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import ExitView, exit_view, step_views
from sop_engine.case.clock import all_due, people_here
from sop_engine.case.decide.people import giver_of
from sop_engine.case.escalation import next_check
from sop_engine.case.events import SYSTEM
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.demo.answers import fill
from sop_engine.demo.cast import Cast
from sop_engine.demo.clock import SetClock
from sop_engine.services.acting import act
from sop_engine.services.documents import attach_file
from sop_engine.services.installation import Installation, actor_of, new_id
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.sending import Done, NotFound, open_case, send
from sop_engine.services.step_page import choices_of
from sop_engine.store import journal
from sop_engine.store.database import looking
from sop_engine.store.people import Account

REASON = "As discussed at the meeting."
OPEN_MARKS = ("not_looked_at", "incomplete")


class Stuck(Exception):
    """A story asked for something that the engine refused; the message is the refusal."""


@dataclass(slots=True)
class Play:
    """An installation, its people, a clock that is set, and chance with a seed.

    `alone` says that nobody else acts here meanwhile: then a case need not be read again after each act.
    """

    inst: Installation
    cast: Cast
    clock: SetClock
    chance: random.Random
    good: dict[str, Any] = field(default_factory=dict)
    pace: float = 15.0
    alone: bool = False
    _known: dict[str, Case] = field(default_factory=dict)
    _acted: dict[str, datetime] = field(default_factory=dict)

    def begin(self, until: datetime, days: int, good: dict[str, Any], pace: float = 5) -> None:
        """Begin a story on a morning in Nepal so many days before a moment, with what is so in it.

        `pace` is how many minutes an act mostly takes.
        """
        self.clock.now = (until - timedelta(days=days)).replace(hour=4, minute=0)
        self.good, self.pace = good, pace

    def case(self, case_id: str) -> Case:
        """A case as it stands."""
        if case_id in self._known:
            return self._known[case_id]
        with looking(self.inst.engine) as connection:
            return journal.load_known(connection, case_id)

    def ground(self, case: Case) -> Ground:
        return self.inst.ground_now(case.version)

    def _pass(self, case_id: str) -> None:
        self.clock.wait(minutes=max(0.01, self.chance.gauss(self.pace, self.pace / 3)))
        if self.alone:
            self.catch_up(case_id)

    def catch_up(self, case_id: str) -> None:
        """Remind and tell of what became overdue in a case meanwhile, each at its time, as the worker would have.

        The visits of a home are opened by its own story.
        """
        now, case = self.clock.now, self.case(case_id)
        ground, then = self.ground(case), self._acted.get(case_id, case.stage_since)
        while case.about != "home":
            at = next_check(ground, case, all_due(ground, case, then), then)
            if at is None or at >= now:
                break
            then = self.clock.now = max(at, then)
            answer = act(self.inst, case_id, cmd.Tick(id=new_id(), actor=cmd.Actor(SYSTEM, SYSTEM)))
            if isinstance(answer, Refusal):
                break
            case = self._done(answer, "tick").case
        self.clock.now = now

    def open(self, sop: str, entry: str, agency: str, parts: dict[str, str] | None = None, **values: Any) -> str:
        """Open a case as a worker of an agency, with the agencies that its opener chooses; gives its id."""
        answer = open_case(self.inst, actor_of(self.cast.worker(agency)), sop, entry, values, parts=parts)
        return self._done(answer, f"open {sop}").case.id

    def send(self, case_id: str, command: cmd.Command, secrets: dict[str, Any] | None = None) -> Done:
        """Send a command that must be carried out."""
        self._pass(case_id)
        try:
            return self._done(send(self.inst, case_id, command, secrets), type(command).__name__)
        except NotFound:
            raise Stuck(f"the case is not there for {command.actor.agency}") from None

    def record(self, case_id: str, step: str, part_only: bool = False, **given: Any) -> None:
        """Record a step as the agency that does it, filling in what is not given; `part_only` leaves it incomplete."""
        case, account, raw, parts = self.prepared(case_id, step, given)
        self._pass(case_id)
        for document in self.papers(case, step):
            attach = cmd.Attach(id=new_id(), actor=actor_of(account), step=step, document=document)
            self.send(case_id, attach, {"kept": "In the locked cupboard"})
        try:
            answer = record_step(self.inst, account, case.number, step, raw, parts, part_only)
        except NotFound:
            raise Stuck(f"{step}: the case is not there for {account.agency}") from None
        if isinstance(answer, WrongAnswers):
            raise Stuck(f"{step}: {answer}")
        self._done(answer, step)

    def attach(self, case_id: str, step: str, document: str, name: str, data: bytes) -> None:
        """Bring a file for a paper of a step, as the agency that does it."""
        case = self.case(case_id)
        account = self._doer(self.ground(case), case, step)
        self._pass(case_id)
        self._done(attach_file(self.inst, account, case.number, step, document, name, data, new_id()), "attach")

    def prepared(
        self, case_id: str, step: str, given: dict[str, Any]
    ) -> tuple[Case, Account, dict[str, Any], dict[str, str]]:
        """Who will record a step, with which answers, and which agencies they choose in it."""
        case = self.case(case_id)
        ground = self.ground(case)
        form = ground.procedure.form_of(ground.procedure.step_of(step))
        raw: dict[str, Any] = {}
        if form is not None:
            wanted = {**self.good, **given}
            raw = fill(ground.procedure, form, wanted, ground.directory, self.clock(), self.chance)
        chosen = {**self.good, **given}
        parts = {name: chosen.get(name, codes[0]) for name, codes in choices_of(ground, case, step).items() if codes}
        return case, self._doer(ground, case, step), raw, parts

    def papers(self, case: Case, step: str) -> list[str]:
        """The papers that a step must have and that are not noted yet."""
        said = self.ground(case).procedure.step_of(step).documents
        there = case.steps[step].documents if step in case.steps else []
        return [str(name) for name, document in said.items() if document.needed.always and name not in there]

    def _doer(self, ground: Ground, case: Case, step: str) -> Account:
        owed = next((duty.agency for duty in case.duties if duty.step == step), None)
        if owed is not None:
            return self.cast.worker(owed)
        stage, _ = ground.procedure.steps[step]
        doers = ground.recorders(case, step)
        if stage not in (None, case.stage) and case.holder in {agency for agency, _ in doers}:
            return self.cast.worker(case.holder or "")  # of an earlier stage: the others may have left the case
        before = {one.by for one in people_here(ground, case, step)}
        for agency, role in doers:
            fresh = [account for account in self.cast.of.get(agency or "", ()) if account.id not in before]
            if before and fresh:
                return fresh[0]
            if agency in self.cast.of:
                return self.cast.lead(agency) if role else self.cast.worker(agency)
        return self.cast.worker(case.holder or case.opener)

    def consent(self, case_id: str, *names: str) -> None:
        """Record consents of the person, or of her guardian with her own assent."""
        case = self.case(case_id)
        ground = self.ground(case)
        child = ground.is_child(case)
        for name in names:
            giver = giver_of(ground, case, ground.procedure.sop.consents[name])
            command = cmd.GiveConsent(
                id=new_id(), actor=self.holder(case_id), consent=name, given_by=giver, assent=child
            )
            self.send(case_id, command)

    def hold(self, case_id: str, reason: str) -> None:
        """Put a case on hold as its holder."""
        command = cmd.Hold(id=new_id(), actor=self.holder(case_id), reason=reason)
        self.send(case_id, command, {"reason": REASON})

    def resume(self, case_id: str) -> None:
        """Take a case off hold as its holder."""
        self.send(case_id, cmd.Resume(id=new_id(), actor=self.holder(case_id)))

    def answered(self, case_id: str, step: str) -> None:
        """Note, as the holder, that the answer for which a step asked has come."""
        self.send(case_id, cmd.Answer(id=new_id(), actor=self.holder(case_id), key=step))

    def reopen(self, case_id: str, agency: str, reason: str) -> None:
        """Open a closed case again, with the second person where one must sign, up to the first acceptance."""
        actor = actor_of(self.cast.worker(agency))
        self.send(case_id, cmd.Reopen(id=new_id(), actor=actor, reason=reason), {"reason": REASON})
        if self.case(case_id).proposal is not None:
            self.sign(case_id)
        if self.case(case_id).offer is not None:
            self.accept(case_id)

    def holder(self, case_id: str) -> cmd.Actor:
        """A worker of the agency that holds a case."""
        case = self.case(case_id)
        return actor_of(self.cast.worker(case.holder or case.opener))

    def finish(self, case_id: str, *skip: str, **given: Any) -> None:
        """Record every step that the stage still needs."""
        while True:
            case = self.case(case_id)
            views = step_views(self.ground(case), case, self.clock())
            step = next((v.name for v in views if v.mark in OPEN_MARKS and v.name not in skip), None)
            if step is None:
                return
            self.record(case_id, step, **given)

    def follow(self, case_id: str) -> str:
        """The case that this one has opened, accepted where it is offered; gives its id."""
        following = next(iter(self.case(case_id).children))
        if self.case(following).offer is not None:
            self.accept(following)
        return following

    def go(self, case_id: str, exit_name: str, to: str | None = None, override: bool = False) -> None:
        """Take an exit as whoever may, with the second person where one must sign."""
        case = self.case(case_id)
        view = self.view(case, exit_name)
        account = self.cast.worker(view.by or case.holder or "")
        choice = to or (self.chance.choice(view.candidates) if view.candidates else None)
        command = cmd.Go(id=new_id(), actor=actor_of(account), exit=exit_name, to=choice, override=override)
        self.send(case_id, command, {"reason": REASON} if view.reason or override else None)
        if self.case(case_id).proposal is not None:
            self.sign(case_id)

    def view(self, case: Case, exit_name: str) -> ExitView:
        """An exit as it is offered now."""
        found = exit_view(self.ground(case), case, exit_name, self.clock())
        if found is None:
            raise Stuck(f"{exit_name} is not offered in {case.stage} of {case.sop}")
        return found

    def sign(self, case_id: str) -> None:
        """Sign what was proposed, as a lead of the agency that must."""
        proposal = self.case(case_id).proposal
        if proposal is None:
            raise Stuck("nothing is proposed")
        self.send(case_id, cmd.Sign(id=new_id(), actor=actor_of(self.cast.lead(proposal.of))))

    def accept(self, case_id: str) -> None:
        """Accept an open offer as its receiver."""
        offer = self.case(case_id).offer
        if offer is None:
            raise Stuck("nothing is offered")
        self.send(case_id, cmd.Accept(id=new_id(), actor=actor_of(self.cast.worker(offer.to))))

    def refuse(self, case_id: str, reason: str) -> None:
        """Refuse an open offer as its receiver."""
        offer = self.case(case_id).offer
        if offer is None:
            raise Stuck("nothing is offered")
        self.send(case_id, cmd.Refuse(id=new_id(), actor=actor_of(self.cast.worker(offer.to)), reason=reason))

    def advance(self, case_id: str, exit_name: str, to: str | None = None, **given: Any) -> Case:
        """Finish the stage, take an exit, and let the receiver accept."""
        self.finish(case_id, **given)
        self.go(case_id, exit_name, to)
        case = self.case(case_id)
        if case.offer is not None:
            self.accept(case_id)
        return self.case(case_id)

    def _done(self, answer: Done | Refusal, what: str) -> Done:
        if isinstance(answer, Refusal):
            raise Stuck(f"{what}: {answer.sentence()}")
        self._acted[answer.case.id] = self.clock.now
        if answer.letters:
            self._known.clear()  # a letter may have changed any other case, and through it this one
        elif self.alone:
            self._known[answer.case.id] = answer.case
        return answer
