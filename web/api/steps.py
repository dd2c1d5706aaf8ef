"""Steps: their forms as JSON Schema, their answers, recording them, and the draft of who fills one in."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import fields, validate

from sop_engine.services import answers
from sop_engine.services.drafting import drop_draft, keep_draft
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.step_page import StepPage, step_page
from sop_engine.sop.procedure import Procedure
from web import here
from web.api import door
from web.api.acts import answered
from web.api.case_shapes import Acted, StepView
from web.api.group import Group
from web.api.plain import plain
from web.api.taken import Moment, code, flag, head, taking, words

group = Group("steps", "The steps of a case: forms, answers and papers.", "/cases")
# Forms are described by what describes the operations.
_described = MarshmallowPlugin(schema_name_resolver=lambda schema: "")
_described.init_spec(APISpec("forms", "1", "3.1.0"))


@group.operation("GET", "/<number>/steps/<step>", "read", gives=StepView, tagged=True, name="one")
def one_step(number: str, step: str) -> Any:
    """A step with its form and its answers. The look is written down."""
    found = step_page(here.installation(), here.account(), number, step)
    return _shown(found), 200, {"ETag": f'"{found.case.seq}"'}


def _shown(found: StepPage) -> dict[str, Any]:
    draft = found.draft
    return {
        "number": found.case.number, "name": found.name, "title": found.step.title, "mark": found.mark,
        "may_record": found.may_record, "only_read": found.only_read, "form": form_schema(found),
        "answers": plain(dict(found.values)), "chooses": {part: list(codes) for part, codes in found.chooses.items()},
        "documents": {
            str(name): {"always": one.needed.always, "class": str(one.class_ or "")}
            for name, one in found.step.documents.items()
        },
        "draft": plain(draft) if draft is not None else None,
        "files": found.files,
    }  # fmt: skip


def form_schema(found: StepPage) -> dict[str, Any] | None:
    """The schema that checks the answers, as JSON Schema; each field with its title in both languages."""
    if found.form is None:
        return None
    calendar = found.directory.calendar_of(here.account().agency)
    schema = answers.schema_of(found.procedure, found.form, found.directory, calendar, calendar.today(found.now))
    assert _described.converter is not None
    told: dict[str, Any] = _described.converter.schema2jsonschema(schema)  # type: ignore[no-untyped-call]
    for name, said in told.get("properties", {}).items():
        said |= _titled(found.procedure, name)
    return told


def _titled(procedure: Procedure, name: str) -> dict[str, Any]:
    said = procedure.fields[name]
    words = {"title": said.title.en, "x-title-ne": said.title.in_language("ne"), "x-type": str(said.type)}
    return words | ({"type": "string"} if said.type in ("date", "datetime") else {})


RECORD = taking(
    "RecordRequest",
    answers=fields.Dict(keys=words(200), metadata={"description": "raw answers by field, as the form's schema says"}),
    parts=fields.Dict(keys=code(), values=code(), validate=validate.Length(max=20)),
    later=flag("keep what is there though it is not complete"),
    corrects=flag("correct what was recorded"),
    sheet=words(40, "the code of the paper typed from"),
    happened=Moment(),
)


@group.operation(
    "POST", "/<number>/steps/<step>", "record", takes=RECORD, gives=Acted, changes=True, tagged=True, name="record"
)
def record(body: dict[str, Any], number: str, step: str) -> Any:
    """Record a step, or correct it. Nothing is kept where an answer is wrong."""
    given = head()
    answer = record_step(
        here.installation(), here.account(), number, step, body.get("answers", {}), body.get("parts"),
        part_only=body.get("later", False), command_id=given["id"], happened=body.get("happened"), seen=given["seen"],
        corrects=body.get("corrects", False), sheet=body.get("sheet"), drafted=True,
    )  # fmt: skip
    if isinstance(answer, WrongAnswers):
        return door.problem(422, "wrong_answers", fields={**answer.wrong, **answer.lacking})
    return answered(answer)


DRAFT = taking(
    "DraftRequest",
    fields=fields.Dict(
        required=True, keys=fields.String(validate=validate.Length(max=200)),
        values=fields.List(fields.String(validate=validate.Length(max=600_000)), validate=validate.Length(max=300)),
    ),
    seen=fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 10**9)),
)  # fmt: skip
KEPT = taking("DraftKept", saved=fields.String(), left_out=fields.List(fields.Integer()), follows=fields.Dict())


@group.operation("PUT", "/<number>/steps/<step>/draft", "record", takes=DRAFT, gives=KEPT, name="keep_draft")
def keep(body: dict[str, Any], number: str, step: str) -> Any:
    """Keep what is typed so far: it is given back to this person alone, on the pages too."""
    kept = keep_draft(here.installation(), here.account(), number, step, body["fields"], body["seen"])
    if kept is None:
        return door.problem(413)
    return {"saved": kept.saved.isoformat(), "left_out": kept.so_far.left_out, "follows": dict(kept.so_far.follows)}


@group.operation("DELETE", "/<number>/steps/<step>/draft", "record", status=204, name="drop_draft")
def drop(number: str, step: str) -> Any:
    """Throw the own draft of a step away."""
    drop_draft(here.installation(), here.account(), number, step)
    return "", 204
