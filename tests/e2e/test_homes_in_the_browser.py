"""An auditor's work in a real browser: a visit, two who rate apart and then agree, a plan, and what became of it."""

from dataclasses import replace

import pytest

from tests.case.test_homes import TEAM, carried_out, inspection
from tests.support.browser import chromium
from tests.support.browser_play import DESKTOP, PHONE, BrowserPlay, served
from tests.support.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def licensed(sqlite_world: World) -> World:
    play = sqlite_world.play
    play.good = TEAM
    case = play.open("home-licence", "licensed", "ncrc", parts={"home": "home-katus"})
    play.record(case, "note_licence", home_place="NP0327", capacity="45")
    return sqlite_world


def test_a_home_is_inspected_from_the_plan_of_the_visit_to_a_finding_that_is_fixed(licensed: World) -> None:
    with served(licensed) as address, chromium() as browser:
        play = BrowserPlay(licensed.play, browser, address, DESKTOP)
        case = carried_out(replace(licensed, play=play))
        register = play.visit(play.cast.worker("tooni"), "/homes/")
        assert "2 1 critical" in register.locator("tr", has_text="Katus").inner_text()
        today = licensed.clock().date().isoformat()
        play.record(case, "check_actions", checks=[{"finding": "E2", "fixed": "yes", "checked_on": today}])
        page = play.visit(play.cast.worker("tooni"), "/homes/home-katus")
        assert page.locator("tr", has_text="E2").locator(".pill.done").inner_text() == "Fixed"
        assert page.locator("tr", has_text="A5").locator(".pill.done").count() == 0


def test_the_rating_and_the_register_fit_a_phone_in_nepali(licensed: World) -> None:
    case = carried_out(licensed)
    with served(licensed) as address, chromium() as browser:
        play = BrowserPlay(licensed.play, browser, address, PHONE, "ne")
        council = play.cast.worker("ncrc")
        for place in ("/homes/", "/homes/home-katus", f"/cases/{play.case(case).number}/steps/agree", "/cases/open"):
            page = play.visit(council, place)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], place


@pytest.mark.parametrize("language", ["en", "ne"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_choices_for_a_criterion_stand_under_it_and_inside_its_card(
    licensed: World, size: dict[str, int], language: str
) -> None:
    case = inspection(licensed)
    with served(licensed) as address, chromium() as browser:
        play = BrowserPlay(licensed.play, browser, address, size, language)
        page = play.visit(play.cast.worker("ncrc"), f"/cases/{play.case(case).number}/steps/rate")
        card = page.locator("section.card").filter(has=page.locator(".rating")).bounding_box()
        rated = page.locator(".rating").first
        legend, choices = rated.locator("legend").bounding_box(), rated.locator(".marks .form-check")
        boxes = [choices.nth(n).bounding_box() for n in range(choices.count())]
        assert card is not None
        assert legend is not None
        assert len(boxes) == 5
        for box in boxes:
            assert box is not None
            assert box["y"] >= legend["y"] + legend["height"]
            assert card["x"] <= box["x"]
            assert box["x"] + box["width"] <= card["x"] + card["width"]
