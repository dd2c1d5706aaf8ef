"""Joining a case to another of the same person: both beside each other, then the wish; and undoing it."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import tidy_number
from sop_engine.services.rights import case_id_of
from sop_engine.services.sending import send
from sop_engine.services.side_by_side import both
from web import here
from web.cases import room
from web.cases.acts import Answer, carry_out, head, sentence
from web.layout import language
from web.layout.said import tell


@room.get("/<number>/join")
def join_form(number: str) -> str | tuple[str, int]:
    """The case beside the one whose number is given, or a question for that number."""
    return _page(number, request.args.get("other", ""), "")


@room.post("/<number>/join")
def join(number: str) -> Response | tuple[str, int] | str:
    other = request.form.get("other", "")
    command = cmd.Merge(number=tidy_number(other[:40]) or "", **head())
    inst = here.installation()
    answer = send(inst, case_id_of(inst, here.account(), number), command, sentence("reason"))
    if isinstance(answer, Refusal):
        return _page(number, other, answer.sentence(language()))
    tell(gettext("Asked. This case goes on until the second person has signed."), "done")
    return redirect(url_for("cases.page", number=number))


@room.post("/<number>/part")
def part(number: str) -> Answer:
    return carry_out(number, cmd.Unmerge(**head()), sentence("reason"), gettext("A second person is asked to sign."))


def _page(number: str, other: str, refused: str) -> str | tuple[str, int]:
    found = both(here.installation(), here.account(), number, tidy_number(other[:40]) or "")
    wrong = bool(other) and found.other is None
    page = render_template(
        "join.html", page=found, case=found.case, strip=found.mine.strip, directory=found.directory, typed=other,
        wrong=wrong, refused="" if wrong else refused, reason=request.form.get("reason", ""),
    )  # fmt: skip
    return (page, 422) if wrong or refused else page
