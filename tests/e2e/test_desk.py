"""The desk in a real browser: nothing typed is lost, the keyboard is enough, and the way out is quick."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Error, Page, expect

from sop_engine.demo.stories import bar_rescue
from tests.support.browser import chromium
from tests.support.browser_play import DESKTOP, PHONE, BrowserPlay, served
from tests.support.world import told

pytestmark = pytest.mark.browser
STEP = "to_safe_place"


@dataclass(slots=True)
class Desk:
    """A browser before a world in which a woman was just removed."""

    play: BrowserPlay
    address: str
    person: str
    operation: str

    @property
    def number(self) -> str:
        return self.play.case(self.person).number

    def window(self, sign_in: str, address: str) -> Page:
        return self.play.window(sign_in, address)

    def fresh(self, sign_in: str, address: str) -> Page:
        """Another device of the same person."""
        other = BrowserPlay(self.play, self.play.browser, self.address, PHONE)
        return other.window(sign_in, address)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def desk(tmp_path: Path, browser: Browser) -> Iterator[Desk]:
    world, operation = told(tmp_path, "sqlite", bar_rescue.tip_off)
    person = bar_rescue.persons(world.play, operation)[0][0]
    with served(world) as address:
        yield Desk(BrowserPlay(world.play, browser, address, DESKTOP), address, person, operation)
        for windows in browser.contexts:
            windows.close()


def said(page: Page) -> str:
    return page.locator("#draft-said").inner_text()


class TestDrafts:
    def test_a_closed_tab_loses_nothing_and_another_device_goes_on(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        page.fill("#f-left_at", "2026-03-01 10:07")
        page.select_option("#f-place_found", "NP0327")
        expect(page.locator("#draft-said")).to_contain_text(re.compile(r"kept \d\d:\d\d"))
        page.wait_for_timeout(1500)
        page.close(run_before_unload=False)
        phone = desk.fresh("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        assert phone.input_value("#f-left_at") == "2026-03-01 10:07"
        assert phone.input_value("#f-place_found") == "NP0327"

    def test_with_the_line_cut_the_page_says_so_and_keeps_it_when_the_line_is_back(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        page.context.set_offline(True)
        page.fill("#f-left_at", "2026-03-01 10:08")
        expect(page.locator("#draft-said")).to_contain_text("No connection")
        page.context.set_offline(False)
        expect(page.locator("#draft-said")).to_contain_text("kept", timeout=15_000)
        phone = desk.fresh("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        assert phone.input_value("#f-left_at") == "2026-03-01 10:08"

    def test_a_session_that_ends_while_one_types_says_what_to_do_and_loses_nothing(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        desk.play.clock.wait(minutes=20)
        page.fill("#f-left_at", "2026-03-01 10:09")
        expect(page.locator("#draft-said")).to_contain_text("session has ended")
        with page.expect_navigation():
            page.locator("[form=answers][name=later]").click()
        page.fill("#name", "ahtb")
        page.fill("#password", "a-password-for-tests")
        with page.expect_navigation():
            page.locator("main button").first.click()
        assert "2026-03-01 10:09" in page.content()

    def test_once_it_is_recorded_the_draft_is_gone(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        page.fill("#f-left_at", "2026-03-01 10:07")
        expect(page.locator("#draft-said")).to_contain_text("kept")
        with page.expect_navigation():
            page.locator("[form=answers][name=later]").click()
        page.goto(f"{desk.address}/cases/{desk.number}/steps/{STEP}")
        assert "have not recorded yet" not in page.content()
        assert page.input_value("#f-left_at") == "2026-03-01 10:07"


def asked_to_stay(page: Page) -> list[str]:
    """What the browser itself asks before a page is left; whoever is asked stays."""
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    return asked


class TestLeaving:
    """The browser asks whether to leave only while something is not kept yet."""

    def test_what_is_kept_is_left_without_a_question(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        asked = asked_to_stay(page)
        page.locator("#f-left_at").press_sequentially("2026-03-01 10:07")
        expect(page.locator("#draft-said")).to_contain_text("kept")
        page.reload()
        assert asked == []
        assert page.input_value("#f-left_at") == "2026-03-01 10:07"

    def test_a_link_waits_until_the_last_letters_are_kept(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        asked = asked_to_stay(page)
        page.locator("#f-left_at").press_sequentially("2026-03-01 10:08")
        with page.expect_navigation():
            page.get_by_role("link", name="Back", exact=True).click()
        assert asked == []
        page.goto(f"{desk.address}/cases/{desk.number}/steps/{STEP}")
        assert page.input_value("#f-left_at") == "2026-03-01 10:08"

    def test_a_paper_that_is_noted_waits_for_what_was_typed(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.play.case(desk.operation).number}/steps/things")
        asked = asked_to_stay(page)
        page.locator("textarea, main input[type=text]").first.press_sequentially("Two torn bags")
        page.fill("#kept-seizure_list", "In the cupboard")
        with page.expect_navigation():
            page.locator("form:has(#kept-seizure_list) button").click()
        assert asked == []
        assert page.locator("textarea, main input[type=text]").first.input_value() == "Two torn bags"

    def test_without_a_line_the_browser_asks_and_the_words_stay(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        asked = asked_to_stay(page)
        page.context.set_offline(True)
        page.locator("#f-left_at").press_sequentially("2026-03-01 10:09")
        expect(page.locator("#draft-said")).to_contain_text("No connection")
        page.get_by_role("link", name="Back", exact=True).click()
        page.wait_for_timeout(1000)
        assert asked == ["beforeunload"]
        assert page.input_value("#f-left_at") == "2026-03-01 10:09"
        page.context.set_offline(False)

    def test_the_quick_way_out_asks_nothing(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        asked = asked_to_stay(page)
        page.context.set_offline(True)
        page.locator("#f-left_at").press_sequentially("2026-03-01 10:09")
        page.context.set_offline(False)
        with page.expect_response(re.compile("/leave$")):
            for _ in range(3):
                page.keyboard.press("Shift")
        assert asked == []


class TestKeyboard:
    def test_j_and_enter_open_the_next_case(self, desk: Desk) -> None:
        page = desk.window("ahtb", "/")
        first = page.locator("[data-row] a").first.get_attribute("href")
        second = page.locator("[data-row]").nth(1).locator("a").first.get_attribute("href")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("j")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url.endswith(second or "?")
        assert first != second

    def test_a_question_mark_tells_the_keys_and_a_slash_finds(self, desk: Desk) -> None:
        page = desk.window("ahtb", "/")
        page.keyboard.press("?")
        assert page.locator("#keys").is_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type(desk.number.lower().replace("-", ""))
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url.endswith(f"/cases/{desk.number}")

    def test_a_step_is_recorded_and_a_case_advanced_without_a_mouse(self, desk: Desk) -> None:
        desk.play.finish = desk.play.__class__.__mro__[1].finish.__get__(desk.play)  # type: ignore[method-assign]
        for step in ("belongings",):
            page = desk.window("ahtb", f"/cases/{desk.number}/steps/{step}")
            reach(page, "textarea, input[type=text]")
            page.keyboard.type("One red bag")
            reach(page, "[form=answers].btn-main")
            with page.expect_navigation():
                page.keyboard.press("Enter")
        assert desk.play.case(desk.person).steps["belongings"].done


def reach(page: Page, selector: str, inside: str = "main") -> None:
    """Press Tab until what is focused fits; fails after 200 stops."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate(
            "([s, i]) => document.activeElement.matches(s) && !!document.activeElement.closest(i)", [selector, inside]
        ):
            return
    raise AssertionError(f"no Tab leads to {selector}")


