"""The own view of a person: what she sees with code and PIN, what she may do, and what nobody learns from it."""

import re
from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from sop_engine.case import commands as cmd
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.sending import send
from sop_engine.store.database import looking, writing
from sop_engine.store.tables import own_view, subject_key, vault
from tests.web.conftest import Signed, Site, token_of

HOLDER = "ahtb"
WHY = "Her uncle reads her telephone."


@dataclass(frozen=True, slots=True)
class Given:
    code: str
    pin: str


def number(site: Site) -> str:
    return site.number(person(site))


def person(site: Site) -> str:
    """A case of a person that the bureau holds and that is offered to nobody."""
    children = site.world.play.case(site.operation).children
    return next(one for one in sorted(children) if one != site.person)


def decide(client: FlaskClient, number: str, view: str, reason: str = "", **more: str) -> TestResponse:
    token = token_of(client.get(f"/cases/{number}").text)
    sent = {"csrf_token": token, "command": new_id(), "view": view, "reason": reason, "language": "en", "as": "page"}
    return client.post(f"/cases/{number}/own-view", data={**sent, **more})


def given(client: FlaskClient, number: str, view: str = "given", reason: str = "") -> Given:
    page = decide(client, number, view, reason)
    assert page.status_code == 200, page.status_code
    return read_off(page.text)


def read_off(paper: str) -> Given:
    """What stands on a paper."""
    code = re.search(r"\b([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\b", paper)
    pin = re.search(r">(\d{6})<", paper)
    assert code
    assert pin
    return Given(code[1], pin[1])


def enter(site: Site, paper: Given, client: FlaskClient | None = None, address: str = "127.0.0.1") -> TestResponse:
    client = client or site.app.test_client()
    page = client.get("/s/en/")
    sent = {"csrf_token": token_of(page.text), "code": paper.code, "pin": paper.pin}
    return client.post("/s/en/", data=sent, environ_base={"REMOTE_ADDR": address})


def herself(site: Site, paper: Given) -> FlaskClient:
    client = site.app.test_client()
    assert enter(site, paper, client).status_code == 302
    return client


def act(client: FlaskClient, address: str, **sent: str) -> TestResponse:
    token = token_of(client.get("/sign-in").text)
    return client.post(address, data={"csrf_token": token, **sent})


def test_she_sees_what_comes_who_answers_and_by_when(site: Site, signed: Signed) -> None:
    paper = given(signed(HOLDER), number(site))
    page = herself(site, paper).get("/s/en/").text
    case = site.world.play.case(person(site))
    stage = site.world.play.ground(case).procedure.sop.stages[case.stage or ""]
    assert stage.title.en in page
    assert "Anti-Human Trafficking Bureau" in page
    assert "What you agreed to" in page
    assert number(site) not in page
    assert site.world.play.cast.worker(HOLDER).shown_as not in page
    assert "<title>Page</title>" in page


def test_the_paper_tells_nothing_and_is_shown_once(site: Site, signed: Signed) -> None:
    client, one = signed(HOLDER), new_id()
    first = decide(client, number(site), "given", command=one)
    assert number(site) not in first.text.partition("</nav>")[2]
    told = first.text.partition("</nav>")[2].lower()
    assert not [word for word in ("rescue", "traffick", "police", "shelter", "survivor", "bureau") if word in told]
    assert "<svg" in told
    again = decide(client, number(site), "given", command=one)
    assert again.status_code == 422
    assert enter(site, read_off(first.text)).status_code == 302
    assert decide(client, number(site), "given", **{"as": "pdf"}).data.startswith(b"%PDF")


def test_only_hashes_of_code_and_pin_are_kept(site: Site, signed: Signed) -> None:
    paper = given(signed(HOLDER), number(site))
    with looking(site.world.inst.engine) as connection:
        row = connection.execute(select(own_view)).one()
    assert row.pin.startswith("$argon2id$")
    assert not {paper.code, paper.code.replace("-", ""), paper.pin} & set(row)
    assert len(row.code) == 64


def test_a_new_code_ends_the_old_one_and_ending_leaves_none(site: Site, signed: Signed) -> None:
    worker = signed(HOLDER)
    old = given(worker, number(site))
    reading = herself(site, old)
    new = given(worker, number(site))
    assert enter(site, old).status_code == 401
    assert "Code and PIN" in reading.get("/s/en/").text
    reading = herself(site, new)
    assert decide(worker, number(site), "ended").status_code == 302
    assert enter(site, new).status_code == 401
    assert "Code and PIN" in reading.get("/s/en/").text
    assert "The code of her own view was ended" in worker.get(f"/cases/{number(site)}").text


