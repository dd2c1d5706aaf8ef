"""Behind a reverse proxy: whose word on the address of whoever asks is believed."""

import threading
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import waitress

from sop_engine.cli.running import _behind
from tests.support.world import World


def _serve(server: Any) -> None:
    """Serve until the server is closed, at which it stumbles."""
    with suppress(OSError):
        server.run()


def _tells(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [environ["REMOTE_ADDR"].encode()]


@pytest.mark.parametrize(
    ("proxy", "forwarded", "told"),
    [
        ("", "203.0.113.7", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.9, 203.0.113.7", "203.0.113.7"),
        ("192.0.2.1", "203.0.113.7", "127.0.0.1"),
    ],
)
def test_only_the_proxy_that_is_named_says_who_asks(sqlite_world: World, proxy: str, forwarded: str, told: str) -> None:
    settings = replace(sqlite_world.settings, proxy=proxy)
    server = waitress.create_server(_tells, host="127.0.0.1", port=0, **_behind(settings))
    threading.Thread(target=_serve, args=(server,), daemon=True).start()
    try:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{server.effective_port}/", headers={"X-Forwarded-For": forwarded}
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - our own server on this machine
            assert answer.read().decode() == told
    finally:
        server.close()
