"""Signing in with a second factor and the page of one's account, in a real browser: on a phone, in both languages."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from sop_engine.services.installation import SignInRules
from tests.e2e.test_accessibility import TAGS
from tests.support.apps import app_of
from tests.support.browser import chromium
from tests.support.browser_play import PHONE, served
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("PICTURES")


def looked_at(page: Page, name: str) -> None:
    """Axe finds nothing, and nothing is wider than the phone."""
    page.wait_for_load_state()
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    assert [f"{name}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def typed(page: Page) -> None:
    page.fill("#name", "ahtb")
    page.fill("#password", PASSWORD)
    page.click("main button")


def window(browser: Browser, address: str, language: str) -> Page:
    page = browser.new_context(viewport=PHONE).new_page()  # type: ignore[arg-type]
    page.goto(f"{address}/language/{language}?back=/sign-in")
    return page


@pytest.mark.parametrize("language", ["en", "ne"])
def test_an_app_is_set_up_at_the_first_sign_in_and_asked_for_at_the_next(sqlite_world: World, language: str) -> None:
    world = sqlite_world
    world.inst.rules = SignInRules()
    with served(world) as address, chromium() as browser:
        page = window(browser, address, language)
        typed(page)
        looked_at(page, f"set-up-{language}")
        app = app_of(world, page.content())
        assert page.evaluate("document.activeElement.id") == "code"
        page.fill("#code", "000000")
        page.click("main button")
        looked_at(page, f"set-up-wrong-{language}")
        page.fill("#code", app.code())
        page.click("main button")
        looked_at(page, f"recovery-codes-{language}")
        page.click("main button")
        assert page.url == f"{address}/"
        world.clock.wait(minutes=2)
        other = window(browser, address, language)
        typed(other)
        looked_at(other, f"code-{language}")
        other.fill("#code", app.code())
        other.click("main button")
        assert other.url == f"{address}/"
        looked_at(other, f"told-{language}")
        other.goto(f"{address}/me/security")
        looked_at(other, f"security-{language}")
        other.fill("#change", "not this one")
        other.fill("#wanted", "river lantern eleven")
        other.fill("#again", "river lantern eleven")
        other.click("form[action$='/password'] button")
        looked_at(other, f"security-wrong-{language}")
        assert other.get_attribute("#change", "aria-describedby") == "change-wrong"
        other.click("details:has(#app) summary")
        other.fill("#app", PASSWORD)
        other.click("form[action$='/app'] button")
        looked_at(other, f"another-app-{language}")


def test_while_one_waits_the_page_says_how_long(sqlite_world: World) -> None:
    with served(sqlite_world) as address, chromium() as browser:
        page = window(browser, address, "ne")
        for _ in range(9):
            page.fill("#name", "ahtb")
            page.fill("#password", "a wrong one")
            page.click("main button")
        looked_at(page, "waits-ne")
        assert "पर्खेर" in page.inner_text(".summary")
