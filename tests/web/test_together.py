"""Many cases at once: who is ready, head counts that must match, exceptions, one signature for many."""

import re

from sop_engine.case.events import HandedOver
from sop_engine.store import journal
from sop_engine.store.database import looking
from tests.web.conftest import Signed, Site, token_of
from tests.web.test_acts import post


def boxes(page: str) -> list[str]:
    return re.findall(r'name="number" value="([^"]+)" checked', page)


def people(site: Site) -> list[str]:
    """The ids of everybody who is still where they were removed."""
    case = site.world.play.case(site.operation)
    return [child for child in case.children if child != site.person]


def ready(site: Site) -> list[str]:
    """Three people who can go on, by number."""
    three = people(site)[:3]
    for person in three:
        site.world.play.finish(person)
    return [site.number(person) for person in three]


def do(client, page: str, numbers: list[str], **data: object):  # type: ignore[no-untyped-def]
    command = re.search(r'name="command" value="([^"]+)"', page)
    assert command is not None
    sent = {"csrf_token": token_of(page), "command": command[1], "number": numbers}
    return client.post("/together/do", data=sent | data)


def way_of(page: str, name: str) -> str:
    found = re.search(rf'value="(go:[^"]+/{name})"', page)
    assert found, page
    return found[1]


def test_everybody_of_an_operation_stands_on_one_page(site: Site, signed: Signed) -> None:
    page = signed("ahtb").get(f"/together/of/{site.number(site.operation)}").text
    assert len(boxes(page)) == 12
    assert "Head count" in page
    assert "not ready" in page


def test_one_act_moves_all_who_are_ready_and_says_who_is_not(site: Site, signed: Signed) -> None:
    numbers, client = ready(site), signed("ahtb")
    late = site.number(people(site)[5])
    page = client.get(f"/together/of/{site.number(site.operation)}").text
    act = way_of(page, "to_safety")
    told = do(client, page, [*numbers, late], act=act, counted="4").text
    assert "Confirm by name" in told
    places = re.findall(rf'name="confirmed.{act.removeprefix("go:")}" id="[^"]+" value="(\d+)"', page)
    rules = {f"confirmed.{act.removeprefix('go:')}": places}
    answer = do(client, page, [*numbers, late], act=act, counted="4", **rules)
    assert "Done: 3." in answer.text
    assert late in answer.text
    for person in people(site)[:3]:
        assert site.world.play.case(person).offer is not None
    assert site.world.play.case(people(site)[5]).offer is None


def test_nobody_moves_while_the_head_count_differs(site: Site, signed: Signed) -> None:
    numbers, client = ready(site), signed("ahtb")
    page = client.get(f"/together/of/{site.number(site.operation)}").text
    for counted in ("", "2", "4", "three", "-3"):
        answer = do(client, page, numbers, act=way_of(page, "to_safety"), counted=counted)
        assert answer.status_code == 422
        assert "find out who is missing" in answer.text
        assert boxes(answer.text) == numbers
    assert site.world.play.case(people(site)[0]).offer is None


def test_pressed_twice_it_acts_once(site: Site, signed: Signed) -> None:
    numbers, client = ready(site), signed("ahtb")
    page = client.get(f"/together/of/{site.number(site.operation)}").text
    for _ in range(2):
        do(client, page, numbers, act="hand_over:", counted="3", to="himal-aashraya")
    with looking(site.world.inst.engine) as connection:
        told = [one.event for one in journal.history(connection, people(site)[0])]
    assert [event.to for event in told if isinstance(event, HandedOver)].count("himal-aashraya") == 1


def test_cases_of_others_are_not_there(site: Site, signed: Signed) -> None:
    client = signed("mowcsc")
    numbers = [site.number(people(site)[0]), "NP-2222-2222"]
    page = client.post("/together/", data={"csrf_token": token_of(client.get("/").text), "number": numbers}).text
    assert boxes(page) == []
    assert "Not here, or not for your agency" in page
    answer = do(client, page, numbers, act="hand_over:", counted="2", to="himal-aashraya").text
    assert "Done: 0." in answer
    assert len(set(re.findall(r"<div>([^<]+)</div></div></div>", answer))) == 1


def test_an_offer_of_a_whole_operation_is_accepted_together(site: Site, signed: Signed) -> None:
    numbers = ready(site)
    for person in people(site)[:3]:
        site.world.play.go(person, "to_safety")
    client = signed("wcsc-kathmandu")
    page = client.post("/together/", data={"csrf_token": token_of(client.get("/").text), "number": numbers}).text
    assert "Done: 3." in do(client, page, numbers, act="accept:").text
    assert {site.world.play.case(person).holder for person in people(site)[:3]} == {"wcsc-kathmandu"}


def test_a_whole_list_is_taken_with_one_press(site: Site, signed: Signed) -> None:
    for _ in range(30):
        site.world.play.open("rescue-operation", "intel", "ahtb")
    client = signed("ahtb")
    page = client.get("/day/soon?sop=rescue-operation").text
    assert "Act on all" in page
    data = {"csrf_token": token_of(page), "whole": "yes", "shelf": "soon", "by.sop": "rescue-operation"}
    assert len(boxes(client.post("/together/", data=data).text)) >= 30


def test_nothing_chosen_says_so(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    token = token_of(client.get("/").text)
    answer = client.post("/together/", data={"csrf_token": token}, follow_redirects=True)
    assert "Choose the cases first." in answer.text


def test_after_a_refusal_the_people_are_told_apart_as_before_and_the_choice_stands(site: Site, signed: Signed) -> None:
    numbers, client, of = ready(site), signed("ahtb"), site.number(site.operation)
    page = client.get(f"/together/of/{of}").text
    told = do(client, page, numbers, act=way_of(page, "to_safety"), counted="4", to="himal-aashraya", of=of).text
    assert "B-03" in told
    assert "· Woman" in told
    assert sorted(boxes(told)) == sorted(numbers)
    assert re.search(r'value="himal-aashraya" selected', told)
    assert f'name="of" value="{of}"' in told


def test_a_person_with_a_red_stop_is_handed_over_on_her_own_page_only(site: Site, signed: Signed) -> None:
    stopped, other = people(site)[:2]
    client = signed("ahtb")
    case = f"/cases/{site.number(stopped)}"
    post(client, case, f"{case}/stop", reason="He waits at the gate.")
    assert site.world.play.case(stopped).stop is not None
    page = client.get(f"/together/of/{site.number(site.operation)}").text
    assert f"Not those with a red stop, each on its own page: {site.number(stopped)}" in page
    answer = do(
        client, page, [site.number(stopped), site.number(other)], act="hand_over", to="himal-aashraya", counted="2"
    )
    assert "A red stop stands" in answer.text
    assert site.world.play.case(stopped).with_ == "ahtb"
    assert site.world.play.case(other).with_ == "himal-aashraya"
