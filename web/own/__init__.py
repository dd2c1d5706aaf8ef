"""The own view of a person: code and PIN from her paper, and her case in plain words. Knows no account and no number.

Addresses and titles tell nothing; the language stands in the address, so that nothing of hers is kept for it.
"""

from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import own_view
from sop_engine.services.brake import Waits
from sop_engine.services.sending import Done
from web import cookies, here
from web.cases.looks import MOST_PAGES, at_what
from web.layout import LANGUAGES, language
from web.layout.reader import in_digits
from web.layout.said import tell
from web.once import command_of_form

Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]
room = Blueprint("own", __name__, template_folder="templates", url_prefix="/s")
SPOKEN = "/<any(en,ne):spoken>"


@room.url_value_preprocessor
def _speak(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.spoken = values.pop("spoken", None) if values else None


@room.url_defaults
def _go_on_speaking(endpoint: str, values: dict[str, Any]) -> None:
    if "spoken" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "spoken"):
        values["spoken"] = language()


@room.before_request
def _without_an_account() -> None:
    """Whoever works here and is signed in on the same device is nobody on these pages."""
    g.account, g.news, g.new_device = None, 0, None


@room.get("/")
def door() -> Response:
    """From the address on the paper to the language of the browser."""
    return redirect(url_for("own.page", spoken=request.accept_languages.best_match(LANGUAGES, "ne")))


@room.get(SPOKEN + "/")
def page() -> Answer:
    token = cookies.view_token()
    found = own_view.view(here.installation(), token) if token is not None else None
    return render_template("own.html", view=found) if found is not None else _form()


def _form(wrong: str = "", code: str = "") -> str:
    return render_template("own_enter.html", wrong=wrong, code=code)


@room.post(SPOKEN + "/")
def enter() -> Answer:
    code, pin = (request.form.get(name, "").replace("\0", "")[:40] for name in ("code", "pin"))
    found = own_view.sign_in(here.installation(), code, pin, here.origin())
    if isinstance(found, Waits):
        wait = gettext("Too many wrong tries. Wait %(n)s seconds, then try again.", n=in_digits(found.seconds))
        return _form(wait, code), 429, {"Retry-After": str(found.seconds)}
    if found is None:
        return _form(gettext("Code and PIN do not fit. Look at both and try again."), code), 401
    response = redirect(url_for("own.page"))
    cookies.keep_view(response, found)
    return response


@room.post(SPOKEN + "/ask")
def ask() -> Answer:
    """A question, or that something is wrong; whoever answers for the case reads it."""
    words, correction = request.form.get("words", "").strip(), request.form.get("about") == "correction"
    answer = own_view.ask(here.installation(), cookies.view_token() or "", words, correction, command_of_form())
    return _done(answer, gettext("It is sent. The answer will stand here."))


@room.post(SPOKEN + "/take-back/<consent>")
def take_back(consent: str) -> Answer:
    answer = own_view.take_back(here.installation(), cookies.view_token() or "", consent)
    return _done(answer, gettext("It is taken back. From now on nobody may do it."))


def _done(answer: Done | Refusal | None, said: str) -> Answer:
    """Back to the page with what came of it; to code and PIN where she is signed in no more."""
    if answer is None:
        return _form(gettext("The page had closed by itself. Type code and PIN again.")), 401
    tell(
        answer.sentence(language()) if isinstance(answer, Refusal) else said,
        "refused" if isinstance(answer, Refusal) else "done",
    )
    return redirect(url_for("own.page"))


@room.get(SPOKEN + "/looks")
def looks() -> Answer:
    """Who looked at her case, by days and agencies."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 else 1
    number = min(max(number, 1), MOST_PAGES)
    token = cookies.view_token()
    found = own_view.seen(here.installation(), token, number) if token is not None else None
    if found is None:
        return redirect(url_for("own.page"))
    return render_template("own_looks.html", found=found, number=number, at_what=at_what)


from web.own import complaints  # noqa: E402

__all__ = ["complaints", "room"]
