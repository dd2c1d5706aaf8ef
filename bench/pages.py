"""How heavy pages are on the line, and how long the server takes for them among many cases."""

import re
import time
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import delete

from bench.figure import Figure
from bench.lists import FEW, MANY, copies
from bench.world import bench_world
from sop_engine.demo.stories import bar_rescue
from sop_engine.store.tables import reading
from tests.support.every_page import Opened, furnish
from tests.support.world import PASSWORD, World
from web import create_app

FIRST_VISIT, LATER_PAGE = 60_000, 16_000
LOOKS = 40


def page_weight() -> Figure:
    """The heaviest later page, compressed, and the first visit with all its files; prints every page."""
    with bench_world("sqlite") as world:
        pages = furnish(world)
        app = create_app(world.inst, world.settings)
        clients = {name: _entered(app.test_client(), name) for name in {one.sign_in for one in pages}}
        weights = {one: len(_compressed(clients[one.sign_in], one.address)) for one in pages}
        files = re.findall(r'(?:href|src)="(/(?:bootstrap|look)/[^"]+)"', clients[None].get("/sign-in").text)
        first = len(_compressed(clients[None], "/sign-in")) + sum(len(_compressed(clients[None], f)) for f in files)
    for one, weight in sorted(weights.items(), key=lambda pair: -pair[1]):
        print(f"{weight:>7} bytes  {one.name}")
    print(f"{first:>7} bytes  first visit, {1 + len(files)} requests (at most {FIRST_VISIT} in 4)")
    heaviest: Opened = max(weights, key=lambda one: weights[one])
    more = {"page": heaviest.name, "first_visit": first, "requests": 1 + len(files)}
    return Figure("page.weight", weights[heaviest], "bytes", LATER_PAGE, weights[heaviest] / LATER_PAGE, more)


def _compressed(client: FlaskClient, address: str) -> bytes:
    return bytes(client.get(address, headers={"Accept-Encoding": "br"}).data)


def _entered(client: FlaskClient, sign_in: str | None) -> FlaskClient:
    if sign_in is not None:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
        assert token is not None
        client.post("/sign-in", data={"csrf_token": token[1], "name": sign_in, "password": PASSWORD})
    return client


def worklist_page(database: str) -> Callable[[], Figure]:
    """The page of a day, in an agency with 1 000 and with 100 000 open cases."""
    return _among_many(f"page.worklist.{database}", database, lambda world, person: "/")


def case_page(database: str) -> Callable[[], Figure]:
    """The page of a case, in an agency with 1 000 and with 100 000 open cases."""
    return _among_many(
        f"page.case.{database}", database, lambda world, person: f"/cases/{world.play.case(person).number}"
    )


def search_page(database: str) -> Callable[[], Figure]:
    """A search for a name, among 1 000 and among 100 000 cases with names; building the register is not in it."""
    return _among_many(
        f"page.search.{database}", database, lambda world, person: "/search", {"typed": "Seeta ba7 Tamang"}
    )


def _among_many(
    name: str, database: str, address: Callable[[World, str], str], form: dict[str, str] | None = None
) -> Callable[[], Figure]:
    def measure() -> Figure:
        with bench_world(database) as world:
            operation = bar_rescue.tip_off(world.play)
            person = bar_rescue.persons(world.play, operation)[0][0]
            client = _entered(create_app(world.inst, world.settings).test_client(), "ahtb")
            copies(world, person, 0, FEW)
            few = _p95(world, client, address(world, person), form)
            copies(world, person, FEW, MANY)
            many = _p95(world, client, address(world, person), form)
        return Figure(name, many, "seconds (p95)", few, many / few)

    return measure


def _p95(world: World, client: Any, address: str, form: dict[str, str] | None) -> float:
    """The time that 95 of 100 answers take at most, in seconds, after a few to warm up."""
    times = []
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
    assert token is not None
    for number in range(LOOKS + 5):
        # Nobody finds more than so many cases in a day: each look is the first one of its day.
        with world.inst.writing() as connection:
            connection.execute(delete(reading))
        begun = time.perf_counter()
        answer = client.post(address, data={"csrf_token": token[1], **form}) if form else client.get(address)
        assert answer.status_code == 200
        assert not form or "CP-" in answer.text, "the search found nothing"
        if number >= 5:
            times.append(time.perf_counter() - begun)
    return sorted(times)[int(len(times) * 0.95) - 1]
