"""At the door: nobody passes without a session unless a page is public, and what no table allows is not there."""

from pathlib import Path
from traceback import walk_tb

import structlog
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from sop_engine.services.accounts import Account, session_of
from sop_engine.services.limits import TooMuch
from sop_engine.services.purpose import MISSING, PurposeMissing
from sop_engine.services.sending import Busy, Unwritable
from sop_engine.services.sending import NotFound as NoSuchCase
from web import cookies, draft, here
from web.api import door
from web.layout import problem_page
from web.layout.reader import as_here
from web.permissions import PUBLIC, ROUTES, is_open_to

Answer = AnyResponse | tuple[str, int] | tuple[str, int, dict[str, str]]
STATIC = frozenset({"layout.static", "bootstrap.static"})
# What a page asks by itself: nobody is there because of it, and no session lives longer.
BY_ITSELF = frozenset({"worklist.counts"})
# Where somebody may be whose password is known to whoever gave it.
TO_CHOOSE = frozenset({"me.first_password", "me.choose_first", "sign_in.out", "sign_in.onward"})
POLICY = (
    "default-src 'none'; object-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What a browser says of a form that a page of this site sends.
OWN_SITE = "same-origin"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
# Answers to what should not have been asked; what a procedure refuses is no attempt on anything.
REFUSED = frozenset({400, 401, 403, 404, 405, 413, 415, 429})
# What a form, a procedure or a rule of the program did not take.
NOT_TAKEN = frozenset({409, 412, 422})
_log = structlog.get_logger("web")


def watch(app: Flask) -> None:
    """Put the guard at every door of the application."""
    app.before_request(_admit)
    app.after_request(_cover)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(NoSuchCase, _nothing_there)
    app.register_error_handler(PurposeMissing, _say_why)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(TooMuch, _too_much)
    app.register_error_handler(Unwritable, _unwritable)
    app.register_error_handler(Exception, _fault)


def _admit() -> AnyResponse | None:
    """Before anything else, also before a wrong address is told apart from a right one."""
    if request_ctx.url_adapter is None:
        return Response("This site does not answer to that name.\n", 400, mimetype="text/plain")
    if request.endpoint in STATIC:
        return None
    if "\0" in request.path or (request.endpoint is not None and request.endpoint not in ROUTES):
        return door.problem(404) if door.is_api() else Response(*problem_page(404))
    if door.is_api():
        return door.admit() or (door.problem(422) if _asks_for_no_text() else None)
    token = cookies.session_token()
    session = session_of(here.installation(), token, request.endpoint not in BY_ITSELF) if token else None
    g.account, g.news = (as_here(session.account), session.news) if session is not None else (None, 0)
    g.new_device = session.new_device if session is not None else None
    is_public = ROUTES.get(request.endpoint or "") == PUBLIC
    if request.method == "POST" and _is_from_elsewhere():
        return Response(*problem_page(400))
    if g.account is not None and g.account.given_until is not None and not is_public:
        return redirect(url_for("me.first_password")) if request.endpoint not in TO_CHOOSE else None
    if is_public:
        return None
    if g.account is not None:
        return None if is_open_to(g.account, request.endpoint or "") else _not_hers()
    if request.method == "POST" and draft.is_ours():
        return draft.kept()
    later = request.full_path.rstrip("?") if request.method == "GET" else url_for("worklist.day")
    return redirect(url_for("sign_in.form", later=later))


def _not_hers() -> AnyResponse:
    """To whoever looks after accounts and works on no case: her own start, and nothing of all else."""
    is_start = request.endpoint == "worklist.day"
    return redirect(url_for("admin.start")) if is_start else Response(*problem_page(404))


def _is_from_elsewhere() -> bool:
    """Whether a browser says that another site sends the form, or somebody else opened it in this browser before."""
    if request.headers.get("Sec-Fetch-Site", OWN_SITE) != OWN_SITE:
        return True
    return g.account is not None and request.form.get("by", g.account.id) != g.account.id


def _asks_for_no_text() -> bool:
    """Whether what is asked for holds what is no letter of any text: no database would take it."""
    return any("\0" in value for _, value in request.args.items(multi=True))


def _cover(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.status_code in REFUSED:
        _log.warning("refused", status=response.status_code, **_who_asked())
    if response.status_code in NOT_TAKEN:
        _log.info("not taken", status=response.status_code, **_who_asked())
    if request.endpoint not in STATIC:
        response.headers["Cache-Control"] = "no-store"
    elif request.args.get("v"):
        # The address holds the hash of the file: what it names never changes.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if current_app.extensions["secure_cookies"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


def _who_asked() -> dict[str, str | None]:
    """For the log: whose request it was and what for, by ids. An address holds the number of a case."""
    account: Account | None = getattr(g, "account", None)
    return {
        "method": request.method if request.method in METHODS else "other", "endpoint": request.endpoint,
        "person": account.id if account is not None else None,
        "agency": account.agency if account is not None else None,
    }  # fmt: skip


def _place_of(problem: BaseException) -> str:
    """Where in the code a fault came up: file and line, without what stood in any value."""
    places = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(problem.__traceback__)]
    ours = [one for one in places if "site-packages" not in one[0].parts] or places
    return f"{ours[-1][0].name}:{ours[-1][1]}" if ours else ""


def _http_problem(problem: HTTPException) -> Answer:
    return door.unanswered(problem) if door.is_api() else problem_page(problem.code or 500)


def _nothing_there(problem: Exception) -> Answer:
    return door.problem(404) if door.is_api() else problem_page(404)


def _say_why(problem: PurposeMissing) -> Answer:
    """To the page that asks what answers are opened for, and leads on to what was wanted."""
    if door.is_api():
        return door.problem(403, MISSING.code, (MISSING.sentence("en"), MISSING.sentence("ne")))
    on = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("cases.why", number=problem.number, on=on))


def _busy(problem: Exception) -> Answer:
    later = {"Retry-After": "2"}
    return door.problem(503, headers=later) if door.is_api() else (*problem_page(503), later)


def _too_much(problem: Exception) -> Answer:
    """Somebody has looked at as much today as anybody may: the log tells whoever watches it."""
    _log.warning("too much", kind=str(problem), **_who_asked())
    later = {"Retry-After": "3600"}
    return door.problem(429, headers=later) if door.is_api() else (*problem_page(429), later)


def _unwritable(problem: Exception) -> Answer:
    """There is no room, or the database only lets itself be read: whoever runs it finds it in the log."""
    _log.error("nothing can be written", **_who_asked())
    later = {"Retry-After": "60"}
    if door.is_api():
        return door.problem(503, "unwritable", door.UNWRITABLE, headers=later)
    return (*problem_page(507), later)


def _fault(problem: Exception) -> Answer:
    """Something nobody expected: the page says so, the log holds its kind and place, never a value."""
    _log.error("fault", kind=type(problem).__name__, place=_place_of(problem), **_who_asked())
    if current_app.testing:
        raise problem
    return door.problem(500) if door.is_api() else problem_page(500)
