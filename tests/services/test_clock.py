"""A clock that leaps is not followed, and what a wrong clock has written counts for nothing."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from sop_engine.services import accounts, clock
from sop_engine.services.accounts import Entered, Origin
from sop_engine.services.brake import LONGEST
from sop_engine.services.clock import LEAP, SteadyClock
from sop_engine.services.passing import run_once
from sop_engine.services.staff import account_named
from sop_engine.store import checkpoints, people
from sop_engine.store.database import looking, writing
from tests.support.world import PASSWORD, World

POLICE = "ahtb"
YEAR = timedelta(days=365)


class Machine:
    """A machine whose clock can be set while its own time goes on."""

    def __init__(self) -> None:
        self.off, self.runs = timedelta(), 0.0
        self.begun = datetime(2026, 3, 2, tzinfo=UTC)

    def now(self, zone: object) -> datetime:
        return self.begun + timedelta(seconds=self.runs) + self.off

    def clock_gettime(self, which: int) -> float:
        return 1_000.0 + self.runs


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine()
    monkeypatch.setattr(clock, "datetime", found)
    monkeypatch.setattr(time, "clock_gettime", found.clock_gettime)
    return found


def test_a_leap_is_not_followed_and_small_corrections_are(machine: Machine) -> None:
    steady = SteadyClock()
    for leap in (YEAR, -YEAR, LEAP * 2):
        machine.runs += 60
        before = steady()
        machine.off += leap
        machine.runs += 60
        assert steady() == before + timedelta(seconds=60), "the machine ran for a minute"
        machine.off -= leap
        assert steady() == machine.now(UTC)
    for _ in range(10):
        machine.runs += 3600
        machine.off += timedelta(minutes=2)
        assert steady() == machine.now(UTC)


def test_a_session_that_a_wrong_clock_began_opens_nothing_once_it_is_right(world: World) -> None:
    right = world.clock.now
    world.clock.now = right + YEAR
    entered = accounts.sign_in(world.inst, POLICE, PASSWORD, Origin())
    assert isinstance(entered, Entered)
    assert accounts.session_of(world.inst, entered.token) is not None
    world.clock.now = right
    assert accounts.session_of(world.inst, entered.token) is None


def test_the_log_is_signed_and_nobody_waits_a_year_after_a_wrong_clock(world: World) -> None:
    right = world.clock.now
    world.clock.now = right + YEAR
    world.play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    run_once(world.inst)
    for _ in range(9):
        accounts.sign_in(world.inst, POLICE, "not her password", Origin())
    world.clock.now = right + LONGEST
    world.play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    run_once(world.inst)
    with looking(world.inst.engine) as connection:
        last = checkpoints.latest(connection)
    assert last is not None
    assert last[1] == world.clock.now
    assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, Origin()), Entered)


def test_a_sign_in_under_way_while_the_password_is_changed_opens_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_named(world.inst, POLICE)
    assert account is not None
    as_it_is = people.fits

    def changed_meanwhile(kept: str | None, typed: str) -> bool:
        fitting = as_it_is(kept, typed)
        monkeypatch.setattr(people, "fits", as_it_is)
        with writing(world.inst.engine) as connection:
            people.set_password(connection, world.inst.guard, account.id, "river lantern eleven")
        return fitting

    monkeypatch.setattr(people, "fits", changed_meanwhile)
    assert accounts.sign_in(world.inst, POLICE, PASSWORD, Origin()) is None
    assert isinstance(accounts.sign_in(world.inst, POLICE, "river lantern eleven", Origin()), Entered)
