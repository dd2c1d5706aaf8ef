"""How cookies are called: those of whoever signs in (session, half of one, device, what was begun), and of an own view.

Each of these holds a random token only.
"""

from datetime import timedelta
from secrets import token_urlsafe

from flask import current_app, request
from werkzeug.wrappers import Response

from sop_engine.services.accounts import DEVICE_FORGOTTEN, Entered, Halfway

SESSION, HALF, DEVICE, VIEW, BEGUN = "sop", "sop-half", "sop-device", "page", "sop-begun"


def session_token() -> str | None:
    """The token of a session that the browser brings."""
    return request.cookies.get(named(SESSION)) or None


def half_token() -> str | None:
    """The token of half a session that the browser brings."""
    return request.cookies.get(named(HALF)) or None


def device_token() -> str | None:
    """What the browser is known by."""
    return request.cookies.get(named(DEVICE)) or None


def view_token() -> str | None:
    """The token by which a person sees her own case; it says nothing and ends with the browser."""
    return request.cookies.get(named(VIEW)) or None


def begun_token() -> str | None:
    """By what the browser is known in which somebody begins to sign in without a name."""
    return request.cookies.get(named(BEGUN)) or None


def begin(response: Response, token: str) -> None:
    """Give the browser what it is known by until somebody is signed in."""
    _set(response, BEGUN, token)


def new_token() -> str:
    """Something random to know a browser by."""
    return token_urlsafe(32)


def keep(response: Response, entered: Entered) -> None:
    """Give the browser its session, and what it will be known by."""
    _set(response, SESSION, entered.token)
    _set(response, DEVICE, entered.device, DEVICE_FORGOTTEN)
    _drop(response, HALF)
    _drop(response, BEGUN)


def keep_half(response: Response, halfway: Halfway) -> None:
    """Give the browser what is worth one code."""
    _set(response, HALF, halfway.token)


def keep_view(response: Response, token: str) -> None:
    """Give the browser what its own view is known by."""
    _set(response, VIEW, token)


def drop_view(response: Response) -> None:
    """Take it from the browser."""
    _drop(response, VIEW)


def drop_session(response: Response) -> None:
    """Take the token of the session from the browser."""
    _drop(response, SESSION)


def _secure() -> bool:
    return bool(current_app.extensions["secure_cookies"])


def named(name: str) -> str:
    """The name of a cookie: where it travels encrypted only, browsers hold us to that by how it begins."""
    return f"__Host-{name}" if _secure() else name


def _set(response: Response, name: str, token: str, lasts: timedelta | None = None) -> None:
    response.set_cookie(
        named(name), token, max_age=lasts, secure=_secure(), httponly=True, samesite="Lax", path="/"
    )  # fmt: skip


def _drop(response: Response, name: str) -> None:
    response.delete_cookie(named(name), path="/", secure=_secure(), httponly=True, samesite="Lax")
