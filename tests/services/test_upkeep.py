"""Folding anew while people write: each case is looked at as it is at one moment, and nothing newer is written over."""

import threading

from sop_engine.case import commands as cmd
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import send
from sop_engine.services.upkeep import rebuild
from tests.support.world import World


def test_cases_are_folded_anew_while_people_write(world: World) -> None:
    case = world.play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    stop, actor = threading.Event(), actor_of(world.play.cast.worker("wcsc-kathmandu"))

    def write() -> None:
        while not stop.is_set():
            send(world.inst, case, cmd.Note(id=new_id(), actor=actor), {"note": "a word"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [problem for check in (True, False) * 25 for problem in rebuild(world.inst, check).problems]
    finally:
        stop.set()
        writer.join()
    assert found == []
    assert rebuild(world.inst, check=True).problems == []
