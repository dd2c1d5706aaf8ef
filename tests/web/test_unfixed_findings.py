"""What is not fixed in all homes: the list with its filters, what it counts, and what became of a finding."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from sop_engine.homes.lacks import Lack
from sop_engine.homes.narrowing import LacksWanted, lacks_page
from sop_engine.sop.language import Text
from tests.case.test_homes import carried_out, inspection
from tests.support.world import World
from tests.web.conftest import Site, enter
from tests.web.test_homes import homes
from tests.web.test_statements import counted

__all__ = ["homes"]
LIST = "/homes/findings"


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.text)


def criteria(page: str) -> list[str]:
    """The criteria of the rows of the list."""
    return re.findall(r'<td><span class="num">(\w+)</span>', page)


def counts(page: str) -> int:
    found = re.search(r"<h2>Findings: (\d+)</h2>", page)
    assert found is not None
    return int(found[1])


def to_plan(world: World, case: str) -> None:
    for way in ("rated", "send_for_check", "checked", "plan_wanted"):
        world.play.advance(case, way)


def test_each_finding_says_what_since_when_until_when_who_must_act_and_how_late(homes: Site) -> None:
    case = carried_out(homes.world)
    homes.world.clock.wait(days=40)
    page = read(enter(homes, "tooni"), LIST)
    assert criteria(page) == ["E2", "A5"]
    first = page.partition("<tbody>")[2].partition("</tr>")[0]
    assert f"/homes/home-katus#{homes.number(case)}" in first
    for words in ("Katus Children's Home", "Critical", 'title="Katus', '<strong class="text-late">'):
        assert words in first
    begun = homes.world.play.case(case).counts_from
    late = (homes.world.clock() - begun - timedelta(days=30)).days
    assert f'<strong class="text-late">{late}</strong>' in first


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ("", ["E2", "A5"]),
        ("home=home-katus", ["E2", "A5"]),
        ("home=home-lapsi", []),
        ("place=NP0327", ["E2", "A5"]),
        ("place=Bagmati", ["E2", "A5"]),
        ("place=Koshi", []),
        ("severity=critical", ["E2"]),
        ("severity=urgent", ["E2"]),
        ("severity=minor", ["A5"]),
        ("late=yes", ["E2"]),
        ("agency=home-katus", ["E2", "A5"]),
        ("agency=ncrc", []),
        ("severity=minor&late=yes", []),
    ],
)
def test_the_list_is_narrowed_by_its_address(homes: Site, narrowed: str, found: list[str]) -> None:
    carried_out(homes.world)
    homes.world.clock.wait(days=40)
    page = read(enter(homes, "ncrc"), f"{LIST}?{narrowed}")
    assert criteria(page) == found
    assert counts(page) == len(found)


def test_a_figure_opens_exactly_what_it_counts(homes: Site) -> None:
    carried_out(homes.world)
    homes.world.clock.wait(days=40)
    client = enter(homes, "mowcsc")
    links = re.findall(r'<a href="(/homes/findings\?[^"]+)">[^<]*?: (\d+)</a>', read(client, LIST))
    assert [int(n) for _, n in links] == [1, 1, 1]
    register = read(client, "/homes/")
    links += re.findall(r'<a[^>]* href="(/homes/findings\?[^"]+)">(?:<strong>)?(\d+)', register)
    assert len(links) == 5
    for address, n in links:
        assert counts(read(client, address)) == int(n)


def test_while_the_home_owes_its_plan_its_findings_wait_for_that_and_a_late_plan_is_marked(homes: Site) -> None:
    case = inspection(homes.world, A5="partly")
    to_plan(homes.world, case)
    client = enter(homes, "ncrc")
    assert "no plan yet; it is due by" in read(client, LIST)
    for address in ("/homes/", "/homes/home-katus"):
        assert "the plan is late" not in read(client, address)
    homes.world.clock.wait(days=20)
    client = enter(homes, "ncrc")
    for address in ("/homes/", "/homes/home-katus"):
        assert "the plan is late" in read(client, address)
    assert criteria(read(client, f"{LIST}?late=yes")) == ["A5"]


def test_nothing_is_listed_before_a_report_is_issued(homes: Site) -> None:
    case = inspection(homes.world, E2="not_met")
    homes.world.play.advance(case, "rated")
    assert criteria(read(enter(homes, "tooni"), LIST)) == []


def test_what_is_fixed_leaves_the_list_and_stands_on_the_page_of_the_home_with_day_and_agency(homes: Site) -> None:
    case = carried_out(homes.world)
    homes.world.clock.wait(days=3)
    today = homes.world.clock().date()
    homes.world.play.record(case, "check_actions", checks=[{"finding": "E2", "fixed": "yes", "checked_on": str(today)}])
    client = enter(homes, "ncrc")
    assert criteria(read(client, LIST)) == ["A5"]
    row = read(client, "/homes/home-katus").partition('<span class="num">E2</span>')[2].partition("</tr>")[0]
    assert "Found on" in row
    assert f"seen on {today:%a} {today.day}\u00a0{today:%b}\u00a0{today.year}" in row
    assert 'title="Kathmandu Metropolitan City"' in row


def test_what_is_left_at_the_end_waits_for_the_council_until_a_newer_visit_reports(homes: Site) -> None:
    play = homes.world.play
    case = carried_out(homes.world)
    today = str(homes.world.clock().date())
    seen = [{"finding": "E2", "fixed": "yes", "checked_on": today}, {"finding": "A5", "fixed": "no"}]
    play.record(case, "check_actions", checks=seen)
    play.advance(case, "ready_for_visit")
    play.advance(case, "partly_fixed", checks=seen)
    assert criteria(read(enter(homes, "ncrc"), f"{LIST}?agency=ncrc")) == ["A5"]
    homes.world.clock.wait(days=2)
    newer = inspection(homes.world, B4="partly")
    client = enter(homes, "ncrc")
    assert criteria(read(client, LIST)) == ["A5"]
    to_plan(homes.world, newer)
    assert criteria(read(enter(homes, "ncrc"), LIST)) == ["B4"]


def test_what_no_action_of_the_plan_names_stays_in_the_list_without_a_day(homes: Site) -> None:
    case = inspection(homes.world, E2="not_met", A5="partly")
    row = {"finding": "E2", "priority": "minor", "due": "2026-04-02", "action": "New rules for staff."}
    homes.world.play.good |= {"actions": [row]}
    for way in ("rated", "send_for_check", "checked", "plan_wanted", "submit", "accept_plan"):
        homes.world.play.advance(case, way)
    client = enter(homes, "ncrc")
    page = read(client, LIST)
    assert criteria(page) == ["E2", "A5"]
    assert "no day is set" in page.partition('<span class="num">A5</span>')[2]
    # The home called it minor; the standard does not.
    assert criteria(read(client, f"{LIST}?severity=critical")) == ["E2"]
    assert "Found, but in no action of the plan:" in read(client, "/homes/home-katus")


def test_what_is_late_stands_first_and_of_that_the_most_urgent(homes: Site) -> None:
    def lack(code: str, severity: str, days_late: int) -> tuple[str, Lack]:
        day = date(2026, 3, 1)
        return "home-katus", Lack("", code, None, severity, Text(severity), day, day, False, None, None, days_late)

    found = [lack("A1", "minor", 300), lack("A2", "danger", 0), lack("A3", "critical", 1), lack("A4", "critical", 2)]
    page = lacks_page(found, homes.world.inst.directory_now(), LacksWanted(), 0, 9)
    assert [one.code for _, one in page.rows] == ["A4", "A3", "A1", "A2"]


def test_the_list_comes_in_pages(homes: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    carried_out(homes.world)
    monkeypatch.setattr("web.homes.A_PAGE", 1)
    client = enter(homes, "ncrc")
    assert criteria(read(client, LIST)) == ["E2"]
    second = read(client, f"{LIST}?page=2")
    assert criteria(second) == ["A5"]
    assert 'rel="next"' not in second
    assert criteria(read(client, f"{LIST}?page=900000000")) == []


def test_the_list_is_for_those_who_look_at_homes(homes: Site) -> None:
    for name in ("ahtb", "home-katus"):
        assert enter(homes, name).get(LIST).status_code == 404


def test_the_list_takes_as_many_statements_for_many_homes_as_for_one(
    homes: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    carried_out(homes.world)
    for more in (None, "home-lapsi"):
        if more is not None:
            homes.world.play.open("home-licence", "licensed", "ncrc", parts={"home": more})
            carried_out(homes.world)
        client = enter(homes, "ncrc")
        client.get(LIST)
        with counted(homes, monkeypatch) as sent:
            assert client.get(LIST).status_code == 200
        found.append(len(sent))
    assert found[0] == found[1] <= 8


@pytest.mark.parametrize(
    ("narrowed", "there"),
    [
        ("name=katus", True),
        ("name=Katus+home", True),
        ("name=कटुस", True),
        ("name=lapsi", False),
        ("place=NP0327", True),
        ("place=Karnali", False),
        ("state=licensed", True),
        ("state=warned", False),
        ("critical=yes", True),
    ],
)
def test_the_register_is_narrowed_by_its_address(homes: Site, narrowed: str, there: bool) -> None:
    carried_out(homes.world)
    page = read(enter(homes, "ncrc"), f"/homes/?{narrowed}")
    assert ("/homes/home-katus" in page) is there
    assert ("No home fits" in page) is not there


def test_a_home_without_a_critical_finding_is_left_out_where_one_is_asked_for(homes: Site) -> None:
    case = inspection(homes.world, A5="partly")
    to_plan(homes.world, case)
    client = enter(homes, "ncrc")
    assert "No home fits" in read(client, "/homes/?critical=yes")
