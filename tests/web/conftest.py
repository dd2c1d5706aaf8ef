"""A world with a story behind it, and browsers that are not there: Flask's own test client."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sop_engine.demo.play import Play
from sop_engine.demo.stories import bar_rescue
from tests.support.world import BOTH, PASSWORD, World, told
from web import create_app


@dataclass(frozen=True, slots=True)
class Site:
    """The application, its world, and two cases of the story."""

    app: Flask
    world: World
    operation: str
    person: str

    def number(self, case_id: str) -> str:
        return self.world.play.case(case_id).number


def removed(home: Path, database: str = "sqlite") -> Site:
    """A rescue with twelve people just removed; one of them is offered to the women's desk."""
    world, (operation, person) = told(home, database, _removal)
    return Site(create_app(world.inst, world.settings), world, operation, person)


def _removal(play: Play) -> tuple[str, str]:
    operation = bar_rescue.tip_off(play)
    person = bar_rescue.persons(play, operation)[0][0]
    play.finish(person)
    play.go(person, "to_safety")
    return operation, person


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The site on SQLite."""
    return removed(tmp_path)


@pytest.fixture(params=BOTH)
def either_site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """The site on each database."""
    return removed(tmp_path, request.param)


def token_of(page: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


Signed = Callable[[str], FlaskClient]


def enter(site: Site, name: str) -> FlaskClient:
    """A client in which somebody has signed in."""
    client = site.app.test_client()
    checked = site.app.config["WTF_CSRF_ENABLED"]
    site.app.config["WTF_CSRF_ENABLED"] = True
    token = token_of(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"csrf_token": token, "name": name, "password": PASSWORD})
    assert answer.status_code == 302
    site.app.config["WTF_CSRF_ENABLED"] = checked
    return client


@pytest.fixture
def signed(site: Site) -> Signed:
    """Signs people in."""
    return lambda name: enter(site, name)
