"""Saying what answers of a case are opened for, before they are: a small page that leads on to what was wanted."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sop_engine.case.purpose import PURPOSES
from sop_engine.case.refusal import Refusal
from sop_engine.services.purpose import say
from sop_engine.services.rights import case_id_of
from web import here
from web.cases import room
from web.layout import language


@room.get("/<number>/why")
def why(number: str) -> str:
    case_id_of(here.installation(), here.account(), number, "read")
    return _page(number, request.args.get("on", ""), None)


@room.post("/<number>/why")
def say_why(number: str) -> Response | tuple[str, int]:
    on, purpose = request.form.get("on", ""), request.form.get("purpose", "")
    answer = say(here.installation(), here.account(), number, purpose, request.form.get("words", ""))
    if isinstance(answer, Refusal):
        return _page(number, on, answer), 422
    return redirect(_within(number, on))


def _page(number: str, on: str, refused: Refusal | None) -> str:
    return render_template(
        "why.html",
        number=number,
        on=_within(number, on),
        purposes=PURPOSES,
        sent=request.form,
        wrong=refused.sentence(language()) if refused is not None else "",
    )


def _within(number: str, on: str) -> str:
    """What was wanted, if it is a page of this case; else the page of the case."""
    page = url_for("cases.page", number=number)
    return on if on.startswith(f"{page.rstrip('/')}/") and "\\" not in on and "//" not in on else page
