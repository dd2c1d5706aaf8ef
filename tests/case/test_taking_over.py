"""Exactly one agency holds a case: offers, acceptance, refusal, law, agencies without users, second persons."""

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import accountability
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import Done, NotFound, send
from tests.support.world import World


@pytest.fixture
def person(sqlite_world: World) -> str:
    """The case of one adult who was just removed."""
    operation = bar_rescue.tip_off(sqlite_world.play)
    return bar_rescue.persons(sqlite_world.play, operation)[0][0]


def try_as(
    world: World, agency: str, case_id: str, command: type[cmd.Command], lead: bool = False, **words: object
) -> Done | Refusal:
    account = world.play.cast.lead(agency) if lead else world.play.cast.worker(agency)
    secrets = {"reason": "For a test."}
    return send(world.inst, case_id, command(id=new_id(), actor=actor_of(account), **words), secrets)


def offered(world: World, person: str) -> Case:
    world.play.finish(person)
    world.play.go(person, "to_safety")
    return world.play.case(person)


class TestOffer:
    def test_an_offer_leaves_the_sender_accountable(self, sqlite_world: World, person: str) -> None:
        case = offered(sqlite_world, person)
        assert case.offer is not None
        assert (case.holder, case.stage, case.offer.to) == ("ahtb", "removed", "wcsc-kathmandu")

    def test_on_acceptance_the_holder_the_stage_and_the_clock_change_in_one_act(
        self, sqlite_world: World, person: str
    ) -> None:
        made = offered(sqlite_world, person).offer
        assert made is not None
        sqlite_world.clock.wait(minutes=30)
        before = sqlite_world.play.case(person).seq
        sqlite_world.play.accept(person)
        case = sqlite_world.play.case(person)
        assert case.seq == before + 1
        assert (case.holder, case.stage, case.offer) == ("wcsc-kathmandu", "sorted", None)

    def test_in_protection_the_deadline_of_the_receiver_counts_from_the_offer(
        self, sqlite_world: World, person: str
    ) -> None:
        made = offered(sqlite_world, person).offer
        assert made is not None
        sqlite_world.clock.wait(minutes=45)
        sqlite_world.play.accept(person)
        case = sqlite_world.play.case(person)
        assert case.counts_from == made.made
        assert case.stage_since > made.made

    def test_a_refused_offer_leaves_the_sender_accountable(self, sqlite_world: World, person: str) -> None:
        offered(sqlite_world, person)
        sqlite_world.play.refuse(person, "no_capacity")
        case = sqlite_world.play.case(person)
        assert (case.holder, case.offer) == ("ahtb", None)

    def test_a_refusal_needs_a_coded_reason(self, sqlite_world: World, person: str) -> None:
        offered(sqlite_world, person)
        answer = try_as(sqlite_world, "wcsc-kathmandu", person, cmd.Refuse, reason="because")
        assert isinstance(answer, Refusal)
        assert answer.code == "reason_unknown"

    def test_an_offer_can_be_withdrawn_without_waiting(self, sqlite_world: World, person: str) -> None:
        offered(sqlite_world, person)
        answer = try_as(sqlite_world, "ahtb", person, cmd.WithdrawOffer)
        assert isinstance(answer, Done)
        assert answer.case.offer is None

    def test_only_the_receiver_accepts(self, sqlite_world: World, person: str) -> None:
        offered(sqlite_world, person)
        answer = try_as(sqlite_world, "ahtb", person, cmd.Accept)
        assert isinstance(answer, Refusal)
        assert answer.code == "not_receiver"

    def test_while_an_offer_is_open_no_second_one_is_made(self, sqlite_world: World, person: str) -> None:
        offered(sqlite_world, person)
        answer = try_as(sqlite_world, "ahtb", person, cmd.Go, exit="to_safety")
        assert isinstance(answer, Refusal)
        assert answer.code == "offer_open"

    def test_silence_escalates_and_is_never_acceptance(self, sqlite_world: World, person: str) -> None:
        offered(sqlite_world, person)
        sqlite_world.clock.wait(days=3)
        answer = send(sqlite_world.inst, person, cmd.Tick(id=new_id(), actor=cmd.Actor("system", "system")))
        assert isinstance(answer, Done)
        assert answer.case.holder == "ahtb"
        assert any("offer:" in rung for rung in answer.case.escalated)


