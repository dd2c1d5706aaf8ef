"""YAML text to nodes that remember their place. Knows YAML and its traps, not the SOP language.

Every scalar stays text: the key that holds it decides its type, so `no`, `1.0` and `2026-01-01` are never
converted behind the author's back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
MOST_NODES = 60_000


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong with an SOP file, in a sentence that says what to do."""

    file: str
    place: Place
    message: str
    warning: bool = False

    def __str__(self) -> str:
        mark = "warning: " if self.warning else ""
        return f"{self.file}:{self.place.line}:{self.place.column}: {mark}{self.message}"


class BrokenSop(Exception):
    """An SOP file cannot be used; `mistakes` has every reason at once."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Node:
    """A text, a list or a map of the file; `entries` maps each key to its place and its value."""

    place: Place
    text: str | None = None
    items: "tuple[Node, ...] | None" = None
    entries: "dict[str, tuple[Place, Node]] | None" = None
    quoted: bool = False

    @property
    def shape(self) -> str:
        if self.text is not None:
            return "a text"
        return "a list" if self.items is not None else "a map"


@dataclass(slots=True)
class _Builder:
    file: str
    lines: list[str]
    events: Iterator[yaml.Event]
    mistakes: list[Mistake] = field(default_factory=list)
    nodes: int = 0

    def mistake(self, place: Place, message: str) -> None:
        self.mistakes.append(Mistake(self.file, place, message))

    def build(self, event: yaml.Event, depth: int) -> Node:
        place = _place(event)
        self.nodes += 1
        if depth > MOST_DEPTH or self.nodes > MOST_NODES:
            self.mistake(
                place,
                f"nested deeper than {MOST_DEPTH} levels or longer than {MOST_NODES} entries: shorten it",
            )
            raise BrokenSop(self.mistakes)
        if isinstance(event, yaml.AliasEvent):
            self.mistake(
                place, f"an alias (*{_said(event, 'anchor')}) is not allowed: write the text out where it is needed"
            )
            return Node(place, text="")
        if anchor := _said(event, "anchor"):
            self.mistake(place, f"an anchor (&{anchor}) is not allowed: write the text out where it is needed")
        tag = _said(event, "tag")
        if tag and not tag.startswith("tag:yaml.org,2002:"):
            self.mistake(place, f"a tag ({tag}) is not allowed: write a plain value")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(place, depth)
        return self._scalar(event, place) if isinstance(event, yaml.ScalarEvent) else self._map(place, depth)

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Node:
        plain, end = not event.style, event.end_mark
        cut = plain and event.value and end is not None and end.line < len(self.lines)
        if cut and end is not None and self.lines[end.line][end.column :].startswith(" #"):
            self.mistake(place, "the text is cut at ' #': put it in quotes, or put two spaces before a comment")
        return Node(place, text=event.value, quoted=not plain)

    def _list(self, place: Place, depth: int) -> Node:
        items: list[Node] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self.build(event, depth + 1))
        return Node(place, items=tuple(items))

    def _map(self, place: Place, depth: int) -> Node:
        entries: dict[str, tuple[Place, Node]] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key_place = _place(event)
            if not isinstance(event, yaml.ScalarEvent):
                self.mistake(key_place, "a key must be one word, not a list or a map")
                self.build(event, depth + 1)
                self.build(next(self.events), depth + 1)
                continue
            key = self.build(event, depth + 1).text or ""
            value = self.build(next(self.events), depth + 1)
            if key == "<<":
                self.mistake(key_place, "a merge key (<<) is not allowed: write the entries out")
            elif key in entries:
                first = entries[key][0]
                self.mistake(key_place, f"'{key}' is written twice, first in line {first.line}: keep one")
            else:
                entries[key] = (key_place, value)
        return Node(place, entries=entries)


def parse(text: str, file: str) -> tuple[Node, list[Mistake]]:
    """Read one YAML document into nodes; mistakes of form are returned, a text that is no YAML raises BrokenSop."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise BrokenSop(
            [Mistake(file, Place(1, 1), f"longer than {MOST_BYTES} bytes: an SOP is a text that a person signs")]
        )
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            raise BrokenSop([Mistake(file, Place(number, indent.index("\t") + 1), "a tab in the indent: use spaces")])
    events = yaml.parse(text, Loader=yaml.CBaseLoader)
    try:
        next(events)
        start = next(events)
        if isinstance(start, yaml.StreamEndEvent):
            raise BrokenSop([Mistake(file, Place(1, 1), "the file is empty: begin with 'sop: NAME'")])
        builder = _Builder(file, lines, events)
        node = builder.build(next(events), 0)
        next(events)
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            builder.mistake(_place(after), "a second document (---): one file holds one SOP")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        raise BrokenSop([Mistake(file, place, f"not readable as YAML: {error.problem or error.context}")]) from error
    except (yaml.reader.ReaderError, yaml.YAMLError, UnicodeError) as error:
        raise BrokenSop([Mistake(file, Place(1, 1), f"not readable as YAML: {str(error).splitlines()[0]}")]) from error
    return node, builder.mistakes


def read_text(path: Path) -> str:
    """The text of a file; one that is not UTF-8 or too long is a BrokenSop, not a crash."""
    raw = path.read_bytes()[: MOST_BYTES + 1]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(raw) > MOST_BYTES:
            return raw.decode("utf-8", "replace")
        line = raw[: error.start].count(b"\n") + 1
        raise BrokenSop([Mistake(str(path), Place(line, 1), "not UTF-8: save the file as UTF-8")]) from error


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)


def _said(event: yaml.Event, what: str) -> str:
    """An attribute that some events have (`anchor`, `tag`), as text; empty where it is not there."""
    return str(getattr(event, what, None) or "")
