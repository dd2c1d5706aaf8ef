"""Who gets past the door, and what every answer carries."""

import re

import pytest
from flask.testing import FlaskClient

from tests.support.world import PASSWORD
from tests.web.conftest import Signed, Site, token_of
from web.permissions import PUBLIC, ROUTES


def addresses(site: Site) -> list[tuple[str, str, str]]:
    """Every page with its method, its arguments filled in; the API has a door of its own."""
    given = {
        "number": site.number(site.person), "name": "to_safe_place", "document": "x", "key": "open", "chosen": "en",
        "filename": "look.css", "code": "home-katus", "file": "0" * 32, "task": "7", "referral": "9", "token": "x",
        "factor": "x", "person": "x", "change": "x", "spoken": "en", "consent": "x",
    }  # fmt: skip
    found = []
    for rule in (one for one in site.app.url_map.iter_rules() if not one.endpoint.startswith("api-")):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            with site.app.test_request_context():
                address = site.app.url_map.bind("localhost").build(
                    rule.endpoint, {name: given[name] for name in rule.arguments}, method=method
                )
            found.append((rule.endpoint, method, address))
    return found


def test_without_a_session_every_address_leads_to_the_sign_in_page(site: Site) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = False
    client = site.app.test_client()
    walked = 0
    for endpoint, method, address in addresses(site):
        if ROUTES[endpoint] == PUBLIC:
            continue
        answer = client.open(address, method=method)
        assert answer.status_code == 302, (endpoint, method)
        assert answer.location.startswith("/sign-in")
        walked += 1
    assert walked > 25


def test_an_unknown_address_tells_a_stranger_nothing(site: Site) -> None:
    client = site.app.test_client()
    unknown, known = client.get("/nothing/here"), client.get("/review/")
    assert (unknown.status_code, known.status_code) == (302, 302)


def test_a_foreign_case_answers_exactly_as_one_that_does_not_exist(site: Site, signed: Signed) -> None:
    client = signed("wcsc-jhapa")
    foreign = site.number(site.person)
    for pattern in ("/cases/{}", "/cases/{}/steps/to_safe_place", "/cases/{}/way/to_safety"):
        here, nowhere = client.get(pattern.format(foreign)), client.get(pattern.format("NP-2222-2222"))
        assert here.status_code == nowhere.status_code == 404
        # A token against forged forms holds the second at which it was made.
        bare = [re.sub(r'(csrf[-_]token" (?:value|content))="[^"]*"', "", page.text) for page in (here, nowhere)]
        assert bare[0].replace(foreign, "N") == bare[1].replace("NP-2222-2222", "N")


def test_who_is_only_told_of_a_case_sees_no_history_and_no_steps(site: Site, signed: Signed) -> None:
    site.world.clock.wait(hours=30)
    client = signed("nccht")
    site.world.clock.wait(minutes=1)
    from sop_engine.services.passing import run_once

    site.world.clock.wait(days=9)
    run_once(site.world.inst)
    client = signed("nccht")
    page = client.get(f"/cases/{site.number(site.person)}")
    assert page.status_code == 200
    for content in ("What has happened", "To do in this stage", "Linked cases", "Move on", "What was agreed"):
        assert content not in page.text
    assert client.get(f"/cases/{site.number(site.person)}/steps/to_safe_place").status_code == 404


def test_a_form_without_its_token_is_refused(site: Site, signed: Signed) -> None:
    client = signed("wcsc-kathmandu")
    assert client.post(f"/cases/{site.number(site.person)}/accept").status_code == 400
    assert site.world.play.case(site.person).holder == "ahtb"


@pytest.mark.parametrize("address", ["/", "/sign-in", "/nothing"])
def test_every_answer_carries_the_safe_headers(site: Site, signed: Signed, address: str) -> None:
    answer = signed("ahtb").get(address)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_session_is_worth_nothing_after_signing_out(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    cookie = client.get_cookie("sop")
    assert cookie is not None
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/").text)})
    replay = site.app.test_client()
    replay.set_cookie("sop", cookie.value)
    assert replay.get("/").status_code == 302


def test_a_session_ends_after_fifteen_idle_minutes(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    site.world.clock.wait(minutes=16)
    assert client.get("/").status_code == 302


def test_unknown_name_and_wrong_password_answer_alike(site: Site) -> None:
    client = site.app.test_client()

    def answer(name: str, password: str) -> tuple[int, str]:
        token = token_of(client.get("/sign-in").text)
        said = client.post("/sign-in", data={"csrf_token": token, "name": name, "password": password})
        return said.status_code, said.text.replace(name, "NAME").replace(token, "TOKEN")

    one, other = answer("ahtb", "wrong"), answer("nobody-here", PASSWORD)
    assert one[0] == other[0] == 401
    assert [line for line in one[1].splitlines() if "csrf" not in line] == [
        line for line in other[1].splitlines() if "csrf" not in line
    ]


def test_a_foreign_host_name_is_refused(site: Site) -> None:
    assert site.app.test_client().get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("later", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_after_signing_in_nobody_is_sent_outside(site: Site, later: str) -> None:
    client = site.app.test_client()
    token = token_of(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"csrf_token": token, "name": "ahtb", "password": PASSWORD, "later": later})
    assert answer.location == "/"


def page_title(client: FlaskClient, address: str) -> str:
    return client.get(address).text.split("<title>")[1].split("</title>")[0]


def test_titles_say_nothing_of_what_the_page_is_about(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    assert page_title(client, f"/cases/{site.number(site.person)}") == site.number(site.person)
    assert page_title(client, "/") == "My day"
