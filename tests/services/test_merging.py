"""Two cases of one person: one is joined to the other by two people, is read with it, and parts from it again."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import answers_for, readers
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.compliance.review import review
from sop_engine.demo.stories import kuwait_route
from sop_engine.services.case_page import case_page
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.linked import deliver_all
from sop_engine.services.passing import run_once
from sop_engine.services.sending import Done, NotFound, send
from sop_engine.services.step_page import step_page
from sop_engine.services.work import inbox_in
from sop_engine.store import outbox
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account
from sop_engine.store.tables import access, subject_key
from tests.support.invariants import check_all, check_rows
from tests.support.told import envelopes, events
from tests.support.world import MORNING, World, make_world
from tests.web.conftest import removed

ONE = {"person_name": "सीता कुमारी तामाङ", "birth_date": "2008-05-17"}
SAME = {"person_name": "Seeta Tamang", "birth_date": "2008"}
BOOTH, POLICE, DESK, HOSPITAL = "booth-jamunaha", "ahtb", "wcsc-kathmandu", "himal-aashraya"
_SAID: dict[type[cmd.Command], str] = {cmd.AddTask: "task", cmd.Refer: "asked"}
REASON = {"reason": "Her aunt says that it is her."}


def two(world: World) -> tuple[str, str]:
    """A case of the police that goes on, and one of a booth that is about the same person; both holders were told."""
    kept = world.play.open("identification", "report", POLICE, **SAME)
    double = world.play.open("identification", "interception", BOOTH, **ONE)
    run_once(world.inst)
    return kept, double


def ask(world: World, double: str, kept: str, by: str = BOOTH, lead: bool = False) -> Done | Refusal:
    """Somebody of an agency asks that one case be joined to another."""
    number = world.play.case(kept).number
    return put(world, double, by, cmd.Merge, lead, number=number)


def put(
    world: World, case_id: str, by: str, command: type[cmd.Command], lead: bool = False, **words: object
) -> Done | Refusal:
    """Send a command as somebody of an agency, with a sentence."""
    account = world.play.cast.lead(by) if lead else world.play.cast.worker(by)
    said = {_SAID.get(command, "reason"): REASON["reason"]}
    return send(world.inst, case_id, command(id=new_id(), actor=actor_of(account), **words), said)


def joined(world: World, kept: str, double: str, by: str = BOOTH, signed_by: str = POLICE) -> Case:
    """The case that ended, after somebody asked and the second person signed."""
    done(ask(world, double, kept, by))
    return done(put(world, double, signed_by, cmd.Sign, lead=True)).case


def parted(world: World, double: str, by: str = BOOTH, signed_by: str = POLICE) -> Case:
    done(put(world, double, by, cmd.Unmerge))
    return done(put(world, double, signed_by, cmd.Sign, lead=True)).case


def done(answer: Done | Refusal) -> Done:
    assert isinstance(answer, Done), answer
    return answer


def refused(answer: Done | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def relations(world: World, case_id: str, agency: str) -> set[str]:
    with looking(world.inst.engine) as connection:
        rows = connection.execute(
            select(access.c.relation).where(access.c.case_id == case_id, access.c.agency == agency)
        )
        return {row.relation for row in rows}


def reading(world: World, case_id: str, *kinds: str) -> set[str]:
    """The agencies that have one of these relations to a case."""
    with looking(world.inst.engine) as connection:
        rows = connection.execute(
            select(access.c.agency).where(access.c.case_id == case_id, access.c.relation.in_(kinds))
        )
        return {row.agency for row in rows}


def has_key(world: World, case_id: str, agency: str) -> bool:
    with looking(world.inst.engine) as connection:
        where = (subject_key.c.subject == world.play.case(case_id).subject, subject_key.c.agency == agency)
        return connection.execute(select(subject_key.c.agency).where(*where)).first() is not None


def page_of(world: World, account: Account, case_id: str):  # type: ignore[no-untyped-def]
    return case_page(world.inst, account, world.play.case(case_id).number)


class TestJoining:
    def test_one_case_ends_and_the_other_knows_of_it(self, world: World) -> None:
        kept, double = two(world)
        case = joined(world, kept, double)
        assert (case.status, case.outcome, case.holder) == ("closed", "merged", None)
        assert case.merged is not None
        assert (case.merged.into, case.merged.number) == (kept, world.play.case(kept).number)
        after = world.play.case(kept)
        assert after.joined == {double: case.number}
        assert (after.status, after.holder) == ("open", POLICE)
        check_all(world)

    def test_who_answers_for_the_other_case_reads_this_one_with_its_key(self, world: World) -> None:
        kept, double = two(world)
        officer = world.play.cast.worker(POLICE)
        with pytest.raises(NotFound):
            page_of(world, officer, double)
        assert not has_key(world, double, POLICE)
        joined(world, kept, double)
        page = page_of(world, officer, double)
        assert page.content
        assert page.carried["person_name"] == ONE["person_name"]
        assert has_key(world, double, POLICE)
        assert not has_key(world, kept, BOOTH)

    def test_who_held_the_case_that_ended_sees_how_it_fares_and_not_the_other_case(self, world: World) -> None:
        kept, double = two(world)
        joined(world, kept, double)
        page = page_of(world, world.play.cast.worker(BOOTH), double)
        assert page.relations == {"former", "informed"}
        assert not page.content
        assert not page.carried
        with pytest.raises(NotFound):
            page_of(world, world.play.cast.worker(BOOTH), kept)

    def test_nobody_reads_before_the_second_person_has_signed(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        done(ask(sqlite_world, double, kept))
        lead = sqlite_world.play.cast.lead(POLICE)
        page = page_of(sqlite_world, lead, double)
        assert (page.relations, page.content, page.carried) == (frozenset({"informed"}), False, {})
        assert [item.kind for item in page.items] == ["signature"]
        assert page.history == []
        assert not has_key(sqlite_world, double, POLICE)
        done(put(sqlite_world, double, POLICE, cmd.RefuseToSign, lead=True))
        with pytest.raises(NotFound):
            page_of(sqlite_world, lead, double)
        assert sqlite_world.play.case(double).holder == BOOTH
        check_rows(sqlite_world)

    def test_it_waits_in_the_inbox_of_who_must_sign(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        done(ask(sqlite_world, double, kept))
        with looking(sqlite_world.inst.engine) as connection:
            inboxes = {
                account.sign_in: inbox_in(sqlite_world.inst, connection, account, "to_sign", 9).rows
                for agency in (POLICE, BOOTH)
                for account in sqlite_world.play.cast.of[agency]
            }
        lead = sqlite_world.play.cast.lead(POLICE)
        assert {name for name, rows in inboxes.items() if rows} == {lead.sign_in}
        assert inboxes[lead.sign_in][0].title.en == "To sign: to join the case to another of the same person"

    def test_in_one_agency_a_colleague_in_charge_signs(self, sqlite_world: World) -> None:
        kept = sqlite_world.play.open("identification", "report", POLICE)
        double = sqlite_world.play.open("identification", "report", POLICE)
        done(ask(sqlite_world, double, kept, POLICE, lead=True))
        assert refused(put(sqlite_world, double, POLICE, cmd.Sign, lead=True)) == "same_person"
        done(put(sqlite_world, double, POLICE, cmd.RefuseToSign, lead=True))
        assert joined(sqlite_world, kept, double, POLICE).merged is not None

    def test_only_a_supervisor_of_the_other_agency_signs(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        done(ask(sqlite_world, double, kept))
        assert refused(put(sqlite_world, double, BOOTH, cmd.Sign, lead=True)) == "not_second"
        assert refused(put(sqlite_world, double, POLICE, cmd.Sign)) == "not_second"

    def test_what_was_asked_of_others_ends(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        kept = play.open("identification", "report", POLICE, **SAME)
        double = play.open("identification", "report", DESK, place_found="NP0327", **ONE)
        run_once(sqlite_world.inst)
        due = sqlite_world.clock() + timedelta(days=2)
        done(put(sqlite_world, double, DESK, cmd.AddTask, agency=DESK, due=due))
        done(put(sqlite_world, double, DESK, cmd.Await, key="registry", body="police-cid", due=due))
        consent = next(map(str, play.ground(play.case(double)).procedure.sop.consents))
        play.consent(double, consent)
        done(put(sqlite_world, double, DESK, cmd.Refer, to=HOSPITAL, service="shelter", due=due, consent=consent))
        case = joined(sqlite_world, kept, double, DESK)
        assert (case.tasks, case.awaited, case.offer, case.hold) == ({}, {}, None, None)
        assert [referral.status for referral in case.referrals.values()] == ["withdrawn"]
        strip = page_of(sqlite_world, play.cast.worker(POLICE), double).strip
        assert (strip.until, strip.also_due, strip.stage_title.en) == (None, [], "Joined to another case")
        before = case.seq
        sqlite_world.clock.wait(days=60)
        run_once(sqlite_world.inst)
        assert play.case(double).seq == before
        check_rows(sqlite_world)

    def test_the_worker_tells_of_the_pair_no_more(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        joined(sqlite_world, kept, double)
        assert page_of(sqlite_world, sqlite_world.play.cast.worker(POLICE), kept).resembling == []
        third = sqlite_world.play.open("identification", "report", DESK, **SAME)
        run_once(sqlite_world.inst)
        assert set(sqlite_world.play.case(third).resembles) == {kept}
        assert third not in sqlite_world.play.case(double).resembles

    def test_a_consent_is_never_copied(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        kept = play.open("identification", "report", POLICE, **SAME)
        double = play.open("identification", "report", DESK, place_found="NP0327", **ONE)
        run_once(sqlite_world.inst)
        name = next(iter(play.ground(play.case(double)).procedure.sop.consents))
        play.consent(double, str(name))
        joined(sqlite_world, kept, double, DESK)
        assert play.case(kept).consents == {}
        shown = page_of(sqlite_world, play.cast.worker(POLICE), double).consents
        assert [one.status for one in shown if one.name == name] == ["given"]

    def test_no_event_holds_a_word_that_was_said(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        joined(sqlite_world, kept, double)
        written = b"".join(ev.to_bytes(one) for case in (kept, double) for one in envelopes(sqlite_world.inst, case))
        assert b"aunt" not in written
        assert "तामाङ".encode() not in written


class TestWhoReads:
    def test_whoever_takes_the_other_case_over_reads_this_one_too(self, world: World) -> None:
        kept, double = two(world)
        joined(world, kept, double)
        assert not relations(world, double, HOSPITAL)
        assert reading(world, double, "part") == reading(world, kept, "holder", "part") == {POLICE}
        reassign(world, kept, HOSPITAL)
        assert relations(world, double, HOSPITAL) == {"part"}
        assert has_key(world, double, HOSPITAL)
        assert reading(world, double, "part") == reading(world, kept, "holder", "part")
        assert events(world.inst, double, ev.ReadersChanged)[-1].holder == HOSPITAL
        assert page_of(world, world.play.cast.worker(HOSPITAL), double).content
        check_rows(world)

    def test_an_agency_from_which_the_other_case_was_taken_reads_neither(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        joined(sqlite_world, kept, double)
        reassign(sqlite_world, kept, DESK, hide=True)
        for case_id in (kept, double):
            assert not relations(sqlite_world, case_id, POLICE)

    def test_an_agency_from_which_this_case_is_hidden_never_gains(self, sqlite_world: World) -> None:
        """The booth lost sight of the case; it takes over the other one later and still does not read this one."""
        play = sqlite_world.play
        kept = play.open("identification", "report", POLICE, **SAME)
        double = play.open("identification", "interception", BOOTH, **ONE)
        run_once(sqlite_world.inst)
        reassign(sqlite_world, double, DESK, hide=True)
        joined(sqlite_world, kept, double, DESK)
        reassign(sqlite_world, kept, BOOTH)
        assert not relations(sqlite_world, double, BOOTH)
        page = page_of(sqlite_world, play.cast.worker(BOOTH), kept)
        assert page.content
        assert page.joined == []
        assert not any("joined to this one" in line.words.en for line in page.history)
        with pytest.raises(NotFound):
            page_of(sqlite_world, play.cast.worker(BOOTH), double)
        check_rows(sqlite_world)

    def test_who_joins_a_chain_is_read_through_the_whole_of_it(self, world: World) -> None:
        kept, double = two(world)
        last = world.play.open("identification", "report", DESK, **ONE)
        run_once(world.inst)
        joined(world, kept, double)
        joined(world, last, kept, POLICE, DESK)
        assert relations(world, double, DESK) == {"part"}
        merged = world.play.case(double).merged
        assert merged is not None
        assert merged.holder == DESK
        parted(world, kept, POLICE, DESK)
        assert not relations(world, double, DESK)
        assert relations(world, double, POLICE) == {"part"}
        check_all(world)


class TestUndoing:
    def test_it_goes_on_where_it_ended_and_the_time_between_does_not_count(self, world: World) -> None:
        play = world.play
        kept = play.open("identification", "report", POLICE, **SAME)
        double = play.open("identification", "report", DESK, place_found="NP0327", **ONE)
        run_once(world.inst)
        before = play.case(double)
        due = play_due(world, double)
        joined(world, kept, double, DESK)
        world.clock.wait(days=9)
        case = parted(world, double, DESK)
        assert (case.status, case.stage, case.holder, case.outcome) == (before.status, before.stage, DESK, None)
        assert (case.stage_since, case.entry_seq) == (before.stage_since, before.entry_seq)
        assert play_due(world, double) == due + timedelta(days=9)
        assert play.case(kept).joined == {}
        assert case.resembles == before.resembles
        assert "part" not in relations(world, double, POLICE)
        with pytest.raises(NotFound):
            page_of(world, play.cast.worker(POLICE), double)
        check_all(world)

    def test_a_case_that_was_opening_is_opening_again(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        play.good, grown = kuwait_route.GOOD, {**ONE, "birth_date": "1999-05-17"}
        first = play.open("identification", "interception", BOOTH, **grown)
        play.advance(first, "concern", **grown)
        play.advance(first, "ready", **grown)
        play.clock.wait(hours=22)
        kuwait_route.screened(play, first)
        double = next(iter(play.case(first).children))
        kept = play.open("identification", "report", POLICE, **grown)
        run_once(sqlite_world.inst)
        before = play.case(double)
        assert before.holder is not None
        assert before.offer is not None
        joined(sqlite_world, kept, double, before.holder)
        case = parted(sqlite_world, double, before.holder)
        assert (case.status, case.stage, case.holder, case.offer) == ("opening", None, before.holder, None)
        check_all(sqlite_world)

    def test_who_answers_for_the_other_case_may_ask_and_then_who_held_it_signs(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        joined(sqlite_world, kept, double)
        done(put(sqlite_world, double, POLICE, cmd.Unmerge))
        assert refused(put(sqlite_world, double, POLICE, cmd.Sign, lead=True)) == "not_second"
        assert done(put(sqlite_world, double, BOOTH, cmd.Sign, lead=True)).case.holder == BOOTH

    def test_who_held_it_may_undo_it_long_after(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        joined(sqlite_world, kept, double)
        sqlite_world.clock.wait(days=200)
        run_once(sqlite_world.inst)
        assert parted(sqlite_world, double).holder == BOOTH

    def test_it_can_be_joined_again(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        joined(sqlite_world, kept, double)
        parted(sqlite_world, double)
        joined(sqlite_world, kept, double)
        assert set(sqlite_world.play.case(kept).joined) == {double}
        check_all(sqlite_world)

    def test_nobody_else_undoes_it_and_it_needs_a_reason(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        assert refused(put(sqlite_world, double, BOOTH, cmd.Unmerge)) == "not_joined"
        joined(sqlite_world, kept, double)
        with pytest.raises(NotFound):
            put(sqlite_world, double, DESK, cmd.Unmerge)
        without = cmd.Unmerge(id=new_id(), actor=actor_of(sqlite_world.play.cast.worker(BOOTH)))
        assert refused(send(sqlite_world.inst, double, without)) == "reason_missing"

    def test_it_is_not_opened_again_in_the_common_way(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        joined(sqlite_world, kept, double)
        assert refused(put(sqlite_world, double, BOOTH, cmd.Reopen, reason="error")) == "joined"


class TestWhatIsNotJoined:
    def test_a_case_that_was_not_told_of_answers_like_one_that_is_not_there(self, sqlite_world: World) -> None:
        _, double = two(sqlite_world)
        foreign = sqlite_world.play.open("identification", "report", DESK)
        number = sqlite_world.play.case(foreign).number
        answers = [put(sqlite_world, double, BOOTH, cmd.Merge, number=one) for one in (number, "NP-2222222", "", "x")]
        assert {refused(answer) for answer in answers} == {"no_such_case"}
        assert len({answer.sentence() for answer in answers if isinstance(answer, Refusal)}) == 1

    def test_nor_does_one_that_was_hidden_from_the_agency_since_it_was_told(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        reassign(sqlite_world, kept, BOOTH)
        reassign(sqlite_world, kept, DESK, hide=True)
        assert kept in sqlite_world.play.case(double).resembles
        assert refused(ask(sqlite_world, double, kept)) == "no_such_case"

    def test_the_other_agency_must_be_allowed_to_know_of_this_case(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        reassign(sqlite_world, double, POLICE)
        reassign(sqlite_world, double, DESK, hide=True)
        assert refused(ask(sqlite_world, double, kept, DESK)) == "hidden"

    def test_only_the_holder_asks_and_says_why(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        with pytest.raises(NotFound):
            ask(sqlite_world, double, kept, POLICE)
        number = sqlite_world.play.case(kept).number
        silent = cmd.Merge(id=new_id(), actor=actor_of(sqlite_world.play.cast.worker(BOOTH)), number=number)
        assert refused(send(sqlite_world.inst, double, silent)) == "reason_missing"

    def test_no_case_is_joined_to_itself_or_to_one_of_the_same_subject(self, sqlite_world: World) -> None:
        case = sqlite_world.play.open("identification", "report", POLICE)
        assert refused(ask(sqlite_world, case, case, POLICE)) == "itself"

    def test_none_is_joined_to_one_that_is_joined_itself(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        kept, double, third = (play.open("identification", "report", POLICE) for _ in range(3))
        joined(sqlite_world, kept, double, POLICE)
        assert refused(ask(sqlite_world, third, double, POLICE)) == "joined_itself"
        assert refused(ask(sqlite_world, kept, double, POLICE)) == "joined_itself"

    def test_a_case_about_no_person_is_not_joined(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        one, other = (play.open("rescue-operation", "intel", POLICE) for _ in range(2))
        person = play.open("identification", "report", POLICE)
        assert refused(ask(sqlite_world, one, other, POLICE)) == "no_person"
        assert refused(ask(sqlite_world, person, other, POLICE)) == "no_person"

    def test_a_red_stop_is_reviewed_first(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        done(put(sqlite_world, double, BOOTH, cmd.RedStop))
        assert refused(ask(sqlite_world, double, kept)) == "stopped"
        done(put(sqlite_world, double, BOOTH, cmd.Release, lead=True))
        done(put(sqlite_world, kept, POLICE, cmd.RedStop))
        done(ask(sqlite_world, double, kept))
        assert refused(put(sqlite_world, double, POLICE, cmd.Sign, lead=True)) == "stopped"

    def test_a_case_that_waits_for_others_goes_on(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        kept = play.open("identification", "report", POLICE)
        double = play.open("identification", "report", DESK, place_found="NP0327")
        play.finish(double)
        play.go(double, "launch_rescue")
        play.accept(double)
        assert refused(ask(sqlite_world, double, kept, POLICE)) == "waiting"

    def test_none_is_joined_to_one_that_is_closed(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        kept = play.open("identification", "report", DESK, place_found="NP0327", **SAME)
        double = play.open("identification", "interception", BOOTH, **ONE)
        ours = play.open("identification", "report", DESK, place_found="NP0327", **SAME)
        run_once(sqlite_world.inst)
        play.finish(kept)
        play.go(kept, "unfounded")
        assert refused(ask(sqlite_world, double, kept)) == "closed"
        assert refused(ask(sqlite_world, ours, kept, DESK)) == "closed"
        check_rows(sqlite_world)

    def test_who_signs_is_asked_anew_when_the_other_case_has_changed_hands(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        done(ask(sqlite_world, double, kept))
        reassign(sqlite_world, kept, DESK)
        assert refused(put(sqlite_world, double, POLICE, cmd.Sign, lead=True)) == "changed_hands"
        assert sqlite_world.play.case(double).status != "closed"

    def test_a_second_wish_waits_for_the_first(self, sqlite_world: World) -> None:
        kept, double = two(sqlite_world)
        done(ask(sqlite_world, double, kept))
        assert refused(ask(sqlite_world, double, kept)) == "proposed"


class TestTwice:
    def test_sent_twice_it_is_asked_and_signed_once(self, world: World) -> None:
        kept, double = two(world)
        number = world.play.case(kept).number
        wish = cmd.Merge(id=new_id(), actor=actor_of(world.play.cast.worker(BOOTH)), number=number)
        signature = cmd.Sign(id=new_id(), actor=actor_of(world.play.cast.lead(POLICE)))
        for command in (wish, wish, signature, signature):
            done(send(world.inst, double, command, REASON))
        kinds = [type(one.event) for one in envelopes(world.inst, double)]
        assert (kinds.count(ev.Proposed), kinds.count(ev.Merged)) == (1, 1)
        assert len(events(world.inst, kept, ev.Joined)) == 1

    def test_two_cases_joined_to_each_other_at_once_do_not_both_end(self, world: World) -> None:
        play = world.play
        cases = [play.open("identification", "report", POLICE) for _ in range(2)]
        for one, other in (cases, cases[::-1]):
            done(ask(world, one, other, POLICE))
        with ThreadPoolExecutor(2) as pool:
            signing = [pool.submit(put, world, case, POLICE, cmd.Sign, lead=True) for case in cases]
            answers = [one.result() for one in signing]
        assert [isinstance(answer, Done) for answer in answers].count(True) == 1
        assert sorted(play.case(case).status for case in cases) == ["closed", "open"]
        check_all(world)

    def test_a_letter_that_comes_twice_or_late_tells_nothing_old(self, world: World) -> None:
        kept, double = two(world)
        joined(world, kept, double)
        parted(world, double)
        seq = world.play.case(kept).seq
        late = next(one.seq for one in envelopes(world.inst, double) if isinstance(one.event, ev.Merged))
        letters = [
            outbox.TellJoined(case=double, seq=late, into=kept),
            outbox.TellJoined(case=double, seq=99, into=kept),
            outbox.TellReaders(case=kept, seq=99),
        ]
        for letter in letters:
            with writing(world.inst.engine) as connection:
                outbox.put(connection, [letter], world.clock())
            assert deliver_all(world.inst) == 1
        assert world.play.case(kept).seq == seq
        with looking(world.inst.engine) as connection:
            assert outbox.problems(connection) == []


class TestAround:
    def test_the_case_that_opened_it_waits_for_it_no_longer(self, tmp_path: Path) -> None:
        site = removed(tmp_path)
        world, play = site.world, site.world.play
        play.accept(site.person)
        other = play.open("identification", "report", DESK)
        before = play.case(site.operation).children[site.person].status
        joined(world, other, site.person, DESK, DESK)
        assert play.case(site.operation).children[site.person].status == "merged"
        parted(world, site.person, DESK, DESK)
        assert play.case(site.operation).children[site.person].status == before

    def test_the_ministry_counts_the_person_once_and_no_success_or_breach_of_it(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        kept = play.open("identification", "report", DESK, place_found="NP0327")
        double = play.open("identification", "report", DESK, place_found="NP0327")
        late = play.open("identification", "report", DESK, place_found="NP0327")
        joined(sqlite_world, kept, double, DESK, DESK)
        sqlite_world.clock.wait(days=30)
        joined(sqlite_world, kept, late, DESK, DESK)
        sqlite_world.clock.wait(minutes=5)
        found = review(sqlite_world.inst, play.cast.worker("mowcsc"), "identification", MORNING, sqlite_world.clock())
        counted = {figure.key: [item.number for item in figure.items] for figure in found.figures}
        assert counted["open"] == counted["opened"] == [play.case(kept).number]
        assert counted["closed"] == []
        assert counted["merged"] == sorted(play.case(case).number for case in (double, late))
        stays = [item.number for line in found.stages for item in line.items]
        assert play.case(double).number not in stays
        assert play.case(late).number in stays

    def test_a_step_is_read_by_the_other_agency_and_recorded_by_nobody(self, sqlite_world: World) -> None:
        play = sqlite_world.play
        kept = play.open("identification", "report", POLICE, **SAME)
        double = play.open("identification", "report", DESK, place_found="NP0327", **ONE)
        run_once(sqlite_world.inst)
        play.finish(double)
        step = next(iter(play.case(double).steps))
        joined(sqlite_world, kept, double, DESK)
        page = step_page(sqlite_world.inst, play.cast.worker(POLICE), play.case(double).number, step)
        assert page.only_read is not None


def play_due(world: World, case_id: str):  # type: ignore[no-untyped-def]
    due = page_of(world, world.play.cast.worker(DESK), case_id).strip.until
    assert due is not None
    return due.at


def reassign(world: World, case_id: str, to: str, hide: bool = False) -> None:
    """Oversight gives a case to another agency; its former holder loses sight of it where that is said."""
    world.clock.wait(days=40)
    run_once(world.inst)
    done(put(world, case_id, "nccht", cmd.Reassign, to=to, hide_from_former=hide))
    done(put(world, case_id, "nccht", cmd.Sign, lead=True))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_joined_parted_and_handed_on_both_sides_agree(seed: int, tmp_path: Path) -> None:
    """Cases of three agencies in any order of joining, undoing, handing on and hiding, by whoever may and may not."""
    world = make_world(tmp_path, "postgresql" if seed % 2 else "sqlite", seed)
    chance, agencies = random.Random(seed), (POLICE, DESK, HOSPITAL)
    cases = [world.play.open("identification", "report", chance.choice((POLICE, DESK)), **ONE) for _ in range(4)]
    run_once(world.inst)
    joinings = 0
    for _ in range(50):
        case_id = chance.choice(cases)
        try:
            answer = try_joining(world, case_id, chance.choice(cases), chance, agencies)
        except NotFound:
            continue
        joinings += isinstance(answer, Done) and any(isinstance(one.event, ev.Merged) for one in answer.events)
        check_joinings(world, cases)
    assert joinings > 1
    check_all(world)


def try_joining(
    world: World, case_id: str, other: str, chance: random.Random, agencies: tuple[str, ...]
) -> Done | Refusal | None:
    case, by = world.play.case(case_id), chance.choice(agencies)
    if case.proposal is not None and chance.random() < 0.8:
        return put(world, case_id, case.proposal.of, chance.choice([cmd.Sign, cmd.Sign, cmd.RefuseToSign]), lead=True)
    what = chance.choice(["join", "join", "join", "part", "hand on"])
    if what == "join":
        return ask(world, case_id, other, case.holder or by)
    if what == "part":
        return put(world, case_id, case.merged.left if case.merged is not None else by, cmd.Unmerge)
    if case.status != "closed":
        reassign(world, case_id, by, hide=chance.random() < 0.3)
    return None


def check_joinings(world: World, cases: list[str]) -> None:
    """What a case that ended says of the other is so, and nobody from whom either is hidden reads it."""
    found = {case_id: world.play.case(case_id) for case_id in cases}
    for case_id, case in found.items():
        assert {one for one, other in found.items() if other.merged and other.merged.into == case_id} == set(
            case.joined
        )
        assert not set(case.hidden_from) & reading(world, case_id, "holder", "part", "keeper", "with")
        seen = {case_id}
        while case.merged is not None:
            into = found[case.merged.into]
            assert into.id not in seen
            seen.add(into.id)
            assert case.merged.holder == answers_for(into)
            assert case.merged.readers == readers(world.play.ground(into), into)
            case = into
