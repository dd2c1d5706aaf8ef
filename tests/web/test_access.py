"""The access matrix: every address that names a case, as an agency with each relation, against the table.

Addresses come from the router, relations from the rows that say them; what is allowed from `case.permissions` alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from sop_engine.case import commands as cmd
from sop_engine.case.access import is_kept_from
from sop_engine.case.permissions import PERMISSIONS, RELATIONS, Extent
from sop_engine.services.acting import NotFound
from sop_engine.services.case_page import case_page
from sop_engine.services.emergency import open_in_emergency
from sop_engine.services.installation import actor_of
from sop_engine.services.sending import Done, send
from sop_engine.services.staff import account_named, colleagues
from sop_engine.store.database import looking
from sop_engine.store.tables import access, standing
from tests.api.conftest import secret_of
from tests.support.every_page import furnish
from tests.support.matrix import things_of
from tests.support.world import World, make_world
from tests.web.conftest import Site, enter
from web import create_app
from web.permissions import ADMIN, AGENCIES, BESIDE_WORK, OF_CASE, ROUTES

# Nobody signs in for an agency that has no users here.
WITHOUT_USERS = {"acted_for"}
ABSENT = "NP-2222-2222"
# A page of no case: what the act before it tells stands there.
QUIET = "/me/reading"
# What the table allows, and the procedure gives only to whoever has the way, the step or the offer.
BY_THE_PROCEDURE = {
    "cases.way", "cases.refuse_form", "cases.erasure", "cases.download", "cases.look", "cases.join_form",
    "api-cases.way", "api-files.look", "api-files.whole", "api-cases.beside",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """An agency, by the sign-in of its worker, and all their relations to one case; or a colleague of hers."""

    case_id: str
    number: str
    agency: str
    relations: frozenset[str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    world = make_world(tmp_path_factory.mktemp("access"))
    furnish(world)
    _more(world)
    app = create_app(world.inst, world.settings)
    app.config["WTF_CSRF_ENABLED"] = False
    return Site(app, world, "", "")


def _more(world: World) -> None:
    """Cases in which agencies have the relations that are rare."""
    play = world.play
    play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    opening = play.open("rescue-operation", "intel", "bakaino")
    assert play.case(opening).status == "opening"
    closed = play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327")
    play.finish(closed)
    play.go(closed, "unfounded")
    shut = play.open("identification", "report", CONFLICTED, place_found="NP0327")
    actor = actor_of(play.cast.worker(CONFLICTED))
    declared = cmd.DeclareConflict(id="c" * 32, actor=actor, agency=CONFLICTED)
    assert isinstance(send(world.inst, shut, declared, {"reason": "His brother works here."}), Done)
    number = play.case(closed).number
    assert (
        open_in_emergency(world.inst, play.cast.worker(NIGHT), number, "Nobody answers the telephone.", "e" * 32)
        is None
    )


NIGHT, CONFLICTED = "wcsc-jhapa", "wcsc-kathmandu"


def pairs(site: Site) -> list[Pair]:
    """One agency and case for each set of relations that there is."""
    with looking(site.world.inst.engine) as connection:
        query = select(access.c.case_id, access.c.agency, access.c.relation, standing.c.number).join(
            standing, standing.c.case_id == access.c.case_id
        )
        found: dict[tuple[str, str, str], set[str]] = {}
        for row in connection.execute(query.order_by(access.c.case_id, access.c.agency)):
            found.setdefault((row.case_id, row.number, row.agency), set()).add(row.relation)
    kinds = {frozenset(relations): Pair(*place, frozenset(relations)) for place, relations in found.items()}
    return [pair for pair in kinds.values() if not pair.relations <= WITHOUT_USERS]


def case_routes(site: Site) -> Iterator[tuple[Rule, str]]:
    for rule in site.app.url_map.iter_rules():
        if "number" in rule.arguments and ROUTES.get(rule.endpoint) in OF_CASE:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def address_of(site: Site, rule: Rule, case_id: str, number: str, agency: str) -> str:
    """The address, with things that this case has where it has them."""
    case = site.world.play.case(case_id)
    ground = site.world.play.ground(case)
    procedure = ground.procedure
    steps = [*case.steps, *(name for name, (stage, _) in procedure.steps.items() if stage in (None, case.stage))]
    open_steps = [name for name in steps if not is_kept_from(ground, case, name, agency)]
    known = {
        "number": number, "name": open_steps[0], "document": "nothing", "file": "0" * 32,
        "key": "nothing", "task": next(iter(case.tasks), "nothing"), "referral": next(iter(case.referrals), "nothing"),
        "step": open_steps[0], "agency": next(iter(case.conflicts), "nothing"),
        "emergency": next(iter(case.emergencies), "nothing"), "of": "nothing",
        "exit": "nothing", "consent": "nothing", "track": "nothing", "other": ABSENT,
    }  # fmt: skip
    with site.app.test_request_context():
        return str(site.app.url_map.bind("localhost").build(rule.endpoint, {k: known[k] for k in rule.arguments}))


def said(answer: TestResponse, number: str) -> tuple[int, str, str]:
    """What an answer says, but for the number that was asked for and for what is another in each form."""
    if answer.is_json:
        return answer.status_code, "", answer.text.replace(number, "")
    body = re.sub(r'(name="csrf_token" value|<meta name="csrf-token" content)="[^"]*"', "", answer.text)
    return answer.status_code, str(answer.headers.get("Location")).replace(number, ""), body.replace(number, "")


def test_every_route_states_what_it_asks_and_no_other_stands_in_the_table(site: Site) -> None:
    there = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert there == ROUTES.keys()
    named = {rule.endpoint for rule in site.app.url_map.iter_rules() if "number" in rule.arguments}
    # Of an operation they take those people whom the agency may take.
    assert {one for one in named if ROUTES[one] not in OF_CASE} == {"worklist.accept_all", "api-lists.accept_many"}
    assert PERMISSIONS.keys() == OF_CASE


def test_every_relation_is_played(site: Site) -> None:
    assert {relation for pair in pairs(site) for relation in pair.relations} == RELATIONS.keys() - WITHOUT_USERS


def test_who_may_not_gets_the_answer_of_a_case_that_is_not_there(site: Site) -> None:
    """Whatever is denied is answered as an absent case is; every page that the table allows opens."""
    cells, wrong, clients, tokens = 0, [], {}, {}
    for pair in [*pairs(site), *strangers(site)]:
        client = clients.setdefault(pair.agency, enter(site, pair.agency))
        token = tokens.setdefault(pair.agency, secret_of(site, pair.agency))
        for rule, method in case_routes(site):
            by = PERMISSIONS[ROUTES[rule.endpoint]].by
            sent: dict[str, Any] = {"method": method}
            if rule.endpoint.startswith("api-"):
                sent["headers"] = {"Authorization": f"Bearer {token}"}
            address = address_of(site, rule, pair.case_id, pair.number, pair.agency)
            if not pair.relations & by.keys():
                cells += 1
                answer = said(client.open(address, **sent), pair.number)
                told = said(client.get(QUIET), QUIET)
                nothing = said(client.open(address.replace(pair.number, ABSENT), **sent), ABSENT)
                if told != said(client.get(QUIET), QUIET):
                    wrong.append((sorted(pair.relations), method, rule.endpoint, "tells", "otherwise"))
                if answer != nothing or answer[0] == 200:
                    wrong.append((sorted(pair.relations), method, rule.endpoint, answer[0], nothing[0]))
            elif method == "GET" and rule.endpoint not in BY_THE_PROCEDURE:
                cells += 1
                whole = any(by.get(relation) is Extent.ALL for relation in pair.relations)
                if whole and client.open(address, **sent).status_code != 200:
                    wrong.append((sorted(pair.relations), method, rule.endpoint, "not opened", ""))
    print(f"{cells} cells of the access matrix walked")
    assert wrong == []
    assert cells > 500


def inner(answer: TestResponse) -> str:
    """What a page says, without its head, which names the address that was asked for."""
    return answer.text.partition("<main")[2]


@pytest.mark.parametrize("name", ["ahtb", "ahtb-lead", "mowcsc", "mowcsc-lead", "utis-admin", "admin"])
def test_pages_of_administration_are_not_there_for_who_looks_after_no_accounts(site: Site, name: str) -> None:
    """Who looks after one agency's people finds the pages of agencies as little as anybody else."""
    client, worker = enter(site, name), site.world.play.cast.worker("ahtb").id
    known = {"person": worker, "change": "nothing", "code": "ahtb"}
    absent = client.get("/admin/nothing-there")
    rules = [rule for rule in site.app.url_map.iter_rules() if ROUTES.get(rule.endpoint) in (ADMIN, AGENCIES)]
    assert len(rules) == 18
    for rule in rules:
        address = site.app.url_map.bind("localhost").build(rule.endpoint, {k: known[k] for k in rule.arguments})
        opens = name == "admin" or (name == "utis-admin" and ROUTES[rule.endpoint] == ADMIN and not rule.arguments)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = client.open(address, method=method)
            if not opens:
                assert (answer.status_code, inner(answer)) == (404, inner(absent)), (name, rule, method)
            elif method == "GET":
                assert answer.status_code == 200, (name, rule)


