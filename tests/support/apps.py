"""Somebody who signs in as a browser without scripts does, and her code app."""

import re
from dataclasses import dataclass

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.world import PASSWORD, World


@dataclass(frozen=True, slots=True)
class App:
    """A code app, by the clock of a world."""

    world: World
    secret: str

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many half minutes later."""
        return pyotp.TOTP(self.secret).at(self.world.clock(), counter_offset=steps)


def post(client: FlaskClient, to: str, page: str = "/sign-in", /, **fields: str) -> TestResponse:
    """Send a form with the token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found, "the page has no form"
    return client.post(to, data={"csrf_token": found[1], **fields})


def passes(client: FlaskClient, name: str, password: str = PASSWORD, **fields: str) -> TestResponse:
    """Type a name and a password."""
    return post(client, "/sign-in", name=name, password=password, **fields)


def app_of(world: World, page: str) -> App:
    """Read the key of a page into an app."""
    found = re.search(r'<code class="key"[^>]*>([A-Z2-7 ]+)</code>', page)
    assert found, "the page shows no key"
    return App(world, found[1].replace(" ", ""))


def codes_of(page: str) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"<li><code>([0-9A-Z-]{14})</code></li>", page)


def sets_up(world: World, client: FlaskClient, name: str) -> tuple[App, list[str]]:
    """Sign in where a second factor is required, and set up an app on the way; gives it and the recovery codes."""
    assert passes(client, name).location.startswith("/sign-in/code")
    app = app_of(world, client.get("/sign-in/code").text)
    answer = post(client, "/sign-in/code", "/sign-in/code", code=app.code())
    assert answer.status_code == 200
    return app, codes_of(answer.text)
