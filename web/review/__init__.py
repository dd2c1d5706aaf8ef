"""The ministry's page: figures of an SOP over a period, each opening exactly its cases."""

from datetime import datetime, timedelta

from flask import Blueprint, render_template, request

from sop_engine.compliance.review import Review, review
from sop_engine.services import sops
from sop_engine.sop.calendar import read_day
from web import here
from web.layout.times import ZONE

room = Blueprint("review", __name__, template_folder="templates", url_prefix="/review")


@room.get("/")
def figures() -> str:
    found = _asked()
    return render_template(
        "review.html", review=found, directory=found.directory, procedures=sops.in_force(here.installation())
    )


@room.get("/cases/<key>")
def cases(key: str) -> str:
    found = _asked()
    return render_template(
        "review_cases.html", review=found, directory=found.directory, key=key, rows=found.cases_of(key)
    )


def _asked() -> Review:
    """The review of the SOP and the period in the address; by default the last ninety days."""
    inst = here.installation()
    now = inst.clock()
    start = _day(request.args.get("from"), now - timedelta(days=90))
    end = _day(request.args.get("to"), now, ends=True)
    return review(
        inst, here.account(), request.args.get("sop", "rescue-person"), start, max(end, start + timedelta(days=1))
    )


def _day(text: str | None, otherwise: datetime, ends: bool = False) -> datetime:
    try:
        day = read_day(text or "")
    except ValueError:
        return otherwise
    moment = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    return moment + timedelta(days=1) if ends else moment