@pytest.mark.parametrize("name", ["admin", "utis-admin"])
def test_who_administers_and_does_nothing_else_works_on_no_case(site: Site, name: str) -> None:
    """Each address of work is as one that is not there, with a case of her own agency too; nobody gives her one."""
    client, account = enter(site, name), account_named(site.world.inst, name)
    assert account is not None
    assert client.get("/").location == "/admin/"
    secret = secret_of(site, name)
    absent, walked = client.get("/nothing-there"), 0
    of_hers = sorted(pairs(site), key=lambda pair: pair.agency != account.agency)[0]
    known = {**things_of(site.world, of_hers.case_id, account.agency), "number": of_hers.number}
    for rule in site.app.url_map.iter_rules():
        if ROUTES[rule.endpoint] in BESIDE_WORK or rule.endpoint == "worklist.day":
            continue
        given = {name: known.get(name, "x") for name in rule.arguments}
        address = site.app.url_map.bind("localhost").build(rule.endpoint, given)
        is_api = rule.endpoint.startswith("api-")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            sent = {"headers": {"Authorization": f"Bearer {secret}"}} if is_api else {}
            answer = client.open(address, method=method, **sent)
            assert answer.status_code == 404, (rule, method)
            assert is_api or inner(answer) == inner(absent), (rule, method)
            walked += 1
    assert walked > 100
    assert account.id not in {one.id for one in colleagues(site.world.inst, account)}
    with pytest.raises(NotFound):
        case_page(site.world.inst, account, of_hers.number)


def conflicted(site: Site) -> Pair:
    """An agency that holds a case, and has a conflict of interest in it."""
    with looking(site.world.inst.engine) as connection:
        held = standing.c.holder == CONFLICTED
        rows = list(connection.execute(select(standing.c.case_id, standing.c.number).where(held)))
    shut = next(row for row in rows if CONFLICTED in site.world.play.case(row.case_id).conflicts)
    return Pair(shut.case_id, shut.number, CONFLICTED, frozenset())


def strangers(site: Site) -> Iterator[Pair]:
    """Agencies with no relation to a case, of each kind of agency that has people."""
    seen = pairs(site)[0]
    with looking(site.world.inst.engine) as connection:
        related = set(connection.execute(select(access.c.agency).where(access.c.case_id == seen.case_id)).scalars())
    for agency in ("mowcsc", "ncrc", "bakaino", "himal-aashraya", "wcsc-jhapa"):
        if agency not in related:
            yield Pair(seen.case_id, seen.number, agency, frozenset())
    yield conflicted(site)
    alone = next(pair for pair in pairs(site) if pair.relations == {"emergency"})
    yield replace(alone, agency=f"{NIGHT}-lead", relations=frozenset())
