"""What is news to whom, of each kind: once, while it is still so, and to nobody whose case it is not."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from sop_engine.case import commands as cmd
from sop_engine.services.accounts import Entered, session_of, sign_in
from sop_engine.services.brake import Origin
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.notices import news_of, read_all, read_one
from sop_engine.services.passing import run_once
from sop_engine.store import notices, people
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account
from sop_engine.store.tables import access, notice, person
from tests.support.notices import DESK, POLICE, offered, sent
from tests.support.world import PASSWORD, World

SHELTER = "sisau"


def news(world: World, account: Account, case_id: str) -> list[str]:
    """The kinds of news of a case that stand on somebody's page, after the worker went round."""
    run_once(world.inst)
    number = world.play.case(case_id).number
    return sorted(line.kind for line in news_of(world.inst, account, 1).lines if line.number == number)


def answers(world: World, account: Account, case_id: str) -> list[str | None]:
    """Which answers stand on somebody's page, the latest first."""
    run_once(world.inst)
    number = world.play.case(case_id).number
    lines = news_of(world.inst, account, 1).lines
    return [line.answer for line in lines if line.number == number and line.kind == "answer"]


def counted(world: World, account: Account) -> int:
    """What the bell in the head of a page says."""
    entered = sign_in(world.inst, account.sign_in, PASSWORD, Origin())
    assert isinstance(entered, Entered)
    session = session_of(world.inst, entered.token)
    assert session is not None
    return session.news


def test_an_offer_is_news_to_the_receiver_until_it_is_answered(world: World) -> None:
    case_id, _ = offered(world)
    cast = world.play.cast
    desk, lead, sender = cast.worker(DESK), cast.lead(DESK), cast.worker(POLICE)
    assert news(world, desk, case_id) == news(world, lead, case_id) == ["offered"]
    assert "offered" not in news(world, sender, case_id)
    assert counted(world, desk) == 1
    world.play.accept(case_id)
    assert news(world, desk, case_id) == news(world, lead, case_id) == []
    assert counted(world, desk) == 0
    assert "answer" in news(world, sender, case_id)
    assert answers(world, sender, case_id) == ["yes"]


def test_an_offer_that_was_refused_is_told_as_a_no(sqlite_world: World) -> None:
    case_id, _ = offered(sqlite_world)
    cast = sqlite_world.play.cast
    refused = cmd.Refuse(id=new_id(), actor=actor_of(cast.worker(DESK)), reason="no_capacity")
    sent(sqlite_world, case_id, refused)
    assert answers(sqlite_world, cast.worker(POLICE), case_id) == ["no"]


def test_what_is_asked_of_us_and_what_comes_of_it(world: World) -> None:
    _, case_id = offered(world)
    play, cast, due = world.play, world.play.cast, world.clock() + timedelta(days=2)
    play.consent(case_id, "data_sharing")
    worker, lead = cast.worker(POLICE), cast.lead(POLICE)
    ngo = play.case(case_id).parts["ngo"]
    actor = actor_of(worker)
    task = sent(world, case_id, cmd.AddTask(id=new_id(), actor=actor, agency=ngo, due=due), {"task": "Her papers."})
    refer = cmd.Refer(id=new_id(), actor=actor, to=SHELTER, service="shelter", due=due, consent="data_sharing")
    referral = sent(world, case_id, refer, {"asked": "A bed."})
    sent(world, case_id, cmd.Note(id=new_id(), actor=actor, to=[ngo]), {"note": "Her sister telephoned."})
    sent(world, case_id, cmd.Assign(id=new_id(), actor=actor_of(lead), worker=worker.id))
    sent(world, case_id, cmd.RedStop(id=new_id(), actor=actor), {"reason": "Somebody waits outside."})
    assert news(world, cast.worker(ngo), case_id) == ["asked", "note"]
    assert news(world, cast.worker(SHELTER), case_id) == ["asked"]
    assert news(world, worker, case_id) == ["assigned"]
    assert news(world, lead, case_id) == ["to_sign"]
    done = cmd.EndTask(id=new_id(), actor=actor_of(cast.worker(ngo)), task=str(task.case.seq), how="done")
    sent(world, case_id, done)
    answer = cmd.AnswerReferral(
        id=new_id(), actor=actor_of(cast.worker(SHELTER)), referral=str(referral.case.seq), answer="accepted"
    )
    sent(world, case_id, answer)
    assert news(world, cast.worker(ngo), case_id) == ["note"]
    assert news(world, cast.worker(SHELTER), case_id) == []
    assert news(world, worker, case_id) == ["answer", "answer", "assigned"]
    assert set(answers(world, worker, case_id)) == {"yes", "done"}
    assert news(world, lead, case_id) == ["to_sign"]


def test_a_signature_is_asked_of_those_in_the_role_and_of_nobody_who_lost_it(sqlite_world: World) -> None:
    world = sqlite_world
    _, case_id = offered(world)
    worker, lead = world.play.cast.worker(POLICE), world.play.cast.lead(POLICE)
    waive = cmd.WaiveStep(id=new_id(), actor=actor_of(worker), step="belongings")
    sent(world, case_id, waive, {"reason": "No time."})
    assert news(world, lead, case_id) == ["to_sign"]
    assert news(world, worker, case_id) == []
    with writing(world.inst.engine) as connection:
        connection.execute(update(person).where(person.c.id == lead.id).values(roles='["worker"]'))
        people.vouch(connection, world.inst.guard, lead.id)
    assert news(world, lead, case_id) == []
    assert counted(world, lead) == 0
    sent(world, case_id, cmd.RefuseToSign(id=new_id(), actor=actor_of(lead)), {"reason": "There is time."})
    assert news(world, worker, case_id) == ["answer"]
    assert answers(world, worker, case_id) == ["no"]


