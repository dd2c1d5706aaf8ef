"""People: who can sign in, adding somebody, what is changed of an account, and the end of one."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import administered, administering, changes
from sop_engine.services.changes import OfPerson
from sop_engine.services.installation import new_id
from web import here
from web.admin import record, room
from web.layout import language
from web.layout.said import tell

Answer = Response | str | tuple[str, int]


@room.get("/people")
def people() -> str:
    """Everybody of one agency: of one's own, unless another is chosen."""
    agency = request.args.get("agency", "") or here.account().agency
    found = administered.people_of(here.installation(), here.account(), agency)
    return render_template("people.html", found=found, agency=agency, now=here.installation().clock(), **record.words())


@room.get("/people/add")
def add_form() -> str:
    return _add_page({}, request.args.get("agency", "") or here.account().agency)


@room.post("/people/add")
def add() -> Answer:
    form = request.form
    said = changes.AddPerson(
        whom=new_id(), sign_in=form.get("sign_in", "").strip()[:200], agency=form.get("agency", "")[:64],
        shown_as=form.get("shown_as", "").strip()[:200], roles=sorted(set(form.getlist("role"))),
    )  # fmt: skip
    made = administering.ask(here.installation(), here.account(), said)
    if isinstance(made, Refusal):
        field = made.code if made.code in ("agency", "sign_in", "shown_as", "roles") else "sign_in"
        return _add_page({field: made.sentence(language())}, said.agency), 422
    if made.password is not None:
        return record.given_page(made)
    return _waits()


def _add_page(wrong: dict[str, str], agency: str) -> str:
    _, offered = administered.roles_of(here.installation(), here.account())
    return render_template(
        "add_person.html", wrong=wrong, agency=agency, offered=offered, sent=request.form, **record.words()
    )


@room.get("/people/<person>")
def person(person: str) -> str:
    return _page(person, {})


@room.post("/people/<person>/roles")
def roles(person: str) -> Answer:
    """Other roles are asked for. The form tells which ones it was made from, so that nothing between is lost."""
    before, wanted = (sorted(set(request.form.getlist(name))) for name in ("before", "role"))
    return _asked(person, changes.ChangeRoles(whom=person, before=before, roles=wanted), "roles")


@room.post("/people/<person>/factor")
def factor(person: str) -> Answer:
    return _asked(person, changes.ResetFactor(whom=person), "factor")


@room.post("/people/<person>/password")
def password(person: str) -> Answer:
    return _asked(person, changes.GivePassword(whom=person), "password")


@room.post("/people/<person>/sessions")
def sessions(person: str) -> Answer:
    return _asked(person, changes.EndSessions(whom=person), "sessions")


@room.post("/people/<person>/end")
def end(person: str) -> Answer:
    return _asked(person, changes.EndPerson(whom=person, reason=request.form.get("reason", "")[:20]), "end")


def _asked(person: str, one: OfPerson, field: str) -> Answer:
    made = administering.ask(here.installation(), here.account(), one)
    if isinstance(made, Refusal):
        return _page(person, {field: made.sentence(language())}), 422
    if made.password is not None:
        return record.given_page(made)
    if made.waits:
        return _waits()
    tell(gettext("Done. It stands in the record."), "done")
    return redirect(url_for("admin.person", person=person))


def _waits() -> Response:
    tell(gettext("Asked. Nothing changes until another administrator confirms it."), "done")
    return redirect(url_for("admin.start"))


def _page(person: str, wrong: dict[str, str]) -> str:
    found = administered.person_of(here.installation(), here.account(), person)
    return render_template("person.html", found=found, wrong=wrong, **record.words())
