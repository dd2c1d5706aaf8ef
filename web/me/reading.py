"""How somebody reads: language, digits and the calendar that stands first, kept for every device of hers."""

from flask import redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from sop_engine.services.accounts import Reader, reads
from web import here
from web.layout import LANGUAGES, speak
from web.layout.said import tell
from web.me import room

DIGITS, CALENDARS = ("latn", "deva"), ("ad", "bs")


@room.get("/me/reading")
def how() -> str:
    return render_template("reading.html", mine=here.account().reader, now=here.installation().clock())


@room.post("/me/reading")
def keep() -> Response:
    """Keep what was chosen; what is left to the language goes with it."""
    chosen = Reader(_one_of(LANGUAGES, "language"), _one_of(DIGITS, "digits"), _one_of(CALENDARS, "calendar"))
    reads(here.installation(), here.account(), chosen)
    response = redirect(url_for("me.how"))
    speak(response, chosen.language)
    with force_locale(chosen.language or here.account().reader.language):
        tell(gettext("This is how you read from now on, on every device on which you sign in."), "done")
    return response


def _one_of(known: tuple[str, ...], name: str) -> str | None:
    sent = request.form.get(name, "")
    return sent if sent in known else None
