"""Facts: what follows from a person's answers, without the answers. All that a rule may read of closed values.

Each maker says what it grants when its inputs are vague: doubt, never a guess. Knows values, not where they are kept.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sop_engine.sop.calendar import days_of_bs, from_bs

AGE_BANDS = (
    (0, 8, "0-8"),
    (9, 17, "9-17"),
    (18, 20, "18-20"),
    (21, 29, "21-29"),
    (30, 38, "30-38"),
    (39, 47, "39-47"),
    (48, 150, "48+"),
)
ESTIMATE_YEARS = 3
NUMBERS = ("count", "score", "findings", "unfixed")


def birth_span(text: str) -> tuple[date, date]:
    """The earliest and latest day on which somebody of this birth date was born.

    Takes a day, a month, a year, a month or year of Bikram Sambat (`BS 2065-02`), or `age:16@2026-11-24` (16 years old
    on that day).
    """
    if text.startswith("age:"):
        years, _, on = text[4:].partition("@")
        day = date.fromisoformat(on)
        return _years_before(day, int(years) + 1) + timedelta(days=1), _years_before(day, int(years))
    if text.startswith("BS "):
        year, _, month = text[3:].partition("-")
        last = int(month or 12)
        return from_bs(int(year), int(month or 1), 1), from_bs(int(year), last, days_of_bs(int(year), last))
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        born = date(*parts)
        return born, born
    if len(parts) == 2:
        first = date(parts[0], parts[1], 1)
        return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return date(parts[0], 1, 1), date(parts[0], 12, 31)


def under_18(birth: str, basis: str | None, on: date) -> str:
    """yes, no or doubt. A disputed age is doubt; an estimate counts with three years either way.

    Source: presumption of minority in doubt, UNICEF guidelines on child victims (2006).
    """
    if basis == "disputed":
        return "doubt"
    earliest, latest = birth_span(birth)
    if basis == "estimated":
        earliest, latest = _years_before(earliest, ESTIMATE_YEARS), _years_before(latest, -ESTIMATE_YEARS)
    turned = _years_before(on, 18)
    if earliest > turned:
        return "yes"
    return "no" if latest <= turned else "doubt"


def age_band(birth: str, on: date) -> str:
    """The band (as CTDC publishes them) of the youngest age that the birth date allows."""
    _, latest = birth_span(birth)
    age = on.year - latest.year - ((on.month, on.day) < (latest.month, latest.day))
    return next((name for low, high, name in AGE_BANDS if low <= age <= high), "unknown")


def round_up(moment: datetime) -> datetime:
    """The moment rounded up to the full hour, so that it tells less about whom it concerns."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(hours=1)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def made(maker: str, inputs: list[Any], compared: str | None, on: date, plus: timedelta | None) -> str | int | None:
    """The result of one maker of the language (`as:`) from its inputs in order; None where the first is missing."""
    first = inputs[0]
    if maker == "filled":
        return "yes" if any(value not in (None, "", [], ()) for value in inputs) else "no"
    if first is None or first == "":
        return None
    if maker == "under_18":
        return under_18(str(first), inputs[1] if len(inputs) > 1 else None, on)
    if maker == "age_band":
        return age_band(str(first), on)
    if maker == "count":
        return len(first)
    if maker == "unfixed":
        return len(still_open(first, (inputs[1] if len(inputs) > 1 else None) or ()))
    if maker == "is":
        return "yes" if first == compared else "no"
    if maker == "is_not":
        return "no" if first == compared else "yes"
    if maker == "time":
        moment = datetime.fromisoformat(str(first)) + (plus or timedelta(0))
        return round_up(moment).isoformat().replace("+00:00", "Z")
    return str(first)


def outcome_words(maker: str | None, missing: str | None) -> tuple[str, tuple[str, ...]]:
    """The type and the closed list of results of a maker (`docs/sop-language.md`, facts)."""
    extra = (missing,) if missing else ()
    if maker == "under_18":
        return "ynd", ("yes", "no", "doubt")
    if maker == "age_band":
        return "choice", (*(name for _, _, name in AGE_BANDS), "unknown")
    if maker in NUMBERS:
        return "integer", ()
    if maker in ("district", "time"):
        return "text", ()
    return "ynd", tuple(dict.fromkeys(("yes", "no", *extra)))


Given = Mapping[str, Any]


def stated(maker: str | None, result: str | None) -> str | int | None:
    """The result that an SOP states for a fact with an input missing: a number where the fact counts."""
    if result is None:
        return None
    return int(result) if maker in NUMBERS else str(result)


def still_open(rows: Iterable[dict[str, Any]], checks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows (by their column `finding`) of which the latest check does not say `fixed: yes`."""
    latest = {check.get("finding"): check.get("fixed") for check in checks}
    return [row for row in rows if latest.get(row.get("finding")) != "yes"]
