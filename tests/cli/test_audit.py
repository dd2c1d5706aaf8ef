"""An auditor, a witness and an operator each with files only; the check runs from one file that knows nothing of us."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sop_engine import audit
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.passing import run_once
from tests.cli.program import Program
from tests.support.world import World


@pytest.fixture
def home(sqlite_world: World) -> Path:
    operation = bar_rescue.tip_off(sqlite_world.play)
    bar_rescue.persons(sqlite_world.play, operation)
    run_once(sqlite_world.inst)
    return sqlite_world.settings.home


def check(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the check from a copy of its file, in a Python that cannot see this program."""
    alone = shutil.copy(audit.__file__, folder / "check.py")
    program = [sys.executable, "-I", alone, *map(str, words)]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)


def test_an_audit_says_how_much_it_checked(home: Path, sop_engine: Program) -> None:
    said = sop_engine("audit", "verify", "--home", home, "--json")
    report = json.loads(said.out)
    assert (said.code, report["problems"], report["checkpoints"]) == (0, [], 1)
    assert report["entries"] > report["checked"] > 10
    assert "0 problems" in sop_engine("audit", "verify", "--home", home).out


def test_a_witness_signs_by_files_and_the_auditor_sees_it(home: Path, tmp_path: Path, sop_engine: Program) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "log.pub").write_text(sop_engine("audit", "key", "--home", home).out)
    made = sop_engine("witness", "make-key", "ncrc", outside / "ncrc.key")
    (home / "audit" / "witnesses").write_text(made.out)
    assert (outside / "ncrc.key").stat().st_mode & 0o077 == 0

    (outside / "request").write_text(sop_engine("audit", "request", "--home", home).out)
    words = ("--key", outside / "ncrc.key", "--log", outside / "log.pub", "--signed", outside / "signed")
    signed = sop_engine("witness", "sign", outside / "request", *words)
    assert (signed.code, "Send" in signed.out) == (0, True), signed.err
    assert sop_engine("audit", "take-in", outside / "signed", "--home", home).out == "Signed by ncrc.\n"
    # The same again: it asks from the size that was signed.
    again = sop_engine("witness", "sign", outside / "request", *words)
    assert (again.code, "ask for a request that begins there" in again.err) == (1, True)

    assert sop_engine("audit", "export", outside / "history", "--home", home).code == 0
    shutil.copy(home / "audit" / "witnesses", outside / "witnesses")
    asked = ("history", "--log-key", "log.pub", "--witnesses", "witnesses", "--seen", "signed")
    found = check(outside, *asked)
    assert (found.returncode, "ncrc signed the first" in found.stdout) == (0, True), found.stdout + found.stderr

    whole = (outside / "history").read_text()
    (outside / "history").write_text(whole.replace('\\"agency\\":\\"ahtb\\"', '\\"agency\\":\\"ahtd\\"', 1))
    altered = check(outside, *asked)
    assert (altered.returncode, "was altered" in altered.stdout) == (1, True)
    (outside / "history").write_text("\n".join(whole.splitlines()[:-3]) + "\n")
    assert "its end was cut off" in check(outside, *asked).stdout


def test_an_export_holds_nothing_that_a_person_said(sqlite_world: World, home: Path, sop_engine: Program) -> None:
    sop_engine("audit", "export", home / "history", "--home", home)
    said = (home / "history").read_text()
    assert "B-01" not in said
    assert (home / "history").stat().st_mode & 0o077 == 0


def test_one_event_is_shown_to_be_in_the_log(sqlite_world: World, home: Path, sop_engine: Program) -> None:
    number = sqlite_world.play.case(bar_rescue.tip_off(sqlite_world.play)).number
    assert "not signed yet" in sop_engine("audit", "proof", number, 1, "--home", home).err
    assert "no event 99" in sop_engine("audit", "proof", number, 99, "--home", home).err
    sqlite_world.clock.wait(hours=1)
    run_once(sqlite_world.inst)
    shown = sop_engine("audit", "proof", number, 2, "--home", home).out
    (home / "proof").write_text(shown)
    asked = ("proof", "--proof", "--log-key", "audit/log.pub")
    assert check(home, *asked).returncode == 0
    (home / "proof").write_text(shown.replace("ahtb", "ahtd"))
    assert "not in the log" in check(home, *asked).stdout


@pytest.mark.parametrize("nonsense", ["", "{}", "[1]", "\0", "[" * 100_000, '{"format": "sop-engine-history/1"}'])
def test_what_is_no_export_is_answered_with_a_sentence(home: Path, nonsense: str) -> None:
    (home / "nonsense").write_text(nonsense)
    for more in ((), ("--proof",)):
        said = check(home, "nonsense", "--log-key", "audit/log.pub", *more)
        assert (said.returncode, "Traceback" in said.stderr, bool(said.stderr.strip())) == (2, False, True)


def test_a_broken_file_of_witnesses_is_answered_with_a_sentence(home: Path, sop_engine: Program) -> None:
    (home / "audit" / "witnesses").write_text("ncrc+0000+AAAA\n")
    said = sop_engine("audit", "verify", "--home", home)
    assert (said.code, "the key of 'ncrc' is not whole" in said.err) == (2, True)


def test_halves_of_two_keys_do_not_open_an_installation(home: Path, sop_engine: Program) -> None:
    (home / "audit" / "log.pub").write_text("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8\n")
    said = sop_engine("doctor", "--home", home)
    assert (said.code, "are not of one key" in said.err) == (3, True)


def test_after_an_older_state_was_put_back_a_new_log_begins(
    sqlite_world: World, home: Path, sop_engine: Program
) -> None:
    old = sop_engine("audit", "key", "--home", home).out
    latest = home / "audit" / "latest"
    body, _, signatures = latest.read_text().partition("\n\n")
    assert signatures
    with sqlite3.connect(home / "sop-engine.db") as database:
        database.execute("DELETE FROM checkpoint")
        database.execute("DELETE FROM unfolded")
        (case,) = database.execute("SELECT case_id FROM log ORDER BY position DESC LIMIT 1").fetchone()
        for table in ("journal", "standing", "log", "access", "held", "item", "finding", "awaited", "vault"):
            database.execute(f"DELETE FROM {table} WHERE case_id = ?", (case,))
    assert "an older state was put back" in sop_engine("audit", "verify", "--home", home).out
    said = sop_engine("audit", "begin-anew", "--yes", "--home", home)
    assert (said.code, old.strip() in said.out) == (0, False)
    (kept,) = (home / "audit").glob("until-*")
    assert (kept / "latest").read_text().startswith(body)
    assert sop_engine("audit", "request", "--home", home).code == 1
