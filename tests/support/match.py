"""An installation and an oracle that play the same cases side by side: every command is sent to both and compared."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.sending import Done, NotFound, open_case, send
from tests.support.attempts import Attempt, Attempts
from tests.support.oracle import Expected, Oracle
from tests.support.thought import Thought, differing, shown
from tests.support.world import World

SEVERAL = 20
FEW = 4


@dataclass(slots=True)
class Match:
    """An installation and an oracle that play the same cases side by side."""

    world: World
    oracle: Oracle
    chance: random.Random
    cases: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    told: dict[str, list[str]] = field(default_factory=dict)

    @property
    def attempts(self) -> Attempts:
        """Draws what is tried next."""
        return Attempts(self.world.play.cast, self.world.clock, self.oracle, self.chance)

    def open(self, sop: str, entry: str, agency: str, values: dict[str, Any] | None = None) -> None:
        """Open a case in both."""
        now = self.world.clock()
        account = self.world.play.cast.worker(agency)
        expected = self.oracle.expect_opening(sop, entry, agency, values or {}, now)
        answer = open_case(self.world.inst, actor_of(account), sop, entry, values or {})
        case_id = answer.case.id if isinstance(answer, Done) else ""
        self.told[case_id] = []
        if not self._agree(case_id, sop, f"{agency}: opens at {entry}", answer, expected):
            return
        if isinstance(answer, Done):
            self.cases.append(case_id)
            self.oracle.cases[case_id] = expected.after
            self._compare(case_id, f"{agency}: opens at {entry}", expected)

    def try_one(self) -> None:
        """Let some time pass, and send one command to one case."""
        if not self.cases:
            return
        self.world.clock.wait(minutes=self.chance.choice([1, 2, 5, 7, 30, 60, 240, 600, 1500, 3000]))
        going = [case_id for case_id in self.cases if self.oracle.cases[case_id].status != "closed"]
        # Mostly the same few cases, so that much comes together in one of them.
        some = going[:FEW] if self.chance.random() < 0.75 else going
        case_id = self.chance.choice(some if going and self.chance.random() < 0.93 else self.cases)
        if self.chance.random() < 0.15:
            self._tick(case_id)
        if case_id in self.cases:
            self._try(case_id, *self._pick(case_id))

    def _tick(self, case_id: str) -> None:
        """Let the worker look at a case."""
        command = cmd.Tick(id=new_id(), actor=cmd.Actor("system", "system"))
        worker = self.world.play.cast.worker("ahtb")
        expected = self.oracle.expect(case_id, command, False, self.world.clock())
        self._try(case_id, Attempt(worker, command, False), expected)

    def lead(self, case_id: str, stage: str) -> None:
        """Take a case to a stage by its first exits, with commands that both should accept."""
        for _ in range(80):
            picture = self.oracle.cases[case_id]
            if picture.stage == stage or case_id not in self.cases:
                return
            self.world.clock.wait(minutes=5)
            for attempt in self.attempts.onward(picture):
                expected = self.oracle.expect(case_id, attempt.command, attempt.reason, self.world.clock())
                if expected.accepted:
                    self._try(case_id, attempt, expected)
                    break

    def _try(self, case_id: str, attempt: Attempt, expected: Expected) -> None:
        """Send one command to the engine, and compare."""
        answer = self._send(case_id, attempt)
        if answer is None:
            return
        sop = self.oracle.cases[case_id].sop
        if not self._agree(case_id, sop, str(attempt), answer, expected):
            self.cases.remove(case_id)
            return
        if isinstance(answer, Done):
            self._keep(case_id, expected)
        self._compare(case_id, str(attempt), expected)

    # Choosing

    def _pick(self, case_id: str) -> tuple[Attempt, Expected]:
        """A random attempt; mostly one that should be accepted, so that cases get on."""
        hopeful, thought = self.chance.random() < 0.8, self._thought(case_id)
        for attempt in self.attempts.tempting(self.oracle.cases[case_id]):
            self._ask(thought, attempt)
        for _ in range(SEVERAL):
            attempt = self.attempts.draw(case_id)
            expected = self._ask(thought, attempt)
            if not hopeful or expected.accepted:
                break
        return attempt, expected

    def _thought(self, case_id: str) -> Thought:
        case = self.world.play.case(case_id)
        return Thought(self.world.play.ground(case), case, self.oracle, self.world.clock())

    def _ask(self, thought: Thought, attempt: Attempt) -> Expected:
        """Compare what would become of a command that is most likely not sent."""
        expected = thought.expected(attempt)
        wrong = thought.disagreement(attempt, expected, thought.answer(attempt)) if attempt.fits else ""
        if wrong:
            self._disagree(thought.case.id, wrong)
        return expected

    # Sending and comparing

    def _send(self, case_id: str, attempt: Attempt) -> Done | Refusal | str | None:
        command, inst = attempt.command, self.world.inst
        try:
            if isinstance(command, cmd.RecordStep):
                number = self.world.play.case(case_id).number
                answer = record_step(
                    inst, attempt.account, number, command.step, attempt.raw or {}, command.parts, not command.complete,
                    corrects=command.corrects,
                )  # fmt: skip
                return None if isinstance(answer, WrongAnswers) else answer
            secrets = {"reason": "By chance."} if attempt.reason else {}
            if isinstance(command, cmd.Note):
                secrets["note"] = "By chance."
            if isinstance(command, cmd.Attach):
                secrets = {"kept": "In the cupboard."}
            return send(inst, case_id, command, secrets)
        except NotFound:
            return "the case is not there for this agency"

    def _agree(self, case_id: str, sop: str, what: str, answer: Done | Refusal | str, expected: Expected) -> bool:
        done = isinstance(answer, Done)
        said = "accepted" if done else answer.sentence() if isinstance(answer, Refusal) else str(answer)
        self.counted[f"{what.split(':')[1].split()[0]} {'accepted' if done else 'refused'}"] += 1
        self.told[case_id].append(f"{self.world.clock():%d.%m. %H:%M} {what} -> {said[:150]}")
        if expected.accepted is None or expected.accepted == done:
            return True
        oracle = "accepted" if expected.accepted else "refused"
        self._disagree(case_id, f"{sop}\n  {what}\n  engine: {said}\n  oracle: {oracle}: {expected.why}")
        return False

    def _disagree(self, case_id: str, text: str) -> None:
        picture = self.oracle.cases.get(case_id)
        stage = f" (stage {picture.stage}, {picture.status}, held by {picture.holder})" if picture else ""
        self.wrong.append(text + stage + "\n    " + "\n    ".join(self.told[case_id][-12:]))

    def _keep(self, case_id: str, expected: Expected) -> None:
        case = self.world.play.case(case_id)
        known = self.oracle.cases[case_id].children
        new = [(child, said.name, said.row) for child, said in case.children.items() if child not in known]
        spawned = sorted(((name, row) for _, name, row in new), key=str)
        asked = sorted(((str(spawn.name), row) for spawn, row in expected.spawns), key=str)
        if spawned != asked:
            self._disagree(case_id, f"{case.sop}\n  engine opened: {spawned}\n  oracle: {asked}")
            self.cases.remove(case_id)
            return
        self.oracle.keep(case_id, expected, new, self.world.clock())
        for child, _, _ in new:
            self.told[child] = []
            if self.oracle.cases[child].sop in self.oracle.procedures:
                self.cases.append(child)

    def _compare(self, case_id: str, what: str, expected: Expected) -> None:
        """Compare every case that is played: an act on one may move another, and must move no third."""
        for one in list(self.cases):
            thought = self._thought(one)
            real = shown(thought.ground, thought.case, thought.now)
            found = differing(real, self.oracle.shown(one, thought.now))
            if found:
                fields = {name.partition(":")[0] for name in found}
                if fields == {"parts"} and expected.why.startswith("opens_at"):
                    self.oracle.adopt_parts(one, real["parts"])
                else:
                    self.cases.remove(one)
                sop = self.oracle.cases[one].sop
                only = ", nothing else differs than parts" if fields == {"parts"} else ""
                other = "" if one == case_id else " (sent to another case)"
                self._disagree(
                    one, f"{sop}\n  {what}{other}\n  " + "\n  ".join(found) + f"\n  because {expected.why}{only}"
                )
