"""Whether time tells a case of others from one that is not there: at every address that names a case and is looked at.

Three addresses are asked in turns, in an order that chance gives: a foreign number and two that nothing has. How far
the two absent ones are apart is the noise of the same run, and what a difference is compared with.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from flask import Flask
from flask.testing import FlaskClient

from bench.figure import Figure
from bench.pages import _entered
from bench.world import bench_world
from sop_engine.services.accounts import Origin
from sop_engine.services.installation import new_number
from sop_engine.services.staff import account_named
from sop_engine.services.tokens import SCOPES, make_token
from tests.support import files
from tests.support.every_page import furnish
from tests.support.matrix import ALONE, address_of, numbers_of, things_of
from tests.support.world import PASSWORD, World
from tests.web.conftest import Site
from web import create_app
from web.permissions import OF_CASE, ROUTES

LOOKS, WARM = 400, 20
# How many standard errors of the same run a difference is to be beyond.
BEYOND = 4.0


@dataclass(frozen=True, slots=True)
class Timed:
    """A route: how long a foreign and an absent number take, and by how many standard errors they are apart.

    `same` is the same of two absent numbers.
    """

    endpoint: str
    foreign: float
    absent: float
    apart: float
    same: float

    @property
    def ratio(self) -> float:
        return self.foreign / self.absent


def gate_timing() -> Figure:
    """The median over the routes of foreign to absent; prints every route, and counts those beyond noise."""
    with bench_world("sqlite") as world:
        opened = {one.name: one.address.rpartition("/")[2] for one in furnish(world)}
        number = opened["case of an operation"]
        case_id = numbers_of(world)[number]
        world.play.attach(case_id, "things", "seizure_list", "list.pdf", files.paper())
        app = create_app(world.inst, world.settings)
        ask = _asking(app, world)
        timed = [_timed(ask, *one) for one in _addresses(app, world, case_id, number)]
    differ = [one for one in timed if abs(one.apart) > BEYOND]
    falsely = [one for one in timed if abs(one.same) > BEYOND]
    for one in sorted(timed, key=lambda one: -abs(one.apart)):
        print(f"{one.ratio:6.3f}  {one.apart:+6.1f} apart ({one.same:+.1f} the same twice)  {one.endpoint}")
    print(f"{len(timed)} routes, {len(differ)} differ beyond noise, {len(falsely)} of the same compared with the same")
    middle = sorted(timed, key=lambda one: one.ratio)[len(timed) // 2]
    more = {"routes": len(timed), "differ": len(differ), "same_differ": len(falsely)}
    return Figure("gate.timing", middle.foreign, "seconds", middle.absent, middle.ratio, more)


Ask = Callable[[str, str], int]


def _asking(app: Flask, world: World) -> Ask:
    """Asks as somebody whose agency has no relation to any of the cases: pages by her session, the API by her token."""
    client: FlaskClient = _entered(app.test_client(), ALONE)
    account = account_named(world.inst, ALONE)
    assert account is not None
    secret = make_token(world.inst, account, "to measure", SCOPES, 9, PASSWORD, Origin())
    headers = {"Authorization": f"Bearer {secret}"}

    def ask(endpoint: str, address: str) -> int:
        return client.get(address, headers=headers if endpoint.startswith("api-") else {}).status_code

    return ask


def _addresses(app: Flask, world: World, case_id: str, number: str) -> list[tuple[str, list[str]]]:
    """Every address with the number of a case that is looked at: foreign, absent, and absent once more."""
    site, found = Site(app, world, "", ""), []
    numbers = [number, new_number(), new_number()]
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.endpoint):
        if "number" in rule.arguments and "GET" in (rule.methods or ()) and ROUTES[rule.endpoint] in OF_CASE:
            things = things_of(world, case_id, "ahtb")
            found.append((rule.endpoint, [address_of(site, rule, {**things, "number": one}) for one in numbers]))
    return found


def _timed(ask: Ask, endpoint: str, addresses: list[str]) -> Timed:
    took: list[list[float]] = [[] for _ in addresses]
    chance = random.Random(endpoint)
    for turn in range(WARM + LOOKS):
        for which in chance.sample(range(len(addresses)), len(addresses)):
            begun = time.perf_counter()
            status = ask(endpoint, addresses[which])
            ended = time.perf_counter()
            assert status == 404, (endpoint, status)
            if turn >= WARM:
                took[which].append(ended - begun)
    foreign, absent, again = took
    return Timed(endpoint, median(foreign), median(absent), _apart(foreign, absent), _apart(absent, again))


def _apart(ones: Sequence[float], others: Sequence[float]) -> float:
    """By how many standard errors more often than by chance the first of two that were asked in turn took longer."""
    longer = sum(one > other for one, other in zip(ones, others, strict=True))
    return float((longer - len(ones) / 2) / (len(ones) ** 0.5 / 2))
