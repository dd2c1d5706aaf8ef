"""The example takes a case through a whole procedure, against a real server."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from waitress.server import create_server

from tests.api.conftest import program, secret_of
from tests.web.conftest import Site

EXAMPLES = Path(__file__).parents[2] / "examples"
PEOPLE = ("wcsc-banke", "wcsc-banke-lead", "immigration-jamunaha", "immigration-jamunaha-lead", "ahtb", "dofe")


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    server = create_server(site.app, host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


def test_the_example_takes_a_case_through_a_whole_procedure(site: Site, address: str, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.json"
    tokens.write_text(json.dumps([secret_of(site, name) for name in PEOPLE]))
    command = [sys.executable, "-I", str(EXAMPLES / "through_a_procedure.py"), address]
    done = subprocess.run(
        [*command, str(EXAMPLES / "smuggling-referral.json"), str(tokens)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.endswith("closed: solved")
    number = last.split()[0]
    stages = {line.partition("takes the way ")[2] for line in done.stdout.splitlines() if "takes the way" in line}
    assert stages == set(json.loads((EXAMPLES / "smuggling-referral.json").read_text())["ways"].values())
    closed = program(site, "dofe").get(f"/cases/{number}").json
    assert (closed["status"], closed["outcome"]) == ("closed", "solved")
