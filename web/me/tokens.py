"""Tokens for programs: made after typing the password again, shown once, ended at once."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services.tokens import MOST_DAYS, SCOPES, end_token, make_token, tokens_of
from sop_engine.sop.digits import latin
from web import here
from web.layout import language
from web.layout.said import tell
from web.me import room

USUAL_DAYS = 90


@room.get("/me/tokens")
def tokens() -> str:
    return _page()


def _page(made: str = "", wrong: str = "") -> str:
    return render_template(
        "tokens.html", tokens=tokens_of(here.installation(), here.account()), scopes=SCOPES, made=made, wrong=wrong,
        sent=request.form, most_days=MOST_DAYS, usual_days=USUAL_DAYS, now=here.installation().clock(),
    )  # fmt: skip


@room.post("/me/tokens")
def make() -> str | tuple[str, int]:
    """Make a token; its secret is on this page and nowhere else."""
    days = latin(request.form.get("days", "").strip())
    many = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
    made = make_token(
        here.installation(), here.account(), request.form.get("name", ""), request.form.getlist("scope"), many,
        request.form.get("password", ""), here.origin(),
    )  # fmt: skip
    if isinstance(made, Refusal):
        return _page(wrong=made.sentence(language())), 429 if made.code == "waits" else 422
    return _page(made)


@room.post("/me/tokens/<token>/end")
def end(token: str) -> Response:
    if end_token(here.installation(), here.account(), token):
        tell(gettext("The token is ended: programs that have it are refused from now on."), "done")
    return redirect(url_for("me.tokens"))
