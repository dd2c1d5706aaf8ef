"""The ministry's page: figures of an SOP over a period, each opening exactly its cases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, render_template, request
from flask_babel import gettext

from sop_engine.compliance.review import Review, review, reviewed_by
from sop_engine.services.dates import read_date
from sop_engine.sop import periods
from sop_engine.sop.periods import Period
from web import here
from web.layout import language
from web.layout.mistakes import mistakes
from web.layout.reader import reader
from web.layout.times import ZONE, period_words
from web.layout.words import in_words, word

room = Blueprint("review", __name__, template_folder="templates", url_prefix="/review")
KEPT = ("sop", "period", "from", "to")
MONTHS, YEARS = 13, 4
FIRST = "rescue-person"
NINETY_DAYS = timedelta(days=90)
EARLIEST, LATEST = date(1971, 1, 1), date(2199, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: the review, its `last` day, the period it names, and what in it cannot be read."""

    review: Review
    last: date
    period: Period | None
    unread: list[str]

    def words(self) -> dict[str, object]:
        """What the templates need."""
        return {
            "review": self.review, "directory": self.review.directory, "last": self.last, "period": self.period,
            "first": _civil(self.review.start), "civil": _civil, "unread": self.unread, "period_words": period_words,
            "kept": {name: text for name in KEPT if (text := request.args.get(name, "").strip())},
        }  # fmt: skip


@room.get("/")
def figures() -> str:
    found = _asked()
    kinds = ("bs", "fy", "ad") if reader().bikram_sambat else ("ad", "bs", "fy")
    choices = {kind: list(_choices(kind, found.review.now)) for kind in kinds}
    procedures = reviewed_by(here.installation(), here.account())
    return render_template("review.html", choices=choices, procedures=procedures, **found.words())


@room.get("/cases/<key>")
def cases(key: str) -> str:
    found = _asked()
    label, items = found.review.counted(key)
    title = ", ".join(word(text.en) if text.en.islower() else in_words(text, language()) for text in label)
    return render_template("review_cases.html", title=title, items=items, **found.words())


def _choices(kind: str, now: datetime) -> Iterator[Period]:
    return periods.latest(kind, _civil(now), YEARS if kind == "fy" else MONTHS)


def _asked() -> Asked:
    """The review of the SOP and the period in the address: one that is named, else from and to, else ninety days."""
    inst, unread = here.installation(), list[str]()
    now = inst.clock()
    period = _named(request.args.get("period", "").strip(), unread)
    first, last = (period.first, period.last) if period else (_typed("from", unread), _typed("to", unread))
    if first and (last or _civil(now)) < first:
        unread.append(gettext("The end lies before the beginning: correct one of them. The last 90 days are shown."))
        first = last = None
    end = _midnight(last) + timedelta(days=1) if last else now
    start = _midnight(first) if first else end - NINETY_DAYS
    known = [one.name for one in reviewed_by(inst, here.account())]
    shown = FIRST if FIRST in known else next(iter(known), FIRST)
    found = review(inst, here.account(), request.args.get("sop", shown), start, end)
    return Asked(found, _civil(end - timedelta(microseconds=1)), period, unread)


def _named(code: str, unread: list[str]) -> Period | None:
    try:
        return periods.read(code) if code else None
    except ValueError as problem:
        unread += mistakes(None, str(problem), language())
        return None


def _typed(name: str, unread: list[str]) -> date | None:
    """A day of the address in either calendar; None where there is none or it cannot be read."""
    text = request.args.get(name, "").strip()
    today = _civil(here.installation().clock())
    try:
        return _within(date.fromisoformat(read_date(text, False, today, bs=reader().bikram_sambat))) if text else None
    except ValueError as problem:
        unread += mistakes(None, str(problem), language())
        return None


def _within(day: date) -> date:
    """The day, or the first or last of which a midnight can be reckoned in every zone: all that happened is between."""
    return min(max(day, EARLIEST), LATEST)


def _civil(moment: datetime) -> date:
    """The day of a moment in Nepal."""
    return moment.astimezone(ZONE).date()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)
