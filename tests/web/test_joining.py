"""Two people join two cases of one person from their pages, and undo it; nobody else learns of either."""

from dataclasses import dataclass
from html import unescape

import pytest
from sqlalchemy import select

from sop_engine.services.passing import run_once
from sop_engine.store.database import looking
from sop_engine.store.tables import reading
from tests.services.test_merging import BOOTH, DESK, ONE, POLICE, SAME, parted
from tests.services.test_merging import joined as joined_by_two
from tests.support.world import World
from tests.web.conftest import Site, enter
from tests.web.test_acts import post
from tests.web.test_statements import counted
from web import create_app


@dataclass(frozen=True, slots=True)
class Pair:
    """The site with two cases: `kept` of the police goes on, `double` of the booth is to end."""

    site: Site
    kept: str
    double: str

    @property
    def numbers(self) -> tuple[str, str]:
        return self.site.number(self.kept), self.site.number(self.double)


@pytest.fixture
def pair(sqlite_world: World) -> Pair:
    kept = sqlite_world.play.open("identification", "report", POLICE, **SAME)
    double = sqlite_world.play.open("identification", "interception", BOOTH, **ONE)
    run_once(sqlite_world.inst)
    return Pair(Site(create_app(sqlite_world.inst, sqlite_world.settings), sqlite_world, kept, double), kept, double)


def text(client, address: str) -> str:  # type: ignore[no-untyped-def]
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.text)


def test_two_people_join_the_cases_from_their_pages_and_undo_it(pair: Pair) -> None:
    kept, double = pair.numbers
    booth, lead, officer = (enter(pair.site, name) for name in (BOOTH, f"{POLICE}-lead", POLICE))
    assert f"This is the same person: join this case to {kept}" in text(booth, f"/cases/{double}")

    form = f"/cases/{double}/join?other={kept}"
    shown = text(booth, form)
    assert "Both cases beside each other" in shown
    assert "Your agency does not read both cases" in shown
    assert SAME["person_name"] not in shown
    sent = post(booth, form, f"/cases/{double}/join", other=kept, reason="Her aunt knows her.")
    assert sent.location == f"/cases/{double}"
    assert f"to join this case to {kept}, of the same person" in text(booth, f"/cases/{double}")

    assert double in text(lead, "/")
    asked = text(lead, f"/cases/{double}")
    assert f"to join this case to {kept}" in asked
    assert ">Sign<" in asked
    assert "Her aunt knows her." not in asked
    assert ONE["person_name"] not in asked
    assert officer.get(f"/cases/{double}").status_code == 200
    assert ">Sign<" not in text(officer, f"/cases/{double}")
    post(lead, f"/cases/{double}", f"/cases/{double}/sign")

    assert f'Also recorded in <a class="num" href="/cases/{double}">' in text(officer, f"/cases/{kept}")
    inside = text(officer, f"/cases/{double}")
    assert "Joined to another case of the same person" in inside
    assert ONE["person_name"] in inside
    assert "Her aunt knows her." in inside
    assert "What was agreed" in inside
    assert 'name="what" value="give"' not in inside
    left = text(booth, f"/cases/{double}")
    assert kept in left
    assert f'href="/cases/{kept}"' not in left
    assert ONE["person_name"] not in left
    assert booth.get(f"/cases/{kept}").status_code == 404

    post(officer, f"/cases/{double}", f"/cases/{double}/part", reason="The photograph is of another woman.")
    assert officer.get(f"/cases/{double}").status_code == 200
    post(enter(pair.site, f"{BOOTH}-lead"), f"/cases/{double}", f"/cases/{double}/sign")
    assert pair.site.world.play.case(pair.double).holder == BOOTH
    assert officer.get(f"/cases/{double}").status_code == 404
    assert "Also recorded in" not in text(officer, f"/cases/{kept}")


def test_who_reads_both_sees_what_identifies_her_side_by_side_and_the_look_is_written_down(pair: Pair) -> None:
    world = pair.site.world
    other = world.play.open("identification", "report", POLICE, **ONE)
    kept, mine = pair.site.number(pair.kept), pair.site.number(other)
    shown = text(enter(pair.site, POLICE), f"/cases/{mine}/join?other={kept}")
    assert SAME["person_name"] in shown
    assert ONE["person_name"] in shown
    with looking(world.inst.engine) as connection:
        rows = connection.execute(select(reading.c.case_id).where(reading.c.what == "join")).all()
    assert {row.case_id for row in rows} == {pair.kept, other}


