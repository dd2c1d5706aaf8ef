"""What must always hold of the journal: rows follow from events, chains verify, closed values are unreadable."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from sop_engine.case import commands as cmd
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing, upkeep
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.sending import send
from sop_engine.store.database import LOCK_SECONDS, Unwritable, looking, open_database, writing
from tests.support.postgres import fresh_database
from tests.support.world import World


@pytest.fixture
def told(world: World) -> str:
    """A world in which one person's case has a few steps; gives its id."""
    operation = bar_rescue.tip_off(world.play)
    person = bar_rescue.persons(world.play, operation)[0][0]
    world.play.advance(person, "to_safety")
    run_once(world.inst)
    return person


def change(world: World, statement: str, **values: object) -> None:
    with writing(world.inst.engine) as connection:
        connection.execute(text(statement), values)


def test_an_edited_projection_is_found_and_put_right(world: World, told: str) -> None:
    change(world, "UPDATE standing SET holder = 'wcsc-jhapa' WHERE case_id = :case", case=told)
    change(world, "DELETE FROM held WHERE case_id = :case", case=told)
    assert upkeep.rebuild(world.inst, check=True).problems
    upkeep.rebuild(world.inst, check=False)
    assert upkeep.rebuild(world.inst, check=True).problems == []


def test_nothing_that_a_person_said_stands_readable_in_the_database(sqlite_world: World) -> None:
    play = sqlite_world.play
    operation = bar_rescue.tip_off(play)
    person = bar_rescue.persons(play, operation)[0][0]
    said = "Maya Canary of Lamahi"
    play.send(person, cmd.Note(id=new_id(), actor=actor_of(play.cast.worker("ahtb"))), {"note": said})
    play.record(person, "belongings", belongings_list=said)
    for file in (place for place in Path(sqlite_world.settings.home).rglob("*") if place.is_file()):
        assert said.encode() not in file.read_bytes()


def test_eight_threads_on_the_same_case_lose_and_double_nothing(world: World, told: str) -> None:
    before = world.play.case(told).seq
    actor = actor_of(world.play.cast.worker("wcsc-kathmandu"))
    problems: list[Exception] = []

    def write(thread: int) -> None:
        try:
            for number in range(5):
                send(world.inst, told, cmd.Note(id=f"note-{thread}-{number}", actor=actor), {"note": "a word"})
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert world.play.case(told).seq == before + 40
    assert upkeep.rebuild(world.inst, check=True).problems == []
    assert auditing.verify(world.inst).problems == []


def test_acknowledged_means_synchronised_to_disk(sqlite_world: World) -> None:
    with sqlite_world.inst.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    assert sqlite3.threadsafety > 0


def test_nobody_waits_for_a_lock_without_end_and_a_database_that_is_gone_is_told() -> None:
    url = fresh_database()
    engine = open_database(url)
    with looking(engine) as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == f"{LOCK_SECONDS}s"
    gone = open_database(url.replace("/test_", "/no_such_"))
    with pytest.raises(Unwritable), looking(gone):
        pass
    with pytest.raises(Unwritable), writing(gone):
        pass
