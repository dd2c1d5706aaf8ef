"""A case that stands in a stage, said in the words of docs/guards.md, and what an act still lacks there.

`name=value` or `STEP.name=value` (values of several joined by `+`), `done STEP`, `old STEP` (done sixty days ago),
`three STEP` (recorded on three days), `green STEP` (twice, each with what `visit_green` says), `consent NAME`, `days N`
(in the stage for so long), `was STAGE N` (in an earlier stage, so many days ago), `child NAME STATUS` (a case that this
one opened).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.decide import decide
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal, Unmet
from sop_engine.case.state import Case, ChildState, ConsentState, Occurrence, StepState
from sop_engine.sop.guards import Value
from sop_engine.sop.language import Exit, Step
from sop_engine.sop.procedure import Procedure

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_AGO = NOW - 1000 * DAY
AGES = {"done": (0,), "old": (60,), "three": (2, 1, 0), "green": (1, 0)}


def acts(procedure: Procedure) -> dict[str, Step | Exit]:
    """Every step and way out as STAGE.NAME, or `any.NAME` where it is not of one stage."""
    found: dict[str, Step | Exit] = {}
    for name, (stage, step) in procedure.steps.items():
        found[f"{stage or 'any'}.{name}"] = step
    for stage, said in procedure.sop.stages.items():
        found |= {f"{stage}.{name}": exit_ for name, exit_ in said.go.items()}
    return found | {f"any.{name}": exit_ for name, exit_ in procedure.sop.anywhere.items()}


def stage_of(procedure: Procedure, act: str) -> str:
    """The stage in which an act is tried: its own, or the last that has it."""
    stage, _, name = act.partition(".")
    if stage != "any":
        return stage
    exit_ = procedure.sop.anywhere.get(name)
    return next(str(one) for one in reversed(list(procedure.sop.stages)) if exit_ is None or one not in exit_.not_in)


@dataclass(slots=True)
class Said:
    """What the words say of a case."""

    since: datetime = NOW - DAY
    values: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, StepState] = field(default_factory=dict)
    consents: dict[str, ConsentState] = field(default_factory=dict)
    children: dict[str, ChildState] = field(default_factory=dict)
    entered: dict[str, datetime] = field(default_factory=dict)

    def hear(self, procedure: Procedure, word: str) -> None:
        kind, _, name = word.partition(" ")
        if "=" in word:
            key, _, value = word.partition("=")
            self.values[key] = _value(procedure, key, value)
        elif kind == "consent":
            self.consents[name] = ConsentState("given", 1, self.since)
        elif kind == "days":
            self.since = NOW - int(name) * DAY
        elif kind == "was":
            stage, days = name.split()
            self.entered[stage] = NOW - int(days) * DAY
        elif kind == "child":
            called, status = name.split()
            self.children["2"] = ChildState(called, LONG_AGO, status)
        else:
            self.steps[name] = _step(AGES[kind], green=kind == "green")


def standing(ground: Ground, stage: str, words: Iterable[str]) -> Case:
    """The case that the words say, in a stage, with an agency for every part."""
    said = Said()
    for word in words:
        said.hear(ground.procedure, word)
    agencies = ground.procedure.sop.agencies.items()
    parts = {str(name): _agency(ground, [str(kind) for kind in part.kind]) for name, part in agencies}
    accountable = ground.stage_part(stage, said.values) or str(
        ground.procedure.sop.stages[stage].accountable.parts()[0]
    )
    holder = _typist(ground, accountable, parts)
    return Case(
        id="1", number="1", sop=ground.procedure.name, version="1", about="person", subject="1", seq=9,
        opened=said.since, opener=holder, entry=stage, status="open", stage=stage, stage_since=said.since,
        counts_from=said.since, entered=said.entered | {stage: said.since}, holder=holder, holder_since=said.since,
        parts=parts, values=said.values, steps=said.steps, consents=said.consents, children=said.children,
    )  # fmt: skip


def _typist(ground: Ground, part: str, parts: dict[str, str]) -> str:
    """The agency that types for a part: its own, or that of the part through which it acts."""
    said = ground.part(part)
    through = said.acts_through if said is not None else None
    here = ground.directory.acts_here(parts[part])
    return parts[part] if here or through is None else _typist(ground, str(through), parts)


def _value(procedure: Procedure, name: str, text: str) -> Value:
    said = procedure.fields.get(name.rpartition(".")[2])
    counted = name in procedure.sop.facts and procedure.sop.facts[name].as_ == "count"
    if counted or (said is not None and said.type == "integer"):
        return int(text)
    answers = text.split("+") if said is not None and said.type == "several" else [text]
    if said is not None and said.of:
        assert set(answers) <= {str(word) for word in said.of}, f"{name} is never {text}"
    return answers if said is not None and said.type == "several" else text


def _step(ages: tuple[int, ...], green: bool) -> StepState:
    recent = [Occurrence(NOW - age * DAY, {"visit_green": "yes"} if green else {}) for age in ages]
    last = recent[-1].happened
    return StepState(1, "done", last, last, "any", count=len(recent), recent=recent)


def _agency(ground: Ground, kinds: list[str]) -> str:
    """An agency of these kinds that has users here, where there is one."""
    found = [agency for agency in ground.directory.agencies.values() if agency.kind in kinds]
    return next((one.code for one in found if one.acts_here), found[0].code)


def lacking(ground: Ground, act: str, words: Iterable[str]) -> set[Unmet]:
    """What the engine says is lacking when the agency that may act tries to; nothing when it may."""
    case = standing(ground, stage_of(ground.procedure, act), words)
    said = acts(ground.procedure)[act]
    answer = decide(ground, case, _command(ground, case, act.partition(".")[2], said), NOW)
    if not isinstance(answer, Refusal):
        return set()
    return set(answer.unmet) or {Unmet(answer.code, answer.say)}


def _command(ground: Ground, case: Case, name: str, said: Step | Exit) -> cmd.Command:
    if isinstance(said, Step):
        agency, role = ground.doers(case, said)[0]
        roles = frozenset({role} if role else ())
        return cmd.RecordStep(id="1", actor=cmd.Actor("someone", agency or "", roles), step=name, complete=False)
    by = ground.agency(case, str(said.by)) if said.by is not None else case.holder
    acting = ground.acting(case, str(said.by), by)[0] if said.by is not None and by is not None else by
    return cmd.Go(id="1", actor=cmd.Actor("someone", acting or ""), exit=name, sealed={"reason": "1"})
