"""The threads beside the server: one does what is due, one sends e-mails."""

import time

from sop_engine.worker.loop import workers
from tests.support.mail_server import Letterbox, mail_server
from tests.support.notices import ADDRESS, DESK, offered, proven
from tests.support.world import World


def test_an_offer_reaches_a_mailbox_by_the_workers_alone(sqlite_world: World) -> None:
    world = sqlite_world
    with mail_server() as (box, world.inst.post):
        proven(world, world.play.cast.worker(DESK))
        offered(world)
        beside = workers(world.inst)
        for worker in beside:
            worker.pause = 0.05
            worker.start()
        arrived = _within(20, box)
        for worker in beside:
            worker.stop()
    assert arrived
    assert [one["Subject"] for one in box.to(ADDRESS)] == ["A case needs you"]


def _within(seconds: float, box: Letterbox) -> bool:
    end = time.monotonic() + seconds
    while not box.received and time.monotonic() < end:
        time.sleep(0.05)
    return bool(box.received)
