"""Files of papers: sent by a form, given back as a download, looked at as a small picture and never as they are."""

import base64

from flask import g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.case.state import MOST_FILES
from sop_engine.services import uploads
from sop_engine.services.documents import Opened, attach_file, opened
from sop_engine.services.purpose import PurposeMissing
from sop_engine.services.step_page import step_page
from web import here
from web.cases import room, steps
from web.cases.acts import head, sentence
from web.cases.files import media_word
from web.layout import SANDBOX, language, problem_page
from web.layout.asked import MOST_UPLOADED
from web.layout.reader import in_digits
from web.layout.said import tell
from web.layout.visible import visible

FIELDS = ("photo", "files")
_MEGA = 1_000_000


@room.post("/<number>/steps/<name>/papers/<document>")
def upload(number: str, name: str, document: str) -> Response | tuple[str, int]:
    """Take in the files of a form, one by one; those that are not taken are named with the reason."""
    sent = [one for field in FIELDS for one in request.files.getlist(field) if one.filename]
    if not sent:
        return _not_taken(number, name, [("", gettext("Choose a file or take a photograph first."))])
    if len(sent) > MOST_FILES:
        return _not_taken(number, name, [("", gettext("Send at most %(n)s files at once.", n=MOST_FILES))])
    command = head()["id"]
    answers = [
        (one.filename or "", _attach(number, name, document, one, f"{command}.{nth}")) for nth, one in enumerate(sent)
    ]
    refused = [(called, in_digits(said.sentence(language()))) for called, said in answers if isinstance(said, Refusal)]
    if refused:
        return _not_taken(number, name, refused)
    tell(gettext("The file is kept.") if len(sent) == 1 else gettext("%(n)s files are kept.", n=len(sent)), "done")
    return redirect(url_for("cases.step", number=number, name=name, _anchor=f"paper-{document}", **steps.goes_with()))


def _attach(number: str, name: str, document: str, one: FileStorage, command_id: str) -> Refusal | None:
    """Send one file on; the form's id and the place in the form make it act once."""
    kept = sentence("kept") or {}
    answer = attach_file(
        here.installation(), here.account(), number, name, document, one.filename or "", one.stream.read(),
        command_id, kept=kept.get("kept"),
    )  # fmt: skip
    return answer if isinstance(answer, Refusal) else None


def _not_taken(number: str, name: str, files: list[tuple[str, str]], status: int = 422) -> tuple[str, int]:
    found = step_page(here.installation(), here.account(), number, name, "record")
    return steps.shown(found, steps.in_form(found), {}, None, not_taken=files), status


@room.errorhandler(400)
@room.errorhandler(413)
def cut_or_large(problem: HTTPException) -> tuple[str, int]:
    """What could not be read of an upload: the page of the step stays, with a sentence."""
    code = problem.code or 400
    if request.endpoint != "cases.upload" or getattr(g, "account", None) is None:
        return problem_page(code)
    said = {
        400: gettext("The files did not arrive whole, or the page was too old. Nothing was kept: choose them again."),
        413: gettext("The files are too large: at most %(n)s MB at once.", n=MOST_UPLOADED // _MEGA),
    }[code]
    where = request.view_args or {}
    try:
        return _not_taken(where["number"], where["name"], [("", said)], code)
    except PurposeMissing:
        return problem_page(code)


@room.get("/<number>/files/<file>")
def download(number: str, file: str) -> Response | tuple[str, int]:
    """The file itself, to be kept on a device and never shown by the browser here."""
    found = opened(here.installation(), here.account(), number, file, "keep")
    if isinstance(found, Refusal):
        return _lost(found)
    response = make_response(found.data)
    response.headers["Content-Type"] = found.kept.file.media
    response.headers["Content-Disposition"] = f'attachment; filename="{found.safe_name}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


@room.get("/<number>/files/<file>/look")
def look(number: str, file: str) -> str | tuple[str, int]:
    """A page of its own with a small picture that was drawn here: of a PDF one page at a time."""
    found = opened(here.installation(), here.account(), number, file)
    if isinstance(found, Refusal):
        return _lost(found)
    page = _page_asked()
    seen = uploads.look(found.data, found.kept.file.media, page) if found.kept.has_look else None
    if isinstance(seen, Refusal):
        return _lost(seen)
    return _looked_at(found, seen, page)


def _page_asked() -> int:
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1


def _looked_at(found: Opened, seen: uploads.Look | None, page: int) -> str:
    pages = min(seen.pages, uploads.MOST_LOOKED_AT) if seen is not None else 0
    return render_template(
        "look.html", found=found, kept=found.kept, seen=seen, pages=pages, page=min(page, pages),
        picture=base64.b64encode(seen.picture).decode() if seen is not None else "", media_word=media_word,
        visible=visible, directory=here.installation().directory_now(),
    )  # fmt: skip


def _lost(said: Refusal) -> tuple[str, int]:
    title = gettext("This file cannot be shown")
    return render_template("problem.html", title=title, sentence=in_digits(said.sentence(language()))), 409
