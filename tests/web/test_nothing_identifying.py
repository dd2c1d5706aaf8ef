"""What a person said reaches no log, title, address, header, mail and temporary file, on no page of a whole story."""

import json
import logging
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from sop_engine.cli import logs
from sop_engine.services.installation import actor_of
from sop_engine.services.own_view import Paper, set_view
from sop_engine.services.passing import run_once
from sop_engine.services.posting import mail_all
from sop_engine.store import tables, vault
from sop_engine.store.database import looking
from tests.support.every_page import furnish
from tests.support.mail_server import mail_server
from tests.support.notices import ADDRESS, DESK, proven
from tests.support.told import words_of
from tests.support.world import PASSWORD, World
from tests.web.conftest import token_of
from web import create_app

NAME, PHONE = "Phulmaya Kanari Lamahi", "9801234567"
CANARIES = (NAME, "Phulmaya", "Kanari", PHONE)


def identifying(world: World) -> set[str]:
    """Everything in the vault that a person could be known by: names, numbers, and whatever is a sentence."""
    found = set(CANARIES)
    with looking(world.inst.engine) as connection:
        keys = world.inst.keys.subjects(connection, None)
        for row in connection.execute(select(tables.vault)):
            found |= set(words_of(vault.opened(keys[row.subject], row)))
    return {one for one in found if " " in one or re.fullmatch(r"\d{7,}", one)} | set(CANARIES)


@dataclass
class Seen:
    """What somebody beside the reader may see of her visit: addresses, titles, headers."""

    texts: list[str] = field(default_factory=list)
    pages: int = 0

    def note(self, answer: TestResponse, whole: bool = False) -> TestResponse:
        page = answer.get_data(as_text=True) if answer.mimetype in ("text/html", "application/problem+json") else ""
        self.pages += 1
        self.texts += [answer.request.full_path, str(answer.headers)]
        self.texts += re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
        self.texts += re.findall(r'\s(?:href|action|src|formaction)="([^"]*)"', page)
        self.texts += [page] if whole else []
        return answer


def entered(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    form = {"csrf_token": token_of(client.get("/sign-in").text), "name": name, "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 302
    return client


@pytest.fixture
def logging_here(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.begin()
    root.setLevel(logging.DEBUG)
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def test_what_a_person_said_is_beside_no_page_of_a_whole_story(
    sqlite_world: World, logging_here: None, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    world, seen, aside = sqlite_world, Seen(), tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setenv("TMPDIR", str(aside))
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    with mail_server() as (box, world.inst.post):
        proven(world, world.play.cast.worker(DESK))
        opened = furnish(world)
        said = {"person_name": NAME, "contact_phone": PHONE}
        case = world.play.open("identification", "report", "ahtb", **said)
        world.play.open("identification", "interception", "booth-jamunaha", **said)
        run_once(world.inst)
        app = create_app(world.inst, world.settings)
        clients = {name: entered(app, name) for name in {one.sign_in for one in opened} - {None} if name}
        stranger = app.test_client()
        for one in opened:
            seen.note((clients[one.sign_in] if one.sign_in else stranger).get(one.address))
        page = seen.note(clients["ahtb"].get(f"/cases/{world.play.case(case).number}"))
        for link in sorted(set(re.findall(r'href="(/cases/[^"#]+)"', page.text))):
            seen.note(clients["ahtb"].get(link))
        herself(app, world, case, seen)
        attempts(app, clients["ahtb"], seen, monkeypatch)
        mail_all(world.inst)
    assert seen.pages > 60
    mails = [f"{mail}\n{mail.get_content()}" for mail in box.to(ADDRESS)]
    assert mails
    written = "".join(capsys.readouterr())
    logged = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert {"refused", "fault"} <= {said["event"] for said in logged}
    left = [file.read_bytes().decode("utf-8", "replace") for file in aside.rglob("*") if file.is_file()]
    secrets = identifying(world)
    assert len(secrets) > 25
    beside = [*seen.texts, *mails, written, *left, *(str(file) for file in aside.rglob("*"))]
    plain = "\n".join(beside + [unquote_plus(text) for text in seen.texts])
    assert [one for one in secrets if one in plain] == []
    numbers = re.findall(r"NP-\w{4}-\w{4}", "\n".join([*mails, written]))
    assert numbers == []


def herself(app: Flask, world: World, case: str, seen: Seen) -> None:
    """Her own visit: wrong tries, a question and a complaint that name somebody, and the code on its paper."""
    holder = world.play.case(case).holder or ""
    actor = actor_of(world.play.cast.worker(holder))
    paper = set_view(world.inst, actor, world.play.case(case).number, "given", None)
    assert isinstance(paper, Paper)
    client = app.test_client()
    token = token_of(client.get("/s/en/").text)
    for pin in ("000000", paper.pin):
        seen.note(client.post("/s/en/", data={"csrf_token": token, "code": paper.code, "pin": pin}))
    assert seen.note(client.get("/s/en/")).text.count("What happens now") == 1
    said = {"csrf_token": token, "words": f"Does {NAME} know?", "about": "question"}
    assert seen.note(client.post("/s/en/ask", data=said)).status_code == 302
    complaint = {"csrf_token": token, "what_happened": f"{NAME} of {PHONE} asked for money.", "mine": "yes"}
    for by in ("", "herself"):
        seen.note(client.post("/s/en/write", data={**complaint, "written_by": by}))
    seen.note(client.get("/s/en/looks"))


def attempts(app: Flask, client: FlaskClient, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong while a name is typed: searches, forged forms, wrong and too large ones, and a fault."""
    token = token_of(client.get("/search").text)
    found = {"typed": NAME}
    assert NAME in client.post("/search", data={**found, "csrf_token": token}).text
    for data in (found, {**found, "csrf_token": token}, {**found, "csrf_token": token, "typed": NAME * 200_000}):
        seen.note(client.post("/search", data=data))
    opening = {"sop": "rescue-person", "entry": "found", "name": NAME, "phone": PHONE, "csrf_token": token}
    seen.note(client.post("/cases/open", data=opening))
    seen.note(app.test_client().post("/cases/open", data=opening), whole=True)

    def broken(*_: object, **__: object) -> None:
        raise LookupError(NAME)

    monkeypatch.setitem(app.view_functions, "find.find", broken)
    answer = seen.note(client.post("/search", data={**found, "csrf_token": token}), whole=True)
    assert answer.status_code == 500
