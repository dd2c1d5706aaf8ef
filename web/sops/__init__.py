"""The procedures as pages that a policy maker reads and prints."""

import re

from flask import Blueprint, Response, render_template, request

from sop_engine.services import sops
from sop_engine.sop.diagram import diagram
from sop_engine.sop.summary import chapters
from sop_engine.sop.wording import Wording, limit, part
from web import here
from web.layout import language
from web.layout.reader import in_digits

room = Blueprint("sops", __name__, template_folder="templates", url_prefix="/procedures")
# More lanes than this are too small to read across a sheet of A4: the print takes the picture of one column.
MOST_LANES = 6


@room.get("/")
def listed() -> str:
    return render_template("sops.html", procedures=sops.in_force(here.installation()))


@room.get("/<name>")
def one(name: str) -> str:
    procedure, directory = sops.one(here.installation(), name)
    others = {other.name: other.sop.title for other in sops.in_force(here.installation())}
    told = Wording(procedure, language(), directory.kinds, others)
    glance = [_glance(told, str(stage)) for stage in procedure.sop.stages]
    return render_template(
        "sop.html", procedure=procedure, sop=procedure.sop, chapters=chapters(told),
        issuer=directory.title(str(procedure.sop.issued_by)), glance=glance,
        many_lanes=len({str(stage.accountable.parts()[0]) for stage in procedure.sop.stages.values()}) > MOST_LANES,
    )  # fmt: skip


def _glance(told: Wording, name: str) -> tuple[str, str, list[str], list[str]]:
    """One stage at a glance: its anchor, its title, who is accountable, and until when."""
    stage = told.procedure.sop.stages[name]
    agencies = list(dict.fromkeys(part(told, str(one)) for one in stage.accountable.parts()))
    return name, told.text(stage.title), agencies, [limit(told, said) for said in stage.deadline]


@room.get("/<name>/diagram.svg")
def picture(name: str) -> Response:
    procedure, directory = sops.one(here.installation(), name)
    drawn = diagram(procedure, language(), request.args.get("narrow") == "yes", directory.kinds)
    # What is written in the picture, and not where it stands.
    drawn = re.sub(r">([^<]+)<", lambda text: f">{in_digits(text[1], language())}<", drawn)
    return Response(drawn, mimetype="image/svg+xml")
