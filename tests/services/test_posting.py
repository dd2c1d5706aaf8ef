"""E-mails through a real mail server: what they say, to whom they go, and that each goes once."""

import re
import threading
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import update

from sop_engine.app import installation
from sop_engine.services import mail_choices
from sop_engine.services.installation import Installation
from sop_engine.services.mail_choices import choices_of
from sop_engine.services.notices import KINDS, read_all
from sop_engine.services.passing import run_once
from sop_engine.services.posting import mail_all
from sop_engine.services.upkeep import doctor
from sop_engine.store.database import writing
from sop_engine.store.tables import person
from tests.support.mail_server import free_port, mail_server, post_to
from tests.support.notices import ADDRESS, DESK, POLICE, noted, offered, proven
from tests.support.world import World


def text_of(message: EmailMessage) -> str:
    return str(message.get_content())


def test_a_case_that_is_offered_is_told_once_and_by_its_number_of_cases_only(world: World) -> None:
    with mail_server() as (box, world.inst.post):
        desk = world.play.cast.worker(DESK)
        proven(world, desk)
        case_id, _ = offered(world)
        run_once(world.inst)
        assert [mail_all(world.inst), mail_all(world.inst)] == [1, 0]
        noted(world, case_id)
        assert mail_all(world.inst) == 0  # at once is no more than every ten minutes
        world.clock.wait(minutes=11)
        assert [mail_all(world.inst), mail_all(world.inst)] == [1, 0]
    assert [one["Subject"] for one in box.to(ADDRESS)] == ["A case needs you"] * 2
    assert "https://cases.example.org/" in text_of(box.received[0])


def test_a_mail_is_plain_and_tells_nothing_of_the_machine(sqlite_world: World) -> None:
    world = sqlite_world
    with mail_server() as (box, world.inst.post):
        proven(world, world.play.cast.worker(DESK))
        offered(world)
        run_once(world.inst)
        mail_all(world.inst)
    mail = box.received[0]
    assert mail.get_content_type() == "text/plain"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", mail["Message-ID"])
    assert {str(name) for name in mail} == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip
    assert box.names == ["example.org"]


def test_in_nepali_where_she_chose_it(sqlite_world: World) -> None:
    world = sqlite_world
    with mail_server() as (box, world.inst.post):
        proven(world, world.play.cast.worker(DESK), language="ne")
        offered(world)
        run_once(world.inst)
        mail_all(world.inst)
    assert box.received[0]["Subject"] == "एउटा विषयलाई तपाईं चाहिएको छ"
    assert "https://cases.example.org/" in text_of(box.received[0])


def test_two_workers_at_once_send_one_mail(world: World) -> None:
    with mail_server() as (box, world.inst.post):
        accounts = [world.play.cast.worker(DESK), world.play.cast.lead(DESK)]
        for number, account in enumerate(accounts):
            proven(world, account, f"officer{number}@mail.example")
        offered(world)
        run_once(world.inst)
        other = installation(world.settings, world.clock)
        other.post = world.inst.post
        begin = threading.Barrier(2)
        together = [threading.Thread(target=_at_once, args=(one, begin)) for one in (world.inst, other)]
        for one in together:
            one.start()
        for one in together:
            one.join()
        for inst in (world.inst, other):
            mail_all(inst)
    assert sorted(one["To"] for one in box.received) == ["officer0@mail.example", "officer1@mail.example"]


def _at_once(inst: Installation, begin: threading.Barrier) -> None:
    begin.wait()
    run_once(inst)
    mail_all(inst)


def test_while_the_server_is_down_mails_wait_longer_and_longer_and_then_go_once(world: World) -> None:
    port = free_port()
    world.inst.post = post_to(port)
    desk = world.play.cast.worker(DESK)
    proven(world, desk)
    case_id, _ = offered(world)
    run_once(world.inst)
    assert mail_all(world.inst) == 0
    assert "cannot be used" in " ".join(doctor(world.inst).problems)
    with mail_server(port) as (box, _):
        assert mail_all(world.inst) == 0  # the server is left alone for a while
    world.clock.wait(minutes=1)
    assert mail_all(world.inst) == 0
    with mail_server(port) as (box, _):
        world.clock.wait(minutes=1)
        assert mail_all(world.inst) == 0  # the second time it is two minutes
        world.clock.wait(minutes=1)
        assert [mail_all(world.inst), mail_all(world.inst)] == [1, 0]
        world.clock.wait(minutes=30)
        assert mail_all(world.inst) == 0
        noted(world, case_id)
        assert mail_all(world.inst) == 1
        assert doctor(world.inst).problems == []
    assert len(box.to(ADDRESS)) == 2


