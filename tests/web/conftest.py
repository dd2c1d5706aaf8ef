"""A world with a story behind it, and browsers that are not there: Flask's own test client."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sop_engine.demo import bar_rescue
from tests.support.world import PASSWORD, World
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


@pytest.fixture
def site(sqlite_world: World) -> Site:
    """A rescue with twelve people just removed; one of them is offered to the women's desk."""
    operation = bar_rescue.tip_off(sqlite_world.play)
    person = bar_rescue.persons(sqlite_world.play, operation)[0][0]
    sqlite_world.play.finish(person)
    sqlite_world.play.go(person, "to_safety")
    return Site(create_app(sqlite_world.inst, sqlite_world.settings), sqlite_world, operation, person)


def token_of(page: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


Signed = Callable[[str], FlaskClient]


@pytest.fixture
def signed(site: Site) -> Signed:
    """A client in which somebody has signed in."""

    def enter(name: str) -> FlaskClient:
        client = site.app.test_client()
        token = token_of(client.get("/sign-in").text)
        answer = client.post("/sign-in", data={"csrf_token": token, "name": name, "password": PASSWORD})
        assert answer.status_code == 302
        return client

    return enter
