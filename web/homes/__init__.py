"""The auditor's pages: the register of homes, one home with its visits, and what is not fixed in all homes."""

from flask import Blueprint, render_template, request

from sop_engine.case.directory import Directory
from sop_engine.homes import register
from sop_engine.homes.narrowing import HomesWanted, LacksWanted, lacks_page
from sop_engine.sop.language import Text
from web import here

room = Blueprint("homes", __name__, template_folder="templates", url_prefix="/homes")
A_PAGE, MOST_PAGES = 50, 10_000


@room.get("/")
def listed() -> str:
    entries, directory = register.register(here.installation(), here.account())
    wanted = HomesWanted(_word("name"), _word("place"), _word("state"), _word("critical") == "yes")
    return render_template(
        "homes.html", entries=wanted.narrow(entries, directory), all=len(entries), wanted=wanted, directory=directory,
        states={one.stage: one.stage_title for one in entries}, places=_places(directory),
    )  # fmt: skip


@room.get("/findings")
def findings() -> str:
    """What nobody has seen to be fixed, in all homes, page by page."""
    found, directory = register.all_lacks(here.installation(), here.account())
    words = {name: _word(name) for name in ("home", "place", "severity", "agency")}
    wanted = LacksWanted(**words, late=_word("late") == "yes")
    kept = {name: word for name, word in {**words, "late": "yes" if wanted.late else ""}.items() if word}
    page = _page()
    shown = lacks_page(found, directory, wanted, (page - 1) * A_PAGE, A_PAGE)
    return render_template(
        "findings.html", found=shown, wanted=wanted, kept=kept, page=page, directory=directory,
        places=_places(directory),
    )  # fmt: skip


@room.get("/<code>")
def one(code: str) -> str:
    found = register.home(here.installation(), here.account(), code)
    return render_template("home.html", page=found, entry=found.entry, directory=found.directory)


def _word(name: str) -> str:
    """A word of the address to which a list is narrowed; what nothing has is looked for in vain."""
    return request.args.get(name, "").strip()[:64]


def _page() -> int:
    asked = _word("page")
    return min(int(asked), MOST_PAGES) if asked.isascii() and asked.isdigit() and int(asked) else 1


def _places(directory: Directory) -> dict[str, tuple[Text, dict[str, Text]]]:
    """The provinces, by their English names, each with its districts."""
    found: dict[str, tuple[Text, dict[str, Text]]] = {}
    for code, title in directory.districts.items():
        province = directory.provinces.get(code, Text(""))
        found.setdefault(province.en, (province, {}))[1][code] = title
    return found
