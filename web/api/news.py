"""What is new for a person."""

from typing import Any

from marshmallow import fields, validate

from sop_engine.services import notices
from web import here
from web.api.cursor import Paged, cursor_of, position_of
from web.api.group import Group
from web.api.list_shapes import Listed
from web.api.plain import plain
from web.api.taken import Moment, code, taking, words

group = Group("news", "What is new for the person for whom the token acts.", "/notices")


@group.operation("GET", "", "read", query=Paged, gives=Listed, name="list")
def news(asked: dict[str, Any]) -> Any:
    """What is new, newest first, 25 at once."""
    page = position_of(asked, int) or 1
    found = notices.news_of(here.installation(), here.account(), page)
    return {"items": [plain(line) for line in found.lines], "next": cursor_of(page + 1) if found.further else None}


ONE = taking(
    "ReadRequest", number=words(20, required=True), kind=code(True),
    seq=fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**9)),
)  # fmt: skip


@group.operation("POST", "/read", "read", takes=ONE, status=204)
def read(body: dict[str, Any]) -> Any:
    """One is read."""
    notices.read_one(here.installation(), here.account(), body["number"], body["kind"], body["seq"])
    return "", 204


ALL = taking("ReadAllRequest", until=Moment(required=True))


@group.operation("POST", "/read-all", "read", takes=ALL, status=204)
def read_all(body: dict[str, Any]) -> Any:
    """All that was new until a moment is read."""
    notices.read_all(here.installation(), here.account(), body["until"])
    return "", 204
