"""Story 2 in a real browser: twelve people from a bar, three of them children, from tip-off to safe hands."""

from pathlib import Path

import pytest

from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing, upkeep
from tests.support.browser import chromium
from tests.support.browser_play import DESKTOP, PHONE, BrowserPlay, served
from tests.support.world import World, make_world

pytestmark = pytest.mark.browser


def whole_story(play: BrowserPlay, people: int) -> str:
    """The story with this many of the twelve brought to safe hands; gives the operation."""
    operation = bar_rescue.tip_off(play)
    everybody = bar_rescue.persons(play, operation)
    chosen = everybody if people == len(everybody) else [everybody[0], everybody[-1]][:people]
    for person, child in chosen:
        bar_rescue.to_shelter(play, person, child)
        bar_rescue.to_safe_hands(play, person)
    return operation


@pytest.mark.slow
def test_twelve_people_from_tip_off_to_safe_hands_on_a_desktop(sqlite_world: World) -> None:
    with served(sqlite_world) as address, chromium() as browser:
        play = BrowserPlay(sqlite_world.play, browser, address, DESKTOP)
        operation = whole_story(play, 12)
        play.advance(operation, "all_settled")
    case = play.case(operation)
    assert case.stage == "debrief"
    assert {state.status for state in case.children.values()} == {"settled"}
    assert all("safe" in state.milestones for state in case.children.values())
    assert upkeep.rebuild(sqlite_world.inst, check=True).problems == []
    assert auditing.verify(sqlite_world.inst).problems == []


def test_a_woman_and_a_child_on_a_phone_in_nepali(sqlite_world: World) -> None:
    with served(sqlite_world) as address, chromium() as browser:
        play = BrowserPlay(sqlite_world.play, browser, address, PHONE, "ne")
        operation = whole_story(play, 2)
        page = play.visit(play.cast.worker("ahtb"), "/")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.goto(f"{address}/cases/{play.case(operation).number}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.slow
def test_the_same_story_by_web_and_by_python_ends_alike(tmp_path: Path) -> None:
    one, other = make_world(tmp_path / "web"), make_world(tmp_path / "python")
    with served(one) as address, chromium() as browser:
        by_web = BrowserPlay(one.play, browser, address, DESKTOP)
        ends_web = _ends(by_web)
    assert ends_web == _ends(other.play)


def _ends(play: BrowserPlay) -> list[tuple[object, ...]]:
    operation = bar_rescue.tip_off(play)
    found = []
    for person, child in bar_rescue.persons(play, operation)[-1:]:
        bar_rescue.to_shelter(play, person, child)
        case = play.case(person)
        found.append((case.stage, case.holder, case.with_, sorted(case.parts.items()), case.values["is_child"]))
    return found
