"""A conflict of interest: reading ends at once, what falls to the agency goes to a fallback, and no way leads back."""

from typing import Any

import pytest
from sqlalchemy import select

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import relations
from sop_engine.case.escalation import falls_to
from sop_engine.case.items import items
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import changed
from sop_engine.case.verdict import BREACH, of_history
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing
from sop_engine.services.acting import in_one, open_in
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.sending import Done, NotFound, send
from sop_engine.services.upkeep import rebuild
from sop_engine.store import journal, procedures
from sop_engine.store.database import looking
from sop_engine.store.ledgers import held_of
from sop_engine.store.tables import subject_key
from tests.support.world import World

POLICE, DESK, ABOVE = "ahtb", "wcsc-kathmandu", "police-cid"
WHY = {"reason": "Her uncle is an officer there."}


@pytest.fixture
def person(world: World) -> str:
    """A woman who was just removed: the bureau holds her case, an NGO plays a part. On each database."""
    operation = bar_rescue.tip_off(world.play)
    return bar_rescue.persons(world.play, operation)[0][0]


def try_as(world: World, who: str, case_id: str, command: type[cmd.Command], lead: bool = False, **more: Any):  # type: ignore[no-untyped-def]
    account = world.play.cast.lead(who) if lead else world.play.cast.worker(who)
    return send(world.inst, case_id, command(id=new_id(), actor=actor_of(account), **more), WHY)


def done(answer: Done | Refusal) -> Done:
    assert isinstance(answer, Done), answer.sentence()
    return answer


def refused(answer: Done | Refusal) -> Refusal:
    assert isinstance(answer, Refusal)
    return answer


def declare(world: World, case_id: str, agency: str, by: str) -> Done:
    return done(try_as(world, by, case_id, cmd.DeclareConflict, agency=agency))


def ngo_of(world: World, case_id: str) -> str:
    return world.play.case(case_id).parts["ngo"]


def related(world: World, case_id: str) -> set[str]:
    case = world.play.case(case_id)
    return {one.agency for one in relations(world.play.ground(case), case)}


def keys_of(world: World, case_id: str) -> set[str]:
    with looking(world.inst.engine) as connection:
        subject = world.play.case(case_id).subject
        return set(connection.execute(select(subject_key.c.agency).where(subject_key.c.subject == subject)).scalars())


def oversight(world: World, case_id: str) -> str:
    code = next(iter(world.play.case(case_id).conflicts.values())).said.oversight
    assert code is not None
    return code


class TestHolder:
    def test_it_reads_nothing_from_the_moment_and_still_holds_alone(self, world: World, person: str) -> None:
        declare(world, person, POLICE, ngo_of(world, person))
        assert world.play.case(person).holder == POLICE
        assert POLICE not in related(world, person)
        assert POLICE not in keys_of(world, person)
        for command, more in (
            (cmd.Note, {}),
            (cmd.Go, {"exit": "to_safety"}),
            (cmd.DeclareConflict, {"agency": "nccht"}),
        ):
            with pytest.raises(NotFound):
                try_as(world, POLICE, person, command, **more)
        with looking(world.inst.engine) as connection:
            open_ = [one for one in held_of(connection, person) if one.ended is None]
        assert len(open_) == 1
        assert rebuild(world.inst, check=True).problems == []

    def test_oversight_is_asked_and_gives_it_to_the_fallback_with_a_second_person(
        self, world: World, person: str
    ) -> None:
        declare(world, person, POLICE, ngo_of(world, person))
        body = oversight(world, person)
        case = world.play.case(person)
        wanted = [item for item in items(world.play.ground(case), case) if item.kind == "conflict"]
        assert [(item.agency, item.key) for item in wanted] == [(body, POLICE)]
        assert case.instead_of(POLICE) == ABOVE
        back = refused(try_as(world, body, person, cmd.Reassign, to=POLICE))
        assert back.code == "conflict"
        assert "Crime Investigation Department" in back.sentence()
        done(try_as(world, body, person, cmd.Reassign, to=ABOVE))
        done(try_as(world, body, person, cmd.Sign, lead=True))
        case = world.play.case(person)
        assert case.holder == ABOVE
        assert not [item for item in items(world.play.ground(case), case) if item.kind == "conflict"]
        assert POLICE not in related(world, person)
        assert rebuild(world.inst, check=True).problems == []

    def test_what_nobody_does_climbs(self, world: World, person: str) -> None:
        declare(world, person, POLICE, ngo_of(world, person))
        world.clock.wait(days=10)
        run_once(world.inst)
        told = world.play.case(person).escalated
        assert [rung for rung in told if rung.startswith("conflict:")]
        assert "nccht" in world.play.case(person).informed
        with looking(world.inst.engine) as connection:
            judged = of_history(world.play.ground(world.play.case(person)), list(journal.history(connection, person)))
        kinds = {(one.kind, one.agency) for _, found in judged for one in found}
        assert ("second_person_missing", oversight(world, person)) in kinds
        assert ("conflict", POLICE) in kinds
        assert BREACH not in {one.verdict for _, found in judged for one in found}


