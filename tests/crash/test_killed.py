"""A server that is killed at any moment loses nothing acknowledged, does nothing twice, and leaves nothing half."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from sop_engine.case import events as ev
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing
from sop_engine.services.passing import run_once
from sop_engine.store import outbox, schedule
from sop_engine.store.database import looking
from sop_engine.store.tables import journal, unfolded, vault
from sop_engine.store.vault import opened
from tests.api.conftest import secret_of
from tests.crash.load import Server, Writer, under_load
from tests.support.world import World
from tests.web.conftest import Site
from web import create_app

WRITERS = 4


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    found = Server(world)
    yield found
    if found.process is not None and found.process.poll() is None:
        found.kill()


def notes(world: World) -> Counter[str]:
    """How often each note stands in the cases."""
    found: Counter[str] = Counter()
    with looking(world.inst.engine) as connection:
        for row in connection.execute(select(vault).where(vault.c.field == "note")):
            key = world.inst.keys.subject(connection, row.subject)
            assert key is not None
            found[opened(key, row)] += 1
    return found


def told_twice(world: World) -> list[tuple[object, int]]:
    """The escalations that stand in a case more than once for one stage and step."""
    found: Counter[object] = Counter()
    with looking(world.inst.engine) as connection:
        for row in connection.execute(select(journal.c.case_id, journal.c.body)):
            event = ev.from_bytes(bytes(row.body)).event
            if isinstance(event, ev.Escalated):
                found[row.case_id, str(event)] += 1
    return [one for one in found.items() if one[1] > 1]


def killed(world: World, server: Server, kills: int, seed: int) -> None:
    play = world.play
    # By the clock of the server many times have long run out: its worker has much to do beside the writers.
    world.clock.now = datetime.now(UTC) - timedelta(days=30)
    operation = bar_rescue.tip_off(play)
    people = [person for person, *_ in bar_rescue.persons(play, operation)][: WRITERS - 1]
    site = Site(create_app(world.inst, world.settings), world, operation, people[0])
    tokens = [secret_of(site, "ahtb", days=365) for _ in range(WRITERS)]
    cases = [operation, *people]
    writers = [Writer(server, token, play.case(case).number) for token, case in zip(tokens, cases, strict=True)]
    under_load(server, writers, kills, random.Random(seed))

    kept = notes(world)
    acknowledged = [text for writer in writers for text in writer.acknowledged]
    assert [text for writer in writers for text in writer.refused] == []
    assert len(acknowledged) > kills * WRITERS
    assert [text for text in acknowledged if kept[text] != 1] == []
    assert [text for text, times in kept.items() if times > 1] == []
    assert set(kept) <= {text for writer in writers for text in writer.sent} | {
        text for text in kept if not text.startswith("note ")
    }

    world.clock.now = datetime.now(UTC) + timedelta(hours=1)
    while run_once(world.inst):
        pass
    with looking(world.inst.engine) as connection:
        assert outbox.waiting(connection) == []
        assert schedule.to_check(connection, world.clock()) == []
        assert connection.execute(select(unfolded)).all() == []
    assert told_twice(world) == []
    assert auditing.verify(world.inst).problems == []


def test_nothing_acknowledged_is_lost_or_doubled(world: World, server: Server) -> None:
    killed(world, server, 5, seed=random.SystemRandom().randrange(10**6))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_nothing_acknowledged_is_lost_or_doubled_in_fifty_kills(world: World, server: Server, seed: int) -> None:
    killed(world, server, 5, seed)
