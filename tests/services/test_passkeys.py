"""Passkeys: what is asked serves once, for one holder and for a while; an answer fits one place and one account."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import structlog

from sop_engine.case.refusal import Refusal
from sop_engine.services import accounts, second_step, security
from sop_engine.services.accounts import Entered, Halfway, Origin, Place
from sop_engine.services.installation import SignInRules
from sop_engine.services.second_step import CodeWanted
from sop_engine.store import people
from sop_engine.store.database import looking, writing
from sop_engine.store.sealing import VaultLocked
from sop_engine.store.tables import challenge, factor
from tests.support.passkeys import HOST, ORIGIN, PRESENT, Device, text
from tests.support.world import PASSWORD, World

HERE, NOBODY, BROWSER = Place(HOST, ORIGIN), Origin(), "a-browser"
POLICE, DESK = "ahtb", "wcsc-kathmandu"


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody with a passkey, her session and her recovery codes."""

    world: World
    name: str
    device: Device
    token: str
    codes: tuple[str, ...]

    def asked(self, holder: str = BROWSER) -> str:
        return accounts.ask_for_passkey(self.world.inst, holder, HERE)

    def enters(self, said: str, holder: str = BROWSER, at: Place = HERE) -> Entered | Refusal:
        return accounts.sign_in_with_passkey(self.world.inst, holder, said, at, NOBODY)

    def half(self) -> CodeWanted:
        found = accounts.sign_in(self.world.inst, self.name, PASSWORD, NOBODY)
        assert isinstance(found, Halfway)
        wanted = second_step.code_wanted(self.world.inst, found.token, "localhost")
        assert wanted is not None
        return wanted


def begun(world: World, name: str) -> str:
    """The token of a session."""
    found = accounts.sign_in(world.inst, name, PASSWORD, NOBODY)
    assert isinstance(found, Entered)
    return found.token


def with_passkey(world: World, device: Device | None = None, name: str = POLICE) -> Owner:
    """Somebody who added a passkey in the safety of her account."""
    account, token, device = world.play.cast.worker(name), begun(world, name), device or Device()
    asked = security.begin_passkey(world.inst, account, token, PASSWORD, HERE, NOBODY)
    assert isinstance(asked, str)
    added = security.add_passkey(world.inst, account, token, device.made(asked), "Key", HERE, NOBODY)
    assert isinstance(added, Entered)
    return Owner(world, name, device, added.token, added.codes)


def code_of(answer: object) -> str:
    return answer.code if isinstance(answer, Refusal) else type(answer).__name__


def test_a_passkey_alone_signs_in_and_is_a_second_factor(world: World) -> None:
    owner = with_passkey(world)
    assert len(owner.codes) == 10
    world.inst.rules = SignInRules()
    entered = owner.enters(owner.device.used(owner.asked()))
    assert isinstance(entered, Entered)
    session = accounts.session_of(world.inst, entered.token)
    assert session is not None
    assert session.account.sign_in == POLICE
    wanted = owner.half()
    assert (wanted.setting_up, wanted.kinds) == (None, {"passkey"})
    said = owner.device.used(second_step.ask_for_second(world.inst, wanted, HERE))
    assert isinstance(second_step.enter_passkey(world.inst, wanted, said, HERE, NOBODY), Entered)
    assert isinstance(second_step.enter_code(world.inst, owner.half(), owner.codes[0], NOBODY), Entered)


def test_an_answer_serves_once_also_when_it_is_sent_twice_at_the_same_moment(world: World) -> None:
    owner = with_passkey(world, Device(count=0))
    owner.device.count = 0
    said = owner.device.used(owner.asked())
    with ThreadPoolExecutor(2) as both:
        answers = [code_of(one) for one in both.map(owner.enters, [said, said])]
    assert sorted(answers) == ["Entered", "passkey"]
    assert code_of(owner.enters(said)) == "passkey"


def test_a_wrong_answer_uses_up_what_was_asked(world: World) -> None:
    owner = with_passkey(world)
    right = owner.device.used(owner.asked())
    wrong = json.loads(right)
    wrong["response"]["signature"] = text(b"no signature")
    assert [code_of(owner.enters(one)) for one in (json.dumps(wrong), right)] == ["passkey", "passkey"]


def test_what_was_asked_is_good_for_five_minutes_and_the_last_takes_the_place_of_those_before(world: World) -> None:
    owner = with_passkey(world)
    late = owner.device.used(owner.asked())
    world.clock.wait(minutes=6)
    assert code_of(owner.enters(late)) == "passkey"
    first, second = owner.device.used(owner.asked()), owner.device.used(owner.asked())
    assert json.loads(first)["response"]["clientDataJSON"] != json.loads(second)["response"]["clientDataJSON"]
    assert code_of(owner.enters(first)) == "passkey"
    owner.asked()
    world.clock.wait(minutes=61)
    accounts.tidy_all(world.inst)
    with looking(world.inst.engine) as connection:
        assert connection.execute(challenge.select()).all() == []


