"""Two agencies with a case of one person: their holders are told, and nobody else."""

import pytest
from sqlalchemy import select

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.commands import Actor
from sop_engine.case.events import SYSTEM
from sop_engine.case.refusal import Refusal
from sop_engine.demo.stories import kuwait_route
from sop_engine.services.acting import act
from sop_engine.services.case_page import case_page
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.sending import send
from sop_engine.store import journal
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.tables import reading
from tests.support.invariants import check_rows, check_verdicts
from tests.support.world import World

ONE = {"person_name": "सीता कुमारी तामाङ", "birth_date": "2008-05-17"}
SAME = {"person_name": "Seeta Tamang", "birth_date": "2008"}
BOOTH, POLICE = "booth-jamunaha", "ahtb"


def two(world: World, one: dict[str, str] = ONE, other: dict[str, str] = SAME) -> tuple[str, str]:
    """Cases of two agencies, of which this was said when they were opened."""
    first = world.play.open("identification", "interception", BOOTH, **one)
    second = world.play.open("identification", "report", POLICE, **other)
    return first, second


def seen(world: World, account: Account, case_id: str) -> list[str]:
    page = case_page(world.inst, account, world.play.case(case_id).number)
    return [other.number for other in page.resembling]


def test_both_holders_are_told_of_each_other_once(world: World) -> None:
    first, second = two(world)
    assert seen(world, world.play.cast.worker(BOOTH), first) == []
    run_once(world.inst)
    number = {case_id: world.play.case(case_id).number for case_id in (first, second)}
    assert seen(world, world.play.cast.worker(BOOTH), first) == [number[second]]
    assert seen(world, world.play.cast.worker(POLICE), second) == [number[first]]
    before = [world.play.case(case_id).seq for case_id in (first, second)]
    world.play.record(first, "talk", **ONE, other_names="", contact_phone="")
    run_once(world.inst)
    run_once(world.inst)
    assert world.play.case(second).seq == before[1]
    assert world.play.case(first).resembles == {second: number[second]}
    check_rows(world)
    check_verdicts(world, first)


def test_a_name_that_is_recorded_later_is_compared_too(world: World) -> None:
    first, second = two(world, one={})
    run_once(world.inst)
    assert not world.play.case(first).resembles
    world.play.record(first, "talk", **ONE, other_names="", contact_phone="")
    run_once(world.inst)
    assert set(world.play.case(first).resembles) == {second}
    assert set(world.play.case(second).resembles) == {first}


@pytest.mark.parametrize(
    "other",
    [
        {"person_name": "Sita Tamang"}, {"birth_date": "2008-05-17"},
        {"person_name": "Sita Tamang", "birth_date": "1970"},
        {"person_name": "Gita Tamang", "birth_date": "2008-05-17"}, {"contact_phone": "9841234567"},
    ],
)  # fmt: skip
def test_nobody_is_told_by_a_name_alone_or_without_one(sqlite_world: World, other: dict[str, str]) -> None:
    first, second = two(sqlite_world, {**ONE, "contact_phone": "9841234567"}, other)
    run_once(sqlite_world.inst)
    assert not sqlite_world.play.case(first).resembles
    assert not sqlite_world.play.case(second).resembles


def test_cases_of_one_subject_are_not_told_of_each_other(sqlite_world: World) -> None:
    """Smuggling alone: the case that follows is hers too, and carries what she allowed."""
    play = sqlite_world.play
    play.good = kuwait_route.GOOD
    grown = {**ONE, "birth_date": "1999-05-17"}
    first = play.open("identification", "interception", BOOTH, **grown)
    play.advance(first, "concern", **grown)
    play.advance(first, "ready", **grown)
    play.clock.wait(hours=22)
    kuwait_route.screened(play, first)
    second = play.follow(first)
    assert play.case(second).subject == play.case(first).subject
    run_once(sqlite_world.inst)
    with sqlite_world.inst.registers.of(None, play.clock()) as kept:
        names = {kept.register.identities[case_id].names for case_id in (first, second)}
    assert len(names) == 1
    assert not play.case(first).resembles
    assert not play.case(second).resembles


def test_who_holds_the_case_is_told_and_who_held_it_is_not(sqlite_world: World) -> None:
    play = sqlite_world.play
    play.good = kuwait_route.GOOD
    first = play.open("identification", "interception", BOOTH)
    play.advance(first, "concern", **ONE, other_names="", contact_phone="")
    second = play.open("identification", "report", POLICE, **SAME)
    run_once(sqlite_world.inst)
    holder = str(play.case(first).holder)
    number = play.case(first).number
    assert seen(sqlite_world, play.cast.worker(holder), first) == [play.case(second).number]
    assert seen(sqlite_world, play.cast.worker(BOOTH), first) == []
    told = "Another case may be about the same person"
    history = {
        agency: [line.words.en for line in case_page(sqlite_world.inst, play.cast.worker(agency), number).history]
        for agency in (holder, BOOTH)
    }
    assert told in history[holder]
    assert told not in history[BOOTH]


def test_the_history_names_no_other_case(sqlite_world: World) -> None:
    first, second = two(sqlite_world)
    run_once(sqlite_world.inst)
    page = case_page(sqlite_world.inst, sqlite_world.play.cast.worker(BOOTH), sqlite_world.play.case(first).number)
    assert not any(sqlite_world.play.case(second).number in line.words.en for line in page.history)


def test_a_case_that_is_hidden_from_a_holder_is_not_told_to_it(sqlite_world: World) -> None:
    play = sqlite_world.play
    hidden = play.open("identification", "report", POLICE, **ONE)
    _taken_away(sqlite_world, hidden, "wcsc-kathmandu")
    theirs = play.open("identification", "report", POLICE, **SAME)
    run_once(sqlite_world.inst)
    assert play.case(hidden).hidden_from == [POLICE]
    assert not play.case(theirs).resembles
    assert set(play.case(hidden).resembles) == {theirs}


def _taken_away(world: World, case_id: str, to: str) -> None:
    """Oversight gives a case to another agency, and its former holder loses sight of it."""
    actors = [actor_of(world.play.cast.worker("nccht")), actor_of(world.play.cast.lead("nccht"))]
    world.clock.wait(days=40)
    act(world.inst, case_id, cmd.Tick(id=new_id(), actor=Actor(SYSTEM, SYSTEM)))
    reassign = cmd.Reassign(id=new_id(), actor=actors[0], to=to, hide_from_former=True)
    asked = send(world.inst, case_id, reassign, {"reason": "For a test."})
    assert not isinstance(asked, Refusal), asked.sentence()
    signed = send(world.inst, case_id, cmd.Sign(id=new_id(), actor=actors[1]))
    assert not isinstance(signed, Refusal), signed.sentence()


def test_nobody_looks_at_a_case_for_being_compared(sqlite_world: World) -> None:
    two(sqlite_world)
    run_once(sqlite_world.inst)
    with looking(sqlite_world.inst.engine) as connection:
        assert connection.execute(select(reading).where(reading.c.what == "search")).all() == []


def test_the_event_holds_no_name(sqlite_world: World) -> None:
    first, _ = two(sqlite_world)
    run_once(sqlite_world.inst)
    with looking(sqlite_world.inst.engine) as connection:
        last = list(journal.history(connection, first))[-1]
        bodies = journal.bodies(connection, first)
    assert isinstance(last.event, ev.Resembled)
    assert not any("तामाङ".encode() in body or b"2008" in body for body in bodies)