@pytest.mark.parametrize("number", ["NP-2222-2222", "nonsense", "²" * 60])
def test_a_strange_number_is_answered_like_a_foreign_one(pair: Pair, number: str) -> None:
    foreign = pair.site.number(pair.site.world.play.open("identification", "report", DESK))
    _, double = pair.numbers
    booth = enter(pair.site, BOOTH)
    for address in (f"/cases/{double}/join?other={number}", f"/cases/{double}/join?other={foreign}"):
        answer = booth.get(address)
        assert answer.status_code == 422
        assert "There is no case with this number" in answer.text
        assert 'aria-describedby="other-wrong"' in answer.text
    sent = post(booth, f"/cases/{double}/join", f"/cases/{double}/join", other=foreign, reason="It is her.")
    assert sent.status_code == 422
    assert pair.site.world.play.case(pair.double).proposal is None


def test_only_the_holder_has_the_page(pair: Pair) -> None:
    kept, double = pair.numbers
    assert enter(pair.site, POLICE).get(f"/cases/{double}/join?other={kept}").status_code == 404
    assert enter(pair.site, DESK).get(f"/cases/{double}/join").status_code == 404


def test_a_refusal_keeps_what_was_typed(pair: Pair) -> None:
    kept, double = pair.numbers
    booth = enter(pair.site, BOOTH)
    form = f"/cases/{double}/join?other={kept}"
    post(booth, f"/cases/{double}", f"/cases/{double}/stop", reason="Somebody waits outside.")
    answer = post(booth, form, f"/cases/{double}/join", other=kept, reason="Her aunt knows her.")
    assert answer.status_code == 422
    assert "A red stop is on" in answer.text
    assert "Her aunt knows her." in answer.text


def test_a_search_says_to_which_case_one_was_joined(pair: Pair) -> None:
    world, (kept, double) = pair.site.world, pair.numbers
    joined_by_two(world, pair.kept, pair.double)
    officer = enter(pair.site, POLICE)
    shown = unescape(post(officer, "/search", "/search", typed="Sita Tamang").text)
    assert f"joined to {kept}" in shown
    assert double in shown
    assert parted(world, pair.double).merged is None


def test_both_languages_have_the_pages(pair: Pair) -> None:
    kept, double = pair.numbers
    booth = enter(pair.site, BOOTH)
    booth.set_cookie("language", "ne")
    assert "दुवै विषय सँगसँगै" in text(booth, f"/cases/{double}/join?other={kept}")
    joined_by_two(pair.site.world, pair.kept, pair.double)
    assert "उही व्यक्तिको अर्को विषयमा गाभियो" in text(booth, f"/cases/{double}")


def test_the_page_takes_as_many_statements_with_many_joined_cases_as_with_one(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, officer, found = pair.site.world, enter(pair.site, POLICE), []
    for more in (1, 4):
        for _ in range(more):
            joined_by_two(world, pair.kept, world.play.open("identification", "report", POLICE), POLICE)
        officer.get(f"/cases/{pair.numbers[0]}")
        with counted(pair.site, monkeypatch) as sent:
            assert text(officer, f"/cases/{pair.numbers[0]}").count("Also recorded in") in (1, 5)
        found.append(len(sent))
    assert found[0] == found[1]


def test_before_a_case_is_joined_to_a_closed_one_the_page_leads_to_opening_that_again(pair: Pair) -> None:
    play = pair.site.world.play
    mine = play.open("identification", "report", POLICE, **ONE)
    play.finish(pair.kept)
    play.go(pair.kept, "unfounded")
    kept, number = pair.site.number(pair.kept), pair.site.number(mine)
    officer = enter(pair.site, POLICE)
    assert f'href="/cases/{kept}#reopen-reason_code">Ask to open {kept} again' in text(
        officer, f"/cases/{number}/join?other={kept}"
    )
    assert 'id="reopen-reason_code"' in text(officer, f"/cases/{kept}")
