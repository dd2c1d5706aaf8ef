"""What belongs to one person alone: what is new for her, how she reads, what comes by e-mail, her tokens."""

from flask import Blueprint

room = Blueprint("me", __name__, template_folder="templates")

from web.me import notices, reading, tokens  # noqa: E402

__all__ = ["notices", "reading", "room", "tokens"]
