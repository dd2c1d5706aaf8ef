"""Whoever gets e-mails is told in one that her account was signed in to from a new device, and nothing else in it."""

from datetime import timedelta

from sop_engine.services import accounts, mail_choices
from sop_engine.services.accounts import Entered, Origin
from sop_engine.services.notices import KINDS
from sop_engine.services.posting import mail_all
from tests.support.mail_server import mail_server
from tests.support.notices import ADDRESS, DESK, proven
from tests.support.world import PASSWORD, World


def enters(world: World, device: str | None = None) -> Entered:
    entered = accounts.sign_in(world.inst, DESK, PASSWORD, Origin(device=device))
    assert isinstance(entered, Entered)
    return entered


def test_a_new_device_is_mailed_once_until_it_was_looked_at(world: World) -> None:
    account = world.play.cast.worker(DESK)
    with mail_server() as (box, world.inst.post):
        proven(world, account)
        device = enters(world).device
        enters(world, device)
        assert mail_all(world.inst) == 0, "the first device and one that is known are told to nobody"
        enters(world)
        enters(world)
        assert [mail_all(world.inst), mail_all(world.inst)] == [1, 0]
        (mail,) = box.to(ADDRESS)
    assert mail["Subject"] == "A new device"
    assert "Your account was signed in to from a new device." in mail.get_content()
    assert DESK not in mail.get_content()


def test_it_waits_for_the_end_of_quiet_hours_and_for_nobody_who_gets_no_mail(sqlite_world: World) -> None:
    world = sqlite_world
    account, hour = world.play.cast.worker(DESK), (world.clock() + timedelta(hours=5, minutes=45)).hour
    with mail_server() as (box, world.inst.post):
        proven(world, account)
        quiet = (hour, (hour + 2) % 24)
        assert mail_choices.choose(world.inst, account, "ne", "daily", 9, quiet, KINDS) is None
        enters(world)
        enters(world)
        assert mail_all(world.inst) == 0
        world.clock.wait(hours=2)
        assert mail_all(world.inst) == 1
        assert [one["Subject"] for one in box.to(ADDRESS)] == ["नयाँ उपकरण"]
        other = accounts.sign_in(world.inst, "ahtb", PASSWORD, Origin())
        assert isinstance(other, Entered)
        accounts.sign_in(world.inst, "ahtb", PASSWORD, Origin())
        assert mail_all(world.inst) == 0
