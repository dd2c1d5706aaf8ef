"""The door of the API: whoever brings no good token learns nothing, and every refusal is a problem in plain words."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from sop_engine.case.refusal import Refusal
from sop_engine.services.tokens import bearer_of
from web import here
from web.once import files_sent
from web.permissions import PUBLIC, ROUTES, is_open_to

ROOT = "/api/v1"
MEDIA = "application/problem+json"
SENTENCES = {
    400: ("This request cannot be read", "यो अनुरोध पढ्न सकिएन"),
    401: ("Send a token that is in force: Authorization: Bearer …", "चालु टोकन पठाउनुहोस्: Authorization: Bearer …"),
    403: ("This token may not be used for that: make one with the scope that is missing", "यो टोकन यसका लागि होइन"),
    404: ("There is no such thing, or it is not for your agency", "यस्तो छैन, वा तपाईंको निकायको लागि होइन"),
    405: ("This address takes another method", "यो ठेगानाले अर्को विधि लिन्छ"),
    412: ("The case has changed since you read it: read it again, then decide", "विषय फेरिएको छ: फेरि पढेर निर्णय गर्नुहोस्"),
    413: ("What was sent is too large", "पठाइएको धेरै ठूलो छ"),
    415: ("Send application/json", "application/json पठाउनुहोस्"),
    422: ("Some of what was sent is wrong or missing", "पठाइएकोमा केही गलत वा अपुग छ"),
    429: ("This was done too often: wait as long as Retry-After says", "धेरै पटक गरियो: Retry-After जति पर्खनुहोस्"),
    500: (
        "The fault is ours and was noted. Nothing done before is lost",
        "त्रुटि हाम्रो हो र टिपिएको छ। पहिलेको केही हराएको छैन",
    ),
    503: (
        "Many people are writing at this moment: try again in a few seconds",
        "धेरै जना लेख्दै हुनुहुन्छ: केही सेकेन्डपछि फेरि गर्नुहोस्",
    ),
}

UNWRITABLE = (
    "Nothing can be kept at this moment, and nothing was half done: tell whoever runs the program, and send it again",
    "अहिले केही पनि राख्न सकिँदैन, र केही पनि आधा भएको छैन: कार्यक्रम चलाउनेलाई भन्नुहोस्, र फेरि पठाउनुहोस्",
)


def is_api() -> bool:
    return request.path == "/api" or request.path.startswith("/api/")


def scopes() -> frozenset[str]:
    """What the token of this request may be used for."""
    return cast("frozenset[str]", g.scopes)


def admit() -> Response | None:
    """Before anything else, also before a wrong address is told apart from a right one."""
    if ROUTES.get(request.endpoint or "") == PUBLIC:
        return None
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    bearer = bearer_of(here.installation(), secret.strip()) if kind.lower() == "bearer" and secret.isascii() else None
    if bearer is None:
        return problem(401, headers={"WWW-Authenticate": "Bearer"})
    g.account, g.scopes, g.news, g.new_device = bearer.account, bearer.scopes, 0, None
    return None if is_open_to(bearer.account, request.endpoint or "") else problem(404)


def problem(
    status: int, rule: str = "", said: tuple[str, str] | None = None, headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:  # fmt: skip
    """An answer that says what was tried, why it did not go, and what would make it go (RFC 9457)."""
    en, ne = said or SENTENCES.get(status, SENTENCES[400])
    rule = rule or HTTPStatus(status).name.lower()
    body = {
        "type": f"urn:sop-engine:{rule}", "title": HTTPStatus(status).phrase, "status": status, "rule": rule,
        "detail": en, "detail_ne": ne, **{name: value for name, value in more.items() if value},
    }  # fmt: skip
    answer = Response(current_app.json.dumps(body), status, mimetype=MEDIA)
    answer.headers.update(headers or {})
    return answer


def refused(refusal: Refusal) -> Response:
    """A refusal of the engine, with each thing that is not met and what would meet it."""
    unmet = [
        {
            "rule": one.code, "detail": one.say.en, "detail_ne": one.say.in_language("ne"), "step": one.fix,
            "agency": one.who, "due": one.due.isoformat() if one.due is not None else None,
        }
        for one in refusal.unmet
    ]  # fmt: skip
    status = 412 if refusal.code == "stale" else 409
    return problem(status, refusal.code, (refusal.sentence("en"), refusal.sentence("ne")), unmet=unmet)


def unanswered(fault: HTTPException) -> Response:
    """The problem for a request that cannot be answered; what is wrong with it by the names of its fields."""
    said = getattr(fault, "data", None) or {}
    told = said.get("messages", {})
    headers = {name: value for name, value in fault.get_headers() if name == "Allow"}
    return problem(fault.code or 500, headers=headers, fields=told.get("json") or told)


def command_of(key: str) -> tuple[str, str]:
    """The id of the command that a request with a key makes, so that it acts once, and how ids of that key begin.

    The second half stands for what was sent with the key.
    """
    beginning = hashlib.sha256(f"{here.account().id}|{key}".encode()).hexdigest()[:16]
    whole = b"\0".join((request.method.encode(), request.full_path.encode(), _sent()))
    return beginning, beginning + hashlib.sha256(whole).hexdigest()[:16]


def _sent() -> bytes:
    """What was sent; of a form its files, for what stands between them is another each time."""
    if request.mimetype != "multipart/form-data":
        return request.get_data(cache=True)
    return files_sent()
