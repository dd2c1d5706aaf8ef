"""A step: its form from the SOP, everything kept on a refused submit, closed answers shown to those who hold a key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.reading import Withheld
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import MOST_FILES
from sop_engine.services import answers
from sop_engine.services.dates import shown_age
from sop_engine.services.form_fields import raw_of
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.sheets import Found, on_step
from sop_engine.services.step_page import StepPage, step_page
from sop_engine.sop.language import CHOICES, MAY_BE_EMPTY
from web import here
from web.cases import drafts, room, saying
from web.cases.acts import head, send_it, sentence
from web.cases.files import ACCEPTED, media_word, size_word
from web.layout import language
from web.layout.mistakes import unread
from web.layout.said import tell
from web.layout.times import ZONE
from web.layout.times import typed as moment_typed
from web.layout.visible import visible

BLANK_ROWS = 3
LISTED = ("choice", "yes_no", "yn", "place", "border_point", "agency", "country")


@room.get("/<number>/steps/<name>")
def step(number: str, name: str) -> str:
    found = step_page(here.installation(), here.account(), number, name)
    return shown(found, in_form(found), {}, None)


def corrects(found: StepPage) -> bool:
    """Whether what is sent corrects the last record: of a step that is done, unless it is to be done once more."""
    done = found.mark == "done" and found.step.repeat is None
    return done and request.args.get("again") != "yes"


def goes_with() -> dict[str, Any]:
    """What an address of a step says of how it is recorded, so that no form of its page loses it."""
    return {name: said for name in ("again", "sheet") if (said := request.args.get(name))}


def _to_type(found: StepPage, values: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as a form takes them: what is not for the reader is not in its fields, and cells of it are empty."""
    if not found.may_record:
        return dict(values)
    return {
        name: [_known_cells(row) for row in value] if isinstance(value, list) else value
        for name, value in values.items()
        if not isinstance(value, Withheld)
    }


def kept_back(found: StepPage) -> dict[str, str]:
    """The fields of which something is not for the reader, each with a class of it."""
    cells = [
        (name, cell)
        for name, value in found.values.items()
        for row in (value if isinstance(value, list) else [value])
        for cell in (row.values() if isinstance(row, Mapping) else [row])
    ]
    return {name: cell.withheld for name, cell in cells if isinstance(cell, Withheld)}


