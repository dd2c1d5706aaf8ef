"""Conditions as a lawyer writes them, and their one translation into CEL (Common Expression Language).

A condition names facts and open values. A bare fact of yes, no and doubt holds unless it is no: doubt protects.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sop_engine.sop.reading import (
    BROKEN,
    ByKey,
    Kind,
    Later,
    ListOf,
    Notes,
    OneWord,
    TextKind,
    Word,
    closest,
    not_a,
)
from sop_engine.sop.source import Node, Place


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One node of a condition.

    `op` is all, any, none, bare, surely, one_of, has_any, has_all, period_over or period_running; `name` the fact,
    field or period; `values` the words compared with; `parts` the conditions inside.
    """

    op: str
    place: Place
    name: Word | None = None
    values: tuple[Word, ...] = ()
    parts: "tuple[Condition, ...]" = ()

    def names(self) -> set[str]:
        """Every fact, field and period that the condition reads."""
        own = {str(self.name)} if self.name is not None else set()
        return own.union(*(part.names() for part in self.parts))


WORD = TextKind("a word")
_WORDS = ListOf(WORD)


@dataclass(frozen=True, slots=True)
class ConditionKind:
    """Reads a condition in any of its forms."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text is not None:
            if node.text == "":
                return notes.mistake(node.place, not_a(node, "a condition"))
            return Condition("bare", node.place, Word(node.text, node.place))
        if node.items is not None:
            return _group("all", node, notes)
        entries = node.entries or {}
        if "track" in entries:
            return self._track(node, entries, notes)
        parts = [self._entry(key, place, value, notes) for key, (place, value) in entries.items()]
        if not parts:
            return notes.mistake(node.place, "the condition is empty: name a fact, or leave it out")
        if BROKEN in parts:
            return BROKEN
        return parts[0] if len(parts) == 1 else Condition("all", node.place, parts=tuple(parts))

    def _track(self, node: Node, entries: dict[str, tuple[Place, Node]], notes: Notes) -> Any:
        if set(entries) != {"track", "at"}:
            return notes.mistake(node.place, "a condition on a track is written {track: NAME, at: [STATE, …]}")
        name, states = WORD.read(entries["track"][1], notes), _WORDS.read(entries["at"][1], notes)
        if name is BROKEN or states is BROKEN:
            return BROKEN
        return Condition("one_of", node.place, Word(f"track.{name}", node.place), states)

    def _entry(self, key: str, place: Place, value: Node, notes: Notes) -> Any:
        if key in ("any_of", "none_of", "all_of"):
            return _group({"any_of": "any", "none_of": "none", "all_of": "all"}[key], value, notes)
        if key in ("surely", "period_over", "period_running"):
            name = WORD.read(value, notes)
            return BROKEN if name is BROKEN else Condition(key, place, name)
        name = Word(key, place)
        if value.entries is not None:
            for op in ("has_any", "has_all"):
                if set(value.entries) == {op}:
                    words = _WORDS.read(value.entries[op][1], notes)
                    return BROKEN if words is BROKEN else Condition(op, place, name, words)
            written = next(iter(value.entries), "")
            return notes.mistake(
                value.place,
                f"'{written}' is not known here{closest(written, ['has_any', 'has_all'])}: "
                "write a value, a list of values, has_any or has_all",
            )
        words = _WORDS.read(value, notes)
        return BROKEN if words is BROKEN else Condition("one_of", place, name, words)

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/condition"}


def _group(op: str, node: Node, notes: Notes) -> Any:
    items = node.items if node.items is not None else (node,)
    parts = [CONDITION.read(item, notes) for item in items]
    if not parts:
        return notes.mistake(node.place, "the list is empty: name at least one condition")
    return BROKEN if BROKEN in parts else Condition(op, node.place, parts=tuple(parts))


CONDITION: Kind = ConditionKind()


def condition_schema() -> dict[str, Any]:
    """The JSON Schema of a condition, referred to as `#/$defs/condition`."""
    words = {
        "anyOf": [
            {"type": ["string", "boolean", "number"]},
            {"type": "array", "items": {"type": ["string", "boolean", "number"]}},
        ]
    }
    inner = {"$ref": "#/$defs/condition"}
    has = {
        "type": "object",
        "properties": {"has_any": words, "has_all": words},
        "additionalProperties": False,
    }
    entry = {"anyOf": [words, has, inner, {"type": "array", "items": inner}]}
    return {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": inner},
            {"type": "object", "additionalProperties": entry},
        ]
    }


@dataclass(frozen=True, slots=True)
class Names:
    """What a condition may read: each name with its type.

    A type is `ynd` (a fact of yes, no, doubt), `choice`, `several`, `integer`, `text`, `rows` or `period`, with the
    words it can be.
    """

    types: dict[str, tuple[str, tuple[str, ...]]]

    def cel_type(self, name: str) -> str:
        kind = self.types[name][0]
        return {"integer": "int", "several": "list", "rows": "rows"}.get(kind, "string")


def to_cel(condition: Condition, names: Names, complain: Callable[[Place, str], None]) -> str:
    """The condition as CEL; a name or value that does not fit is told to `complain` and reads as false."""
    if condition.op in ("all", "any", "none"):
        parts = [f"({to_cel(part, names, complain)})" for part in condition.parts]
        if condition.op == "all":
            return " && ".join(parts)
        return " || ".join(parts) if condition.op == "any" else " && ".join(f"!{part}" for part in parts)
    name = str(condition.name)
    known = names.types.get(name)
    if known is None:
        complain(condition.place, f"'{name}' is no fact and no open field here{closest(name, dict(names.types))}")
        return "false"
    kind, words = known
    problem = _misfit(condition, kind, words)
    if problem:
        complain(condition.place, problem)
        return "false"
    if condition.op == "bare":
        return f'{name} != "no"'
    if condition.op == "surely":
        return f'{name} == "yes"'
    if condition.op in ("period_over", "period_running"):
        return f'{name} == "{condition.op.removeprefix("period_")}"'
    if condition.op in ("has_any", "has_all"):
        joined = " || " if condition.op == "has_any" else " && "
        return joined.join(f'"{word}" in {name}' for word in condition.values)
    if kind == "integer":
        return " || ".join(f"{name} == {word}" for word in condition.values)
    if len(condition.values) == 1:
        return f'{name} == "{condition.values[0]}"'
    return f"{name} in [" + ", ".join(f'"{word}"' for word in condition.values) + "]"


def _misfit(condition: Condition, kind: str, words: tuple[str, ...]) -> str | None:
    name, op = condition.name, condition.op
    if op in ("bare", "surely"):
        if kind != "ynd":
            return f"'{name}' is not a fact of yes, no and doubt: write '{name}: VALUE'"
        return None
    if op in ("period_over", "period_running"):
        return None if kind == "period" else f"'{name}' is no period of this SOP"
    if kind == "rows":
        return f"'{name}' is a list of rows: make a fact of it (as: count, or a rule with size)"
    if kind == "period":
        return f"'{name}' is a period: write period_over: {name} or period_running: {name}"
    if kind == "ynd":
        return f"'{name}' is a fact of yes, no and doubt: write it bare, in none_of, or as surely: {name}"
    if (kind == "several") != (op in ("has_any", "has_all")):
        return (
            f"'{name}' holds several values: write has_any or has_all"
            if kind == "several"
            else f"'{name}' holds one value: write '{name}: VALUE'"
        )
    if kind == "integer":
        wrong = [word for word in condition.values if not word.lstrip("-").isdigit()]
        return f"'{wrong[0]}' is no whole number" if wrong else None
    wrong = [word for word in condition.values if words and word not in words]
    if wrong:
        return f"'{name}' is never '{wrong[0]}'{closest(wrong[0], list(words))}: it can be {', '.join(words)}"
    return None


__all__ = ["CONDITION", "ByKey", "Condition", "Later", "Names", "OneWord", "condition_schema", "to_cel"]
