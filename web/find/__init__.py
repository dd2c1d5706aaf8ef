"""Finding a case: one box for a number, a name, a phone or a token. What is typed stands in no address and no title."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.services.finding import MOST_LETTERS, Filters, Found, asked_by, search
from sop_engine.services.installation import tidy_number
from sop_engine.services.sops import in_force
from web import here

room = Blueprint("find", __name__, template_folder="templates")

from web.find import emergency  # noqa: E402

__all__ = ["emergency", "room"]


@room.get("/search")
def form() -> str:
    return _page("", None, "")


@room.post("/search")
def find() -> Response | str | tuple[str, int]:
    """Straight to the case for a number; else a list of the cases that may be meant, and why."""
    typed = request.form.get("typed", "").strip()
    number = tidy_number(typed[:40])
    if number is not None:
        return redirect(url_for("cases.page", number=number))
    wrong = _wrong(typed)
    if wrong:
        return _page(typed, None, wrong), 422
    status, sop, district = (request.form.get(name, "")[:40] for name in ("status", "sop", "district"))
    wanted = Filters(status, sop, district)
    return _page(typed, search(here.installation(), here.account(), asked_by(typed), wanted), "")


def _wrong(typed: str) -> str:
    """Why what was typed cannot be looked for; empty where it can."""
    if len(typed) > MOST_LETTERS:
        return str(gettext("This is longer than %(n)s letters: write a name, a number or a token.", n=MOST_LETTERS))
    if not asked_by(typed):
        return str(gettext("Write the number of a case, a name, a phone number or a token."))
    return ""


def _page(typed: str, found: Found | None, wrong: str) -> str:
    inst = here.installation()
    return render_template(
        "search.html", typed=typed, found=found, wrong=wrong, sent=request.form, procedures=in_force(inst),
        directory=inst.directory_now(),
    )  # fmt: skip
