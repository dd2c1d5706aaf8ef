"""Opening a case of an SOP that one's agency may open. Before one about a person it is asked whether she is known."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.screening import Screened, asks_first, screen
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
def open_new() -> Response | str | tuple[str, int]:
    """Open a case; one about a person only after the page that asks whether she is known was sent.

    What was typed there is in the form and nowhere else until the case keeps it sealed.
    """
    inst, what = here.installation(), request.form.get("what", "")
    sop = what.partition("/")[0]
    title = asks_first(inst, sop)
    if title is None:
        return _open(what, {})
    if "screened" not in request.form:
        return _ask(what, Screened())
    found = screen(inst, here.account(), sop, request.form, look="anyway" not in request.form)
    if found.wrong:
        return _ask(what, found), 422
    if found.hits:
        return _ask(what, found)
    return _open(what, found.values)


def _ask(what: str, found: Screened) -> str:
    inst = here.installation()
    opening = next((one for one in openings(inst, here.account()) if f"{one.sop}/{one.entry}" == what), None)
    return render_template(
        "screen.html", what=what, found=found, sent=request.form, opening=opening, parts=_parts(),
        directory=inst.directory_now(), now=inst.clock(),
    )  # fmt: skip


def _parts() -> dict[str, str]:
    return {name.removeprefix("part."): code for name, code in request.form.items() if name.startswith("part.")}


def _open(what: str, values: Mapping[str, str]) -> Response | str:
    sop, _, entry = what.partition("/")
    answer = open_case(
        here.installation(), actor_of(here.account()), sop, entry, values, command_id=head()["id"], parts=_parts()
    )
    if isinstance(answer, Refusal):
        tell(answer.sentence(language()), "refused")
        return _form(what, _parts())
    return redirect(url_for("cases.page", number=answer.case.number))
