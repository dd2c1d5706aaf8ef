"""Recording a step: raw answers are checked by the form, closed ones go to the vault, the rest is decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sop_engine.case.clock import calendar_of
from sop_engine.case.commands import Command, RecordStep
from sop_engine.case.decide.answer import CLOCKS_APART
from sop_engine.case.decide.steps import split
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import Case
from sop_engine.services import answers, sheets
from sop_engine.services.acting import act_as
from sop_engine.services.installation import Installation, actor_of, new_id, tidy_sheet_code
from sop_engine.services.sending import Done, delivered
from sop_engine.store import drafts, vault
from sop_engine.store.database import writing
from sop_engine.store.people import Account

FUTURE = "this has not happened yet: write a time that has passed, or leave it empty"
MISSING = "an answer is missing"


@dataclass(frozen=True, slots=True)
class WrongAnswers:
    """Answers that the form does not take: a sentence for each field, and those still lacking."""

    wrong: Mapping[str, Any]
    lacking: Mapping[str, str]


def record_step(
    inst: Installation, account: Account, number: str, step_name: str, raw: Mapping[str, Any],
    parts: Mapping[str, str] | None = None, part_only: bool = False, command_id: str | None = None,
    happened: datetime | None = None, seen: int | None = None, corrects: bool = False, sheet: str | None = None,
    drafted: bool = False,
) -> Done | Refusal | WrongAnswers:  # fmt: skip
    """Record a step with raw answers by field. `part_only` keeps what is there although it is not complete.

    Raises NotFound. Nothing is kept when an answer is wrong. What is typed from a `sheet` says when it happened.
    A draft of it that the recorder has (`drafted`) is dropped.
    """
    if happened is not None and happened > inst.clock() + CLOCKS_APART:
        return WrongAnswers({"happened": [FUTURE]}, {})
    if happened is None and sheet is not None:
        return WrongAnswers({}, {"happened": MISSING})
    wrong: list[WrongAnswers] = []
    identity = command_id or new_id()

    def make(connection: Connection, case: Case, ground: Ground) -> tuple[Command, Mapping[str, Any]] | Refusal:
        if step_name not in ground.procedure.steps:
            return refuse(
                "no_step", f"'{step_name}' is no step of this procedure", f"'{step_name}' यस कार्यविधिको चरण होइन"
            )
        unfit = sheets.refused(connection, case, step_name, sheet, identity, corrects) if sheet is not None else None
        if unfit is not None:
            return unfit
        values = _checked(inst, ground, account, step_name, raw, part_only)
        if isinstance(values, WrongAnswers):
            wrong.append(values)
            return refuse("wrong_answers", "Some answers are wrong or missing", "केही जवाफ गलत वा अपुग छन्")
        emptied = _emptied(ground, step_name, values) if corrects and not part_only else []
        named = {*values, *emptied}
        wanted = ground.procedure.inputs_of(ground.procedure.touched_facts(named)) - named
        command = RecordStep(
            id=identity, actor=actor_of(account), happened=happened, seen=seen, step=step_name,
            values=values, known=_known(inst, connection, ground, case, wanted),
            parts=dict(parts or {}), complete=not part_only, corrects=corrects, emptied=emptied,
            sheet=tidy_sheet_code(sheet) if sheet is not None else None,
        )  # fmt: skip
        _, closed = split(ground.procedure.fields, values)
        before = case.steps[step_name].closed if step_name in case.steps else []
        gone = [name for name in before if name.partition(".")[0] in emptied]
        return command, {**dict.fromkeys(gone), **{name: _value(values, name) for name in closed}}

    answer = act_as(inst, account.agency, "number", number, make, "record")
    if drafted and isinstance(answer, Done):
        with writing(inst.engine) as connection:
            drafts.drop(connection, account.id, answer.case.id, step_name)
    return wrong[-1] if wrong else delivered(inst, answer)


def _emptied(ground: Ground, step_name: str, values: Mapping[str, Any]) -> list[str]:
    """The fields of a form that a correction leaves without an answer."""
    form = ground.procedure.form_of(ground.procedure.step_of(step_name))
    return [str(name) for name in form.fields() if name not in values] if form is not None else []


def _known(inst: Installation, connection: Connection, ground: Ground, case: Case, wanted: set[str]) -> dict[str, Any]:
    """The latest closed answers of earlier steps that facts need; rows with their closed columns put back."""
    rows = {
        name: case.values[name]
        for name in wanted
        if ground.procedure.fields[name].type == "rows" and name in case.values
    }
    cells = [
        f"{name}.{number}.{column}"
        for name, listed in rows.items()
        for number in range(len(listed) if isinstance(listed, list) else 0)
        for column, said in ground.procedure.fields[name].row.items()
        if not said.open
    ]
    asked = [*(wanted - set(rows)), *cells]
    return answers.merge(rows, vault.latest(connection, inst.keys, case.subject, case.id, asked, case.drafts))


def _checked(
    inst: Installation, ground: Ground, account: Account, step_name: str, raw: Mapping[str, Any], part_only: bool
) -> dict[str, Any] | WrongAnswers:
    form = ground.procedure.form_of(ground.procedure.step_of(step_name))
    if form is None:
        return {}
    calendar, bs = calendar_of(ground, account.agency), account.reader.bikram_sambat
    checked = answers.check(ground.procedure, form, raw, ground.directory, calendar, calendar.today(inst.clock()), bs)
    if checked.wrong or (checked.lacking and not part_only):
        return WrongAnswers(checked.wrong, checked.lacking)
    return checked.values


def _value(values: Mapping[str, Any], name: str) -> Any:
    field, _, rest = name.partition(".")
    if not rest:
        return values[field]
    number, _, column = rest.partition(".")
    return values[field][int(number)][column]
