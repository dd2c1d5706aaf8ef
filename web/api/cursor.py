"""Where a list goes on: a cursor says after what, and nobody needs to know how."""

import base64
import json
import re
from typing import Any, TypeVar

from flask import abort
from marshmallow import RAISE, Schema, fields, validate

Position = TypeVar("Position", int, str)
_NUMBER = re.compile(r"[A-Z0-9-]{1,20}")
A_PAGE, MOST = 50, 200


class Paged(Schema):
    """How much of a list, and from where on."""

    class Meta:
        unknown = RAISE

    cursor = fields.String(validate=validate.Length(max=200), metadata={"description": "`next` of the answer before"})
    limit = fields.Integer(load_default=A_PAGE, validate=validate.Range(1, MOST))


def cursor_of(position: int | str) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def position_of(asked: dict[str, Any], kind: type[Position]) -> Position | None:
    """After what a list goes on; None for its beginning. Answers 422 for a cursor that nobody gave."""
    text = asked.get("cursor")
    if text is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        found = None
    wrong = not 0 <= found < 2**31 if isinstance(found, int) else not _NUMBER.fullmatch(str(found))
    if type(found) is not kind or wrong:
        abort(422)
    return found
