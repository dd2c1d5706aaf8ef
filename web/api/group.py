"""A group of operations: each says its scope, what it takes and answers once, for the door and the description."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import unquote

from flask import Response, abort, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import new_id
from sop_engine.services.purpose import say_in_a_word
from sop_engine.services.repeating import sent_before, sent_otherwise
from sop_engine.services.rights import seq_of
from web import here
from web.api import door, shapes
from web.api.shapes import Problem

View = TypeVar("View", bound=Callable[..., Any])
_KEY = re.compile(r"^[\x21-\x7e]{8,128}$")
_TAG = re.compile(r'^"(\d{1,9})"$')
_LONE = re.compile("[\ud800-\udfff\0]")
KEY = {
    "in": "header", "name": "Idempotency-Key", "required": False,
    "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"},
    "description": "Sent again with the same key and body, the request acts once; with another body it is refused.",
}  # fmt: skip
MATCH = {
    "in": "header", "name": "If-Match", "required": False, "schema": {"type": "string"},
    "description": "The ETag of the case as it was read: where it has changed since, nothing is done (412).",
}  # fmt: skip
PURPOSE = {
    "in": "header", "name": "Purpose", "required": False, "schema": {"type": "string", "maxLength": 1500},
    "description": "What answers are opened for, where a colleague works on the case: stand_in, advice, quality, "
    "she_asked, or a sentence (percent-encoded UTF-8). Else 403 `purpose_missing`; once said it holds for 12 hours.",
}  # fmt: skip
ETAG = {"ETag": {"description": "The state of the case, for If-Match.", "schema": {"type": "string"}}}
BAD_KEY = ("A key has 8 to 128 visible letters of ASCII", "कुञ्जीमा ASCII का ८ देखि १२८ अक्षर हुन्छन्")
USED_KEY = ("This key was sent with something else: choose another", "यो कुञ्जी अरू कुरासँग पठाइएको छ: अर्को छान्नुहोस्")
ALWAYS = (400, 401, 403, 404, 422, 500, 503)


class _Parser(FlaskParser):
    """Takes only what JSON says once and every database can keep: no name twice, no NaN, no half letters."""

    DEFAULT_VALIDATION_STATUS = 422
    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE, "files": RAISE, "form": RAISE}  # noqa: RUF012

    def load_json(self, req: Any, schema: Schema) -> Any:
        if not req.is_json:
            abort(415)
        try:
            found = json.loads(req.get_data(cache=True), object_pairs_hook=_once, parse_constant=_no_number)
            _whole(found)
        except (ValueError, RecursionError) as error:
            raise BadRequest from error
        return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _whole(value: Any) -> None:
    """Raises ValueError where a text holds what is no letter."""
    if isinstance(value, str) and _LONE.search(value):
        raise ValueError("holds a character that is no text")
    for one in (
        [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        _whole(one)


class Group(Blueprint):  # type: ignore[misc]
    """Operations under one heading of the description."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, name: str, about: str, prefix: str = "") -> None:
        super().__init__(f"api-{name}", __name__, url_prefix=f"{door.ROOT}{prefix}", description=about)

    def operation(
        self, method: str, path: str, scope: str, *, takes: Schema | None = None, query: type[Schema] | None = None,
        gives: Any = None, status: int = 200, media: str | None = None, files: type[Schema] | None = None,
        errors: tuple[int, ...] = (), changes: bool = False, tagged: bool = False, name: str | None = None,
    ) -> Callable[[View], View]:  # fmt: skip
        """Register a view. `changes` says that it acts on a case: it then takes If-Match and may be refused."""
        acts = method != "GET"

        def register(view: View) -> View:
            handler: Any = view
            if takes is not None:
                handler = self.arguments(takes, location="json", example=shapes.example_of(takes))(handler)
            if files is not None:
                handler = self.arguments(files, location="files")(handler)
            if query is not None:
                handler = self.arguments(query, location="query")(handler)
            handler = _answered(handler)
            if media is None:
                headers = ETAG if tagged else None
                handler = self.response(status, gives, headers=headers, example=_example(gives))(handler)
            else:
                binary = {"type": "string", "contentMediaType": media}
                handler = self.response(status, binary, content_type=media)(handler)
            sent = takes is not None or files is not None
            refusing = (409, 412) if changes else ()
            may = {*ALWAYS, *errors, *refusing, *((413, 415) if sent else ())}
            for code in sorted(may):
                handler = self.alt_response(code, schema=Problem, content_type=door.MEDIA, success=False)(handler)
            handler, endpoint = _checked(handler, scope, changes, acts), name or view.__name__
            opens = not acts and ("<step>" in path or "<file>" in path)
            parameters = [*([KEY] if acts else []), *([MATCH] if changes else []), *([PURPOSE] if opens else [])]
            handler = self.doc(
                security=[{"token": [scope]}], parameters=parameters, operationId=f"{self.name}.{endpoint}"
            )(handler)
            self.route(path, methods=[method], endpoint=endpoint)(handler)
            return view

        return register


def _example(gives: Any) -> Any:
    return shapes.example_of(gives) if gives is not None else None


def _answered(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view whose refusals become problems."""

    @wraps(view)
    def answering(*args: Any, **kwargs: Any) -> Any:
        answer = view(*args, **kwargs)
        return door.refused(answer) if isinstance(answer, Refusal) else answer

    return answering


def _checked(view: Callable[..., Any], scope: str, changes: bool, acts: bool) -> Callable[..., Any]:
    """A view behind its scope; a request with a key acts once, and one with If-Match only on the state it names."""

    @wraps(view)
    def checking(*args: Any, **kwargs: Any) -> Any:
        if scope not in door.scopes():
            return door.problem(403, "scope", scope=scope)
        wrong = _headers(changes) if acts else _purpose(kwargs.get("number"))
        return wrong if wrong is not None else view(*args, **kwargs)

    return checking


def _purpose(number: str | None) -> Response | None:
    """Write down what a reader says that she opens answers for; the problem where it says nothing."""
    words = unquote(request.headers.get("Purpose", ""))
    if not words or number is None:
        return None
    refusal = say_in_a_word(here.installation(), here.account(), number, words)
    return door.problem(422, refusal.code, (refusal.sentence("en"), refusal.sentence("ne"))) if refusal else None


def _headers(changes: bool) -> Response | None:
    """What is wrong with the key or the tag of a request; leaves what they say for the view."""
    key, tag = request.headers.get("Idempotency-Key"), request.headers.get("If-Match") if changes else None
    g.seen, g.command = None, new_id()
    if key is not None:
        if not _KEY.match(key):
            return door.problem(422, "idempotency_key", BAD_KEY)
        beginning, g.command = door.command_of(key)
        if sent_otherwise(here.installation(), beginning, g.command):
            return door.problem(422, "key_used", USED_KEY)
    return _stale(tag) if tag is not None and tag != "*" else None


def _stale(tag: str) -> Response | None:
    """The problem where the case is not any more as the sender saw it, unless this very request was carried out."""
    match, number = _TAG.match(tag), (request.view_args or {}).get("number", "")
    g.seen = int(match[1]) if match is not None else None
    if sent_before(here.installation(), g.command) or g.seen == seq_of(here.installation(), here.account(), number):
        return None
    return door.problem(412)
