"""Beside the steps of a case: notes with readers, tasks, services, links that open once, and the red stop."""

import re

from sop_engine.store import readings
from sop_engine.store.database import looking
from tests.web.conftest import Signed, Site, token_of


def post(client, address: str, page: str, **data: object):  # type: ignore[no-untyped-def]
    """Send a form of a page, and follow to where it leads."""
    return client.post(address, data={"csrf_token": token_of(page), **data}, follow_redirects=True)


def consented(site: Site) -> tuple[str, str, str]:
    """The number of a case with a consent to pass things on, the consent, and the sign-in of its holder."""
    play, case = site.world.play, site.world.play.case(site.person)
    play.consent(site.person, "data_sharing")
    return case.number, "data_sharing", case.holder or ""


def link_of(page: str) -> str:
    found = re.search(r'readonly value="http://localhost(/request/[^"]+)"', page)
    assert found, page
    return found[1]


class TestService:
    def test_it_is_asked_for_and_answered_and_nobody_else_becomes_accountable(self, site: Site, signed: Signed) -> None:
        number, consent, holder = consented(site)
        client = signed(holder)
        page = client.get(f"/cases/{number}").text
        asked = {"service": "shelter", "to": "sisau", "consent": consent, "due": "2026-03-05", "asked": "A bed."}
        assert "The service is asked for." in post(client, f"/cases/{number}/referrals", page, **asked).text
        receiver = signed("sisau")
        inbox = receiver.get("/").text
        assert "Service asked: shelter" in inbox
        theirs = receiver.get(f"/cases/{number}").text
        assert "A bed." in theirs
        assert "is not accountable for it" in theirs
        key = re.search(rf"/cases/{number}/referrals/(\d+)", theirs)
        assert key is not None
        answered = post(receiver, f"/cases/{number}/referrals/{key[1]}", theirs, answer="accepted")
        assert "Noted: we do it." in answered.text
        assert site.world.play.case(site.person).holder == holder

    def test_without_her_consent_it_is_refused_and_says_so(self, site: Site, signed: Signed) -> None:
        case = site.world.play.case(site.person)
        client = signed(case.holder or "")
        page = client.get(f"/cases/{case.number}").text
        asked = {"service": "shelter", "to": "sisau", "consent": "data_sharing", "due": "2026-03-05", "asked": "A bed."}
        answer = post(client, f"/cases/{case.number}/referrals", page, **asked)
        assert "is not there (ask her)" in answer.text
        assert signed("sisau").get(f"/cases/{case.number}").status_code == 404


class TestLink:
    def made(self, site: Site, signed: Signed) -> str:
        number, consent, holder = consented(site)
        client = signed(holder)
        page = client.get(f"/cases/{number}").text
        asked = {"service": "health", "to": "ocmc-kathmandu", "consent": consent, "due": "2026-03-05"}
        page = post(client, f"/cases/{number}/referrals", page, asked="An X-ray of the arm.", **asked).text
        newest = max(re.findall(rf"/cases/{number}/referrals/(\d+)/link", page), key=int)
        return link_of(post(client, f"/cases/{number}/referrals/{newest}/link", page).text)

    def test_it_shows_what_is_asked_once_and_takes_the_answer(self, site: Site, signed: Signed) -> None:
        link, guest = self.made(site, signed), site.app.test_client()
        before = guest.get(link).text
        assert "An X-ray" not in before
        opened = post(guest, link, before).text
        assert "An X-ray of the arm." in opened
        assert site.number(site.person) not in opened
        again = site.app.test_client()
        page = again.get(link).text
        assert "An X-ray" not in page
        assert again.post(link, data={"csrf_token": token_of(page)}).status_code == 404
        assert "has arrived" in post(guest, f"{link}/answer", opened, answer="accepted").text
        referral = next(iter(site.world.play.case(site.person).referrals.values()))
        assert referral.status == "accepted"
        assert referral.opened is not None

    def test_it_is_over_when_she_takes_the_consent_back_and_no_other_is_made(self, site: Site, signed: Signed) -> None:
        opened, link, guest = self.made(site, signed), self.made(site, signed), site.app.test_client()
        answering = post(guest, opened, guest.get(opened).text).text
        assert "An X-ray of the arm." in answering
        case = site.world.play.case(site.person)
        client, address = signed(case.holder or ""), f"/cases/{case.number}"
        post(client, f"{address}/consent/data_sharing", client.get(address).text, what="withdraw")
        assert guest.get(link).status_code == 404
        assert guest.post(link, data={"csrf_token": token_of(answering)}).status_code == 404
        assert "has arrived" not in post(guest, f"{opened}/answer", answering, answer="accepted").text
        page = client.get(address).text
        key = max(re.findall(rf"{address}/referrals/(\d+)", page), key=int)
        refused = post(client, f"{address}/referrals/{key}/link", page).text
        assert "She took back the consent" in refused
        assert "/request/" not in refused

    def test_it_is_over_in_its_time(self, site: Site, signed: Signed) -> None:
        link = self.made(site, signed)
        site.world.clock.wait(days=8)
        assert site.app.test_client().get(link).status_code == 404

    def test_a_guess_is_told_what_an_old_link_is_told(self, site: Site) -> None:
        guest = site.app.test_client()
        assert guest.get("/request/" + "A" * 43).status_code == 404
        assert guest.get("/request/x").status_code == 404


