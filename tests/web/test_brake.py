"""Guessing a password is slowed down, and tells neither whether a name is there nor whether a guess was right."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sop_engine.services import accounts, brake, epochs
from sop_engine.services.accounts import Entered, Origin, Waits, tidy_all
from sop_engine.services.installation import SignInRules
from sop_engine.services.staff import add_account
from sop_engine.store.database import looking
from sop_engine.store.tables import attempt
from tests.support.apps import passes, post
from tests.support.world import PASSWORD, World
from tests.web.conftest import Site
from web import here

POLICE, NOBODY, WRONG = "ahtb", "nobody-here", "a wrong one"
ELSEWHERE = Origin("203.0.113.7")


def fails(inst: World, name: str, times: int, origin: Origin = ELSEWHERE) -> list[object]:
    return [accounts.sign_in(inst.inst, name, WRONG, origin) for _ in range(times)]


def plain(answer: TestResponse, name: str) -> tuple[int, str, list[tuple[str, str]]]:
    """An answer without what differs at every visit: the token of its form, and the cookie that belongs to that."""
    body = "\n".join(line.replace(name, "NAME") for line in answer.text.splitlines() if "csrf_token" not in line)
    return (
        answer.status_code,
        body,
        [pair for pair in answer.headers if pair[0] not in ("Set-Cookie", "Content-Length")],
    )


def test_five_wrong_ones_cost_nothing_and_then_each_waits_longer(world: World) -> None:
    assert fails(world, POLICE, 6) == [None] * 6
    waited = []
    for _ in range(12):
        (found,) = fails(world, POLICE, 1)
        assert isinstance(found, Waits)
        waited.append(found.seconds)
        world.clock.wait(seconds=found.seconds)
        assert fails(world, POLICE, 1) == [None]
    assert waited[:4] == [1, 2, 4, 8]
    assert max(waited) == 15 * 60


def test_while_one_waits_the_right_password_answers_like_a_wrong_one(either_site: Site) -> None:
    client = either_site.app.test_client()
    for _ in range(6):
        assert passes(client, POLICE, WRONG).status_code == 401
    answers = [plain(passes(client, POLICE, typed), POLICE) for typed in (WRONG, PASSWORD, WRONG)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 429
    assert ("Retry-After", "1") in answers[0][2]
    assert client.get("/").status_code == 302
    either_site.world.clock.wait(seconds=1)
    assert passes(client, POLICE).status_code == 302


def test_a_name_that_is_not_there_answers_like_one_that_is_at_every_try(either_site: Site) -> None:
    one, other = either_site.app.test_client(), either_site.app.test_client()
    for number in range(8):
        known, unknown = plain(passes(one, POLICE, WRONG), POLICE), plain(passes(other, NOBODY, WRONG), NOBODY)
        assert known == unknown
        assert known[0] == (401 if number < 6 else 429)


def test_many_at_the_same_moment_are_counted_one_by_one(world: World) -> None:
    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(lambda _: accounts.sign_in(world.inst, POLICE, WRONG, ELSEWHERE), range(16)))
    assert answers.count(None) == 6
    assert sum(isinstance(one, Waits) for one in answers) == 10


def test_a_success_begins_the_count_of_the_name_anew(world: World) -> None:
    for _ in range(3):
        assert fails(world, POLICE, 5) == [None] * 5
        assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, ELSEWHERE), Entered)


def test_nobody_elsewhere_locks_out_whoever_signed_in_here_before(world: World) -> None:
    entered = accounts.sign_in(world.inst, POLICE, PASSWORD, Origin("198.51.100.1"))
    assert isinstance(entered, Entered)
    fails(world, POLICE, 7)
    mine = Origin("203.0.113.7", entered.device)
    assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, Origin("198.51.100.1")), Waits)
    assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, mine), Entered)
    assert isinstance(accounts.sign_in(world.inst, "utis", PASSWORD, mine), Entered), "for others a device is new"
    assert fails(world, POLICE, 6, mine) == [None] * 6
    assert isinstance(fails(world, POLICE, 1, mine)[0], Waits), "a device that was taken guesses no faster"


def test_an_address_has_fifty_so_that_an_office_is_not_locked_out(world: World) -> None:
    names = [f"nobody-{number}" for number in range(51)]
    assert [found for name in names for found in fails(world, name, 1)] == [None] * 51
    assert isinstance(fails(world, "somebody-else", 1)[0], Waits)
    assert fails(world, "somebody-else", 1, Origin("203.0.113.8")) == [None]
    world.clock.wait(minutes=2)
    assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, ELSEWHERE), Entered)
    assert fails(world, "somebody-else", 1) == [None], "one that was right is no failure of the address"


def test_failures_are_forgotten_by_and_by(world: World) -> None:
    fails(world, POLICE, 6)
    world.clock.wait(hours=2)
    assert fails(world, POLICE, 2) == [None] * 2
    assert isinstance(fails(world, POLICE, 1)[0], Waits)
    world.clock.wait(days=2)
    tidy_all(world.inst)
    with looking(world.inst.engine) as connection:
        assert connection.execute(attempt.select()).all() == []


def test_no_row_tells_whose_name_was_tried(world: World) -> None:
    fails(world, POLICE, 1)
    with looking(world.inst.engine) as connection:
        first = {row.key for row in connection.execute(attempt.select())}
    assert all(len(key) == 64 for key in first)
    epochs.begin(world.inst)
    fails(world, POLICE, 1)
    with looking(world.inst.engine) as connection:
        assert len({row.key for row in connection.execute(attempt.select())} - first) == 2, "another key, other marks"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("127.0.0.1", None),
        ("::1", None),
        ("", None),
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_an_address_of_this_machine_is_that_of_a_proxy_and_one_of_ipv6_is_its_network(
    site: Site, address: str, counted: str | None
) -> None:
    with site.app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert here.origin().address == counted


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/me/tokens", {"name": "x", "scope": "read", "days": "9"}),
        ("/me/security/password", {"wanted": "river lantern eleven", "again": "river lantern eleven"}),
        ("/me/security/app", {"name": "x"}),
    ],
)
def test_a_password_that_is_asked_for_again_has_the_same_brake(
    either_site: Site, address: str, fields: dict[str, str]
) -> None:
    client: FlaskClient = either_site.app.test_client()
    passes(client, POLICE)
    statuses = [post(client, address, "/me/tokens", password=WRONG, **fields).status_code for _ in range(7)]
    assert statuses[:6] == [422] * 6
    answer = post(client, address, "/me/tokens", password=PASSWORD, **fields)
    assert statuses[6] == answer.status_code == 429


def test_a_wrong_password_and_an_unknown_name_are_looked_at_equally_long(world: World) -> None:
    """Demonstration accounts are hashed quickly, so one of an operator is measured; both hash once with one cost."""
    from sop_engine.store import people

    assert add_account(world.inst, "maya", POLICE, "Maya", frozenset(), "river lantern eleven") is None
    hashed = []
    verify = people._hasher.verify

    class Watched:
        def verify(self, kept: str, typed: str) -> bool:
            hashed.append(kept.rsplit("$", 2)[0])
            return verify(kept, typed)

    people._hasher, before = Watched(), people._hasher  # type: ignore[assignment]
    try:
        for name in ("maya", NOBODY):
            assert accounts.sign_in(world.inst, name, WRONG, ELSEWHERE) is None
    finally:
        people._hasher = before
    assert len(hashed) == 2
    assert hashed[0] == hashed[1]


def test_the_waits_are_those_that_are_documented() -> None:
    assert (brake.OF_NAME.free, brake.OF_ADDRESS.free, brake.LONGEST.total_seconds()) == (5, 50, 900)
    assert SignInRules().second_factor
