"""A form that is being filled in: which sections its answers so far leave out, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sop_engine.case.directory import Directory
from sop_engine.services import answers
from sop_engine.sop.calendar import Calendar
from sop_engine.sop.language import Form
from sop_engine.sop.procedure import Procedure


@dataclass(frozen=True, slots=True)
class SoFar:
    """`left_out` are sections by their place; `follows` the facts that have a title, with what they would be."""

    left_out: list[int]
    follows: dict[str, Any]


def so_far(
    procedure: Procedure, form: Form | None, raw: Mapping[str, Any], known: Mapping[str, Any], directory: Directory,
    calendar: Calendar, today: date, bs: bool = False,
) -> SoFar:  # fmt: skip
    """What raw answers by field come to now, wrong ones counting for nothing; `known` are open values of the case."""
    if form is None:
        return SoFar([], {})
    values = answers.check(procedure, form, raw, directory, calendar, today, bs).values
    left_out = [
        place
        for place, section in enumerate(form.sections)
        if section.show_if is not None and not procedure.surely(section.show_if, values)
    ]
    return SoFar(left_out, _follows(procedure, values, known, today))


def _follows(procedure: Procedure, values: Mapping[str, Any], known: Mapping[str, Any], today: date) -> dict[str, Any]:
    names = procedure.touched_facts(values)
    results = procedure.work_out(names, {**known, **values}, today)
    titled = {name: result for name, result in results.items() if procedure.sop.facts[name].title is not None}
    return {name: result for name, result in titled.items() if result is not None}
