"""The power goes at any moment: what was acknowledged is there, once, and data and log agree (SQLite).

A shim copies each file when it is synchronised; what it holds when the program is killed is what a disk would hold.
It is calibrated in the same run: without synchronising it must show loss, or it shows nothing. It does not show torn
writes, nor a disk that lies.
"""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from sop_engine.app import installation, load_settings
from sop_engine.demo.clock import SetClock
from sop_engine.services import auditing
from sop_engine.store.database import looking
from sop_engine.store.tables import journal
from tests.support.world import World

HERE = Path(__file__).parent
PATIENCE = 60.0


@dataclass
class Power:
    """A program that can write in one folder after the other, and a finished installation to begin from."""

    world: World
    case: str
    program: subprocess.Popen[str]
    folder: Path
    chance: random.Random

    def cut(self, number: int, synchronous: str) -> "Left":
        """Let it write for a moment, cut the power, and give what is left."""
        home, shadow = self.folder / f"home-{number}", self.folder / f"shadow-{number}"
        acknowledged = self.folder / f"acknowledged-{number}"
        for place in (home, shadow):
            shutil.copytree(self.world.settings.home, place)
        job = {
            "home": str(home), "shadow": str(shadow), "acknowledged": str(acknowledged), "synchronous": synchronous,
            "case": self.case, "person": self.world.play.cast.worker("ahtb").id,
        }  # fmt: skip
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps(job) + "\n")
        self.program.stdin.flush()
        child, until = int(self.program.stdout.readline()), time.monotonic() + PATIENCE
        while not acknowledged.exists() or not acknowledged.read_text():
            assert time.monotonic() < until, "it acknowledges nothing"
            time.sleep(0.005)
        time.sleep(self.chance.uniform(0, 0.3))
        os.kill(child, 9)
        assert self.program.stdout.readline() == "gone\n"
        shutil.rmtree(home)
        lines = acknowledged.read_text().splitlines(keepends=True)
        return Left(shadow, [line.strip() for line in lines if line.endswith("\n")])


@dataclass
class Left:
    """What a disk holds after the power went, and what was acknowledged before."""

    home: Path
    acknowledged: list[str]

    def faults(self) -> list[str]:
        """What is lost, doubled, or does not agree."""
        try:
            with closing(sqlite3.connect(self.home / "sop-engine.db")) as database:
                (whole,) = database.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.DatabaseError as problem:
            return [f"broken: {problem}"]
        if whole != "ok":
            return [f"broken: {whole}"]
        inst = installation(load_settings(self.home, {}), SetClock(datetime.now(UTC)))
        with looking(inst.engine) as connection:
            kept = [row.command for row in connection.execute(select(journal.c.command).where(journal.c.ordinal == 0))]
        there = set(kept)
        found = [f"lost: {command}" for command in self.acknowledged if command not in there]
        found += auditing.verify(inst).problems
        inst.engine.dispose()
        shutil.rmtree(self.home)
        return found


@pytest.fixture
def power(sqlite_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Power]:
    folder = tmp_path_factory.mktemp("power")
    shim = folder / "shadow.so"
    subprocess.run(
        [
            "/usr/bin/cc",
            "-shared",
            "-fPIC",
            "-O2",
            "-Wall",
            "-Werror",
            "-o",
            shim,
            HERE / "shadow.c",
            "-ldl",
            "-lpthread",
        ],
        check=True,
    )
    case = sqlite_world.play.open("rescue-operation", "intel", "ahtb")
    sqlite_world.inst.engine.dispose()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.writing"], cwd=HERE.parents[1], text=True,
        env={**os.environ, "LD_PRELOAD": str(shim)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as program:  # fmt: skip
        chance = random.Random(random.SystemRandom().randrange(10**6))
        yield Power(sqlite_world, case, program, folder, chance)
        program.kill()


def test_what_was_acknowledged_outlives_the_power_and_the_shim_can_tell(power: Power) -> None:
    assert sum(len(power.cut(number, "OFF").faults()) > 0 for number in range(3)) == 3
    assert any("lost" in fault for number in range(3, 6) for fault in power.cut(number, "NORMAL").faults())
    total = 0
    for number in range(6, 26):
        left = power.cut(number, "FULL")
        total += len(left.acknowledged)
        assert left.faults() == []
    assert total > 100


@pytest.mark.slow
def test_three_hundred_power_losses_lose_nothing(power: Power) -> None:
    for number in range(300):
        assert power.cut(number, "FULL").faults() == []
