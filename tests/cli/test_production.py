"""An installation that others reach is not served while something about it is only fit for a trial."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sop_engine.app import Settings, initialise, installation, load_settings
from sop_engine.cli import starting
from sop_engine.demo.cast import hire
from sop_engine.services.staff import add_account
from tests.cli.program import Program
from tests.support.world import World

HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A new installation that stands behind https."""
    home = tmp_path_factory.mktemp("ready") / "installation"
    settings = load_settings(home, {"SOP_ENGINE_SECURE_COOKIES": "yes", "SOP_ENGINE_ADDRESS": "https://cases.example"})
    initialise(settings)
    return settings


def told(settings: Settings, host: str = HERE) -> str:
    return "\n".join(starting.faults(installation(settings), settings, host))


def test_a_new_installation_behind_https_is_served_and_has_nobody_in_it(ready: Settings) -> None:
    assert told(ready) == ""
    inst = installation(ready)
    assert add_account(inst, "first", "ahtb", "First", frozenset(), "a long password here") is None
    assert told(ready) == ""


def test_where_others_reach_it_cookies_must_travel_encrypted(ready: Settings) -> None:
    bare = dataclasses.replace(ready, secure_cookies=False, address="")
    for host in ("0.0.0.0", "::", "192.0.2.7", "cases.example", ""):  # noqa: S104
        assert "cookies would travel in clear" in told(bare, host), host
    for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"):
        assert told(bare, host) == "", host
    assert "cookies would travel in clear" in told(dataclasses.replace(bare, address="https://cases.example"))
    assert "address begins with http" in told(dataclasses.replace(ready, address="http://cases.example"))


def test_a_database_elsewhere_must_be_spoken_to_encrypted(ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    inst = installation(ready)
    monkeypatch.setattr(starting, "line_to", lambda database: [f"told of {database.drivername}"])
    assert starting.faults(inst, ready, HERE) == ["told of sqlite"]


def test_keys_that_others_read_or_somebody_wrote_by_hand_are_refused(ready: Settings) -> None:
    for file in (Path(ready.keys) / "epoch-1.key", ready.audit / "log.key", ready.home / "web.key"):
        file.chmod(0o640)
        assert f"others may read {file}" in told(ready)
        file.chmod(0o600)
    kept = (ready.home / "web.key").read_text()
    (ready.home / "web.key").write_text("secret")
    assert "too short" in told(ready)
    (ready.home / "web.key").write_text(kept)


def test_accounts_of_the_demonstration_are_refused_by_the_command_itself(
    sop_engine: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(tmp_path / "installation", {})
    initialise(settings)
    inst = installation(settings)
    hire(inst, inst.directory_now(), "a-password-for-tests")
    inst.engine.dispose()
    monkeypatch.setenv("SOP_ENGINE_SECURE_COOKIES", "yes")
    said = sop_engine("serve", "--home", settings.home, "--port", "1")
    assert said.code == 1
    assert "accounts of the demonstration can sign in" in said.err
    assert "Traceback" not in said.err


def test_one_process_serves_a_sqlite_database_and_whoever_was_killed_serves_no_more(
    sop_engine: Program, world: World
) -> None:
    inst, home = world.inst, world.settings.home
    takes = "\n".join((
        "import pathlib, sys, time", "from sop_engine.app import installation, load_settings",
        "from sop_engine.cli.starting import alone", "home = pathlib.Path(sys.argv[1])",
        "with alone(installation(load_settings(home)), home):", "    print('serves', flush=True)", "    time.sleep(60)",
    ))  # fmt: skip
    environment = {**os.environ, "SOP_ENGINE_DATABASE": world.settings.database}
    with subprocess.Popen(
        [sys.executable, "-c", takes, str(home)], stdout=subprocess.PIPE, text=True, env=environment
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "serves\n"
        if inst.engine.dialect.name == "postgresql":
            with starting.alone(inst, home):
                pass
        else:
            said = sop_engine("serve", "--home", home, "--port", "1")
            assert (said.code, "another process serves" in said.err) == (1, True)
        other.kill()
    with starting.alone(inst, home):
        pass


def test_no_environment_turns_debugging_on(ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from web import create_app

    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = create_app(installation(ready), ready)
    assert not app.debug
    assert not app.testing
