"""The second factor: nobody is signed in before it, no code serves twice, half a session is worth one code."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from sop_engine.services import accounts, second_step, security
from sop_engine.services.accounts import Entered, Origin
from sop_engine.services.installation import SignInRules
from sop_engine.store.database import looking
from sop_engine.store.tables import factor, metadata
from tests.support.apps import App, app_of, codes_of, passes, post, sets_up
from tests.support.world import PASSWORD
from tests.web.conftest import Site, token_of
from web import create_app

POLICE = "ahtb"


@pytest.fixture
def strict(either_site: Site) -> Site:
    """A site where a second factor is required, on each database."""
    either_site.world.inst.rules = SignInRules()
    return either_site


def inside(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def set_up(site: Site) -> tuple[App, list[str]]:
    """Somebody with an app, a few minutes later."""
    app, codes = sets_up(site.world, site.app.test_client(), POLICE)
    site.world.clock.wait(minutes=3)
    return app, codes


def test_whoever_has_no_app_sets_one_up_before_any_other_page(strict: Site) -> None:
    client = strict.app.test_client()
    assert passes(client, POLICE, later="/search").location == "/sign-in/code?later=/search"
    page = client.get("/sign-in/code?later=/search").text
    assert not inside(client)
    assert client.get("/me/security").location.startswith("/sign-in?")
    app = app_of(strict.world, page)
    assert app == app_of(strict.world, client.get("/sign-in/code").text), "a phone loads the page again"
    wrong = post(client, "/sign-in/code", "/sign-in/code", code="000000")
    assert (wrong.status_code, inside(client)) == (401, False)
    right = post(client, "/sign-in/code", "/sign-in/code", code=app.code(), later="/search")
    assert (right.status_code, len(set(codes_of(right.text)))) == (200, 10)
    assert inside(client)
    assert post(client, "/sign-in/onward", "/search", later="/search").location == "/search"


def test_a_code_that_was_used_is_worth_nothing(strict: Site) -> None:
    app, _ = set_up(strict)
    code = app.code()
    first, second = strict.app.test_client(), strict.app.test_client()
    for client in (first, second):
        assert passes(client, POLICE).location.startswith("/sign-in/code")
    assert post(first, "/sign-in/code", "/sign-in/code", code=code).status_code == 302
    replayed = post(second, "/sign-in/code", "/sign-in/code", code=code)
    assert (replayed.status_code, inside(first), inside(second)) == (401, True, False)
    earlier = post(second, "/sign-in/code", "/sign-in/code", code=app.code(-1))
    assert (earlier.status_code, inside(second)) == (401, False), "a code before one that served"
    later = post(second, "/sign-in/code", "/sign-in/code", code=app.code(1))
    assert (later.status_code, inside(second)) == (302, True), "a phone whose clock is a little fast"


def test_the_code_with_which_an_app_was_set_up_has_served(strict: Site) -> None:
    app, _ = sets_up(strict.world, strict.app.test_client(), POLICE)
    client = strict.app.test_client()
    passes(client, POLICE)
    assert post(client, "/sign-in/code", "/sign-in/code", code=app.code()).status_code == 401


def test_of_two_who_send_one_code_at_the_same_moment_one_gets_in(strict: Site) -> None:
    app, _ = set_up(strict)
    inst = strict.world.inst
    tokens = [accounts.sign_in(inst, POLICE, PASSWORD, Origin()) for _ in range(2)]
    wanted = [second_step.code_wanted(inst, one.token, "x") for one in tokens if isinstance(one, accounts.Halfway)]
    code = app.code()
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda one: second_step.enter_code(inst, one, code, Origin()), filter(None, wanted)))
    assert sorted(isinstance(one, Entered) for one in answers) == [False, True]


def test_half_a_session_that_was_stolen_opens_no_page_and_serves_once(strict: Site) -> None:
    app, _ = set_up(strict)
    client = strict.app.test_client()
    passes(client, POLICE)
    half = client.get_cookie("sop-half")
    assert half is not None
    thief = strict.app.test_client()
    for name in ("sop-half", "sop"):
        thief.set_cookie(name, half.value)
    assert not inside(thief)
    assert thief.get("/me/security").status_code == 302
    thief.delete_cookie("sop")
    assert post(client, "/sign-in/code", "/sign-in/code", code=app.code()).status_code == 302
    assert thief.get("/sign-in/code").location.startswith("/sign-in?"), "it has served"


def test_half_a_session_is_over_after_five_minutes_and_after_five_codes(strict: Site) -> None:
    app, _ = set_up(strict)
    slow = strict.app.test_client()
    passes(slow, POLICE)
    strict.world.clock.wait(minutes=6)
    assert slow.get("/sign-in/code").location.startswith("/sign-in?")
    guessing = strict.app.test_client()
    passes(guessing, POLICE)
    for _ in range(5):
        assert post(guessing, "/sign-in/code", "/sign-in/code", code="000000").status_code == 401
    strict.world.clock.wait(hours=0, minutes=1)
    answer = post(guessing, "/sign-in/code", "/sign-in/code", code=app.code())
    assert (answer.status_code, inside(guessing)) == (401, False)
    assert "This took too long" in answer.text


def test_codes_are_slowed_down_over_many_half_sessions(strict: Site) -> None:
    app, _ = set_up(strict)
    statuses = []
    for _ in range(3):
        client = strict.app.test_client()
        passes(client, POLICE)
        statuses += [post(client, "/sign-in/code", "/sign-in/code", code="000000").status_code for _ in range(4)]
    assert statuses == [401] * 6 + [429] * 6
    answer = post(client, "/sign-in/code", "/sign-in/code", code=app.code())
    assert (answer.status_code, inside(client)) == (429, False), "while one waits the right code is not looked at"


def test_each_recovery_code_works_once(strict: Site) -> None:
    _, codes = set_up(strict)
    for typed, status in ((codes[3], 302), (codes[3], 401), (codes[4].lower().replace("-", " "), 302)):
        client = strict.app.test_client()
        passes(client, POLICE)
        assert post(client, "/sign-in/code", "/sign-in/code", code=typed).status_code == status
    assert "that you have left: 8" in client.get("/me/security").text


def test_new_recovery_codes_end_the_old_ones(strict: Site) -> None:
    client = strict.app.test_client()
    _, codes = sets_up(strict.world, client, POLICE)
    assert post(client, "/me/security/codes", "/me/security", password="wrong").status_code == 422
    fresh = codes_of(post(client, "/me/security/codes", "/me/security", password=PASSWORD).text)
    assert (len(fresh), set(fresh) & set(codes)) == (10, set())
    for typed, status in ((codes[0], 401), (fresh[0], 302)):
        other = strict.app.test_client()
        passes(other, POLICE)
        assert post(other, "/sign-in/code", "/sign-in/code", code=typed).status_code == status


def test_digits_are_typed_in_either_script(strict: Site) -> None:
    app, _ = set_up(strict)
    client = strict.app.test_client()
    passes(client, POLICE)
    typed = app.code().translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    assert post(client, "/sign-in/code", "/sign-in/code", code=typed).status_code == 302


def test_a_session_of_a_password_alone_ends_when_a_second_factor_becomes_required(either_site: Site) -> None:
    client = either_site.app.test_client()
    passes(client, POLICE)
    assert inside(client)
    either_site.world.inst.rules = SignInRules()
    assert not inside(client)


def test_where_it_is_offered_an_app_is_set_up_with_the_password_and_then_asked_for(either_site: Site) -> None:
    client, elsewhere = either_site.app.test_client(), either_site.app.test_client()
    for one in (client, elsewhere):
        passes(one, POLICE)
    refused = post(client, "/me/security/app", "/me/security", name="Phone", password="wrong")
    assert refused.status_code == 422
    assert client.get("/me/security/app").status_code == 302
    assert post(client, "/me/security/app", "/me/security", name="Phone", password=PASSWORD).status_code == 302
    app = app_of(either_site.world, client.get("/me/security/app").text)
    assert elsewhere.get("/me/security/app").status_code == 302, "only where it was begun the key is shown"
    before = client.get_cookie("sop")
    done = post(client, "/me/security/app/confirm", "/me/security/app", code=app.code())
    after = client.get_cookie("sop")
    assert len(codes_of(done.text)) == 10
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert (inside(client), inside(elsewhere)) == (True, False)
    assert passes(elsewhere, POLICE).location.startswith("/sign-in/code")


def test_the_last_app_stays_where_one_is_required(strict: Site) -> None:
    client = strict.app.test_client()
    sets_up(strict.world, client, POLICE)
    account = strict.world.play.cast.worker(POLICE)
    mine = security.security_of(strict.world.inst, account, "").factors[0].id
    answer = post(client, f"/me/security/factor/{mine}/remove", "/me/security", password=PASSWORD)
    assert (answer.status_code, "your only second factor" in answer.text) == (422, True)
    strict.world.inst.rules = SignInRules(second_factor=False)
    assert post(client, f"/me/security/factor/{mine}/remove", "/me/security", password=PASSWORD).status_code == 302
    found = security.security_of(strict.world.inst, account, "")
    assert (found.factors, found.recovery_codes) == ([], 0)


def test_the_database_alone_opens_no_account(strict: Site) -> None:
    client = strict.app.test_client()
    app, codes = sets_up(strict.world, client, POLICE)
    cookies = [client.get_cookie(name) for name in ("sop", "sop-device")]
    secrets = [app.secret, *codes, *(code.replace("-", "") for code in codes), *(one.value for one in cookies if one)]
    with looking(strict.world.inst.engine) as connection:
        kept = [str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(table.select())]
        rows = connection.execute(factor.select()).all()
    assert len(rows) == 11
    assert [secret for secret in secrets if any(secret in row for row in kept)] == []


def test_what_was_typed_before_the_session_ended_passes_both_steps(strict: Site) -> None:
    client, words = strict.app.test_client(), "Two bags, one of them torn."
    app, _ = sets_up(strict.world, client, POLICE)
    address = f"/cases/{strict.number(strict.person)}/steps/belongings"
    by = re.search(r'name="by" value="([^"]+)"', client.get(address).text)
    assert by is not None
    token = token_of(client.get(address).text)
    strict.world.clock.wait(minutes=20)
    late = client.post(address, data={"csrf_token": token, "by": by[1], "belongings_list": words})
    for to, fields in (("/sign-in", {"name": POLICE, "password": PASSWORD}), ("/sign-in/code", {"code": ""})):
        draft = re.search(r'name="draft" value="([^"]+)"', late.text)
        assert draft is not None, to
        assert words not in late.text
        typed = {name: value or app.code() for name, value in fields.items()}
        late = client.post(to, data={"csrf_token": token_of(late.text), "draft": draft[1], **typed})
        assert late.status_code == 200
    assert words in late.text
    assert f'action="{address}"' in late.text


def test_cookies_of_signing_in_are_for_this_host_alone_and_for_no_script(strict: Site) -> None:
    app = create_app(strict.world.inst, replace(strict.world.settings, secure_cookies=True))
    client, secure = app.test_client(), {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/"}}
    token = token_of(client.get("/sign-in", **secure).text)
    fields = {"csrf_token": token, "name": POLICE, "password": PASSWORD}
    first = client.post("/sign-in", data=fields, **secure)
    page = client.get("/sign-in/code", **secure).text
    code = {"csrf_token": token_of(page), "code": app_of(strict.world, page).code()}
    second = client.post("/sign-in/code", data=code, **secure)
    set_, names = [*first.headers.getlist("Set-Cookie"), *second.headers.getlist("Set-Cookie")], []
    for cookie in (one for one in set_ if not one.startswith("language=")):
        names.append(cookie.partition("=")[0])
        assert "Domain" not in cookie
        assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax")), cookie
    assert {"__Host-sop", "__Host-sop-half", "__Host-sop-device"} <= set(names)
    assert all(name.startswith("__Host-") for name in names)
