"""What the engine and the oracle make of a command that is not sent: many more can be asked so than can be carried out.

Nothing is stored, and no other case is opened or told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import relations
from sop_engine.case.apply import apply
from sop_engine.case.clock import period, stage_due
from sop_engine.case.decide import decide
from sop_engine.case.ground import Ground
from sop_engine.case.permissions import PERMISSIONS
from sop_engine.case.refusal import Refusal
from sop_engine.case.stamp import stamp
from sop_engine.case.state import Case
from tests.support.attempts import Attempt
from tests.support.oracle import Expected, Oracle

LADDERS = ("stage", "offer", "clock", "reminder")
Answer = Sequence[ev.Envelope] | str


@dataclass(frozen=True, slots=True)
class Thought:
    """One case at one moment, as the engine and the oracle have it."""

    ground: Ground
    case: Case
    oracle: Oracle
    now: datetime

    def expected(self, attempt: Attempt) -> Expected:
        """What the oracle says."""
        return self.oracle.expect(self.case.id, attempt.command, attempt.reason, self.now)

    def answer(self, attempt: Attempt) -> Answer:
        """What the engine says: the events that would be, or the sentence of its refusal."""
        command, case, ground = attempt.command, self.case, self.ground
        agency = command.actor.agency
        known = {
            one.relation
            for one in relations(ground, case)
            if one.agency == agency and (one.until is None or one.until > self.now)
        }
        if isinstance(command, cmd.RecordStep):
            known &= PERMISSIONS["read"].by.keys()
        if not known and agency != ev.SYSTEM:
            return "the case is not there for this agency"
        sealed = dict.fromkeys(["note", *(["reason"] if attempt.reason else [])], "sealed")
        command = msgspec.structs.replace(command, sealed=sealed)
        decided = decide(ground, case, command, self.now)
        if isinstance(decided, Refusal):
            return decided.sentence()
        return stamp(case, case.id, command, decided, self.now)

    def disagreement(self, attempt: Attempt, expected: Expected, answer: Answer) -> str:
        """How the two differ in what they say and in the case that would come of it; empty where they agree."""
        refused = isinstance(answer, str)
        if expected.accepted is not None and refused == expected.accepted:
            oracle = "accepted" if expected.accepted else "refused"
            engine = answer if refused else "accepted"
            return f"{self.case.sop}\n  asked of {attempt}\n  engine: {engine}\n  oracle: {oracle}: {expected.why}"
        if isinstance(answer, str):
            return ""
        differing = self._differing(answer, expected)
        told = "\n  ".join(differing)
        return f"{self.case.sop}\n  asked of {attempt}\n  {told}\n  because {expected.why}" if differing else ""

    def _differing(self, answer: Sequence[ev.Envelope], expected: Expected) -> list[str]:
        oracle = self.oracle.shown_of(expected.after, self.now)
        engine = shown(self.ground, after(self.case, answer), self.now)
        found = [one.event for one in answer if isinstance(one.event, ev.Spawned)]
        engine["children"] = sorted(((event.name, child.row) for event in found for child in event.children), key=str)
        oracle["children"] = sorted(((str(spawn.name), row) for spawn, row in expected.spawns), key=str)
        return differing(engine, oracle)


def after(case: Case, envelopes: Sequence[ev.Envelope]) -> Case:
    """The case after some events."""
    for envelope in envelopes:
        case = apply(case, envelope)
    return case


def differing(engine: dict[str, Any], oracle: dict[str, Any]) -> list[str]:
    """A line for each thing that the two show differently."""
    return [f"{name}: engine {engine[name]}, oracle {oracle[name]}" for name in oracle if oracle[name] != engine[name]]


def shown(ground: Ground, case: Case, now: datetime) -> dict[str, Any]:
    """What is compared of the engine's case after every command."""
    due = stage_due(ground, case, now)
    related = [one for one in relations(ground, case) if one.until is None or one.until > now]
    working = {one.agency for one in related if one.relation not in ("informed", "offered", "opener")}
    facts = set(map(str, ground.procedure.sop.facts))
    return {
        "status": case.status,
        "stage": case.stage,
        "holder": case.holder,
        "holder_for": case.holder_for,
        "offered_to": case.offer.to if case.offer else None,
        "offered_stage": case.offer.stage if case.offer else None,
        "with": case.with_,
        "outcome": case.outcome,
        "proposed": case.proposal.act if case.proposal else None,
        "ending": case.ending,
        "hold": case.hold.reason if case.hold else None,
        "parts": dict(sorted(case.parts.items())),
        "done": sorted(name for name, step in case.steps.items() if step.done),
        "consents": {name: said.status for name, said in sorted(case.consents.items())},
        "facts": {name: value for name, value in case.values.items() if name in facts},
        "answers": {k: v for k, v in case.values.items() if k not in facts and not isinstance(v, list)},
        "children": {child: said.status for child, said in sorted(case.children.items())},
        "until": due.at if due is not None else None,
        "answer_by": case.offer.answer_by if case.offer else None,
        "records": {name: step.count for name, step in sorted(case.steps.items()) if step.count},
        "periods": {str(name): period(ground, case, str(name), now) for name in ground.procedure.sop.periods},
        "tracks": {name: said.state for name, said in sorted(case.tracks.items())},
        "told": sorted(what for what in (key.partition(":")[0] for key in case.escalated) if what in LADDERS),
        "duties": sorted(duty.step for duty in case.duties),
        "here": sorted(agency for agency in working if ground.directory.acts_here(agency)),
    }
