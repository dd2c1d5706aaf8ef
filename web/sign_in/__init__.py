"""Signing in and out."""

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sop_engine.services import accounts
from sop_engine.services.installation import Installation
from web import here
from web.draft import given_back
from web.layout import inside, speak

NEUTRAL = "https://www.gorkhapatraonline.com/"
room = Blueprint("sign_in", __name__, template_folder="templates")


@room.get("/sign-in")
def form() -> str:
    return render_template("sign_in.html", later=request.args.get("later", ""), wrong=False, name="", draft="")


@room.post("/sign-in")
def enter() -> Response | tuple[str, int]:
    name, password = request.form.get("name", "")[:120], request.form.get("password", "")[:500]
    later, draft = request.form.get("later", ""), request.form.get("draft", "")
    token = accounts.sign_in(here.installation(), name.replace("\0", "").strip(), password)
    if token is None:
        return render_template("sign_in.html", later=later, wrong=True, name=name, draft=draft), 401
    response = _onward(token, later, draft)
    response.set_cookie(
        here.cookie_name(),
        token,
        secure=here.cookie_name().startswith("__Host"),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    if g.account is not None:
        speak(response, g.account.reader.language)
    return response


def _onward(token: str, later: str, draft: str) -> Response:
    """Where to go after signing in: to what was typed before the session ended, else where one was going."""
    session = accounts.session_of(here.installation(), token)
    g.account, g.news = (session.account, session.news) if session is not None else (None, 0)
    typed = given_back(draft, g.account.id) if g.account is not None else None
    return redirect(inside(later)) if typed is None else make_response(render_template("resume.html", typed=typed))


@room.post("/sign-out")
def out() -> Response:
    response = redirect(url_for("sign_in.form"))
    end(here.installation(), request.cookies.get(here.cookie_name()), response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@room.get("/leave")
def leave() -> Response:
    """The quick exit: signs out, clears what the browser keeps of this site, and shows a news page."""
    response = redirect(NEUTRAL)
    end(here.installation(), request.cookies.get(here.cookie_name()), response)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def end(inst: Installation, token: str | None, response: Response) -> None:
    """End a session on the server and take its token from the browser."""
    if token:
        accounts.sign_out(inst, token)
    response.delete_cookie(here.cookie_name(), path="/", secure=here.cookie_name().startswith("__Host"))
