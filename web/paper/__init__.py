"""On paper: a case as a print, forms blank to be filled in by hand, and typing them in. Knows no rule of a case."""

from flask import Blueprint

room = Blueprint("paper", __name__, template_folder="templates")


class TooLong(Exception):
    """Several documents together have more pages than one print takes."""


from web.paper import cases, forms, typing_in  # noqa: E402

__all__ = ["TooLong", "cases", "forms", "room", "typing_in"]
