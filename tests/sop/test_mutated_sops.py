"""The procedures of workflows/ broken in one place each, and that every rule of the checker is broken by some SOP."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import sop_engine.sop.lint
from sop_engine.sop.lint.between import between
from sop_engine.sop.loading import load_folder, load_shared, load_text, standard_library, texts_beside, workflows
from sop_engine.sop.source import BrokenSop, Mistake

HERE = Path(__file__).parent
MUTATED: list[dict[str, Any]] = yaml.safe_load((HERE / "mutated.yaml").read_text(encoding="utf-8"))
BROKEN: list[dict[str, Any]] = yaml.safe_load((HERE / "broken.yaml").read_text(encoding="utf-8"))
BESIDE = texts_beside(workflows())
MARK = "‸"


def mistakes_of(name: str, text: str) -> list[Mistake]:
    """The mistakes of one file, alone or, where it is right alone, among all procedures."""
    try:
        if name == "forms":
            load_shared(text, "forms.yaml")
            return []
        procedure, _ = load_text(text, f"{name}.yaml", BESIDE)
    except BrokenSop as broken:
        return broken.mistakes
    return sorted(between({**standard_library().procedures, name: procedure}))


def place_of_mark(text: str, at: str) -> str:
    """LINE:COLUMN of the mark in words that stand once in the text."""
    before, _, after = at.partition(MARK)
    assert text.count(before + after) == 1, f"{at!r} does not stand once in the text"
    lines = text[: text.index(before + after) + len(before)].split("\n")
    return f"{len(lines)}:{len(lines[-1]) + 1}"


@pytest.mark.parametrize("mutated", MUTATED, ids=lambda one: f"{one['file']}: {one['mistakes'][0]['says'][:60]}")
def test_a_real_procedure_broken_in_one_place_is_refused_there(mutated: dict[str, Any]) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in workflows().glob("*.yaml")}
    file = f"{mutated['file']}.yaml"
    assert texts[file].count(mutated["change"]) == 1
    texts[file] = texts[file].replace(mutated["change"], mutated["to"])
    told_in = mutated.get("told_in", mutated["file"]) + ".yaml"
    places = [place_of_mark(texts[told_in], one["at"]) for one in mutated["mistakes"]]
    expected = [f"{told_in}:{place}: {one['says']}" for place, one in zip(places, mutated["mistakes"], strict=True)]
    assert list(map(str, mistakes_of(mutated["file"], texts[file]))) == expected


def test_two_files_with_one_name_are_refused(tmp_path: Path) -> None:
    small = (HERE / "small.yaml").read_text(encoding="utf-8")
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(small, encoding="utf-8")
    with pytest.raises(BrokenSop) as caught:
        load_folder(tmp_path)
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        f"{tmp_path / 'two.yaml'}:1:6: another file is called 'lost-property' too: rename one"
    ]


OPEN_HERE = "'helps' is open here and closed in other: make it the same in both"


def test_a_field_that_is_carried_is_open_in_both_procedures_or_in_none() -> None:
    small = (HERE / "small.yaml").read_text(encoding="utf-8")
    ends = "        ends: dropped\n"
    spawn = f"{ends}        spawn: {{name: more, sop: other, at: reported, carry: [helps]}}\n"
    ours = small.replace(ends, spawn)
    theirs = small.replace("sop: lost-property", "sop: other").replace("open: yes, cooperation: yes", "class: story")
    procedures = {name: load_text(text, f"{name}.yaml")[0] for name, text in (("ours", ours), ("other", theirs))}
    assert [one.message for one in between(procedures)] == [OPEN_HERE]


def sentences_of_the_checker() -> Iterator[tuple[str, str]]:
    """Every sentence in the checker's modules: where it stands, and a pattern of what it can become."""
    for path in sorted(Path(sop_engine.sop.lint.__path__[0]).glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
        docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            said = [part.value if isinstance(part, ast.Constant) else None for part in parts]
            words = "".join(word for word in said if isinstance(word, str))
            if id(node) not in inside and words.count(" ") > 3 and words not in docstrings:
                pattern = "".join(".*" if word is None else re.escape(str(word)) for word in said)
                yield f"{path.name}:{node.lineno}", pattern


def test_every_rule_of_the_checker_is_broken_by_some_sop() -> None:
    told = [str(says) for broken in BROKEN for says in broken["mistakes"]]
    told += [str(one["says"]) for mutated in MUTATED for one in mutated["mistakes"]]
    told.append(OPEN_HERE)
    unbroken = [f"{where}: {pattern}" for where, pattern in sentences_of_the_checker() if not _some(pattern, told)]
    assert not unbroken, "\n".join(unbroken)


def _some(pattern: str, told: list[str]) -> bool:
    return any(re.search(pattern, says, flags=re.DOTALL) for says in told)
