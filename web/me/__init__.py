"""What belongs to one person alone: what is new, how she reads, e-mails, tokens, the safety of her account."""

from flask import Blueprint

room = Blueprint("me", __name__, template_folder="templates")

from web.me import notices, reading, security, tokens  # noqa: E402

__all__ = ["notices", "reading", "room", "security", "tokens"]
