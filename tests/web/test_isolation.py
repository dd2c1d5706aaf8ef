"""PostgreSQL keeps agencies apart below the application, and by that no page of anybody changes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from sop_engine.app import initialise, installation, load_settings
from sop_engine.services import rights
from sop_engine.services.upkeep import doctor
from sop_engine.store import isolation, tables, worklists
from sop_engine.store.database import isolates, looking, reads_for, writing
from sop_engine.store.isolation import POLICIES
from tests.api.conftest import secret_of
from tests.support.every_page import Opened, furnish
from tests.support.postgres import as_administrator, fresh_database
from tests.support.world import World, make_world
from tests.web.conftest import Site, enter
from web import create_app

NOISE = re.compile(
    r'(?:(?:name="csrf_token" value|<meta name="csrf-token" content|name="command" value)="[^"]*"|value="[0-9a-f]{32}")'
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("apart"), "postgresql")


@pytest.fixture(scope="module")
def opened(world: World) -> list[Opened]:
    return furnish(world)


@pytest.fixture(scope="module")
def site(world: World, opened: list[Opened]) -> Site:
    app = create_app(world.inst, world.settings)
    app.config["WTF_CSRF_ENABLED"] = False
    return Site(app, world, "", "")


def seen(client: FlaskClient, address: str, **sent: Any) -> tuple[int, str]:
    answer = client.open(address, **sent)
    return answer.status_code, NOISE.sub("", answer.text) if "pdf" not in (answer.mimetype or "") else ""


def asked(site: Site, opened: list[Opened]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Who asks for what: every page as its reader, and every list of pages and API as a few agencies."""
    for one in opened:
        if one.sign_in is not None:
            yield one.sign_in, one.address, {}
    for name in ("ahtb", "ncrc", "mowcsc", "wcsc-kathmandu"):
        token = {"Authorization": f"Bearer {secret_of(site, name)}"}
        for rule in site.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "sign_in.out":
                yield name, rule.rule, {"headers": token} if rule.endpoint.startswith("api-") else {}
        yield name, "/search", {"method": "POST", "data": {"words": "Sita", "name": "Sita"}}


def test_no_page_changes_by_it(site: Site, opened: list[Opened]) -> None:
    clients: dict[str, FlaskClient] = {}
    different, pages = [], 0
    for name, address, sent in asked(site, opened):
        client = clients.setdefault(name, enter(site, name))
        answers = []
        for site.world.inst.isolates in (True, False):
            answers.append(seen(client, address, **sent))
        pages += 1
        if answers[0] != answers[1]:
            different.append((name, address, answers[0][0], answers[1][0]))
    assert different == []
    assert pages > 150


@pytest.mark.parametrize("agency", ["ahtb", "wcsc-kathmandu", "mowcsc", "nobody"])
def test_whatever_is_asked_an_agency_is_shown_its_own_rows_alone(site: Site, agency: str) -> None:
    inst = site.world.inst
    engine = reads_for(inst.engine, agency, inst.clock())
    with looking(inst.engine) as connection:
        which = tables.access.c.agency == agency
        ours = {row.case_id for row in connection.execute(select(tables.access.c.case_id).where(which))}
        everything = {name: _rows(connection, name) for name in POLICIES}
    with looking(engine) as connection:
        for name in sorted(POLICIES.keys() - {"standing", "access", "subject_key"}):
            table = tables.metadata.tables[name]
            shown = {row.case_id for row in connection.execute(select(table.c.case_id))} - {None}
            assert shown <= ours, name
            assert _rows(connection, name) <= everything[name]
        standing = connection.execute(select(tables.standing.c.case_id, tables.standing.c.parent)).all()
        assert all(row.case_id in ours or row.parent in ours for row in standing)
        for name in ("access", "subject_key"):
            assert {row.agency for row in connection.execute(select(tables.metadata.tables[name]))} <= {agency}
    assert everything["vault"] > 50
    if agency == "nobody":
        with looking(engine) as connection:
            assert [_rows(connection, name) for name in POLICIES] == [0] * len(POLICIES)


