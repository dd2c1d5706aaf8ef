"""Files of papers: sent as a form, given back whole, looked at as a small picture that was drawn here."""

from typing import Any

from flask import Response, abort, make_response, request
from flask_smorest.fields import Upload
from marshmallow import RAISE, Schema, fields, validate

from sop_engine.case.refusal import Refusal
from sop_engine.services import uploads
from sop_engine.services.documents import attach_file, opened
from web import here
from web.api import door
from web.api.acts import answered
from web.api.case_shapes import Acted
from web.api.group import Group
from web.api.taken import head
from web.layout import SANDBOX

group = Group("files", "Files of the papers of a step.", "/cases")
MOST_PAGES = 1_000
ONE_FILE = ("Send one file at a time", "एक पटकमा एउटा फाइल पठाउनुहोस्")


class Sent(Schema):
    """One file."""

    class Meta:
        unknown = RAISE

    file = Upload(required=True, metadata={"description": "the file; what it is, is told by its content"})


class Page(Schema):
    class Meta:
        unknown = RAISE

    page = fields.Integer(load_default=1, validate=validate.Range(1, MOST_PAGES))


@group.operation(
    "POST", "/<number>/steps/<step>/papers/<document>/files", "record", files=Sent, gives=Acted, changes=True,
    tagged=True, name="send",
)  # fmt: skip
def send(sent: dict[str, Any], number: str, step: str, document: str) -> Any:
    """Send a file for a paper: cleaned, sealed and stored before the answer."""
    if len(request.files.getlist("file")) != 1:
        return door.problem(422, "one_file", ONE_FILE)
    given, file = head(), sent["file"]
    return answered(
        attach_file(
            here.installation(), here.account(), number, step, document, file.filename or "", file.stream.read(),
            given["id"], seen=given["seen"],
        )
    )  # fmt: skip


@group.operation("GET", "/<number>/files/<file>", "read", media="application/octet-stream", errors=(409,), name="whole")
def whole(number: str, file: str) -> Any:
    """A file as it is stored. The look is written down."""
    found = opened(here.installation(), here.account(), number, file, "keep")
    if isinstance(found, Refusal):
        return found
    answer = make_response(found.data)
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.safe_name}"'
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


@group.operation(
    "GET", "/<number>/files/<file>/look", "read", query=Page, media="image/jpeg", errors=(409,), name="look"
)
def look(asked: dict[str, Any], number: str, file: str) -> Any:
    """A small picture of a page of a file; 404 for what has none."""
    found = opened(here.installation(), here.account(), number, file)
    if isinstance(found, Refusal):
        return found
    seen = uploads.look(found.data, found.kept.file.media, asked["page"]) if found.kept.has_look else None
    if seen is None:
        abort(404)
    return seen if isinstance(seen, Refusal) else Response(seen.picture, mimetype="image/jpeg")
