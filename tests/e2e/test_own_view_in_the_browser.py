"""The own view and a complaint in a real browser: a phone without scripts in Nepali, and a desk in English."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from sop_engine.demo.stories import bar_rescue
from sop_engine.services.installation import actor_of
from sop_engine.services.own_view import Paper, set_view
from tests.e2e.test_accessibility import TAGS
from tests.support.browser import chromium
from tests.support.browser_play import PHONE, served
from tests.support.world import World

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("PICTURES")
DESK = {"width": 1280, "height": 900}


def given(world: World) -> Paper:
    play = world.play
    person = bar_rescue.persons(play, bar_rescue.tip_off(play))[0][0]
    play.consent(person, "data_sharing")
    holder = play.case(person).holder or ""
    paper = set_view(world.inst, actor_of(play.cast.worker(holder)), play.case(person).number, "given", None)
    assert isinstance(paper, Paper)
    return paper


def looked_at(page: Page, name: str) -> None:
    """Nothing is wider than the page, and nothing that is pressed is smaller than a finger."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name
    pressed = "main button, main .btn, main select, main input:not([type=hidden]):not(.form-check-input)"
    small = page.locator(pressed).evaluate_all(
        "all => all.filter(one => one.offsetHeight && one.offsetHeight < 44).map(one => one.outerHTML)"
    )
    assert small == [], name
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def without_fault(page: Page, name: str) -> None:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    assert [f"{name}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found] == []


def enter(page: Page, address: str, language: str, paper: Paper) -> None:
    page.goto(f"{address}/s/{language}/")
    page.fill("#code", paper.code.lower())
    page.fill("#pin", paper.pin)
    page.click("main button")


def test_on_a_phone_without_scripts_she_reads_asks_and_leaves(sqlite_world: World) -> None:
    paper = given(sqlite_world)
    with served(sqlite_world) as address, chromium() as browser:
        page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()  # type: ignore[arg-type]
        page.goto(f"{address}/s/ne/")
        looked_at(page, "own-enter-ne-360")
        enter(page, address, "ne", paper)
        assert page.title() == "पाना"
        looked_at(page, "own-ne-360")
        page.fill("#words", "म बहिनीलाई कहिले फोन गर्न सक्छु?")
        page.click("button[value=question]")
        assert "म बहिनीलाई" in page.content()
        page.click("summary")
        page.click("form[action*='take-back'] button")
        assert "take-back" not in page.content()
        looked_at(page, "own-asked-ne-360")
        page.goto(f"{address}/s/ne/looks")
        looked_at(page, "own-looks-ne-360")
        page.goto(f"{address}/s/ne/")
        leave = page.locator("a.leave")
        assert leave.is_visible()
        page.route("**gorkhapatra**", lambda route: route.fulfill(body="news"))
        leave.click()
        page.goto(f"{address}/s/ne/")
        assert page.locator("#pin").count() == 1


@pytest.mark.parametrize(("language", "size"), [("ne", "phone"), ("en", "phone"), ("en", "desk")])
def test_a_complaint_is_written_and_its_code_opens_its_page(sqlite_world: World, language: str, size: str) -> None:
    name = f"{language}-{size}"
    with served(sqlite_world) as address, chromium() as browser:
        page = browser.new_context(viewport=PHONE if size == "phone" else DESK).new_page()  # type: ignore[arg-type]
        page.goto(f"{address}/s/{language}/write")
        looked_at(page, f"write-{name}")
        without_fault(page, name)
        page.check("#by-child")
        page.select_option("#concerned", "home-katus")
        page.fill("#what_happened", "Nobody may go to school.")
        page.click("main button")
        looked_at(page, f"sent-{name}")
        without_fault(page, name)
        code, pin = page.locator(".code-line").all_inner_texts()[:2]
        page.click("main a.btn")
        enter(page, address, language, Paper(code, pin))
        assert page.locator("#words").count() == 1
        looked_at(page, f"own-complaint-{name}")
        without_fault(page, name)


def test_both_sizes_and_languages_of_her_page_are_without_fault(sqlite_world: World) -> None:
    paper = given(sqlite_world)
    with served(sqlite_world) as address, chromium() as browser:
        for language, view, name in (("en", PHONE, "phone"), ("en", DESK, "desk"), ("ne", DESK, "desk")):
            page = browser.new_context(viewport=view).new_page()  # type: ignore[arg-type]
            enter(page, address, language, paper)
            looked_at(page, f"own-{language}-{name}")
            without_fault(page, f"own-{language}-{name}")
