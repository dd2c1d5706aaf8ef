"""A day with more cases than one page holds, and what a row says of its time."""

import re

from sop_engine.worker.loop import run_once
from tests.web.conftest import Signed, Site, token_of


def numbers(page: str) -> list[str]:
    return re.findall(r'class="num" href="/cases/([^"#]+)[^"]*"', page)


def test_what_a_shelf_does_not_show_is_a_page_further(site: Site, signed: Signed) -> None:
    play = site.world.play
    for _ in range(30):
        play.open("rescue-operation", "intel", "ahtb")
    site.world.clock.wait(days=2)
    client = signed("ahtb")
    day = client.get("/").text
    late = day.partition('class="card edge late"')[2].partition("</section>")[0]
    more = re.search(r'href="(/day/late)">and (\d+) more', late)
    assert more is not None
    pages = [client.get(f"{more[1]}?page={page}").text for page in (1, 2)]
    listed = [number for page in pages for number in numbers(page)]
    assert len(listed) == len(set(listed)) == len(numbers(late)) + int(more[2])
    assert set(numbers(late)) <= set(listed)
    assert 'rel="next"' in pages[0]
    assert 'rel="prev"' in pages[1]
    assert 'rel="next"' not in pages[1]
    assert numbers(client.get("/day/late?page=9").text) == []


def test_each_case_stands_on_one_shelf(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    shelves = ("late", "soon", "awaiting", "mine", "unassigned", "colleagues")
    listed = [number for name in shelves for number in numbers(client.get(f"/day/{name}").text)]
    assert len(listed) == len(set(listed)) > 5
    counts = client.get("/day/counts").get_json()
    assert sum(counts[name] for name in shelves) == len(listed)


def test_what_is_offered_to_us_is_not_listed_again_as_what_we_take_part_in(site: Site, signed: Signed) -> None:
    client, number = signed("wcsc-kathmandu"), site.number(site.person)
    assert number in numbers(client.get("/day/offered").text)
    assert number not in numbers(client.get("/day/taking_part").text)
    assert client.get("/").text.count(f'href="/cases/{number}">') == 1


def test_a_list_is_narrowed_by_its_address(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    whole, narrowed = client.get("/"), client.get("/?sop=rescue-operation")
    assert site.number(site.operation) in numbers(narrowed.text)
    assert set(numbers(narrowed.text)) < set(numbers(whole.text))
    assert numbers(client.get("/?sop=rescue-operation&stage=nowhere").text) == []
    assert "Nothing of this kind waits" in client.get("/?sop=nothing").text
    me = site.world.play.cast.worker("ahtb").id
    assert numbers(client.get(f"/?worker={me}").text) == []


def test_what_waits_for_others_says_for_whom_and_since_when(site: Site, signed: Signed) -> None:
    site.world.clock.wait(minutes=5)
    row = row_of(signed("ahtb").get("/day/soon").text, site.number(site.person))
    assert "waits for" in row
    assert "WCSC Kathmandu" in row


class TestAssigning:
    def chosen(self, site: Site) -> list[str]:
        children = site.world.play.case(site.operation).children
        return [site.number(child) for child in children if child != site.person][:3]

    def test_many_cases_are_given_to_one_worker_and_the_load_shows_it(self, site: Site, signed: Signed) -> None:
        client, worker, numbers = signed("ahtb-lead"), site.world.play.cast.worker("ahtb"), self.chosen(site)
        page = client.get("/day/soon").text
        assert f"{worker.shown_as} · 0 cases" in page
        data = {"csrf_token": token_of(page), "number": numbers, "worker": worker.id, "shelf": "soon"}
        answer = client.post("/assign-all", data=data, follow_redirects=True)
        assert "Assigned: 3." in answer.text
        assert f"{worker.shown_as} · 3 cases" in answer.text

    def test_nobody_is_given_a_case_that_is_not_the_agencys(self, site: Site, signed: Signed) -> None:
        client, numbers = signed("mowcsc"), self.chosen(site)
        worker = site.world.play.cast.worker("mowcsc").id
        data = {"csrf_token": token_of(client.get("/").text), "number": [*numbers, "NP-2222-2222"], "worker": worker}
        text = client.post("/assign-all", data=data, follow_redirects=True).text
        assert "Assigned: 0." in text
        said = [sentence.partition(": ")[2] for sentence in re.findall(r"NP-[^<]+: [^<]+", text)]
        assert len(set(said)) == 1

    def test_a_stranger_is_no_worker(self, site: Site, signed: Signed) -> None:
        client, stranger = signed("ahtb"), site.world.play.cast.worker("mowcsc").id
        token = token_of(client.get("/").text)
        data = {"csrf_token": token, "number": self.chosen(site), "worker": stranger, "shelf": "soon"}
        assert "does not work in your agency" in client.post("/assign-all", data=data, follow_redirects=True).text


def test_what_a_page_asks_by_itself_keeps_no_session_alive(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    for _ in range(4):
        site.world.clock.wait(minutes=5)
        last = client.get("/day/counts").status_code
    assert last == 302


def test_a_waiver_waits_for_the_signature_of_a_lead(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    child = next(child for child in site.world.play.case(site.operation).children if child != site.person)
    number = site.number(child)
    page = client.get(f"/cases/{number}/steps/belongings").text
    data = {"csrf_token": token_of(page), "reason": "No time."}
    said = client.post(f"/cases/{number}/waive/belongings", data=data, follow_redirects=True).text
    assert "A supervisor is asked to sign" in said
    inbox = signed("ahtb-lead").get("/").text.partition('class="card edge to_sign"')[2].partition("</section>")[0]
    assert f'href="/cases/{number}#sign"' in inbox
    assert 'class="card edge to_sign"' not in client.get("/").text


def test_nobody_pages_through_the_cases_of_another_agency(site: Site, signed: Signed) -> None:
    children = site.world.play.case(site.operation).children
    theirs = {site.number(child) for child in children if child != site.person}
    client = signed("wcsc-kathmandu")
    for name in ("late", "soon", "mine", "unassigned", "colleagues", "awaiting", "taking_part", "to_sign", "asked"):
        assert not theirs & set(numbers(client.get(f"/day/{name}").text))
    assert numbers(client.get("/day/offered").text) == [site.number(site.person)]
    assert client.get("/day/nothing").status_code == 404
    for odd in ("0", "-1", "x", "9" * 30, "99999"):
        assert client.get(f"/day/late?page={odd}").status_code == 200
    assert site.app.test_client().get("/day/late").status_code == 302


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
    late = row_of(signed("ahtb").get("/day/late").text, number)
    assert " late" in late
    assert "of the time is over" not in late


def row_of(page: str, number: str) -> str:
    return page.partition(f"/cases/{number}")[2].partition('class="row-line')[0]


def test_what_is_offered_stands_in_the_order_in_which_it_is_to_be_answered(site: Site, signed: Signed) -> None:
    play = site.world.play
    others = sorted((one for one in play.case(site.operation).children if one != site.person), key=site.number)
    for person in (others[5], others[2], others[8]):
        site.world.clock.wait(minutes=20)
        play.finish(person)
        play.go(person, "to_safety")
    site.world.clock.wait(hours=3)
    offers = [play.case(one) for one in (site.person, *others) if play.case(one).offer is not None]
    by_answer = [one.number for one in sorted(offers, key=lambda case: case.offer.answer_by)]  # type: ignore[union-attr]
    assert len(by_answer) == 4
    assert by_answer != sorted(by_answer)
    assert numbers(signed("wcsc-kathmandu").get("/day/offered").text) == by_answer
