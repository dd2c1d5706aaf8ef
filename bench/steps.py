"""A full acknowledged step through the services, against the same rows written by hand with the bare driver."""

import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from bench.figure import Figure, side_by_side
from bench.world import bench_world
from sop_engine.case import commands as cmd
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.recording import record_step
from sop_engine.services.sending import Done, send
from sop_engine.store.prepared import Prepared
from tests.support.world import World

TIMES = 60
CLIENTS = 8
ANSWERS = {
    "urgent_medical": "no", "pregnant": "unknown", "injuries": "no", "mental_distress": "some",
    "food_clothes_sleep": "yes", "children_with_person": "0", "interviewer_wish": "woman", "legal_aid_wanted": "yes",
}  # fmt: skip


def _sheltered(world: World) -> tuple[str, str, Any]:
    """A case at the intake of an adult, whose needs can be recorded again and again; its id, number and worker."""
    operation = bar_rescue.tip_off(world.play)
    person = bar_rescue.persons(world.play, operation)[0][0]
    world.play.advance(person, "to_safety")
    world.play.advance(person, "sort_done", birth_date="1998", part_played="presumed_victim")
    world.play.record(person, "offer_care")
    world.play.consent(person, "medical_care")
    case = world.play.advance(person, "medical_done_adult", bed_wing="women")
    return person, case.number, world.play.cast.worker(case.holder or "")


def _step(world: World, number: str, account: Any) -> Callable[[], None]:
    def act() -> None:
        world.clock.wait(seconds=1)
        answer = record_step(world.inst, account, number, "adult_needs", ANSWERS)
        assert isinstance(answer, Done), answer

    return act


def _written(world: World, act: Callable[[], None]) -> tuple[list[tuple[str, Any]], int]:
    """The writing statements of one step with their values, as the driver gets them, and how many there are in all."""
    seen: list[tuple[str, Any]] = []
    as_it_is = Prepared.run

    def noted(self: Prepared, connection: Any, values: Any) -> Any:
        sql, bound = self.compiled(connection)
        seen.append((sql, [bound(row) for row in values] if isinstance(values, list) else bound(values)))
        return as_it_is(self, connection, values)

    Prepared.run = noted  # type: ignore[method-assign]
    act()
    Prepared.run = as_it_is  # type: ignore[method-assign]
    return [pair for pair in seen if pair[0].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))], len(seen)


def step_sqlite() -> Figure:
    """On SQLite with synchronous=FULL."""
    with bench_world("sqlite") as world:
        _, number, account = _sheltered(world)
        act = _step(world, number, account)
        act()
        writes, statements = _written(world, act)
        by_hand = _sqlite_by_hand(world, writes)
        one_row = _sqlite_one_row(world)
        step, hand = side_by_side(act, by_hand, TIMES)
        _, single = side_by_side(lambda: None, one_row, TIMES)
        cpu = _cpu(act)
    more = {"one_row": single / step, "cpu_microseconds": cpu, "statements": statements}
    return Figure("step.sqlite", step, "seconds", hand, hand / step, more)


def _cpu(act: Callable[[], None]) -> float:
    begun = time.process_time()
    for _ in range(TIMES):
        act()
    return (time.process_time() - begun) / TIMES * 1e6


def _sqlite_by_hand(world: World, writes: list[tuple[str, Any]]) -> Callable[[], None]:
    """The same rows into tables of the same shape, by the bare driver, one transaction a step."""
    path = world.settings.home / "by-hand.db"
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    source = sqlite3.connect(world.settings.home / "sop-engine.db")
    for (sql,) in source.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"):
        connection.execute(sql)
    source.backup(connection)
    counter = iter(range(10**6, 10**9))

    def act() -> None:
        number = next(counter)
        connection.execute("BEGIN IMMEDIATE")
        for statement, parameters in writes:
            rows = parameters if isinstance(parameters, list) else [parameters]
            fresh = [_fresh(statement, row, number) for row in rows]
            connection.executemany(statement, fresh) if len(fresh) > 1 else connection.execute(statement, fresh[0])
        connection.execute("COMMIT")

    return act


def _fresh(statement: str, row: Any, number: int) -> Any:
    """The values of a row with a key that is not there yet: any whole number of an insert becomes a new one."""
    if not statement.lstrip().upper().startswith("INSERT"):
        return row
    if isinstance(row, dict):
        return {
            k: f"{v[:20]}{number}"
            if k == "command" or (k == "id" and isinstance(v, str))
            else number
            if k == "seq"
            else v
            for k, v in row.items()
        }
    return tuple(
        number if isinstance(v, int) and v > 1 else f"x{number}" if isinstance(v, str) and len(v) == 32 and n > 0 else v
        for n, v in enumerate(row)
    )


def _sqlite_one_row(world: World) -> Callable[[], None]:
    connection = sqlite3.connect(world.settings.home / "one-row.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")

    def act() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t (b) VALUES ('x')")
        connection.execute("COMMIT")

    return act


def step_postgresql() -> Figure:
    """On PostgreSQL with eight clients, each on a case of its own."""
    with bench_world("postgresql") as world:
        _, number, account = _sheltered(world)
        act = _step(world, number, account)
        act()
        writes, statements = _written(world, act)
        others = [_sheltered(world) for _ in range(CLIENTS)]
        ours = [_step(world, number, account) for _, number, account in others]
        hands = [_postgresql_by_hand(world, writes, client) for client in range(CLIENTS)]
        step, hand = side_by_side(lambda: _together(ours), lambda: _together(hands), 8)
    return Figure("step.postgresql", step, "seconds", hand, hand / step, {"clients": CLIENTS, "statements": statements})


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _postgresql_by_hand(world: World, writes: list[tuple[str, Any]], client: int) -> Callable[[], None]:
    url = world.settings.database.replace("postgresql+psycopg", "postgresql")
    connection = psycopg.connect(url)
    counter = iter(range(10**6 + client * 10**7, 2 * 10**9))

    def act() -> None:
        number = next(counter)
        for statement, parameters in writes:
            rows = parameters if isinstance(parameters, list) else [parameters]
            for row in rows:
                connection.execute(statement, _fresh(statement, row, number))
        connection.commit()

    return act


def step_old_case() -> Figure:
    """A step on a case with ten thousand events, against one on a case with few."""
    with bench_world("sqlite") as world:
        old, old_number, account = _sheltered(world)
        _, young_number, young_account = _sheltered(world)
        actor = actor_of(account)
        while world.play.case(old).seq < 10_000:
            send(world.inst, old, cmd.Note(id=new_id(), actor=actor), {"note": "a word"})
        aged, fresh = side_by_side(_step(world, old_number, account), _step(world, young_number, young_account), TIMES)
    return Figure("step.old-case", aged, "seconds", fresh, aged / fresh)
