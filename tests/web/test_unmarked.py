"""No sentence of a page is in one language only: what Python says to people is marked, or stands here with a reason."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
# Each of the two holds one table whose English half is looked up, and a test of its own sees to the Nepali half.
TABLES = {"layout/mistakes.py", "layout/times.py"}
# The API is described in English, to those who write programs; what it refuses it says in both languages.
FOR_PROGRAMS = "api/"
FILES = [
    file
    for file in sorted(WEB.rglob("*.py"))
    if (name := str(file.relative_to(WEB))) not in TABLES and not name.startswith(FOR_PROGRAMS)
]
MARKS = {"gettext", "lazy_gettext"}
# Whoever is addressed here reads no page.
NOT_SHOWN = {"error", "warning", "info", "debug", "compile", "match", "fullmatch", "search", "sub", "split", "strftime"}
WORDS = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}|^[A-Z][a-z]+[.:]?$")
# What reads like words and is none of a page.
ALLOWED = {
    **dict.fromkeys(("Lax", "public, max-age=31536000, immutable", 'attachment; filename="'), "of a header"),
    "sandbox; default-src 'none'; frame-ancestors 'none'": "of a header",
    **dict.fromkeys(("Cc", "Cf", "Co", "Cn", "Zl", "Zp"), "kinds of letters, as Unicode names them"),
    "model draft": "the standing of a procedure as its file says it; pages have a word for it",
    "This site does not answer to that name.\n": "before any language is known; for whoever set up the server",
}


def unmarked(source: str) -> list[str]:
    """Literals that read like words of a page and are not marked for translation."""
    tree = ast.parse(source)
    left_out = set(_left_out(tree))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in left_out
        and WORDS.search(node.value)
        and node.value not in ALLOWED
    ]


def _left_out(tree: ast.AST) -> Iterator[int]:
    """Literals that are marked, or that nobody reads on a page: docstrings, patterns, lines of a log, exceptions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _name(node.func) in MARKS | NOT_SHOWN):
            yield from (id(inner) for inner in ast.walk(node) if isinstance(inner, ast.Constant))


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def test_an_unmarked_sentence_is_noticed() -> None:
    assert unmarked('tell("The note is kept.", "done")') == ["The note is kept."]
    assert unmarked('said = f"It was sent to {name}"') == ["It was sent to "]
    assert unmarked('return "Signed"') == ["Signed"]
    assert (
        unmarked('"""A docstring says it."""\ntell(gettext("The note is kept."), "done")\nlog.error("It broke at %s")')
        == []
    )
    assert unmarked('raise ValueError("not of ours")') == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(WEB)))
def test_what_python_says_to_people_is_marked(file: Path) -> None:
    assert unmarked(file.read_text(encoding="utf-8")) == []
