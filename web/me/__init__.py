"""What belongs to one person alone: what is new for her, what she chose, and the tokens that act for her."""

from flask import Blueprint

room = Blueprint("me", __name__, template_folder="templates")

from web.me import notices, tokens  # noqa: E402

__all__ = ["notices", "room", "tokens"]
