"""For whom cases waited: what was answered in a period, and what had no answer at its end. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sop_engine.compliance.items import Item
from sop_engine.store.figures import Stay, Wait


@dataclass(frozen=True, slots=True)
class WaitLine:
    """The waits for an agency in a period: `still` without an answer at its end, and `answered` in it.

    Each has its true beginning, also before the period; the longest stand first.
    """

    agency: str
    still: tuple[Item, ...]
    answered: tuple[Item, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return (*self.still, *self.answered)

    @property
    def since(self) -> datetime | None:
        """Since when the longest one that is not answered goes on."""
        return self.still[0].begun if self.still else None

    @property
    def median(self) -> timedelta | None:
        """How long an answer took as a rule; None where there was none."""
        lengths = [_length(item).total_seconds() for item in self.answered]
        return timedelta(seconds=median(lengths)) if lengths else None


def wait_lines(
    waits: Iterable[Wait], start: datetime, end: datetime, item: Callable[[Wait, datetime | None], Item]
) -> list[WaitLine]:
    """The waits that touch a period, by agency: who lets others wait longest now stands first, then who did most often.

    `item` makes what is counted of a wait and of its end, which is None where it lies after the period.
    """
    found: dict[str, list[Item]] = defaultdict(list)
    for wait in waits:
        if max(wait.begun, start) < min(wait.ended or end, end):
            ended = wait.ended if wait.ended is not None and wait.ended < end else None
            found[wait.body].append(item(wait, ended))
    return sorted((_line(body, items) for body, items in found.items()), key=_longest_first)


def stay_before(stays: Sequence[Stay], until: datetime) -> Stay | None:
    """The last of the stays of a case, which come in their order, that began before a moment: who held it then."""
    there = [one for one in stays if one.begun < until]
    return there[-1] if there else None


def _line(body: str, items: list[Item]) -> WaitLine:
    still = sorted((one for one in items if one.ended is None), key=lambda one: (one.begun, one.number))
    answered = sorted((one for one in items if one.ended is not None), key=lambda one: (-_length(one), one.number))
    return WaitLine(body, tuple(still), tuple(answered))


def _length(item: Item) -> timedelta:
    assert item.ended is not None, "only what was answered has a length"
    return item.ended - item.begun


def _longest_first(line: WaitLine) -> tuple[bool, float, int, str]:
    since = line.since
    return since is None, since.timestamp() if since is not None else 0.0, -len(line.items), line.agency
