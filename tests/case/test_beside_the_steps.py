"""What runs beside the steps: red stop, tasks, requests for services, notes with readers; and the work items of all."""

from datetime import timedelta

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case.access import relations
from sop_engine.case.events import SYSTEM
from sop_engine.case.items import items
from sop_engine.case.refusal import Refusal
from sop_engine.case.requirements import blocking
from sop_engine.case.state import Case, TaskState, changed
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.case_page import case_page
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import Done, NotFound, send
from sop_engine.services.upkeep import rebuild
from tests.support.world import World

BED = "sisau"
WORDS = {
    "reason": "A man waits at the gate.",
    "task": "Call the lawyer.",
    "asked": "A bed for one night.",
    "note": "Ok.",
}


@pytest.fixture
def person(world: World) -> str:
    """A woman who was just removed; the bureau holds her case, an NGO plays a part. On each database."""
    operation = bar_rescue.tip_off(world.play)
    return bar_rescue.persons(world.play, operation)[0][0]


def as_(world: World, who: str, case_id: str, command: type[cmd.Command], lead: bool = False, **words: object):  # type: ignore[no-untyped-def]
    account = world.play.cast.lead(who) if lead else world.play.cast.worker(who)
    word = {cmd.AddTask: "task", cmd.Refer: "asked", cmd.Note: "note"}.get(command, "reason")
    made = command(id=new_id(), actor=actor_of(account), **words)
    return send(world.inst, case_id, made, {word: WORDS[word]})