def test_an_answer_is_good_where_it_was_asked_for_alone(world: World) -> None:
    owner = with_passkey(world)
    elsewhere = owner.device.used(owner.asked("another-browser"))
    owner.asked()
    assert code_of(owner.enters(elsewhere)) == "passkey", "asked of another browser"
    wanted, other = owner.half(), owner.half()
    said = owner.device.used(second_step.ask_for_second(world.inst, other, HERE))
    second_step.ask_for_second(world.inst, wanted, HERE)
    assert code_of(second_step.enter_passkey(world.inst, wanted, said, HERE, NOBODY)) == "passkey", "another half"
    alone = owner.device.used(owner.asked())
    assert code_of(second_step.enter_passkey(world.inst, wanted, alone, HERE, NOBODY)) == "passkey", "asked of nobody"


@pytest.mark.parametrize(
    ("what", "value"),
    [("origin", "http://localhost.example"), ("origin", "https://localhost"), ("host", "example"), ("flags", PRESENT)],
)
def test_an_answer_of_another_page_place_or_of_a_device_that_does_not_know_its_owner_is_refused(
    world: World, what: str, value: object
) -> None:
    owner = with_passkey(world)
    good = getattr(owner.device, what)
    setattr(owner.device, what, value)
    assert code_of(owner.enters(owner.device.used(owner.asked()))) == "passkey"
    setattr(owner.device, what, good)
    assert isinstance(owner.enters(owner.device.used(owner.asked())), Entered)
    made = Device()
    setattr(made, what, value)
    account = world.play.cast.worker(DESK)
    token = begun(world, DESK)
    asked = security.begin_passkey(world.inst, account, token, PASSWORD, HERE, NOBODY)
    assert isinstance(asked, str)
    refused = security.add_passkey(world.inst, account, token, made.made(asked), "", HERE, NOBODY)
    assert code_of(refused) == "passkey"


def test_a_count_that_goes_back_or_stands_is_refused_told_and_logged(world: World) -> None:
    owner = with_passkey(world, Device(count=10))
    for count in (10, 3, 0):
        owner.device.count = count
        with structlog.testing.capture_logs() as logs:
            refused = owner.enters(owner.device.used(owner.asked()))
        assert isinstance(refused, Refusal)
        assert refused.code == "copied"
        assert "counts backwards" in refused.sentence("en")
        assert "passkey copied" in [one["event"] for one in logs]
    owner.device.count = 11
    assert isinstance(owner.enters(owner.device.used(owner.asked())), Entered)


def test_a_device_that_never_counts_is_taken_again_and_again(world: World) -> None:
    owner = with_passkey(world, Device(count=0))
    for _ in range(3):
        owner.device.count = 0
        assert isinstance(owner.enters(owner.device.used(owner.asked())), Entered)


def test_counts_beyond_what_a_signed_number_holds_are_kept(world: World) -> None:
    owner = with_passkey(world, Device(count=2**32 - 3))
    assert isinstance(owner.enters(owner.device.used(owner.asked())), Entered)


def test_a_removed_passkey_is_refused_and_the_last_one_stays_where_one_is_required(world: World) -> None:
    owner, account = with_passkey(world), world.play.cast.worker(POLICE)
    mine = security.security_of(world.inst, account, owner.token).factors[0]
    assert (mine.kind, mine.name) == ("passkey", "Key")
    world.inst.rules = SignInRules()
    assert code_of(security.remove_factor(world.inst, account, mine.id, PASSWORD, NOBODY)) == "last"
    world.inst.rules = SignInRules(second_factor=False)
    assert code_of(security.remove_factor(world.inst, account, mine.id, "wrong", NOBODY)) == "password"
    assert security.remove_factor(world.inst, account, mine.id, PASSWORD, NOBODY) is None
    assert code_of(owner.enters(owner.device.used(owner.asked()))) == "passkey"
    assert security.security_of(world.inst, account, owner.token).recovery_codes == 0


def test_a_passkey_opens_no_other_account(world: World) -> None:
    owner, other = with_passkey(world), with_passkey(world, name=DESK)
    owner.device.owner = other.device.owner
    assert code_of(owner.enters(owner.device.used(owner.asked()))) == "passkey"
    wanted = other.half()
    said = owner.device.used(second_step.ask_for_second(world.inst, wanted, HERE))
    assert code_of(second_step.enter_passkey(world.inst, wanted, said, HERE, NOBODY)) == "passkey"


