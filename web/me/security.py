"""The safety of one's own account: where one is signed in, the second factor, recovery codes, the password."""

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import security as services
from sop_engine.services.accounts import Entered
from web import cookies, here
from web.layout import language
from web.layout.pictures import qr_code
from web.layout.said import tell
from web.me import room

Answer = Response | str | tuple[str, int]


@room.get("/me/security")
def security() -> str:
    return _page()


@room.post("/me/security/sessions/<key>/end")
def end_session(key: str) -> Response:
    if services.end_session(here.installation(), here.account(), key):
        tell(gettext("This session is ended."), "done")
    return _back()


@room.post("/me/security/sessions/end")
def end_other_sessions() -> Response:
    services.end_other_sessions(here.installation(), here.account(), _token())
    tell(gettext("You are signed in nowhere else now."), "done")
    return _back()


@room.post("/me/security/seen")
def seen_new_device() -> Response:
    services.seen_new_device(here.installation(), here.account())
    return _back()


@room.post("/me/security/app")
def begin_app() -> Answer:
    """Begin to set up a code app; the page of it can be loaded again, as a phone does that changes between apps."""
    name = request.form.get("name", "")
    refused = services.begin_app(here.installation(), here.account(), _token(), name, _password(), here.origin())
    return redirect(url_for("me.app")) if refused is None else _refused(refused, "app")


@room.get("/me/security/app")
def app() -> Answer:
    return _app_page() or _back()


def _app_page(wrong: str = "") -> str | None:
    found = services.app_begun(here.installation(), here.account(), _token(), here.site())
    if found is None:
        return None
    return render_template("set_up_app.html", setting_up=found, picture=qr_code(found.address), wrong=wrong)


@room.post("/me/security/app/confirm")
def confirm_app() -> Answer:
    typed = request.form.get("code", "")[:40]
    entered = services.confirm_app(here.installation(), here.account(), _token(), typed, here.origin())
    if isinstance(entered, Refusal):
        page = _app_page(entered.sentence(language()))
        return (page, 422) if page is not None else _back()
    tell(gettext("The code app counts from now on. You are signed in nowhere else."), "done")
    return _renewed(entered, _codes_page(entered.codes) if entered.codes else None)


@room.post("/me/security/app/<factor>/remove")
def remove_app(factor: str) -> Answer:
    refused = services.remove_app(here.installation(), here.account(), factor, _password(), here.origin())
    if refused is not None:
        return _refused(refused, f"remove-{factor}")
    tell(gettext("The code app is removed."), "done")
    return _back()


@room.post("/me/security/codes")
def new_codes() -> Answer:
    """New recovery codes; they are on this page and nowhere else."""
    made = services.renew_recovery_codes(here.installation(), here.account(), _password(), here.origin())
    return _refused(made, "codes") if isinstance(made, Refusal) else _codes_page(made)


@room.post("/me/security/password")
def change_password() -> Answer:
    wanted, again = (request.form.get(name, "")[:1000] for name in ("wanted", "again"))
    entered = services.change_password(
        here.installation(), here.account(), _password(), wanted, again, here.origin()
    )  # fmt: skip
    if isinstance(entered, Refusal):
        return _refused(entered, "change" if entered.code in ("password", "waits") else "wanted")
    tell(gettext("Your password is changed. You are signed in nowhere else."), "done")
    return _renewed(entered, None)


def _refused(refused: Refusal, field: str) -> tuple[str, int]:
    """The page again, with what is wrong and at which field."""
    return _page({field: refused.sentence(language())}), 429 if refused.code == "waits" else 422


def _page(wrong: dict[str, str] | None = None) -> str:
    found = services.security_of(here.installation(), here.account(), _token())
    return render_template("security.html", found=found, wrong=wrong or {}, shortest=services.SHORTEST)


def _codes_page(codes: tuple[str, ...]) -> str:
    return render_template("new_codes.html", codes=codes)


def _renewed(entered: Entered, page: str | None) -> Response:
    """The session goes on under a new token."""
    response = make_response(page) if page is not None else _back()
    cookies.keep(response, entered)
    return response


def _back() -> Response:
    return redirect(url_for("me.security"))


def _token() -> str:
    return cookies.session_token() or ""


def _password() -> str:
    return request.form.get("password", "")[:500]
