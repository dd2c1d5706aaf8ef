"""Typing in what was filled in by hand: the code of a sheet leads to the form of its step."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import sheets
from sop_engine.services.installation import tidy_number
from sop_engine.services.sheets import Found
from sop_engine.services.sops import openings
from web import here
from web.layout import language
from web.layout.reader import in_digits
from web.paper import room


@room.get("/paper/type-in")
def type_in() -> str | Response:
    """Which form a code is, and the case into which it is to be typed."""
    typed = request.args.get("code", "").strip()
    found = sheets.find_sheet(here.installation(), here.account(), typed) if typed else None
    if found is None or isinstance(found, Refusal):
        return _page(typed, found)
    before = found.used.number if found.used is not None else None
    number = found.sheet.number or request.args.get("number", "").strip() or before
    if not number:
        return _page(typed, found)
    case = sheets.where_to_type(here.installation(), here.account(), found.sheet, tidy_number(number) or number)
    if isinstance(case, Refusal):
        return _page(typed, found, case)
    address = url_for("cases.step", number=case.number, name=found.sheet.step, sheet=found.sheet.code)
    if found.used is None and found.sheet.version == case.version and found.sheet.number is None:
        return redirect(address)
    return _page(typed, found, onward=address, number=case.number, other=found.sheet.version != case.version)


def _page(
    typed: str, found: Found | Refusal | None, refusal: Refusal | None = None, onward: str = "", number: str = "",
    other: bool = False,
) -> str:  # fmt: skip
    wrong = found if isinstance(found, Refusal) else refusal
    there = found if isinstance(found, Found) else None
    said = in_digits(wrong.sentence(language())) if wrong is not None else ""
    return render_template(
        "type_in.html", typed=typed, found=there, wrong=said,
        onward=onward, number=number or request.args.get("number", ""), other=other, opens=_opens(there),
    )  # fmt: skip


def _opens(found: Found | None) -> bool:
    """Whether a sheet may be the first of a case that this person may open."""
    if found is None or found.sheet.number is not None:
        return False
    stage = found.procedure.steps[found.sheet.step][0]
    entries = {one.entry for one in openings(here.installation(), here.account()) if one.sop == found.sheet.sop}
    return stage in entries
