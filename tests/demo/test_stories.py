"""The demonstration as it is built: every named story is in it, and whoever is named can open its case."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from sop_engine.app import NotReady, Settings, installation, load_settings
from sop_engine.cli import running
from sop_engine.demo.build import build_demo, stories_of
from sop_engine.demo.clock import SetClock
from sop_engine.demo.stories import STORIES
from sop_engine.services import auditing, upkeep
from sop_engine.services.case_page import case_page
from sop_engine.services.installation import Installation
from sop_engine.store import people, tables
from sop_engine.store.database import looking
from tests.support.demonstration import PASSWORD, UNTIL, demonstration


@dataclass(frozen=True, slots=True)
class Demo:
    """A demonstration that is built, with very few cases beside its stories."""

    settings: Settings
    inst: Installation


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demonstration, built once."""
    settings = demonstration(tmp_path_factory.mktemp("home") / "demo")
    assert load_settings(settings.home, {}).second_factor == "offered", "what is invented needs no telephone"
    return Demo(settings, installation(settings, SetClock(UNTIL)))


def test_every_story_is_told_and_listed_in_order(demo: Demo) -> None:
    told = stories_of(demo.settings)
    assert [story.number for story in told] == [story.number for story in STORIES] == [*range(1, 10)]
    assert {story.number: story.others for story in told} == {1: 1, 2: 0, 3: 178, 4: 1, 5: 0, 6: 0, 7: 0, 8: 1, 9: 0}


def test_whoever_is_named_can_open_the_case_of_a_story(demo: Demo) -> None:
    for story in stories_of(demo.settings):
        with looking(demo.inst.engine) as connection:
            account = people.by_sign_in(connection, story.sign_in)
        assert account is not None
        page = case_page(demo.inst, account, story.case)
        assert (page.case.number, page.content) == (story.case, True)


def test_nothing_is_told_that_is_still_to_come(demo: Demo) -> None:
    with looking(demo.inst.engine) as connection:
        latest = connection.execute(select(func.max(tables.journal.c.recorded))).scalar_one()
    assert latest <= tables.as_text(UNTIL)


def test_what_is_told_breaks_no_rule_and_proves_itself(demo: Demo) -> None:
    finding = tables.finding
    with looking(demo.inst.engine) as connection:
        breaches = connection.execute(select(finding.c.kind).where(finding.c.verdict == "breach")).all()
    assert breaches == []
    assert auditing.verify(demo.inst).problems == []
    assert upkeep.rebuild(demo.inst, check=True).problems == []


def test_it_is_built_once_and_says_again_where_its_stories_are(demo: Demo) -> None:
    said = CliRunner().invoke(running.demo, ["--data-only", "--home", str(demo.settings.home)])
    assert said.exit_code == 0
    for story in stories_of(demo.settings):
        assert f"{story.sign_in:24} {story.case}  {story.title}" in said.output


def test_it_is_never_built_over_an_installation(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    key = Path(settings.keys) / "epoch-1.key"
    key.parent.mkdir()
    key.write_bytes(b"of a real installation")
    with pytest.raises(NotReady, match="no finished demonstration"):
        build_demo(settings, PASSWORD, UNTIL, lambda done, of: None, crowd=1)
    assert key.read_bytes() == b"of a real installation"
