"""What opens an account: how it is kept, how long it holds, and that nothing of it can be guessed or read."""

from pathlib import Path

import pytest
from sqlalchemy import select

from sop_engine.services import accounts
from sop_engine.services.accounts import Entered
from sop_engine.services.brake import Origin
from sop_engine.services.installation import Installation
from sop_engine.services.staff import add_account
from sop_engine.store import keys, tables
from sop_engine.store.database import looking
from tests.support.world import World

LONG = "ghar पहाड़ – ümlaut  two  blanks 'quote' " + "x" * 90


def added(inst: Installation, password: str, name: str = "new") -> str | None:
    return add_account(inst, name, "ahtb", "New", frozenset(), password)


def entered(inst: Installation, name: str, password: str) -> str | None:
    """The token of a session that a name and password open."""
    found = accounts.sign_in(inst, name, password, Origin())
    return found.token if isinstance(found, Entered) else None


def test_a_password_is_kept_by_argon2id_as_the_standard_advises(sqlite_world: World) -> None:
    assert added(sqlite_world.inst, LONG) is None
    with looking(sqlite_world.inst.engine) as connection:
        kept = connection.execute(select(tables.person.c.password).where(tables.person.c.sign_in == "new")).scalar_one()
    # RFC 9106, second recommendation: 3 passes over 64 MiB, 4 lanes; 16 bytes of salt.
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert len(kept.split("$")[4]) >= 22


@pytest.mark.parametrize("password", [LONG, "१९२७४६३८५०६१", "all lower letters", "four  blanks    here"])
def test_a_password_of_any_letters_is_taken_as_it_was_typed(sqlite_world: World, password: str) -> None:
    assert added(sqlite_world.inst, password) is None
    for wrong in (password + "x", password[:-1], password.upper() + " ", password.swapcase() + "\u200b"):
        assert entered(sqlite_world.inst, "new", wrong) is None
    assert entered(sqlite_world.inst, "new", password) is not None


def test_a_short_password_is_refused_and_a_good_one_never_ends(sqlite_world: World) -> None:
    assert "too short" in (added(sqlite_world.inst, "elevenlette") or "")
    assert added(sqlite_world.inst, "twelve letters") is None
    sqlite_world.clock.wait(days=3_000)
    assert entered(sqlite_world.inst, "new", "twelve letters") is not None


def test_a_session_is_256_bits_of_the_system_and_kept_as_a_hash(sqlite_world: World) -> None:
    inst = sqlite_world.inst
    tokens = {entered(inst, "ahtb", "a-password-for-tests") for _ in range(4)}
    assert len(tokens) == 4
    for token in tokens:
        assert token is not None
        assert len(token) == 43  # 32 bytes
    with looking(inst.engine) as connection:
        kept = {row.token for row in connection.execute(select(tables.session.c.token))}
    assert len(kept) == 4
    assert kept.isdisjoint(tokens)


def test_a_session_ends_after_twelve_hours_however_busy_it_is(sqlite_world: World) -> None:
    inst = sqlite_world.inst
    token = entered(inst, "ahtb", "a-password-for-tests")
    assert token is not None
    for _ in range(72):
        sqlite_world.clock.wait(minutes=10)
        lives = accounts.session_of(inst, token)
    assert lives is not None
    sqlite_world.clock.wait(minutes=1)
    assert accounts.session_of(inst, token) is None


def test_a_passphrase_is_stretched_before_it_opens_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    stretch = keys.hash_secret_raw
    monkeypatch.setattr(keys, "hash_secret_raw", lambda *words: asked.append(words) or stretch(*words))
    keys.create_key_file(tmp_path / "key", "four words of hers")
    key = keys.read_key_file(tmp_path / "key", "four words of hers")
    assert len(key) == 32
    assert key.hex() not in (tmp_path / "key").read_text()
    (first, second) = asked
    assert first[1] == second[1]
    assert len(first[1]) == 16  # type: ignore[arg-type]
    assert first[2:] == (3, 65_536, 4, 32, keys.Type.ID)
    with pytest.raises(keys.VaultLocked):
        keys.read_key_file(tmp_path / "key", "four words of his")