def refused(answer: Done | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def wanted(world: World, case_id: str) -> list[tuple[str, str]]:
    case = world.play.case(case_id)
    return [(item.kind, item.agency) for item in items(world.play.ground(case), case)]


class TestRedStop:
    def test_it_freezes_what_the_sop_marks_and_nothing_else(self, world: World, person: str) -> None:
        assert isinstance(as_(world, "ahtb", person, cmd.RedStop), Done)
        case = world.play.case(person)
        ground = world.play.ground(case)
        assert [lack.code for lack in blocking(ground, case, "travel")] == ["stopped"]
        assert blocking(ground, case, None) == []
        world.play.finish(person)
        world.play.go(person, "to_safety")

    def test_whoever_pressed_it_cannot_release_it(self, world: World, person: str) -> None:
        as_(world, "ahtb", person, cmd.RedStop, lead=True)
        assert refused(as_(world, "ahtb", person, cmd.Release, lead=True)) == "same_person"

    def test_a_supervisor_of_the_holder_releases_it(self, world: World, person: str) -> None:
        as_(world, "ahtb", person, cmd.RedStop)
        ngo = world.play.case(person).parts["ngo"]
        assert refused(as_(world, ngo, person, cmd.Release, lead=True)) == "not_second"
        assert ("review", "ahtb") in wanted(world, person)
        assert isinstance(as_(world, "ahtb", person, cmd.Release, lead=True), Done)
        assert world.play.case(person).stop is None
        assert ("review", "ahtb") not in wanted(world, person)

    def test_a_review_after_its_day_is_a_finding(self, world: World, person: str) -> None:
        as_(world, "ahtb", person, cmd.RedStop)
        world.clock.wait(hours=25)
        as_(world, "ahtb", person, cmd.Release, lead=True)
        assert rebuild(world.inst, check=True).problems == []

    def test_it_freezes_a_request_for_a_service(self, world: World, person: str) -> None:
        consent(world, person)
        as_(world, "ahtb", person, cmd.RedStop)
        assert refused(refer(world, person)) == "referral_blocked"


def consent(world: World, person: str) -> str:
    """The first consent of the procedure, given; its name."""
    case = world.play.case(person)
    name = next(iter(world.play.ground(case).procedure.sop.consents))
    world.play.consent(person, str(name))
    return str(name)


def refer(world: World, person: str, to: str = BED, consent: str | None = None) -> Done | Refusal:
    case = world.play.case(person)
    name = consent or next(iter(case.consents), None)
    due = world.clock() + timedelta(days=1)
    return as_(world, case.holder or "", person, cmd.Refer, to=to, service="shelter", consent=name, due=due)


class TestReferral:
    def test_it_leaves_the_accountability_where_it_is(self, world: World, person: str) -> None:
        name = consent(world, person)
        holder = world.play.case(person).holder
        assert isinstance(refer(world, person, consent=name), Done)
        assert world.play.case(person).holder == holder
        assert ("referral", BED) in wanted(world, person)

    def test_it_needs_a_consent_that_covers_the_receiver(self, world: World, person: str) -> None:
        assert refused(refer(world, person, consent="medical_care")) == "referral_blocked"
        assert refused(refer(world, person)) == "consent_unnamed"

    def test_the_receiver_reads_what_was_asked_and_nothing_else(self, world: World, person: str) -> None:
        refer(world, person, consent=consent(world, person))
        page = case_page(world.inst, world.play.cast.worker(BED), world.play.case(person).number)
        assert [(one.words, one.status) for one in page.referrals] == [(WORDS["asked"], "asked")]
        assert not page.content
        assert not page.history

    def test_withdrawing_the_consent_ends_its_sight(self, world: World, person: str) -> None:
        name = consent(world, person)
        refer(world, person, consent=name)
        as_(world, world.play.case(person).holder or "", person, cmd.WithdrawConsent, consent=name)
        with pytest.raises(NotFound):
            case_page(world.inst, world.play.cast.worker(BED), world.play.case(person).number)

    def test_the_receiver_alone_answers_and_a_refusal_has_a_reason(self, world: World, person: str) -> None:
        refer(world, person, consent=consent(world, person))
        key = next(iter(world.play.case(person).referrals))
        holder = world.play.case(person).holder or ""
        yes = {"referral": key, "answer": "accepted"}
        assert refused(as_(world, holder, person, cmd.AnswerReferral, **yes)) == "not_yours"
        assert refused(as_(world, BED, person, cmd.AnswerReferral, referral=key, answer="declined")) == "reason_unknown"
        assert isinstance(as_(world, BED, person, cmd.AnswerReferral, **yes), Done)
        assert world.play.case(person).referrals[key].status == "accepted"
        assert ("referral", BED) not in wanted(world, person)

    def test_for_a_hospital_without_users_the_asker_notes_the_answer(self, world: World, person: str) -> None:
        refer(world, person, to="ocmc-kathmandu", consent=consent(world, person))
        key = next(iter(world.play.case(person).referrals))
        holder = world.play.case(person).holder or ""
        assert isinstance(as_(world, holder, person, cmd.AnswerReferral, referral=key, answer="given"), Done)

    def test_its_link_opens_once(self, world: World, person: str) -> None:
        refer(world, person, to="ocmc-kathmandu", consent=consent(world, person))
        key = next(iter(world.play.case(person).referrals))
        open_it = cmd.OpenReferral(id=new_id(), actor=cmd.Actor(SYSTEM, SYSTEM), referral=key)
        assert isinstance(send(world.inst, person, open_it), Done)
        again = cmd.OpenReferral(id=new_id(), actor=cmd.Actor(SYSTEM, SYSTEM), referral=key)
        assert refused(send(world.inst, person, again)) == "opened"


class TestTask:
    def test_its_agency_does_it_and_others_cannot_say_so(self, world: World, person: str) -> None:
        ngo = world.play.case(person).parts["ngo"]
        due = world.clock() + timedelta(days=2)
        assert isinstance(as_(world, "ahtb", person, cmd.AddTask, agency=ngo, due=due), Done)
        key = next(iter(world.play.case(person).tasks))
        assert ("task", ngo) in wanted(world, person)
        assert refused(as_(world, "ahtb", person, cmd.EndTask, task=key)) == "not_yours"
        assert isinstance(as_(world, ngo, person, cmd.EndTask, task=key), Done)
        assert world.play.case(person).tasks == {}

    def test_whoever_asked_may_drop_it(self, world: World, person: str) -> None:
        ngo, due = world.play.case(person).parts["ngo"], world.clock() + timedelta(days=2)
        as_(world, "ahtb", person, cmd.AddTask, agency=ngo, due=due)
        key = next(iter(world.play.case(person).tasks))
        assert isinstance(as_(world, "ahtb", person, cmd.EndTask, task=key, how="dropped"), Done)

    def test_it_is_for_an_agency_of_the_case_and_a_day_to_come(self, world: World, person: str) -> None:
        due = world.clock() + timedelta(days=2)
        assert refused(as_(world, "ahtb", person, cmd.AddTask, agency=BED, due=due)) == "no_part_there"
        past = world.clock() - timedelta(days=2)
        assert refused(as_(world, "ahtb", person, cmd.AddTask, agency="ahtb", due=past)) == "not_ahead"

    def test_its_agency_sees_the_case_while_it_is_asked(self, world: World, person: str) -> None:
        case, now = world.play.case(person), world.clock()
        assert BED not in _see(world, case)
        asked = changed(case, tasks={"9": TaskState(BED, now, now, "ahtb")})
        assert BED in _see(world, asked)


def _see(world: World, case: Case) -> set[str]:
    return {one.agency for one in relations(world.play.ground(case), case)}


class TestNote:
    def test_a_note_with_readers_is_read_by_them_alone(self, world: World, person: str) -> None:
        world.play.finish(person)
        case = world.play.case(person)
        third = next(code for code in sorted(_see(world, case)) if code not in ("ahtb", case.parts["ngo"]))
        as_(world, "ahtb", person, cmd.Note, to=[case.parts["ngo"]])
        read = {
            code: [told.said for told in case_page(world.inst, world.play.cast.worker(code), case.number).history]
            for code in ("ahtb", case.parts["ngo"])
        }
        assert all(WORDS["note"] in said for said in read.values())
        theirs = case_page(world.inst, world.play.cast.worker(third), case.number).history
        assert WORDS["note"] not in [told.said for told in theirs]

    def test_nobody_outside_the_case_is_written_to(self, world: World, person: str) -> None:
        assert refused(as_(world, "ahtb", person, cmd.Note, to=[BED])) == "no_reader"


def test_the_rows_of_work_items_are_what_the_events_give(world: World, person: str) -> None:
    name = consent(world, person)
    refer(world, person, consent=name)
    as_(world, "ahtb", person, cmd.RedStop)
    as_(world, "ahtb", person, cmd.AddTask, agency="ahtb", due=world.clock() + timedelta(days=1))
    assert rebuild(world.inst, check=True).problems == []
