"""Recording a step: raw answers are checked by the form, closed ones go to the vault, the rest is decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop_engine.case.clock import calendar_of
from sop_engine.case.commands import RecordStep
from sop_engine.case.decide.steps import split
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import answers
from sop_engine.services.installation import Installation, actor_of, new_id
from sop_engine.services.reading import CONTENT_RELATIONS, find
from sop_engine.services.sending import Done, NotFound, send
from sop_engine.store import journal, vault
from sop_engine.store.database import looking
from sop_engine.store.people import Account


@dataclass(frozen=True, slots=True)
class WrongAnswers:
    """Answers that the form does not take: a sentence for each field, and those still lacking."""

    wrong: Mapping[str, Any]
    lacking: Mapping[str, str]


def record_step(
    inst: Installation, account: Account, number: str, step_name: str, raw: Mapping[str, Any],
    parts: Mapping[str, str] | None = None, part_only: bool = False, command_id: str | None = None,
    happened: datetime | None = None, seen: int | None = None, corrects: bool = False,
) -> Done | Refusal | WrongAnswers:  # fmt: skip
    """Record a step with raw answers by field. `part_only` keeps what is there although it is not complete.

    Raises NotFound. Nothing is kept when an answer is wrong.
    """
    now = inst.clock()
    with looking(inst.engine) as connection:
        case_id, relations = find(connection, number, account.agency, now)
        if not relations & CONTENT_RELATIONS:
            raise NotFound(number)
        case = journal.load_known(connection, case_id)
        ground = inst.ground(connection, case.version)
        procedure = ground.procedure
        if step_name not in procedure.steps:
            return refuse("no_step", f"'{step_name}' is no step of this procedure", "यो यस कार्यविधिको चरण होइन")
        form = procedure.form_of(procedure.step_of(step_name))
        values: dict[str, Any] = {}
        if form is not None:
            checked = answers.check(
                procedure,
                form,
                raw,
                inst.directory(connection),
                calendar_of(ground, account.agency),
                now.date(),
            )
            if checked.wrong or (checked.lacking and not part_only):
                return WrongAnswers(checked.wrong, checked.lacking)
            values = checked.values
        wanted = procedure.inputs_of(procedure.touched_facts(values)) - set(values)
        known = vault.latest(connection, inst.keys, case.subject, case.id, wanted)
    _, closed = split(procedure.fields, values)
    command = RecordStep(
        id=command_id or new_id(), actor=actor_of(account), happened=happened, seen=seen, step=step_name, values=values,
        known=known, parts=dict(parts or {}), complete=not part_only, corrects=corrects,
    )  # fmt: skip
    return send(inst, case_id, command, {name: _value(values, name) for name in closed})


def _value(values: Mapping[str, Any], name: str) -> Any:
    field, _, rest = name.partition(".")
    if not rest:
        return values[field]
    number, _, column = rest.partition(".")
    return values[field][int(number)][column]