class TestWayOut:
    def test_shift_three_times_empties_the_page_and_ends_the_session(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}")
        with page.expect_response(re.compile("/leave$")) as left:
            for _ in range(3):
                page.keyboard.press("Shift")
        assert left.value.all_headers()["location"].startswith("https://")
        assert "storage" in left.value.all_headers()["clear-site-data"]
        assert "/sign-in" in arrive(page, f"{desk.address}/cases/{desk.number}").url

    def test_back_after_the_way_out_shows_nothing(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}")
        with page.expect_response(re.compile("/leave$")):
            page.locator("[data-leave]").click()
        page = arrive(page, f"{desk.address}/alive")
        with suppress(Error):  # the page before is the news, which is not there in a test
            page.go_back()
        page.wait_for_timeout(1000)
        assert desk.number not in page.evaluate("document.body ? document.body.innerText : ''")


def arrive(page: Page, address: str) -> Page:
    """The page at an address, from wherever the browser was led meanwhile; the news page is not there in a test."""
    page.wait_for_timeout(500)
    page.goto(address)
    return page


class TestTwoPeople:
    def test_who_comes_second_is_told_and_loses_nothing(self, desk: Desk) -> None:
        """Two of one agency at the same case: one hands it on, the other still has the page open."""
        world = desk.play
        for step in ("to_safe_place", "belongings"):
            super(BrowserPlay, world).record(desk.person, step)
        first = desk.window("ahtb", f"/cases/{desk.number}/way/to_safety")
        second = desk.window("ahtb-lead", f"/cases/{desk.number}/way/to_safety")
        for page in (first, second):
            for box in page.locator("input[name=confirmed]").all():
                box.check()
        for page in (first, second):
            with page.expect_navigation():
                page.locator("main form .btn-main").last.click()
        assert (
            "while you were looking" in second.content()
            or "offer" in second.locator(".note").first.inner_text().lower()
        )
        assert desk.play.case(desk.person).offer is not None


