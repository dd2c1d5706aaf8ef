"""Kinds of value that an SOP file can hold, each able to read a node and to describe itself as JSON Schema.

A kind never raises: what it cannot read it notes as a mistake and returns BROKEN, so that an author sees every
mistake of a file at once. Knows nodes, not what an SOP means.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sop_engine.sop.source import BrokenSop, Mistake, Node, Place


class Broken:
    """What a kind returns for a value it could not read; the mistake is already noted."""


BROKEN = Broken()
NAME = re.compile(r"^[a-z][a-z0-9_]*$")
MOST_LISTED = 12
MOST_COMPARED = 400
MOST_NAMES = 400
MOST_MISTAKES = 200


class Word(str):
    """A text that remembers where it stood, so that a wrong name is shown where it was written."""

    __slots__ = ("place",)
    place: Place

    def __new__(cls, text: str, place: Place) -> "Word":
        word = super().__new__(cls, text)
        word.place = place
        return word


def place_of(word: str) -> Place:
    """Where a word of the file stood; the start of the file for a text that has no place."""
    return word.place if isinstance(word, Word) else Place(1, 1)


@dataclass(slots=True)
class Notes:
    """The mistakes found while one file is read, and the names of entries that were too broken to keep."""

    file: str
    mistakes: list[Mistake] = field(default_factory=list)
    broken_names: set[str] = field(default_factory=set)

    def mistake(self, place: Place, message: str) -> Broken:
        """Note a mistake; a file with very many is given up, as nobody reads on and some are made to take long."""
        self.mistakes.append(Mistake(self.file, place, message))
        if len(self.mistakes) >= MOST_MISTAKES:
            last = Mistake(self.file, place, f"{MOST_MISTAKES} mistakes and warnings are enough: mend these first")
            raise BrokenSop([*(one for one in self.mistakes if not one.warning), last])
        return BROKEN

    def warn(self, place: Place, message: str) -> None:
        self.mistakes.append(Mistake(self.file, place, message, warning=True))


class Kind(Protocol):
    """How one sort of value is read."""

    def read(self, node: Node, notes: Notes) -> Any: ...

    def schema(self) -> dict[str, Any]: ...


def closest(word: str, known: "Mapping[str, object] | set[str] | list[str] | tuple[str, ...]") -> str:
    """A hint ' (did you mean …?)' when a known name is near, else the empty text; not looked for among very many."""
    if len(known) > MOST_COMPARED:
        return ""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def not_a(node: Node, wanted: str) -> str:
    if node.text == "" and not node.quoted:
        return f"a value is missing here: write {wanted}"
    return f"{wanted} is needed here, not {node.shape}"


@dataclass(frozen=True, slots=True)
class TextKind:
    """A text, checked and converted by `convert`, which raises ValueError with the sentence to show."""

    wanted: str
    convert: Callable[[str], Any] | None = None
    pattern: str | None = None

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text is None or (node.text == "" and not node.quoted):
            return notes.mistake(node.place, not_a(node, self.wanted))
        if self.convert is None:
            return Word(node.text.strip(), node.place)
        try:
            return self.convert(node.text.strip())
        except ValueError as error:
            return notes.mistake(node.place, str(error) or f"{self.wanted} is needed here, not '{node.text}'")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.wanted} | ({"pattern": self.pattern} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class OneWord:
    """One of a fixed list of words."""

    words: tuple[str, ...]

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text in self.words:
            return Word(node.text, node.place) if node.text is not None else BROKEN
        wanted = "one of: " + ", ".join(self.words)
        if not node.text:
            return notes.mistake(node.place, not_a(node, wanted))
        return notes.mistake(node.place, f"'{node.text}' is not known here: write {wanted}")

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class YesNo:
    """The word yes or the word no, as a bool."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text in ("yes", "no"):
            return node.text == "yes"
        return notes.mistake(
            node.place, f"write yes or no, not '{node.text}'" if node.text else not_a(node, "yes or no")
        )

    def schema(self) -> dict[str, Any]:
        return {"enum": ["yes", "no", True, False]}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; where `single` is set, one value alone is read as a list of one."""

    of: Kind
    single: bool = True
    least: int = 1

    def read(self, node: Node, notes: Notes) -> Any:
        if node.items is None:
            if not self.single:
                return notes.mistake(node.place, not_a(node, "a list"))
            value = self.of.read(node, notes)
            return BROKEN if value is BROKEN else (value,)
        if len(node.items) < self.least:
            return notes.mistake(node.place, "the list is empty: name at least one, or leave the key out")
        values = [self.of.read(item, notes) for item in node.items]
        return tuple(value for value in values if value is not BROKEN)

    def schema(self) -> dict[str, Any]:
        listed = {"type": "array", "items": self.of.schema(), "minItems": self.least}
        return {"anyOf": [self.of.schema(), listed]} if self.single else listed


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map from names that the author chooses to values of one kind, at most so many."""

    of: Kind
    name: re.Pattern[str] = NAME
    most: int = MOST_NAMES

    def read(self, node: Node, notes: Notes) -> Any:
        if node.entries is None:
            return notes.mistake(node.place, not_a(node, "a map of names"))
        if len(node.entries) > self.most:
            return notes.mistake(node.place, f"more than {self.most} entries: nobody can follow so many")
        values: dict[str, Any] = {}
        for key, (place, child) in node.entries.items():
            if not self.name.match(key):
                notes.mistake(place, f"'{key}' is no name: use small letters, digits and _, starting with a letter")
                continue
            value = self.of.read(child, notes)
            if value is BROKEN:
                notes.broken_names.add(key)
            else:
                values[Word(key, place)] = value
        return values

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "patternProperties": {self.name.pattern: self.of.schema()},
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: how its value is read, and whether it may be left out."""

    of: Kind
    required: bool = False
    called: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A map with known keys, read into a frozen dataclass.

    Keys are the dataclass's field names; `called` renames one that is a Python keyword. A dataclass with a field
    `place` is told where it stood. `fixed` are values that the record has by being this record; `shorthand` reads
    what is written instead of the map.
    """

    makes: Any
    keys: Mapping[str, Key]
    shorthand: Callable[[Node, Notes], Any] | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def read(self, node: Node, notes: Notes) -> Any:
        if node.entries is None:
            if self.shorthand is not None:
                return self.shorthand(node, notes)
            return notes.mistake(node.place, not_a(node, f"a map with {', '.join(list(self.keys)[:4])} …"))
        values: dict[str, Any] = dict(self.fixed)
        broken = False
        for key, (place, child) in node.entries.items():
            known = self.keys.get(key)
            if known is None:
                notes.mistake(place, f"'{key}' is not known here{closest(key, dict(self.keys))}{self._choice()}")
                continue
            value = known.of.read(child, notes)
            if value is BROKEN:
                broken = broken or known.required
            else:
                values[known.called or key] = value
        for key, known in self.keys.items():
            if known.required and key not in node.entries:
                notes.mistake(node.place, f"'{key}' is missing here")
                broken = True
        if broken:
            return BROKEN
        if "place" in self.makes.__dataclass_fields__:
            values["place"] = node.place
        return self.makes(**values)

    def _choice(self) -> str:
        """The keys that may stand here, where they are few enough to read."""
        return f": it may be {', '.join(self.keys)}" if len(self.keys) <= MOST_LISTED else ""

    def schema(self) -> dict[str, Any]:
        record = {
            "type": "object",
            "properties": {name: key.of.schema() for name, key in self.keys.items()},
            "required": [name for name, key in self.keys.items() if key.required],
            "additionalProperties": False,
        }
        return {"anyOf": [{"type": "string"}, record]} if self.shorthand else record


