"""Story 9: who was forced to drive is helped, and nobody who helps her learns of her file."""

from sop_engine.case.access import relations
from sop_engine.demo.stories import driver
from tests.support.world import MORNING, World


def test_she_is_helped_and_he_is_in_court(sqlite_world: World) -> None:
    play = sqlite_world.play
    his, hers, child = driver.tell(play, MORNING)
    assert (play.case(his).stage, play.case(his).holder) == ("court", "prosecution-kathmandu")
    helped = play.case(child)
    assert (helped.sop, helped.stage, helped.holder) == ("identification", "first_contact", "wcsc-kathmandu")
    kept = {one.agency for one in relations(play.ground(play.case(hers)), play.case(hers))}
    assert not kept & {one.agency for one in relations(play.ground(helped), helped)}