def test_a_row_that_was_copied_to_another_person_opens_nothing(world: World) -> None:
    owner, other = with_passkey(world), world.play.cast.worker(DESK)
    with writing(world.inst.engine) as connection:
        row = connection.execute(factor.select().where(factor.c.kind == "passkey")).one()._mapping
        connection.execute(factor.insert().values(**{**row, "id": "0" * 32, "person": other.id}))
    owner.device.owner = text(other.id.encode())
    assert code_of(owner.enters(owner.device.used(owner.asked()))) == "passkey"
    # The row itself does not open either, where its owner is vouched for.
    with writing(world.inst.engine) as connection:
        people.vouch(connection, world.inst.guard, other.id)
    with pytest.raises(VaultLocked):
        owner.enters(owner.device.used(owner.asked()))


def test_garbage_is_no_passkey_and_those_who_send_it_wait(world: World) -> None:
    owner = with_passkey(world)
    account, token = world.play.cast.worker(POLICE), owner.token
    good = json.loads(owner.device.used(owner.asked()))
    garbage: list[object] = [None, [], {}, "x", 5, {"response": 5}, {"response": {"userHandle": 5}, "rawId": []}]
    garbage += [
        {**good, "response": {**good["response"], name: bad}} for name in good["response"] for bad in ("é", "A", 1)
    ]
    for one in garbage:
        said = json.dumps(one)
        owner.asked()
        assert code_of(owner.enters(said)) in ("passkey", "waits"), said
        asked = security.begin_passkey(world.inst, account, token, PASSWORD, HERE, NOBODY)
        assert isinstance(asked, str)
        made = json.loads(Device().made(asked))
        for bad in (one, {**made, "response": {**made["response"], "attestationObject": text(said.encode())}}):
            assert (
                code_of(security.add_passkey(world.inst, account, token, json.dumps(bad), "", HERE, NOBODY))
                == "passkey"
            )
    for said in ("", "{", "[" * 5000, "x" * 30_000):
        assert code_of(owner.enters(said)) in ("passkey", "waits"), said[:9]


def test_wrong_ones_are_slowed_down_and_while_one_waits_the_right_one_is_not_looked_at(world: World) -> None:
    owner, stranger = with_passkey(world), Device()
    stranger.owner, stranger.called = owner.device.owner, owner.device.called
    answers = [code_of(owner.enters(stranger.used(owner.asked()))) for _ in range(8)]
    assert answers == ["passkey"] * 6 + ["waits"] * 2
    assert code_of(owner.enters(owner.device.used(owner.asked()))) == "waits"
    assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, NOBODY), Halfway), "passwords have their own count"


def test_a_new_device_is_told_also_when_a_passkey_opened_it(world: World) -> None:
    owner = with_passkey(world)
    entered = owner.enters(owner.device.used(owner.asked()))
    assert isinstance(entered, Entered)
    session = accounts.session_of(world.inst, entered.token)
    assert session is not None
    assert session.new_device is not None


def test_where_one_is_required_the_first_passkey_is_made_instead_of_a_code_app(world: World) -> None:
    world.inst.rules, device = SignInRules(), Device()
    owner = Owner(world, POLICE, device, "", ())
    wanted = owner.half()
    assert wanted.setting_up is not None
    said = device.made(second_step.ask_for_second(world.inst, wanted, HERE))
    entered = second_step.enter_first_passkey(world.inst, wanted, said, "Key", HERE, NOBODY)
    assert isinstance(entered, Entered)
    assert len(entered.codes) == 10
    again = second_step.enter_first_passkey(world.inst, wanted, said, "Key", HERE, NOBODY)
    assert code_of(again) == "over"
    assert isinstance(owner.enters(device.used(owner.asked())), Entered)


def test_a_passkey_is_not_made_without_the_password_and_five_are_the_most(world: World) -> None:
    owner, account = with_passkey(world), world.play.cast.worker(POLICE)
    refused = security.begin_passkey(world.inst, account, owner.token, "wrong", HERE, NOBODY)
    assert code_of(refused) == "password"
    unasked = security.add_passkey(
        world.inst,
        account,
        owner.token,
        Device().made(json.dumps({"challenge": "x", "user": {"id": ""}})),
        "",
        HERE,
        NOBODY,
    )
    assert code_of(unasked) == "passkey"
    token = owner.token
    for _ in range(4):
        asked = security.begin_passkey(world.inst, account, token, PASSWORD, HERE, NOBODY)
        assert isinstance(asked, str)
        added = security.add_passkey(world.inst, account, token, Device().made(asked), "", HERE, NOBODY)
        assert isinstance(added, Entered)
        token = added.token
    assert code_of(security.begin_passkey(world.inst, account, token, PASSWORD, HERE, NOBODY)) == "too_many"
