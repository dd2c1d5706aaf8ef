"""A holder is reminded before a stage is overdue: from the first share that the SOP says, half by default."""

from sop_engine.demo.stories import bar_rescue
from sop_engine.services.day import worklist_of
from tests.support.world import World


def shelf(world: World, name: str) -> set[str]:
    found = worklist_of(world.inst, world.play.cast.worker("ahtb"))
    return {row.number for one in found.shelves if one.name == name for row in one.rows}


def test_a_case_is_due_soon_from_half_of_its_time_on_and_late_after_all_of_it(world: World) -> None:
    operation = bar_rescue.tip_off(world.play)
    person = bar_rescue.persons(world.play, operation)[0][0]
    number = world.play.case(person).number
    assert number not in shelf(world, "soon")
    world.clock.wait(hours=1, minutes=50)
    assert number not in shelf(world, "soon")
    world.clock.wait(minutes=20)
    assert number in shelf(world, "soon")
    world.clock.wait(hours=2)
    assert number not in shelf(world, "soon")
    assert number in shelf(world, "late")
