"""Writing to a body outside that something is wrong: no account, no name, and a code and PIN for the answer."""

from dataclasses import dataclass, field

from flask import render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.services import own_view
from sop_engine.services.brake import Waits
from sop_engine.services.complaining import Choices, choices, complain
from sop_engine.services.installation import new_id
from web import cookies, here
from web.layout import language
from web.layout.pictures import qr_code
from web.layout.reader import in_digits
from web.once import command_of_form
from web.own import SPOKEN, Answer, room

LONGEST = 10_000
# The field at which a refusal is shown.
_AT = {"wrong_agency": "concerned", "biased": "body"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a form: a sentence, and at which field."""

    sentence: str = ""
    at: str = ""
    sent: MultiDict[str, str] = field(default_factory=MultiDict)


def _hers() -> Case | None:
    """The case of whoever came from her own view."""
    token = cookies.view_token()
    return own_view.case_of(here.installation(), token) if token is not None else None


@room.get(SPOKEN + "/write")
def write() -> Answer:
    return _form(Wrong())


def _may_be_about(offered: Choices) -> list[str]:
    """Whom the form names to whoever writes: all of them to her, and to others nobody who gives shelter."""
    return offered.concerned if _hers() is not None else offered.told_to_anybody()


def _form(wrong: Wrong) -> str:
    offered = choices(here.installation())
    if offered is None:
        raise NotFound
    kinds, hers = dict[str, list[str]](), _hers() is not None
    for code in _may_be_about(offered):
        kinds.setdefault(offered.directory.agencies[code].kind, []).append(code)
    return render_template(
        "own_write.html", offered=offered, directory=offered.directory, kinds=kinds, wrong=wrong, sent=wrong.sent,
        hers=hers, stands_at="own.write", command=wrong.sent.get("command") or new_id(),
    )  # fmt: skip


@room.post(SPOKEN + "/write")
def send() -> Answer:
    """Open the complaint; what was typed stays in the form where something is wrong with it."""
    form = request.form
    words = form.get("what_happened", "").strip()
    if not words:
        return _form(Wrong(gettext("Write what happened."), "what_happened", form)), 422
    if len(words) > LONGEST or len(form.get("answer_how", "")) > LONGEST:
        said = gettext("This is too long: write at most %(n)s letters.", n=LONGEST)
        return _form(Wrong(said, "what_happened", form)), 422
    offered = choices(here.installation())
    known = offered.procedure.fields["written_by"].of if offered is not None else ()
    if form.get("written_by") not in known:
        return _form(Wrong(gettext("Say who writes."), "written_by", form)), 422
    if offered is not None and form.get("concerned") and form["concerned"] not in _may_be_about(offered):
        # Else whoever guesses would learn which shelters there are.
        return _form(Wrong(gettext("Choose one of the list"), "concerned", form)), 422
    typed = {name: form.get(name, "").strip() for name in ("written_by", "what_happened", "answer_how")}
    made = complain(
        here.installation(), {name: value for name, value in typed.items() if value}, form.get("concerned", ""),
        form.get("body", ""), _hers() if form.get("mine") else None,
        command_of_form(), here.origin(),
    )  # fmt: skip
    if isinstance(made, Waits):
        wait = gettext(
            "Too much was sent from here. Wait %(n)s seconds, then send it again.", n=in_digits(made.seconds)
        )
        return _form(Wrong(wait, "", form)), 429, {"Retry-After": str(made.seconds)}
    if isinstance(made, Refusal):
        return _form(Wrong(in_digits(made.sentence(language())), _AT.get(made.code, ""), form)), 422
    address = here.address("own.page")
    return render_template(
        "own_sent.html", paper=made, address=address, picture=qr_code(address), stands_at="own.page",
        page=url_for("own.page"),
    )  # fmt: skip
