"""What is new for a person, and what of it comes to her by e-mail, when and where."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import mail_choices, notices, security
from sop_engine.services.mail_choices import choices_of
from sop_engine.services.mail_times import AT_ONCE, NEVER
from web import here
from web.layout import LANGUAGES, language
from web.layout.said import tell
from web.me import room

Answer = str | Response | tuple[str, int]


@room.get("/notices")
def news() -> str:
    """What is new, newest first."""
    asked = request.args.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return render_template("news.html", found=notices.news_of(here.installation(), here.account(), page))


@room.post("/notices/read")
def read() -> Response:
    """One is read: the words of the form tell which."""
    number, kind, seq = (request.form.get(name, "")[:40].replace("\0", "") for name in ("number", "kind", "seq"))
    if seq.isascii() and seq.isdigit() and len(seq) < 9:
        notices.read_one(here.installation(), here.account(), number, kind, int(seq))
    return redirect(url_for("me.news"))


@room.post("/notices/read-all")
def read_all() -> Response:
    """All that stood on the page when it was made is read; what has come since stays."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        until = None
    if until is not None and until.tzinfo is not None and 1970 < until.year < 9999:
        notices.read_all(here.installation(), here.account(), until)
        tell(gettext("Everything is marked as read."), "done")
    return redirect(url_for("me.news"))


@room.get("/me/notices")
def choices() -> str:
    return _page()


@room.post("/me/notices")
def choose() -> Answer:
    """Which kinds come by e-mail, how often, and when not."""
    quiet = (_hour("quiet_from"), _hour("quiet_to")) if request.form.get("quiet") else None
    spoken = request.form.get("language", "")
    refused = mail_choices.choose(
        here.installation(), here.account(), spoken if spoken in LANGUAGES else language(),
        request.form.get("how", ""), _hour("hour"), quiet, request.form.getlist("kinds"),
    )  # fmt: skip
    return _on(refused, "how", gettext("Your choices are kept."))


@room.post("/me/notices/address")
def ask_for_code() -> Answer:
    typed = request.form.get("address", "").replace("\0", "")[:300]
    refused = security.ask_for_address(
        here.installation(), here.account(), typed, language(), request.form.get("password", ""), here.origin()
    )
    field = "proof" if refused is not None and refused.code in ("password", "waits") else "address"
    return _on(refused, field, gettext("A code is on its way to this address."), typed)


@room.post("/me/notices/code")
def prove() -> Answer:
    refused = mail_choices.prove(here.installation(), here.account(), request.form.get("code", "")[:40])
    over = refused is not None and refused.code == "code_over"
    return _on(refused, "address" if over else "code", gettext("The address is yours. E-mails go there now."))


@room.post("/me/notices/test")
def ask_for_test() -> Answer:
    refused = mail_choices.ask_for_test(here.installation(), here.account(), language())
    return _on(refused, "test", gettext("A test e-mail is on its way."))


@room.post("/me/notices/forget")
def forget() -> Response:
    mail_choices.forget_address(here.installation(), here.account())
    tell(gettext("The address is deleted. No e-mail comes any more."), "done")
    return redirect(url_for("me.choices"))


def _on(refused: Refusal | None, field: str, done: str, typed: str = "") -> Answer:
    """Back to the page; or the page itself, with what is wrong and at which field."""
    if refused is not None:
        page = _page(wrong={field: refused.sentence(language())}, typed=typed)
        return page, 429 if refused.code == "waits" else 422
    tell(done, "done")
    return redirect(url_for("me.choices"))


def _page(wrong: dict[str, str] | None = None, typed: str = "") -> str:
    found = choices_of(here.installation(), here.account())
    return render_template(
        "my_notices.html", found=found, one=found.mailing, wrong=wrong or {}, typed=typed, kinds=notices.KINDS,
        hours=[f"{hour:02}:00" for hour in range(24)], at_once=AT_ONCE, never=NEVER,
        spoken=found.mailing.language if found.address else language(),
    )  # fmt: skip


def _hour(name: str) -> int:
    """An hour of the day as it was chosen; -1 for anything else."""
    asked = request.form.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else -1