class TestOthers:
    def test_an_offer_to_it_is_void_and_its_tasks_and_services_end(self, world: World, person: str) -> None:
        play = world.play
        play.consent(person, "data_sharing")
        play.finish(person)
        play.go(person, "to_safety")
        case = play.case(person)
        assert case.offer is not None
        receiver = case.offer.to
        due = world.clock().replace(year=2027)
        asked = {"to": receiver, "service": "security", "consent": "data_sharing", "due": due}
        words = {"asked": "A guard."}
        refer = cmd.Refer(id=new_id(), actor=actor_of(play.cast.worker(POLICE)), **asked)
        done(send(world.inst, person, refer, words))
        answer = declare(world, person, receiver, POLICE)
        assert [type(one.event) for one in answer.events] == [
            ev.ConflictDeclared, ev.OfferWithdrawn, ev.ReferralWithdrawn,
        ]  # fmt: skip
        case = play.case(person)
        assert case.offer is None
        assert receiver not in related(world, person)
        assert rebuild(world.inst, check=True).problems == []

    def test_what_the_procedure_finds_for_it_goes_to_the_fallback(self, world: World, person: str) -> None:
        declare(world, person, DESK, POLICE)
        play = world.play
        play.finish(person)
        refusal = refused(try_as(world, POLICE, person, cmd.Go, exit="to_safety", to=DESK))
        assert refusal.code == "conflict"
        play.go(person, "to_safety")
        case = play.case(person)
        assert case.offer is not None
        assert case.offer.to == ABOVE
        done(try_as(world, ABOVE, person, cmd.Accept))
        assert play.case(person).holder == ABOVE
        with looking(world.inst.engine) as connection:
            judged = of_history(play.ground(case), list(journal.history(connection, person)))
        assert BREACH not in {one.verdict for _, found in judged for one in found}

    def test_the_person_is_not_handed_to_it_nor_a_service_asked_of_it(self, world: World, person: str) -> None:
        declare(world, person, "sisau-aashraya", POLICE)
        assert refused(try_as(world, POLICE, person, cmd.HandOver, to="sisau-aashraya")).code == "conflict"
        due = world.clock().replace(year=2027)
        words = {"to": "sisau-aashraya", "service": "shelter", "due": due}
        assert refused(try_as(world, POLICE, person, cmd.Refer, **words)).code == "conflict"

    def test_who_has_the_person_loses_sight_and_where_she_is_stays_a_fact(self, world: World, person: str) -> None:
        done(try_as(world, POLICE, person, cmd.HandOver, to="himal-aashraya"))
        assert "himal-aashraya" in keys_of(world, person)
        declare(world, person, "himal-aashraya", POLICE)
        assert world.play.case(person).with_ == "himal-aashraya"
        assert "himal-aashraya" not in related(world, person)
        assert "himal-aashraya" not in keys_of(world, person)

    def test_a_case_that_opens_from_it_later_is_shut_to_the_agency_too(self, world: World) -> None:
        play = world.play
        play.good = {**bar_rescue.GOOD, **bar_rescue.headcount()}
        operation = play.open("rescue-operation", "intel", POLICE)
        for way in ("plan", "submit", "approve", "go"):
            play.advance(operation, way)
        declare(world, operation, DESK, POLICE)
        play.advance(operation, "secured")
        child = bar_rescue.persons(play, operation)[0][0]
        assert DESK in play.case(child).conflicts
        assert DESK not in related(world, child)
        play.finish(child)
        play.go(child, "to_safety")
        offer = play.case(child).offer
        assert offer is not None
        assert offer.to == ABOVE
        assert rebuild(world.inst, check=True).problems == []

    def test_nothing_is_lost_where_it_alone_had_the_key(self, world: World) -> None:
        """A case that nobody else works on yet: what was said goes to whoever takes its place."""
        case = world.play.open("identification", "report", DESK, place_found="NP0327", report_summary="By the river.")
        assert keys_of(world, case) == {DESK}
        declare(world, case, DESK, by=DESK)
        assert keys_of(world, case) == {ABOVE}
        oversight = world.play.case(case).conflicts[DESK].said.oversight or ""
        done(try_as(world, oversight, case, cmd.Reassign, to="utis"))
        world.play.sign(case)
        assert keys_of(world, case) == {ABOVE, "utis"}
        assert auditing.verify(world.inst).problems == []

    def test_it_keeps_the_key_where_another_case_of_her_is_its_own(self, world: World, person: str) -> None:
        """Cases of one subject share a key: the one that is not shut goes on to be read."""
        play = world.play
        first = play.open("identification", "report", DESK, place_found="NP0327")
        case = play.case(first)
        other = done(open_again(world, DESK, case.subject)).case
        assert other.subject == case.subject
        declare(world, first, DESK, oversight_of(world, first))
        assert DESK not in related(world, first)
        assert DESK in keys_of(world, first)
        declare(world, other.id, DESK, oversight_of(world, other.id))
        assert DESK not in keys_of(world, first)


