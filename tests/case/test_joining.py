"""What joining two cases does to limits, to what is kept from somebody, and to those that wait."""

from datetime import timedelta

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import relations
from sop_engine.case.clock import all_due
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.case.verdict import BREACH, CONFORMING, verdicts
from sop_engine.services.sending import Done
from sop_engine.sop.loading import load_text
from sop_engine.store.database import writing
from sop_engine.store.procedures import publish
from tests.case.test_small_words import DESK, LAWYER, TEXT
from tests.case.test_taking_over import try_as
from tests.support.told import envelopes
from tests.support.world import World

KEPT = ("        title: {en: Age, ne: उमेर}\n", "        title: {en: Age, ne: उमेर}\n        kept_from: lawyer\n")


def with_procedure(world: World, *changes: tuple[str, str]) -> World:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    procedure, _ = load_text(text, "small_words.yaml")
    with writing(world.inst.engine) as connection:
        publish(connection, procedure, world.clock())
    return world


@pytest.fixture
def world(sqlite_world: World) -> World:
    return with_procedure(sqlite_world)


def opened(world: World) -> str:
    return world.play.open("small-words", "met", DESK)


def carried_out(world: World, case_id: str, command: type[cmd.Command], lead: bool = False, **words: object) -> Case:
    answer = try_as(world, DESK, case_id, command, lead, **words)
    assert isinstance(answer, Done), answer
    return answer.case


def join(world: World, double: str, kept: str) -> Case:
    carried_out(world, double, cmd.Merge, number=world.play.case(kept).number)
    return carried_out(world, double, cmd.Sign, lead=True)


def part(world: World, double: str) -> Case:
    carried_out(world, double, cmd.Unmerge)
    return carried_out(world, double, cmd.Sign, lead=True)


def limits(world: World, case_id: str) -> dict[str, timedelta]:
    """How long each limit of a case still is."""
    case, now = world.play.case(case_id), world.clock()
    return {f"{due.what} {due.name}": due.at - now for due in all_due(world.play.ground(case), case, now)}


def test_every_limit_ends_and_after_undoing_the_stage_has_as_much_time_as_it_had(world: World) -> None:
    kept, double = opened(world), opened(world)
    world.clock.wait(hours=5)
    before = limits(world, double)
    assert set(before) == {"stage met", "clock child_known"}
    join(world, double, kept)
    assert limits(world, double) == {}
    world.clock.wait(hours=7)
    part(world, double)
    after = limits(world, double)
    assert after["stage met"] == before["stage met"]
    assert after["clock child_known"] == before["clock child_known"] - timedelta(hours=7)


def test_a_hold_before_the_joining_stops_the_time_too(world: World) -> None:
    kept, double = opened(world), opened(world)
    before = limits(world, double)["stage met"]
    answer = try_as(world, "nccht", double, cmd.Hold, reason="court")
    assert isinstance(answer, Done), answer
    world.clock.wait(hours=3)
    case = join(world, double, kept)
    assert case.hold is None
    world.clock.wait(hours=4)
    part(world, double)
    assert limits(world, double)["stage met"] == before


def test_who_is_with_her_reads_the_double_too_unless_it_keeps_something_from_them(sqlite_world: World) -> None:
    for changes, reads in (((), True), ((KEPT,), False)):
        world = with_procedure(sqlite_world, *changes)
        kept, double = opened(world), opened(world)
        carried_out(world, kept, cmd.Go, exit="to_waiting", confirmed=[0])
        assert world.play.case(kept).with_ == LAWYER
        case = join(world, double, kept)
        found = {one.agency: one.relation for one in relations(world.play.ground(case), case)}
        assert found[DESK] == "part"
        assert (found.get(LAWYER) == "part") is reads


def test_a_case_that_waits_is_not_joined_and_waits_no_more_for_one_that_is(world: World) -> None:
    waiting, other = opened(world), opened(world)
    carried_out(world, waiting, cmd.Go, exit="to_waiting", confirmed=[0])
    carried_out(world, waiting, cmd.RecordStep, step="one_more")
    child = next(iter(world.play.case(waiting).children))
    number = world.play.case(other).number
    refused = try_as(world, DESK, waiting, cmd.Merge, number=number)
    assert isinstance(refused, Refusal)
    assert refused.code == "waiting"
    assert [unmet.code for unmet in refused.unmet] == ["waiting"]
    assert isinstance(try_as(world, DESK, waiting, cmd.Go, exit="go_on"), Refusal)
    join(world, child, other)
    assert join(world, waiting, other).merged is not None
    part(world, child)
    assert part(world, waiting).stage == "waiting"
    assert isinstance(try_as(world, DESK, waiting, cmd.Go, exit="go_on"), Refusal)


def test_a_joining_that_nobody_signed_is_a_breach(world: World) -> None:
    kept, double = opened(world), opened(world)
    before = world.play.case(double)
    join(world, double, kept)
    last = envelopes(world.inst, double)[-1]
    assert isinstance(last.event, ev.Merged)
    ground = world.play.ground(before)
    assert [one.verdict for one in verdicts(ground, before, last)] == [BREACH]
    assert [one.verdict for one in verdicts(ground, None, last)] == [CONFORMING]


def test_a_case_that_follows_another_of_the_same_subject_is_no_double(world: World) -> None:
    first = opened(world)
    carried_out(world, first, cmd.Go, exit="to_waiting", confirmed=[0])
    carried_out(world, first, cmd.Go, exit="go_on")
    carried_out(world, first, cmd.Reopen, reason="re_trafficked")
    second = next(iter(world.play.case(first).children))
    assert world.play.case(second).subject == world.play.case(first).subject
    refused = try_as(world, DESK, second, cmd.Merge, number=world.play.case(first).number)
    assert isinstance(refused, Refusal)
    assert refused.code == "linked"
