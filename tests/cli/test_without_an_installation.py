"""Where there is no installation, every command says so in one sentence, and what to do."""

from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.support.world import World

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "helpline-call.yaml"
COMMANDS = [
    "case show NP-2222-2222 --as ahtb",
    "case history NP-2222-2222 --as ahtb",
    "case do NP-2222-2222 accept --as ahtb",
    "case open rescue-operation tip_off --as ahtb",
    "case worklist --as ahtb",
    "audit verify",
    "rebuild --check",
    "doctor",
    "serve",
    "person-add maya --agency ahtb --shown-as Maya --password a-long-password",
    "people password maya --password a-long-password",
    "people unlock-factor maya",
    "people end maya",
    f"sop publish {EXAMPLE}",
]
SENTENCE = (
    "sop-engine: There is no installation in ./installation: run 'sop-engine init', or name its folder with --home\n"
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words.split()[:2]))
def test_a_command_without_an_installation_says_what_to_do(
    words: str, sop_engine: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = sop_engine(*words.split())
    assert (said.out, said.err, said.code) == ("", SENTENCE, 3)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_database_is_no_installation_and_stays_as_it_is(sop_engine: Program, tmp_path: Path) -> None:
    said = sop_engine("doctor", "--home", tmp_path)
    assert said.code == 3
    assert said.err.startswith(f"sop-engine: The database of {tmp_path} is missing or older than this program: run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["doctor", "init"])
def test_a_database_that_does_not_answer_is_named_without_its_password(
    command: str, sop_engine: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOP_ENGINE_DATABASE", "postgresql+psycopg://me:secret@127.0.0.1:1/none")
    said = sop_engine(command, "--home", tmp_path)
    assert said.code == 3
    assert "postgresql+psycopg://me:***@127.0.0.1:1/none does not answer" in said.err
    assert "secret" not in said.err


def test_a_directory_that_is_not_there_is_named(
    sop_engine: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOP_ENGINE_DIRECTORY", str(tmp_path / "nowhere"))
    said = sop_engine("init", "--home", tmp_path / "home")
    assert said.code == 3
    assert f"{tmp_path / 'nowhere' / 'agencies.yaml'} cannot be read" in said.err


@pytest.mark.parametrize("damage", ["whole", "head", "middle"])
def test_a_damaged_database_is_told_in_a_sentence(damage: str, sop_engine: Program, sqlite_world: World) -> None:
    home = sqlite_world.settings.home
    sqlite_world.inst.engine.dispose()
    file = home / "sop-engine.db"
    content = bytearray(file.read_bytes())
    where = {"whole": slice(0, None), "head": slice(0, 100), "middle": slice(4096, None)}[damage]
    content[where] = b"x" * len(content[where])
    file.write_bytes(content)
    for name in ("sop-engine.db-wal", "sop-engine.db-shm"):
        (home / name).unlink(missing_ok=True)
    for words in (["doctor"], ["case", "worklist", "--as", "ahtb"]):
        said = sop_engine(*words, "--home", home)
        assert said.code == 3, said.err
        assert said.err.startswith("sop-engine: The database ")
        assert "Traceback" not in said.err
    assert file.read_bytes() == content, "what is left of it stays for whoever can save something"
