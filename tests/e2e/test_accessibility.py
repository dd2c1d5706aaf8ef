"""WCAG 2.2 AA by tool: axe finds nothing on any page, in both languages, on a phone and on a desktop.

A rotation by printed seed in `make test`; all of it in `make nightly`.
"""

import os
import random
from collections.abc import Iterator
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.browser_play import DESKTOP, PHONE, BrowserPlay, served
from tests.support.every_page import Opened, furnish
from tests.support.world import World

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SAMPLE = 8


def looked_at(world: World, browser: Browser, address: str, pages: list[tuple[Opened, str, str]]) -> Iterator[str]:
    """What axe finds on these pages, each with a language and a size, a line a violation."""
    axe, plays = Axe(), {}
    for opened, language, size in pages:
        if (language, size) not in plays:
            plays[language, size] = BrowserPlay(
                world.play, browser, address, PHONE if size == "phone" else DESKTOP, language
            )
        play = plays[language, size]
        page = play.window(opened.sign_in, opened.address)
        found = axe.run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
        for one in found:
            places = "; ".join(node["html"][:160] for node in one["nodes"][:3])
            yield f"{opened.name} ({language}, {size}): {one['id']}: {places}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            yield f"{opened.name} ({language}, {size}): {wide} px too wide"


def test_axe_finds_nothing_on_a_rotation_of_pages(sqlite_world: World) -> None:
    seed = int(os.environ.get("PAGES_SEED", random.SystemRandom().randrange(10_000)))
    print(f"PAGES_SEED={seed}")
    every = list(product(furnish(sqlite_world), ("en", "ne"), ("phone", "desktop")))
    with served(sqlite_world) as address, chromium() as browser:
        chosen = random.Random(seed).sample(every, SAMPLE)
        assert list(looked_at(sqlite_world, browser, address, chosen)) == []


@pytest.mark.slow
def test_axe_finds_nothing_on_every_page(sqlite_world: World) -> None:
    every = list(product(furnish(sqlite_world), ("en", "ne"), ("phone", "desktop")))
    with served(sqlite_world) as address, chromium() as browser:
        assert list(looked_at(sqlite_world, browser, address, every)) == []
