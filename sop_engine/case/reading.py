"""Which closed values an agency reads in a case that it may read: by the class of the field. Pure.

A relation opens a case (`case.permissions`); the kind of the agency says which classes of what was said are for it.
"""

from dataclasses import dataclass
from typing import Any

from sop_engine.case.ground import Ground
from sop_engine.case.state import Case
from sop_engine.sop.procedure import Procedure


@dataclass(frozen=True, slots=True)
class Withheld:
    """What stands in the place of a value or a paper that is not for the reader: its class, and nothing of it."""

    withheld: str


def class_of(procedure: Procedure, name: str) -> str:
    """The class of a closed field, or of a cell of a list (`people.0.token`); empty for what has none.

    A column that says none is of the class of its list.
    """
    field, _, rest = name.partition(".")
    said = procedure.fields.get(field)
    column = rest.rpartition(".")[2]
    if said is not None and column:
        inner = said.row.get(column)
        return str(inner.class_ or said.class_ or "") if inner is not None else ""
    return str(said.class_ or "") if said is not None else ""


def may_read(ground: Ground, case: Case, agency: str, field: str, recorded_by: str | None) -> bool:
    """Whether an agency reads a closed value that `recorded_by` wrote (None where that is not known).

    It does where its kind reads the class, where it wrote the value itself, and where a step asks for the field that it
    may record now: it could not do its work otherwise.
    """
    if agency == recorded_by or class_of(ground.procedure, field) in classes_for(ground, case, agency):
        return True
    name, procedure = field.partition(".")[0], ground.procedure
    asking = (step for step in procedure.steps if name in _asked_in(procedure, step))
    return any(does(ground, case, step, agency) for step in asking)


def may_open(ground: Ground, case: Case, agency: str, step: str, document: str, recorded_by: str) -> bool:
    """Whether an agency opens a paper of a step: by its class, as a value is read."""
    if agency == recorded_by or paper_class(ground.procedure, step, document) in classes_for(ground, case, agency):
        return True
    return does(ground, case, step, agency)


def paper_class(procedure: Procedure, step: str, document: str) -> str:
    """The class of a paper of a step; empty for one that the procedure does not know."""
    said = procedure.step_of(step).documents.get(document) if step in procedure.steps else None
    return str(said.class_ or "") if said is not None else ""


def classes_for(ground: Ground, case: Case, agency: str) -> frozenset[str]:
    """The classes that an agency reads in a case: those of its kind, and more where it holds the case."""
    known = ground.directory.agencies.get(agency)
    reads = ground.directory.reads.get(known.kind) if known is not None else None
    if reads is None:
        return frozenset()
    return reads.always | reads.holding if case.holder == agency else reads.always


def seen(ground: Ground, case: Case, agency: str, field: str, value: Any, recorded_by: str | None) -> Any:
    """A closed value as an agency sees it: itself, or `Withheld`. An answer that was taken away is nothing to keep."""
    if value in (None, "", []) or may_read(ground, case, agency, field, recorded_by):
        return value
    return Withheld(class_of(ground.procedure, field))


def does(ground: Ground, case: Case, step: str, agency: str) -> bool:
    """Whether an agency records a step now, of the stage or of none, corrects what was recorded, or owes it still."""
    if any(duty.step == step and duty.agency == agency for duty in case.duties):
        return True
    stage = ground.procedure.steps[step][0]
    if case.status == "closed" or (stage not in (None, case.stage) and step not in case.steps):
        return False
    return any(doer == agency for doer, _ in ground.recorders(case, step))


def _asked_in(procedure: Procedure, step: str) -> set[str]:
    form = procedure.form_of(procedure.step_of(step))
    return {str(name) for name in form.fields()} if form is not None else set()
