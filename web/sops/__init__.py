"""The procedures as pages that a policy maker reads and prints."""

from flask import Blueprint, Response, render_template, request

from sop_engine.services import sops
from sop_engine.sop.diagram import diagram, lane_title
from sop_engine.sop.summary import deadline_words
from web import guard
from web.layout import language

room = Blueprint("sops", __name__, template_folder="templates", url_prefix="/procedures")


@room.get("/")
def listed() -> str:
    return render_template("sops.html", procedures=sops.in_force(guard.installation()))


@room.get("/<name>")
def one(name: str) -> str:
    procedure, directory = sops.one(guard.installation(), name)
    titles = {
        str(part): lane_title(procedure, str(part), language(), directory.kinds) for part in procedure.sop.agencies
    }
    return render_template(
        "sop.html", procedure=procedure, sop=procedure.sop, titles=titles, deadline_words=deadline_words
    )


@room.get("/<name>/diagram.svg")
def picture(name: str) -> Response:
    procedure, directory = sops.one(guard.installation(), name)
    drawn = diagram(procedure, language(), request.args.get("narrow") == "yes", directory.kinds)
    return Response(drawn, mimetype="image/svg+xml")
