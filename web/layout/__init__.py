"""What all pages share: frame, colours, words, times, language, the way out."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.compliance.review import may_review
from sop_engine.homes.register import may_audit
from sop_engine.services.accounts import Account
from sop_engine.services.administrators import administers
from sop_engine.services.installation import new_id
from web import cookies, here
from web.layout import reader, times, words
from web.layout.mistakes import mistakes
from web.layout.reader import LANGUAGES, language
from web.layout.visible import visible_text

__all__ = ["LANGUAGES", "SANDBOX", "furnish", "inside", "language", "problem_page", "room", "speak"]
room = Blueprint("layout", __name__, template_folder="templates", static_folder="static", static_url_path="/look")
# A file that somebody sent is shown by no page of ours.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
YEAR = 365 * 24 * 3600


def inside(target: str | None) -> str:
    """An address inside this application; anything else leads to the first page."""
    parts = urlsplit(target or "")
    text = str(target or "")
    safe = text.isprintable() and bool(target) and not parts.scheme and not parts.netloc and str(target).startswith("/")
    return str(target) if safe and not str(target).startswith(("//", "/\\")) else url_for("worklist.day")


@room.get("/language/<chosen>")
def choose_language(chosen: str) -> Response:
    response = redirect(inside(request.args.get("back")))
    speak(response, chosen)
    return response


def speak(response: Response, chosen: str | None) -> None:
    """Make a language that of this device; the last choice made on it counts here."""
    if chosen in LANGUAGES:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        name = cookies.named("language")
        response.set_cookie(name, str(chosen), max_age=YEAR, samesite="Lax", httponly=True, secure=secure)


@room.get("/alive")
def alive() -> str:
    """For whoever watches the server; says nothing else."""
    return "alive"


def problem_page(code: int) -> tuple[str, int]:
    """A page in plain words for anything that went wrong."""
    title, sentence = {
        400: (
            gettext("This form is too old"),
            gettext("Go back, load the page again and send it once more. What you typed is still there."),
        ),
        403: (gettext("Not for you"), gettext("Your agency may not see this.")),
        404: (gettext("Not here"), gettext("There is no such page or case, or it is not for your agency.")),
        405: (gettext("Not here"), gettext("There is no such page or case, or it is not for your agency.")),
        413: (gettext("Too large"), gettext("What was sent is too large: shorten it and send it again.")),
        429: (
            gettext("Too often"),
            gettext(
                "This was done too often. Wait, and try again; if your work needs it today, tell whoever runs this "
                "server."
            ),
        ),
        503: (
            gettext("Busy"),
            gettext("Many people are writing at this moment. Nothing was lost: try again in a few seconds."),
        ),
        # Said as 503: there is no room, or the database only lets itself be read.
        507: (
            gettext("Nothing can be kept now"),
            gettext(
                "Nothing was half done. What you can read you can go on reading. Tell whoever looks after this "
                "program, and send it again in a few minutes."
            ),
        ),
    }.get(
        code, (gettext("Something broke"), gettext("The fault is ours and was noted. Nothing you did before is lost."))
    )
    status = {405: 404, 507: 503}.get(code, code)
    return render_template("problem.html", title=title, sentence=sentence, missing=status == 404), status


def fixed(endpoint: str, filename: str) -> str:
    """The address of a file that comes with the program, with its hash: a browser keeps it until it changes."""
    return url_for(endpoint, filename=filename, v=_hash_of(endpoint, filename))


@cache
def _hash_of(endpoint: str, filename: str) -> str:
    folder = current_app.blueprints[endpoint.partition(".")[0]].static_folder
    return hashlib.sha256((Path(folder or "") / filename).read_bytes()).hexdigest()[:12]


def furnish(app: Flask) -> None:
    """Give templates what they need everywhere."""
    app.jinja_env.globals.update(
        when=times.when, left=times.left, to_answer=times.to_answer, day=times.day, dated=times.dated,
        clock=times.clock, example=times.example, length=times.length, urgency=times.urgency,
        word=words.word, mark_word=words.mark, answer_words=words.answer, class_word=words.class_word,
        withheld_word=words.withheld,
        choice_words=words.choice, only_if=words.only_if, told_words=words.told,
        title_of=words.title_of, source_words=words.source, mistakes=mistakes, new_id=new_id, fixed=fixed,
    )  # fmt: skip
    app.jinja_env.filters["word"] = words.word
    app.jinja_env.filters["visible"] = lambda text: visible_text(text or "")
    app.jinja_env.filters["t"] = lambda text: words.in_words(text, language()) if text is not None else ""
    reader.furnish(app)

    @app.context_processor
    def _frame() -> dict[str, Any]:
        return {"language": language(), "reader": reader.reader(language()), **_who()}


def _who() -> dict[str, Any]:
    """Who is signed in, for the head of the page."""
    account = cast("Account | None", getattr(g, "account", None))
    if account is None:
        return {"me": None, "news": 0, "new_device": None}
    directory = here.installation().directory_now()
    return {
        "me": account, "news": g.news, "new_device": g.new_device, "my_agency": directory.agencies[account.agency],
        "reviews": may_review(account, directory),
        "audits": may_audit(account, directory),
        "looks_after": administers(account),
    }  # fmt: skip
