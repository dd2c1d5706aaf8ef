"""What a figure is, and how two things are timed side by side."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and its reference in one unit, the ratio that the goal speaks of, and what else was seen."""

    figure: str
    value: float
    unit: str
    reference: float
    ratio: float
    more: dict[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        shown = {"figure": self.figure, "value": self.value, "unit": self.unit, "reference": self.reference}
        return {**shown, "ratio": self.ratio, **self.more}


def seconds(act: Callable[[], object], times: int) -> float:
    """How long one of `times` calls takes, in seconds."""
    begun = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - begun) / times


def side_by_side(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[float, float]:
    """The medians over several rounds of two acts, taken turn by turn so that noise falls on both."""
    first, second = [], []
    for _ in range(ROUNDS):
        first.append(seconds(one, times))
        second.append(seconds(other, times))
    return median(first), median(second)
