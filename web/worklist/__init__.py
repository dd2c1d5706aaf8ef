"""A person's day: what waits for her, what is offered, late, due soon, hers, nobody's, and what waits for others."""

from typing import Any

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import together
from sop_engine.services.caseload import assign_all, loads_of
from sop_engine.services.day import NOBODY, Choices, Filter, counts_of, shelf_of, worklist_of
from web import here
from web.cases.acts import head
from web.layout import language
from web.layout.said import tell

room = Blueprint("worklist", __name__, template_folder="templates")
OURS = ("late", "soon", "awaiting", "mine", "unassigned", "colleagues")


@room.get("/")
def day() -> str:
    narrowed = asked_for()
    found = worklist_of(here.installation(), here.account(), narrowed)
    return render_template("day.html", found=found, narrowed=narrowed, kept=kept(narrowed), **lists(found.choices))


@room.get("/day/<name>")
def shelf(name: str) -> str:
    """One part of the day, page by page."""
    narrowed = asked_for()
    found = shelf_of(here.installation(), here.account(), name, _page(), narrowed)
    loads = loads_of(here.installation(), here.account()) if name in OURS else []
    return render_template(
        "shelf.html", found=found, shelf=found.shelf, narrowed=narrowed, kept=kept(narrowed), loads=loads,
        **lists(found.choices),
    )  # fmt: skip


def _page() -> int:
    asked = request.args.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def asked_for() -> Filter:
    """What the address narrows the list to; words that nothing has are looked for in vain."""
    words = {name: request.args.get(name, "").replace("\0", "")[:64] or None for name in ("sop", "stage", "worker")}
    return Filter(**words) if words["sop"] else Filter(worker=words["worker"])


def kept(narrowed: Filter) -> dict[str, Any]:
    """The filter as it stands in addresses."""
    words = {"sop": narrowed.sop, "stage": narrowed.stage, "worker": narrowed.worker}
    return {name: word for name, word in words.items() if word}


def lists(choices: Choices) -> dict[str, object]:
    """What the templates of lists need besides."""
    return {"choices": choices, "nobody": NOBODY, "ours": OURS}


@room.get("/day/counts")
def counts() -> Response:
    """How much stands where now, for a page that is open."""
    return jsonify({**counts_of(here.installation(), here.account()), "notices": g.news})


@room.post("/accept-all/<number>")
def accept_all(number: str) -> Response:
    """Accept everything that one operation offers to us, one act for each case."""
    done = together.accept_all(here.installation(), here.account(), number, head()["id"])
    tell(gettext("Accepted: %(n)s.", n=_told_refused(done)), "done")
    return redirect(url_for("worklist.day"))


def _told_refused(done: list[tuple[str, Refusal | None]]) -> int:
    """Tell which cases did not go and why; gives how many went."""
    refused = [(number, refusal) for number, refusal in done if refusal is not None]
    for number, refusal in refused:
        tell(f"{number}: {refusal.sentence(language())}", "refused")
    return len(done) - len(refused)


@room.post("/assign-all")
def assign_many() -> Response:
    """Give the chosen cases to one worker."""
    numbers, worker = request.form.getlist("number")[:500], request.form.get("worker", "")
    back = redirect(url_for("worklist.shelf", name=_name(request.form.get("shelf", "")), **kept(asked_for())))
    if not numbers or not worker:
        tell(gettext("Choose the cases, and who is to work on them."), "refused")
        return back
    done = assign_all(here.installation(), here.account(), head()["id"], numbers, None if worker == NOBODY else worker)
    tell(gettext("Assigned: %(n)s.", n=_told_refused(done)), "done")
    return back


def _name(typed: str) -> str:
    return typed if typed in OURS else "unassigned"
