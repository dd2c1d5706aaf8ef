"""The named stories: each is told up to a moment, and whoever is named can open its case."""

import pytest

from sop_engine.demo.stories import STORIES, Story
from sop_engine.services.reading import case_page
from tests.support.told import findings
from tests.support.world import MORNING, World


def test_stories_are_listed_once_each_and_in_order() -> None:
    numbers = [story.number for story in STORIES]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.number))
def test_a_story_ends_before_now_breaks_no_rule_and_can_be_looked_at(sqlite_world: World, story: Story) -> None:
    play = sqlite_world.play
    cases = story.tell(play, MORNING)
    assert sqlite_world.clock() <= MORNING
    assert findings(sqlite_world.inst, *cases) == []
    sqlite_world.clock.now = MORNING
    number = play.case(cases[0]).number
    page = case_page(sqlite_world.inst, play.cast.worker(story.sign_in), number)
    assert page.case.number == number
