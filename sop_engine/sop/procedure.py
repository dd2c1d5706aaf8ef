"""A procedure ready to be followed: an SOP with its rules compiled and its version fixed by its content."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sop_engine.sop import facts, score
from sop_engine.sop.conditions import Condition
from sop_engine.sop.guards import Guard, Missing, Value
from sop_engine.sop.language import Fact, Field, Form, Sop, Step
from sop_engine.sop.standards import Standard

PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version of an SOP. `version` is the SHA-256 (hex) of its text and of the files that it uses (`beside`).

    `guards` holds the compiled rule of every condition (by identity) and `rules` of every CEL text.
    """

    sop: Sop
    version: str
    text: str
    beside: Mapping[str, str]
    fields: Mapping[str, Field]
    forms: Mapping[str, Form]
    guards: Mapping[Condition, Guard]
    rules: Mapping[str, Guard]
    steps: Mapping[str, tuple[str | None, Step]]
    standards: Mapping[str, Standard]
    _hanging: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        return str(self.sop.sop)

    def standard_of(self, field: str) -> Standard | None:
        """The standard by which a list is rated."""
        said = self.fields.get(field)
        return self.standards[said.standard] if said is not None and said.standard is not None else None

    def holds(self, condition: Condition | None, values: Mapping[str, Value]) -> bool | Missing:
        """Whether a condition holds; no condition always does."""
        return True if condition is None else self.guards[condition].answer(values)

    def surely(self, condition: Condition | None, values: Mapping[str, Value]) -> bool:
        """Whether a condition holds for certain: a missing value counts as no."""
        return self.holds(condition, values) is True

    def step_of(self, name: str) -> Step:
        return self.steps[name][1]

    def form_of(self, step: Step) -> Form | None:
        return self.forms[step.form] if step.form else None

    def first_facts(self) -> dict[str, Value]:
        """The facts of a case about which nothing is known yet."""
        found = {str(name): facts.stated(fact.as_, fact.missing) for name, fact in self.sop.facts.items()}
        return {name: result for name, result in found.items() if result is not None}

    def touched_facts(self, fields: Iterable[str]) -> list[str]:
        """The facts that hang on these fields, in the order in which they can be worked out."""
        hanging = {name for field in fields for name in self._hanging_on(field)}
        return [str(name) for name in self.sop.facts if name in hanging]

    def _hanging_on(self, field: str) -> frozenset[str]:
        if field not in self._hanging:
            known = {field}
            for name, fact in self.sop.facts.items():
                if not known.isdisjoint(fact.from_):
                    known.add(str(name))
            self._hanging[field] = frozenset(known - {field})
        return self._hanging[field]

    def facts_of_age(self) -> list[str]:
        """The facts that change as a person grows older."""
        found = self.sop.facts.items()
        return [str(name) for name, fact in found if fact.as_ in ("under_18", "age_band") and fact.on is None]

    def made_from(self, fact: str) -> list[str]:
        """A fact and every fact from which it is made."""
        found = [fact]
        for name in found:
            found += [str(source) for source in self.sop.facts[name].from_ if source in self.sop.facts]
        return found

    def inputs_of(self, names: Iterable[str]) -> set[str]:
        """Every field that these facts read."""
        wanted: set[str] = set()
        for name in reversed(list(names)):
            wanted.update(str(source) for source in self.sop.facts[name].from_)
        return {name for name in wanted if name in self.fields}

    def work_out(self, names: Iterable[str], given: Mapping[str, Any], on: date) -> dict[str, Any]:
        """The results of these facts from values by field (or earlier fact); None where a fact is not known.

        `on` is the day for which ages are worked out.
        """
        values: dict[str, Any] = {name: value for name, value in given.items() if value not in (None, "")}
        results: dict[str, Any] = {}
        for name in names:
            fact = self.sop.facts[name]
            result = self._one_fact(fact, values, on)
            if result is None:
                result = facts.stated(fact.as_, fact.missing)
            results[name] = result
            if result is None:
                values.pop(name, None)
            else:
                values[name] = result
        return results

    def _one_fact(self, fact: Fact, values: Mapping[str, Any], on: date) -> Value | None:
        if fact.as_ is not None:
            day = date.fromisoformat(str(values[fact.on])[:10]) if fact.on and fact.on in values else on
            if fact.on and fact.on not in values:
                return None
            if fact.as_ in score.MAKERS:
                return self._scored(fact, values)
            plus: timedelta | None = fact.plus.roughly() if fact.plus else None
            return facts.made(fact.as_, [values.get(name) for name in fact.from_], fact.value, day, plus)
        if fact.first_of:
            return self._first(fact, values)
        answer = (
            self.holds(fact.yes_if, values) if fact.yes_if is not None else self.rules[str(fact.rule)].answer(values)
        )
        if isinstance(answer, Missing):
            return None
        return "yes" if answer else "no"

    def _scored(self, fact: Fact, values: Mapping[str, Any]) -> Value | None:
        """A fact about a home: of the ratings in its first source; where there is a second, yes in it means danger."""
        rated, *rest = (values.get(name) for name in fact.from_)
        if rated is None:
            return None
        standard = self.standard_of(fact.from_[0])
        assert standard is not None, "the linter has seen that the first source is rated"
        return score.made(str(fact.as_), standard, rated, "yes" in rest, fact.value)

    def _first(self, fact: Fact, values: Mapping[str, Any]) -> Value | None:
        for case in fact.first_of:
            answer = self.holds(case.if_, values)
            if isinstance(answer, Missing):
                return None
            if answer:
                return str(case.is_)
        return str(fact.else_) if fact.else_ is not None else None