class TestOtherWays:
    def test_an_agency_without_users_is_held_for_by_another(self, sqlite_world: World, person: str) -> None:
        play = sqlite_world.play
        play.advance(person, "to_safety")
        case = play.advance(person, "sort_done", birth_date="1998", part_played="presumed_victim")
        assert (case.holder, case.holder_for) == ("wcsc-kathmandu", "ocmc-kathmandu")

    def test_a_child_goes_to_the_child_welfare_officer_by_law_without_acceptance(
        self, sqlite_world: World, person: str
    ) -> None:
        play = sqlite_world.play
        play.advance(person, "to_safety")
        play.advance(person, "sort_done", birth_date="2012", part_played="child")
        play.record(person, "offer_care")
        play.consent(person, "medical_care")
        play.finish(person, bed_wing="girls")
        play.go(person, "medical_done_child")
        case = play.case(person)
        assert (case.holder, case.how, case.offer) == ("cwo-kathmandu", "by_law", None)

    def test_before_its_time_a_stage_does_not_lapse(self, sqlite_world: World, person: str) -> None:
        ngo = sqlite_world.play.case(person).parts["ngo"]
        answer = try_as(sqlite_world, ngo, person, cmd.Go, exit="lapse_to_sorted")
        assert isinstance(answer, Refusal)
        assert "time of this stage is not over" in answer.sentence()

    def test_after_its_time_another_agency_moves_a_stage_on_with_a_reason(
        self, sqlite_world: World, person: str
    ) -> None:
        sqlite_world.play.finish(person)
        sqlite_world.clock.wait(hours=5)
        ngo = sqlite_world.play.case(person).parts["ngo"]
        answer = try_as(sqlite_world, ngo, person, cmd.Go, exit="lapse_to_sorted")
        assert isinstance(answer, Done)
        assert answer.case.offer is not None

    def test_a_holder_that_is_gone_is_replaced_by_oversight_with_a_second_person(
        self, sqlite_world: World, person: str
    ) -> None:
        sqlite_world.clock.wait(days=8)
        send(sqlite_world.inst, person, cmd.Tick(id=new_id(), actor=cmd.Actor("system", "system")))
        asked = try_as(sqlite_world, "nccht", person, cmd.Reassign, to="wcsc-kathmandu")
        if isinstance(asked, Refusal):
            pytest.fail(asked.sentence())
        assert asked.case.holder == "ahtb"
        signed = try_as(sqlite_world, "nccht", person, cmd.Sign, lead=True)
        assert isinstance(signed, Done)
        assert signed.case.holder == "wcsc-kathmandu"


class TestSecondPerson:
    @pytest.fixture
    def proposed(self, sqlite_world: World, person: str) -> str:
        play = sqlite_world.play
        play.advance(person, "to_safety")
        play.finish(person, birth_date="1990", part_played="bystander")
        answer = try_as(sqlite_world, "wcsc-kathmandu", person, cmd.Go, exit="not_affected")
        assert isinstance(answer, Done)
        assert answer.case.status == "open"
        return person

    def test_the_proposer_never_signs(self, sqlite_world: World, proposed: str) -> None:
        answer = try_as(sqlite_world, "wcsc-kathmandu", proposed, cmd.Sign)
        assert isinstance(answer, Refusal)
        assert answer.code == "same_person"

    def test_a_second_person_of_the_right_role_closes(self, sqlite_world: World, proposed: str) -> None:
        answer = try_as(sqlite_world, "wcsc-kathmandu", proposed, cmd.Sign, lead=True)
        assert isinstance(answer, Done)
        assert (answer.case.status, answer.case.holder, answer.case.outcome) == ("closed", None, "not_affected")

    def test_a_second_person_may_say_no(self, sqlite_world: World, proposed: str) -> None:
        answer = try_as(sqlite_world, "wcsc-kathmandu", proposed, cmd.RefuseToSign, lead=True)
        assert isinstance(answer, Done)
        assert (answer.case.status, answer.case.proposal) == ("open", None)

    def test_within_fifteen_days_it_is_reopened_of_right(self, sqlite_world: World, proposed: str) -> None:
        try_as(sqlite_world, "wcsc-kathmandu", proposed, cmd.Sign, lead=True)
        sqlite_world.clock.wait(days=14)
        answer = try_as(sqlite_world, "wcsc-kathmandu", proposed, cmd.Reopen, reason="new_information")
        assert isinstance(answer, Done)
        assert answer.case.holder == "wcsc-kathmandu"
        assert answer.case.offer is not None
        assert answer.case.offer.to == "ahtb"

    def test_after_that_reopening_needs_a_second_person(self, sqlite_world: World, proposed: str) -> None:
        try_as(sqlite_world, "wcsc-kathmandu", proposed, cmd.Sign, lead=True)
        sqlite_world.clock.wait(days=16)
        answer = try_as(sqlite_world, "wcsc-kathmandu", proposed, cmd.Reopen, reason="new_information")
        assert isinstance(answer, Done)
        assert answer.case.status == "closed"
        assert answer.case.proposal is not None


