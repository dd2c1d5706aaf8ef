"""The page on which each person looks after her own account: sessions, a new device, her password."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from sop_engine.services.installation import SignInRules
from sop_engine.services.staff import give_password
from tests.support.apps import passes, post
from tests.support.world import PASSWORD
from tests.web.conftest import Site

POLICE, NEW = "ahtb", "river lantern eleven"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; rv:131.0) Gecko/20100101 Firefox/131.0"
PAGE = "/me/security"


def client_of(site: Site, agent: str = DESK) -> FlaskClient:
    """A browser in which somebody has signed in."""
    client = site.app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = agent
    assert passes(client, POLICE).status_code == 302
    return client


def inside(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def test_sessions_are_told_in_plain_words_and_end_elsewhere(either_site: Site) -> None:
    phone, desk = client_of(either_site, PHONE), client_of(either_site)
    page = desk.get(PAGE).text
    assert re.search(r"Firefox, Windows\s*<strong>\(here\)", page)
    assert "Chrome, Android" in page
    (end,) = re.findall(r'action="(/me/security/sessions/[0-9a-f]{64}/end)"', page)
    post(desk, end, PAGE)
    assert (inside(phone), inside(desk)) == (False, True)


def test_nobody_ends_the_session_of_somebody_else(either_site: Site) -> None:
    desk, other = client_of(either_site), either_site.app.test_client()
    assert passes(other, "utis").status_code == 302
    second = client_of(either_site)
    (end,) = re.findall(r'action="(/me/security/sessions/[0-9a-f]{64}/end)"', desk.get(PAGE).text)
    assert post(other, end, PAGE).status_code == 302
    assert inside(second)


def test_all_others_end_at_once(either_site: Site) -> None:
    others, desk = [client_of(either_site, PHONE) for _ in range(2)], client_of(either_site)
    post(desk, "/me/security/sessions/end", PAGE)
    assert [inside(one) for one in (*others, desk)] == [False, False, True]


def test_the_key_that_names_a_session_opens_none(site: Site) -> None:
    client_of(site, PHONE)
    desk = client_of(site)
    keys = re.findall(r"sessions/([0-9a-f]{64})/end", desk.get(PAGE).text)
    thief = site.app.test_client()
    thief.set_cookie("sop", keys[0])
    assert not inside(thief)


def test_signing_in_again_ends_the_session_before_on_this_device(site: Site) -> None:
    client = client_of(site)
    before = client.get_cookie("sop")
    assert before is not None
    passes(client, POLICE)
    thief = site.app.test_client()
    thief.set_cookie("sop", before.value)
    assert (inside(thief), inside(client)) == (False, True)


def test_a_new_password_ends_every_other_session_and_moves_this_one(either_site: Site) -> None:
    phone, desk = client_of(either_site, PHONE), client_of(either_site)
    before = desk.get_cookie("sop")
    fields = {"password": PASSWORD, "wanted": NEW, "again": NEW}
    assert post(desk, "/me/security/password", PAGE, **fields).status_code == 302
    after = desk.get_cookie("sop")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert (inside(phone), inside(desk)) == (False, True)
    assert passes(phone, POLICE).status_code == 401
    assert passes(phone, POLICE, NEW).status_code == 302


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "wrong", "wanted": NEW, "again": NEW}, "This is not your password"),
        ({"wanted": "too short", "again": "too short"}, "12 letters or more"),
        ({"wanted": "password123456", "again": "password123456"}, "one of the first that are tried"),
        ({"wanted": NEW, "again": f"{NEW}."}, "typed in two ways"),
        ({"wanted": "x" * 300 + "river lantern" * 30, "again": "x" * 300 + "river lantern" * 30}, "at most 500"),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(
    site: Site, fields: dict[str, str], said: str
) -> None:
    client = client_of(site)
    answer = post(client, "/me/security/password", PAGE, **{"password": PASSWORD, **fields})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert passes(site.app.test_client(), POLICE).status_code == 302


def test_a_long_password_is_compared_to_its_last_letter(site: Site) -> None:
    long = "river lantern " * 35 + "eleven"
    client = client_of(site)
    assert post(client, "/me/security/password", PAGE, password=PASSWORD, wanted=long, again=long).status_code == 302
    for wrong in (f"{long}x", long + "x" * 400, long[:-1]):
        assert passes(site.app.test_client(), POLICE, wrong).status_code == 401
    assert passes(site.app.test_client(), POLICE, long).status_code == 302


def test_whoever_was_given_a_password_chooses_her_own_before_any_other_page(either_site: Site) -> None:
    given = "forest candle nine"
    assert give_password(either_site.world.inst, POLICE, given) is None
    client, first = either_site.app.test_client(), "/me/first-password"
    assert passes(client, POLICE, given).status_code == 302
    for page in ("/", PAGE, "/me/tokens", "/cases/open", "/nothing"):
        assert (client.get(page).status_code, client.get(page).location) in ((302, first), (404, None))
    assert "/cases/open" not in client.get(first).text, "there is no way to anywhere else"
    same = post(client, first, first, password=given, wanted=given, again=given)
    assert (same.status_code, "choose another one" in same.text) == (422, True)
    assert not inside(client)
    assert post(client, first, first, password=given, wanted=NEW, again=NEW).location == "/"
    assert inside(client)
    assert client.get(first).location == PAGE
    assert passes(either_site.app.test_client(), POLICE, given).status_code == 401


def test_a_password_may_be_typed_with_letters_put_together_in_another_way(site: Site) -> None:
    composed, apart = "caf\u00e9 river lantern", "cafe\u0301 river lantern"
    client = client_of(site)
    fields = {"password": PASSWORD, "wanted": composed, "again": apart.replace("e\u0301", "\u00e9")}
    assert post(client, "/me/security/password", PAGE, **fields).status_code == 302
    assert passes(site.app.test_client(), POLICE, apart).status_code == 302


def test_a_new_device_is_told_until_it_was_looked_at(either_site: Site) -> None:
    desk = client_of(either_site)
    assert "new device" not in desk.get("/").text, "the first one is told to nobody"
    passes(desk, POLICE)
    assert "new device" not in desk.get("/").text
    either_site.world.clock.wait(minutes=5)
    phone = client_of(either_site, PHONE)
    for client in (desk, phone):
        assert "Your account was signed in to from a new device." in client.get("/procedures/").text
    assert "on a device on which you had not signed in before" in desk.get(PAGE).text
    assert post(desk, "/me/security/seen", PAGE).status_code == 302
    assert "new device" not in desk.get("/").text
    passes(phone, POLICE)
    assert "new device" not in phone.get("/").text


def test_a_right_password_without_a_code_is_told_too(either_site: Site) -> None:
    desk = client_of(either_site)
    either_site.world.inst.rules = SignInRules()
    assert passes(either_site.app.test_client(), POLICE).location.startswith("/sign-in/code")
    either_site.world.inst.rules = SignInRules(second_factor=False)
    assert "Your account was signed in to from a new device." in desk.get("/").text


def test_how_long_a_session_lasts_is_a_setting(site: Site) -> None:
    site.world.inst.rules = SignInRules(False, timedelta(minutes=60), timedelta(hours=2))
    client = client_of(site)
    for _ in range(2):
        site.world.clock.wait(minutes=45)
        assert inside(client)
    site.world.clock.wait(minutes=45)
    assert not inside(client)


def test_what_was_typed_into_a_form_of_this_page_is_not_kept_when_the_session_has_ended(site: Site) -> None:
    client = client_of(site)
    page = client.get(PAGE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    site.world.clock.wait(minutes=20)
    fields = {"csrf_token": token[1], "password": PASSWORD, "wanted": NEW, "again": NEW}
    answer = client.post("/me/security/password", data=fields)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?")
