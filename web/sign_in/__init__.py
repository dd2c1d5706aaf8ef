"""Signing in and out: name and password, then a code or passkey where one is asked for; or a passkey alone."""

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import accounts, own_view, second_step
from sop_engine.services.accounts import Entered, Halfway, Waits
from sop_engine.services.second_step import CodeWanted
from web import cookies, here
from web.draft import given_back
from web.layout import inside, language, speak
from web.layout.passkeys import asked
from web.layout.pictures import qr_code
from web.layout.reader import in_digits

NEUTRAL = "https://www.gorkhapatraonline.com/"
Answer = Response | tuple[str, int] | tuple[str, int, dict[str, str]]
room = Blueprint("sign_in", __name__, template_folder="templates")


@room.get("/sign-in")
def form() -> str:
    return _form("", request.args.get("later", ""), "", "")


@room.post("/sign-in")
def enter() -> Answer:
    name, password = request.form.get("name", "")[:120], request.form.get("password", "")
    later, draft = request.form.get("later", ""), request.form.get("draft", "")
    found = accounts.sign_in(here.installation(), name.replace("\0", "").strip(), password, here.origin())
    if isinstance(found, Waits):
        wait = gettext("Too many wrong tries. Wait %(n)s seconds, then try again.", n=in_digits(found.seconds))
        return _form(wait, later, name, draft), 429, {"Retry-After": str(found.seconds)}
    if found is None:
        return _form(gettext("Name and password do not fit. Check both and try again."), later, name, draft), 401
    return _to_code(found, later, draft) if isinstance(found, Halfway) else _into(found, later, draft)


def _form(wrong: str, later: str, name: str, draft: str) -> str:
    return render_template("sign_in.html", later=later, wrong=wrong, name=name, draft=draft, provider=here.provider())


def _to_code(halfway: Halfway, later: str, draft: str) -> Response:
    """To the page of the code. A draft is too long for an address, so with one the page comes at once."""
    wanted = second_step.code_wanted(here.installation(), halfway.token, here.site()) if draft else None
    page = _code_page(wanted, later, draft) if wanted is not None else None
    response = make_response(page) if page is not None else redirect(url_for("sign_in.code", later=later))
    cookies.keep_half(response, halfway)
    return response


@room.get("/sign-in/code")
def code() -> Answer | str:
    """What is asked of whoever typed the right password: a code, or to set up an app that gives them."""
    wanted, later = _wanted(), request.args.get("later", "")
    return redirect(url_for("sign_in.form", later=later)) if wanted is None else _code_page(wanted, later, "")


@room.post("/sign-in/code")
def give_code() -> Answer:
    wanted, later, draft = _wanted(), request.form.get("later", ""), request.form.get("draft", "")
    if wanted is None:
        return _form(second_step.over().sentence(language()), later, "", draft), 401
    give = second_step.enter_code if wanted.setting_up is None else second_step.enter_first_code
    entered = give(here.installation(), wanted, request.form.get("code", "")[:40], here.origin())
    return _second(wanted, entered, later, draft)


@room.post("/sign-in/code/passkey/ask")
def ask_second() -> Answer:
    """What a script asks the browser for in the second step: a passkey, or to make the first one."""
    wanted = _wanted()
    if wanted is None:
        return asked(second_step.over())
    return asked(second_step.ask_for_second(here.installation(), wanted, here.place()))


@room.post("/sign-in/code/passkey")
def give_passkey() -> Answer:
    wanted, later, draft = _wanted(), request.form.get("later", ""), request.form.get("draft", "")
    if wanted is None:
        return _form(second_step.over().sentence(language()), later, "", draft), 401
    inst, said, name = here.installation(), request.form.get("credential", ""), request.form.get("name", "")
    if wanted.setting_up is None:
        entered = second_step.enter_passkey(inst, wanted, said, here.place(), here.origin())
    else:
        entered = second_step.enter_first_passkey(inst, wanted, said, name, here.place(), here.origin())
    return _second(wanted, entered, later, draft)


