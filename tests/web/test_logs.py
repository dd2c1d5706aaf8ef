"""What the log of a server says: who asked for what by ids, when, and never a word of anybody."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient

from sop_engine.cli import logs
from tests.api.conftest import program
from tests.support.world import PASSWORD
from tests.web.conftest import Signed, Site, token_of

Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    """What was logged since it was last asked, each line as what it says; the log of the process is put back after."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.begin()
    capsys.readouterr()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def test_a_foreign_case_that_was_asked_for_is_logged_with_who_and_without_its_number(
    site: Site, signed: Signed, logged: Logged
) -> None:
    client, number = signed("wcsc-jhapa"), site.number(site.person)
    logged()
    client.get(f"/cases/{number}")
    [said] = logged()
    who = site.world.play.cast.worker("wcsc-jhapa")
    assert {name: said[name] for name in said if name != "at"} == {
        "event": "refused", "level": "warning", "status": 404, "method": "GET", "endpoint": "cases.page",
        "person": who.id, "agency": "wcsc-jhapa",
    }  # fmt: skip
    assert number not in json.dumps(said)


def test_every_entry_has_its_time_in_utc(site: Site, signed: Signed, logged: Logged) -> None:
    signed("ahtb").get("/nothing")
    logging.getLogger("another.package").error("fault")
    entries = logged()
    assert [said["event"] for said in entries] == ["signed in", "refused", "package"]
    assert {datetime.fromisoformat(said["at"]).utcoffset() for said in entries} == {timedelta(0)}


def test_signing_in_and_out_and_what_changes_an_account_is_logged_by_ids(
    site: Site, signed: Signed, logged: Logged
) -> None:
    who = site.world.play.cast.worker("ahtb")
    client = signed("ahtb")
    change = {"password": PASSWORD, "wanted": "river lantern eleven", "again": "river lantern eleven"}
    client.post("/me/security/password", data={"csrf_token": token_of(client.get("/me/security").text), **change})
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/me/security").text)})
    form = {"csrf_token": token_of(client.get("/sign-in").text), "password": "secret of mine"}
    for name in ("ahtb", "a name that I typed"):
        client.post("/sign-in", data={**form, "name": name})
    lines = [said for said in logged() if said["event"] != "refused"]
    told = [(said["event"], said["person"]) for said in lines]
    assert told == [
        ("signed in", who.id), ("signed in", who.id), ("factor changed", who.id), ("signed out", who.id),
        ("sign-in failed", who.id), ("sign-in failed", None),
    ]  # fmt: skip
    assert not any(word in json.dumps(lines) for word in ("secret", "river", "typed", "Officer"))


def test_forged_forms_wrong_tokens_and_foreign_names_of_this_site_are_logged(
    site: Site, signed: Signed, logged: Logged
) -> None:
    client = signed("ahtb")
    stranger = site.app.test_client()
    logged()
    client.post(f"/cases/{site.number(site.person)}/accept")
    stranger.get("/api/v1/me", headers={"Authorization": "Bearer sop_canary"})
    stranger.get("/", headers={"Host": "evil.example"})
    program(site, "ahtb", ["find"]).get("/cases")
    entries = logged()
    assert [said["status"] for said in entries] == [400, 401, 400, 403]
    assert not any(word in json.dumps(entries) for word in ("canary", "evil"))


def test_what_a_procedure_or_a_form_does_not_take_is_logged_by_ids(site: Site, signed: Signed, logged: Logged) -> None:
    client, number = signed("ahtb"), site.number(site.person)
    form = {"csrf_token": token_of(client.get(f"/cases/{number}").text), "happened": "no day of canary"}
    who, programs = site.world.play.cast.worker("ahtb"), program(site, "ahtb", ["act"])
    logged()
    answers = [
        client.post(f"/cases/{number}/steps/to_safe_place", data=form),
        programs.post(f"/cases/{number}/ways/to_safety", {"reason": "canary"}),
    ]
    entries = logged()
    assert [(said["event"], said["status"], said["person"]) for said in entries] == [
        ("not taken", answer.status_code, who.id) for answer in answers
    ]
    assert not any(word in json.dumps(entries) for word in ("canary", number))


def test_nothing_that_is_sent_can_write_a_line_of_its_own(site: Site, signed: Signed, logged: Logged) -> None:
    client: FlaskClient = signed("ahtb")
    forged = '%0A{"event": "signed in"}%0D%0A\u2028'
    logged()
    client.get(f"/cases/{forged}")
    client.get(f"/{forged}?{forged}={forged}", headers={"User-Agent": forged, "Referer": forged})
    client.open("/nothing", method="FORGED")
    entries = logged()
    assert {said["event"] for said in entries} == {"refused"}
    assert {said["method"] for said in entries} == {"GET", "other"}


def test_a_fault_shows_nothing_of_itself_and_is_logged_by_its_kind_and_place(
    site: Site, signed: Signed, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, said = signed("ahtb"), "Maya Canary of Lamahi"

    def broken(*_: object, **__: object) -> None:
        raise ValueError(said)

    monkeypatch.setitem(site.app.view_functions, "cases.page", broken)
    logged()
    number = site.number(site.person)
    page = client.get(f"/cases/{number}")
    [entry] = logged()
    assert (page.status_code, entry["event"], entry["kind"]) == (500, "fault", "ValueError")
    assert entry["place"].startswith("test_logs.py:")
    for word in (said, "ValueError", "Traceback", "test_logs"):
        assert word not in page.text
    assert "Canary" not in json.dumps(entry)
    assert "no-store" in page.headers["Cache-Control"]


def test_what_other_packages_say_is_logged_by_its_place_and_kind(logged: Logged) -> None:
    said = "Maya Canary of Lamahi"
    try:
        raise KeyError(said)
    except KeyError:
        logging.getLogger("waitress").exception("Exception while serving %s", said)
    [entry] = logged()
    assert (entry["event"], entry["logger"], entry["kind"]) == ("package", "waitress", "KeyError")
    assert entry["place"].startswith("test_logs:")
    assert "Canary" not in json.dumps(entry)
