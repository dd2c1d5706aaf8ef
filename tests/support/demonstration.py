"""The demonstration with few cases beside its stories, built once for each process and copied."""

import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sop_engine.app import Settings, load_settings
from sop_engine.demo.build import build_demo

UNTIL = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
PASSWORD = "a long password here"
A_FEW = 12


def demonstration(home: Path, crowd: int = A_FEW) -> Settings:
    """A demonstration in a new folder."""
    shutil.copytree(_built(crowd).name, home)
    return load_settings(home, {})


@cache
def _built(crowd: int) -> TemporaryDirectory[str]:
    folder = TemporaryDirectory()
    assert build_demo(load_settings(Path(folder.name), {}), PASSWORD, UNTIL, lambda done, of: None, crowd)
    return folder
