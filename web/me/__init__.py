"""What belongs to one person alone: what is new for her, and what she chose."""

from flask import Blueprint

room = Blueprint("me", __name__, template_folder="templates")

from web.me import notices  # noqa: E402

__all__ = ["notices", "room"]
