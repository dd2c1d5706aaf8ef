"""Many cases at once: choose, check who is ready and who is not, and do it for each."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.services.case_page import CasePage, case_page
from sop_engine.services.day import Filter, numbers_of
from sop_engine.services.together import MOST, Act, Together, act_together, together
from sop_engine.sop.digits import latin
from web import here
from web.cases.acts import head
from web.layout import language
from web.layout.mistakes import unread
from web.layout.reader import in_digits
from web.layout.said import tell
from web.layout.times import typed

room = Blueprint("together", __name__, template_folder="templates", url_prefix="/together")


@room.post("/")
def choose() -> str | Response:
    """The chosen cases, and what can be done with them."""
    numbers = _numbers()
    if not numbers:
        tell(gettext("Choose the cases first."), "refused")
        return redirect(url_for("worklist.day"))
    return _page(together(here.installation(), here.account(), numbers), None)


@room.get("/of/<number>")
def of(number: str) -> str:
    """The cases that one case opened: the people of an operation."""
    found = case_page(here.installation(), here.account(), number)
    return _page(together(here.installation(), here.account(), [line.number for line, _ in found.children]), found)


@room.post("/do")
def do() -> str | tuple[str, int]:
    """Do it for each; what did not go is told one by one, and stays as it was."""
    inst, account, numbers = here.installation(), here.account(), _numbers()
    found = together(inst, account, numbers)
    what, _, way = request.form.get("act", "").partition(":")
    confirmed = [int(one) for one in request.form.getlist(f"confirmed.{way}") if one.isascii() and one.isdigit()]
    happened = request.form.get("happened", "").strip()
    wrong = _wrong(found, what, way, confirmed, happened)
    of = request.form.get("of", "")
    if wrong:
        operation = case_page(inst, account, of) if of else None
        if operation is not None:
            found = together(inst, account, [line.number for line, _ in operation.children])
        return _page(found, operation, wrong), 422
    act = Act(
        what=what, way=way, to=request.form.get("to") or None, reason=request.form.get("reason", "").strip()[:10_000],
        confirmed=tuple(confirmed), happened=typed(happened, inst.clock()) if happened else None,
    )  # fmt: skip
    done = act_together(inst, account, head()["id"], act, numbers)
    refused = [(number, in_digits(refusal.sentence(language()))) for number, refusal in done if refusal is not None]
    return render_template("done.html", done=len(done) - len(refused), refused=refused, of=of)


def _wrong(found: Together, what: str, way: str, confirmed: list[int], happened: str) -> str:
    """What stands against it before any case is touched, in a sentence."""
    chosen = len(found.chosen) + len(found.missing)
    counted = latin(request.form.get("counted", "").strip())
    rules = {place for one in found.ways if one.key == way for place, _ in one.rules}
    if not chosen:
        return str(gettext("Choose the cases first."))
    if not what:
        return str(gettext("Choose what is to be done."))
    if what in ("go", "hand_over") and counted != str(chosen):
        return str(
            gettext(
                "You chose %(n)s and counted %(c)s: find out who is missing before anybody moves.",
                n=chosen, c=in_digits(counted[:10] or "–"),
            )
        )  # fmt: skip
    if not rules <= set(confirmed):
        return str(gettext("Confirm by name what no program can check, or go back."))
    return unread(happened, here.installation().clock())


def _numbers() -> list[str]:
    """The chosen numbers, or those of a whole list."""
    if request.form.get("whole"):
        words = {name: request.form.get(f"by.{name}", "")[:64] or None for name in ("sop", "stage", "worker")}
        return numbers_of(here.installation(), here.account(), request.form.get("shelf", ""), Filter(**words), MOST)
    return list(dict.fromkeys(request.form.getlist("number")))[:MOST]


def _page(found: Together, of: CasePage | None, wrong: str = "") -> str:
    """The page of some cases, as those of an operation told apart by what its list says of each."""
    children = of.children if of is not None else []
    apart = {line.number: of.apart[line.case_id] for line, _ in children if of and line.case_id in of.apart}
    places: dict[str | None, int] = {}
    for one in found.chosen:
        if one.case.about == "person":
            places[one.case.with_] = places.get(one.case.with_, 0) + 1
    return render_template(
        "together.html", found=found, directory=found.directory, apart=apart, of=of, wrong=wrong,
        places=sorted(places.items(), key=lambda pair: -pair[1]), sent=request.form,
    )  # fmt: skip
