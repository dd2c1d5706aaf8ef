"""Passkeys in a real Chromium with a device inside, and a provider beside it: phone and desk, both languages."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from sop_engine.services.installation import SignInRules
from tests.e2e.test_signing_in_in_the_browser import looked_at, typed
from tests.support.browser import chromium
from tests.support.browser_play import DESKTOP, PHONE, served
from tests.support.passkeys import authenticator
from tests.support.provider import ministry
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.browser
ALONE, SECOND = "form[action='/sign-in/passkey'] button", "form[action='/sign-in/code/passkey'] button"
ADD = "form[action='/me/security/passkey']"


def window(browser: Browser, address: str, language: str = "en", size: dict[str, int] = PHONE) -> Page:
    page = browser.new_context(viewport=size).new_page()  # type: ignore[arg-type]
    page.goto(f"{address}/language/{language}?back=/sign-in")
    return page


def adds(page: Page, address: str, password: str = PASSWORD) -> None:
    page.goto(f"{address}/me/security")
    page.click("#passkey summary")
    page.fill("#passkey-name", "My phone")
    page.fill("#passkey-password", password)
    page.click(f"{ADD} button")


def signs_out(page: Page) -> None:
    page.click("form[action='/sign-out'] button")
    page.wait_for_selector("#name")


def inside(page: Page, address: str) -> bool:
    page.goto(f"{address}/me/security")
    return urlsplit(page.url).path == "/me/security"


@pytest.mark.parametrize(("language", "size"), [("en", DESKTOP), ("ne", PHONE)])
def test_a_passkey_is_added_signs_in_alone_is_a_second_factor_and_is_refused_once_removed(
    sqlite_world: World, language: str, size: dict[str, int]
) -> None:
    with served(sqlite_world) as address, chromium() as browser:
        page = window(browser, address, language, size)
        device = authenticator(page)
        looked_at(page, f"sign-in-with-passkey-{language}")
        typed(page)
        adds(page, address, "not this one")
        page.wait_for_selector(f"{ADD} [role=alert]:not(:empty)")
        assert device.passkeys() == []
        looked_at(page, f"passkey-wrong-{language}")
        page.fill("#passkey-password", PASSWORD)
        page.click(f"{ADD} button")
        page.wait_for_selector(".codes")
        assert page.locator(".codes li").count() == 10
        assert len(device.passkeys()) == 1
        page.goto(f"{address}/me/security")
        looked_at(page, f"security-with-passkey-{language}")
        signs_out(page)
        page.click(ALONE)
        page.wait_for_url(f"{address}/")
        signs_out(page)
        typed(page)
        page.wait_for_selector(SECOND)
        looked_at(page, f"second-passkey-{language}")
        page.click(SECOND)
        page.wait_for_url(f"{address}/")
        page.goto(f"{address}/me/security")
        page.locator("details:has(form[action*='/factor/']) summary").first.click()
        page.fill("form[action*='/factor/'] input[type=password]", PASSWORD)
        page.click("form[action*='/factor/'] button")
        signs_out(page)
        page.click(ALONE)
        page.wait_for_selector(".summary[role=alert]")
        looked_at(page, f"passkey-refused-{language}")
        assert not inside(page, address)


@pytest.mark.parametrize("language", ["en", "ne"])
def test_at_the_first_sign_in_a_passkey_may_be_made_instead_of_the_app(sqlite_world: World, language: str) -> None:
    sqlite_world.inst.rules = SignInRules()
    with served(sqlite_world) as address, chromium() as browser:
        page = window(browser, address, language)
        authenticator(page)
        typed(page)
        page.wait_for_selector("#passkey-name")
        looked_at(page, f"set-up-passkey-{language}")
        page.fill("#passkey-name", "Phone")
        page.click(SECOND)
        page.wait_for_selector(".codes")
        assert inside(page, address)


def test_an_answer_that_was_seen_on_its_way_signs_nobody_in(sqlite_world: World) -> None:
    with served(sqlite_world) as address, chromium() as browser:
        page = window(browser, address)
        authenticator(page)
        typed(page)
        adds(page, address)
        page.wait_for_selector(".codes")
        signs_out(page)
        with page.expect_request(f"{address}/sign-in/passkey") as seen:
            page.click(ALONE)
        page.wait_for_url(f"{address}/")
        fields = seen.value.post_data_json
        assert "signature" in fields["credential"]
        signs_out(page)
        token = page.input_value("form[action='/sign-in/passkey'] [name=csrf_token]")
        for other in (page, window(browser, address)):
            mine = other.input_value("form[action='/sign-in/passkey'] [name=csrf_token]")
            answer = other.request.post(f"{address}/sign-in/passkey", form={**fields, "csrf_token": mine or token})
            assert answer.status == 401
            assert not inside(other, address)


def test_a_passkey_of_another_name_of_this_machine_is_not_offered_or_taken(sqlite_world: World) -> None:
    """The address that people type says where passkeys are good; under another name the browser gives none."""
    with served(sqlite_world) as address, chromium() as browser:
        page = window(browser, address)
        authenticator(page)
        typed(page)
        adds(page, address)
        page.wait_for_selector(".codes")
        page.goto(address.replace("localhost", "127.0.0.1") + "/sign-in")
        page.click(ALONE)
        page.wait_for_selector("form[action='/sign-in/passkey'] [role=alert]:not(:empty)")
        assert urlsplit(page.url).path == "/sign-in"


def test_a_device_that_does_not_know_its_owner_and_a_copy_that_fell_behind_are_refused(sqlite_world: World) -> None:
    with served(sqlite_world) as address, chromium() as browser:
        page, thief = window(browser, address), window(browser, address)
        device, copy = authenticator(page), authenticator(thief)
        typed(page)
        adds(page, address)
        page.wait_for_selector(".codes")
        stolen = device.passkeys()[0]
        signs_out(page)
        device.knows_its_owner(False)
        page.click(ALONE)
        page.wait_for_selector("form[action='/sign-in/passkey'] [role=alert]:not(:empty)")
        device.knows_its_owner(True)
        page.click(ALONE)
        page.wait_for_url(f"{address}/")
        copy.copy(stolen)
        thief.click(ALONE)
        thief.wait_for_selector(".summary[role=alert]")
        assert "counts backwards" in thief.inner_text(".summary")
        assert not inside(thief, address)


def test_without_scripts_pages_are_as_they_were(sqlite_world: World) -> None:
    with served(sqlite_world) as address, chromium() as browser:
        page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()  # type: ignore[arg-type]
        page.goto(f"{address}/sign-in")
        assert not page.locator(ALONE).is_visible()
        typed(page)
        assert inside(page, address)
        assert not page.locator("#passkey").is_visible()


@pytest.mark.parametrize(("language", "size"), [("en", DESKTOP), ("ne", PHONE)])
def test_an_account_is_tied_to_the_ministry_and_opened_through_it(
    sqlite_world: World, language: str, size: dict[str, int]
) -> None:
    with ministry(sqlite_world.clock) as there, served(sqlite_world) as address, chromium() as browser:
        sqlite_world.inst.provider = there.settings()
        page = window(browser, address, language, size)
        looked_at(page, f"sign-in-provider-{language}")
        typed(page)
        page.goto(f"{address}/me/security")
        looked_at(page, f"not-tied-{language}")
        page.click("details:has(#provider) summary")
        page.fill("#provider", PASSWORD)
        page.click("form[action$='/provider'] button")
        looked_at(page, f"to-provider-{language}")
        page.click("main .btn-main")
        page.wait_for_url(f"{address}/me/security")
        looked_at(page, f"tied-{language}")
        signs_out(page)
        page.click("a[href^='/sign-in/provider']")
        page.wait_for_url(f"{address}/")
        there.subject = "somebody-else"
        signs_out(page)
        page.click("a[href^='/sign-in/provider']")
        page.wait_for_selector(".summary[role=alert]")
        looked_at(page, f"provider-refused-{language}")
        assert not inside(page, address)
