"""The bar of who held a case, and its history with repetitions folded: how a long story fits a screen."""

from collections.abc import Container
from dataclasses import dataclass

from sop_engine.services.case_page import CasePage
from sop_engine.services.ledger import Interval
from sop_engine.services.telling import Told

WIDTH = 1000.0


@dataclass(frozen=True, slots=True)
class Share:
    """One piece of the bar, in thousandths of its width; a piece with tone None is an answer that was awaited."""

    start: float
    width: float
    tone: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history; `times` says how often in a row it happened, `told` is the latest."""

    told: Told
    times: int


def shares(found: CasePage) -> list[Share]:
    """The bar of who held the case and how long, with what was awaited meanwhile laid over it."""
    tones = {agency: number % 5 for number, agency in enumerate(dict.fromkeys(one.holder for one in found.ledger))}
    held = [_piece(found, one, tones[one.holder]) for one in found.ledger]
    return held + [piece for one in found.ledger for piece in _awaited(found, one)]


def _span(found: CasePage) -> tuple[float, float]:
    """When the ledger begins, and how long it is (seconds, never 0)."""
    begun = found.ledger[0].begun.timestamp()
    return begun, max(1.0, (found.ledger[-1].ended or found.now).timestamp() - begun)


def _piece(found: CasePage, one: Interval, tone: int) -> Share:
    begun, whole = _span(found)
    start, end = one.begun.timestamp() - begun, (one.ended or found.now).timestamp() - begun
    return Share(start / whole * WIDTH, max(0.0, end - start) / whole * WIDTH, tone)


def _awaited(found: CasePage, one: Interval) -> list[Share]:
    begun, whole = _span(found)
    pieces = []
    for _, since, until in one.awaited:
        start, end = since.timestamp() - begun, (until or found.now).timestamp() - begun
        if end > start:
            pieces.append(Share(start / whole * WIDTH, (end - start) / whole * WIDTH, None))
    return pieces


def folded(history: list[Told], apart: Container[int] = ()) -> list[Line]:
    """The history with lines that say the same one after another made one, but for those `apart`, by number."""
    lines: list[Line] = []
    for told in history:
        if lines and _same(lines[-1].told, told) and told.seq not in apart and lines[-1].told.seq not in apart:
            lines[-1] = Line(lines[-1].told, lines[-1].times + 1)
        else:
            lines.append(Line(told, 1))
    return lines


def _same(one: Told, other: Told) -> bool:
    return (one.words, one.by, one.said, one.sheet) == (other.words, other.by, other.said, other.sheet)
