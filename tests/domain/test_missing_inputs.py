"""What nobody has answered opens no way: an act that hangs on it is refused, and the refusal names the step that tells.

Each condition of each act is tried without each of its inputs, in a case in which that input alone would decide. That
the rules themselves never guess is shown in tests/sop/test_guards.py.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from sop_engine.case.clock import Due, stage_due
from sop_engine.case.decide.answer import Asked
from sop_engine.case.decide.taking_over import choose
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal, Unmet
from sop_engine.sop.conditions import Condition
from sop_engine.sop.guards import Missing
from sop_engine.sop.language import Exit, Requirement, Step
from sop_engine.sop.lint.check import fact_type, field_type
from sop_engine.sop.loading import standard_library
from sop_engine.sop.procedure import Procedure
from tests.domain.standing import NOW, acts, lacking, standing

Answer = bool | Missing
Values = dict[str, Any]
PROCEDURES = standard_library().procedures
# What no step tells, but the case of an inspection.
TOLD_BY_OTHER_CASES = {"still_open"}


@dataclass(frozen=True, slots=True)
class Try:
    """An act, the input that is missing, and the values with which it alone decides."""

    sop: str
    act: str
    missing: str
    values: tuple[str, ...]
    hidden: bool = False

    def __str__(self) -> str:
        return f"{self.sop} {self.act} without {self.missing}"


def words_of(procedure: Procedure, name: str) -> list[Any]:
    """Values that a name can have; none for a period, which is never missing."""
    field = name.split(".")[-1]
    if name in procedure.sop.facts:
        kind, words = fact_type(procedure.sop.facts[name], None)
    elif field in procedure.fields:
        kind, words = field_type(procedure.fields[field])
    else:
        return []
    if kind == "several":
        return [[], *([word] for word in words), list(words)]
    return list(words) or list(range(21))


def deciding(procedure: Procedure, names: set[str], missing: str, answer: Callable[[Values], Answer]) -> Values | None:
    """Values of the other names with which the act is possible for one value of `missing` and not for another."""
    others = sorted(names - {missing})
    for some in itertools.product(*(words_of(procedure, name) for name in others)):
        known = dict(zip(others, some, strict=True))
        answers = {answer({**known, missing: value}) for value in words_of(procedure, missing)}
        if {True, False} <= answers:
            return known
    return None


def met(procedure: Procedure, said: Requirement, values: Values) -> Answer:
    """Whether a requirement is met by values alone: what asks for steps and consents is not."""
    applies = procedure.holds(said.if_, values)
    if applies is False:
        return True
    if said.where is not None and said.kind == "where":
        inner = procedure.holds(said.where, values)
    elif said.rule is not None:
        inner = procedure.rules[str(said.rule)].answer(values)
    else:
        inner = any(met(procedure, part, values) is True for part in said.parts)
    return True if inner is True else applies if isinstance(applies, Missing) else inner


def read_by(procedure: Procedure, said: Requirement) -> set[str]:
    found = names_in(said.if_, said.where if said.kind == "where" else None)
    if said.rule is not None:
        found |= set(procedure.rules[str(said.rule)].names)
    return found.union(*(read_by(procedure, part) for part in said.parts))


def in_words(values: Values) -> tuple[str, ...]:
    said = {name: "+".join(value) if isinstance(value, list) else value for name, value in values.items()}
    return tuple(f"{name}={value}" for name, value in said.items() if value != "")


def tries_of_act(sop: str, act: str, said: Step | Exit) -> Iterator[Try]:
    procedure, shown = PROCEDURES[sop], names_in(said.only_if)
    for name in sorted(shown):
        values = deciding(procedure, shown, name, partial(procedure.holds, said.only_if))
        if values is not None:
            yield Try(sop, act, name, in_words(values), hidden=isinstance(said, Step))
    for requirement in said.requires:
        names = read_by(procedure, requirement)
        for name in sorted(names - shown):
            values = deciding(procedure, names | shown, name, partial(possible, procedure, said, requirement))
            assert values is not None, f"{act}: {name} never decides"
            yield Try(sop, act, name, in_words(values))


def possible(procedure: Procedure, said: Step | Exit, requirement: Requirement, given: Values) -> Answer:
    """Whether a requirement of an act is met; neither where the act is not for this case."""
    return met(procedure, requirement, given) if procedure.holds(said.only_if, given) is True else Missing(())


def tries_of_needed(sop: str) -> Iterator[Try]:
    """Steps for which a way out waits only in some cases, tried at the first way out of their stage."""
    procedure = PROCEDURES[sop]
    for stage, said in procedure.sop.stages.items():
        ways = [(name, exit_) for name, exit_ in said.go.items() if exit_.asks_steps]
        for step, (way, exit_) in itertools.product(said.steps.values(), ways[:1]):
            shown, names = names_in(exit_.only_if), names_in(step.needed.if_, step.only_if)
            for name in sorted(names - shown):
                values = deciding(procedure, names | shown, name, partial(not_waited_for, procedure, exit_, step))
                if values is not None:
                    yield Try(sop, f"{stage}.{way}", name, in_words(values))


def not_waited_for(procedure: Procedure, exit_: Exit, step: Step, given: Values) -> Answer:
    """Whether a way out does without a step; neither where the way is not for this case."""
    if procedure.holds(exit_.only_if, given) is not True:
        return Missing(())
    needed = procedure.holds(step.needed.if_, given) if step.needed.if_ is not None else step.needed.always
    return not (needed is True and procedure.holds(step.only_if, given) is True)


def names_in(*conditions: Condition | None) -> set[str]:
    return set[str]().union(*(one.names() for one in conditions if one is not None))


def every_try() -> list[Try]:
    found = dict[str, Try]()
    for sop, procedure in PROCEDURES.items():
        tries = [one for act, said in acts(procedure).items() for one in tries_of_act(sop, act, said)]
        for one in (*tries, *tries_of_needed(sop)):
            found.setdefault(str(one), one)
    return [one for one in found.values() if words_of(PROCEDURES[one.sop], one.missing)]


def tells(procedure: Procedure, step: str | None, name: str) -> bool:
    """Whether the form of a step asks for a field, or for one from which a fact is made."""
    if step is None:
        return name in TOLD_BY_OTHER_CASES
    if "." in name:
        return step == name.partition(".")[0]
    form = procedure.form_of(procedure.step_of(step))
    asked = {str(field) for field in form.fields()} if form is not None else set[str]()
    sources, todo = set[str](), [name]
    while todo:
        one = todo.pop()
        sources.add(one)
        todo += [str(source) for source in procedure.sop.facts[one].from_] if one in procedure.sop.facts else []
    return bool(asked & sources)


@pytest.mark.parametrize("tried", every_try(), ids=str)
def test_without_the_answer_the_act_is_refused_with_the_step_that_tells(tried: Try, grounds: dict[str, Ground]) -> None:
    ground = grounds[tried.sop]
    lacks = lacking(ground, tried.act, tried.values)
    if tried.hidden:
        assert {one.code for one in lacks} == {"not_offered"}
    else:
        assert any(one.code == "not_known" and tells(ground.procedure, one.fix, tried.missing) for one in lacks), lacks


CHOSEN = [
    pytest.param(sop, str(stage), str(said.accountable.depends_on), id=f"{sop} {stage}")
    for sop, procedure in PROCEDURES.items()
    for stage, said in procedure.sop.stages.items()
    if said.accountable.depends_on is not None
]


@pytest.mark.parametrize(("sop", "stage", "name"), CHOSEN)
def test_nobody_is_guessed_to_be_accountable(sop: str, stage: str, name: str, grounds: dict[str, Ground]) -> None:
    ground = grounds[sop]
    case = standing(ground, next(iter(ground.procedure.sop.stages)), ())
    answer = choose(Asked(ground, case, NOW), stage, None)
    assert isinstance(answer, Refusal)
    lacks: tuple[Unmet, ...] = answer.unmet
    assert [tells(ground.procedure, one.fix, name) for one in lacks] == [True]


def test_a_shorter_deadline_holds_while_it_is_not_known(grounds: dict[str, Ground]) -> None:
    def due(*words: str) -> Due | None:
        return stage_due(grounds["repatriation"], standing(grounds["repatriation"], "request", words), NOW)

    assert due() == due("urgent_request=yes") != due("urgent_request=no")
