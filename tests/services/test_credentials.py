"""What opens an account: how it is kept, how long it holds, and that nothing of it can be guessed or read."""

from collections import Counter
from pathlib import Path
from secrets import SystemRandom

import pytest
from pyotp.compat import random as drawing
from sqlalchemy import select

from sop_engine.services import accounts, factors
from sop_engine.services.accounts import Entered
from sop_engine.services.brake import Origin
from sop_engine.services.installation import LETTERS, Installation
from sop_engine.services.passwords import random_password, weak
from sop_engine.services.security import change_password
from sop_engine.services.staff import account_named, add_account
from sop_engine.store import key_files, sealing, tables
from sop_engine.store.database import looking, writing
from sop_engine.store.key_files import EPOCH_KEY
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
    assert added(sqlite_world.inst, "river lantern nine") is None
    account = account_named(sqlite_world.inst, "new")
    assert account is not None
    chosen = change_password(
        sqlite_world.inst, account, "river lantern nine", "twelve letters", "twelve letters", Origin()
    )
    assert isinstance(chosen, Entered)
    sqlite_world.clock.wait(days=3_000)
    assert entered(sqlite_world.inst, "new", "twelve letters") is not None


@pytest.mark.parametrize(
    "password",
    [
        "1q2w3e4r5t6y",
        "Chickenwing101",
        "justinbieber",
        "99 Counterstrike!",
        "contortionist 2024",
        "whosyourdaddywhosyourdaddy",
    ],
)
def test_one_of_the_commonest_passwords_is_refused_also_with_something_around_it(
    sqlite_world: World, password: str
) -> None:
    assert "first that are tried" in (added(sqlite_world.inst, password) or "")


def test_a_first_password_that_was_made_here_can_be_guessed_by_nobody(sqlite_world: World) -> None:
    made = {random_password() for _ in range(200)}
    assert len(made) == 200
    assert {len(one.replace("-", "")) for one in made} == {12}
    assert len({letter for one in made for letter in one}) == 32
    assert [one for one in made if weak(one) is not None] == []


def test_a_session_is_256_bits_of_the_system_and_kept_as_a_hash(sqlite_world: World) -> None:
    inst = sqlite_world.inst
    tokens = {entered(inst, "ahtb", "a-password-for-tests") for _ in range(4)}
    assert len(tokens) == 4
    for token in tokens:
        assert token is not None
        assert len(token) == 43 + 22  # 32 bytes, and whose it is
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


def test_codes_and_keys_of_apps_come_from_the_system(sqlite_world: World) -> None:
    assert isinstance(drawing, SystemRandom)
    who = sqlite_world.play.cast.worker("ahtb").id
    with writing(sqlite_world.inst.engine) as connection:
        codes = [code for _ in range(40) for code in factors.new_recovery_codes(sqlite_world.inst, connection, who)]
    letters = Counter(letter for code in codes for letter in code if letter != "-")
    assert len(set(codes)) == 400
    assert set(letters) == set(LETTERS)
    # 4800 letters of 30 kinds: 160 of each, and 60 more or less happen to nobody.
    assert max(abs(count - 160) for count in letters.values()) < 80


def test_a_passphrase_is_stretched_before_it_opens_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    stretch = key_files.hash_secret_raw
    monkeypatch.setattr(key_files, "hash_secret_raw", lambda *words: asked.append(words) or stretch(*words))
    key_files.create_key_file(tmp_path / "key", "four words of hers", EPOCH_KEY)
    key = key_files.read_key_file(tmp_path / "key", "four words of hers", EPOCH_KEY)
    assert len(key) == 32
    assert key.hex() not in (tmp_path / "key").read_text()
    (first, second) = asked
    assert first[1] == second[1]
    assert len(first[1]) == 16  # type: ignore[arg-type]
    assert first[2:] == (3, 65_536, 4, 32, key_files.Type.ID)
    with pytest.raises(sealing.VaultLocked):
        key_files.read_key_file(tmp_path / "key", "four words of his", EPOCH_KEY)
