"""Puts one fault at a time into a copy of the program and runs the oracle and the properties on it, nothing else."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mutants.yaml")
COPIED = ("sop_engine", "tests", "workflows")
WITNESSES = ("test_oracle", "test_what_always_holds", "test_generated_sops")
AT_ONCE = 2
SECONDS = 1200
PASSED, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: `text` stands once in `file` of sop_engine/case, and `fault` takes its place."""

    name: str
    file: str
    text: str
    fault: str
    breaks: str

    def written(self, root: Path) -> str:
        """The text of the file with the fault in it."""
        source = (root / "sop_engine" / "case" / self.file).read_text(encoding="utf-8")
        assert source.count(self.text) == 1, f"{self.text!r} does not stand once in {self.file}"
        return source.replace(self.text, self.fault)

    def put_into(self, root: Path) -> None:
        """Put the fault into a copy of the program."""
        (root / "sop_engine" / "case" / self.file).write_text(self.written(root), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a fault was caught, and the last words of the tests."""

    mutant: Mutant
    caught: bool
    said: str


def mutants() -> list[Mutant]:
    """The list."""
    return [Mutant(**one) for one in yaml.safe_load(LIST.read_text(encoding="utf-8"))]


def tried(wanted: Iterable[Mutant]) -> Iterator[Found]:
    """What comes of some mutants, in their order, two at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(_try, wanted)


def _try(mutant: Mutant) -> Found:
    caught, said = is_noticed(mutant)
    return Found(mutant, caught, said)


def is_noticed(mutant: Mutant | None) -> tuple[bool, str]:
    """Whether a test fails on the program with a fault (or without one), and its last words."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", root)
        if mutant is not None:
            mutant.put_into(root)
        return _witnessed(root)


def _witnessed(root: Path) -> tuple[bool, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow"]
    command += ["--tb=line", "--hypothesis-profile", "unshrunk", *(f"tests/case/{name}.py" for name in WITNESSES)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False)
    if run.returncode not in (PASSED, FAILED):
        raise RuntimeError(f"the tests did not run:\n{run.stdout}\n{run.stderr}")
    return run.returncode == FAILED, run.stdout
