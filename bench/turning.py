"""How long it takes to wrap the keys of a million persons anew, against opening and sealing as many in memory."""

import os
import time

from sqlalchemy import insert

from bench.figure import Figure
from bench.world import bench_world
from sop_engine.services import epochs
from sop_engine.store.sealing import seal, unseal
from sop_engine.store.tables import subject_key
from tests.support.world import World

KEYS, AT_ONCE = 1_000_000, 10_000


def keys_rewrap() -> Figure:
    """Seconds for all keys of persons in a new epoch, in transactions of 500; work could go on between them."""
    with bench_world("sqlite") as world:
        _fill(world)
        epochs.begin(world.inst)
        begun = time.perf_counter()
        wrapped = epochs.rewrap_all(world.inst)
        took = time.perf_counter() - begun
    assert wrapped >= KEYS
    old, new, plain = os.urandom(32), os.urandom(32), os.urandom(32)
    sealed = seal(old, plain, "bound")
    begun = time.perf_counter()
    for _ in range(KEYS):
        seal(new, unseal(old, sealed, "bound"), "bound")
    once = time.perf_counter() - begun
    return Figure("keys.rewrap", took, "s", once, took / once, {"keys": wrapped})


def _fill(world: World) -> None:
    keys, key = world.inst.keys, os.urandom(32)
    for start in range(0, KEYS, AT_ONCE):
        with world.inst.writing() as connection:
            rows = [keys.wrapped(connection, f"who{n}", key, "ahtb") for n in range(start, start + AT_ONCE)]
            connection.execute(insert(subject_key), rows)
