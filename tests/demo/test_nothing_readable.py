"""The demonstration as a thief finds it: database, files, export and backup hold nothing by which anybody is known."""

import json
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from sop_engine.app import Settings, installation
from sop_engine.demo.build import CROWD
from sop_engine.services import auditing, copying
from sop_engine.services.installation import Installation
from sop_engine.sop.loading import workflows
from sop_engine.store import tables, vault
from sop_engine.store.database import looking
from tests.support.demonstration import A_FEW, UNTIL, demonstration
from tests.support.told import words_of

GREP = shutil.which("grep") or ""


def said(inst: Installation) -> set[str]:
    """Every name, number and sentence of the vault, and each long word of a name; without what procedures say."""
    public = "\n".join(file.read_text(encoding="utf-8") for file in workflows().rglob("*") if file.is_file())
    found = set[str]()
    with looking(inst.engine) as connection:
        keys = inst.keys.subjects(connection, None)
        for row in connection.execute(select(tables.vault)):
            for text in words_of(vault.opened(keys[row.subject], row)):
                is_name = row.field.endswith(("name", "names"))
                found |= {text, *(word for word in text.split() if is_name and len(word) > 4)}
    known = {one for one in found if " " in one or re.search(r"\d{7}", one) or len(one) > 4}
    return {one for one in known if one not in public and not re.fullmatch(r"[a-z0-9_:.\-]+|NP-.*|[A-Z]{2}\d*", one)}


def as_thieves_find_it(settings: Settings, inst: Installation, place: Path) -> list[Path]:
    """A dump, every file of the installation but its keys, an export of the history, and a backup."""
    place.mkdir()
    copying.copy_out(inst, place / "backup")
    with (place / "export").open("w", encoding="utf-8") as file:
        assert auditing.export(inst, file) > 100
    inst.engine.dispose()
    with closing(sqlite3.connect(settings.home / "sop-engine.db")) as database:
        (place / "dump").write_text("\n".join(database.iterdump()), encoding="utf-8", errors="surrogateescape")
    files = [file for folder in (settings.home, place) for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if Path(settings.keys) not in file.parents]


def read_in(files: list[Path], words: set[str], place: Path) -> set[str]:
    """Those of the words that stand in one of the files: as they are, or escaped as JSON does it."""
    forms = {form: word for word in words for form in (word, json.dumps(word)[1:-1])}
    patterns = place / "patterns"
    patterns.write_text("\n".join(form for form in forms if "\n" not in form), encoding="utf-8")
    said_by = subprocess.run(
        [GREP, "-a", "-o", "-h", "-F", "-f", patterns, *files], check=False, capture_output=True, env={"LC_ALL": "C"}
    )
    assert said_by.returncode in (0, 1), said_by.stderr
    return {forms[line] for line in said_by.stdout.decode("utf-8", "replace").splitlines() if line in forms}


@pytest.mark.skipif(not GREP, reason="there is no grep here")
@pytest.mark.parametrize("crowd", [A_FEW, pytest.param(CROWD, marks=pytest.mark.slow)])
def test_nobody_is_known_by_what_a_thief_finds(tmp_path: Path, crowd: int) -> None:
    settings = demonstration(tmp_path / "home", crowd)
    inst = installation(settings, lambda: UNTIL)
    words = said(inst)
    assert len(words) > 300
    place = tmp_path / "found"
    files = as_thieves_find_it(settings, inst, place)
    assert any("documents" in file.parts for file in files)
    assert read_in(files, words, tmp_path) == set()
    print(f"values of the demonstration: {len(words)}, files searched: {len(files)}, found: 0")
    # What is searched with can find: one name in one file is named.
    (place / "note").write_text(f"x{sorted(words)[0]}y", encoding="utf-8")
    assert read_in([*files, place / "note"], words, tmp_path) >= {sorted(words)[0]}
