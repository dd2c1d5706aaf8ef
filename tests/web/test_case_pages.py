"""Pages of a case: what is typed stays, a double click acts once, and every page of a story answers."""

import re
from html import unescape

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import step_views
from sop_engine.demo.stories import comes_back
from sop_engine.services.installation import actor_of, new_id
from tests.support.world import MORNING, World
from tests.web.conftest import Signed, Site, enter, token_of
from web import create_app


def form(site: Site, client, address: str, **fields: object) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """The fields of a form with its token."""
    return {"csrf_token": token_of(client.get(address).text), **fields}


def test_wrong_answers_are_shown_beside_their_fields_and_nothing_typed_is_lost(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    address = f"/cases/{site.number(site.person)}/steps/belongings"
    long = "A red bag. " * 1000
    answer = client.post(address, data=form(site, client, address, belongings_list=long, wages_evidence="two notes"))
    assert answer.status_code == 422
    assert "longer than 10000 letters" in answer.text
    assert "two notes" in answer.text
    assert long.strip() in unescape(answer.text)
    assert "belongings" not in site.world.play.case(site.person).steps


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("place_found", "Atlantis", "choose one of the list"),
        ("left_at", "yesterday", "is no date and time"),
        ("safe_place_kind", "palace", "choose one of the answers given"),
        ("place_found", "", "An answer is missing"),
    ],
)
def test_each_bad_answer_gets_a_sentence(site: Site, signed: Signed, field: str, value: str, sentence: str) -> None:
    client = signed("ahtb")
    address = f"/cases/{site.number(site.person)}/steps/to_safe_place"
    fields = {
        "place_found": "NP0327", "left_at": "2026-03-02T12:00", "arrived_at": "2026-03-02T12:30",
        "safe_place_kind": "women_desk_room", "escorted_by_woman": "yes", field: value,
    }  # fmt: skip
    answer = client.post(address, data=form(site, client, address, **fields))
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)


