"""The pieces of a procedure that is told: chapters, lines, and what is said in each. A page and a print show them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is said, with its particulars below it."""

    text: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A heading with what is said under it."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stage, or what stands beside the stages; `name` is its anchor on a page."""

    name: str
    title: str
    lines: tuple[Line, ...]


def line(title: str, said: Iterable[str | Item]) -> Line:
    """A line of plain sentences or items; sentences that are empty are left out."""
    return Line(title, tuple(one if isinstance(one, Item) else Item(one) for one in said if one))


def chapter(name: str, title: str, lines: Iterable[Line]) -> Chapter:
    """A chapter of the lines under which something is said."""
    return Chapter(name, title, tuple(one for one in lines if one.items))
