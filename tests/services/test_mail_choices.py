"""An address for e-mails counts only once its owner showed that it is hers, and stands nowhere as it is."""

import re

import pytest
from sqlalchemy import select

from sop_engine.services import mail_choices
from sop_engine.services.mail_choices import MOST_ASKS, MOST_TRIES, choices_of
from sop_engine.services.notices import KINDS
from sop_engine.services.passing import run_once
from sop_engine.services.posting import mail_all
from sop_engine.store.database import looking
from sop_engine.store.tables import metadata
from tests.support.mail_server import mail_server
from tests.support.notices import ADDRESS, DESK, code, offered, proven
from tests.support.world import World


def test_an_address_counts_only_once_its_code_came_back(world: World) -> None:
    desk = world.play.cast.worker(DESK)
    offered(world)
    run_once(world.inst)
    with mail_server() as (box, world.inst.post):
        assert mail_choices.ask_for_code(world.inst, desk, f" {ADDRESS} ", "en") is None
        mail_choices.choose(world.inst, desk, "en", "at_once", 9, None, KINDS)
        assert [mail_all(world.inst), mail_all(world.inst)] == [1, 0]
        assert choices_of(world.inst, desk).address is None
        typed = re.search(r"\b(\d{6})\b", str(box.received[0].get_content()))
        assert typed is not None
        assert mail_choices.prove(world.inst, desk, f"{typed[1][:3]} {typed[1][3:]}") is None
        assert choices_of(world.inst, desk).address == ADDRESS
        assert mail_all(world.inst) == 1
        assert mail_choices.ask_for_test(world.inst, desk, "en") is None
        assert mail_all(world.inst) == 1
    assert [one["Subject"] for one in box.to(ADDRESS)] == ["Your code", "A case needs you", "A test"]


def test_an_address_does_not_count_after_half_an_hour_or_five_wrong_codes(sqlite_world: World) -> None:
    world, desk = sqlite_world, sqlite_world.play.cast.worker(DESK)
    mail_choices.ask_for_code(world.inst, desk, ADDRESS, "en")
    right = code(world, desk)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(MOST_TRIES):
        refused = mail_choices.prove(world.inst, desk, wrong)
        assert refused is not None
        assert refused.code == "wrong_code"
    refused = mail_choices.prove(world.inst, desk, right)
    assert refused is not None
    assert refused.code == "code_over"
    mail_choices.ask_for_code(world.inst, desk, ADDRESS, "en")
    right = code(world, desk)
    world.clock.wait(minutes=31)
    refused = mail_choices.prove(world.inst, desk, right)
    assert refused is not None
    assert refused.code == "code_over"
    assert choices_of(world.inst, desk).address is None


def test_nobody_is_flooded_with_codes(sqlite_world: World) -> None:
    world, desk = sqlite_world, sqlite_world.play.cast.worker(DESK)
    answers = [mail_choices.ask_for_code(world.inst, desk, f"a{n}@mail.example", "en") for n in range(MOST_ASKS + 1)]
    assert [answer is None for answer in answers] == [True] * MOST_ASKS + [False]
    world.clock.wait(hours=25)
    assert mail_choices.ask_for_code(world.inst, desk, ADDRESS, "en") is None


@pytest.mark.parametrize(
    "typed",
    ["", "no", "a@b", "a b@c.np", "a@b.np\nBcc: c@d.np", "नाम@example.org", "a@b.np,c@d.np", "<a@b.np>",
     "a@" + "b" * 300],
)  # fmt: skip
def test_what_is_no_address_is_refused(sqlite_world: World, typed: str) -> None:
    refused = mail_choices.ask_for_code(sqlite_world.inst, sqlite_world.play.cast.worker(DESK), typed, "en")
    assert refused is not None
    assert refused.code == "no_address"


def test_an_address_stands_nowhere_in_the_database_as_it_is(world: World) -> None:
    proven(world, world.play.cast.worker(DESK))
    mail_choices.ask_for_code(world.inst, world.play.cast.worker(DESK), f"other.{ADDRESS}", "en")
    with looking(world.inst.engine) as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert rows
    assert not [row for row in rows for value in row if b"mail.example" in _bytes(value)]


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