class TestSending:
    def test_a_command_sent_twice_acts_once(self, sqlite_world: World, person: str) -> None:
        offered(sqlite_world, person)
        command = cmd.Accept(id=new_id(), actor=actor_of(sqlite_world.play.cast.worker("wcsc-kathmandu")))
        first = send(sqlite_world.inst, person, command)
        second = send(sqlite_world.inst, person, command)
        assert isinstance(first, Done)
        assert isinstance(second, Done)
        assert (len(first.events), second.events) == (1, ())
        assert second.case.seq == first.case.seq

    def test_a_command_on_what_has_changed_since_is_refused_as_stale(self, sqlite_world: World, person: str) -> None:
        seen = offered(sqlite_world, person).seq
        sqlite_world.play.accept(person)
        sqlite_world.play.finish(person, birth_date="1998", part_played="presumed_victim")
        answer = try_as(sqlite_world, "wcsc-kathmandu", person, cmd.Go, exit="sort_done", seen=seen)
        assert isinstance(answer, Refusal)
        assert answer.code == "stale"

    def test_an_agency_without_a_relation_finds_no_case(self, sqlite_world: World, person: str) -> None:
        with pytest.raises(NotFound):
            try_as(sqlite_world, "wcsc-jhapa", person, cmd.Note)


class TestWith:
    def test_at_the_removal_the_person_is_with_the_police(self, sqlite_world: World, person: str) -> None:
        assert sqlite_world.play.case(person).with_ == "ahtb"

    def test_with_changes_only_by_a_recorded_handover(self, sqlite_world: World, person: str) -> None:
        play = sqlite_world.play
        play.record(person, "to_safe_place")
        assert play.case(person).with_ == "wcsc-kathmandu"
        play.go(person, "to_safety")
        play.accept(person)
        assert play.case(person).with_ == "wcsc-kathmandu"


def test_every_refusal_lists_everything_unmet_with_the_step_that_would_meet_it(
    sqlite_world: World, person: str
) -> None:
    play = sqlite_world.play
    play.advance(person, "to_safety")
    case = play.advance(person, "sort_done", birth_date="1998", part_played="presumed_victim")
    answer = try_as(sqlite_world, case.holder or "", person, cmd.Go, exit="medical_done_adult")
    assert isinstance(answer, Refusal)
    assert {unmet.fix for unmet in answer.unmet} >= {"offer_care", "find_bed"}
    assert all(unmet.say.ne for unmet in answer.unmet)


def test_the_strip_names_holder_stage_deadline_and_who_is_next(sqlite_world: World, person: str) -> None:
    case = sqlite_world.play.case(person)
    found = accountability(sqlite_world.play.ground(case), case, sqlite_world.clock())
    assert found.holder == "ahtb"
    assert found.stage_title.en == "Removed from danger"
    assert found.until is not None
    assert found.next_kind is not None
    assert found.with_ == "ahtb"


class TestSignatureAfterwards:
    def test_an_emergency_is_offered_at_once_and_signed_later_by_the_role_that_is_named(
        self, sqlite_world: World
    ) -> None:
        play = sqlite_world.play
        play.good = {**bar_rescue.GOOD, **bar_rescue.headcount(), "approval_path": "emergency"}
        operation = play.open("rescue-operation", "intel", "ahtb")
        play.advance(operation, "plan")
        play.finish(operation)
        play.go(operation, "submit")
        play.accept(operation)
        approver = play.case(operation).holder
        assert approver is not None
        play.finish(operation)
        play.go(operation, "approve")
        owed = play.case(operation).owed_signature
        assert owed is not None
        assert (owed.exit, owed.agency) == ("approve", approver)
        for stranger, lead in (("ahtb", True), (approver, False)):
            assert isinstance(try_as(sqlite_world, stranger, operation, cmd.Sign, lead=lead), Refusal)
        assert play.case(operation).owed_signature is not None
        assert isinstance(try_as(sqlite_world, approver, operation, cmd.Sign, lead=True), Done)
        assert play.case(operation).owed_signature is None
