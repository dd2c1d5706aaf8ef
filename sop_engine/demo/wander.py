"""Many cases at once, each going its own way by chance: people do what is due, mostly in time, mostly as asked.

Each case is a generator of moments; the earliest acts next, so that the history of the whole installation is in order.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import ExitView, exit_view, likely_exit, step_views
from sop_engine.case.clock import stage_due
from sop_engine.case.decide.moving import REFUSAL_REASONS
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case
from sop_engine.demo.play import OPEN_MARKS, Play, Stuck
from sop_engine.services.installation import new_id
from sop_engine.sop.conditions import Condition
from sop_engine.sop.language import Exit, Requirement

Moments = Iterator[timedelta]
QUIET = ("died", "child_missing", "lost_contact", "left")
MOST_ACTS = 160
MOST_FAILURES = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """One case to be opened: when, by whom, and what is known of it."""

    at: datetime
    sop: str
    entry: str
    agency: str
    answers: dict[str, Any]


@dataclass(slots=True)
class Wanderings:
    """All cases that go their way; `stuck` counts why some could not go on."""

    play: Play
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
        yield from self._go_on(case_id, plan.answers)

    def _go_on(self, case_id: str, answers: dict[str, Any]) -> Moments:
        """One case from where it is to its end, with the cases that it opens."""
        known: set[str] = set()
        way: tuple[int, str] | None = None
        failures = 0
        for _ in range(MOST_ACTS):
            case = self.play.case(case_id)
            for child in case.children:
                if child not in known:
                    known.add(child)
                    self.opened += 1
                    self.add(
                        self.play.clock.now + timedelta(minutes=3),
                        self._go_on(child, self._answers_of(case, child, answers)),
                    )
            if case.status == "closed":
                return
            if way is None or way[0] != case.stage_seq:
                way = (case.stage_seq, self._choose(case))
            yield self._wait(case)
            try:
                self._act(case_id, way[1], answers)
            except Stuck as problem:
                self.stuck[f"{case.sop} {case.stage} {problem}"[:200]] += 1
                failures += 1
                if failures == MOST_FAILURES:
                    return

    def _answers_of(self, parent: Case, child: str, answers: dict[str, Any]) -> dict[str, Any]:
        """What is known of the person of a case that another one opened."""
        if parent.children[child].row is None:
            return answers
        born = self.play.chance.choice(["2010", "2012-04"]) if self.play.chance.random() < 0.25 else "1996"
        part = "child" if born.startswith("201") else "presumed_victim"
        return {**answers, "birth_date": born, "part_played": part}

    def _wait(self, case: Case) -> timedelta:
        """Until the next act: a share of the time that is left, at times far too long, and never less than minutes."""
        chance = self.play.chance
        due = stage_due(self.play.ground(case), case, self.play.clock.now)
        left = (due.at - self.play.clock.now) if due is not None else timedelta(days=3)
        if case.hold is not None:
            return timedelta(days=chance.uniform(2, 20))
        hours = max(0.2, left.total_seconds() / 3600)
        share = chance.uniform(0.02, 0.12) if chance.random() > 0.035 else chance.uniform(0.6, 1.6)
        return timedelta(hours=min(hours * share, 24 * 40))

    def _choose(self, case: Case) -> str:
        """The way that a stage will be left by, mostly the first that is meant for it."""
        chance = self.play.chance
        sop = self.play.ground(case).procedure.sop
        stage = sop.stages.get(case.stage or "")
        own = [
            str(name) for name, exit_ in (stage.go.items() if stage else ()) if not exit_.lapse and not exit_.by_wish
        ]
        if not own:
            return ""
        if chance.random() < 0.012:
            return chance.choice([name for name in QUIET if name in sop.anywhere] or own)
        return own[0] if chance.random() < 0.72 else chance.choice(own)

    def _act(self, case_id: str, way: str, answers: dict[str, Any]) -> None:
        """The next thing that somebody does in a case."""
        play, chance = self.play, self.play.chance
        case = play.case(case_id)
        if case.hold is not None:
            play.resume(case_id)
        elif case.offer is not None:
            self._answer(case_id, case)
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

    def _answer(self, case_id: str, case: Case) -> None:
        if case.offer is not None and self.play.chance.random() < 0.05:
            self.play.refuse(case_id, self.play.chance.choice(REFUSAL_REASONS))
        else:
            self.play.accept(case_id)

    def _step_or_move(self, case_id: str, case: Case, way: str, answers: dict[str, Any]) -> None:
        play = self.play
        ground = play.ground(case)
        view = self._view(ground, case, way)
        exit_ = ground.exits(case).get(view.name) if view is not None else None
        given = {**answers, **self._wished(case, exit_)}
        if view is not None and not view.lacks:
            play.go(case_id, view.name)
            return
        due = [v for v in step_views(ground, case, play.clock()) if v.mark in OPEN_MARKS]
        if due and (view is None or exit_ is None or exit_.asks_steps or self._fixes(view, due[0].name)):
            self._record(case_id, case, due[0].name, given)
        elif view is not None:
            self._mend(case_id, case, view, given)

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
        said = play.ground(case).procedure.step_of(step)
        owed = [duty.step for duty in case.duties if duty.step != step and duty.blocks]
        fresh = [str(n).split(".")[-1] for r in said.requires if r.kind == "fresh" for n in r.names]
        first = [str(n).split(".")[-1] for r in said.requires if r.kind == "done" for n in r.names]
        for before in dict.fromkeys([*owed, *fresh, *(name for name in first if name not in case.steps)]):
            play.record(case_id, before, **given)
        for name in consents(said.requires):
            if name not in case.consents:
                play.consent(case_id, name)
        if play.chance.random() < 0.004 and case.status == "open":
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
