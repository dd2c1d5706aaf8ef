"""The ministry's page: waits that open what they count, lateness that does not contradict itself, periods in order."""

import re
from html import unescape

from tests.api.conftest import program
from tests.web.conftest import Signed, Site


def test_what_is_still_awaited_opens_as_many_with_who_is_awaited_and_who_is_accountable(
    site: Site, signed: Signed
) -> None:
    site.world.clock.wait(hours=2)
    client = signed("mowcsc")
    page = unescape(client.get("/review/?sop=rescue-person").text)
    links = re.findall(r'href="(/review/cases/(?:still|wait)[^"]+)">(\d+)<', page)
    assert {re.split(r"[/.]", address)[3] for address, _ in links} == {"still", "wait"}
    for address, n in links:
        opened = unescape(client.get(address).text)
        assert f": {n}</h1>" in opened
        assert len(re.findall(r'data-label="Stage">\w', opened)) == int(n)
        assert len(re.findall(r'data-label="Awaited"', opened)) == int(n)
        assert len(re.findall(r'data-label="Accountable">(?!–)', opened)) == int(n)


def test_findings_say_what_lateness_they_do_not_count(signed: Signed) -> None:
    page = signed("mowcsc").get("/review/?sop=rescue-person").text
    assert "What is overdue and not done yet is no finding until it is done" in page


def test_an_end_before_the_beginning_is_said(signed: Signed) -> None:
    page = signed("mowcsc").get("/review/", query_string={"from": "2026-03-02", "to": "2026-03-01"}).text
    assert "The end lies before the beginning" in page
    page = signed("mowcsc").get("/review/", query_string={"from": "2026-03-01", "to": "2026-03-01"}).text
    assert "The end lies before the beginning" not in page


def test_an_end_alone_shows_the_ninety_days_before_it(signed: Signed) -> None:
    page = signed("mowcsc").get("/review/", query_string={"to": "2025-06-30"}).text.replace("\u00a0", " ")
    assert re.search(r"Wed 2 Apr 2025 · [^–]*– Mon 30 Jun 2025", page)


def test_the_ends_of_the_calendar_are_days_too(signed: Signed) -> None:
    ministry = signed("mowcsc")
    for asked in ("from=9999-12-31&to=0001-01-01", "from=0001-01-01&to=9999-12-31", "to=9999-12-31", "to=0001-01-01"):
        assert ministry.get(f"/review/?{asked}").status_code == 200, asked


def test_a_program_is_refused_an_end_before_the_beginning(site: Site) -> None:
    ministry = program(site, "mowcsc")
    answer = ministry.get("/figures?since=2026-03-02&until=2026-03-01")
    assert answer.status_code == 422
    assert ministry.get("/figures?since=2026-03-01&until=2026-03-01").status_code == 200


def test_what_is_still_awaited_is_headed_in_nepali_too(site: Site, signed: Signed) -> None:
    site.world.clock.wait(hours=2)
    client = signed("mowcsc")
    client.set_cookie("language", "ne")
    heading = client.get("/review/cases/still.wcsc-kathmandu?sop=rescue-person").text.partition("<h1")[2]
    assert "अझै उत्तर आएको छैन: १</h1>" in heading
