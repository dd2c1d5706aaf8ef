"""What a person chooses and holds for herself alone."""

from flask import Blueprint

room = Blueprint("me", __name__, template_folder="templates", url_prefix="/me")

from web.me import tokens  # noqa: E402

__all__ = ["room", "tokens"]
