"""Who gets past the door of the API, and what a program is told that does not."""

import re
from datetime import timedelta

import pytest

from sop_engine.services.staff import account_named
from sop_engine.services.tokens import SCOPES, end_token, tokens_of
from tests.api.conftest import ROOT, Program, Programs, program, secret_of
from tests.support.world import PASSWORD
from tests.web.conftest import Site, enter, token_of


def operations(site: Site) -> list[tuple[str, str, dict[str, object]]]:
    """Every operation of the description: method, address with a value for each name, and what is said of it."""
    told = site.app.test_client().get(f"{ROOT}/openapi.json").json
    return [
        (method.upper(), re.sub(r"\{\w+\}", "x", path), said)
        for path, methods in told["paths"].items()
        for method, said in methods.items()
        if method in ("get", "post", "put", "delete")
    ]


def test_without_a_token_every_address_is_refused_alike(site: Site) -> None:
    client, walked = site.app.test_client(), 0
    told = {client.get(f"{ROOT}/no/such/thing").data}
    for method, path, _ in operations(site):
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json"), path
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        told.add(answer.data)
        walked += 1
    assert len(told) == 1
    assert walked > 60


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", "Basic YTpi", "Bearer sop_ümlaut", "bearer  "])
def test_what_is_no_token_in_force_opens_nothing(site: Site, sent: str) -> None:
    answer = site.app.test_client().get(
        f"{ROOT}/me", headers={"Authorization": sent.encode("latin-1").decode("latin-1")}
    )
    assert answer.status_code == 401


def test_a_session_of_the_pages_opens_nothing_here(site: Site) -> None:
    assert enter(site, "ahtb").get(f"{ROOT}/me").status_code == 401


def test_a_token_opens_no_page(site: Site) -> None:
    answer = site.app.test_client().get("/", headers={"Authorization": f"Bearer {secret_of(site, 'ahtb')}"})
    assert answer.status_code == 302


def test_a_token_is_over_after_its_last_day(site: Site, programs: Programs) -> None:
    ours = programs("ahtb")
    site.world.clock.wait(days=9, minutes=-1)
    assert ours.get("/me").status_code == 200
    site.world.clock.wait(minutes=2)
    assert ours.get("/me").status_code == 401


def test_a_token_that_is_ended_is_refused_at_once(site: Site, programs: Programs) -> None:
    ours, account = programs("ahtb"), account_named(site.world.inst, "ahtb")
    assert account is not None
    [token] = tokens_of(site.world.inst, account)
    other = account_named(site.world.inst, "wcsc-kathmandu")
    assert other is not None
    assert not end_token(site.world.inst, other, token.id)
    assert ours.get("/me").status_code == 200
    assert end_token(site.world.inst, account, token.id)
    assert ours.get("/me").status_code == 401


def test_when_a_token_was_last_used_is_noted(either_site: Site) -> None:
    ours, account = program(either_site, "ahtb"), account_named(either_site.world.inst, "ahtb")
    assert account is not None
    ours.get("/me")
    [token] = tokens_of(either_site.world.inst, account)
    assert token.last_used is not None
    assert abs(token.last_used - either_site.world.clock()) < timedelta(seconds=1)


def test_each_operation_asks_for_its_scope_and_no_other(site: Site) -> None:
    by_scope = {scope: program(site, "ahtb", [scope]) for scope in SCOPES}
    for method, path, said in operations(site):
        [scope] = said["security"][0]["token"]  # type: ignore[index]
        for held, ours in by_scope.items():
            answer = ours._sent(method, path.removeprefix(ROOT), json={} if method in ("POST", "PUT") else None)
            lacks = answer.status_code == 403 and answer.json["rule"] == "scope"
            assert lacks is (held != scope), (method, path, held, answer.status_code)


def test_a_foreign_case_answers_exactly_as_one_that_does_not_exist(site: Site, programs: Programs) -> None:
    theirs, foreign = programs("wcsc-jhapa"), site.number(site.person)
    for method, path, _ in operations(site):
        if not path.startswith(f"{ROOT}/cases/x"):
            continue
        here, nowhere = (
            theirs._sent(method, path.removeprefix(ROOT).replace("/x", f"/{number}", 1), json={})
            for number in (foreign, "NP-2222-2222")
        )
        assert here.status_code == nowhere.status_code, path
        assert here.data.replace(foreign.encode(), b"N") == nowhere.data.replace(b"NP-2222-2222", b"N")
        assert here.status_code in (404, 422, 415), (path, here.status_code)


def test_a_form_sent_to_the_api_is_refused(site: Site, programs: Programs) -> None:
    number, ours = site.number(site.person), programs("wcsc-kathmandu")
    answer = ours._sent("POST", f"/cases/{number}/accept", data={"seen": "1"})
    assert answer.status_code == 415
    assert site.world.play.case(site.person).holder == "ahtb"


BAD = {
    "cut": b'{"to": [',
    "twice": b'{"sentence": "a", "sentence": "b"}',
    "no number": b'{"sentence": NaN}',
    "half a letter": b'{"sentence": "\\ud800"}',
    "nul": b'{"sentence": "a\\u0000b"}',
    "nul in a name": b'{"no\\u0000te": "a"}',
    "deep": b"[" * 100_000,
    "long number": b'{"to": ' + b"9" * 10_000 + b"}",
    "not utf-8": b'{"sentence": "\xff"}',
    "a list": b"[]",
    "a word": b'"note"',
    "nothing": b"",
    "another name": b'{"sentence": "a", "colour": "red"}',
    "another kind": b'{"sentence": 7}',
    "empty": b'{"sentence": ""}',
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_a_body_that_is_no_good_is_refused_with_a_sentence(site: Site, programs: Programs, body: bytes) -> None:
    number = site.number(site.person)
    before = site.world.play.case(site.person).seq
    answer = programs("ahtb")._sent("POST", f"/cases/{number}/notes", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"]
    assert site.world.play.case(site.person).seq == before


def test_a_wrong_address_and_a_wrong_method_are_problems_too(programs: Programs) -> None:
    ours = programs("ahtb")
    assert ours.get("/nowhere").json["status"] == 404
    answer = ours.post("/me")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")


def test_a_token_is_made_on_its_page_and_shown_once(site: Site) -> None:
    client = enter(site, "ahtb")
    page = client.get("/me/tokens")
    assert "no tokens" in page.text
    form = {"csrf_token": token_of(page.text), "name": "Monthly report", "scope": ["read"], "days": "३०"}
    refused = client.post("/me/tokens", data={**form, "password": "wrong"})
    assert refused.status_code == 422
    assert "not your password" in refused.text
    made = client.post("/me/tokens", data={**form, "password": PASSWORD})
    secret = re.findall(r'value="(sop_[\w-]+)"', made.text)
    assert len(secret) == 1
    assert secret[0] not in client.get("/me/tokens").text
    assert Program(site.app.test_client(), secret[0]).get("/me").json["agency"] == "ahtb"
    ending = re.findall(r'action="(/me/tokens/\w+/end)"', client.get("/me/tokens").text)
    client.post(ending[0], data={"csrf_token": token_of(page.text)})
    assert Program(site.app.test_client(), secret[0]).get("/me").status_code == 401
