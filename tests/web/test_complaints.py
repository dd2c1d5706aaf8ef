"""Complaints of people without an account: who examines them, how they are answered, and who never learns of them."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.noticing import notice_all
from sop_engine.services.passing import run_once
from sop_engine.services.sending import send
from sop_engine.store.database import looking
from sop_engine.store.tables import journal, standing
from tests.web.conftest import Signed, Site, token_of
from tests.web.conftest import enter as sign_in
from tests.web.test_own_view import Given, act, given, herself, number, read_off

WORDS = "The woman at the desk asked for money before she wrote down anything."
CONCERNED = "wcsc-kathmandu"


def write(site: Site, client: FlaskClient | None = None, address: str = "127.0.0.1", **more: str) -> TestResponse:
    client = client or site.app.test_client()
    page = client.get("/s/en/write").text
    sent = {
        "csrf_token": token_of(page), "command": new_id(), "written_by": "relative", "concerned": CONCERNED,
        "what_happened": WORDS, "answer_how": "Mornings only.", "body": "",
    }  # fmt: skip
    return client.post("/s/en/write", data={**sent, **more}, environ_base={"REMOTE_ADDR": address})


def complaints(site: Site) -> list[Case]:
    with looking(site.world.inst.engine) as connection:
        found = connection.execute(select(standing.c.case_id).where(standing.c.sop == "complaint")).scalars().all()
    return [site.world.play.case(one) for one in found]


def written(site: Site, **more: str) -> Given:
    answer = write(site, **more)
    assert answer.status_code == 200, answer.text
    return read_off(answer.text)


def test_a_complaint_opens_a_case_at_a_body_that_it_does_not_concern(either_site: Site) -> None:
    site = either_site
    paper = written(site)
    (case,) = complaints(site)
    directory = site.world.inst.directory_now()
    assert directory.agencies[case.holder or ""].kind == "oversight"
    assert case.parts["concerned"] == CONCERNED
    assert case.hidden_from == [CONCERNED]
    page = sign_in(site, case.holder or "").get(f"/cases/{case.number}").text
    assert WORDS in page
    assert "Mornings only." in page
    hers = herself(site, paper).get("/s/en/").text
    assert "Complaint received" in hers
    assert "What happens now" in hers


def test_the_words_are_closed(site: Site) -> None:
    written(site)
    with looking(site.world.inst.engine) as connection:
        bodies = [bytes(one) for one in connection.execute(select(journal.c.body)).scalars()]
    assert not [body for body in bodies if b"asked for money" in body or b"Mornings" in body]


def test_a_body_that_is_concerned_itself_leaves_it_to_another(site: Site) -> None:
    written(site, concerned="nhrc")
    (case,) = complaints(site)
    assert case.holder not in (None, "nhrc")
    chosen = write(site, concerned="nwc", body="nwc")
    assert chosen.status_code == 422
    assert "concerned itself" in chosen.text
    assert WORDS in chosen.text


def test_whoever_holds_the_case_does_not_examine_what_is_written_of_it(site: Site) -> None:
    client = herself(site, written(site))
    (first,) = complaints(site)
    assert write(site, client, concerned="", mine="yes").status_code == 200
    second = next(case for case in complaints(site) if case.id != first.id)
    assert second.holder not in (None, first.holder)


def test_her_own_case_is_named_to_the_body_alone(site: Site, signed: Signed) -> None:
    client = herself(site, given(signed("ahtb"), number(site)))
    assert "It is about what this page shows of me" in client.get("/s/en/write").text
    assert write(site, client, concerned="ahtb", mine="yes").status_code == 200
    (case,) = complaints(site)
    assert number(site) in signed(case.holder or "").get(f"/cases/{case.number}").text
    with looking(site.world.inst.engine) as connection:
        query = select(journal.c.body).where(journal.c.case_id == case.id)
        assert not [one for one in connection.execute(query).scalars() if number(site).encode() in bytes(one)]
    assert signed("ahtb").get(f"/cases/{case.number}").status_code == 404


ADDRESSES = (
    "/", "/day/late", "/day/soon", "/day/to_sign", "/day/counts", "/notices", "/search", "/procedures/", "/agencies/",
    "/review/?sop=complaint", "/review/?sop=rescue-person",
)  # fmt: skip


def pages(site: Site, clients: list[FlaskClient]) -> list[tuple[int, str]]:
    """What people of an agency see of everything that lists, counts, finds and tells."""
    found = []
    for client in clients:
        answers = [client.get(address) for address in ADDRESSES]
        token = token_of(client.get("/").text)
        for typed in ("NP-2222-2222", "asked for money", *(case.number for case in complaints(site))):
            answer = client.post("/search", data={"csrf_token": token, "typed": typed}, follow_redirects=True)
            found.append((answer.status_code, without_chance(answer.text).replace(typed, "")))
        found += [(one.status_code, without_chance(one.text)) for one in answers]
    return found


def without_chance(page: str) -> str:
    return re.sub(r'(csrf_token|name="command"|name="csrf-token")[^>]*', "", page)


@pytest.mark.parametrize("agency", ["wcsc-kathmandu", "mowcsc", "ncrc"])
def test_whoever_it_is_about_sees_the_same_with_and_without_it(site: Site, agency: str) -> None:
    clients = [sign_in(site, agency), sign_in(site, f"{agency}-lead")]
    run_once(site.world.inst)
    before = pages(site, clients)
    written(site, concerned=agency)
    run_once(site.world.inst)
    notice_all(site.world.inst)
    after = pages(site, clients)
    found = len(before) // 2
    # The number of the complaint is typed into the search too, and answered as one that is not there.
    assert [after[0], after[1]] == [before[0], before[1]]
    assert after[2] == after[0]
    assert [*after[3 : found + 1]] == before[2:found]
    assert [*after[found + 4 :]] == before[found + 2 :]


def test_others_who_review_count_it(site: Site) -> None:
    before = sign_in(site, "mowcsc").get("/review/?sop=complaint").text
    written(site)
    assert without_chance(sign_in(site, "mowcsc").get("/review/?sop=complaint").text) != without_chance(before)


def test_it_is_reassigned_to_nobody_whom_it_concerns(site: Site) -> None:
    written(site)
    (case,) = complaints(site)
    actor = actor_of(site.world.play.cast.worker(case.holder or ""))
    answer = send(
        site.world.inst, case.id, cmd.Reassign(id=new_id(), actor=actor, to=CONCERNED), {"reason": "Nearer to her."}
    )
    assert isinstance(answer, Refusal)
    assert answer.code == "hidden"


def test_it_goes_from_received_to_an_answer_that_is_read_with_the_code(site: Site, signed: Signed) -> None:
    paper, play = written(site), site.world.play
    (case,) = complaints(site)
    play.finish(case.id)
    play.go(case.id, "examine")
    play.finish(case.id, complaint_result="right")
    play.go(case.id, "to_answer")
    play.finish(case.id)
    worker = signed(case.holder or "")
    token = token_of(worker.get(f"/cases/{case.number}").text)
    said = {"csrf_token": token, "note": "You were right. The money is paid back.", "to": "person"}
    assert worker.post(f"/cases/{case.number}/note", data=said).status_code == 302
    assert "The money is paid back." in herself(site, paper).get("/s/en/").text
    play.go(case.id, "uphold")
    page = herself(site, paper).get("/s/en/").text
    assert "Right and put right" in page
    assert "The money is paid back." in page


def test_whoever_wrote_asks_later(site: Site, signed: Signed) -> None:
    client = herself(site, written(site))
    act(client, "/s/en/ask", words="Has anybody read it?", about="question")
    (case,) = complaints(site)
    assert "The person asks" in signed(case.holder or "").get("/").text


def test_what_is_wrong_with_the_form_is_said_and_nothing_is_lost(site: Site) -> None:
    for missing in ({"what_happened": ""}, {"written_by": ""}, {"what_happened": WORDS * 200}, {"concerned": "nobody"}):
        answer = write(site, **missing)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert "Mornings only." in answer.text
    assert complaints(site) == []


def test_sent_twice_it_is_one_complaint(site: Site) -> None:
    one = new_id()
    assert write(site, command=one).status_code == 200
    assert write(site, command=one).status_code == 422
    assert len(complaints(site)) == 1


def test_one_address_waits_after_some_complaints(site: Site) -> None:
    said = [write(site, address="203.0.113.7").status_code for _ in range(7)]
    assert said[:6] == [200] * 6
    assert said[6] == 429
    assert write(site, address="203.0.113.8").status_code == 200


def test_the_way_to_complain_is_on_her_paper_on_her_page_and_before_the_sign_in(site: Site, signed: Signed) -> None:
    assert "/s/en/write" in site.app.test_client().get("/sign-in").text
    assert "/s/en/write" in herself(site, given(signed("ahtb"), number(site))).get("/s/en/").text
    page = site.app.test_client().get("/s/ne/write").text
    assert "<title>पाना</title>" in page


def test_a_complaint_without_a_form_of_ours_is_refused(site: Site) -> None:
    answer = site.app.test_client().post("/s/en/write", data={"what_happened": WORDS})
    assert answer.status_code == 400
    assert complaints(site) == []


def test_where_women_are_hidden_is_in_no_public_list(site: Site, signed: Signed) -> None:
    public = site.app.test_client().get("/s/en/write").text
    directory = site.world.inst.directory_now()
    hidden = [one for one in directory.agencies.values() if one.kind in ("shelter", "transit_home")]
    assert hidden
    assert [one.code for one in hidden if f'value="{one.code}"' in public or one.title.en in public] == []
    assert 'value="home-katus"' in public
    hers = herself(site, given(signed("ahtb"), number(site))).get("/s/en/write").text
    assert f'value="{hidden[0].code}"' in hers


def test_whoever_guesses_the_code_of_a_shelter_is_told_what_any_other_guess_is_told(site: Site, signed: Signed) -> None:
    hidden = next(one.code for one in site.world.inst.directory_now().agencies.values() if one.kind == "shelter")
    for guess in (hidden, "no-such-agency"):
        answer = write(site, concerned=guess)
        assert answer.status_code == 422
        assert "Choose one of the list" in answer.text
    assert complaints(site) == []
    hers = herself(site, given(signed("ahtb"), number(site)))
    assert write(site, hers, concerned=hidden).status_code == 200