def test_time_is_told_once_for_each_stage_to_whoever_works_on_it(world: World) -> None:
    play = world.play
    case_id = play.open("rescue-operation", "intel", POLICE)
    play.advance(case_id, "plan")
    everybody = [play.cast.worker(POLICE), play.cast.lead(POLICE)]
    world.clock.wait(hours=22)
    assert [news(world, one, case_id) for one in everybody] == [["soon"], ["soon"]]
    sent(world, case_id, cmd.Assign(id=new_id(), actor=actor_of(everybody[1]), worker=everybody[0].id))
    assert [news(world, one, case_id) for one in everybody] == [["assigned", "soon"], []]
    world.clock.wait(hours=4)
    assert [news(world, one, case_id) for one in everybody] == [["assigned", "late"], []]
    for _ in range(5):
        world.clock.wait(hours=2)
        run_once(world.inst)
    with looking(world.inst.engine) as connection:
        late = select(func.count()).where(notice.c.case_id == case_id, notice.c.kind == "late")
        assert connection.execute(late).scalar_one() == 1


def test_an_answer_from_outside_is_told_to_who_asked(sqlite_world: World) -> None:
    world = sqlite_world
    _, case_id = offered(world)
    worker, lead = world.play.cast.worker(POLICE), world.play.cast.lead(POLICE)
    sent(world, case_id, cmd.Await(id=new_id(), actor=actor_of(worker), key="mission", body="nccht"))
    sent(world, case_id, cmd.Answer(id=new_id(), actor=actor_of(lead), key="mission"))
    assert news(world, worker, case_id) == ["answer"]
    assert news(world, lead, case_id) == []


@pytest.mark.parametrize("left", ["the case", "the agency"])
def test_a_case_that_is_no_longer_hers_is_not_shown_and_not_counted(sqlite_world: World, left: str) -> None:
    world = sqlite_world
    case_id, _ = offered(world)
    desk = world.play.cast.worker(DESK)
    note = cmd.Note(id=new_id(), actor=actor_of(world.play.cast.worker(POLICE)), to=[DESK])
    sent(world, case_id, note, {"note": "She asks for her sister."})
    assert news(world, desk, case_id) == ["note", "offered"]
    with writing(world.inst.engine) as connection:
        if left == "the case":
            connection.execute(delete(access).where(access.c.case_id == case_id, access.c.agency == DESK))
        else:
            connection.execute(update(person).where(person.c.id == desk.id).values(agency=POLICE))
            people.vouch(connection, world.inst.guard, desk.id)
    assert news_of(world.inst, desk, 1).lines == []
    assert counted(world, desk) == 0
    with looking(world.inst.engine) as connection:
        assert connection.execute(select(func.count()).where(notice.c.person == desk.id)).scalar_one() == 2


def test_one_or_all_are_marked_read_and_stay_so(sqlite_world: World) -> None:
    world = sqlite_world
    case_id, _ = offered(world)
    desk, lead = world.play.cast.worker(DESK), world.play.cast.lead(DESK)
    assert news(world, desk, case_id) == ["offered"]
    line = news_of(world.inst, desk, 1).lines[0]
    read_one(world.inst, desk, line.number, line.kind, line.seq)
    assert news(world, desk, case_id) == []
    assert news(world, lead, case_id) == ["offered"]
    read_all(world.inst, lead, world.clock() - timedelta(days=1))
    assert news(world, lead, case_id) == ["offered"]
    read_all(world.inst, lead, world.clock())
    assert news(world, lead, case_id) == []


def test_losing_all_notices_and_the_mark_gives_the_same_again(sqlite_world: World) -> None:
    world = sqlite_world
    offered(world)
    run_once(world.inst)

    def kept() -> list[tuple[object, ...]]:
        with looking(world.inst.engine) as connection:
            columns = (notice.c.person, notice.c.case_id, notice.c.kind, notice.c.seq, notice.c.since)
            return sorted(tuple(row) for row in connection.execute(select(*columns)))

    before = kept()
    assert before
    with writing(world.inst.engine) as connection:
        connection.execute(delete(notice))
        connection.exec_driver_sql("delete from mark")
    run_once(world.inst)
    assert kept() == before


def test_old_notices_go(sqlite_world: World) -> None:
    world = sqlite_world
    case_id, _ = offered(world)
    note = cmd.Note(id=new_id(), actor=actor_of(world.play.cast.worker(POLICE)), to=[DESK])
    sent(world, case_id, note, {"note": "She asks for her sister."})
    desk = world.play.cast.worker(DESK)
    assert "note" in news(world, desk, case_id)
    world.clock.wait(days=31)
    run_once(world.inst)
    with looking(world.inst.engine) as connection:
        old = notice.c.since < notices.as_text(world.clock() - timedelta(days=30))
        assert connection.execute(select(func.count()).select_from(notice).where(old)).scalar_one() == 0
