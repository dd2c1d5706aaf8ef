"""The safety of one's own account: where one is signed in, second factors, recovery codes, the password."""

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import security as services
from sop_engine.services import through_provider
from sop_engine.services.accounts import Entered
from web import cookies, here
from web.layout import language
from web.layout.passkeys import asked
from web.layout.pictures import qr_code
from web.layout.said import tell
from web.me import room
from web.sign_in.provider import back as back_from_provider

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


@room.post("/me/security/passkey/ask")
def ask_to_add() -> Answer:
    """What a script asks the browser for, so that it makes a passkey."""
    inst, account, password = here.installation(), here.account(), _password()
    return asked(services.begin_passkey(inst, account, _token(), password, here.place(), here.origin()))


@room.post("/me/security/passkey")
def add_passkey() -> Answer:
    said, name = request.form.get("credential", ""), request.form.get("name", "")
    inst, account = here.installation(), here.account()
    entered = services.add_passkey(inst, account, _token(), said, name, here.place(), here.origin())
    if isinstance(entered, Refusal):
        return _refused(entered, "passkey")
    tell(gettext("The passkey counts from now on. You are signed in nowhere else."), "done")
    return _renewed(entered, _codes_page(entered.codes) if entered.codes else None)


@room.post("/me/security/factor/<factor>/remove")
def remove_factor(factor: str) -> Answer:
    refused = services.remove_factor(here.installation(), here.account(), factor, _password(), here.origin())
    if refused is not None:
        return _refused(refused, f"remove-{factor}")
    tell(gettext("It is removed."), "done")
    return _back()


@room.post("/me/security/provider")
def tie() -> Answer:
    """A page with the way to the identity provider: a form may lead to no other server."""
    if here.provider() is None:
        abort(404)
    inst, account = here.installation(), here.account()
    leads = through_provider.begin_tying(inst, account, _token(), _password(), back_from_provider(), here.origin())
    if isinstance(leads, Refusal):
        return _refused(leads, "provider")
    return render_template("to_provider.html", leads=leads, provider=here.provider())


@room.post("/me/security/provider/remove")
def untie() -> Answer:
    refused = through_provider.untie(here.installation(), here.account(), _password(), here.origin())
    if refused is not None:
        return _refused(refused, "provider")
    tell(gettext("It is removed."), "done")
    return _back()


@room.post("/me/security/codes")
def new_codes() -> Answer:
    """New recovery codes; they are on this page and nowhere else."""
    made = services.renew_recovery_codes(here.installation(), here.account(), _password(), here.origin())
    return _refused(made, "codes") if isinstance(made, Refusal) else _codes_page(made)


@room.post("/me/security/password")
def change_password() -> Answer:
    entered = _another_password()
    if isinstance(entered, Refusal):
        return _refused(entered, _field_of(entered))
    tell(gettext("Your password is changed. You are signed in nowhere else."), "done")
    return _renewed(entered, None)


@room.get("/me/first-password")
def first_password() -> Answer:
    """Where somebody who was given a password chooses her own; every other page leads here until then."""
    return _first_page() if here.account().given_until is not None else _back()


@room.post("/me/first-password")
def choose_first() -> Answer:
    entered = _another_password()
    if isinstance(entered, Refusal):
        page = _first_page({_field_of(entered): entered.sentence(language())})
        return page, 429 if entered.code == "waits" else 422
    tell(gettext("Your password is changed. You are signed in nowhere else."), "done")
    response = redirect(url_for("worklist.day"))
    cookies.keep(response, entered)
    return response


def _another_password() -> Entered | Refusal:
    wanted, again = (request.form.get(name, "") for name in ("wanted", "again"))
    return services.change_password(here.installation(), here.account(), _password(), wanted, again, here.origin())


def _field_of(refused: Refusal) -> str:
    return "change" if refused.code in ("password", "waits") else "wanted"


def _first_page(wrong: dict[str, str] | None = None) -> str:
    return render_template("first_password.html", wrong=wrong or {}, shortest=services.SHORTEST)


def _refused(refused: Refusal, field: str) -> tuple[str, int]:
    """The page again, with what is wrong and at which field."""
    return _page({field: refused.sentence(language())}), 429 if refused.code == "waits" else 422


def _page(wrong: dict[str, str] | None = None) -> str:
    found = services.security_of(here.installation(), here.account(), _token())
    return render_template(
        "security.html", found=found, wrong=wrong or {}, shortest=services.SHORTEST, provider=here.provider()
    )


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
    return request.form.get("password", "")
