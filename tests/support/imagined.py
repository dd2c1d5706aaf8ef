"""Cases that are played in memory alone, by the engine and the oracle: many more acts than a database allows.

A case that such a case opens is not played: it only tells how it stands, as other cases do.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.apply import apply
from sop_engine.case.decide import decide_open
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal
from sop_engine.case.stamp import stamp
from sop_engine.case.state import Case
from sop_engine.case.verdict import BREACH, verdicts
from sop_engine.demo.cast import Cast
from sop_engine.demo.clock import SetClock
from sop_engine.services.installation import actor_of, new_id, new_number
from tests.support.attempts import Attempt, Attempts
from tests.support.oracle import Expected, Oracle, Picture
from tests.support.thought import Answer, Thought, after

SEVERAL = 20
SOON, MUCH_LATER = timedelta(minutes=1), timedelta(days=40)
SYSTEM = cmd.Actor(ev.SYSTEM, ev.SYSTEM)
Tried = tuple[Attempt, Expected, Answer]


@dataclass(slots=True)
class Imagined:
    """One case as the engine and the oracle have it; `wrong` says where they came apart."""

    ground: Ground
    oracle: Oracle
    case: Case
    cast: Cast
    clock: SetClock
    chance: random.Random
    told: list[str] = field(default_factory=list)
    wrong: str = ""

    @property
    def picture(self) -> Picture:
        """The case as the oracle has it."""
        return self.oracle.cases[self.case.id]

    def play(self, tries: int) -> None:
        """So many acts, each with all that is asked before it; ends where the two come apart."""
        for _ in range(tries):
            self.clock.wait(minutes=self.chance.choice([1, 2, 5, 7, 30, 60, 240, 600, 1500, 3000]))
            self._hear()
            tried = self._choose()
            if self.wrong:
                return
            if tried is not None:
                self._do(*tried)

    def _is_seldom(self, picture: Picture) -> bool:
        """A case that ends when another one is accepted, and opened one before that has ended and may go on."""
        return picture.ending is not None and any(said["status"] != "opening" for said in picture.children.values())

    def _hear(self) -> None:
        """Time passes and is noticed; the cases that it opened go on as well, and tell it."""
        tick = self._ask(self._by_system(cmd.Tick(id=new_id(), actor=SYSTEM)))
        if not isinstance(tick[2], str) and self.chance.random() < 0.3 and not self.wrong:
            self._do(*tick)
        told = [tried for attempt in self._told() if not isinstance((tried := self._ask(attempt))[2], str)]
        if told and self.chance.random() < 0.5 and not self.wrong:
            self._do(*self.chance.choice(told))

    def _choose(self) -> Tried | None:
        """What is done next: something tempting that both accept, or something random."""
        attempts = Attempts(self.cast, self.clock, self.oracle, self.chance)
        tempting = attempts.tempting(self.picture)
        open_ways = [tried for attempt in tempting if not isinstance((tried := self._ask(attempt))[2], str)]
        for attempt, _, _ in open_ways:
            self._judge_typed_late(attempt)
        self._ask_later()
        seldom = [tried for tried in open_ways if self._is_seldom(tried[1].after)]
        if open_ways and self.chance.random() < (0.7 if seldom else 0.2):
            return self.chance.choice(seldom or open_ways)
        for _ in range(SEVERAL):
            tried = self._ask(attempts.draw(self.case.id))
            if not isinstance(tried[2], str):
                return tried
        return None

    def _told(self) -> Iterator[Attempt]:
        """What the cases that it opened may tell next."""
        following = {"opening": ["open"], "open": ["closed", "settled"], "closed": ["opening"], "settled": ["opening"]}
        for child, said in self.picture.children.items():
            status = self.chance.choice(following[said["status"]])
            told: dict[str, Any] = {"name": said["name"], "child": ev.Child(id=child), "status": status}
            yield self._by_system(cmd.Report(id=new_id(), actor=SYSTEM, **told))

    def _by_system(self, command: cmd.Command) -> Attempt:
        return Attempt(self.cast.worker("ahtb"), command, False)

    def _ask(self, attempt: Attempt) -> Tried:
        thought = self._thought(self.clock())
        expected, answer = thought.expected(attempt), thought.answer(attempt)
        if not attempt.fits:
            return attempt, expected, "the answers do not fit the form"
        wrong = thought.disagreement(attempt, expected, answer)
        self._disagree(wrong)
        return attempt, expected, wrong or answer

    def _thought(self, now: datetime) -> Thought:
        return Thought(self.ground, self.case, self.oracle, now)

    def _ask_later(self) -> None:
        """Who would be told if nobody did anything for long."""
        attempt = self._by_system(cmd.Tick(id=new_id(), actor=SYSTEM))
        thought = self._thought(self.clock() + MUCH_LATER)
        self._disagree(thought.disagreement(attempt, thought.expected(attempt), thought.answer(attempt)))

    def _judge_typed_late(self, attempt: Attempt) -> None:
        """A move is late by when it happened, just before or after the deadline, although it was typed days later."""
        due = self.oracle.due(self.case.id, self.clock())
        if due is None or not isinstance(attempt.command, cmd.Go | cmd.Accept):
            return
        happened = due + self.chance.choice([-SOON, SOON])
        command = msgspec.structs.replace(attempt.command, happened=happened)
        typed = self._thought(max(due, self.clock()) + timedelta(days=3))
        answer = typed.answer(Attempt(attempt.account, command, attempt.reason))
        for envelope in answer if not isinstance(answer, str) else ():
            if isinstance(envelope.event, ev.Entered | ev.Closed):
                engine = any(one.kind == "late" for one in verdicts(self.ground, self.case, envelope))
                oracle = self.oracle.late(self.case.id, envelope.happened, typed.now)
                if oracle is not None and engine != oracle:
                    self._disagree(f"{attempt} happened {happened}: late? engine {engine}, oracle {oracle}")

    def _do(self, attempt: Attempt, expected: Expected, answer: Sequence[ev.Envelope]) -> None:
        self.told.append(f"{self.clock():%d.%m. %H:%M} {attempt}")
        for envelope in answer:
            found = verdicts(self.ground, self.case, envelope)
            if any(verdict.verdict == BREACH for verdict in found):
                self._disagree(f"{attempt}: called a breach")
            if isinstance(envelope.event, ev.Spawned):
                known = {"name": envelope.event.name, "status": "opening", "milestones": [], "born": self.clock()}
                expected.after.children |= {child.id: dict(known) for child in envelope.event.children}
                if expected.after.ending is not None and envelope.event.exit is not None:
                    expected.after.ending["opened"] |= {child.id for child in envelope.event.children}
            self.case = after(self.case, [envelope])
        self.oracle.cases[self.case.id] = expected.after

    def _disagree(self, text: str) -> None:
        if text and not self.wrong:
            self.wrong = "\n    ".join([text, *self.told[-12:]])


def opened(
    ground: Ground, oracle: Oracle, cast: Cast, chance: random.Random, now: datetime, agency: str,
    values: dict[str, Any],
) -> Imagined | None:  # fmt: skip
    """A case that an agency opens; None where it may not."""
    entry = str(next(iter(ground.procedure.sop.opens_at)))
    command = cmd.Open(
        id=new_id(), actor=actor_of(cast.worker(agency)), case=new_id(), number=new_number(), entry=entry,
        subject=new_id(), values=values,
    )  # fmt: skip
    expected = oracle.expect_opening(ground.procedure.name, entry, agency, values, now)
    decided = decide_open(ground, command, now)
    assert isinstance(decided, Refusal) != expected.accepted, (decided, expected.why)
    if isinstance(decided, Refusal):
        return None
    first, *rest = stamp(None, command.case, command, decided, now)
    case = after(apply(None, first), rest)
    oracle.cases[case.id] = expected.after
    return Imagined(ground, oracle, case, cast, SetClock(now), chance)
