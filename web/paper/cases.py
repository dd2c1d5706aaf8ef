"""A case as a page to print and as a PDF: without answers, or with them for a purpose that is written down."""

from datetime import datetime

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sop_engine.services.case_page import CasePage
from sop_engine.services.printing import printed, printed_with_answers
from sop_engine.services.step_page import Recorded
from web import here
from web.layout import times
from web.layout.said import tell
from web.paper import room
from web.paper.pdf import answer, pdf

LONGEST = 500


@room.get("/cases/<number>/print")
def case(number: str) -> str:
    return _case(printed(here.installation(), here.account(), number))


@room.get("/cases/<number>/print.pdf")
def case_pdf(number: str) -> Response:
    return as_pdf(number)


@room.post("/cases/<number>/print.pdf")
def with_answers(number: str) -> AnyResponse:
    purpose = request.form.get("purpose", "").strip()[:LONGEST]
    if not purpose:
        tell(gettext("Say in a sentence what the answers are printed for."), "refused")
        return redirect(url_for("paper.case", number=number))
    return as_pdf(number, purpose)


def as_pdf(number: str, purpose: str | None = None) -> Response:
    """A case as PDF; with answers where it is said what they are for. Raises NotFound."""
    inst, account = here.installation(), here.account()
    found, recorded = (
        (printed(inst, account, number), None)
        if purpose is None
        else printed_with_answers(inst, account, number, purpose)
    )
    return answer(pdf([_case(found, recorded, pdf=True)]), "record")


def _when(moment: datetime, language: str) -> str:
    """A moment with both years: a print is read for a long time."""
    return times.recorded(moment.isoformat(), language)


def _day(moment: datetime, language: str) -> str:
    return times.dated(moment.astimezone(times.ZONE).date(), language)


def _case(found: CasePage, recorded: list[Recorded] | None = None, pdf: bool = False) -> str:
    return render_template(
        "case_print.html", page=found, case=found.case, strip=found.strip, directory=found.directory,
        procedure=found.procedure, recorded=recorded, pdf=pdf, when=_when, day=_day,
    )  # fmt: skip
