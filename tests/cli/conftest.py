"""The command line as a fixture."""

import pytest

from tests.cli.program import Program


@pytest.fixture
def sop_engine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program `sop-engine`."""
    monkeypatch.delenv("SOP_ENGINE_HOME", raising=False)
    return Program(monkeypatch, capsys)
