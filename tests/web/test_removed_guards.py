"""Each guard is taken away in turn, and the matrix of access notices: against a table that was written by hand.

A mutant is caught where the table and the code differ, or where somebody who may not gets an answer of her own.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from sop_engine.case.permissions import PERMISSIONS, Extent, Permission
from sop_engine.services import (
    acting,
    case_page,
    documents,
    drafting,
    links,
    looks,
    own_view,
    recording,
    rights,
    sheets,
    side_by_side,
    step_page,
    together,
)
from sop_engine.store.database import looking
from tests.api.conftest import secret_of
from tests.support import files
from tests.support.every_page import furnish
from tests.support.rights_by_hand import RELATIONS, asked_by, extent
from tests.support.world import make_world
from tests.web.conftest import Site, enter
from tests.web.test_access import ABSENT, QUIET, Pair, _more, pairs, said
from web import create_app
from web.permissions import ANYBODY, OF_CASE, PUBLIC, ROUTES, WORKER

Table = Mapping[str, Permission]


def table_differs(table: Table) -> list[tuple[str, str]]:
    """Where a table of permissions is not the one that was written by hand."""
    cells = [(permission, relation) for permission in table for relation in RELATIONS]
    return [(p, r) for p, r in cells if (str(table[p].by[r]) if r in table[p].by else None) != extent(p, r)]


def routes_differ(routes: Mapping[str, str], named: set[str]) -> list[str]:
    """The addresses naming a case that do not ask what was written by hand."""
    return sorted(one for one in named if routes[one] != asked_by(one))


@dataclass(slots=True)
class Walk:
    """A furnished site, and what who may not is answered by it."""

    site: Site
    pairs: list[Pair]
    clients: dict[str, FlaskClient]
    tokens: dict[str, str]
    absent: dict[tuple[str, str, str], tuple[int, str, str]]

    def rules(self) -> Iterator[tuple[Rule, str]]:
        for rule in self.site.app.url_map.iter_rules():
            if "number" in rule.arguments and asked_by(rule.endpoint) != "worker":
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield rule, method

    def leaks(self, permissions: set[str], stop: bool = True) -> tuple[list[tuple[object, ...]], int]:
        """Answers to who may not that are not those of a case that is not there, and how many were looked at."""
        found: list[tuple[object, ...]] = []
        cells = 0
        for pair in self.pairs:
            for rule, method in self.rules():
                asks = asked_by(rule.endpoint)
                if asks not in permissions or any(extent(asks, relation) for relation in pair.relations):
                    continue
                cells += 1
                if self.answer(pair, rule, method, pair.number) != self.nothing(pair, rule, method):
                    found.append((sorted(pair.relations), pair.agency, method, rule.endpoint))
                    if stop:
                        return found, cells
            for permission, path, form in BY_NUMBER:
                if permission in permissions and not any(extent(permission, one) for one in pair.relations):
                    cells += 1
                    if self.typed(pair, path, form, pair.number) != self.typed(pair, path, form, ABSENT):
                        found.append((sorted(pair.relations), pair.agency, path))
        return found, cells

    def typed(self, pair: Pair, path: str, form: Mapping[str, str], number: str) -> tuple[int, str, str]:
        """What somebody is answered who types a number into a form."""
        filled = {name: number if text == "NUMBER" else text for name, text in form.items()}
        answer = self.clients[pair.agency].post(path, data=filled)
        if not answer.mimetype.startswith("text/"):
            return answer.status_code, answer.mimetype, ""
        status, where, text = said(answer, number)
        return status, where, re.sub(r'value="[0-9a-f]{32}"', "", text)

    def nothing(self, pair: Pair, rule: Rule, method: str) -> tuple[int, str, str]:
        key = (pair.agency + pair.case_id, rule.endpoint, method)
        if key not in self.absent:
            self.absent[key] = self.answer(pair, rule, method, ABSENT)
        return self.absent[key]

    def answer(self, pair: Pair, rule: Rule, method: str, number: str) -> tuple[int, str, str]:
        sent: dict[str, Any] = {"method": method}
        if rule.endpoint.startswith("api-"):
            sent["headers"] = {"Authorization": f"Bearer {self.tokens[pair.agency]}"}
            sent["json"] = BODIES.get(rule.endpoint, {})
        elif method == "POST":
            # What is asked of a form before its case is looked for is there: else both would be told that it lacks.
            sent["data"] = {"purpose": "For the file."}
        answer = self.clients[pair.agency].open(self.address(pair, rule, number), **sent)
        if answer.mimetype.startswith("text/") or answer.is_json:
            return said(answer, number)
        return answer.status_code, answer.mimetype, ""

    def hush(self) -> None:
        """Let whatever an act left to be told be told."""
        for client in self.clients.values():
            client.get(QUIET)

    def address(self, pair: Pair, rule: Rule, number: str) -> str:
        known = {**things(self.site, pair), "number": number}
        with self.site.app.test_request_context():
            adapter = self.site.app.url_map.bind("localhost")
            return str(adapter.build(rule.endpoint, {k: known[k] for k in rule.arguments}))


# Forms into which the number of a case is typed: what it is chosen or printed for asks for a permission as well.
BY_NUMBER: list[tuple[str, str, dict[str, str]]] = [
    ("list", "/together/", {"number": "NUMBER"}),
    ("copy", "/paper/rescue-person/print", {"what": "all", "copies": "1", "language": "en", "case": "NUMBER"}),
]
BODIES: dict[str, Any] = {
    "api-steps.record": {"answers": {}}, "api-steps.keep_draft": {"answers": {}},
    "api-paper.with_answers": {"purpose": "To read it."}, "api-acts.note": {"sentence": "Here."},
}  # fmt: skip


def things(site: Site, pair: Pair) -> dict[str, str]:
    """What really stands in a case: a step, a paper with its file, a way, a task, a request."""
    case = site.world.play.case(pair.case_id)
    ground = site.world.play.ground(case)
    kept = {name: state for name, state in case.steps.items() if state.files}
    here = [name for name, (stage, _) in ground.procedure.steps.items() if stage in (None, case.stage)]
    steps = [*kept, *case.steps, *here]
    papers = [str(name) for step in steps for name in ground.procedure.step_of(step).documents]
    return {
        "step": steps[0], "name": steps[0], "document": papers[0] if papers else "nothing",
        "file": next((one.file.id for state in kept.values() for one in state.files), "0" * 32),
        "task": next(iter(case.tasks), "nothing"), "key": next(iter(case.tasks), "nothing"),
        "referral": next(iter(case.referrals), "nothing"), "agency": "ahtb", "of": "nothing",
        "exit": next(iter(ground.exits(case)), "nothing"), "consent": "data_sharing", "track": "nothing",
        "emergency": next(iter(case.emergencies), "nothing"), "other": ABSENT,
    }  # fmt: skip


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    world = make_world(tmp_path_factory.mktemp("guards"))
    opened = furnish(world)
    _more(world)
    app = create_app(world.inst, world.settings)
    app.config["WTF_CSRF_ENABLED"] = False
    site = Site(app, world, "", "")
    number = next(one.address for one in opened if one.name == "case of an operation").rpartition("/")[2]
    with looking(world.inst.engine) as connection:
        operation = rights.id_of(connection, number)
    assert operation is not None
    world.play.attach(operation, "things", "seizure_list", "list.pdf", files.paper())
    own = Pair(operation, number, "ahtb", frozenset())
    # Nobody is told apart by what another relation of hers allows: each relation is played as if it were the only one.
    found = [pair for pair in pairs(site) if not may_everything(pair)]
    strangers = [replace(own, agency=agency) for agency in ("wcsc-jhapa", "himal-aashraya")]
    kinds = {pair.agency for pair in [*found, *strangers]}
    clients = {agency: enter(site, agency) for agency in kinds}
    for client in clients.values():
        client.get(QUIET)
    return Walk(site, [*found, *strangers], clients, {agency: secret_of(site, agency) for agency in kinds}, {})


def may_everything(pair: Pair) -> bool:
    return all(any(extent(permission, relation) for relation in pair.relations) for permission in PERMISSIONS)


def test_the_tables_of_the_program_are_those_that_were_written_by_hand(walk: Walk) -> None:
    named = {rule.endpoint for rule in walk.site.app.url_map.iter_rules() if "number" in rule.arguments}
    assert table_differs(PERMISSIONS) == []
    assert routes_differ(ROUTES, named) == []


def test_each_permission_that_is_widened_and_each_address_that_is_weakened_is_noticed(walk: Walk) -> None:
    named = {rule.endpoint for rule in walk.site.app.url_map.iter_rules() if "number" in rule.arguments}
    mutants, survived = 0, []
    for permission, said_ in PERMISSIONS.items():
        for relation in RELATIONS:
            if said_.by.get(relation) is Extent.ALL:
                continue
            wider = Permission(said_.title, {**said_.by, relation: Extent.ALL})
            mutants += 1
            if not table_differs({**PERMISSIONS, permission: wider}):
                survived.append((permission, relation))
    for endpoint in sorted(named):
        for weaker in {"know", WORKER, ANYBODY, PUBLIC} - {ROUTES[endpoint]}:
            mutants += 1
            if ROUTES[endpoint] in OF_CASE and not routes_differ({**ROUTES, endpoint: weaker}, named):
                survived.append((endpoint, weaker))
    print(f"{len(survived)} of {mutants} mutants of the two tables survive")
    assert survived == []


Call = tuple[ModuleType, str, str]
# The calls that ask for a permission: where, through what, and for which.
CALLS: list[Call] = [
    (links, "find", "record"), (looks, "find", "lead"), (side_by_side, "find", "lead"), (sheets, "find", "copy"),
    (step_page, "find", "record"), (step_page, "find", "copy"), (step_page, "find", "act"),
    (case_page, "find", "print"), (case_page, "find", "act"), (together, "find", "list"),
    (recording, "act_as", "record"),
]  # fmt: skip
# Those behind which another guard answers alike: what is read of a step, who records it, whose key opens it, and that
# an act is never loaded for a person who reads in an emergency alone.
DOUBLED: list[Call] = [
    (drafting, "find", "record"), (step_page, "find", "read"), (documents, "find", "papers"),
    (documents, "find", "keep"), (documents, "find", "record"), (documents, "act_as", "record"),
    (own_view, "act_as", "act"), (together, "act_as", "act"), (acting, "act_as", "act"),
]  # fmt: skip


def named(call: Call) -> str:
    return f"{call[0].__name__.rpartition('.')[2]}.{call[1]}.{call[2]}"


@contextmanager
def weakened(module: ModuleType, call: str, permission: str) -> Iterator[None]:
    """Whoever may know of a case may do what a permission was asked for in one module."""
    as_it_is, place = getattr(module, call), 4 if call == "find" else 5

    def weaker(*given: Any, **named: Any) -> Any:
        words = [*given]
        if len(words) > place:
            words[place] = "know" if words[place] == permission else words[place]
        elif named.get("permission", "know" if call == "find" else "act") == permission:
            named["permission"] = "know"
        return as_it_is(*words, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, call, weaker)
        yield


def test_with_every_guard_nobody_is_answered_who_may_not(walk: Walk) -> None:
    found, cells = walk.leaks(set(PERMISSIONS), stop=False)
    print(f"{cells} cells denied by the table of hand")
    assert found == []


def noticed(walk: Walk, calls: list[Call], stop: bool) -> list[str]:
    """The calls of which it is noticed that they are weakened."""
    found = []
    for call in calls:
        walk.hush()
        with weakened(*call):
            leaks, _ = walk.leaks(set(PERMISSIONS) - {"know"}, stop)
        if leaks:
            found.append(named(call))
    walk.hush()
    return found


def test_each_call_that_is_weakened_is_noticed(walk: Walk) -> None:
    """Whoever may only know of a case is then answered otherwise than of a case that is not there."""
    found = noticed(walk, CALLS, stop=True)
    print(f"{len(CALLS) - len(found)} of {len(CALLS)} weakened calls survive")
    assert found == [named(call) for call in CALLS]


@pytest.mark.slow
def test_behind_a_call_with_a_second_guard_nothing_leaks_when_it_is_weakened(walk: Walk) -> None:
    found = noticed(walk, DOUBLED, stop=False)
    print(f"{len(DOUBLED)} weakened calls have a second guard; {len(found)} leak")
    assert found == []
