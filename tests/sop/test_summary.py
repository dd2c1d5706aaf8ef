"""A procedure told in words: whole, in both languages, without a word of the machine."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from sop_engine.sop import phrases, summary, wording
from sop_engine.sop.diagram import diagram
from sop_engine.sop.language import Text
from sop_engine.sop.laws import cited, instruments
from sop_engine.sop.loading import load_text, standard_library, workflows
from sop_engine.sop.summary import Chapter, chapters
from sop_engine.sop.wording import Wording, condition
from sop_engine.store.directory import read_kinds

PROCEDURES = sorted(standard_library().procedures)
DOCS = Path(__file__).parents[2] / "docs"
FILES = [Path(str(wording.__file__)), *sorted(Path(str(summary.__file__)).parent.glob("*.py"))]


@cache
def kinds() -> Mapping[str, Text]:
    return read_kinds(workflows() / "directory" / "kinds.yaml")


def told(name: str, language: str = "en") -> list[Chapter]:
    library = standard_library().procedures
    titles = {other: procedure.sop.title for other, procedure in library.items()}
    return chapters(Wording(library[name], language, kinds(), titles))


def sentences(found: list[Chapter]) -> Iterator[str]:
    for chapter in found:
        yield chapter.title
        for line in chapter.lines:
            yield line.title
            for item in line.items:
                yield from (item.text, *item.points)


def example() -> Wording:
    text = (DOCS / "examples" / "missing-child.yaml").read_text(encoding="utf-8")
    return Wording(load_text(text, "missing-child.yaml")[0], "en", kinds())


def points(w: Wording, stage: str, heading: str, begins: str) -> tuple[str, ...]:
    """The particulars of one thing that is said of a stage."""
    chapter = next(one for one in chapters(w) if one.name == stage)
    line = next(one for one in chapter.lines if one.title == heading)
    return next(item.points for item in line.items if item.text.startswith(begins))


@pytest.mark.parametrize("name", PROCEDURES)
@pytest.mark.parametrize("language", ["en", "ne"])
def test_nothing_that_is_told_holds_a_word_of_the_machine(name: str, language: str) -> None:
    for sentence in sentences(told(name, language)):
        assert not re.search(r"\bNone:|: None$|[a-z]_[a-z]|[{}<>]|Word\(|\bsource:", sentence), sentence
        assert sentence == sentence.strip() != ""


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_stage_step_exit_form_and_consent_is_told(name: str) -> None:
    sop = standard_library().procedures[name].sop
    text = "\n".join(sentences(told(name)))
    wanted = [stage.title.en for stage in sop.stages.values()]
    wanted += [step.title.en for _, step in sop.all_steps().values()]
    wanted += [exit_.title.en for stage in sop.stages for exit_ in sop.exits(str(stage)).values()]
    wanted += [consent.text.en for consent in sop.consents.values()]
    wanted += [form.title.en for form in standard_library().procedures[name].forms.values()]
    wanted += [rule.text.en for stage in sop.stages.values() for rule in stage.rules]
    wanted += [one.title.en for group in (sop.clocks, sop.periods, sop.tracks) for one in group.values()]
    assert [title for title in wanted if title not in text] == []


def test_every_phrase_has_its_nepali_and_no_other_stands_there() -> None:
    said = {text for file in FILES for text in _phrases(ast.parse(file.read_text(encoding="utf-8")))}
    assert said - set(phrases.NEPALI) == set()
    assert set(phrases.NEPALI) - said == {"model draft", "official"}


def _phrases(tree: ast.AST) -> Iterator[str]:
    """What is given to `say`, also by way of a name that holds one of several phrases."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
            yield from _texts(node.args[0])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id in ("phrase", "wanted"):
                yield from _texts(node.value)
            elif node.targets[0].id == "fixed" and isinstance(node.value, ast.Dict):
                yield from (text for value in node.value.values for text in _texts(value))
        elif isinstance(node, ast.arguments):
            yield from (text for value in node.defaults for text in _texts(value) if text in ("and", "or"))


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))


@pytest.mark.parametrize("english", sorted(phrases.NEPALI))
def test_the_nepali_of_a_phrase_holds_the_same_values(english: str) -> None:
    assert set(re.findall(r"\{\w\}", phrases.NEPALI[english])) == set(re.findall(r"\{\w\}", english))


def test_a_lapse_tells_who_takes_over_and_when() -> None:
    assert points(example(), "search", "Ways on", "Time is over. The council leads") == (
        "who holds the case did nothing in time: only National Child Rights Council may move it on",
        "then accountable: National Child Rights Council",
        "not before the deadline of the stage is over",
        "a reason is written down",
    )


def test_an_exit_tells_what_it_requires_and_who_signs() -> None:
    w = example()
    assert "requires: The home is safe: Yes; otherwise: “The home is not safe.”" in points(
        w, "found", "Ways on", "Take the child home"
    )
    stop = points(w, "wide_search", "Ways on", "Nothing more can be done now")
    assert "requires: “Ask everywhere” is recorded on 4 different days" in stop
    assert "a second person signs before: Supervisor of who holds the case" in stop


def test_a_stage_tells_how_it_is_taken_over_and_who_is_told() -> None:
    chapter = next(one for one in chapters(example()) if one.name == "found")
    lines = {line.title: [item.text for item in line.items] for line in chapter.lines}
    assert lines["Taking over"][0].startswith("by an offer, answered within 1 hour")
    assert "24 hours after the deadline: the committee of the district" in lines["Who is told"]


def test_a_source_is_told_by_the_title_of_its_law_and_article() -> None:
    assert cited("children-rules-2078/68", "en") == "Children Rules 2078, rule 68"
    assert cited("crc/12", "en") == "Convention on the Rights of the Child, article 12"
    assert cited("crc/12", "ne").endswith("धारा 12")
    assert cited("somewhere-else/1", "en") == "somewhere-else/1"


def test_every_instrument_that_a_procedure_cites_is_known() -> None:
    text = "\n".join(sentence for name in PROCEDURES for sentence in sentences(told(name)))
    assert re.findall(r"(?:law|guideline): ([a-z][a-z0-9-]*-\d{4})", text) == []
    assert "who-2003" in instruments()


def test_none_of_some_is_each_of_them_denied() -> None:
    w = example()
    only_if = w.procedure.sop.stages["reported"].go["not_a_child"].only_if
    assert only_if is not None
    assert condition(w, only_if) == "under 18 years: surely not"


@pytest.mark.parametrize("narrow", [False, True])
def test_no_heading_of_a_picture_is_cut(narrow: bool) -> None:
    for procedure in standard_library().procedures.values():
        drawn = diagram(procedure, "en", narrow, kinds())
        words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn))
        parts = {str(stage.accountable.parts()[0]) for stage in procedure.sop.stages.values()}
        for part in parts:
            assert wording.lane_title(procedure, part, "en", kinds()) in words, f"{procedure.name}: {part}"