@dataclass(frozen=True, slots=True)
class ByKey:
    """A map whose meaning hangs on which of several keys it has (`done:`, `consent:`, `where:` …)."""

    shapes: Mapping[str, Kind]
    text: Kind | None = None
    listed: Kind | None = None

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text is not None and self.text is not None:
            return self.text.read(node, notes)
        if node.items is not None and self.listed is not None:
            return self.listed.read(node, notes)
        for key, kind in self.shapes.items():
            if node.entries is not None and key in node.entries:
                return kind.read(node, notes)
        wanted = "a map with one of the keys " + ", ".join(self.shapes)
        if node.entries:
            written = next(iter(node.entries))
            return notes.mistake(
                node.entries[written][0],
                f"'{written}' is not known here{closest(written, dict(self.shapes))}: {wanted} is needed",
            )
        return notes.mistake(node.place, not_a(node, wanted))

    def schema(self) -> dict[str, Any]:
        kinds = [kind for kind in (self.text, self.listed) if kind is not None]
        return {"anyOf": [kind.schema() for kind in [*kinds, *self.shapes.values()]]}


@dataclass(frozen=True, slots=True)
class Later:
    """A kind that refers to one defined further down (conditions hold conditions)."""

    kind: Callable[[], Kind]
    name: str

    def read(self, node: Node, notes: Notes) -> Any:
        return self.kind().read(node, notes)

    def schema(self) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self.name}"}
