"""A world with a story behind it, and browsers that are not there: Flask's own test client."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sop_engine.demo.stories import bar_rescue
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


def removed(world: World) -> Site:
    """A rescue with twelve people just removed; one of them is offered to the women's desk."""
    operation = bar_rescue.tip_off(world.play)
    person = bar_rescue.persons(world.play, operation)[0][0]
    world.play.finish(person)
    world.play.go(person, "to_safety")
    return Site(create_app(world.inst, world.settings), world, operation, person)


@pytest.fixture
def site(sqlite_world: World) -> Site:
    """The site on SQLite."""
    return removed(sqlite_world)


@pytest.fixture
def either_site(world: World) -> Site:
    """The site on each database."""
    return removed(world)


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
