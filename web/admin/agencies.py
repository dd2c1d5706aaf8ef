"""Agencies: how they are called, whether they have users here, and taking one out of use."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import administered, administering, changes
from sop_engine.services.changes import Edited, OfAgency
from sop_engine.sop.language import Text
from web import here
from web.admin import record, room
from web.layout import language
from web.layout.said import tell

Answer = Response | str | tuple[str, int]


@room.get("/agencies")
def agencies() -> str:
    """Every agency, those out of use last."""
    directory = administered.agencies_of(here.installation(), here.account())
    listed = sorted(directory.agencies.values(), key=lambda one: (not one.active, one.title.en))
    return render_template("agencies_admin.html", listed=listed, **record.words())


@room.get("/agencies/<code>")
def agency(code: str) -> str:
    return _page(code, {})


@room.post("/agencies/<code>/edit")
def edit(code: str) -> Answer:
    title, short = (Text(_typed(f"{name}_en"), _typed(f"{name}_ne")) for name in ("title", "short"))
    said = changes.EditAgency(whom=code, said=Edited(title, short, request.form.get("acts_here") == "yes"))
    return _asked(code, said)


@room.post("/agencies/<code>/deactivate")
def deactivate(code: str) -> Answer:
    return _asked(code, changes.Deactivate(whom=code))


@room.post("/agencies/<code>/activate")
def activate(code: str) -> Answer:
    return _asked(code, changes.Activate(whom=code))


def _asked(code: str, one: OfAgency) -> Answer:
    made = administering.ask(here.installation(), here.account(), one)
    if isinstance(made, Refusal):
        field = made.code if made.code.startswith(("title", "short")) else "acts_here"
        field = field if isinstance(one, changes.EditAgency) else "use"
        return _page(code, {field: made.sentence(language())}), 422
    if made.waits:
        tell(gettext("Asked. Nothing changes until another administrator confirms it."), "done")
        return redirect(url_for("admin.start"))
    tell(gettext("Done. It stands in the record."), "done")
    return redirect(url_for("admin.agency", code=code))


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()[:400]


def _page(code: str, wrong: dict[str, str]) -> str:
    found = administered.agency_of(here.installation(), here.account(), code)
    return render_template("agency.html", found=found, wrong=wrong, sent=request.form, **record.words())
