"""Keys turn while work goes on: nothing is lost, nothing old opens any more, and what is wrong is told."""

import os
import stat
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from sop_engine.app import initialise, installation, load_settings
from sop_engine.case import commands as cmd
from sop_engine.cli import starting
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing, epochs, upkeep
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.sending import Done, send
from sop_engine.store import keys, sealing, tables, vault
from sop_engine.store.database import looking
from sop_engine.store.epochs import CannotTurn, InEnvironment, InFiles, WithProgram
from sop_engine.store.sealing import VaultLocked
from tests.support.world import World

GOOD = bytes(range(32)).hex()


def lived(world: World) -> None:
    operation = bar_rescue.tip_off(world.play)
    bar_rescue.persons(world.play, operation)
    run_once(world.inst)


def values(world: World) -> dict[tuple[str, int, str], bytes]:
    """Every closed value as the keys of today open it."""
    with looking(world.inst.engine) as connection:
        opened = world.inst.keys.subjects(connection, None)
        rows = connection.execute(select(tables.vault)).all()
    return {(row.case_id, row.seq, row.field): vault.opened(opened[row.subject], row) for row in rows}


def test_a_new_epoch_wraps_every_key_anew_and_every_value_still_opens(world: World) -> None:
    lived(world)
    before = values(world)
    assert before
    assert epochs.begin(world.inst) == 2
    assert values(world) == before, "between the beginning and the wrapping anew"
    with looking(world.inst.engine) as connection:
        count = len(connection.execute(select(tables.subject_key)).all())
    assert epochs.rewrap_all(world.inst) == count
    assert values(world) == before
    with looking(world.inst.engine) as connection:
        assert {row.epoch for row in connection.execute(select(tables.subject_key))} == {2}
        assert {row.epoch for row in connection.execute(select(tables.agency_key))} == {2}
    assert auditing.verify(world.inst).problems == []


def test_who_knows_the_agencies_keys_of_the_new_epoch_opens_nothing_of_the_old(world: World) -> None:
    lived(world)
    with looking(world.inst.engine) as connection:
        old = connection.execute(select(tables.subject_key)).all()
    epochs.begin(world.inst)
    epochs.rewrap_all(world.inst)
    with looking(world.inst.engine) as connection:
        for row in old:
            key = world.inst.keys._agency(connection, row.agency, 2)
            with pytest.raises(VaultLocked):
                sealing.unseal(key, row.wrapped, f"subject/{row.subject}/{row.agency}/1")


def work_until(world: World, moment: datetime) -> int:
    """Let the worker see the time go by; gives how much it did."""
    done = 0
    while world.clock.now < moment:
        world.clock.now = min(world.clock.now + timedelta(days=6), moment)
        done += epochs.turn(world.inst)
    return done


def test_a_clock_that_leaps_destroys_no_key(world: World) -> None:
    """It is set right, and nothing was lost; or somebody says that the machine was off and its clock is right."""
    lived(world)
    inst, days = world.inst, world.inst.epoch_lasts.days
    first = InFiles(Path(world.settings.keys), None).place(1)
    begun = epochs.of_installation(inst)[0].begun
    epochs.keep_copies(inst)
    work_until(world, begun + timedelta(days=days))
    right = world.clock.now
    for wrong in (right + timedelta(days=365), right - timedelta(days=3)):
        world.clock.now = wrong
        epochs.turn(inst)
        assert first.is_file()
        assert [one for one in upkeep.doctor(inst).warnings if "--clock-is-right" in one]
    world.clock.now = right + timedelta(days=1)
    epochs.turn(inst)
    assert [one for one in upkeep.doctor(inst).warnings if "--clock-is-right" in one] == []
    world.clock.now = right + timedelta(days=days + 1)
    epochs.turn(inst)
    assert first.is_file()
    epochs.turn(inst, sure=True)
    assert not first.exists()
    assert values(world)


