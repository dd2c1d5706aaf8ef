"""The installed wheel works outside a checkout: in an empty environment, in an empty folder."""

import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from time import sleep

import pytest

ROOT = Path(__file__).parents[1]


def run(*words: str | Path, cwd: Path) -> str:
    """Run a program that must end well; gives what it prints."""
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of a wheel, installed with the pinned packages into an environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    run("make", "release", f"DIST={folder}", cwd=ROOT)
    wheel = next(folder.glob("*.whl"))
    run(sys.executable, "-m", "venv", folder / "env", cwd=folder)
    pip = (folder / "env" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.txt", cwd=folder)
    run(*pip, "--no-deps", wheel, cwd=folder)
    return folder / "env" / "bin" / "sop-engine"


def test_it_makes_an_installation_and_works_a_case(program: Path, tmp_path: Path) -> None:
    run(program, "init", cwd=tmp_path)
    words = ("person-add", "officer", "--agency", "ahtb", "--shown-as", "Officer", "--password", "a long password here")
    run(program, *words, cwd=tmp_path)
    opened = run(program, "case", "open", "rescue-operation", "intel", "--as", "officer", cwd=tmp_path)
    number = opened.split(":")[0]
    shown = run(program, "case", "show", number, "--as", "officer", cwd=tmp_path)
    assert "holder: Anti-Human Trafficking Bureau" in shown
    assert "0 problems" in run(program, "audit", "verify", cwd=tmp_path)
    assert "0 problems" in run(program, "rebuild", "--check", cwd=tmp_path)


def test_it_holds_the_program_and_nothing_beside_it(program: Path) -> None:
    [wheel] = program.parents[2].glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"sop_engine", "web"}
    hidden = [name for name in names if any(part.startswith(".") for part in name.split("/"))]
    assert hidden == []
    assert [name for name in names if name.endswith((".key", ".db", ".pem")) or "/tests/" in name] == []


def test_a_release_lists_every_package_that_it_needs(program: Path) -> None:
    told = json.loads((program.parents[2] / "sbom.json").read_text(encoding="utf-8"))
    listed = {(one["name"], one["version"]) for one in told["components"]}
    pinned = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(pinned) > 40
    assert listed == set(pinned)
    assert all(found["hashes"] for one in told["components"] for found in one["externalReferences"])


def test_it_serves(program: Path, tmp_path: Path) -> None:
    run(program, "init", cwd=tmp_path)
    port = "8765"
    with subprocess.Popen([str(program), "serve", "--port", port], cwd=tmp_path) as server:
        try:
            answer = _asked(f"http://localhost:{port}/sign-in")
        finally:
            server.terminate()
    assert "Sign in" in answer


def _asked(address: str) -> str:
    for _ in range(60):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own server on this machine
                return str(answer.read().decode())
        except OSError:
            sleep(0.5)
    raise AssertionError("the server does not answer")
