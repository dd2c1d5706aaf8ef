"""The page about running: every setting with its default, and a directory of another country that works."""

import configparser
import dataclasses
import re
import ssl
import tomllib
from pathlib import Path

import pytest

from sop_engine.app import Settings, initialise, installation, load_settings
from sop_engine.case.commands import Go
from sop_engine.case.directory import OVERSIGHT_KINDS
from sop_engine.compliance.review import REVIEWING_KINDS
from sop_engine.services import answers, mail_choices, sheets, together, tokens, uploads
from sop_engine.services.case_page import case_page
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.publishing import publish_file
from sop_engine.services.recording import record_step
from sop_engine.services.sending import Done, open_case, send
from sop_engine.services.staff import account_named, add_account
from sop_engine.services.uploads import papers, pictures, zipped
from sop_engine.store.tables import metadata
from web import MOST_BYTES
from web.guard import REFUSED
from web.layout import asked
from web.paper import drawing

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "running.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```(?:yaml|csv) (\S+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("name", [one.name for one in dataclasses.fields(Settings)])
def test_every_setting_stands_on_the_page(name: str) -> None:
    assert re.search(rf"^\| `SOP_ENGINE_{name.upper()}` \|", PAGE, re.MULTILINE)


def test_the_example_of_a_settings_file_says_what_it_seems_to_say(tmp_path: Path) -> None:
    (tmp_path / "sop-engine.toml").write_text(block("toml"))
    read, said = load_settings(tmp_path, {}), tomllib.loads(block("toml"))
    assert (read.database, read.keys, str(read.directory)) == (
        said["database"], said["keys"], said["directory"],
    )  # fmt: skip
    assert (read.hosts, read.secure_cookies) == (("cases.example.org",), True)


def test_the_service_starts_the_server() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block("ini"))
    assert unit["Service"]["ExecStart"].endswith("/sop-engine serve --port 8000")
    assert unit["Service"]["ReadWritePaths"] == unit["Service"]["WorkingDirectory"]


def test_the_limits_on_the_page_are_those_of_the_program() -> None:
    table = PAGE.split("## Limits")[1].split("## ")[0]
    mega, pixels = 1_000_000, pictures.MOST_PIXELS // 1_000_000
    for said in (
        f"{MOST_BYTES // mega} MB; {asked.MOST_UPLOADED // mega} MB, and {uploads.MOST_BYTES // mega} MB a file",
        f"{zipped.MOST_BYTES // mega} MB, {zipped.MOST_MEMBERS} parts, {zipped.MOST_RATIO} times its size",
        f"{pixels} million pixels; {papers.MOST_PAGES} pages", f"{uploads.AT_ONCE}; {uploads.PATIENCE} seconds",
        f"{answers.MOST_LETTERS['text']}; {answers.MOST_LETTERS['long_text']} letters",
        f"cases of one act | {answers.MOST_ROWS} |",
        f"{sheets.MOST_COPIES}; {sheets.MOST_SHEETS}; {drawing.MOST_PAGES}",
        f"{tokens.MOST_TOKENS}; {tokens.MOST_DAYS}", f"{mail_choices.MOST_ASKS}; {mail_choices.MOST_TRIES}",
    ):  # fmt: skip
        assert said in table, said
    assert answers.MOST_ROWS == together.MOST


def test_every_way_in_is_told() -> None:
    """Each table that knows a secret by which somebody gets in has its row, and there is no row without one."""
    section = PAGE.split("## Signing in")[1].split("## ")[0]
    secret = {"token", "secret", "password"}
    knowing = {name for name, table in metadata.tables.items() if secret & {column.name for column in table.columns}}
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == knowing


def test_every_event_of_the_log_is_told() -> None:
    table = PAGE.split("## What is logged")[1].split("## ")[0]
    logged = set()
    for file in [*(DOCS.parent / "sop_engine").rglob("*.py"), *(DOCS.parent / "web").rglob("*.py")]:
        text = file.read_text("utf-8")
        if "structlog" in text:
            logged |= set(re.findall(r"(?:log|get_logger\(.*\))\.(?:error|warning|info)\(\s*\"([^\"]+)\"", text))
    assert {"refused", "fault", "round failed", "mail server cannot be used"} <= logged
    assert [event for event in logged if f"`{event}`" not in table] == []
    assert all(str(status) in table for status in REFUSED)


def test_the_proxy_speaks_new_tls_only_and_hands_nothing_to_a_file() -> None:
    server = PAGE.split("    server {")[1].split("\n\n")[0]
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in server
    assert re.findall(r"listen (\S+) ssl;", server) == re.findall(r"listen (\S+)", server) == ["443", "[::]:443"]
    for line in ("proxy_max_temp_file_size 0;", "proxy_request_buffering off;", "proxy_http_version 1.1;"):
        assert line in server


def test_each_cipher_of_the_proxy_keeps_what_was_said_when_the_key_is_stolen_later() -> None:
    """Forward secrecy and authenticated encryption, as the library of this machine knows each cipher."""
    [said] = re.findall(r"ssl_ciphers (\S+);", PAGE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(said)
    known = {one["name"]: one for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"}
    assert known.keys() == set(said.split(":"))
    assert {(one["kea"], one["aead"]) for one in known.values()} == {("kx-ecdhe", True)}


def test_every_kind_that_the_program_knows_by_name_is_told() -> None:
    assert [kind for kind in (*OVERSIGHT_KINDS, *REVIEWING_KINDS) if f"`{kind}`" not in PAGE] == []


def test_a_case_runs_in_the_directory_of_another_country(tmp_path: Path) -> None:
    assert set(FILES) == {"agencies.yaml", "kinds.yaml", "calendars.yaml", "districts.csv", "border-points.csv"}
    there = tmp_path / "directory"
    there.mkdir()
    for name, text in FILES.items():
        (there / name).write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path / "home", {"SOP_ENGINE_DIRECTORY": str(there)})
    initialise(settings)
    inst = installation(settings)
    publish_file(inst, DOCS / "examples" / "missing-child.yaml", inst.clock())
    assert add_account(inst, "maya", "desk-north", "Maya", frozenset(), "a long password here") is None
    maya = account_named(inst, "maya")
    assert maya is not None
    opened = open_case(inst, actor_of(maya), "missing-child", "reported")
    assert isinstance(opened, Done)
    answers = {"birth_date": "9 years", "place_seen": "S1", "last_seen": "road"}
    assert isinstance(record_step(inst, maya, opened.case.number, "take_report", answers), Done)
    for way in ("begin_search", "found_alive"):
        assert isinstance(send(inst, opened.case.id, Go(id=new_id(), actor=actor_of(maya), exit=way)), Done)
    assert case_page(inst, maya, opened.case.number).strip.offered_to == "officer-north"