def test_an_unknown_code_and_a_wrong_pin_are_answered_alike_and_both_wait(site: Site, signed: Signed) -> None:
    paper = given(signed(HOLDER), number(site))
    wrong = replace(paper, pin="000000" if paper.pin != "000000" else "000001")
    unknown = replace(paper, code="2222-2222-2222")
    for tried in (wrong, unknown):
        said = [enter(site, tried, address=f"10.0.{n}.1") for n in range(7)]
        assert [one.status_code for one in said][:6] == [401] * 6
        assert said[6].status_code == 429
    plain = [
        re.sub(r'csrf_token" value="[^"]*"|value="[0-9A-Z-]{14}"', "", enter(site, one).text)
        for one in (wrong, unknown)
    ]
    assert plain[0] == plain[1]
    assert enter(site, paper).status_code == 429
    site.world.clock.wait(hours=1)
    assert enter(site, paper).status_code == 302


def test_her_session_ends_after_ten_minutes_and_by_the_quick_exit(site: Site, signed: Signed) -> None:
    paper = given(signed(HOLDER), number(site))
    client = herself(site, paper)
    site.world.clock.wait(minutes=9)
    assert "What happens now" in client.get("/s/en/").text
    site.world.clock.wait(minutes=11)
    assert "What happens now" not in client.get("/s/en/").text
    client = herself(site, paper)
    kept = client.get_cookie("page")
    left = client.get("/leave")
    assert left.status_code == 302
    assert '"cookies"' in left.headers["Clear-Site-Data"]
    assert client.get_cookie("page") is None
    assert kept is not None
    client.set_cookie("page", kept.value)
    assert "What happens now" not in client.get("/s/en/").text


def test_nothing_stays_on_her_device(site: Site, signed: Signed) -> None:
    paper = given(signed(HOLDER), number(site))
    client = site.app.test_client()
    client.get("/s/")
    answer = enter(site, paper, client)
    client.get("/s/ne/")
    set_ = answer.headers.getlist("Set-Cookie")
    assert not [one for one in set_ if "Expires" in one or "Max-Age" in one]
    assert {cookie.split("=")[0] for cookie in set_} <= {"page", "sop-form"}
    page = client.get("/s/ne/")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "अब के हुन्छ" in page.text


def test_limited_shows_the_next_step_and_no_agency(site: Site, signed: Signed) -> None:
    worker = signed(HOLDER)
    refused = decide(worker, number(site), "limited")
    assert refused.status_code == 422
    assert "why it would endanger her" in refused.text
    client = herself(site, given(worker, number(site), "limited", WHY))
    page = client.get("/s/en/").text
    assert "What happens now" in page
    for word in ("Anti-Human Trafficking Bureau", "AHTB", "What you agreed to", "Your questions", "Who looked"):
        assert word not in page
    assert client.get("/s/en/looks").status_code == 302
    assert act(client, "/s/en/ask", words="Where am I?", about="question").status_code == 401
    assert not site.world.play.case(person(site)).tasks


def test_a_refusal_is_an_event_with_a_closed_reason(site: Site, signed: Signed) -> None:
    worker = signed(HOLDER)
    before = given(worker, number(site))
    assert decide(worker, number(site), "refused", WHY).status_code == 302
    page = worker.get(f"/cases/{number(site)}").text
    assert "Not given" in page
    assert WHY in page
    assert enter(site, before).status_code == 401
    with looking(site.world.inst.engine) as connection:
        assert all(WHY.encode() not in row.sealed for row in connection.execute(select(vault.c.sealed)))


def test_another_agency_decides_nothing(site: Site, signed: Signed) -> None:
    offered = signed("wcsc-kathmandu")
    token = token_of(offered.get("/").text)
    answer = offered.post(
        f"/cases/{site.number(site.person)}/own-view", data={"csrf_token": token, "view": "given", "as": "page"}
    )
    assert answer.status_code == 422
    assert site.world.play.case(site.person).own_view is None


def test_a_consent_that_she_takes_back_is_gone_at_once_and_the_page_says_by_whom(site: Site, signed: Signed) -> None:
    site.world.play.consent(person(site), "data_sharing")
    worker = signed(HOLDER)
    client = herself(site, given(worker, number(site)))
    assert "I take it back" in client.get("/s/en/").text
    assert act(client, "/s/en/take-back/data_sharing").status_code == 302
    assert "I take it back" not in client.get("/s/en/").text
    assert site.world.play.case(person(site)).consents["data_sharing"].status == "withdrawn"
    history = worker.get(f"/cases/{number(site)}").text
    assert "Consent withdrawn" in history
    run_once(site.world.inst)
    assert "She took a consent back herself" in worker.get("/notices").text
    assert "she herself, in her own view" in history


