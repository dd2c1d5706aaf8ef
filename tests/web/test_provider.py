"""Signing in through an identity provider: one that really answers and signs, and that also says what is not so."""

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from sop_engine.app import NotReady, load_settings, provider_of
from sop_engine.services.installation import SignInRules
from sop_engine.store.database import looking, writing
from sop_engine.store.tables import agency, as_text, factor, session
from tests.support.apps import passes, post, sets_up
from tests.support.provider import SECRET, Ministry, ministry
from tests.support.world import MORNING, PASSWORD, World
from web import create_app

POLICE, DESK = "ahtb", "wcsc-kathmandu"
NOT_BELIEVED = "does not fit, or took too long"


@dataclass(frozen=True, slots=True)
class Place:
    """The application, its world, and the provider that it knows."""

    app: Flask
    world: World
    ministry: Ministry

    def tied(self, name: str = POLICE) -> FlaskClient:
        """Somebody who tied her account, in the browser in which she is signed in."""
        client = self.app.test_client()
        passes(client, name)
        answer = self.ties(client)
        assert "opens your account from now on" in client.get(answer.location).text
        return client

    def ties(self, client: FlaskClient) -> TestResponse:
        page = post(client, "/me/security/provider", "/me/security", password=PASSWORD)
        assert page.status_code == 200
        address = page.text.split('<a class="btn btn-main" href="')[1].split('"')[0].replace("&amp;", "&")
        return client.get(led_on(address))

    def enters(self, client: FlaskClient | None = None, later: str = "") -> TestResponse:
        browser = client or self.app.test_client()
        return browser.get(led_on(browser.get(f"/sign-in/provider?later={later}").location))


def led_on(address: str) -> str:
    """Where the provider leads a browser that comes to an address, without the name of our site."""
    place = urlsplit(address)
    connection = HTTPConnection(place.hostname or "", place.port)
    connection.request("GET", f"{place.path}?{place.query}")
    location = connection.getresponse().headers["Location"]
    connection.close()
    back = urlsplit(location)
    assert f"{back.scheme}://{back.netloc}" == "http://localhost"
    return f"{back.path}?{back.query}"


@pytest.fixture
def place(world: World) -> Iterator[Place]:
    with ministry(world.clock) as there:
        world.inst.provider = there.settings()
        yield Place(create_app(world.inst, world.settings), world, there)


@pytest.fixture
def simple(sqlite_world: World) -> Iterator[Place]:
    with ministry(sqlite_world.clock) as there:
        sqlite_world.inst.provider = there.settings()
        yield Place(create_app(sqlite_world.inst, sqlite_world.settings), sqlite_world, there)


def inside(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def test_who_tied_her_account_signs_in_there_and_goes_on_to_where_she_was_going(place: Place) -> None:
    place.tied()
    client = place.app.test_client()
    assert "Sign in through The ministry" in client.get("/sign-in").text
    answer = place.enters(client, "/search")
    assert (answer.status_code, answer.location) == (302, "/search")
    assert inside(client)
    page = client.get("/me/security").text
    assert "Your account is tied" in page
    assert "last used" in page
    assert post(client, "/sign-out", "/me/security").status_code == 302
    assert not inside(client)


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_every_algorithm_of_the_list_is_taken(simple: Place, algorithm: str) -> None:
    simple.tied()
    simple.ministry.algorithm = algorithm
    assert simple.enters().status_code == 302


def test_nobody_becomes_an_account_and_a_subject_that_nobody_tied_opens_none(place: Place) -> None:
    place.tied()
    place.ministry.subject = "officer-18"
    client = place.app.test_client()
    answer = place.enters(client)
    assert (answer.status_code, "No account here is tied" in answer.text, inside(client)) == (401, True, False)


@pytest.mark.parametrize(
    "says",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": ["sop-engine", "another"]}, {"aud": None},
        {"azp": "another"}, {"iss": "http://localhost:1"}, {"exp": 1}, {"exp": None}, {"exp": "never"},
        {"iat": 4102444800}, {"iat": None}, {"nbf": 4102444800}, {"sub": None}, {"sub": ""}, {"sub": ["officer-17"]},
    ],
)  # fmt: skip
def test_a_token_that_says_something_else_is_not_believed(simple: Place, says: dict[str, object]) -> None:
    simple.tied()
    simple.ministry.says = says
    client = simple.app.test_client()
    answer = simple.enters(client)
    assert (answer.status_code, NOT_BELIEVED in answer.text, inside(client)) == (401, True, False)
    simple.ministry.says = {}
    assert simple.enters(client).status_code == 302


def test_a_token_counts_a_minute_beyond_its_time_and_no_more(simple: Place) -> None:
    simple.tied()
    now = int(simple.world.clock().timestamp())
    for over, status in ((30, 302), (90, 401)):
        simple.ministry.says = {"exp": now - over}
        assert simple.enters().status_code == status