def _rows(connection: Any, name: str) -> int:
    return int(connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one())


def test_who_reads_for_an_agency_writes_nothing(site: Site) -> None:
    inst = site.world.inst
    engine = reads_for(inst.engine, "ahtb", inst.clock())
    for statement in ("DELETE FROM vault", "UPDATE access SET agency = 'ahtb'", "CREATE TABLE mine (x int)"):
        with pytest.raises(Exception, match="permission denied"), looking(engine) as connection:
            connection.execute(text(statement))


def test_a_connection_that_goes_back_to_the_pool_keeps_nothing(site: Site) -> None:
    inst = site.world.inst
    for _ in range(30):
        with looking(reads_for(inst.engine, "ahtb", inst.clock())) as connection:
            assert connection.execute(text("SELECT current_user")).scalar_one() == isolation.ROLE
        with writing(inst.engine) as connection:
            shown = connection.execute(text("SELECT current_user, current_setting('sop.agency', true)")).one()
            assert (shown[0] != isolation.ROLE, shown[1] or "") == (True, "")


def test_a_gate_that_lets_everybody_through_shows_nothing_of_a_foreign_case(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: the application believes that every agency holds every case."""
    site.world.inst.isolates = True
    play = site.world.play
    case = play.open("identification", "report", "wcsc-jhapa", person_name="Phulmaya Kanari")
    number, stranger = site.number(case), enter(site, "utis")
    monkeypatch.setattr(worklists, "relations_of", lambda *words: {"holder"})
    everybodys = lambda connection, number, *words: (worklists.by_number(connection, number), {"holder"})  # noqa: E731
    monkeypatch.setattr(worklists, "relations_by_number", everybodys)
    monkeypatch.setattr(rights, "may", lambda *words: True)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    for address in (f"/cases/{number}", f"/cases/{number}/steps/register", f"/cases/{number}/print"):
        answer = stranger.get(address)
        assert answer.status_code >= 400, address
        assert "Phulmaya" not in answer.text
        assert "Accountable" not in answer.text
    site.world.inst.isolates = False
    assert stranger.get(f"/cases/{number}").status_code == 200, "without the database the fault would show the case"


def test_the_doctor_tells_where_the_database_does_not_keep_agencies_apart(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [one for one in doctor(site.world.inst).warnings if "keep agencies apart" in one]
    monkeypatch.setattr(isolation, "ROLE", "a_role_that_is_not_there")
    assert [one for one in doctor(site.world.inst).warnings if "keep agencies apart" in one]


def test_a_login_that_may_make_no_role_is_told_what_its_administrator_runs(tmp_path: Path) -> None:
    """Until that is done pages are shown as without it, and what `doctor` says makes it so."""
    server, url = tmp_path.name, fresh_database(server=tmp_path.name, owner="plain")
    settings = replace(load_settings(tmp_path), database=url)
    initialise(settings)
    assert not isolates(installation(settings).engine)

    def told() -> list[str]:
        return [one for one in doctor(installation(settings)).warnings if "keep agencies apart" in one]

    def shown() -> int:
        apart = installation(settings).for_agency("ahtb")
        with looking(apart.engine) as connection:
            return connection.execute(select(func.count()).select_from(tables.standing)).scalar_one()

    made, granted = re.findall(r"CREATE ROLE \w+ NOLOGIN;|GRANT \w+ TO plain", told()[0])
    as_administrator(made, server)
    initialise(settings)
    assert told(), "the role of another installation on this server may not be ours"
    assert shown() == 0
    as_administrator(granted, server)
    initialise(settings)
    assert told() == []
    assert isolates(installation(settings).engine)
    assert shown() == 0


def test_every_table_that_names_a_case_is_bound(tmp_path: Path) -> None:
    naming = {name for name, table in tables.metadata.tables.items() if "case_id" in table.c}
    # The drain, the log and notices say that a case moved and nothing else; they are read for everybody.
    assert naming - POLICIES.keys() == {"unfolded", "log", "notice"}
