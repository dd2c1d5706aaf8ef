"""Signing in through an identity provider: to it, and back from it."""

from flask import abort, g, redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import through_provider as services
from sop_engine.services.accounts import Halfway
from web import cookies, here
from web.layout import language
from web.layout.said import tell
from web.sign_in import Answer, _form, _into, _status, _to_code, room

LATER = "later"
# How a browser says that this page, or nobody else's, led here.
OURS = (None, "same-origin", "none")


@room.get("/sign-in/provider")
def to_provider() -> Answer:
    """Lead the browser to the provider; what is kept of it here is bound to this browser."""
    _there()
    if request.headers.get("Sec-Fetch-Site") not in OURS:
        # Another site would sign her in without her pressing anything.
        return redirect(url_for("sign_in.form"))
    token = cookies.begun_token() or cookies.new_token()
    leads = services.begin(here.installation(), token, back())
    if isinstance(leads, Refusal):
        return _form(leads.sentence(language()), request.args.get("later", ""), "", ""), 503
    session[LATER] = request.args.get("later", "")[:2000]
    response = redirect(leads)
    cookies.begin(response, token)
    return response


@room.get("/sign-in/provider/back")
def from_provider() -> Answer:
    """Back from the provider: signed in, or tied to it, or neither."""
    _there()
    ties = services.ties(request.args.get("state", ""))
    answer = services.Answer(
        token=(cookies.session_token() if ties else cookies.begun_token()) or "",
        state=request.args.get("state", "")[:200],
        code=request.args.get("code", "")[:2000],
        issuer=request.args.get("iss"),
        back=back(),
    )
    return _tied(answer) if ties else _entered(answer)


def _entered(answer: services.Answer) -> Answer:
    later = session.pop(LATER, "")
    found = services.enter(here.installation(), answer, here.origin())
    if isinstance(found, Refusal):
        return _form(found.sentence(language()), later, "", ""), *((503,) if found.code == "down" else _status(found))
    return _to_code(found, later, "") if isinstance(found, Halfway) else _into(found, later, "")


def _tied(answer: services.Answer) -> Response:
    if g.account is None:
        return redirect(url_for("sign_in.form"))
    refused = services.tie(here.installation(), g.account, answer)
    if refused is None:
        tell(gettext("%(provider)s opens your account from now on.", provider=here.provider()), "done")
    else:
        tell(refused.sentence(language()), "refused")
    return redirect(url_for("me.security"))


def back() -> str:
    """The address to which the provider leads back; it knows no other."""
    return f"{here.place().origin}{url_for('sign_in.from_provider')}"


def _there() -> None:
    if here.provider() is None:
        abort(404)
