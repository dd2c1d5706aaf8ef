"""One installation twice, once with one record more; the same session played to both, byte by byte.

Clock, chance and the times in cookies are fixed for each request, so that nothing at all need be left out.
"""

import hashlib
import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import itsdangerous
import pytest
from cryptography.fernet import Fernet
from flask.testing import FlaskClient

from sop_engine.app import installation, load_settings
from sop_engine.demo.clock import SetClock
from sop_engine.demo.play import Play
from tests.support.apps import passes
from tests.support.world import MORNING, World
from web import create_app

AT = 1_772_424_000


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `by_token` says that a program sends it."""

    method: str
    path: str
    sent: dict[str, Any] = field(default_factory=dict)
    by_token: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """All that a client is given."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def twin(world: World, home: Path) -> World:
    """A second world in another folder that begins where the first one is."""
    world.inst.engine.dispose()
    shutil.copytree(world.settings.home, home, dirs_exist_ok=True)
    settings = load_settings(home, {"SOP_ENGINE_SECOND_FACTOR": world.settings.second_factor})
    clock = SetClock(world.clock.now)
    inst = installation(settings, clock)
    return World(settings, inst, clock, Play(inst, world.play.cast, clock, random.Random(1)))


@contextmanager
def same_chance() -> Iterator[Callable[[str], None]]:
    """Chance that begins anew from what it is told; nothing in a program is drawn otherwise meanwhile."""
    drawn, seeded = [0], [b""]

    def draw(size: int) -> bytes:
        drawn[0] += 1
        return hashlib.shake_256(seeded[0] + drawn[0].to_bytes(8, "big")).digest(size)

    def begin(word: str) -> None:
        seeded[0], drawn[0] = word.encode(), 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", draw)
        patch.setattr(random, "_urandom", draw)
        patch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda self: AT)
        patch.setattr(Fernet, "encrypt", lambda self, data: self.encrypt_at_time(data, AT))
        patch.setattr(Fernet, "decrypt", lambda self, token, ttl=10**9: self.decrypt_at_time(token, ttl, AT))
        yield begin


@dataclass(slots=True)
class Attacker:
    """Somebody with an account in one world, and a program with a token of hers."""

    world: World
    name: str
    secret: str
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        app = create_app(self.world.inst, self.world.settings)
        self.client = app.test_client()
        assert passes(self.client, self.name).status_code == 302
        app.config["WTF_CSRF_ENABLED"] = False

    def asks(self, ask: Ask) -> Answered:
        headers = {"Authorization": f"Bearer {self.secret}"} if ask.by_token else {}
        answer = self.client.open(ask.path, method=ask.method, headers=headers, **ask.sent)
        return Answered(answer.status_code, tuple(sorted(answer.headers.items())), answer.data)


def played(
    world: World, name: str, secret: str, asked: Sequence[Ask], begin: Callable[[str], None]
) -> Iterator[Answered]:
    """A whole session in one world, from signing in on, a second between any two requests."""
    world.clock.now = MORNING.replace(month=4)
    begin("sign in")
    attacker = Attacker(world, name, secret)
    for number, ask in enumerate(asked):
        world.clock.wait(seconds=1)
        begin(f"{number} {ask.path}")
        yield attacker.asks(ask)
