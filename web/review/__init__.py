"""The ministry's page: figures of an SOP over a period, each opening exactly its cases."""

from datetime import datetime, timedelta

from flask import Blueprint, render_template, request

from sop_engine.compliance.review import Review, review
from sop_engine.services import sops
from sop_engine.sop.calendar import read_day
from web import here
from web.layout import language
from web.layout.times import ZONE
from web.layout.words import word

room = Blueprint("review", __name__, template_folder="templates", url_prefix="/review")


@room.get("/")
def figures() -> str:
    found, unread = _asked()
    return render_template(
        "review.html", review=found, directory=found.directory, procedures=sops.in_force(here.installation()),
        unread=unread,
    )  # fmt: skip


@room.get("/cases/<key>")
def cases(key: str) -> str:
    found, _ = _asked()
    label, items = found.counted(key)
    title = ", ".join(word(text.en) if text.en.islower() else text.in_language(language()) for text in label)
    return render_template("review_cases.html", review=found, directory=found.directory, title=title, items=items)


def _asked() -> tuple[Review, list[str]]:
    """The review of the SOP and the period in the address, and the days that cannot be read.

    By default the last ninety days.
    """
    inst = here.installation()
    now = inst.clock()
    typed = {name: request.args.get(name, "").strip() for name in ("from", "to")}
    days = {name: _day(text) for name, text in typed.items()}
    start = days["from"] or now - timedelta(days=90)
    end = days["to"] + timedelta(days=1) if days["to"] is not None else now
    sop = request.args.get("sop", "rescue-person")
    found = review(inst, here.account(), sop, start, max(end, start + timedelta(days=1)))
    return found, [text for name, text in typed.items() if text and days[name] is None]


def _day(text: str) -> datetime | None:
    """The beginning of a day; None where the text is none."""
    try:
        day = read_day(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)