def test_the_old_key_is_destroyed_a_length_after_its_epoch_is_over_and_not_before(world: World) -> None:
    lived(world)
    inst, days = world.inst, world.inst.epoch_lasts.days
    files = InFiles(Path(world.settings.keys), None)
    with looking(inst.engine) as connection:
        begun, promised = keys.epochs(connection)[0].begun, epochs.gone_from_backups(inst, connection)
    work_until(world, begun + timedelta(days=days, minutes=-1))
    assert epochs.keep_copies(inst) == 2
    assert epochs.turn(inst) == 0
    assert work_until(world, begun + timedelta(days=days)) > 1
    assert files.place(1).is_file()
    work_until(world, begun + timedelta(days=2 * days, minutes=-1))
    assert files.place(1).is_file()
    work_until(world, begun + timedelta(days=2 * days))
    assert not files.place(1).exists()
    assert promised == world.clock.now + timedelta(days=1)
    (first, *_) = epochs.of_installation(inst)
    assert first.destroyed == world.clock.now
    assert values(world)
    assert [one for one in upkeep.doctor(inst).warnings if "destroyed" in one] == []


def test_a_second_process_goes_on_reading_and_writing_when_an_epoch_begins_beside_it(world: World) -> None:
    lived(world)
    other = installation(world.settings, world.clock)
    with looking(other.engine) as connection:
        assert other.keys.current(connection) == 1
    epochs.begin(world.inst)
    epochs.rewrap_all(world.inst)
    before = values(world)
    world.play.inst = other
    bar_rescue.tip_off(world.play)
    assert values(world).items() > before.items()
    with looking(other.engine) as connection:
        assert {row.epoch for row in connection.execute(select(tables.subject_key))} == {2}


def test_the_database_refuses_a_key_that_is_wrapped_by_one_that_is_gone(world: World) -> None:
    epochs.begin(world.inst)
    epochs.rewrap_all(world.inst)
    row = {"subject": "somebody", "agency": "ahtb", "epoch": 1, "wrapped": b"x"}
    with pytest.raises(IntegrityError), world.inst.engine.begin() as connection:
        connection.execute(insert(tables.subject_key).values(row))


def test_a_begun_epoch_whose_transaction_failed_is_begun_again(world: World) -> None:
    assert InFiles(Path(world.settings.keys), None).place(2).is_file(), "a key is made an epoch ahead"
    assert epochs.begin(world.inst) == 2
    assert InFiles(Path(world.settings.keys), None).place(3).is_file()


def test_a_person_gets_another_key_and_the_old_one_opens_nothing(world: World) -> None:
    lived(world)
    before = values(world)
    with looking(world.inst.engine) as connection:
        old = world.inst.keys.subjects(connection, None)
        subjects = {row.subject for row in connection.execute(select(tables.vault.c.subject))}
    for subject in subjects:
        assert epochs.renew(world.inst, subject)
    assert values(world) == before
    assert auditing.verify(world.inst).problems == []
    with looking(world.inst.engine) as connection:
        for row in connection.execute(select(tables.vault)):
            with pytest.raises(VaultLocked):
                sealing.unseal(old[row.subject], row.sealed, f"vault/{row.subject}/{row.case_id}/{row.seq}/{row.field}")
    assert not epochs.renew(world.inst, "nobody")


def test_a_second_process_seals_with_the_new_key_of_a_person_at_once(world: World) -> None:
    lived(world)
    other = installation(world.settings, world.clock)
    with looking(other.engine) as connection:
        opened = other.keys.subjects(connection, None)
        for subject in opened:
            other.keys.subject(connection, subject)
    for subject in opened:
        epochs.renew(world.inst, subject)
    world.play.inst = other
    with looking(other.engine) as connection:
        for subject in opened:
            assert other.keys.subject(connection, subject) not in (None, opened[subject])


def test_keys_come_from_the_environment(tmp_path: Path) -> None:
    said = {"SOP_ENGINE_KEYS": "environment", "SOP_ENGINE_EPOCH_KEYS": f"1:{GOOD}"}
    settings = load_settings(tmp_path, said)
    initialise(settings)
    assert not list(tmp_path.rglob("epoch*"))
    inst = installation(settings)
    with pytest.raises(CannotTurn, match="add 2: and a new key"):
        epochs.begin(inst)
    more = load_settings(tmp_path, {**said, "SOP_ENGINE_EPOCH_KEYS": f"1:{GOOD} 2:{os.urandom(32).hex()}"})
    turned = installation(more)
    assert epochs.begin(turned) == 2
    epochs.rewrap_all(turned)
    with pytest.raises(VaultLocked, match="no key of epoch 2"):
        installation(settings)


