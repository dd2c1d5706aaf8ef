"""No help hangs on cooperation: whatever she answers about it, every service that can be reached stays in reach.

Source: trafficking protocol (Palermo, 2000) and OHCHR principles (2002): help is not made conditional on a statement.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from sop_engine.sop.conditions import Condition
from sop_engine.sop.guards import Value
from sop_engine.sop.language import Exit, Fact, Requirement
from sop_engine.sop.lint.check import Checked, field_type
from sop_engine.sop.lint.flow import reach
from sop_engine.sop.procedure import Procedure

Values = Mapping[str, Value]


def check(checked: Checked) -> None:
    sop = checked.sop
    service = {str(name) for name, stage in sop.stages.items() if stage.service} & reach(checked, lambda *way: True)
    read = {name for guard in (*checked.guards.values(), *checked.rules.values()) for name in guard.names}
    asked = _asked_as_statement(checked)
    for name, said in checked.fields.items():
        if not said.open or not (said.cooperation or name in asked):
            continue
        for word in field_type(said)[1]:
            values = _what_follows(checked, name, [word] if said.type == "several" else word)
            if read.isdisjoint(values):
                continue
            lost = service - reach(checked, partial(_passable, checked, values))
            if lost:
                first = next(stage for stage in sop.stages if stage == min(lost))
                checked.mistake(
                    sop.stages[first].place,
                    f"'{first}' cannot be reached when {name} is {word}: no service may depend on cooperation",
                )


def _asked_as_statement(checked: Checked) -> set[str]:
    """The fields of the forms in which she speaks to the authorities."""
    forms = [checked.forms.get(step.form or "") for _, step in checked.named_steps.values() if step.statement]
    return {str(name) for form in forms if form is not None for name in form.fields()}


def _what_follows(checked: Checked, name: str, answer: Value) -> Values:
    """All that rules can read of one answer, and nothing else: the field, each STEP.FIELD, and the facts made of it."""
    facts = {fact: replace(said, missing=None) for fact, said in checked.sop.facts.items() if _compiled(checked, said)}
    procedure = Procedure(
        replace(checked.sop, facts=facts), "", "", {}, checked.fields, checked.forms, checked.guards, checked.rules,
        checked.named_steps, checked.standards,
    )  # fmt: skip
    found = procedure.work_out(procedure.touched_facts([name]), {name: answer}, date.min)
    told = {f"{step}.{name}": answer for step in checked.named_steps}
    return {name: answer, **told, **{fact: result for fact, result in found.items() if result is not None}}


def _compiled(checked: Checked, fact: Fact) -> bool:
    conditions = [*(case.if_ for case in fact.first_of), *((fact.yes_if,) if fact.yes_if is not None else ())]
    rules = [str(fact.rule)] if fact.rule is not None else []
    made = fact.as_ is not None or bool(conditions) or bool(rules)
    return made and all(one in checked.guards for one in conditions) and all(rule in checked.rules for rule in rules)


def _passable(checked: Checked, values: Values, stage: str, exit_: Exit) -> bool:
    """Whether an exit may be taken: it is not for others, requires nothing, and waits for no step, that cannot be."""
    if _answer(checked, exit_.only_if, values) is False or _some_unmet(checked, exit_.requires, values):
        return False
    waited = _waited_for(checked, stage, values) if exit_.asks_steps else ()
    return not any(_some_unmet(checked, requirements, values) for requirements in waited)


def _waited_for(checked: Checked, stage: str, values: Values) -> Iterator[tuple[Requirement, ...]]:
    """What the steps require for which every exit of a stage surely waits."""
    for name, step in checked.sop.stages[stage].steps.items():
        needed = step.needed.always or _answer(checked, step.needed.if_, values) is True
        if needed and step.owed is None and _answer(checked, step.only_if, values) in (None, True):
            yield checked.named_steps[name][1].requires


def _some_unmet(checked: Checked, requirements: Iterable[Requirement], values: Values) -> bool:
    return any(_unmet(checked, requirement, values) for requirement in requirements)


def _unmet(checked: Checked, requirement: Requirement, values: Values) -> bool:
    """Whether a requirement is surely asked and surely not met."""
    if requirement.if_ is not None and _answer(checked, requirement.if_, values) is not True:
        return False
    if requirement.kind == "where":
        return _answer(checked, requirement.where, values) is False
    if requirement.kind == "rule":
        rule = checked.rules.get(str(requirement.rule))
        return rule is not None and rule.answer(values) is False
    return requirement.kind == "any_of" and all(_unmet(checked, part, values) for part in requirement.parts)


def _answer(checked: Checked, condition: Condition | None, values: Values) -> bool | None:
    """What a condition gives; None where there is none or it hangs on more than these values."""
    guard = checked.guards.get(condition) if condition is not None else None
    answer = guard.answer(values) if guard is not None else None
    return answer if isinstance(answer, bool) else None
