"""A conflict of interest on the pages: from one moment to the next a case is not there for an agency, in no channel."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sop_engine.services.passing import run_once
from sop_engine.services.upkeep import rebuild
from sop_engine.store import drafts
from sop_engine.store.database import looking
from tests.web.conftest import Site, enter, token_of

ABSENT = "NP-2222-2222"
POLICE, DESK, ABOVE = "ahtb", "wcsc-kathmandu", "police-cid"


def ngo_of(site: Site) -> str:
    return site.world.play.case(site.person).parts["ngo"]


def declare(site: Site, agency: str, by: str) -> TestResponse:
    client, number = enter(site, by), site.number(site.person)
    page = client.get(f"/cases/{number}").text
    sent = {"csrf_token": token_of(page), "agency": agency, "reason": "Her uncle is an officer there."}
    return client.post(f"/cases/{number}/conflicts", data=sent, follow_redirects=True)


def told(answer: TestResponse, number: str) -> tuple[int, str]:
    text = re.sub(r'(name="csrf_token" value|name="csrf-token" content)="[^"]*"', "", answer.text)
    return answer.status_code, text.replace(number, "")


def is_not_there(client: FlaskClient, number: str) -> None:
    for address in ("", "/steps/to_safe_place", "/print", "/looks", "/refuse", "/join"):
        shut, absent = (client.get(f"/cases/{one}{address}") for one in (number, ABSENT))
        assert told(shut, number) == told(absent, ABSENT), address
        assert shut.status_code == 404


class TestReading:
    def test_the_holder_sees_nothing_from_the_moment_in_no_channel(self, either_site: Site) -> None:
        site, number = either_site, either_site.number(either_site.person)
        police = enter(site, POLICE)
        assert police.get(f"/cases/{number}").status_code == 200
        page = police.get(f"/cases/{number}").text
        site.app.config["WTF_CSRF_ENABLED"] = False
        procedure = site.world.play.ground(site.world.play.case(site.person)).procedure
        form = procedure.form_of(procedure.step_of("to_safe_place"))
        assert form is not None
        police.post(f"/cases/{number}/steps/to_safe_place/draft", data={str(next(iter(form.fields()))): "x"})
        account = site.world.play.cast.worker(POLICE)
        with looking(site.world.inst.engine) as connection:
            assert drafts.of_person(connection, account.id, site.person) == {"to_safe_place"}
        before = police.get("/day/counts").json
        assert "sees nothing of this case any more" in declare(site, POLICE, ngo_of(site)).text
        is_not_there(police, number)
        assert number not in police.get("/").text
        for shelf in ("late", "soon", "awaiting", "mine", "unassigned", "colleagues", "taking_part"):
            assert number not in police.get(f"/day/{shelf}").text, shelf
        after = police.get("/day/counts").json
        assert before is not None
        assert after is not None
        assert sum(map(int, _numbers(after))) == sum(map(int, _numbers(before))) - 1
        note = {"csrf_token": token_of(page), "note": "Still here."}
        assert police.post(f"/cases/{number}/note", data=note).status_code == 404
        run_once(site.world.inst)
        assert number not in enter(site, f"{POLICE}-lead").get("/notices").text
        with looking(site.world.inst.engine) as connection:
            assert drafts.of_person(connection, account.id, site.person) == set()
        assert rebuild(site.world.inst, check=True).problems == []

    def test_it_is_not_told_by_the_case_that_opened_it(self, site: Site) -> None:
        """The bureau goes on to hold the operation: of this person it learns nothing there."""
        number, operation = site.number(site.person), site.number(site.operation)
        police = enter(site, POLICE)
        assert number in police.get(f"/cases/{operation}").text
        declare(site, POLICE, ngo_of(site))
        assert number not in police.get(f"/cases/{operation}").text

    def test_an_offer_is_void_and_no_emergency_opens_it(self, site: Site) -> None:
        number, desk = site.number(site.person), enter(site, DESK)
        assert number in desk.get("/").text
        declare(site, DESK, POLICE)
        assert number not in desk.get("/").text
        is_not_there(desk, number)
        sent = {"csrf_token": token_of(desk.get("/emergency").text), "reason": "She is in danger here and now."}
        answers = [told(desk.post("/emergency", data={**sent, "number": one}), one) for one in (number, ABSENT)]
        assert answers[0] == answers[1]
        assert answers[0][0] == 404

    def test_a_person_who_reads_in_an_emergency_reads_no_more(self, site: Site) -> None:
        number, night = site.number(site.person), enter(site, "wcsc-jhapa")
        sent = {"csrf_token": token_of(night.get("/emergency").text), "reason": "She is in danger here and now."}
        assert night.post("/emergency", data={**sent, "number": number}).status_code == 302
        assert night.get(f"/cases/{number}").status_code == 200
        run_once(site.world.inst)
        declare(site, "wcsc-jhapa", POLICE)
        is_not_there(night, number)
        assert number not in night.get("/").text
        assert number not in enter(site, "wcsc-jhapa-lead").get("/notices").text

    def test_who_says_it_of_her_own_agency_is_led_away(self, site: Site) -> None:
        answer = declare(site, POLICE, POLICE)
        assert answer.status_code == 200
        assert "<h1>My day</h1>" in answer.text
        assert site.number(site.person) not in answer.text


def _numbers(found: object) -> list[int]:
    if isinstance(found, dict):
        return [number for value in found.values() for number in _numbers(value)]
    return [found] if isinstance(found, int) else []


class TestLinks:
    def test_a_link_that_it_made_or_got_is_over(self, site: Site) -> None:
        play, number = site.world.play, site.number(site.person)
        play.consent(site.person, "data_sharing")
        client = enter(site, POLICE)
        page = client.get(f"/cases/{number}").text
        asked = {
            "csrf_token": token_of(page), "service": "health", "to": "ocmc-kathmandu", "consent": "data_sharing",
            "due": "2026-03-05", "asked": "An X-ray of the arm.",
        }  # fmt: skip
        page = client.post(f"/cases/{number}/referrals", data=asked, follow_redirects=True).text
        key = re.search(rf"/cases/{number}/referrals/(\d+)/link", page)
        assert key is not None
        made = client.post(key[0], data={"csrf_token": token_of(page)}, follow_redirects=True).text
        link = re.search(r'readonly value="http://localhost(/request/[^"]+)"', made)
        assert link is not None
        guest = site.app.test_client()
        assert "csrf_token" in guest.get(link[1]).text
        declare(site, POLICE, ngo_of(site))
        nothing = guest.get("/request/" + "x" * 43)
        assert "X-ray" not in guest.get(link[1]).text
        assert guest.get(link[1]).status_code == nothing.status_code


class TestWhatFollows:
    def test_oversight_finds_it_on_its_day_with_the_fallback_proposed(self, either_site: Site) -> None:
        site, number = either_site, either_site.number(either_site.person)
        declare(site, POLICE, ngo_of(site))
        body = site.world.play.case(site.person).conflicts[POLICE].said.oversight
        assert body is not None
        client = enter(site, body)
        assert "give the case to another agency" in client.get("/").text
        page = client.get(f"/cases/{number}").text
        assert "It still holds the case" in page
        assert re.search(rf'<option value="{ABOVE}" selected>', page)
        form = page[page.index("/reassign") :]
        assert f'<option value="{POLICE}"' not in form[: form.index("</select>")]
        sent = {"csrf_token": token_of(page), "to": ABOVE, "reason": "The bureau may not."}
        client.post(f"/cases/{number}/reassign", data=sent)
        lead = enter(site, f"{body}-lead")
        signed = lead.post(f"/cases/{number}/sign", data={"csrf_token": token_of(lead.get(f"/cases/{number}").text)})
        assert signed.status_code == 302
        assert site.world.play.case(site.person).holder == ABOVE
        assert enter(site, ABOVE).get(f"/cases/{number}").status_code == 200
        is_not_there(enter(site, POLICE), number)
        assert rebuild(site.world.inst, check=True).problems == []

    def test_a_second_person_signs_on_the_page(self, site: Site) -> None:
        number, ngo = site.number(site.person), ngo_of(site)
        declare(site, POLICE, ngo)
        lead = enter(site, f"{site.world.play.case(site.person).conflicts[POLICE].confirms}-lead")
        assert "Conflict of interest to sign" in lead.get("/").text
        page = lead.get(f"/cases/{number}").text
        assert "It sees nothing of this case and is not told why." in page
        confirm = {"csrf_token": token_of(page)}
        answer = lead.post(f"/cases/{number}/conflicts/{POLICE}/confirm", data=confirm, follow_redirects=True)
        assert "Signed." in answer.text
        assert "Conflict of interest to sign" not in lead.get("/").text

    def test_lifting_it_is_asked_by_oversight_on_the_page(self, site: Site) -> None:
        number = site.number(site.person)
        declare(site, POLICE, ngo_of(site))
        body = site.world.play.case(site.person).conflicts[POLICE].said.oversight
        client = enter(site, body or "")
        page = client.get(f"/cases/{number}").text
        sent = {"csrf_token": token_of(page), "reason": "It was another man of that name."}
        client.post(f"/cases/{number}/conflicts/{POLICE}/lift", data=sent)
        lead = enter(site, f"{body}-lead")
        page = lead.get(f"/cases/{number}").text
        assert "has no conflict of interest after all" in page
        lead.post(f"/cases/{number}/sign", data={"csrf_token": token_of(page)})
        assert enter(site, POLICE).get(f"/cases/{number}").status_code == 200

    def test_a_refused_form_comes_back_with_what_was_typed(self, site: Site) -> None:
        answer = declare(site, "nccht", POLICE)
        assert answer.status_code == 422
        assert "Of an oversight body only another one says this" in answer.text
        assert "Her uncle is an officer there." in answer.text