@room.post("/sign-in/passkey/ask")
def ask_passkey() -> Answer:
    """What a script asks a browser for in which nobody is signed in."""
    token = cookies.begun_token() or cookies.new_token()
    response = asked(accounts.ask_for_passkey(here.installation(), token, here.place()))
    cookies.begin(response, token)
    return response


@room.post("/sign-in/passkey")
def give_passkey_alone() -> Answer:
    """A passkey instead of name, password and code."""
    later, draft = request.form.get("later", ""), request.form.get("draft", "")
    token, said = cookies.begun_token() or "", request.form.get("credential", "")
    entered = accounts.sign_in_with_passkey(here.installation(), token, said, here.place(), here.origin())
    if isinstance(entered, Entered):
        return _into(entered, later, draft)
    return _form(entered.sentence(language()), later, "", draft), *_status(entered)


def _second(wanted: CodeWanted, entered: Entered | Refusal, later: str, draft: str) -> Answer:
    if isinstance(entered, Entered):
        return _into(entered, later, draft)
    said = entered.sentence(language())
    if entered.code == "over":
        return _form(said, later, "", draft), 401
    return _code_page(wanted, later, draft, said), *_status(entered)


def _wanted() -> CodeWanted | None:
    token = cookies.half_token()
    return second_step.code_wanted(here.installation(), token, here.site()) if token is not None else None


def _status(refused: Refusal) -> tuple[int]:
    return (429 if refused.code == "waits" else 401,)


def _code_page(wanted: CodeWanted, later: str, draft: str, wrong: str = "") -> str:
    setting_up = wanted.setting_up
    picture = qr_code(setting_up.address) if setting_up is not None else ""
    return render_template(
        "sign_in_code.html",
        later=later,
        draft=draft,
        wrong=wrong,
        setting_up=setting_up,
        picture=picture,
        kinds=wanted.kinds,
    )


def _into(entered: Entered, later: str, draft: str) -> Response:
    """Signed in: recovery codes first where there are new ones, else onward."""
    inst, before = here.installation(), cookies.session_token()
    if before is not None:
        accounts.sign_out(inst, before)
    session = accounts.session_of(inst, entered.token)
    g.account, g.news = (session.account, session.news) if session is not None else (None, 0)
    g.new_device = session.new_device if session is not None else None
    page = render_template("first_codes.html", codes=entered.codes, later=later, draft=draft) if entered.codes else None
    response = make_response(page) if page is not None else _onward(later, draft)
    cookies.keep(response, entered)
    if g.account is not None:
        speak(response, g.account.reader.language)
    return response


@room.post("/sign-in/onward")
def onward() -> Response:
    """From the recovery codes to where one was going."""
    return _onward(request.form.get("later", ""), request.form.get("draft", ""))


def _onward(later: str, draft: str) -> Response:
    """To what was typed before the session ended, else where one was going."""
    typed = given_back(draft, g.account.id) if g.account is not None else None
    return redirect(inside(later)) if typed is None else make_response(render_template("resume.html", typed=typed))


@room.post("/sign-out")
def out() -> Response:
    response = redirect(url_for("sign_in.form"))
    end(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@room.get("/leave")
def leave() -> Response:
    """The quick exit: signs out, clears what the browser keeps of this site, and shows a news page."""
    response = redirect(NEUTRAL)
    end(response)
    token = cookies.view_token()
    if token is not None:
        own_view.sign_out(here.installation(), token)
    cookies.drop_view(response)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def end(response: Response) -> None:
    """End the session on the server and take its token from the browser."""
    token = cookies.session_token()
    if token is not None:
        accounts.sign_out(here.installation(), token)
    cookies.drop_session(response)


# Its pages belong to this room, which must be there first.
from web.sign_in import provider  # noqa: E402, F401