def test_a_token_that_is_not_signed_by_the_provider_is_not_believed(simple: Place) -> None:
    simple.tied()
    about = simple.ministry
    for algorithm, key in (
        ("none", None), ("HS256", None), ("RS512", None), ("RS256", RSAKey.generate_key(2048)),
    ):  # fmt: skip
        about.algorithm, about.signs_with = algorithm, key
        client = simple.app.test_client()
        answer = simple.enters(client)
        assert (answer.status_code, NOT_BELIEVED in answer.text, inside(client)) == (401, True, False), algorithm


def test_an_answer_with_another_state_or_of_another_browser_or_issuer_is_refused_before_the_provider_is_asked(
    place: Place,
) -> None:
    place.tied()
    before = place.ministry.tokens
    client, other = place.app.test_client(), place.app.test_client()
    for browser in (client, other):
        address = led_on(browser.get("/sign-in/provider").location)
    state = parse_qs(urlsplit(address).query)["state"][0]
    for wrong in (address, address.replace(state, "enter.x"), address.replace(state, ""), "/sign-in/provider/back"):
        browser = place.app.test_client() if wrong == address else client
        assert browser.get(wrong).status_code == 401
        assert not inside(browser)
    third = place.app.test_client()
    mixed = led_on(third.get("/sign-in/provider").location)
    issuer = urlsplit(place.ministry.address).netloc.replace(":", "%3A")
    assert third.get(mixed.replace(issuer, "elsewhere.example")).status_code == 401
    assert place.ministry.tokens == before
    assert other.get(address).status_code == 302


def test_an_answer_serves_once_and_a_code_that_was_taken_opens_nothing(place: Place) -> None:
    place.tied()
    client = place.app.test_client()
    address = led_on(client.get("/sign-in/provider").location)
    begun = client.get_cookie("sop-begun")
    assert begun is not None
    assert client.get(address).status_code == 302
    thief = place.app.test_client()
    thief.set_cookie("sop-begun", begun.value)
    assert (thief.get(address).status_code, inside(thief)) == (401, False), "the state has served"
    thief.set_cookie("sop-begun", begun.value)
    fresh = led_on(thief.get("/sign-in/provider").location)
    used, new = (parse_qs(urlsplit(one).query)["code"][0] for one in (address, fresh))
    assert (thief.get(fresh.replace(new, used)).status_code, inside(thief)) == (401, False), "the code has served"


def test_no_other_site_begins_a_sign_in(simple: Place) -> None:
    simple.tied()
    client = simple.app.test_client()
    for site in ("cross-site", "same-site"):
        answer = client.get("/sign-in/provider", headers={"Sec-Fetch-Site": site})
        assert (answer.status_code, answer.location) == (302, "/sign-in")
    for site in ("same-origin", "none"):
        answer = client.get("/sign-in/provider", headers={"Sec-Fetch-Site": site})
        assert answer.location.startswith(simple.ministry.address)


def test_an_answer_after_five_minutes_is_too_late(simple: Place) -> None:
    simple.tied()
    client = simple.app.test_client()
    address = led_on(client.get("/sign-in/provider").location)
    simple.world.clock.wait(minutes=6)
    assert client.get(address).status_code == 401


def test_the_second_factor_is_asked_for_unless_the_provider_says_that_it_asked_for_two(place: Place) -> None:
    place.world.inst.rules = SignInRules()
    signed_in = place.app.test_client()
    app, _ = sets_up(place.world, signed_in, POLICE)
    place.ties(signed_in)
    place.world.clock.wait(minutes=3)
    for says in ({}, {"amr": ["pwd"]}, {"amr": "mfa"}, {"amr": ["mfax", 5]}, {"acr": "0"}):
        place.ministry.says = says
        client = place.app.test_client()
        assert place.enters(client, "/search").location.startswith("/sign-in/code?later=/search"), says
        assert not inside(client)
    assert post(client, "/sign-in/code", "/sign-in/code", code=app.code()).status_code == 302
    assert inside(client)
    for says in ({"amr": ["pwd", "mfa"]}, {"acr": "https://refeds.org/profile/mfa"}):
        place.ministry.says = says
        client = place.app.test_client()
        assert place.enters(client, "/search").location == "/search", says
        assert inside(client)


def test_tying_needs_the_password_and_one_identity_opens_one_account(place: Place) -> None:
    place.tied()
    other = place.app.test_client()
    passes(other, DESK)
    assert post(other, "/me/security/provider", "/me/security", password="wrong").status_code == 422
    said = other.get(place.ties(other).location).text
    assert "opens another account here already" in said
    place.ministry.subject = "officer-18"
    assert "opens your account from now on" in other.get(place.ties(other).location).text
    with looking(place.world.inst.engine) as connection:
        rows = connection.execute(factor.select().where(factor.c.kind == "provider")).all()
    assert len(rows) == 2
    assert [row for row in rows if b"officer" in row.secret] == []


