"""What an operator does for people: another password, no second factor, the end of an account."""

from datetime import timedelta

import pytest

from sop_engine.case import commands as cmd
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import accounts
from sop_engine.services.accounts import Entered, Halfway, Origin
from sop_engine.services.installation import SignInRules, actor_of, new_id
from sop_engine.services.sending import send
from sop_engine.services.staff import account_named, colleagues
from sop_engine.services.tokens import bearer_of, make_token
from sop_engine.store import factors, people, sessions
from sop_engine.store.database import looking, writing
from sop_engine.store.factors import Factor
from tests.cli.program import Program
from tests.support.world import MORNING, PASSWORD, World

POLICE, NEW = "ahtb", "river lantern eleven"


def signed_in(world: World, password: str = PASSWORD) -> Entered:
    entered = accounts.sign_in(world.inst, POLICE, password, Origin())
    assert isinstance(entered, Entered)
    return entered


def test_another_password_ends_sessions_and_the_old_one(sqlite_world: World, sop_engine: Program) -> None:
    before = signed_in(sqlite_world)
    said = sop_engine("people", "password", POLICE, "--password", NEW, "--home", sqlite_world.settings.home)
    assert (said.code, said.err) == (0, "")
    assert accounts.session_of(sqlite_world.inst, before.token) is None
    assert accounts.sign_in(sqlite_world.inst, POLICE, PASSWORD, Origin()) is None
    signed_in(sqlite_world, NEW)


def test_a_password_that_is_tried_first_is_refused(sqlite_world: World, sop_engine: Program) -> None:
    home = sqlite_world.settings.home
    for weak in ("short", "password12345", "ahtb-ahtb-2026"):
        said = sop_engine("people", "password", POLICE, "--password", weak, "--home", home)
        assert (said.code, "password" in said.err) == (1, True)
    signed_in(sqlite_world)


def test_whoever_lost_her_app_sets_up_another_one(sqlite_world: World, sop_engine: Program) -> None:
    world, home = sqlite_world, sqlite_world.settings.home
    nothing = sop_engine("people", "unlock-factor", POLICE, "--home", home)
    assert (nothing.code, nothing.err) == (1, "sop-engine: This person has no second factor\n")
    account = world.play.cast.worker(POLICE)
    with writing(world.inst.engine) as connection:
        factors.add(connection, Factor(new_id(), account.id, factors.TOTP, "", b"sealed", MORNING))
        people.vouch(connection, world.inst.guard, account.id)
    assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, Origin()), Halfway)
    said = sop_engine("people", "unlock-factor", POLICE, "--home", home)
    assert (said.code, "reset_factor" in said.out, account.id in said.out) == (0, True, True)
    world.inst.rules = SignInRules()
    halfway = accounts.sign_in(world.inst, POLICE, PASSWORD, Origin())
    assert isinstance(halfway, Halfway)
    assert halfway.sets_up


def test_the_open_cases_of_whoever_leaves_are_nobodys(sqlite_world: World, sop_engine: Program) -> None:
    world, home = sqlite_world, sqlite_world.settings.home
    worker, lead = world.play.cast.worker(POLICE), world.play.cast.lead(POLICE)
    token = make_token(world.inst, worker, "for a program", ["read"], 9, PASSWORD, Origin())
    assert isinstance(token, str)
    session = signed_in(world)
    case = world.play.case(bar_rescue.tip_off(world.play))
    send(world.inst, case.id, cmd.Assign(id=new_id(), actor=actor_of(lead), worker=worker.id))
    assert bearer_of(world.inst, token) is not None
    assert sop_engine("people", "end", POLICE, "--home", home).code == 0
    after = world.play.case(case.id)
    assert (after.worker, after.holder) == (None, POLICE)
    assert accounts.session_of(world.inst, session.token) is None
    assert bearer_of(world.inst, token) is None
    assert accounts.sign_in(world.inst, POLICE, PASSWORD, Origin()) is None
    assert account_named(world.inst, POLICE) is None
    assert worker.id not in {one.id for one in colleagues(world.inst, lead)}
    with looking(world.inst.engine) as connection:
        assert not sessions.has_devices(connection, worker.id)
    assert sop_engine("people", "end", POLICE, "--home", home).code == 1
    again = ("person-add", POLICE, "--agency", POLICE, "--shown-as", "Another", "--password", NEW, "--home", home)
    assert "is taken" in sop_engine(*again).err, "a name in old cases is nobody else's"


@pytest.mark.parametrize(("name", "taken"), [("\x1b[31mMaya", False), ("Maya\nLead", False), ("राम्‌चन्द्र श्रेष्ठ", True)])
def test_a_name_holds_letters_and_nothing_that_a_terminal_obeys(
    name: str, taken: bool, sqlite_world: World, sop_engine: Program
) -> None:
    words = ("person-add", "maya", "--agency", POLICE, "--shown-as", name, "--password", NEW)
    said = sop_engine(*words, "--home", sqlite_world.settings.home)
    assert (said.code == 0) is taken, said.err


def test_two_administrators_are_made_here_and_further_ones_by_them(sqlite_world: World, sop_engine: Program) -> None:
    world, home = sqlite_world, sqlite_world.settings.home
    for one in world.play.cast.administrators:
        assert sop_engine("people", "end", one.sign_in, "--home", home).code == 0
    words = ("people", "administrator", "--agency", "mowcsc", "--shown-as", "Sita", "--home", home)
    for name in ("sita", "gita"):
        said = sop_engine(*words, name)
        assert said.code == 0
        password = said.out.strip().rsplit(" ", 1)[1]
        assert isinstance(accounts.sign_in(world.inst, name, password, Origin()), Entered)
        account = account_named(world.inst, name)
        assert account is not None
        assert account.roles == {"administrator"}
    third = sop_engine(*words, "rita")
    assert (third.code, "two of them together" in third.err) == (1, True)
    beside = ("person-add", "rita", "--agency", "mowcsc", "--shown-as", "R", "--role", "administrator", "--home", home)
    assert sop_engine(*beside, "--password", NEW).code == 1


def test_a_password_that_an_operator_gave_is_over_after_three_days(sqlite_world: World, sop_engine: Program) -> None:
    assert sop_engine("people", "password", POLICE, "--password", NEW, "--home", sqlite_world.settings.home).code == 0
    account = account_named(sqlite_world.inst, POLICE)
    assert account is not None
    assert account.given_until is not None
    sqlite_world.clock.now = account.given_until + timedelta(seconds=1)
    assert accounts.sign_in(sqlite_world.inst, POLICE, NEW, Origin()) is None


def test_doctor_warns_where_a_password_alone_opens_a_real_account(sqlite_world: World, sop_engine: Program) -> None:
    home = sqlite_world.settings.home
    (home / "sop-engine.toml").write_text('second_factor = "offered"\n')
    assert "second_factor" not in sop_engine("doctor", "--home", home).out
    words = ("person-add", "maya", "--agency", POLICE, "--shown-as", "Maya", "--password", NEW, "--home", home)
    assert sop_engine(*words).code == 0
    assert "warning: second_factor is 'offered'" in sop_engine("doctor", "--home", home).out
    (home / "sop-engine.toml").write_text('second_factor = "maybe"\n')
    said = sop_engine("doctor", "--home", home)
    assert (said.code, "write required or offered" in said.err) == (3, True)
