"""A step: its form from the SOP, everything kept on a refused submit, closed answers shown to those who hold a key."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import MOST_FILES
from sop_engine.services import answers
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.step_page import StepPage, step_page
from sop_engine.sop.language import CHOICES, MAY_BE_EMPTY, Field
from web import here
from web.cases import room, saying
from web.cases.acts import carry_out, head, sentence
from web.cases.files import ACCEPTED, media_word, size_word, visible
from web.layout import language
from web.layout.times import ZONE
from web.layout.times import typed as moment_typed

BLANK_ROWS = 3
LISTED = ("choice", "yes_no", "yn", "place", "border_point", "agency", "country")
_ROW = re.compile(r"^([a-z0-9_]+)\.(\d{1,3})\.([a-z0-9_]+)$")


@room.get("/<number>/steps/<name>")
def step(number: str, name: str) -> str:
    found = step_page(here.installation(), here.account(), number, name)
    return shown(found, shown_values(found), {}, None)


def shown(
    found: StepPage, values: Mapping[str, Any], wrong: Mapping[str, Any], refusal: Refusal | None, lines: int = 0,
    not_taken: Sequence[tuple[str, str]] = (),
) -> str:  # fmt: skip
    """The page of a step with these answers in its fields; lists have at least so many `lines`.

    `not_taken` are files that were sent and are not kept, each with the reason.
    """
    papers = found.form.signatures if found.form is not None else ()
    return render_template(
        "step.html", page=found, case=found.case, strip=found.strip, directory=found.directory, values=values,
        wrong=wrong, refusal=refusal, primary=None, blank=BLANK_ROWS, lines=lines,
        sent=request.form if not not_taken else {},
        countries=answers.countries(language()), choices=CHOICES, listed=LISTED, optional=MAY_BE_EMPTY,
        corrects=found.mark == "done" and found.step.repeat is None,
        signers=[saying.role(str(one), found.procedure) for one in papers], not_taken=not_taken, visible=visible,
        accepted=ACCEPTED, media_word=media_word, size_word=size_word, most_files=MOST_FILES,
    )  # fmt: skip


def shown_values(found: StepPage) -> dict[str, Any]:
    """Stored answers as fields show them: times of day in the zone of Nepal."""
    values = dict(found.values)
    for name, value in values.items():
        said = found.procedure.fields.get(name)
        if said is not None and said.type == "date" and value:
            values[name] = answers.shown_age(str(value), gettext("years"))
        if said is not None and said.type == "datetime" and value:
            values[name] = datetime.fromisoformat(str(value)).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    return values


@room.post("/<number>/steps/<name>")
def record(number: str, name: str) -> Response | str | tuple[str, int]:
    inst, account = here.installation(), here.account()
    found = step_page(inst, account, number, name)
    raw = typed(request.form, found)
    if "more_rows" in request.form:
        return shown(found, raw, {}, None, _whole(request.form["more_rows"]))
    parts = {part: code for part in found.chooses if (code := request.form.get(f"part.{part}"))}
    happened = moment_typed(request.form.get("happened", ""))
    if happened is None and request.form.get("happened"):
        return shown(found, raw, {"happened": gettext("This is no day and time.")}, None), 422
    given = head()
    answer = record_step(
        inst, account, number, name, raw, parts, part_only="later" in request.form, command_id=given["id"],
        happened=happened, seen=given["seen"], corrects=request.form.get("corrects") == "yes",
    )  # fmt: skip
    if isinstance(answer, WrongAnswers):
        return shown(found, raw, {**answer.wrong, **answer.lacking}, None), 422
    if isinstance(answer, Refusal):
        return shown(found, raw, {}, answer), 409
    flash(gettext("Kept for later.") if "later" in request.form else gettext("Saved."), "done")
    return redirect(url_for("cases.page", number=number))


def typed(form: MultiDict[str, str], found: StepPage) -> dict[str, Any]:
    """What was typed, by field: lists for choices of several, rows for lists of rows."""
    raw: dict[str, Any] = {}
    if found.form is None:
        return raw
    for field in map(str, found.form.fields()):
        kind = found.procedure.fields[field].type
        if kind == "several":
            raw[field] = [word for word in form.getlist(field) if word]
        elif kind == "rows":
            raw[field] = _rows(form, field, found.procedure.fields[field])
        elif field in form:
            raw[field] = form[field].strip()
    return raw


def _rows(form: MultiDict[str, str], field: str, said: Field) -> list[dict[str, Any]]:
    """The rows of a list, in order; rows in which nothing was typed are left out.

    A row of a rated list carries the code of its criterion, which nobody types.
    """
    rows: dict[int, dict[str, Any]] = {}
    for key in form:
        parts = _ROW.match(key)
        words = [value.strip() for value in form.getlist(key) if value.strip()]
        if parts and parts[1] == field and words:
            column = said.row.get(parts[3])
            several = column is not None and column.type == "several"
            rows.setdefault(int(parts[2]), {})[parts[3]] = words if several else words[0]
    given = {"code"} if said.standard is not None else set()
    return [rows[number] for number in sorted(rows) if rows[number].keys() - given]


def _whole(text: str) -> int:
    """A small whole number that was sent along; 0 for anything else."""
    return min(int(text), answers.MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 6 else 0


@room.post("/<number>/steps/<name>/attach/<document>")
def attach(number: str, name: str, document: str) -> Response:
    """Note where the paper of a step is kept."""
    carry_out(
        number, cmd.Attach(step=name, document=document, **head()), sentence("kept"), gettext("The paper is noted.")
    )
    return redirect(url_for("cases.step", number=number, name=name))
