"""A site with a story, and programs that bring tokens."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sop_engine.case.refusal import Refusal
from sop_engine.services.accounts import Origin
from sop_engine.services.staff import account_named
from sop_engine.services.tokens import SCOPES, make_token
from tests.support.world import BOTH, PASSWORD
from tests.web.conftest import Site, removed

ROOT = "/api/v1"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return removed(tmp_path)


@pytest.fixture(params=BOTH)
def either_site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return removed(tmp_path, request.param)


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a token of somebody."""

    client: FlaskClient
    secret: str

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._sent("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        return self._sent("POST", path, json={} if body is None else body, **more)

    def put(self, path: str, body: Any, **more: Any) -> TestResponse:
        return self._sent("PUT", path, json=body, **more)

    def _sent(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.secret}", **(headers or {})}
        return self.client.open(ROOT + path, method=method, headers=sent, **more)


def secret_of(site: Site, name: str, scopes: Iterable[str] = SCOPES, days: int = 9) -> str:
    """The secret of a new token of somebody."""
    account = account_named(site.world.inst, name)
    assert account is not None
    made = make_token(site.world.inst, account, "for a test", scopes, days, PASSWORD, Origin())
    assert not isinstance(made, Refusal), made
    return made


def program(site: Site, name: str, scopes: Iterable[str] = SCOPES) -> Program:
    return Program(site.app.test_client(), secret_of(site, name, scopes))


Programs = Callable[..., Program]


@pytest.fixture
def programs(site: Site) -> Programs:
    return lambda name, scopes=SCOPES: program(site, name, scopes)