@pytest.mark.parametrize("about", ["question", "correction"])
def test_what_she_asks_is_in_the_day_of_the_agency_and_its_answer_on_her_page(either_site: Site, about: str) -> None:
    from tests.web.conftest import enter as sign_in

    site = either_site
    worker = sign_in(site, HOLDER)
    client = herself(site, given(worker, number(site)))
    assert act(client, "/s/en/ask", words="My age is wrong. When may I call my sister?", about=about).status_code == 302
    day = worker.get("/").text
    assert {"question": "The person asks", "correction": "The person says that something is wrong"}[about] in day
    key = next(iter(site.world.play.case(person(site)).tasks))
    page = worker.get(f"/cases/{number(site)}").text
    assert "When may I call my sister?" in page
    address = f"/cases/{number(site)}/tasks/{key}"
    empty = worker.post(address, data={"csrf_token": token_of(page), "how": "done"})
    assert empty.status_code == 422
    assert "Write an answer" in empty.text
    sent = {"csrf_token": token_of(page), "how": "done", "answer": "On Friday, from here."}
    assert worker.post(address, data=sent).status_code == 302
    hers = client.get("/s/en/").text
    assert "When may I call my sister?" in hers
    assert "On Friday, from here." in hers
    assert not site.world.play.case(person(site)).tasks


def test_a_question_goes_on_with_the_case(site: Site, signed: Signed) -> None:
    play = site.world.play
    paper = given(signed(HOLDER), number(site))
    act(herself(site, paper), "/s/en/ask", words="Who has my passport?", about="question")
    play.finish(person(site))
    play.go(person(site), "to_safety")
    receiver = play.case(person(site)).offer
    assert receiver is not None
    play.accept(person(site))
    assert play.case(person(site)).holder == receiver.to
    assert "The person asks" in signed(receiver.to).get("/").text
    assert "The person asks" not in signed(HOLDER).get("/").text
    assert "Who has my passport?" in herself(site, paper).get("/s/en/").text


def test_a_closed_case_goes_on_answering_and_its_consents_can_be_taken_back(site: Site, signed: Signed) -> None:
    play, desk = site.world.play, "wcsc-kathmandu"
    case = play.open("identification", "report", desk, place_found="NP0327")
    play.consent(case, "referral")
    paper = given(signed(desk), site.number(case))
    play.finish(case)
    play.go(case, "unfounded")
    assert play.case(case).status == "closed"
    client = herself(site, paper)
    page = client.get("/s/en/").text
    assert "It has ended" in page
    assert "Who answered for it last" in page
    assert act(client, "/s/en/take-back/referral").status_code == 302
    assert play.case(case).consents["referral"].status == "withdrawn"
    act(client, "/s/en/ask", words="May I come back?", about="question")
    worker = signed(desk)
    assert "The person asks" in worker.get("/").text
    key = next(iter(play.case(case).tasks))
    form = {"csrf_token": token_of(worker.get("/").text), "how": "done", "answer": "Yes, at any time."}
    assert worker.post(f"/cases/{site.number(case)}/tasks/{key}", data=form).status_code == 302
    assert "Yes, at any time." in client.get("/s/en/").text


def test_she_sees_which_agency_looked_and_nobody_by_name(site: Site, signed: Signed) -> None:
    client = herself(site, given(signed(HOLDER), number(site)))
    page = client.get("/s/en/looks").text
    assert "Anti-Human Trafficking Bureau" in page
    assert "The case" in page
    assert site.world.play.cast.worker(HOLDER).shown_as not in page


def test_a_joined_case_shows_the_one_that_goes_on(site: Site, signed: Signed) -> None:
    play, children = site.world.play, sorted(site.world.play.case(site.operation).children)
    double, other = [one for one in children if one not in (site.person,)][:2]
    paper = given(signed(HOLDER), site.number(double))
    act(herself(site, paper), "/s/en/ask", words="Is this twice?", about="question")
    play.finish(other)
    wish = cmd.Merge(id=new_id(), actor=actor_of(play.cast.worker(HOLDER)), number=site.number(other))
    send(site.world.inst, double, wish, {"reason": "Both names are hers."})
    send(site.world.inst, double, cmd.Sign(id=new_id(), actor=actor_of(play.cast.lead(HOLDER))))
    assert play.case(double).merged is not None
    client = herself(site, paper)
    page = client.get("/s/en/").text
    assert "What happens now" in page
    assert "Is this twice?" in page
    act(client, "/s/en/ask", words="And now?", about="question")
    assert len(play.case(other).tasks) == 1


def test_after_erasure_a_code_is_unknown(site: Site, signed: Signed) -> None:
    paper = given(signed(HOLDER), number(site))
    client = herself(site, paper)
    with writing(site.world.inst.engine) as connection:
        connection.execute(
            delete(subject_key).where(subject_key.c.subject == site.world.play.case(person(site)).subject)
        )
    assert enter(site, paper).status_code == 401
    assert "What happens now" not in client.get("/s/en/").text


def test_only_a_person_has_a_view_of_her_own(site: Site, signed: Signed) -> None:
    worker = signed(HOLDER)
    assert 'id="own-view"' not in worker.get(f"/cases/{site.number(site.operation)}").text
    assert decide(worker, site.number(site.operation), "given").status_code == 422


def test_whoever_works_here_is_nobody_on_her_pages(site: Site, signed: Signed) -> None:
    page = signed(HOLDER).get("/s/en/").text
    assert "Sign out" not in page
    assert "Code and PIN" in page
