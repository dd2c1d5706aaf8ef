"""The installed program, called in the process of the test: what it prints, what it complains of, how it leaves."""

import sys
from dataclasses import dataclass

import pytest

from sop_engine.cli import main


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed (`out`, `err`) and its exit code."""

    out: str
    err: str
    code: int


@dataclass(frozen=True, slots=True)
class Program:
    """Runs `sop-engine` with words as somebody types them."""

    patch: pytest.MonkeyPatch
    told: pytest.CaptureFixture[str]

    def __call__(self, *words: object) -> Said:
        self.patch.setattr(sys, "argv", ["sop-engine", *(str(word) for word in words)])
        self.told.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = self.told.readouterr()
        return Said(said.out, said.err, int(left.value.code or 0))
