"""A form while it is filled in: kept field by field, and what its answers come to so far."""

import re
from collections.abc import Mapping
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.directory import Directory
from sop_engine.services.answers import births_of
from sop_engine.services.dates import read_date, read_moment
from sop_engine.services.drafting import drop_draft, keep_draft
from sop_engine.services.half_filled import SoFar, so_far
from sop_engine.services.step_page import StepPage
from sop_engine.sop.procedure import Procedure
from web import here
from web.cases import room
from web.cases.acts import head
from web.layout import language, words
from web.layout.said import tell
from web.layout.times import ZONE, clock, examples

_FIELD = re.compile(r"^[a-z0-9_.]{1,200}$")


def overtaken(found: StepPage, seen: int) -> bool:
    """Whether somebody recorded the step after a draft of it was begun; a paper of it alone is no record."""
    state = found.case.steps.get(found.name)
    return state is not None and state.seq > seen and (bool(state.agency) or state.status == "waived")


def so_far_of(found: StepPage, values: Mapping[str, Any]) -> SoFar:
    """What the answers in the form come to, as they are sent again."""
    account, known = here.account(), found.case.values
    calendar, bs = found.directory.calendar_of(account.agency), account.reader.bikram_sambat
    return so_far(found.procedure, found.form, values, known, found.directory, calendar, calendar.today(found.now), bs)


def in_words(facts: Mapping[str, Any], procedure: Procedure, directory: Directory) -> list[str]:
    """What follows from the answers, in words."""
    chosen = language()
    return [
        f"{words.title_of(name, procedure, chosen)}: {words.told(name, value, procedure, chosen, directory)}"
        for name, value in facts.items()
    ]


def understood(name: str, value: Any, procedure: Procedure) -> str:
    """A date as it was read from what was typed, in both calendars; nothing for what is no date.

    Where nothing was typed yet, how a date may be written, if the form does not say so anyway.

    `name` is a field, or a cell of a list: `field.row.column`.
    """
    field, _, cell = name.partition(".")
    said = procedure.fields.get(field)
    said = said.row.get(cell.partition(".")[2]) if said is not None and cell else said
    if said is None or said.type not in ("date", "datetime"):
        return ""
    if value in (None, ""):
        return "" if cell or said.precision == "any" else examples(said.type == "datetime", language())
    if not isinstance(value, str):
        return ""
    bs, today = here.account().reader.bikram_sambat, here.installation().clock().astimezone(ZONE).date()
    try:
        if said.type == "datetime":
            return words.time_words(read_moment(value, ZONE, bs, today=today), False, language())
        kept = read_date(value, said.precision == "any", today, name in births_of(procedure), bs)
    except ValueError:
        return ""
    return "" if kept.startswith("age:") or len(kept) == 4 else words.time_words(kept, True, language())


@room.post("/<number>/steps/<name>/draft")
def keep(number: str, name: str) -> Response | tuple[str, int]:
    """Keep what changed in a form while it is filled in; tells when it was kept and what follows from it."""
    names = [field for field in request.form.getlist("name") if _FIELD.match(field)]
    fields = {field: request.form.getlist(f"f.{field}") for field in names}
    kept = keep_draft(here.installation(), here.account(), number, name, fields, head()["seen"] or 0)
    if kept is None:
        return "", 413
    told = in_words(kept.so_far.follows, kept.procedure, kept.directory)
    dates = {field: understood(field, values[0] if values else "", kept.procedure) for field, values in fields.items()}
    return jsonify(saved=clock(kept.saved), left_out=kept.so_far.left_out, follows=told, understood=dates)


@room.post("/<number>/steps/<name>/discard")
def discard(number: str, name: str) -> Response:
    """Throw one's own draft away."""
    drop_draft(here.installation(), here.account(), number, name)
    tell(gettext("Your draft is thrown away."), "done")
    return redirect(url_for("cases.step", number=number, name=name))
