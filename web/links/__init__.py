"""Requests for a service, for receivers without an account: one link, opened once. Knows no case and no number."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from sop_engine.case.decide.referrals import DECLINE_REASONS
from sop_engine.services import links
from web import here
from web.layout import language
from web.layout.reader import in_digits

room = Blueprint("links", __name__, template_folder="templates", url_prefix="/request")


@room.get("/<token>")
def ask(token: str) -> Response | str | tuple[str, int]:
    """Whether to open it: a program that looks ahead at links must not use it up."""
    state = links.is_live(here.installation(), token)
    return (_page(token, state), 200 if state else 404) if state != "opened" else _page(token, state)


@room.post("/<token>")
def open_it(token: str) -> str | tuple[str, int]:
    shown = links.open_link(here.installation(), token)
    return _page(token, "opened", shown=shown) if shown is not None else (_page(token, None), 404)


@room.post("/<token>/answer")
def answer(token: str) -> str | tuple[str, int]:
    given, reason = request.form.get("answer", ""), request.form.get("reason_code") or None
    refused = links.answer_link(here.installation(), token, given, reason)
    if refused is not None:
        return _page(token, "opened", said=in_digits(refused.sentence(language()))), 409
    return _page(token, "answered")


def _page(token: str, state: str | None, shown: links.Shown | None = None, said: str = "") -> str:
    return render_template("request.html", token=token, state=state, shown=shown, said=said, reasons=DECLINE_REASONS)
