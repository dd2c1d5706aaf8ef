"""The procedures as pages that a policy maker reads and prints."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext

from sop_engine.services import sops
from sop_engine.sop.diagram import diagram, lane_title
from sop_engine.sop.language import Deadline
from sop_engine.sop.procedure import Procedure
from web import here
from web.layout import language, words

room = Blueprint("sops", __name__, template_folder="templates", url_prefix="/procedures")


@room.get("/")
def listed() -> str:
    return render_template("sops.html", procedures=sops.in_force(here.installation()))


@room.get("/<name>")
def one(name: str) -> str:
    procedure, directory = sops.one(here.installation(), name)
    titles = {
        str(part): lane_title(procedure, str(part), language(), directory.kinds) for part in procedure.sop.agencies
    }
    return render_template(
        "sop.html", procedure=procedure, sop=procedure.sop, titles=titles,
        limit=lambda said: limit(said, procedure), name_of=lambda name: words.title_of(name, procedure, language()),
    )  # fmt: skip


def limit(said: Deadline, procedure: Procedure) -> str:
    """A deadline with its source, in the reader's language."""
    here = language()
    if said.none is not None:
        return str(gettext("none: %(w)s", w=said.none.in_language(here)))
    if said.each is not None:
        length = gettext("for each: %(f)s, until its own day", f=words.title_of(str(said.each), procedure, here))
    elif said.within is not None:
        length = gettext("within %(d)s", d=said.within.in_language(here))
    else:
        length = gettext("until: %(d)s", d=words.title_of(str(said.until), procedure, here))
    if said.if_ is not None:
        length = gettext("%(d)s, if %(c)s", d=length, c=words.only_if(said.if_, procedure, here))
    source = gettext("proposed") if str(said.source) == "proposed" else said.source
    return str(gettext("%(d)s (source: %(s)s)", d=length, s=source))


@room.get("/<name>/diagram.svg")
def picture(name: str) -> Response:
    procedure, directory = sops.one(here.installation(), name)
    drawn = diagram(procedure, language(), request.args.get("narrow") == "yes", directory.kinds)
    return Response(drawn, mimetype="image/svg+xml")
