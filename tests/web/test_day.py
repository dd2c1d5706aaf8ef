"""A day with more cases than one page holds, and what a row says of its time."""

import re

from sop_engine.worker.loop import run_once
from tests.web.conftest import Signed, Site


def numbers(page: str) -> list[str]:
    return re.findall(r'class="num" href="/cases/([^"]+)"', page)


def test_what_a_shelf_does_not_show_is_a_page_further(site: Site, signed: Signed) -> None:
    play = site.world.play
    for _ in range(55):
        play.open("rescue-operation", "intel", "ahtb")
    site.world.clock.wait(days=2)
    client = signed("ahtb")
    first = client.get("/").text
    late = first.partition('class="card edge late"')[2].partition("</section>")[0]
    assert len(numbers(late)) == 50
    more = re.search(r'href="(/day/late\?page=2)">\s*and (\d+) more', late)
    assert more is not None
    rest = client.get(more[1]).text
    assert len(numbers(rest)) == int(more[2])
    assert not set(numbers(rest)) & set(numbers(late))
    assert 'rel="prev"' in rest
    assert 'rel="next"' not in rest
    assert numbers(client.get("/day/late").text) == numbers(late)
    assert 'rel="next"' in client.get("/day/late").text
    ours = [number for page in (1, 2) for number in numbers(client.get(f"/day/ours?page={page}").text)]
    assert len(ours) == len(set(ours))
    assert {*numbers(late), *numbers(rest)} <= set(ours)
    assert numbers(client.get("/day/late?page=9").text) == []


def test_nobody_pages_through_the_cases_of_another_agency(site: Site, signed: Signed) -> None:
    children = site.world.play.case(site.operation).children
    theirs = {site.number(child) for child in children if child != site.person}
    client = signed("wcsc-kathmandu")
    for name in ("late", "soon", "mine", "ours", "awaiting", "taking_part"):
        assert not theirs & set(numbers(client.get(f"/day/{name}").text))
    assert numbers(client.get("/day/offered").text) == [site.number(site.person)]
    assert client.get("/day/nothing").status_code == 404
    for odd in ("0", "-1", "x", "9" * 30, "99999"):
        assert client.get(f"/day/ours?page={odd}").status_code == 200
    assert site.app.test_client().get("/day/ours").status_code == 302


def test_a_row_speaks_of_the_share_of_time_only_while_time_runs(site: Site, signed: Signed) -> None:
    play = site.world.play
    other = play.open("rescue-operation", "intel", "ahtb")
    play.advance(other, "plan")
    number = play.case(other).number
    site.world.clock.wait(hours=22)
    run_once(site.world.inst)
    assert "of the time is over" in row_of(signed("ahtb").get("/").text, number)
    site.world.clock.wait(hours=4)
    run_once(site.world.inst)
    late = row_of(signed("ahtb").get("/").text, number)
    assert " late" in late
    assert "of the time is over" not in late


def row_of(page: str, number: str) -> str:
    return page.partition(f"/cases/{number}")[2].partition('class="row-line')[0]
