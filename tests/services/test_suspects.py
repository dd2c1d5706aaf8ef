"""Victims and suspects apart: other agencies and accounts, another person, no list, search or link in common."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sop_engine.case import commands as cmd
from sop_engine.case.access import relations
from sop_engine.case.refusal import Refusal
from sop_engine.compliance.review import may_review, review, reviewed_by
from sop_engine.services.acting import NotFound, act
from sop_engine.services.case_page import case_page
from sop_engine.services.emergency import open_in_emergency
from sop_engine.services.finding import Filters, asked_by, search
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.offers import offerings
from sop_engine.services.passing import run_once
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.store import journal
from sop_engine.store.database import looking
from sop_engine.store.directory import DirectoryProblem, read_on_suspects
from sop_engine.store.tables import metadata
from tests.support.world import World

UNIT, DESK = "ahtb-suspects", "wcsc-kathmandu"
NAME = "Dhanvir Kutumba Lohani"


def opened(world: World) -> str:
    """A file of a suspect who may herself have been forced."""
    play = world.play
    file = play.open("suspect-file", "registered", UNIT)
    play.record(file, "register", suspect_name=NAME, offence_place="NP0327", part_alleged="transporter", concerns="")
    play.record(file, "custody", in_custody="no", before_judge="not_arrested", lawyer_told="yes")
    play.record(file, "age", birth_date="1996", age_basis="stated")
    play.go(file, "investigate")
    return file


def moved(world: World) -> tuple[str, str]:
    """The same after she was brought to those who help: her file, and the case that they opened."""
    play, file = world.play, opened(world)
    play.record(file, "look_for_victim", victim_signs=["forced", "debt"], victim_reasons="He kept her passport.")
    play.record(file, "see_alone", seen_alone_by=["lawyer", "ngo"])
    helped = play.open("identification", "report", DESK, place_found="NP0327", anonymous="no")
    play.record(file, "bring_to_help", helped_by="women_desk", helped_since=world.clock().isoformat())
    play.go(file, "found_victim")
    while run_once(world.inst):
        pass
    return file, helped


def related(world: World, case_id: str) -> set[str]:
    case = world.play.case(case_id)
    return {one.agency for one in relations(world.play.ground(case), case)}


def on_suspects(world: World) -> set[str]:
    directory = world.inst.directory_now()
    return {code for code, one in directory.agencies.items() if one.kind in directory.on_suspects}


def test_a_file_is_known_to_those_alone_who_work_on_suspects(world: World) -> None:
    file = opened(world)
    number, directory = world.play.case(file).number, world.inst.directory_now()
    assert related(world, file) == {UNIT, "prosecution-kathmandu"} <= on_suspects(world)
    for code in world.play.cast.of:
        account = world.play.cast.worker(code)
        inside = code in {UNIT, "prosecution-kathmandu"}
        assert bool(search(world.inst, account, asked_by(NAME), Filters()).hits) is inside, code
        if not inside:
            with pytest.raises(NotFound):
                case_page(world.inst, account, number)
        if may_review(account, directory):
            now = world.clock()
            names = {one.name for one in reviewed_by(world.inst, account)}
            assert ("suspect-file" in names) is (code == "attorney-general") is ("rescue-person" not in names)
            for sop in ("suspect-file", "rescue-person"):
                if sop not in names:
                    with pytest.raises(NotFound):
                        review(world.inst, account, sop, now - timedelta(days=1), now)


def test_whoever_works_on_suspects_is_told_of_no_place_where_victims_are(world: World) -> None:
    told = {
        name: offerings(world.inst, world.play.cast.worker(name), None, None)[0]
        for name in ("ahtb-suspects", "attorney-general", "ahtb")
    }
    assert [name for name, found in told.items() if found] == ["ahtb"]


def test_no_emergency_opens_a_case_across(world: World) -> None:
    file, person = opened(world), world.play.open("identification", "report", DESK, place_found="NP0327")
    reason = "A child of hers may be in danger in this hour."
    for case_id, code in ((file, "ahtb"), (file, "mowcsc"), (person, UNIT), (person, "attorney-general")):
        account = world.play.cast.worker(code)
        with pytest.raises(NotFound):
            open_in_emergency(world.inst, account, world.play.case(case_id).number, reason, new_id())
        assert code not in related(world, case_id)


def test_nothing_of_a_file_is_given_across(world: World) -> None:
    """It is reassigned to nobody, and nobody is asked for a service, on the other side."""
    file = opened(world)
    world.clock.wait(days=40)
    world.play.catch_up(file)
    above = actor_of(world.play.cast.lead("attorney-general"))
    to_police = cmd.Reassign(id=new_id(), actor=above, to="ahtb")
    answer = act(world.inst, file, to_police, {"reason": "There is nobody left in the unit."})
    assert isinstance(answer, Refusal)
    asked = cmd.Refer(
        id=new_id(), actor=actor_of(world.play.cast.worker(UNIT)), to="utis", service="shelter",
        due=world.clock() + timedelta(days=2), sealed=["asked"],
    )  # fmt: skip
    assert isinstance(act(world.inst, file, asked, {"asked": "A bed."}), Refusal)
    assert related(world, file) <= on_suspects(world)


def test_who_is_a_victim_is_moved_with_reasons_and_nobody_sees_both(world: World) -> None:
    file, helped = moved(world)
    old, new = world.play.case(file), world.play.case(helped)
    assert (old.outcome, old.status) == ("moved_to_help", "closed")
    assert old.subject != new.subject
    assert not related(world, helped) & on_suspects(world)
    assert DESK in related(world, helped)
    assert not related(world, file) & related(world, helped)


def test_nothing_that_is_written_leads_from_the_file_to_her_case_or_back(world: World) -> None:
    """Her case is written as if the file were not there, and no event, row or letter of one names the other."""
    file, helped = moved(world)
    old, new = world.play.case(file), world.play.case(helped)
    of_file, of_case = (file, old.number, old.subject), (helped, new.number, new.subject)
    unit = (UNIT, *(account.id for account in world.play.cast.of[UNIT]))
    seen = {"file": 0, "case": 0}
    with looking(world.inst.engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                told = str(tuple(bytes(one) if isinstance(one, memoryview) else one for one in row))
                names_file, names_case = any(one in told for one in of_file), any(one in told for one in of_case)
                seen["file"] += names_file
                seen["case"] += names_case
                assert not (names_case and (names_file or any(one in told for one in unit))), (table.name, told)
                assert not (names_file and DESK in told), (table.name, told)
    assert min(seen.values()) > 10


def test_without_a_reason_or_who_saw_her_alone_she_is_not_moved(world: World) -> None:
    play, file = world.play, opened(world)
    play.record(file, "look_for_victim", victim_signs=["forced"], victim_reasons="She was locked in.")
    play.record(file, "see_alone", seen_alone_by=["lawyer"])
    view = play.view(play.case(file), "found_victim")
    assert view.reason
    assert any("not both seen" in one.say.en for one in view.lacks)
    assert any(one.fix == "bring_to_help" for one in view.lacks)


def test_who_received_her_is_named_before_it_ends_and_stands_in_no_export(world: World) -> None:
    play, file = world.play, opened(world)
    account, number = play.cast.worker(UNIT), play.case(file).number
    answer = record_step(world.inst, account, number, "bring_to_help", {"helped_since": "2026-03-02 10:00"})
    assert isinstance(answer, WrongAnswers)
    assert answer.lacking.keys() == {"helped_by"}
    file, _ = moved(world)
    with looking(world.inst.engine) as connection:
        bodies = journal.bodies(connection, file)
    assert len(bodies) > 8
    assert not [body for body in bodies if b"women_desk" in body]


def test_a_kind_that_falls_across_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "kinds.yaml"
    path.write_text(
        "kinds:\n  unit: {title: Unit, works_on_suspects: yes, falls_to: [ngo]}\n  ngo: {title: NGO}\n",
        encoding="utf-8",
    )
    with pytest.raises(DirectoryProblem, match="only one of them works on suspects"):
        read_on_suspects(path)
