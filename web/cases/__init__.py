"""A case: its page, its steps, its ways on, and opening one."""

from flask import Blueprint

room = Blueprint("cases", __name__, template_folder="templates", url_prefix="/cases")

from web.cases import (  # noqa: E402
    acts,
    asking,
    documents,
    drafts,
    joining,
    looks,
    moves,
    offers,
    opening,
    page,
    steps,
    time,
)  # fmt: skip

__all__ = [
    "acts",
    "asking",
    "documents",
    "drafts",
    "joining",
    "looks",
    "moves",
    "offers",
    "opening",
    "page",
    "room",
    "steps",
    "time",
]
