"""Checking an installation and files: problems leave with 1, warnings with 0, shared forms are no broken procedure."""

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import make_url

from sop_engine.app import initialise, load_settings
from sop_engine.services.upkeep import line_to
from sop_engine.sop.loading import workflows
from tests.cli.program import Program
from tests.support.world import World


def test_an_old_sqlite_is_a_warning_and_no_problem(sqlite_world: World, sop_engine: Program) -> None:
    home = sqlite_world.settings.home
    said = sop_engine("doctor", "--home", home)
    assert (said.code, "0 problems" in said.out) == (0, True)
    old = sqlite3.sqlite_version_info < (3, 51, 3)
    assert ("warning: SQLite" in said.out) == old
    report = json.loads(sop_engine("doctor", "--home", home, "--json").out)
    told = [one for one in report["warnings"] if one.startswith("SQLite")]
    assert (report["problems"], len(told)) == ([], int(old))


def test_what_is_missing_of_a_new_installation_is_told(tmp_path: Path, sop_engine: Program) -> None:
    assert sop_engine("init", "--home", tmp_path).code == 0
    said = sop_engine("doctor", "--home", tmp_path)
    assert (said.code, "0 problems" in said.out) == (0, True)
    assert "warning: fewer than two administrators" in said.out
    assert "warning: nobody has said that copies of the epoch keys" in said.out


def test_a_letter_that_fails_is_a_problem(sqlite_world: World, sop_engine: Program) -> None:
    with sqlite3.connect(sqlite_world.settings.home / "sop-engine.db") as database:
        database.execute(
            "insert into outbox (id, created, tries, problem, body) values ('x', '2026-01-01', 3, 'no such', x'00')"
        )
    said = sop_engine("doctor", "--home", sqlite_world.settings.home)
    assert (said.code, "cannot be delivered: no such" in said.out) == (1, True)


def test_shared_forms_are_checked_as_shared_forms(sop_engine: Program) -> None:
    said = sop_engine("sop", "check", *sorted(workflows().glob("*.yaml")))
    assert (said.err, said.code) == ("", 0)
    assert "10 procedures and 1 files of shared forms are right" in said.out


def test_a_mistake_in_shared_forms_is_said_where_it_stands(sop_engine: Program, tmp_path: Path) -> None:
    file = tmp_path / "forms.yaml"
    field, form = "age: {type: integer, open: yes, title: Age}", "F-A: {title: A, sections: {fields: agge}}"
    file.write_text(f"fields:\n  {field}\nforms:\n  {form}\n")
    said = sop_engine("sop", "check", file)
    assert said.code == 1
    assert f"{file}:4:" in said.out
    assert "(did you mean 'age'?)" in said.out


def test_nobody_else_on_the_machine_enters_a_new_installation(tmp_path: Path) -> None:
    home = tmp_path / "installation"
    initialise(load_settings(home, {}))
    assert home.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("address", "wrong"),
    [("postgresql+psycopg://a@db.example/x", True), ("postgresql+psycopg://a@db.example/x?sslmode=require", True),
     ("postgresql+psycopg://a@db.example/x?sslmode=verify-full", False), ("postgresql+psycopg://a@localhost/x", False),
     ("postgresql+psycopg://a@/x?host=/var/run/postgresql", False), ("sqlite:///x.db", False),
     ("postgresql+psycopg://a@/x?host=db.example", True)],
)  # fmt: skip
def test_a_database_on_another_machine_must_prove_which_it_is(
    address: str, wrong: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert bool(line_to(make_url(address))) is wrong
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert line_to(make_url("postgresql+psycopg://a@db.example/x")) == []
