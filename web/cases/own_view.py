"""The own view of the person of a case: given on paper, limited, refused or ended."""

from flask import redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.decide.own_view import ENDED
from sop_engine.case.refusal import Refusal
from sop_engine.services.own_view import set_view
from web import here
from web.cases import room
from web.cases.acts import ask_again, head, sentence
from web.cases.returned import field_of
from web.layout import language
from web.layout.said import tell
from web.paper.own_view import on_paper


@room.post("/<number>/own-view")
def own_view(number: str) -> Response | str | tuple[str, int]:
    """Decide on it; what was given is shown on its paper, once."""
    how, sent, reason = request.form.get("view", ""), head(), sentence("reason")
    made = set_view(here.installation(), sent["actor"], number, how, reason["reason"] if reason else None, sent["id"])
    if isinstance(made, Refusal):
        return ask_again(number, made.sentence(language()), field_of(made))
    back = url_for("cases.page", number=number)
    if made is not None:
        return on_paper(made, back)
    tell(gettext("The code leads nowhere any more.") if how == ENDED else gettext("Noted: she gets no code."), "done")
    return redirect(back)
