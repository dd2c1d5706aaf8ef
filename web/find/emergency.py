"""Opening a case that is not one's own in an emergency. The number stands in no address of this page."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services.emergency import A_SENTENCE, TIMES, WITHIN, open_in_emergency
from sop_engine.services.installation import tidy_number
from web import here
from web.cases.acts import head
from web.find import room
from web.layout import language
from web.layout.reader import in_digits
from web.layout.said import tell


@room.get("/emergency")
def emergency_form() -> str:
    return _page({})


@room.post("/emergency")
def open_emergency() -> Response | tuple[str, int]:
    """To the case, read only and for an hour; a number that is not there answers as a case that is hidden."""
    number, reason = tidy_number(request.form.get("number", "").strip()[:40]), request.form.get("reason", "").strip()
    wrong = {}
    if number is None:
        wrong["number"] = str(gettext("Write the number of the case, for example NP-1234-5678."))
    if len(reason) < A_SENTENCE:
        wrong["reason"] = str(gettext("Say in a sentence what the emergency is."))
    if wrong or number is None:
        return _page(wrong), 422
    answer = open_in_emergency(here.installation(), here.account(), number, reason, head()["id"])
    if isinstance(answer, Refusal):
        return _page({"": in_digits(answer.sentence(language()))}), 409
    tell(gettext("Every look of yours is written down and shown to the agency that is accountable."), "done")
    return redirect(url_for("cases.page", number=number))


def _page(wrong: dict[str, str]) -> str:
    return render_template("emergency.html", wrong=wrong, sent=request.form, times=TIMES, days=WITHIN.days)
