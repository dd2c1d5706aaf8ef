"""Taking a way out of a stage: first a page to check, then the act."""

from collections.abc import Mapping

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import ExitView, may_take
from sop_engine.case.refusal import Refusal
from sop_engine.services.case_page import CasePage, case_page
from sop_engine.services.step_page import recorded_here, rules_to_confirm
from web import here
from web.cases import room, saying
from web.cases.acts import head, send_it, sentence


@room.get("/<number>/way/<name>")
def way(number: str, name: str) -> str:
    """What will happen, and whether anything still stands against it."""
    found = case_page(here.installation(), here.account(), number)
    return _page(found, _view(found, name), {})


def _page(found: CasePage, view: ExitView | None, wrong: Mapping[str, str]) -> str:
    """The page of a way; `wrong` says of each field, by its id, what is missing in what was sent."""
    if view is None:
        abort(404)
    stage = found.procedure.sop.stages.get(found.case.stage or "")
    rules = list(enumerate(stage.rules)) if stage is not None else []
    return render_template(
        "way.html", page=found, case=found.case, strip=found.strip, directory=found.directory, view=view,
        consequences=saying.consequences(view, found), verb=saying.verb(view, found), primary=None,
        to_confirm=[(place, rule) for place, rule in rules if rule.ask], told=[one for _, one in rules if not one.ask],
        recorded=recorded_here(here.installation(), here.account(), found.case.number),
        acting=found.foretold[view.name].acting,
        refused=saying.refused(view, found), wrong=wrong, sent=request.form,
    )  # fmt: skip


def _view(found: CasePage, name: str) -> ExitView | None:
    """A way that the reader may take now."""
    ours = (view for view in found.exits if view.name == name and may_take(view, found.case, here.account().agency))
    return next(ours, None)


@room.post("/<number>/way/<name>")
def take_way(number: str, name: str) -> Response | tuple[str, int]:
    command = cmd.Go(
        exit=name, to=request.form.get("to") or None, override=request.form.get("override") == "yes",
        confirmed=[int(place) for place in request.form.getlist("confirmed") if place.isascii() and place.isdigit()],
        **head(),
    )  # fmt: skip
    wrong = _wrong(rules_to_confirm(here.installation(), here.account(), number, name) - set(command.confirmed))
    if wrong:
        found = case_page(here.installation(), here.account(), number)
        return _page(found, _view(found, name), wrong), 422
    answer = send_it(number, command, sentence("reason"))
    if isinstance(answer, Refusal):
        found = case_page(here.installation(), here.account(), number)
        view = _view(found, name)
        # What was typed stays; where somebody moved the case meanwhile, its page says how it stands.
        if view is not None:
            return _page(found, view, {}), 409
    return redirect(url_for("cases.page", number=number))


def _wrong(unconfirmed: set[int]) -> dict[str, str]:
    """What is missing in the form that was sent, by the id of the field: what it asked and came back empty."""
    wrong = {f"rule{place}": gettext("Confirm this by name, or go back.") for place in sorted(unconfirmed)}
    if request.form.get("to") == "":
        wrong["to"] = gettext("Choose who is to take over.")
    if "reason" in request.form and sentence("reason") is None:
        wrong["reason"] = gettext("Write the reason in a sentence.")
    return wrong