def test_hostile_text_is_shown_as_text(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    address = f"/cases/{site.number(site.person)}/steps/belongings"
    client.post(address, data=form(site, client, address, belongings_list="<script>alert(1)</script>\u202egnp"))
    page = client.get(address).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_double_click_acts_once(site: Site, signed: Signed) -> None:
    client = signed("wcsc-kathmandu")
    number = site.number(site.person)
    data = form(site, client, f"/cases/{number}", command=new_id())
    before = site.world.play.case(site.person).seq
    assert client.post(f"/cases/{number}/accept", data=data).status_code == 302
    assert client.post(f"/cases/{number}/accept", data=data).status_code == 302
    case = site.world.play.case(site.person)
    assert (case.seq, case.holder) == (before + 1, "wcsc-kathmandu")


def test_a_form_of_which_the_ground_has_changed_is_refused_with_a_sentence(site: Site, signed: Signed) -> None:
    client = signed("wcsc-kathmandu")
    number = site.number(site.person)
    data = form(site, client, f"/cases/{number}", seen=str(site.world.play.case(site.person).seq))
    play = site.world.play
    play.pace = 1
    play.send(site.person, cmd.WithdrawOffer(id=new_id(), actor=actor_of(play.cast.worker("ahtb"))))
    play.go(site.person, "to_safety")
    assert "Somebody changed this" in client.post(f"/cases/{number}/accept", data=data).text
    assert play.case(site.person).holder == "ahtb"


def test_what_is_kept_for_later_is_there_again_and_marked_incomplete(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    address = f"/cases/{site.number(site.person)}/steps/belongings"
    client.post(address, data=form(site, client, address, belongings_list="A red bag", later="yes"))
    page = client.get(address).text
    assert "A red bag" in page
    assert "Incomplete" in page


def test_a_number_is_found_however_it_is_typed(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    number = site.number(site.person)
    typed = form(site, client, "/search", typed=number.lower().replace("-", " "))
    assert client.post("/search", data=typed).location == f"/cases/{number}"
    answer = client.post("/search", data=form(site, client, "/search", typed="NP-XXXX-XXXX"))
    assert answer.status_code == 200
    assert "No case of your agency fits" in answer.text


def test_everything_that_one_operation_offers_is_accepted_at_once(site: Site, signed: Signed) -> None:
    play = site.world.play
    for person in list(play.case(site.operation).children)[1:4]:
        if person != site.person:
            play.finish(person)
            play.go(person, "to_safety")
    client = signed("wcsc-kathmandu")
    number = site.number(site.operation)
    assert "Accept all" in client.get("/").text
    client.post(f"/accept-all/{number}", data=form(site, client, "/"))
    held = [play.case(person).holder for person in play.case(site.operation).children]
    assert held.count("wcsc-kathmandu") >= 3


@pytest.mark.parametrize("language", ["en", "ne"])
@pytest.mark.parametrize("name", ["ahtb", "ahtb-lead", "wcsc-kathmandu", "mowcsc", "himal-aashraya"])
def test_every_page_of_the_menu_answers_in_both_languages(site: Site, signed: Signed, name: str, language: str) -> None:
    client = signed(name)
    client.set_cookie("language", language)
    for address in ("/", "/cases/open", "/procedures/", "/procedures/rescue-person", "/procedures/identification"):
        assert client.get(address).status_code == 200
    picture = client.get("/procedures/rescue-person/diagram.svg")
    assert picture.mimetype == "image/svg+xml"
    assert client.get("/review/").status_code == (200 if name == "mowcsc" else 404)


def test_every_step_and_every_way_of_a_case_can_be_opened(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    for case_id in (site.person, site.operation):
        case = site.world.play.case(case_id)
        procedure = site.world.play.ground(case).procedure
        for step in procedure.steps:
            assert client.get(f"/cases/{case.number}/steps/{step}").status_code == 200
        for name in procedure.sop.exits(case.stage or ""):
            assert client.get(f"/cases/{case.number}/way/{name}").status_code in (200, 404)


def test_behind_a_figure_stand_exactly_its_cases(site: Site, signed: Signed) -> None:
    page = (
        signed("mowcsc").get("/review/cases/opened", query_string={"sop": "rescue-person", "from": "2026-01-01"}).text
    )
    for person in site.world.play.case(site.operation).children:
        assert site.number(person) in page


@pytest.mark.parametrize(
    "address", ["/cases/{}/steps/nothing", "/cases/{}/way/nothing", "/procedures/nothing", "/review/?sop=x"]
)
def test_what_is_not_there_gets_a_page(site: Site, signed: Signed, address: str) -> None:
    answer = signed("ahtb").get(address.format(site.number(site.person)))
    assert answer.status_code == 404
    assert "Not here" in answer.text


class TestWhyNot:
    """A way that is not for a case, and a button that is not there, are told with the reason."""

    def test_the_next_way_that_waits_for_her_time_says_so_and_so_does_the_head(self, sqlite_world: World) -> None:
        case, _ = comes_back.tell(sqlite_world.play, MORNING)
        sqlite_world.play.finish(case)
        site = Site(create_app(sqlite_world.inst, sqlite_world.settings), sqlite_world, case, case)
        page = enter(site, "himal-aashraya").get(f"/cases/{site.number(case)}").text
        ways = page.partition('id="ways"')[2].partition("</section>")[0]
        assert "On to the determination" in ways
        assert "Only if Recovery and reflection: over" in ways
        assert 'href="#ways">On to the determination: only if Recovery and reflection: over</a>' in page

    def test_a_way_that_another_answer_would_open_leads_to_that_answer(self, site: Site, signed: Signed) -> None:
        play = site.world.play
        play.accept(site.person)
        play.finish(site.person)
        number = site.number(site.person)
        page = signed("wcsc-kathmandu").get(f"/cases/{number}").text
        apart = page.partition("Not for this case as it stands")[2].partition("</details>")[0]
        assert "Only if" in apart
        assert re.search(rf'href="/cases/{number}/steps/\w+#f-\w+">To this answer</a>', apart)
        step, field = re.search(r"/steps/(\w+)#(f-\w+)", apart).groups()  # type: ignore[union-attr]
        assert f'id="{field}"' in signed("wcsc-kathmandu").get(f"/cases/{number}/steps/{step}").text

    def test_a_step_that_was_kept_for_later_is_opened_where_it_lacks_something(
        self, site: Site, signed: Signed
    ) -> None:
        play = site.world.play
        play.accept(site.person)
        case = play.case(site.person)
        name = next(
            view.name
            for view in step_views(play.ground(case), case, site.world.clock())
            if view.mark == "not_looked_at"
        )
        form = play.ground(case).procedure.form_of(play.ground(case).procedure.step_of(name))
        assert form is not None
        play.record(site.person, name, part_only=True, **dict.fromkeys(list(form.fields())[1:]))
        page = signed("wcsc-kathmandu").get(f"/cases/{case.number}").text
        place = re.search(rf'class="btn btn-main w-100" href="/cases/{case.number}/steps/{name}#(f-\w+)"', page)
        assert place
        assert f'id="{place[1]}"' in signed("wcsc-kathmandu").get(f"/cases/{case.number}/steps/{name}").text