def _known_cells(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {column: value for column, value in row.items() if not isinstance(value, Withheld)}


def in_form(found: StepPage) -> dict[str, Any]:
    """What stands in the form: what was recorded, and over it what its reader typed and has not sent yet."""
    values = shown_values(found)
    if found.draft is not None and found.may_record:
        values |= raw_of(found.procedure, found.form, found.draft.fields)
    return values


def shown(
    found: StepPage, values: Mapping[str, Any], wrong: Mapping[str, Any], refusal: Refusal | None, lines: int = 0,
    not_taken: Sequence[tuple[str, str]] = (),
) -> str:  # fmt: skip
    """The page of a step with these answers in its fields; lists have at least so many `lines`.

    `not_taken` are files that were sent and are not kept, each with the reason.
    """
    values = _to_type(found, values)
    papers = found.form.signatures if found.form is not None else ()
    draft = found.draft if found.may_record and (request.method == "GET" or not_taken) else None
    sent = MultiDict(draft.pairs()) if draft is not None else request.form if not not_taken else MultiDict()
    # Where files were not taken, the form may be cut or too large to be read again.
    sheet = from_sheet(found) if not not_taken else None
    if isinstance(sheet, Refusal):
        refusal, sheet = refusal or sheet, None
    return render_template(
        "step.html", page=found, case=found.case, strip=found.strip, directory=found.directory, values=values,
        wrong=wrong, refusal=refusal, primary=None, blank=BLANK_ROWS, lines=lines, sent=sent,
        countries=answers.countries(language()), choices=CHOICES, listed=LISTED, optional=MAY_BE_EMPTY,
        corrects=corrects(found), may_again=found.mark == "done" and found.step.repeat is None,
        draft=draft, overtaken=draft is not None and drafts.overtaken(found, draft.seen),
        so_far=drafts.so_far_of(found, values), follows=drafts.in_words, understood=drafts.understood,
        signers=[saying.role(str(one), found.procedure) for one in papers], sheet=sheet,
        goes_with=goes_with(), not_taken=not_taken, visible=visible, accepted=ACCEPTED, media_word=media_word,
        size_word=size_word, most_files=MOST_FILES, kept_back=kept_back(found),
    )  # fmt: skip


def from_sheet(found: StepPage) -> Found | Refusal | None:
    """The sheet of paper from which the step is being typed, or why it is not from that one."""
    typed = (request.form if request.method == "POST" else request.args).get("sheet", "")
    return on_step(here.installation(), here.account(), found.case, found.name, typed) if typed else None


def shown_values(found: StepPage) -> dict[str, Any]:
    """Stored answers as fields show them: times of day in the zone of Nepal."""
    values = dict(found.values)
    for name, value in values.items():
        said = found.procedure.fields.get(name) if not isinstance(value, Withheld) else None
        if said is not None and said.type == "date" and value:
            values[name] = shown_age(str(value), gettext("years"))
        if said is not None and said.type == "datetime" and value:
            values[name] = datetime.fromisoformat(str(value)).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    return values


@room.post("/<number>/steps/<name>")
def record(number: str, name: str) -> Response | str | tuple[str, int]:
    inst, account = here.installation(), here.account()
    found = step_page(inst, account, number, name, "record", typed=True)
    raw = raw_of(found.procedure, found.form, request.form.to_dict(flat=False))
    if "more_rows" in request.form:
        return shown(found, raw, {}, None, _whole(request.form["more_rows"]))
    parts = {part: code for part in found.chooses if (code := request.form.get(f"part.{part}"))}
    happened = moment_typed(request.form.get("happened", ""), inst.clock())
    if wrong := unread(request.form.get("happened", ""), inst.clock()):
        return shown(found, raw, {"happened": wrong}, None), 422
    given = head()
    answer = record_step(
        inst, account, number, name, raw, parts, part_only="later" in request.form, command_id=given["id"],
        happened=happened, seen=given["seen"], corrects=request.form.get("corrects") == "yes",
        sheet=request.form.get("sheet") or None,
        drafted=found.draft is not None,
    )  # fmt: skip
    if isinstance(answer, WrongAnswers):
        return shown(found, raw, {**answer.wrong, **answer.lacking}, None), 422
    if isinstance(answer, Refusal):
        return shown(found, raw, {}, answer), 409
    tell(gettext("Kept for later.") if "later" in request.form else gettext("Saved."), "done")
    return redirect(url_for("cases.page", number=number))


def _whole(text: str) -> int:
    """A small whole number that was sent along; 0 for anything else."""
    return min(int(text), answers.MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 6 else 0


@room.post("/<number>/steps/<name>/attach/<document>")
def attach(number: str, name: str, document: str) -> Response:
    """Note where the paper of a step is kept."""
    command = cmd.Attach(step=name, document=document, **head())
    if not isinstance(send_it(number, command, sentence("kept")), Refusal):
        tell(gettext("The paper is noted."), "done")
    return redirect(url_for("cases.step", number=number, name=name, _anchor=f"paper-{document}", **goes_with()))


@room.post("/<number>/waive/<name>")
def waive(number: str, name: str) -> Response | tuple[str, int]:
    answer = send_it(number, cmd.WaiveStep(step=name, **head()), sentence("reason"))
    if isinstance(answer, Refusal):
        found = step_page(here.installation(), here.account(), number, name, "record")
        return shown(found, in_form(found), {}, None), 409
    tell(gettext("A supervisor is asked to sign the waiver."), "done")
    return redirect(url_for("cases.page", number=number))
