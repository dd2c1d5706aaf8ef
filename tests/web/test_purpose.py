"""Who opens answers or papers of a case on which a colleague works says first why; the ordinary day asks nobody."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from sop_engine.case import commands as cmd
from sop_engine.cli.cases import group
from sop_engine.services.documents import attach_file
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import Done, send
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.tables import reading
from tests.api.conftest import ROOT, secret_of
from tests.support import files
from tests.web.conftest import Site, enter

STEP, SAID = "belongings", "A red bag of Canary"
ASKS = "What do you open it for?"


@pytest.fixture
def officer(site: Site) -> FlaskClient:
    """An officer of the agency that holds the case, on which her colleague works."""
    return prepared(site)


@pytest.fixture
def at_either(either_site: Site) -> tuple[Site, FlaskClient]:
    """The same on each database."""
    return either_site, prepared(either_site)


def prepared(site: Site) -> FlaskClient:
    site.world.play.record(site.person, STEP, belongings_list=SAID)
    assign(site, site.world.play.cast.lead("ahtb"))
    site.app.config["WTF_CSRF_ENABLED"] = False
    return enter(site, "ahtb")


def assign(site: Site, worker: Account | None, case_id: str = "") -> None:
    command = cmd.Assign(
        id=new_id(), actor=actor_of(site.world.play.cast.lead("ahtb")), worker=worker.id if worker else None
    )
    assert isinstance(send(site.world.inst, case_id or site.person, command), Done)


def of_case(site: Site) -> str:
    return f"/cases/{site.number(site.person)}"


def of_step(site: Site) -> str:
    return f"{of_case(site)}/steps/{STEP}"


def looks(site: Site) -> list[str]:
    with looking(site.world.inst.engine) as connection:
        return list(connection.execute(select(reading.c.what).where(reading.c.case_id == site.person)).scalars())


def test_she_says_why_once_and_comes_to_what_she_wanted(at_either: tuple[Site, FlaskClient]) -> None:
    site, client = at_either
    assert client.get(of_case(site)).status_code == 200  # how it stands is nobody's answer
    before = looks(site)
    asked = client.get(of_step(site))
    assert (asked.status_code, SAID in asked.text) == (302, False)
    page = client.get(asked.location).text
    assert ASKS in page
    assert f'name="on" value="{of_step(site)}"' in page
    assert looks(site) == before
    answer = client.post(f"{of_case(site)}/why", data={"purpose": "stand_in", "on": of_step(site)})
    assert answer.location == of_step(site)
    assert SAID in client.get(of_step(site)).text
    assert looks(site).count("purpose") == 1
    client.post(f"{of_case(site)}/why", data={"purpose": "advice", "on": of_step(site)})
    assert looks(site).count("purpose") == 1
    told = client.get(f"{of_case(site)}/looks").text
    assert "What she opens answers for: I stand in for a colleague" in told


def test_something_else_takes_a_sentence_that_stands_sealed(site: Site, officer: FlaskClient) -> None:
    for sent in ({}, {"purpose": "other"}, {"purpose": "curious"}):
        answer = officer.post(f"{of_case(site)}/why", data={**sent, "on": of_step(site)})
        assert (answer.status_code, "Choose what you open it for" in answer.text) == (422, True)
    officer.post(f"{of_case(site)}/why", data={"purpose": "other", "words": "Canary called", "on": of_step(site)})
    assert SAID in officer.get(of_step(site)).text
    assert "Something else: Canary called" in officer.get(f"{of_case(site)}/looks").text
    with looking(site.world.inst.engine) as connection:
        assert all(b"Canary" not in bytes(row.purpose or b"") for row in connection.execute(select(reading)))


def test_it_leads_on_to_this_case_alone(site: Site, officer: FlaskClient) -> None:
    for on in ("https://example.org/", "//example.org", "/worklist", f"{of_case(site)}/..//example.org", ""):
        page = officer.get(f"{of_case(site)}/why", query_string={"on": on}).text
        assert f'name="on" value="{of_case(site)}"' in page


def test_the_ordinary_day_asks_nobody(site: Site, officer: FlaskClient) -> None:
    cast = site.world.play.cast
    assign(site, None)
    assert SAID in officer.get(of_step(site)).text
    assign(site, cast.worker("ahtb"))
    assert SAID in officer.get(of_step(site)).text
    assert SAID in enter(site, "ahtb-lead").get(of_step(site)).text
    assert "purpose" not in looks(site)


def test_who_is_asked_for_a_task_is_not_asked_why(site: Site, officer: FlaskClient) -> None:
    cast = site.world.play.cast
    assert officer.get(of_step(site)).status_code == 302
    due = site.world.clock() + timedelta(days=1)
    task = cmd.AddTask(
        id=new_id(), actor=actor_of(cast.lead("ahtb")), agency="ahtb", worker=cast.worker("ahtb").id, due=due
    )
    assert isinstance(send(site.world.inst, site.person, task, {"task": "Look at her bag."}), Done)
    assert SAID in officer.get(of_step(site)).text


def test_a_step_that_nobody_recorded_has_nothing_to_ask_about(site: Site, officer: FlaskClient) -> None:
    case = site.world.play.case(site.person)
    steps = site.world.play.ground(case).procedure.steps
    blank = next(name for name, (stage, _) in steps.items() if name not in case.steps and stage is not None)
    assert officer.get(f"{of_case(site)}/steps/{blank}").status_code == 200


def test_it_holds_for_the_session_and_never_longer_than_twelve_hours(site: Site, officer: FlaskClient) -> None:
    officer.post(f"{of_case(site)}/why", data={"purpose": "quality", "on": of_step(site)})
    assert officer.get(of_step(site)).status_code == 200
    officer.post("/sign-out")
    site.world.clock.wait(minutes=1)
    again = enter(site, "ahtb")
    assert again.get(of_step(site)).status_code == 302


def test_what_she_typed_is_not_lost_and_shows_nothing_recorded(site: Site, officer: FlaskClient) -> None:
    answer = officer.post(of_step(site), data={"belongings_list": "Mine", "more_rows": "1"})
    assert answer.status_code == 200
    assert "Mine" in answer.text
    assert SAID not in answer.text


def test_a_paper_and_the_check_before_a_way_ask_too(site: Site, officer: FlaskClient) -> None:
    play, lead = site.world.play, site.world.play.cast.lead("ahtb")
    case = play.case(site.operation)
    here = [name for name, (stage, _) in play.ground(case).procedure.steps.items() if stage == case.stage]
    play.record(case.id, next(name for name in here if name not in case.steps))
    assign(site, lead, case.id)
    brought = attach_file(
        site.world.inst, lead, case.number, "things", "seizure_list", "a.pdf", files.paper(), new_id()
    )
    assert isinstance(brought, Done)
    case = site.world.play.case(site.operation)
    file, address = case.steps["things"].files[0].file.id, f"/cases/{case.number}"
    ways = [f"{address}/way/{name}" for name in site.world.play.ground(case).exits(case)]
    asked = [officer.get(page) for page in (f"{address}/files/{file}/look", f"{address}/files/{file}", *ways)]
    there = [answer for answer in asked if answer.status_code != 404]
    assert len(there) > 2
    assert [(one.status_code, "/why?on=" in str(one.location)) for one in there] == [(302, True)] * len(there)


def test_a_program_says_it_in_a_header(site: Site, officer: FlaskClient) -> None:
    token = {"Authorization": f"Bearer {secret_of(site, 'ahtb')}"}
    address = f"{ROOT}{of_step(site)}"
    answer = officer.get(address, headers=token)
    assert (answer.status_code, answer.get_json()["rule"]) == (403, "purpose_missing")
    assert "विषयमा" in answer.get_json()["detail_ne"]
    told = officer.get(address, headers=token | {"Purpose": "%E0%A4%AE%E0%A4%BE%E0%A4%97 Canary"})
    assert told.get_json()["answers"]["belongings_list"] == SAID
    assert officer.get(address, headers=token).status_code == 200
    assert looks(site).count("purpose") == 1
    lead = {"Authorization": f"Bearer {secret_of(site, 'ahtb-lead')}"}
    assert officer.get(address, headers=lead).status_code == 200


def test_it_is_asked_in_nepali_too(site: Site, officer: FlaskClient) -> None:
    officer.set_cookie("language", "ne")
    page = officer.get(officer.get(of_step(site)).location).text
    assert "के का लागि खोल्नुहुन्छ?" in page
    assert "म सहकर्मीको सट्टामा काम गर्दै छु" in page


def test_on_the_command_line_it_is_said_in_a_word(site: Site, officer: FlaskClient) -> None:
    asked = ["asks", site.number(site.person), STEP, "--as", "ahtb", "--home", str(site.world.settings.home)]
    refused = CliRunner().invoke(group, asked)
    assert (refused.exit_code, "say first what you open it for (--why)" in refused.output) == (1, True), refused.output
    said = CliRunner().invoke(group, [*asked, "--why", "stand_in"])
    assert said.exit_code == 0, said.output
    assert "purpose" in looks(site)
