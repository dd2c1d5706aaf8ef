"""Whatever a page, a form or a procedure says is there in English and Nepali."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sop_engine.services.answers import countries
from sop_engine.sop.language import Text
from sop_engine.sop.loading import standard_library
from sop_engine.sop.procedure import Procedure
from tests.support.world import make_world
from web.layout import words

PAGES = sorted((Path(__file__).parents[1] / "web").rglob("templates/**/*.html"))
SHOWN = ("placeholder", "aria-label", "title", "alt", "label")
# What is the same in both languages: names of keys, codes of statistics, examples of what may be typed.
SAME = {"j / k", "Enter", "Shift Shift Shift", "n", "NP", "kappa", "AC2"}
PROCEDURES = standard_library().procedures


class _Bare(HTMLParser):
    """Words of a template that stand outside `{{ }}` and so are in one language only."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and (name in SHOWN or name.startswith("data-say")):
                self.note(value)

    def handle_data(self, data: str) -> None:
        self.note(data)

    def note(self, text: str) -> None:
        for piece in re.split(r"\s{2,}|·", text):
            bare = piece.strip(" \n,:;.()")
            if re.search(r"[A-Za-zऀ-ॿ]", bare) and bare not in SAME and not re.fullmatch(r"(BS )?[\d: -]+", bare):
                self.found.append(bare)


def bare_words(template: str) -> list[str]:
    # A comparison or a loop may stand inside a tag: what is not text is taken out before HTML is read.
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", template, flags=re.DOTALL)
    reader = _Bare()
    reader.feed(re.sub(r"\{\{.*?\}\}", "", plain, flags=re.DOTALL))
    return [one for one in reader.found if "=" not in one]


def test_a_bare_word_is_noticed() -> None:
    assert bare_words("<p>{{ _('Yes') }} Hello</p>") == ["Hello"]
    assert bare_words('<input aria-label="Name" placeholder="2026-01-31 · BS 2082-10-17 10:30">') == ["Name"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_word_of_a_page_is_marked(page: Path) -> None:
    assert bare_words(page.read_text(encoding="utf-8")) == []


def texts(said: Any, where: str = "") -> Iterator[tuple[str, Text]]:
    """Every sentence in a value and in what it holds."""
    if isinstance(said, Text):
        yield where, said
    elif isinstance(said, Mapping):
        for key, inner in said.items():
            yield from texts(inner, f"{where}.{key}")
    elif isinstance(said, list | tuple):
        for place, inner in enumerate(said):
            yield from texts(inner, f"{where}.{place}")
    elif is_dataclass(said):
        for one in fields(said):
            yield from texts(getattr(said, one.name), f"{where}.{one.name}")


def lacking(said: Any) -> list[str]:
    """Sentences without Nepali; a grade of one letter is the same in both."""
    return [f"{where}: {text.en}" for where, text in texts(said) if not text.ne and len(text.en) > 1]


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES.keys())
def test_every_sentence_of_a_procedure_has_its_nepali(procedure: Procedure) -> None:
    said = (procedure.sop, procedure.fields, procedure.forms, procedure.standards)
    assert lacking(said) == []


def test_every_agency_district_and_kind_of_the_directory_has_its_nepali(tmp_path: Path) -> None:
    assert lacking(make_world(tmp_path).inst.directory_now()) == []


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES.keys())
def test_every_paper_has_a_title(procedure: Procedure) -> None:
    papers = (
        (step, name, paper) for step in procedure.steps for name, paper in procedure.step_of(step).documents.items()
    )
    assert [f"{step}.{name}" for step, name, paper in papers if paper.title is None] == []


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES.keys())
def test_every_result_of_a_fact_that_is_shown_has_a_word(procedure: Procedure) -> None:
    shown = {name: fact for name, fact in procedure.sop.facts.items() if fact.title is not None}
    results = {str(one) for fact in shown.values() for one in (*(row.is_ for row in fact.first_of), fact.else_) if one}
    results |= {str(fact.missing) for fact in shown.values() if fact.missing is not None}
    wordless = {one for one in results if one not in words._WORDS and not one.isdigit()}
    assert wordless == set()


def spoken_twice(source: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """Where Python gives a sentence in both languages: the line, and what each of the two puts in."""
    for node in ast.walk(ast.parse(source)):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        both = {"refuse": slice(1, 3), "Text": slice(0, 2)}.get(name)
        if both is not None and isinstance(node, ast.Call) and len(node.args[both]) == 2:
            english, nepali = (_put_in(one) for one in node.args[both])
            yield node.lineno, english, nepali


def _put_in(said: ast.expr) -> list[str]:
    """What a sentence puts in, without the language in which it does."""
    holes = (ast.unparse(one.value) for one in ast.walk(said) if isinstance(one, ast.FormattedValue))
    alike = (re.sub(r"\.in_language\('ne'\)|\.en\b|_en\b|_ne\b|^en$|^ne$|\[[01]\]$", "", hole) for hole in holes)
    return sorted(re.sub(r" or '[^']+'$", "", hole) for hole in alike)


ENGINE = sorted((Path(__file__).parents[1] / "sop_engine").rglob("*.py"))


def test_a_sentence_that_puts_in_less_in_nepali_is_noticed() -> None:
    ((_, english, nepali),) = spoken_twice("""refuse("no", f"'{name}' is none", "यो होइन")""")
    assert english != nepali
    ((_, english, nepali),) = spoken_twice("""refuse("no", f"'{a.en}' is none", f"'{a.in_language('ne')}' होइन")""")
    assert english == nepali


@pytest.mark.parametrize("file", ENGINE, ids=lambda file: str(file.relative_to(ENGINE[0].parents[1])))
def test_sentences_of_the_engine_say_the_same_in_both_languages(file: Path) -> None:
    said = spoken_twice(file.read_text(encoding="utf-8"))
    assert [line for line, english, nepali in said if english != nepali] == []


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES.keys())
def test_every_criterion_and_every_name_is_said_in_nepali_letters(procedure: Procedure) -> None:
    said = (procedure.sop, procedure.fields, procedure.forms, procedure.standards)
    assert [
        f"{where}: {text.ne}" for where, text in texts(said) if text.ne and len(text.en) > 1 and not _nepali(text.ne)
    ] == []


def _nepali(text: str) -> bool:
    return bool(re.search(r"[ऀ-ॿ]", text))


def test_every_country_has_its_name_in_nepali() -> None:
    assert countries("ne").keys() == countries("en").keys()
    # Sark has no Nepali name in the data of Unicode yet.
    assert [code for code, name in countries("ne").items() if not _nepali(name)] == ["CQ"]