def test_a_note_names_who_reads_it(site: Site, signed: Signed) -> None:
    case = site.world.play.case(site.person)
    client = signed(case.holder or "")
    page = client.get(f"/cases/{case.number}").text
    ngo = case.parts["ngo"]
    text = post(client, f"/cases/{case.number}/note", page, note="Mother telephoned.", to=ngo).text
    assert "Mother telephoned." in text
    assert "read by" in text
    assert "Mother telephoned." in signed(ngo).get(f"/cases/{case.number}").text


def test_a_task_is_asked_of_an_agency_of_the_case_and_done_by_it(site: Site, signed: Signed) -> None:
    case = site.world.play.case(site.person)
    client, ngo = signed(case.holder or ""), case.parts["ngo"]
    page = client.get(f"/cases/{case.number}").text
    asked = {"task": "Buy her shoes.", "agency": ngo, "due": "BS 2082-11-25"}
    assert "Buy her shoes." in post(client, f"/cases/{case.number}/tasks", page, **asked).text
    theirs = signed(ngo)
    for address in ("/", "/day/asked"):
        assert "Task: Buy her shoes." in theirs.get(address).text
    with looking(site.world.inst.engine) as connection:
        looks = [(look.agency, look.what) for look in readings.of_case(connection, case.id)]
    assert looks.count((ngo, "task")) == 2
    page = theirs.get(f"/cases/{case.number}").text
    key = re.search(rf"/cases/{case.number}/tasks/(\d+)", page)
    assert key is not None
    assert "Buy her shoes." not in post(theirs, key[0], page, how="done").text.partition("What has happened")[0]


def test_a_red_stop_is_pressed_by_anybody_and_released_by_a_lead(site: Site, signed: Signed) -> None:
    case = site.world.play.case(site.person)
    client = signed(case.holder or "")
    page = client.get(f"/cases/{case.number}").text
    stopped = post(client, f"/cases/{case.number}/stop", page, reason="He knows where she is.").text
    assert "He knows where she is." in stopped
    assert "Release the stop" not in stopped
    lead = signed(f"{case.holder}-lead")
    assert "Red stop to review" in lead.get("/").text
    page = lead.get(f"/cases/{case.number}").text
    assert (
        "The red stop is released." in post(lead, f"/cases/{case.number}/release", page, reason="He was arrested.").text
    )


def test_the_directory_says_who_offers_what_and_never_how_many_are_there(site: Site, signed: Signed) -> None:
    page = signed("ahtb").get("/agencies/?service=shelter&district=NP0327").text
    assert "Himal Aashraya" in page
    assert "free beds" in page
    assert "Chilaune" not in page
    assert signed("ahtb").get("/agencies/?service=%00&district=x").status_code == 200
