"""A case: its page, its steps, its ways on, and opening one."""

from flask import Blueprint

room = Blueprint("cases", __name__, template_folder="templates", url_prefix="/cases")

from web.cases import (  # noqa: E402
    acts,
    asking,
    conflict,
    documents,
    drafts,
    erasure,
    joining,
    looks,
    moves,
    offers,
    opening,
    own_view,
    page,
    steps,
    time,
    why,
)  # fmt: skip

__all__ = [
    "acts",
    "asking",
    "conflict",
    "documents",
    "drafts",
    "erasure",
    "joining",
    "looks",
    "moves",
    "offers",
    "opening",
    "own_view",
    "page",
    "room",
    "steps",
    "time",
    "why",
]
