"""What waits for a second person, and the record of all that was asked and done."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import administered, administering
from sop_engine.services.administrators import administers_all
from sop_engine.services.changes import REASONS
from web import here
from web.admin import room
from web.layout import language
from web.layout.said import tell

Answer = Response | str | tuple[str, int]


@room.get("/")
def start() -> str:
    """What waits, and where everything is."""
    return waiting_page("")


@room.get("/record")
def record() -> str:
    asked = request.args.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    found = administered.record(here.installation(), here.account(), page)
    return render_template("record.html", found=found, **words())


@room.post("/changes/<change>/confirm")
def confirm(change: str) -> Answer:
    return _decided(change, True)


@room.post("/changes/<change>/refuse")
def refuse(change: str) -> Answer:
    return _decided(change, False)


def _decided(change: str, agreed: bool) -> Answer:
    made = administering.decide(here.installation(), here.account(), change, agreed)
    if isinstance(made, Refusal):
        return waiting_page(made.sentence(language())), 422
    if made.password is not None:
        return given_page(made)
    tell(gettext("Confirmed: it is so from now on.") if agreed else gettext("It stays as it was."), "done")
    return redirect(url_for("admin.start"))


def given_page(made: administering.Made) -> str:
    """A first password, on this page and nowhere else."""
    found = administered.person_of(here.installation(), here.account(), made.whom)
    return render_template("given.html", password=made.password, one=found.entry.account)


def waiting_page(wrong: str) -> str:
    lines = administered.waiting(here.installation(), here.account())
    return render_template("admin.html", lines=lines, wrong=wrong, **words())


def words() -> dict[str, object]:
    """What lines of the record are told with."""
    roles, _ = administered.roles_of(here.installation(), here.account())
    return {
        "roles": roles, "directory": here.installation().directory_now(),
        "all_agencies": administers_all(here.account()), "operator": administering.OPERATOR,
        "reasons": REASONS,
    }  # fmt: skip
