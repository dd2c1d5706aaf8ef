"""Nobody carries a register away by searching or printing, and no file gets in that a scanner objects to."""

import dataclasses
import shlex
import sys
from pathlib import Path

import pytest

from sop_engine.app import installation
from sop_engine.case.refusal import Refusal
from sop_engine.services import limits
from sop_engine.services.uploads.scanning import scan
from tests.web.conftest import Site, enter


def test_who_has_found_as_much_in_a_day_as_anybody_may_finds_no_more_until_the_next(
    either_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = either_site
    site.app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setitem(limits.MOST, "search", 3)
    for _ in range(3):
        site.world.play.open("identification", "report", "ahtb", person_name="Phulmaya Kanari")
    police, other = enter(site, "ahtb"), enter(site, "ahtb-lead")
    assert police.post("/search", data={"typed": "Phulmaya Kanari"}).status_code == 200
    refused = police.post("/search", data={"typed": "Phulmaya Kanari"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert "NP-" not in refused.text
    assert other.post("/search", data={"typed": "Phulmaya Kanari"}).status_code == 200
    site.world.clock.wait(days=1, hours=1)
    assert enter(site, "ahtb").post("/search", data={"typed": "Phulmaya Kanari"}).status_code == 200


def test_prints_with_answers_have_a_limit_a_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setitem(limits.MOST, "print", 2)
    police, number = enter(site, "ahtb"), site.number(site.person)
    found = [police.post(f"/cases/{number}/print.pdf", data={"purpose": "Hearing."}).status_code for _ in range(3)]
    assert found == [200, 200, 429]
    assert police.get(f"/cases/{number}/print").status_code == 200, "without answers as often as one likes"


def program(place: Path, body: str) -> tuple[str, ...]:
    place.write_text(body)
    return (sys.executable, str(place))


def test_a_file_in_which_the_scanner_finds_something_is_not_taken(tmp_path: Path) -> None:
    finds = program(tmp_path / "scanner.py", "import sys; sys.exit(b'virus' in sys.stdin.buffer.read())")
    assert scan((), b"virus") is None
    assert scan(finds, b"a letter") is None
    told = scan(finds, b"a virus in it")
    assert isinstance(told, Refusal)
    assert told.code == "file_virus"


@pytest.mark.parametrize("words", [("/nowhere/scanner",), (sys.executable, "-c", "raise SystemExit(2)")])
def test_a_scanner_that_is_down_lets_nothing_through(words: tuple[str, ...]) -> None:
    told = scan(words, b"a letter")
    assert isinstance(told, Refusal)
    assert told.code == "file_unscanned"


def test_the_setting_names_the_program(site: Site) -> None:
    words = "clamdscan --no-summary -"
    inst = installation(dataclasses.replace(site.world.settings, scanner=words))
    assert inst.scanner == tuple(shlex.split(words))
