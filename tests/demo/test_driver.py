"""Story 9: who was forced to drive is helped, and nobody who helps her learns of her file."""

from sop_engine.case.access import relations
from sop_engine.demo.stories import driver
from sop_engine.services.upkeep import case_ids
from sop_engine.store.database import looking
from tests.support.world import MORNING, World


def test_she_is_helped_and_he_is_in_court(sqlite_world: World) -> None:
    play = sqlite_world.play
    (his,) = driver.tell(play, MORNING)
    with looking(sqlite_world.inst.engine) as connection:
        hers, child = sorted((one for one in case_ids(connection) if one != his), key=lambda one: play.case(one).about)[
            ::-1
        ]
    assert (play.case(his).stage, play.case(his).holder) == ("court", "prosecution-kathmandu")
    helped = play.case(child)
    assert (helped.sop, helped.stage, helped.holder) == ("identification", "first_contact", "wcsc-kathmandu")
    kept = {one.agency for one in relations(play.ground(play.case(hers)), play.case(hers))}
    assert not kept & {one.agency for one in relations(play.ground(helped), helped)}