def oversight_of(world: World, case_id: str) -> str:
    """An oversight body that has come to know of the case because it is late."""
    world.clock.wait(days=40)
    run_once(world.inst)
    return "nccht"


def open_again(world: World, agency: str, subject: str) -> Done | Refusal:
    """Another case about the same person, with the same agency."""

    command = cmd.Open(
        id=new_id(), actor=actor_of(world.play.cast.worker(agency)), case=new_id(), number="NP-7777-7777",
        entry="report", subject=subject, values={"place_found": "NP0327"}, parts={"screener": agency},
    )  # fmt: skip

    def work(connection):  # type: ignore[no-untyped-def]
        version = procedures.current(connection)["identification"]
        return open_in(world.inst, connection, version, command, {}, world.clock())

    return in_one(world.inst, work)


class TestSaying:
    def test_whoever_is_not_at_work_on_the_case_says_nothing(self, world: World, person: str) -> None:
        with pytest.raises(NotFound):
            try_as(world, "wcsc-jhapa", person, cmd.DeclareConflict, agency=POLICE)

    def test_a_second_person_signs_after_and_never_whoever_said_it(self, world: World, person: str) -> None:
        asked = cmd.DeclareConflict(id=new_id(), actor=actor_of(world.play.cast.lead(POLICE)), agency=DESK)
        done(send(world.inst, person, asked, WHY))
        assert refused(try_as(world, POLICE, person, cmd.ConfirmConflict, lead=True, agency=DESK)).code == "same_person"
        assert refused(try_as(world, POLICE, person, cmd.ConfirmConflict, agency=DESK)).code == "not_second"
        assert world.play.case(person).conflicts[DESK].confirms == POLICE

    def test_who_is_accountable_is_shut_out_with_the_signature_of_oversight_only(
        self, world: World, person: str
    ) -> None:
        ngo = ngo_of(world, person)
        declare(world, person, POLICE, ngo)
        body = oversight(world, person)
        assert refused(try_as(world, ngo, person, cmd.ConfirmConflict, lead=True, agency=POLICE)).code == "not_second"
        done(try_as(world, body, person, cmd.ConfirmConflict, lead=True, agency=POLICE))

    def test_signed_it_waits_no_more(self, world: World, person: str) -> None:
        declare(world, person, DESK, POLICE)
        done(try_as(world, POLICE, person, cmd.ConfirmConflict, lead=True, agency=DESK))
        case = world.play.case(person)
        assert not [one for one in items(world.play.ground(case), case) if one.key.startswith("conflict:")]
        again = try_as(world, POLICE, person, cmd.ConfirmConflict, lead=True, agency=DESK)
        assert refused(again).code == "nothing_to_confirm"
        assert rebuild(world.inst, check=True).problems == []

    def test_of_an_oversight_body_only_another_one_says_it(self, world: World, person: str) -> None:
        assert refused(try_as(world, POLICE, person, cmd.DeclareConflict, agency="nccht")).code == "no_oversight"

    def test_without_a_reason_nothing_is_said(self, world: World, person: str) -> None:
        command = cmd.DeclareConflict(id=new_id(), actor=actor_of(world.play.cast.worker(POLICE)), agency=DESK)
        assert refused(send(world.inst, person, command)).code == "reason_missing"

    def test_an_agency_may_say_it_of_itself_and_oversight_signs(self, world: World, person: str) -> None:
        declare(world, person, POLICE, POLICE)
        body = oversight(world, person)
        assert world.play.case(person).conflicts[POLICE].confirms == body
        done(try_as(world, body, person, cmd.ConfirmConflict, lead=True, agency=POLICE))

    def test_lifting_it_takes_oversight_a_reason_and_a_second_person(self, world: World, person: str) -> None:
        ngo = ngo_of(world, person)
        declare(world, person, POLICE, ngo)
        body = oversight(world, person)
        assert refused(try_as(world, ngo, person, cmd.LiftConflict, agency=POLICE)).code == "no_oversight"
        done(try_as(world, body, person, cmd.LiftConflict, agency=POLICE))
        assert POLICE in world.play.case(person).conflicts
        assert refused(try_as(world, body, person, cmd.Sign)).code == "same_person"
        done(try_as(world, body, person, cmd.Sign, lead=True))
        assert not world.play.case(person).conflicts
        assert POLICE in related(world, person)
        assert POLICE in keys_of(world, person)
        assert rebuild(world.inst, check=True).problems == []


class TestFallback:
    @pytest.mark.parametrize(
        ("agency", "instead"),
        [("ahtb", "police-cid"), ("mission-kuwait-city", "mofa-docs"), ("home-katus", "ncrc"), ("nccht", "mowcsc")],
    )
    def test_it_is_named_in_the_directory(self, world: World, person: str, agency: str, instead: str) -> None:
        case = world.play.case(person)
        assert falls_to(world.play.ground(case), case, agency) == instead

    def test_every_agency_has_one(self, world: World, person: str) -> None:
        case = world.play.case(person)
        ground = world.play.ground(case)
        taking_part = [code for code, one in ground.directory.agencies.items() if one.active]
        assert [code for code in taking_part if falls_to(ground, case, code) is None] == []

    def test_one_from_which_the_case_is_hidden_is_passed_over(self, world: World, person: str) -> None:
        case = changed(world.play.case(person), hidden_from=[ABOVE])
        assert falls_to(world.play.ground(case), case, POLICE) == "nhrc"
