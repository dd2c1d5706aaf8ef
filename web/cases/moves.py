"""Taking a way out of a stage: first a page to check, then the act."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import may_take
from sop_engine.services.case_page import case_page
from sop_engine.services.step_page import recorded_here, unconfirmed
from web import here
from web.cases import room, saying
from web.cases.acts import carry_out, head, sentence
from web.layout import language
from web.layout.said import tell


@room.get("/<number>/way/<name>")
def way(number: str, name: str) -> str:
    """What will happen, and whether anything still stands against it."""
    account = here.account()
    found = case_page(here.installation(), account, number)
    view = next(
        (view for view in found.exits if view.name == name and may_take(view, found.case, account.agency)), None
    )
    if view is None:
        abort(404)
    stage = found.procedure.sop.stages.get(found.case.stage or "")
    return render_template(
        "way.html", page=found, case=found.case, strip=found.strip, directory=found.directory, view=view,
        consequences=saying.consequences(view, found), verb=saying.verb(view, found), primary=None,
        rules=stage.rules if stage is not None else (), recorded=recorded_here(here.installation(), account, number),
        acting=found.foretold[name].acting, refused=saying.refused(view, found),
    )  # fmt: skip


@room.post("/<number>/way/<name>")
def take_way(number: str, name: str) -> Response:
    command = cmd.Go(
        exit=name, to=request.form.get("to") or None, override=request.form.get("override") == "yes",
        confirmed=[int(place) for place in request.form.getlist("confirmed") if place.isascii() and place.isdigit()],
        **head(),
    )  # fmt: skip
    refusal = unconfirmed(here.installation(), here.account(), number, name, command.confirmed)
    if refusal is not None:
        tell(refusal.sentence(language()), "refused")
        return redirect(url_for("cases.way", number=number, name=name))
    return carry_out(number, command, sentence("reason"))