def test_keys_come_from_a_program_that_speaks_with_a_key_service(tmp_path: Path) -> None:
    program = tmp_path / "service.py"
    program.write_text(
        "import os, pathlib, sys\n"
        f"what, place = sys.argv[1], pathlib.Path({str(tmp_path)!r}) / ('kept-' + sys.argv[2])\n"
        "if what == 'make': place.write_text(os.urandom(32).hex())\n"
        "elif what == 'destroy': place.unlink()\n"
        "elif place.exists(): print(place.read_text())\n"
        "else: sys.exit('no such key')\n"
    )
    settings = load_settings(tmp_path, {"SOP_ENGINE_KEYS": f"program {sys.executable} {program}"})
    initialise(settings)
    inst = installation(settings)
    assert epochs.begin(inst) == 2
    epochs.rewrap_all(inst)
    inst.keys.source.destroy(1)
    assert not (tmp_path / "kept-1").exists()
    with pytest.raises(VaultLocked, match="no such key"):
        inst.keys.source.get(1)
    with pytest.raises(VaultLocked, match="cannot be run"):
        WithProgram(("/nowhere/at/all",)).get(1)


@pytest.mark.parametrize("said", ["", "00" * 32, "ab" * 32, "0123456789abcdef" * 2, "no hexadecimal letters"])
def test_a_key_that_nobody_drew_at_random_is_refused(said: str) -> None:
    with pytest.raises(VaultLocked, match=r"no key of 32 random bytes|holds no key"):
        InEnvironment(f"1:{said}").get(1)
    assert InEnvironment(f"1:{GOOD}").get(1) == bytes(range(32))


def test_a_destroyed_key_file_is_written_over_before_it_goes(tmp_path: Path) -> None:
    files = InFiles(tmp_path / "keys", None)
    files.make(1)
    assert stat.S_IMODE(files.place(1).stat().st_mode) == 0o600
    content = files.place(1).read_bytes()
    os.link(files.place(1), tmp_path / "the same bytes")
    files.destroy(1)
    assert not files.place(1).exists()
    assert content.split(b"\n")[1] not in (tmp_path / "the same bytes").read_bytes()
    files.destroy(1)


def test_the_doctor_tells_of_keys_that_do_not_turn(sqlite_world: World) -> None:
    inst = sqlite_world.inst
    sqlite_world.clock.now = epochs.of_installation(inst)[0].begun + inst.epoch_lasts + timedelta(days=3)
    assert epochs.turn(inst) == 0, "no epoch begins while nobody keeps a copy of its key"
    assert any("nobody has said that copies" in one for one in upkeep.doctor(inst).warnings)
    epochs.keep_copies(inst)
    assert any("begin a new epoch" in one for one in upkeep.doctor(inst).warnings)
    assert epochs.turn(inst) > 0


def test_a_key_that_cannot_be_made_is_a_sentence() -> None:
    with pytest.raises(CannotTurn, match="let the service write to /proc/nowhere"):
        InFiles(Path("/proc/nowhere"), None).make(3)


def test_an_epoch_key_that_others_may_read_is_told_at_the_start(sqlite_world: World) -> None:
    epochs.begin(sqlite_world.inst)
    place = InFiles(Path(sqlite_world.settings.keys), None).place(2)
    place.chmod(0o644)
    assert any(str(place) in one for one in starting.faults(sqlite_world.inst, sqlite_world.settings, "192.0.2.7"))


def test_an_audit_names_where_the_clock_was_set_back(world: World) -> None:
    case = world.play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    note = cmd.Note(id=new_id(), actor=actor_of(world.play.cast.worker("wcsc-kathmandu")))
    assert auditing.verify(world.inst).closed.warnings == []
    world.clock.wait(days=-2)
    assert isinstance(send(world.inst, case, note, {"note": "a word"}), Done)
    audited = auditing.verify(world.inst)
    assert audited.problems == []
    assert [one for one in audited.closed.warnings if case in one and "set back" in one]


def test_doctor_tells_of_events_that_are_still_to_come(world: World) -> None:
    world.clock.wait(days=400)
    world.play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    world.clock.wait(days=-400)
    assert [one for one in upkeep.doctor(world.inst).problems if "still to come" in one]
