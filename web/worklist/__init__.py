"""A person's day: what is offered, late, due soon, theirs, and what waits for others."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services.day import ShelfView, shelf_of, worklist_of
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.rights import case_id_of
from sop_engine.services.sending import send
from web import here
from web.layout import language

room = Blueprint("worklist", __name__, template_folder="templates")


@room.get("/")
def day() -> str:
    found = worklist_of(here.installation(), here.account())
    return render_template("day.html", found=found, shelves=once(found.shelves), directory=found.directory)


def once(shelves: list[ShelfView]) -> list[ShelfView]:
    """Each case once, in the shelf that burns most; shelves that are then empty are left out."""
    seen: set[str] = set()
    kept = []
    for shelf in shelves:
        rows = [row for row in shelf.rows if row.number not in seen]
        seen.update(row.number for row in rows)
        hidden = len(shelf.rows) - len(rows)
        if rows or shelf.count > hidden:
            kept.append(replace(shelf, rows=rows, count=shelf.count - hidden))
    return kept


@room.get("/day/<name>")
def shelf(name: str) -> str:
    """One part of the day, page by page."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    found = shelf_of(here.installation(), here.account(), name, number)
    return render_template("shelf.html", found=found, shelf=found.shelf, directory=found.directory)


@room.post("/accept-all/<number>")
def accept_all(number: str) -> Response:
    """Accept everything that one operation offers to us, one act for each case."""
    inst, account = here.installation(), here.account()
    offered = [row for row in worklist_of(inst, account).shelves[0].rows if row.operation == number]
    refused = []
    for row in offered:
        case_id = case_id_of(inst, account, row.number)
        answer = send(inst, case_id, cmd.Accept(id=new_id(), actor=actor_of(account)))
        if isinstance(answer, Refusal):
            refused.append(f"{row.number}: {answer.sentence(language())}")
    for sentence in refused:
        flash(sentence)
    flash(gettext("%(n)s cases accepted.", n=len(offered) - len(refused)))
    return redirect(url_for("worklist.day"))
