"""Many cases at once, each going its own way by chance: people do what is due, mostly in time, mostly as asked.

Each case is a generator of moments; the earliest acts next, so that the history of the whole installation is in order.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import ExitView, exit_view, likely_exit, step_views
from sop_engine.case.clock import stage_due
from sop_engine.case.decide.moving import REFUSAL_REASONS
from sop_engine.case.ground import Ground
from sop_engine.case.requirements import telling
from sop_engine.case.state import Case
from sop_engine.demo.crowd import FATED, People, Person, Plan
from sop_engine.demo.play import OPEN_MARKS, Play, Stuck
from sop_engine.services.installation import new_id
from sop_engine.services.step_page import choices_of
from sop_engine.sop.conditions import Condition
from sop_engine.sop.language import Exit, Requirement

Moments = Iterator[timedelta]
QUIET = ("died", "left")
AWAY = ("declined", "left", "lost_contact", "not_a_victim")
MOST_ACTS = 160
MOST_FAILURES = 6


@dataclass(slots=True)
class Wanderings:
    """All cases that go their way; `stuck` counts why some could not go on."""

    play: Play
    people: People
    until: datetime
    stuck: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    _queue: list[tuple[datetime, int, Moments]] = field(default_factory=list)
    _count: int = 0

    def add(self, at: datetime, moments: Moments) -> None:
        self._count += 1
        heapq.heappush(self._queue, (at, self._count, moments))

    def run(self, progress: Callable[[int], None]) -> None:
        """Let everything happen up to the end."""
        clock = self.play.clock
        while self._queue and self._queue[0][0] <= self.until:
            at, _, moments = heapq.heappop(self._queue)
            clock.now = max(clock.now, at)
            try:
                self.add(clock.now + next(moments), moments)
            except StopIteration:
                continue
            progress(self.opened)

    def begin(self, plan: Plan) -> None:
        self.add(plan.at, self._from_opening(plan))

    def _from_opening(self, plan: Plan) -> Moments:
        case_id = self.play.open(plan.sop, plan.entry, plan.agency)
        self.opened += 1
        yield timedelta(minutes=5)
        yield from self._go_on(case_id, plan.person)

    def _go_on(self, case_id: str, person: Person) -> Moments:
        """One case from where it is to its end, with the cases that it opens."""
        known: set[str] = set()
        way: tuple[int, str] | None = None
        failures = idle = 0
        for _ in range(MOST_ACTS):
            case = self.play.case(case_id)
            self._meet_children(case, known, person)
            if case.status == "closed":
                yield from self._afterwards(case, person)
                return
            if way is None or way[0] != case.stage_seq:
                way = (case.stage_seq, self._choose(case, person.ways))
            yield self._wait(case, idle)
            before = self.play.case(case_id).seq
            try:
                self._act(case_id, way[1], person.answers)
            except Stuck as problem:
                self.stuck[f"{case.sop} {case.stage} {problem}"[:200]] += 1
                failures, way = failures + 1, None
                if failures == MOST_FAILURES:
                    return
            idle = idle + 1 if self.play.case(case_id).seq == before else 0

    def _meet_children(self, case: Case, known: set[str], person: Person) -> None:
        """Begin the cases that this one has opened meanwhile, in the order of the list where there is one."""
        new = sorted((state.row or 0, child) for child, state in case.children.items() if child not in known)
        for _, child in new:
            known.add(child)
            self.opened += 1
            whom = self._person_of(case, child, person)
            self.add(self.play.clock.now + timedelta(minutes=3), self._go_on(child, whom))

    def _person_of(self, parent: Case, child: str, person: Person) -> Person:
        """Whom a case is about that another one opened: somebody new on the list, or the same as before."""
        if parent.children[child].row is not None:
            return self.people.meet(person.answers["place_found"])
        return replace(person, ways={}) if parent.stage in person.ways else person

    def _afterwards(self, case: Case, person: Person) -> Moments:
        """What is still owed after an end; and now and then the person comes back."""
        for step in [duty.step for duty in case.duties]:
            yield timedelta(hours=self.play.chance.uniform(1, 26))
            self.play.record(case.id, step, **person.answers)
        if case.closes_as in AWAY and self.play.chance.random() < 0.08:
            yield timedelta(days=self.play.chance.uniform(10, 80))
            last = max(case.former, key=lambda agency: case.former[agency])
            self.play.reopen(case.id, last, "person_returned")
            yield from self._go_on(case.id, replace(person, ways={}))

    def _wait(self, case: Case, idle: int) -> timedelta:
        """Until the next act: a share of the time that is left, at times far too long, and never less than minutes.

        Where there was nothing to do nobody looks again for some days, and for longer each time.
        """
        chance = self.play.chance
        if idle:
            return timedelta(days=chance.uniform(1, 4) * min(idle, 8))
        due = stage_due(self.play.ground(case), case, self.play.clock.now)
        left = (due.at - self.play.clock.now) if due is not None else timedelta(days=3)
        if case.hold is not None:
            return timedelta(days=chance.uniform(2, 20))
        hours = max(0.2, left.total_seconds() / 3600)
        share = chance.uniform(0.02, 0.12) if chance.random() > 0.035 else chance.uniform(0.6, 1.6)
        return timedelta(hours=min(hours * share, 24 * 40))

    def _choose(self, case: Case, ways: Mapping[str, str]) -> str:
        """The way that a stage will be left by: the one that is settled, else mostly the first that is meant for it."""
        settled = ways.get(case.stage or "")
        if settled is not None:
            return settled
        chance = self.play.chance
        sop = self.play.ground(case).procedure.sop
        stage = sop.stages.get(case.stage or "")
        exits = stage.go.items() if stage else ()
        own = [str(name) for name, exit_ in exits if not exit_.lapse and not exit_.by_wish and str(name) not in FATED]
        if not own:
            return ""
        if chance.random() < 0.004:
            return chance.choice([name for name in QUIET if name in sop.anywhere] or own)
        return own[0] if chance.random() < 0.72 else chance.choice(own)

    def _act(self, case_id: str, way: str, answers: dict[str, Any]) -> None:
        """The next thing that somebody does in a case."""
        play, chance = self.play, self.play.chance
        case = play.case(case_id)
        if case.hold is not None:
            play.resume(case_id)
        elif case.offer is not None:
            self._answer(case_id)
        elif case.proposal is not None:
            play.sign(case_id)
        elif case.status == "opening":
            play.send(case_id, cmd.OfferFirst(id=new_id(), actor=play.holder(case_id)))
        elif case.ending is not None:
            return
        elif chance.random() < 0.012 and (reason := self._hold_reason(case)):
            play.hold(case_id, reason)
        else:
            self._step_or_move(case_id, case, way, answers)

    def _hold_reason(self, case: Case) -> str:
        holds = self.play.ground(case).procedure.sop.holds
        reasons = [str(name) for name, hold in holds.items() if case.stage not in hold.not_in]
        return self.play.chance.choice(reasons) if reasons and case.status == "open" else ""

    def _answer(self, case_id: str) -> None:
        if self.play.chance.random() < 0.05:
            self.play.refuse(case_id, self.play.chance.choice(REFUSAL_REASONS))
            return
        try:
            self.play.accept(case_id)
        except Stuck:  # what the way out asked no longer holds: the sender takes the offer back and mends it
            self.play.send(case_id, cmd.WithdrawOffer(id=new_id(), actor=self.play.holder(case_id)))

    def _step_or_move(self, case_id: str, case: Case, way: str, answers: dict[str, Any]) -> None:
        play = self.play
        ground = play.ground(case)
        view = self._view(ground, case, way)
        exit_ = ground.exits(case).get(view.name) if view is not None else None
        if view is not None and exit_ is not None and not view.lacks:
            self._share(ground, case, exit_, answers)
            play.go(case_id, view.name)
            return
        given = {**answers, **self._wished(case, exit_)}
        due = [v for v in step_views(ground, case, play.clock()) if v.mark in OPEN_MARKS]
        if due and (view is None or exit_ is None or exit_.asks_steps or self._fixes(view, due[0].name)):
            self._record(case_id, case, due[0].name, given)
        elif view is not None:
            self._mend(case_id, case, view, given)

    def _share(self, ground: Ground, case: Case, exit_: Exit, given: dict[str, Any]) -> None:
        """Most people agree that what they told goes on with them, and say what of it."""
        under = exit_.spawn.under if exit_.spawn is not None else None
        if under is None or self.play.chance.random() > 0.9:
            return
        step = telling(ground, str(under.limited_by)) if under.limited_by not in case.values else None
        if step is not None:
            self.play.record(case.id, step, **given)
        if under.consent and str(under.consent) not in case.consents:
            self.play.consent(case.id, str(under.consent))

    def _view(self, ground: Ground, case: Case, way: str) -> ExitView | None:
        """The chosen way as it is now; where it is not for this case, the one that the SOP means first."""
        now = self.play.clock()
        likely = likely_exit(ground, case, now)
        return exit_view(ground, case, way, now) or (exit_view(ground, case, likely[0], now) if likely else None)

    def _wished(self, case: Case, exit_: Exit | None) -> dict[str, Any]:
        """The answers without which the steps of the stage and the chosen way out are refused."""
        stage = self.play.ground(case).procedure.sop.stages.get(case.stage or "")
        found: dict[str, Any] = {}
        for step in stage.steps.values() if stage is not None else ():
            found |= wishes(step.requires, None)
        return {**found, **(wishes(exit_.requires, exit_.only_if) if exit_ is not None else {})}

    def _fixes(self, view: ExitView, step: str) -> bool:
        return any(unmet.fix == step for unmet in view.lacks)

    def _record(self, case_id: str, case: Case, step: str, given: dict[str, Any]) -> None:
        """Record a step, after the consents and steps that it requires; now and then ask to waive it."""
        play = self.play
        ground = play.ground(case)
        said = ground.procedure.step_of(step)
        owed = [duty.step for duty in case.duties if duty.step != step and duty.blocks]
        fresh = [str(n).split(".")[-1] for r in said.requires if r.kind == "fresh" for n in r.names]
        first = [str(n).split(".")[-1] for r in said.requires if r.kind == "done" for n in r.names]
        open_ = [name for name in first if name not in case.steps or case.steps[name].status == "waived"]
        for before in dict.fromkeys([*owed, *fresh, *open_]):
            play.record(case_id, before, **given)
        for name in consents(said.requires):
            if name not in case.consents:
                play.consent(case_id, name)
        if play.chance.random() < 0.005 and case.status == "open" and not choices_of(ground, case, step):
            waive = cmd.WaiveStep(id=new_id(), actor=play.holder(case_id), step=step)
            play.send(case_id, waive, {"reason": "Not possible here."})
            return
        play.record(case_id, step, **given)

    def _mend(self, case_id: str, case: Case, view: ExitView, given: dict[str, Any]) -> None:
        """Do what an exit still lacks: ask for a consent, or do the step again that does not allow it."""
        for unmet in view.lacks:
            consent = next(
                (n for n in self.play.ground(case).procedure.sop.consents if n in self._asked(case, view)), None
            )
            if unmet.code.startswith("consent_not") and consent is not None and consent not in case.consents:
                self.play.consent(case_id, str(consent))
                return
            if unmet.fix is not None and unmet.code in (
                "rule",
                "not_known",
                "step_not_done",
                "count",
                "too_old",
                "redo",
            ):
                self._record(case_id, case, unmet.fix, given)
                return
        if view.override and self.play.chance.random() < 0.1:
            self.play.go(case_id, view.name, override=True)

    def _asked(self, case: Case, view: ExitView) -> set[str]:
        exit_ = self.play.ground(case).exits(case)[view.name]
        return {name for name in consents(exit_.requires) if name not in case.consents}


def consents(requirements: tuple[Requirement, ...]) -> list[str]:
    """The consents that requirements name, also those of which one would do."""
    found = [str(name) for said in requirements if said.kind == "consent" for name in said.names]
    for said in requirements:
        found += consents(said.parts)
    return found


def wishes(requirements: tuple[Requirement, ...], only_if: Condition | None) -> dict[str, Any]:
    """The answers that an act asks for: the first value that each of its conditions allows."""
    conditions = [said.where for said in requirements if said.where is not None]
    if only_if is not None:
        conditions.append(only_if)
    found: dict[str, Any] = {}
    for condition in conditions:
        _add(found, _wish(condition))
    return found


def _add(found: dict[str, Any], more: dict[str, Any]) -> None:
    """Add answers; of choices of several, all that are asked for."""
    for name, value in more.items():
        both = isinstance(value, list) and isinstance(found.get(name), list)
        found[name] = [*found[name], *(word for word in value if word not in found[name])] if both else value


def _wish(condition: Condition) -> dict[str, Any]:
    if condition.op == "one_of":
        return {str(condition.name): str(condition.values[0])}
    if condition.op in ("has_all", "has_any"):
        return {str(condition.name): [str(word) for word in condition.values]}
    found: dict[str, Any] = {}
    for part in condition.parts if condition.op == "all" else condition.parts[:1] if condition.op == "any" else ():
        found |= _wish(part)
    return found
