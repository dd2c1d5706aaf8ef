"""Forms blank on paper: the procedures, what each has to fill in, and the sheets as PDF."""

from collections.abc import Iterator, Sequence

from flask import render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case.refusal import Refusal
from sop_engine.services import sheets, sops
from sop_engine.services.sheets import Kit, Sheet
from sop_engine.sop.digits import latin
from sop_engine.sop.procedure import Procedure
from web import here
from web.layout import language
from web.layout.said import tell
from web.paper import TooLong, room
from web.paper.blank import ROWS, aloud, blank, code_as_picture
from web.paper.pdf import answer, pdf
from web.paper.said import LANGUAGES, of_text, words

ALL = "all"


@room.get("/paper")
def listed() -> str:
    return render_template("paper.html", procedures=sops.in_force(here.installation()))


@room.get("/paper/<name>")
def kit(name: str) -> str:
    return _page(sheets.kit(here.installation(), here.account(), name, request.args.get("case") or None))


def _page(found: Kit) -> str:
    return render_template(
        "kit.html", kit=found, procedure=found.procedure, most=sheets.MOST_COPIES, sent=request.form,
        also=request.form.getlist("also"), chosen=request.form.get("language", language()),
    )  # fmt: skip


@room.post("/paper/<name>/print")
def print_forms(name: str) -> Response | tuple[str, int]:
    inst, account = here.installation(), here.account()
    found = sheets.kit(inst, account, name, request.form.get("case") or None)
    wanted = wanted_of(found, request.form.get("what", ""), request.form.getlist("also"))
    copies = latin(request.form.get("copies", "1").strip())
    many = int(copies) if copies.isascii() and copies.isdigit() and len(copies) < 4 else 0
    printed = sheets.print_blank(inst, account, wanted, many, found.number)
    if isinstance(printed, Refusal):
        tell(printed.sentence(language()), "refused")
        return _page(found), 422
    said = LANGUAGES.get(request.form.get("language", ""), LANGUAGES[language()])
    try:
        return answer(pdf(sheets_of(printed, wanted, said, many)), "forms")
    except TooLong:
        tell(gettext("Too many pages for one print: take fewer copies at once, or print stage by stage."), "refused")
        return _page(found), 422


def wanted_of(found: Kit, what: str, named: Sequence[str]) -> list[tuple[Procedure, list[str]]]:
    """The steps that a word names: `step:` one, `stage:` those of a stage, or all with those of other procedures."""
    kind, _, name = what.partition(":")
    if kind == "step":
        return [(found.procedure, [step for step in found.steps() if step == name])]
    if kind == "stage":
        return [(found.procedure, found.steps_of(name or None))]
    if what != ALL:
        return []
    also = [one for one in found.opens if one.name in named]
    inst, account = here.installation(), here.account()
    return [(found.procedure, found.steps()), *((one, sheets.kit(inst, account, one.name).steps()) for one in also)]


def sheets_of(
    printed: list[Sheet], wanted: list[tuple[Procedure, list[str]]], languages: tuple[str, ...], copies: int
) -> Iterator[str]:
    """The documents of a print, one for each sheet; a kit ends with the consents of its procedures."""
    procedures = {procedure.version: procedure for procedure, _ in wanted}
    said = words(languages)
    forms = {(one.version, one.step): blank(procedures[one.version], one.step, languages) for one in printed}
    for one in printed:
        yield render_template(
            "sheet.html", sheet=one, form=forms[one.version, one.step], picture=code_as_picture(one), w=said,
            languages=languages, rows=ROWS,
        )  # fmt: skip
    for procedure in procedures.values() if len(forms) > 1 else ():
        consents = aloud(procedure, list(procedure.sop.consents), languages)
        if consents:
            page = render_template(
                "consents_print.html", consents=consents, w=said, languages=languages, version=procedure.version[:12],
                sop=of_text(languages, procedure.sop.title), draft=procedure.sop.standing == "model draft",
                number=printed[0].number,
            )  # fmt: skip
            yield from [page] * copies