def test_an_answer_to_who_ties_signs_nobody_in_and_the_other_way_round(simple: Place) -> None:
    mine = simple.tied()
    page = post(mine, "/me/security/provider", "/me/security", password=PASSWORD)
    address = page.text.split('<a class="btn btn-main" href="')[1].split('"')[0].replace("&amp;", "&")
    stranger = simple.app.test_client()
    stranger.get("/sign-in/provider")
    answer = stranger.get(led_on(address))
    assert (answer.status_code, answer.location) == (302, "/sign-in")
    assert not inside(stranger)
    turned = led_on(address).replace("state=tie.", "state=enter.")
    assert (stranger.get(turned).status_code, inside(stranger)) == (401, False)


def test_who_is_tied_no_more_does_not_get_in(place: Place) -> None:
    client = place.tied()
    assert post(client, "/me/security/provider/remove", "/me/security", password="wrong").status_code == 422
    assert post(client, "/me/security/provider/remove", "/me/security", password=PASSWORD).status_code == 302
    assert place.enters().status_code == 401


def test_whose_agency_is_out_of_use_does_not_get_in_through_the_provider(simple: Place) -> None:
    simple.tied()
    with writing(simple.world.inst.engine) as connection:
        connection.execute(agency.update().where(agency.c.code == POLICE).values(deactivated=as_text(MORNING)))
    assert simple.enters().status_code == 401


def test_while_the_provider_is_down_a_sentence_says_so_and_passwords_work(simple: Place) -> None:
    simple.tied()
    client = simple.app.test_client()
    address = led_on(client.get("/sign-in/provider").location)
    simple.ministry.places = {"token_endpoint": "http://localhost:9/token"}
    down = simple.world.inst.provider = simple.ministry.settings()
    answer = client.get(address)
    assert (answer.status_code, "does not answer now" in answer.text) == (503, True)
    down.issuer = "http://localhost:9"
    down._known = None
    answer = client.get("/sign-in/provider")
    assert (answer.status_code, "does not answer now" in answer.text) == (503, True)
    assert passes(client, POLICE).status_code == 302
    assert inside(client)


@pytest.mark.parametrize(
    "places",
    [
        {"issuer": "http://localhost:1"}, {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"}, {"authorization_endpoint": "javascript:alert(1)"}, {"jwks_uri": ""},
    ],
)  # fmt: skip
def test_a_provider_that_calls_itself_otherwise_or_names_unsafe_places_is_not_used(
    simple: Place, places: dict[str, str]
) -> None:
    simple.ministry.places = places
    assert simple.app.test_client().get("/sign-in/provider").status_code == 503


def test_the_secret_travels_to_the_provider_in_its_place(simple: Place, tmp_path: Path) -> None:
    simple.tied()
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    simple.world.inst.provider = simple.ministry.settings(str(file))
    assert simple.enters().status_code == 302
    file.write_text("another")
    assert simple.enters().status_code == 401


def test_those_who_come_back_again_and_again_wait_and_the_provider_is_not_asked(simple: Place) -> None:
    client = simple.app.test_client()
    statuses = [simple.enters(client).status_code for _ in range(8)]
    assert statuses == [401] * 6 + [429] * 2
    assert simple.ministry.tokens == 6


def test_without_a_provider_there_is_nothing_of_it(sqlite_world: World) -> None:
    client = create_app(sqlite_world.inst, sqlite_world.settings).test_client()
    assert "through" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").status_code == 404
    assert client.get("/sign-in/provider/back?state=enter.x&code=x").status_code == 404
    passes(client, POLICE)
    assert post(client, "/me/security/provider", "/me/security", password=PASSWORD).status_code == 404
    with looking(sqlite_world.inst.engine) as connection:
        assert len(connection.execute(session.select()).all()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ISSUER", "http://login.example"), ("ISSUER", "https://login.example?x=y"), ("ISSUER", "login.example"),
        ("CLIENT", ""), ("SECRET_FILE", "/nowhere/secret"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_right_are_refused_at_the_start(tmp_path: Path, name: str, value: str) -> None:
    good = {"SOP_ENGINE_OIDC_ISSUER": "https://login.example/realm", "SOP_ENGINE_OIDC_CLIENT": "sop-engine"}
    found = provider_of(load_settings(tmp_path, good))
    assert found is not None
    assert found.title == "login.example"
    with pytest.raises(NotReady):
        provider_of(load_settings(tmp_path, {**good, f"SOP_ENGINE_OIDC_{name}": value}))
