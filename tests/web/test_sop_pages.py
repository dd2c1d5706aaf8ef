"""The page of a procedure: whole enough to be signed, in both languages, on a phone and on paper."""

import html
from pathlib import Path

import pytest
from playwright.sync_api import Page

from sop_engine.sop.loading import standard_library
from tests.support.browser import chromium
from tests.support.browser_play import DESKTOP, PHONE, BrowserPlay, served
from tests.support.world import World
from tests.web.conftest import Signed

PROCEDURES = sorted(standard_library().procedures)


def test_the_page_tells_what_a_policy_maker_signs(signed: Signed) -> None:
    page = html.unescape(signed("ahtb").get("/procedures/rescue-person").text)
    for sentence in (
        "issued by Ministry of Women, Children and Senior Citizens",
        "24 hours after the deadline: the committee of the district",
        "by law, at once; it cannot be refused (Children Rules 2078, rule 68)",
        "requires: The lawyer saw the person alone: Yes; otherwise: “The lawyer has not seen the person alone.”",
        "who holds the case did nothing in time: only Anti-trafficking police may move it on",
        "opens a case of “Identification of a victim”",
        "A child reaches the child welfare officer: within 24 hours, owed by Anti-trafficking police",
        "I agree to be examined and treated by a doctor.",
        "Date of birth (a day; closed)",
        "Name and office",
    ):
        assert sentence in page, sentence


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_procedure_has_its_page_in_nepali(name: str, signed: Signed) -> None:
    client = signed("ahtb")
    client.set_cookie("language", "ne")
    page = client.get(f"/procedures/{name}")
    assert page.status_code == 200
    assert "अघि बढ्ने बाटो" in page.text
    assert "जारी गर्ने" in page.text


def _printed(page: Page) -> bytes:
    """The page as a PDF, with the sheet that the style sheet asks for."""
    return page.pdf(prefer_css_page_size=True)


@pytest.mark.browser
def test_a_procedure_fits_a_phone_and_sheets_of_a4(sqlite_world: World, tmp_path: Path) -> None:
    with served(sqlite_world) as address, chromium() as browser:
        phone = BrowserPlay(sqlite_world.play, browser, address, PHONE, "ne")
        wide = BrowserPlay(sqlite_world.play, browser, address, DESKTOP)
        officer = phone.cast.worker("ahtb")
        for name in ("rescue-person", "identification"):
            page = phone.visit(officer, f"/procedures/{name}")
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
            page = wide.visit(officer, f"/procedures/{name}")
            page.emulate_media(media="screen")
            assert not page.locator(".only-print").is_visible()
            # Points of A4, as Chromium writes them into the file.
            assert b"/MediaBox [0 0 594.95996 841.91998]" in _printed(page)
            page.emulate_media(media="print")
            assert page.locator(".only-print").is_visible()
            assert not page.locator("header.top").is_visible()
            assert page.locator(".svg-narrow").is_visible() == (name == "identification")
