"""Opening a case of an SOP that one's agency may open."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import open_case
from sop_engine.services.sops import openings
from web import here
from web.cases import room
from web.cases.acts import head
from web.layout import language
from web.layout.said import tell


@room.get("/open")
def open_form() -> str:
    return _form("", {})


def _form(what: str, parts: Mapping[str, str]) -> str:
    """The ways to open a case; `parts` are the agencies that were chosen for one of them, `what`."""
    inst = here.installation()
    return render_template(
        "open.html", openings=openings(inst, here.account()), command=new_id(), directory=inst.directory_now(),
        what=what, parts=parts,
    )  # fmt: skip


@room.post("/open")
def open_new() -> Response | str:
    sop, _, entry = request.form.get("what", "").partition("/")
    parts = {name.removeprefix("part."): code for name, code in request.form.items() if name.startswith("part.")}
    answer = open_case(here.installation(), actor_of(here.account()), sop, entry, command_id=head()["id"], parts=parts)
    if isinstance(answer, Refusal):
        tell(answer.sentence(language()), "refused")
        return _form(f"{sop}/{entry}", parts)
    return redirect(url_for("cases.page", number=answer.case.number))
