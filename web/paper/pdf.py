"""Pages as PDF, a few at a time, and what is said where this server cannot make any."""

from collections.abc import Iterable
from pathlib import Path
from threading import BoundedSemaphore, Lock

from flask import Response, current_app, render_template, url_for
from flask_babel import gettext

from sop_engine.services.sending import Busy
from web.paper import room

STYLE = "paper.css"
# One at a time, so that several prints together take no more memory than one; a few may wait, so that prints never
# take all threads of the server from those who write.
_PRINTING = Lock()
_WAITING = BoundedSemaphore(3)


class CannotPrint(Exception):
    """The libraries that lay out a print are not on this machine."""


def pdf(documents: Iterable[str]) -> bytes:
    """One PDF of several documents; raises Busy where several wait already, TooLong, CannotPrint."""
    try:
        # Here and not above: a server without Pango does everything else.
        from web.paper.drawing import drawn
    except (ImportError, OSError) as error:
        raise CannotPrint from error
    if not _WAITING.acquire(blocking=False):
        raise Busy("several prints are waiting")
    try:
        with _PRINTING:
            folder = Path(str(current_app.blueprints["layout"].static_folder))
            return drawn(documents, url_for("layout.static", filename=STYLE), folder / STYLE)
    finally:
        _WAITING.release()


def answer(content: bytes, name: str) -> Response:
    """A PDF to be kept or printed under a name that tells nothing."""
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


@room.errorhandler(CannotPrint)
def _cannot_print(problem: CannotPrint) -> tuple[str, int]:
    title = gettext("No PDF from this server")
    sentence = gettext(
        "It lacks what lays out a print. Whoever runs it installs libpango; a case can be printed from its page."
    )
    return render_template("problem.html", title=title, sentence=sentence), 503