def test_a_server_that_hangs_up_after_it_took_a_mail_gets_it_no_second_time(sqlite_world: World) -> None:
    world = sqlite_world
    with mail_server() as (box, world.inst.post):
        box.breaks = True
        proven(world, world.play.cast.worker(DESK))
        offered(world)
        run_once(world.inst)
        mail_all(world.inst)
        for _ in range(3):
            world.clock.wait(hours=2)
            mail_all(world.inst)
    assert len(box.received) == 1


def test_one_address_that_is_refused_holds_nobody_else_up(sqlite_world: World) -> None:
    world = sqlite_world
    worker, lead = world.play.cast.worker(DESK), world.play.cast.lead(DESK)
    with mail_server() as (box, world.inst.post):
        proven(world, worker)
        offered(world)
        run_once(world.inst)
        box.refuses = True
        assert mail_all(world.inst) == 0
        assert choices_of(world.inst, worker).mailing.failures == 1
        box.refuses = False
        proven(world, lead, "lead@mail.example")
        assert mail_all(world.inst) == 1
        world.clock.wait(minutes=2)
        assert [mail_all(world.inst), mail_all(world.inst)] == [1, 0]
        assert choices_of(world.inst, worker).mailing.failures == 0
    assert sorted(one["To"] for one in box.received) == [ADDRESS, "lead@mail.example"]


def test_what_was_read_or_answered_meanwhile_is_in_no_mail(sqlite_world: World) -> None:
    world = sqlite_world
    worker, lead = world.play.cast.worker(DESK), world.play.cast.lead(DESK)
    with mail_server() as (box, world.inst.post):
        proven(world, worker, how="daily")
        proven(world, lead, "lead@mail.example", how="daily")
        first, _ = offered(world)
        run_once(world.inst)
        read_all(world.inst, lead, world.clock())
        world.play.accept(first)
        world.clock.wait(days=1)
        run_once(world.inst)
        with writing(world.inst.engine) as connection:
            connection.exec_driver_sql("delete from notice where kind in ('late', 'soon')")
        assert mail_all(world.inst) == 0
    assert box.received == []


@pytest.mark.parametrize("left", ["the agency", "the choice", "the kinds"])
def test_who_left_or_chose_otherwise_gets_nothing(sqlite_world: World, left: str) -> None:
    world = sqlite_world
    desk = world.play.cast.worker(DESK)
    with mail_server() as (box, world.inst.post):
        proven(world, desk)
        offered(world)
        run_once(world.inst)
        if left == "the agency":
            with writing(world.inst.engine) as connection:
                connection.execute(update(person).where(person.c.id == desk.id).values(agency=POLICE))
        elif left == "the choice":
            mail_choices.forget_address(world.inst, desk)
        else:
            mail_choices.choose(world.inst, desk, "en", "at_once", 9, None, ["note", "late"])
        assert mail_all(world.inst) == 0
    assert box.received == []


def test_a_digest_counts_cases_and_comes_after_the_quiet_hours(sqlite_world: World) -> None:
    world = sqlite_world
    desk = world.play.cast.worker(DESK)
    with mail_server() as (box, world.inst.post):
        proven(world, desk)
        assert mail_choices.choose(world.inst, desk, "en", "daily", 20, (19, 7), KINDS) is None
        case_id, other = offered(world)
        world.play.finish(other)
        world.play.go(other, "to_safety")
        noted(world, case_id)
        day = world.clock().replace(minute=0)
        for at, sent in ((day.replace(hour=15), 0), (day.replace(hour=1) + timedelta(days=1), 0)):  # 20:45, 06:45
            world.clock.now = at
            assert mail_all(world.inst) == sent
        world.clock.wait(minutes=16)
        assert mail_all(world.inst) == 1
    assert [one["Subject"] for one in box.received] == ["2 cases need you"]


def test_without_a_mail_server_nothing_is_mailed_and_nothing_is_wrong(sqlite_world: World) -> None:
    proven(sqlite_world, sqlite_world.play.cast.worker(DESK))
    offered(sqlite_world)
    run_once(sqlite_world.inst)
    assert sqlite_world.inst.post is None
    assert mail_all(sqlite_world.inst) == 0
    assert doctor(sqlite_world.inst).problems == []


def test_nothing_personal_is_in_the_log(sqlite_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world = sqlite_world
    world.inst.post = post_to(free_port())
    proven(world, world.play.cast.worker(DESK))
    offered(world)
    run_once(world.inst)
    mail_all(world.inst)
    written = "".join(capsys.readouterr())
    assert "mail server cannot be used" in written
    assert "mail.example" not in written
