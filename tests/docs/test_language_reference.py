"""The reference lists the words of each record of the grammar, record by record, and no word that the grammar lacks."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sop_engine.sop import grammar
from sop_engine.sop.reading import BROKEN, ByKey, Kind, Later, ListOf, MapOf, Notes, Record
from sop_engine.sop.source import Node, parse

REFERENCE = (Path(__file__).parents[2] / "docs" / "sop-language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", REFERENCE, flags=re.DOTALL | re.MULTILINE)
HEADER = "| word | what it means | value | left out |"


def records(kind: Any, seen: set[int]) -> Iterator[Record]:
    """Every record that can be read below a kind, each once."""
    if id(kind) in seen:
        return
    seen.add(id(kind))
    inner: list[Any] = []
    if isinstance(kind, Record):
        yield kind
        inner = [key.of for key in kind.keys.values()]
    elif isinstance(kind, ListOf | MapOf):
        inner = [kind.of]
    elif isinstance(kind, ByKey):
        inner = [*kind.shapes.values(), kind.text, kind.listed]
    elif isinstance(kind, Later):
        inner = [kind.kind()]
    for one in inner:
        yield from records(one, seen)


def all_records() -> list[Record]:
    seen: set[int] = set()
    return [*records(grammar.SOP, seen), *records(grammar.SHARED_FORMS, seen)]


def words_of_the_grammar() -> dict[str, set[str]]:
    """The words of each thing that is read; several shapes of one thing, such as of a requirement, count together."""
    words: dict[str, set[str]] = {}
    for record in all_records():
        words.setdefault(record.makes.__name__, set()).update(record.keys)
    return words


def reads(kind: Kind, node: Node) -> bool:
    notes = Notes("example")
    return kind.read(node, notes) is not BROKEN and not notes.mistakes


def tables_of_the_reference() -> list[set[str]]:
    """The words of each table of words, as they stand in backticks at the start of its rows."""
    tables: list[set[str]] = []
    inside = False
    for line in REFERENCE.splitlines():
        if line == HEADER:
            inside = True
            tables.append(set())
        elif not line.startswith("|"):
            inside = False
        elif inside and (row := re.match(r"\| `([^`]+)` \| \S", line)):
            tables[-1].add(row[1])
    return tables


WORDS = words_of_the_grammar()
TABLES = tables_of_the_reference()


@pytest.mark.parametrize("thing", WORDS)
def test_every_word_of_the_grammar_has_its_row_in_a_table_of_its_own_record(thing: str) -> None:
    nearest = max(TABLES, key=lambda table: len(table & WORDS[thing]) - len(table ^ WORDS[thing]))
    lacking, unknown = sorted(WORDS[thing] - nearest), sorted(nearest - WORDS[thing])
    assert WORDS[thing] in TABLES, f"{thing}: write rows for {lacking}; the grammar does not know {unknown}"


def test_no_word_is_explained_that_the_grammar_does_not_know() -> None:
    known = set().union(*WORDS.values())
    unknown = sorted(set().union(*TABLES) - known)
    assert not unknown, f"The grammar does not know: {', '.join(unknown)}"
    strays = [sorted(table) for table in TABLES if table not in WORDS.values()]
    assert not strays, f"These tables are those of no record: {strays}"


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_small_example_is_read_as_a_value_of_some_word(number: int) -> None:
    node, mistakes = parse(EXAMPLES[number], "example")
    assert mistakes == []
    kinds = [(word, key.of) for record in all_records() for word, key in record.keys.items()]
    if node.entries is None:
        assert any(reads(kind, node) for _, kind in kinds)
        return
    for word, (_, value) in node.entries.items():
        assert any(reads(kind, value) for known, kind in kinds if known == word), word


def test_every_row_says_what_holds_when_the_word_is_left_out() -> None:
    inside, short = False, []
    for line in REFERENCE.splitlines():
        inside = line == HEADER or (inside and line.startswith("|"))
        cells = re.split(r"(?<!\\)\|", line)[1:-1] if inside else []
        if cells and (len(cells) != 4 or not all(cell.strip() for cell in cells)):
            short.append(line[:60])
    assert not short, "\n".join(short)


def test_every_list_of_fixed_words_is_named_in_full() -> None:
    lists = (grammar.FIELD_TYPES, grammar.CLASSES, grammar.CLOSING_REASONS, grammar.FACT_MAKERS, grammar.SUBJECTS)
    lacking = [word for words in lists for word in words if f"`{word}`" not in REFERENCE]
    assert not lacking, f"Explain: {', '.join(lacking)}"
