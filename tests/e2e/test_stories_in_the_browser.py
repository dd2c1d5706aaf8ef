"""Every story of the demonstration, played in a real browser: each act is a page, a form and a button.

One story by printed seed in `make test`, in one language and size; all of them, in both languages, on a phone and on a
desktop, in `make nightly`. The last page of each is kept as a picture in `screenshots/`.
"""

import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize

from sop_engine.demo.stories import STORIES, manipur_return
from sop_engine.services import auditing, upkeep
from tests.support.browser import chromium
from tests.support.browser_play import DESKTOP, PHONE, BrowserPlay, served
from tests.support.world import World

pytestmark = pytest.mark.browser
UNTIL = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
PICTURES = Path(__file__).parents[2] / "screenshots"
# Story 2 is played by test_bar_rescue_in_the_browser, and that of the homes by test_homes_in_the_browser.
TOLD = [story for story in STORIES if story.tell.__module__.rpartition(".")[2] not in ("bar_rescue", "home_of_41")]
FEW = 3
WAYS = [(language, size) for language in ("en", "ne") for size in (PHONE, DESKTOP)]


def play_story(world: World, number: int, language: str, size: ViewportSize, monkeypatch: pytest.MonkeyPatch) -> None:
    story = TOLD[number]
    monkeypatch.setattr(manipur_return, "PEOPLE", FEW)
    monkeypatch.setattr(manipur_return, "REFERRED", 1)
    monkeypatch.setattr(manipur_return, "DECLINED", 1)
    with served(world) as address, chromium() as browser:
        play = BrowserPlay(world.play, browser, address, size, language)
        cases = story.tell(play, UNTIL)
        case = play.case(cases[0])
        reader = play.cast.worker(case.holder or next(iter(case.former)))
        page = play.visit(reader, f"/cases/{case.number}")
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"story-{story.number}-{language}-{size['width']}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert upkeep.rebuild(world.inst, check=True).problems == []
    assert auditing.verify(world.inst).problems == []


@pytest.mark.slow
def test_a_story_is_played_page_by_page(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = int(os.environ.get("STORY", random.SystemRandom().randrange(len(TOLD) * len(WAYS))))
    print(f"STORY={number}")
    play_story(sqlite_world, number // len(WAYS), *WAYS[number % len(WAYS)], monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "size"), WAYS, ids=lambda one: one if isinstance(one, str) else str(one["width"]))
@pytest.mark.parametrize("number", range(len(TOLD)))
def test_every_story_is_played_page_by_page(
    sqlite_world: World, number: int, language: str, size: ViewportSize, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_story(sqlite_world, number, language, size, monkeypatch)
