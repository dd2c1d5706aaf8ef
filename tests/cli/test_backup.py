"""A drill: an installation is copied while people write, and put back on another machine."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from sop_engine.case import commands as cmd
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.sending import send
from sop_engine.store.epochs import InFiles
from sop_engine.store.key_files import LOG_KEY, create_key_file
from tests.cli.program import Program
from tests.support.postgres import fresh_database, programs
from tests.support.world import World


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A case with a file, and the database's own programs of its version where the command looks for them."""
    monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SOP_ENGINE_DATABASE", world.settings.database)
    operation = bar_rescue.tip_off(world.play)
    bar_rescue.persons(world.play, operation)
    run_once(world.inst)
    return operation


def keys_to(world: World, machine: Path) -> None:
    """Carry the two keys to another machine, as an operator does with a stick."""
    (machine / "audit").mkdir(parents=True)
    shutil.copytree(world.settings.keys, machine / "keys")
    shutil.copy(world.inst.audit / "log.key", machine / "audit" / "log.key")


def elsewhere(world: World, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    postgresql = world.settings.database.startswith("postgresql")
    # Another machine has a server of its own, and a login that may do nothing but own its database.
    url = fresh_database(server=machine.name, owner="plain") if postgresql else f"sqlite:///{machine}/sop-engine.db"
    monkeypatch.setenv("SOP_ENGINE_DATABASE", url)


def test_a_copy_made_while_people_write_is_whole_on_another_machine(
    world: World, told: str, tmp_path: Path, sop_engine: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, actor = threading.Event(), actor_of(world.play.cast.worker("ahtb"))

    def write() -> None:
        while not stop.is_set():
            send(world.inst, told, cmd.Note(id=new_id(), actor=actor), {"note": "a word"})
            run_once(world.inst)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = sop_engine("backup", tmp_path / "copy", "--home", world.settings.home)
    finally:
        stop.set()
        writer.join()
    assert (made.code, "Not in it, and needed to use it" in made.out) == (0, True), made.err
    assert not list((tmp_path / "copy").rglob("*.key"))
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0

    machine = tmp_path / "machine"
    keys_to(world, machine)
    elsewhere(world, machine, monkeypatch)
    back = sop_engine("restore", tmp_path / "copy", "--home", machine)
    assert (back.code, "are back, 0 problems" in back.out) == (0, True), back.out + back.err
    again = sop_engine("restore", tmp_path / "copy", "--home", machine)
    assert (again.code, "nothing is written over it" in again.err) == (1, True)


def test_a_copy_without_its_keys_or_cut_off_is_not_put_back(
    world: World, told: str, tmp_path: Path, sop_engine: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sop_engine("backup", tmp_path / "copy", "--home", world.settings.home).code == 0
    assert "name a new folder" in sop_engine("backup", tmp_path / "copy", "--home", world.settings.home).err
    nothing_to_be_made = sop_engine("backup", "/proc/nothing", "--home", world.settings.home)
    assert (nothing_to_be_made.code, "name another folder" in nothing_to_be_made.err) == (1, True)
    machine = tmp_path / "machine"
    elsewhere(world, machine, monkeypatch)
    locked = sop_engine("restore", tmp_path / "copy", "--home", machine)
    assert (locked.code, "cannot be read" in locked.err) == (3, True)
    keys_to(world, machine)
    about = (tmp_path / "copy" / "about.json").read_text()
    # Keys of another installation are known before anything is written.
    for file, sentence in (("keys/epoch-1.key", "opens another installation"), ("audit/log.key", "is of another")):
        right = (machine / file).read_bytes()
        (machine / file).unlink()
        if file.startswith("keys"):
            InFiles(machine / "keys", None).make(1)
        else:
            create_key_file(machine / file, None, LOG_KEY)
        wrong = sop_engine("restore", tmp_path / "copy", "--home", machine)
        assert (wrong.code, sentence in wrong.err) == (1, True), wrong.err
        assert not (machine / "sop-engine.db").exists()
        (machine / file).write_bytes(right)
    (tmp_path / "copy" / "about.json").write_text("{}")
    empty = sop_engine("restore", tmp_path / "copy", "--home", machine)
    assert (empty.code, "lacks what was written" in empty.err) == (1, True)
    (tmp_path / "copy" / "about.json").unlink()
    cut = sop_engine("restore", tmp_path / "copy", "--home", machine)
    assert (cut.code, "no whole copy" in cut.err) == (1, True)
    # A copy that lost something since it was made says so.
    (tmp_path / "copy" / "about.json").write_text(about.replace('"events": ', '"events": 1'))
    short = sop_engine("restore", tmp_path / "copy", "--home", machine)
    assert (short.code, "the copy held 1" in short.out) == (1, True)
