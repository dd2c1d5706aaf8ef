"""A server of its own process that is killed, and writers who remember what it acknowledged."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.support.world import World

PATIENCE = 60.0


@dataclass
class Server:
    """`sop-engine serve`, with its workers, in a process group of its own."""

    world: World
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = ["serve", "--home", str(self.world.settings.home), "--port", str(self.port)]
        environment = {**os.environ, "SOP_ENGINE_DATABASE": self.world.settings.database}
        self.process = subprocess.Popen(
            [Path(sys.executable).parent / "sop-engine", *words],
            env=environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not self._alive():
            assert self.process.poll() is None, "the server ended while it started"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)

    def _alive(self) -> bool:
        try:
            with urlopen(f"{self.address}/alive", timeout=5) as answer:  # noqa: S310 - ours
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """The power is off for this process and all that it started, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Writer:
    """Somebody who writes one note after the other, and sends again what was not answered.

    `acknowledged` are the texts for which the server answered that they are kept; `sent` all of them.
    """

    server: Server
    token: str
    number: str
    acknowledged: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def write(self, stop: threading.Event) -> None:
        while not stop.is_set():
            text = f"note {uuid.uuid4().hex}"
            self.sent.append(text)
            while not self._accepted(text):
                # Nobody knows whether it was kept: it is sent again, as the client of somebody would.
                if stop.wait(0.05):
                    return
            self.acknowledged.append(text)

    def _accepted(self, text: str) -> bool:
        body = json.dumps({"sentence": text}).encode()
        headers = {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
            "Idempotency-Key": text.replace(" ", "-"),
        }  # fmt: skip
        address = f"{self.server.address}/api/v1/cases/{self.number}/notes"
        try:
            with urlopen(Request(address, data=body, headers=headers, method="POST"), timeout=20):  # noqa: S310 - ours
                return True
        except HTTPError as problem:
            if problem.code != 503:
                self.refused.append(f"{problem.code} {problem.read()[:200]!r}")
            return False
        except (OSError, HTTPException):
            return False


def under_load(server: Server, writers: list[Writer], kills: int, chance: random.Random) -> None:
    """Let everybody write, and kill the server so many times at moments that nobody chose."""
    stop = threading.Event()
    threads = [threading.Thread(target=writer.write, args=(stop,)) for writer in writers]
    server.start()
    for thread in threads:
        thread.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.2, 1.5))
        server.kill()
        server.start()
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    server.kill()
