"""Paper: a case as PDF, forms blank, and what a code on a sheet means."""

from typing import Any

from marshmallow import fields, validate

from sop_engine.case.refusal import Refusal
from sop_engine.services import sheets
from web import here
from web.api import door
from web.api.group import Group
from web.api.list_shapes import Listed, Sheet
from web.api.taken import code, taking
from web.paper import TooLong
from web.paper.cases import as_pdf
from web.paper.forms import sheets_of, wanted_of
from web.paper.pdf import CannotPrint, answer, pdf
from web.paper.said import LANGUAGES

group = Group("paper", "Cases and forms on paper.")
PDF = "application/pdf"
TOO_LONG = ("Too many pages for one print: take fewer copies at once", "एउटै छपाइका लागि धेरै पाना: कम प्रति लिनुहोस्")


@group.operation("GET", "/cases/<number>/print", "read", media=PDF)
def case(number: str) -> Any:
    """A case as PDF without anything that people said."""
    return _printed(lambda: as_pdf(number))


PURPOSE = taking("PrintRequest", purpose=fields.String(required=True, validate=validate.Length(min=3, max=500)))


@group.operation("POST", "/cases/<number>/print", "read", takes=PURPOSE, media=PDF)
def with_answers(body: dict[str, Any], number: str) -> Any:
    """A case as PDF with its answers, for a purpose that is written down before."""
    return _printed(lambda: as_pdf(number, body["purpose"]))


@group.operation("GET", "/paper/<name>", "read", gives=Listed)
def kit(name: str) -> Any:
    """The forms of a procedure that can be filled in on paper."""
    found = sheets.kit(here.installation(), here.account(), name)
    return {
        "items": [
            {"stage": stage, "step": step, "title": {"en": one.title.en, "ne": one.title.in_language("ne")}}
            for stage, _, steps in found.stages
            for step, one in steps
        ]
    }


BLANK = taking(
    "BlankRequest",
    what=fields.String(
        required=True, validate=validate.Length(max=80),
        metadata={"description": "step:NAME, stage:NAME, or all", "example": "step:written_order"},
    ),
    also=fields.List(code(), load_default=list, validate=validate.Length(max=20)),
    copies=fields.Integer(load_default=1, strict=True, validate=validate.Range(1, sheets.MOST_COPIES)),
    language=fields.String(load_default="en", validate=validate.OneOf(list(LANGUAGES))),
    case=fields.String(validate=validate.Length(max=20)),
)  # fmt: skip


@group.operation("POST", "/paper/<name>/print", "read", takes=BLANK, media=PDF, errors=(409,))
def print_forms(body: dict[str, Any], name: str) -> Any:
    """Forms blank, each with a code of its own."""
    inst, account = here.installation(), here.account()
    found = sheets.kit(inst, account, name, body.get("case"))
    wanted = wanted_of(found, body["what"], body["also"])
    printed = sheets.print_blank(inst, account, wanted, body["copies"], found.number)
    if isinstance(printed, Refusal):
        return printed
    said = LANGUAGES[body["language"]]
    return _printed(lambda: answer(pdf(sheets_of(printed, wanted, said, body["copies"])), "forms"))


def _printed(make: Any) -> Any:
    """A print, or why this server makes none."""
    try:
        return make()
    except TooLong:
        return door.problem(409, "too_long", TOO_LONG)
    except CannotPrint:
        return door.problem(503, "no_printing")


@group.operation("GET", "/sheets/<code>", "read", gives=Sheet, errors=(409,))
def sheet(code: str) -> Any:
    """Which form the code of a sheet is, and where it was typed in."""
    found = sheets.find_sheet(here.installation(), here.account(), code)
    if isinstance(found, Refusal):
        return found
    used = found.used.number if found.used is not None else None
    return {
        "code": found.sheet.code, "sop": found.sheet.sop, "step": found.sheet.step, "older": found.older,
        "number": found.sheet.number or used, "used": found.used is not None,
    }  # fmt: skip
