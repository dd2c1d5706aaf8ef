"""What somebody arranges for herself. Knows no case."""

from flask import Blueprint

room = Blueprint("me", __name__, template_folder="templates", url_prefix="/me")

from web.me import reading  # noqa: E402

__all__ = ["reading", "room"]
