"""Who looked at a case: the log of reading, for the agency that is accountable for it."""

from flask import render_template, request
from flask_babel import gettext

from sop_engine.case.purpose import PURPOSES
from sop_engine.services.looks import looks_at
from sop_engine.services.purpose import PURPOSE
from sop_engine.services.rights import IN_EMERGENCY
from sop_engine.sop.procedure import Procedure
from web import here
from web.cases import room
from web.layout.words import in_words

MOST_PAGES = 10_000


@room.get("/<number>/looks")
def looks(number: str) -> str:
    asked = request.args.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 else 1
    found = looks_at(here.installation(), here.account(), number, min(max(page, 1), MOST_PAGES))
    return render_template("looks.html", found=found, directory=found.directory, at_what=at_what, what_for=what_for)


def what_for(what: str, said: str, language: str) -> str:
    """What a look at something was for: one of the purposes in words, or the sentence that somebody wrote."""
    kind, _, words = said.partition(" ")
    if what != PURPOSE or kind not in PURPOSES:
        return said
    title = in_words(PURPOSES[kind], language)
    return f"{title}: {words}" if words else title


def at_what(what: str, procedure: Procedure, language: str) -> str:
    """What somebody looked at, in words."""
    if what.startswith(IN_EMERGENCY):
        return str(gettext("In an emergency: %(w)s", w=at_what(what.removeprefix(IN_EMERGENCY), procedure, language)))
    kind, _, step = what.partition(" ")
    if kind == "step":
        known = procedure.steps.get(step)
        title = in_words(known[1].title, language) if known is not None else ""
        return str(gettext("Step: %(s)s", s=title) if title else gettext("A step"))
    words: dict[str, str] = {
        "case": gettext("The case"),
        "document": gettext("A paper"),
        "task": gettext("A task"),
        "join": gettext("The case beside another one"),
        "print": gettext("Print with answers"),
        "purpose": gettext("What she opens answers for"),
        "search": gettext("Found in a search"),
        "sheet": gettext("A sheet"),
        "home": gettext("The home in the register"),
    }
    return words.get(kind, kind)
