"""A form that came after its session had ended: nothing typed is lost, and nobody else can read or send it.

What was typed travels sealed through the sign-in page. It is given back only to the person who typed it.
A file does not travel: it is to be chosen again.
"""

from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template, request
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from web.layout.sealed import seal, unseal

OURS = frozenset({"csrf_token", "password", "draft"})
MOST_BYTES = 600_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed, and where it was to be sent; `files` are the fields whose files must be chosen again."""

    to: str
    by: str
    fields: list[tuple[str, str]]
    files: list[str]


def is_ours() -> bool:
    """Whether the form came from a page of ours in this browser: nobody else's words may be sent in somebody's name."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return bool(request.form.get("by"))


def kept() -> Response:
    """The sign-in page, with the form that was sent sealed in it."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS]
    files = sorted({name for name, sent in request.files.items(multi=True) if sent.filename})
    whole = {"to": request.path, "by": request.form["by"], "fields": fields, "files": files}
    small = sum(len(name) + len(value) for name, value in fields) < MOST_BYTES
    page = render_template("sign_in.html", later="", wrong="", name="", draft=seal(whole) if small else "")
    return make_response(page, 401)


def given_back(sealed: str, person: str) -> Draft | None:
    """The draft of a sealed text, for the person who typed it; None for anybody else."""
    found: dict[str, Any] | None = unseal(sealed) if sealed else None
    if found is None or found["by"] != person:
        return None
    return Draft(found["to"], found["by"], [(name, value) for name, value in found["fields"]], found["files"])
