"""The registers of names in memory: built with the keys of one agency, caught up, and forgotten."""

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.services.finding import Filters, asked_by, search
from sop_engine.services.identity import Register, identity_of, phones
from sop_engine.services.passing import run_once
from sop_engine.services.registering import register_of
from sop_engine.store import log
from sop_engine.store.database import looking
from tests.support.world import World

BOOTH, POLICE = "booth-jamunaha", "ahtb"


def opened(world: World, name: str, agency: str = BOOTH) -> str:
    entry = "interception" if agency == BOOTH else "report"
    return world.play.open("identification", entry, agency, person_name=name)


def there(world: World, agency: str | None = BOOTH) -> set[str]:
    with looking(world.inst.engine) as connection, register_of(world.inst, connection, agency) as register:
        return set(register.identities)


def test_a_register_holds_what_its_agency_can_open_and_nothing_else(world: World) -> None:
    ours, theirs = opened(world, "Sita Tamang"), opened(world, "Gita Rai", POLICE)
    assert there(world) == {ours}
    assert there(world, POLICE) == {theirs}
    assert there(world, None) == {ours, theirs}


def test_an_event_is_seen_before_and_after_it_has_come_into_the_log(world: World) -> None:
    first = opened(world, "Sita Tamang")
    assert there(world) == {first}
    second = opened(world, "Maya Rai")
    assert there(world) == {first, second}
    log.drain(world.inst.engine)
    third = opened(world, "Mina Rai")
    log.drain(world.inst.engine)
    assert there(world) == {first, second, third}


def test_what_is_known_already_is_not_read_again(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from sop_engine.services import registering

    for name in ("Sita Tamang", "Maya Rai"):
        opened(sqlite_world, name)
    there(sqlite_world)
    read: list[set[str] | None] = []
    load = registering.identities.load

    def counted(connection: object, keys: object, agency: object, fields: object, cases: set[str] | None) -> object:
        read.append(cases)
        return load(connection, keys, agency, fields, cases)  # type: ignore[arg-type]

    monkeypatch.setattr(registering.identities, "load", counted)
    there(sqlite_world)
    log.drain(sqlite_world.inst.engine)
    there(sqlite_world)
    assert read == []
    third = opened(sqlite_world, "Mina Rai")
    there(sqlite_world)
    assert read == [{third}]


def test_a_register_that_nobody_uses_is_forgotten(sqlite_world: World) -> None:
    opened(sqlite_world, "Sita Tamang")
    there(sqlite_world)
    sqlite_world.clock.wait(hours=2)
    run_once(sqlite_world.inst)
    with sqlite_world.inst.registers.of(BOOTH, sqlite_world.clock()) as kept:
        assert kept.position == -1
        assert not kept.register.identities


def test_everything_can_be_forgotten_at_once_and_is_built_anew(sqlite_world: World) -> None:
    case_id = opened(sqlite_world, "Sita Tamang")
    there(sqlite_world)
    sqlite_world.inst.registers.forget()
    assert there(sqlite_world) == {case_id}


def test_a_register_is_never_shown_in_a_text(sqlite_world: World) -> None:
    opened(sqlite_world, "Sita Tamang")
    there(sqlite_world)
    assert "sita" not in repr(sqlite_world.inst).lower()


def test_many_search_at_once_while_cases_are_opened(world: World) -> None:
    account, found, faults = world.play.cast.worker(BOOTH), [], []
    opened(world, "Sita Tamang")

    def look() -> None:
        try:
            found.append(len(search(world.inst, account, asked_by("Sita Tamang"), Filters()).hits))
        except Exception as fault:
            faults.append(fault)

    for n in range(4):
        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        opened(world, "Seeta Tamang")
        for thread in threads:
            thread.join()
        assert faults == []
        assert set(found) <= {n + 1, n + 2}
        found.clear()


def test_a_search_with_half_a_register_is_never_answered(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from sop_engine.services import registering

    case_id = opened(sqlite_world, "Sita Tamang")
    there(sqlite_world)
    with monkeypatch.context() as broken:
        broken.setattr(registering, "_fill", lambda *_: 1 / 0)
        opened(sqlite_world, "Maya Rai")
        with pytest.raises(ZeroDivisionError):
            there(sqlite_world)
    assert case_id in there(sqlite_world)
    assert len(there(sqlite_world)) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+977-984 1234567", ["41234567"]), ("०१-४१२३४५६", ["14123456"]),
        ("9841234567 / 9800000001", ["41234567", "00000001"]),
        ("12345", []), ("", []), ("token 7", []),
    ],
)  # fmt: skip
def test_a_phone_is_its_last_digits(text: str, found: list[str]) -> None:
    assert list(phones(text)) == found


NAMES = st.sampled_from(["Sita", "सीता", "Sita Tamang", "Dhan Maya Rai", "Dhanmaya", "", "?"])
SAID = st.lists(
    st.one_of(
        st.tuples(st.just("name"), NAMES), st.tuples(st.just("phone"), st.sampled_from(["9841234567", "1"])),
        st.tuples(st.just("handle"), st.sampled_from(["A-7", "a7"])),
        st.tuples(st.just("birth"), st.sampled_from(["2008", "x"])),
    ),
    max_size=5,
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("abc"), SAID), max_size=6))
def test_who_was_put_in_is_found_and_what_is_dropped_leaves_nothing_behind(put: list[tuple[str, Any]]) -> None:
    register = Register()
    for case_id, said in put:
        register.put(case_id, identity_of(said))
    for case_id, identity in register.identities.items():
        reasons = identity.keys or identity.phones or identity.handles
        assert not reasons or case_id in dict(register.find(identity))
    for case_id in "abc":
        register.drop(case_id)
    assert register == Register()


def test_a_rare_name_says_more_than_a_common_one() -> None:
    register = Register()
    for n in range(300):
        register.put(str(n), identity_of([("name", "Sita Tamang" if n else "Kshitij Mainali")]))
    common, rare = identity_of([("name", "Seeta Tamang")]), identity_of([("name", "Kshitiz Mainali")])
    assert register.find(rare)[0][1].bits > register.find(common)[0][1].bits