class TestFewActions:
    def test_a_stage_whose_form_is_filled_is_left_in_three_actions(self, desk: Desk) -> None:
        for step in ("to_safe_place", "belongings"):
            super(BrowserPlay, desk.play).record(desk.person, step)
        page = desk.window("ahtb", "/")
        actions = 0

        def act(place: str) -> None:
            nonlocal actions
            with page.expect_navigation():
                page.locator(place).first.click()
            actions += 1

        page.goto(f"{desk.address}/day/soon")
        act(f"a.num[href='/cases/{desk.number}']")
        act(".strip .go .btn-main")
        for box in page.locator("input[name=confirmed]").all():
            box.check()
        act("main form .btn-main")
        assert actions == 3
        assert desk.play.case(desk.person).offer is not None

    def test_an_offer_is_accepted_in_one(self, desk: Desk) -> None:
        for step in ("to_safe_place", "belongings"):
            super(BrowserPlay, desk.play).record(desk.person, step)
        super(BrowserPlay, desk.play).go(desk.person, "to_safety")
        page = desk.window("wcsc-kathmandu", "/")
        with page.expect_navigation():
            page.locator(f"form[action='/cases/{desk.number}/accept'] button").click()
        assert desk.play.case(desk.person).holder == "wcsc-kathmandu"


class TestRows:
    def test_rows_are_added_without_the_server_and_kept(self, desk: Desk) -> None:
        number = desk.play.case(desk.operation).number
        page = desk.window("ahtb", f"/cases/{number}/steps/headcount")
        rows = page.locator(".rows tbody tr")
        before = rows.count()
        page.locator("button[name=more_rows]").first.click()
        assert rows.count() == before + 10
        page.fill(f"[name='people.{before}.token']", "B-77")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.name") == f"people.{before + 1}.token"
        expect(page.locator("#draft-said")).to_contain_text("kept")
        phone = desk.fresh("ahtb", f"/cases/{number}/steps/headcount")
        assert "B-77" in phone.content()


