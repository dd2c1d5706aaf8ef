"""The paper with code and PIN of somebody's own view, as a page to print or as a PDF. Shown once, kept nowhere."""

from flask import render_template, request
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from sop_engine.services.own_view import Paper
from web import here
from web.layout import language
from web.layout.pictures import qr_code
from web.paper.pdf import answer, pdf
from web.paper.said import LANGUAGES


def on_paper(paper: Paper, back: str) -> Response | str:
    """The paper in the languages and the form that were asked for; `back` leads away from the page of it."""
    languages = LANGUAGES.get(request.form.get("language", ""), LANGUAGES[language()])
    # Somebody who reads Nepali types what the paper says: the address leads to the language of the paper.
    address = here.address("own.page", spoken=languages[-1])
    as_pdf = request.form.get("as") == "pdf"
    page = render_template(
        "own_view_print.html", paper=paper, address=address, picture=qr_code(address), languages=languages,
        w=_words(languages), outside=here.address("own.write", spoken=languages[-1]), back=None if as_pdf else back,
    )  # fmt: skip
    return answer(pdf([page]), "page") if as_pdf else page


def _words(languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    each = []
    for one in languages:
        with force_locale(one):
            each.append(_said())
    return {name: tuple(dict.fromkeys(said[name] for said in each)) for name in each[0]}


def _said() -> dict[str, str]:
    return {
        "page": gettext("Your page"),
        "open": gettext("Open this address on a telephone or a computer, then type code and PIN."),
        "code": gettext("Code"),
        "pin": gettext("PIN"),
        "ends": gettext("The page closes by itself when nobody has used it for ten minutes."),
        "leave": gettext(
            "The button at the bottom of the page leads away at once: it closes the page and opens a newspaper."
        ),
        "lost": gettext(
            "Is the paper lost, or has somebody seen it? Ask for a new one: the old one is then worth nothing."
        ),
        "outside": gettext("Is something wrong? Write to a body outside, without your name:"),
        "apart": gettext("Keep code and PIN apart, or learn the PIN by heart. Whoever has both can open the page."),
    }