class TestPhone:
    def test_a_long_form_is_one_part_at_a_time(self, desk: Desk) -> None:
        number = desk.play.case(desk.operation).number
        steps = desk.play.ground(desk.play.case(desk.operation)).procedure
        long = next(
            name for name, (_, step) in steps.steps.items()
            if step.form and len(steps.forms[step.form].sections) > 2 and name in desk.play.case(desk.operation).steps
        )  # fmt: skip
        page = desk.fresh("ahtb", f"/cases/{number}/steps/{long}")
        shown = page.locator("[data-section]:visible")
        assert shown.count() == 1
        page.get_by_role("button", name="Next part").click()
        assert shown.count() == 1
        assert page.locator(".paging .quiet").inner_text().startswith("2 / ")


class TestWithoutAMouse:
    """Each path with Tab, Space and Enter alone, as somebody with a screen reader goes."""

    def ready(self, desk: Desk) -> None:
        for step in (STEP, "belongings"):
            super(BrowserPlay, desk.play).record(desk.person, step)

    def enter(self, page: Page) -> None:
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def test_a_case_is_handed_on(self, desk: Desk) -> None:
        self.ready(desk)
        page = desk.window("ahtb", f"/cases/{desk.number}")
        reach(page, ".strip .go a, .strip .go button")
        self.enter(page)
        for _ in page.locator("input[name=confirmed]").all():
            reach(page, "input[name=confirmed]:not(:checked)")
            page.keyboard.press("Space")
        reach(page, "form .btn-main")
        self.enter(page)
        assert desk.play.case(desk.person).offer is not None

    def test_an_offer_is_accepted(self, desk: Desk) -> None:
        self.ready(desk)
        super(BrowserPlay, desk.play).go(desk.person, "to_safety")
        page = desk.window("wcsc-kathmandu", "/")
        reach(page, f"form[action='/cases/{desk.number}/accept'] button")
        self.enter(page)
        assert desk.play.case(desk.person).holder == "wcsc-kathmandu"

    def test_a_file_is_sent(self, desk: Desk, tmp_path: Path) -> None:
        page = desk.window("ahtb", f"/cases/{desk.play.case(desk.operation).number}/steps/headcount")
        if not page.locator("input[type=file]").count():
            page = desk.window("ahtb", f"/cases/{desk.play.case(desk.operation).number}/steps/things")
        picture = tmp_path / "list.png"
        Image.new("RGB", (40, 30), "white").save(picture)
        reach(page, "input[type=file]")
        page.locator("input[type=file]").first.set_input_files(picture)
        reach(page, "form:has(input[type=file]) button")
        self.enter(page)
        assert "kept" in page.locator(".note").first.inner_text()

    def test_what_was_wrong_is_told_first_and_leads_to_its_field(self, desk: Desk) -> None:
        page = desk.window("ahtb", f"/cases/{desk.number}/steps/{STEP}")
        page.fill("#f-left_at", "yesterday")
        reach(page, "[form=answers].btn-main")
        self.enter(page)
        summary = page.locator(".summary[role=alert]")
        assert summary.count() == 1
        reach(page, ".summary a")
        page.keyboard.press("Enter")
        assert "#f-" in page.url
        assert page.input_value("#f-left_at") == "yesterday"


class TestBackButton:
    def test_after_a_handover_the_old_page_changes_nothing_and_shows_who_holds_it(self, desk: Desk) -> None:
        for step in (STEP, "belongings"):
            super(BrowserPlay, desk.play).record(desk.person, step)
        page = desk.window("ahtb", f"/cases/{desk.number}/way/to_safety")
        kept = page.content()
        for box in page.locator("input[name=confirmed]").all():
            box.check()
        with page.expect_navigation():
            page.locator("main form .btn-main").last.click()
        super(BrowserPlay, desk.play).accept(desk.person)
        before = desk.play.case(desk.person).seq
        page.set_content(kept.replace("<head>", f'<head><base href="{desk.address}/">'))
        for box in page.locator("input[name=confirmed]").all():
            box.check()
        with page.expect_navigation():
            page.locator("main form .btn-main").last.click()
        assert desk.play.case(desk.person).seq == before
        assert "WCSC Kathmandu" in page.locator(".strip").inner_text()
