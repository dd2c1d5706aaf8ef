"""Breaking the glass: one person reads a case that is not hers, for an hour, few times, told at once and reviewed."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.case.verdict import of_history
from sop_engine.services.acting import NotFound
from sop_engine.services.emergency import open_in_emergency
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.sending import send
from sop_engine.services.upkeep import rebuild
from sop_engine.store import journal, readings
from sop_engine.store.database import looking
from sop_engine.store.tables import access, subject_key
from tests.web.conftest import Site, enter, token_of

ABSENT = "NP-2222-2222"
WHY = "She is in the hospital here and nobody answers the telephone."
NIGHT = "wcsc-jhapa"


def break_glass(client: FlaskClient, number: str, reason: str = WHY) -> TestResponse:
    page = client.get("/emergency").text
    return client.post("/emergency", data={"csrf_token": token_of(page), "number": number, "reason": reason})


def opened(site: Site, who: str = NIGHT, case_id: str | None = None) -> FlaskClient:
    client = enter(site, who)
    number = site.number(case_id or site.person)
    answer = break_glass(client, number)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"] == f"/cases/{number}"
    return client


def review(client: FlaskClient, number: str, justified: str) -> TestResponse:
    page = client.get(f"/cases/{number}").text
    address = re.search(rf"/cases/{number}/emergencies/\d+", page)
    assert address is not None, page
    sent = {"csrf_token": token_of(page), "justified": justified, "reason": "I spoke with the hospital."}
    return client.post(address[0], data=sent, follow_redirects=True)


def reassign(site: Site, to: str, hide: bool = False) -> None:
    """Oversight, which was told that the case is late, gives it to another agency."""
    site.world.clock.wait(minutes=60 * 24 * 40)
    run_once(site.world.inst)
    asks, signs = site.world.play.cast.of["nccht"]
    command = cmd.Reassign(id=new_id(), actor=actor_of(asks), to=to, hide_from_former=hide)
    for one, said in ((command, {"reason": "For a test."}), (cmd.Sign(id=new_id(), actor=actor_of(signs)), None)):
        answer = send(site.world.inst, site.person, one, said)
        assert not isinstance(answer, Refusal), answer.sentence()


class TestReading:
    def test_she_reads_what_was_said_for_an_hour_and_then_no_more(self, either_site: Site) -> None:
        site, number = either_site, either_site.number(either_site.person)
        held = enter(site, "ahtb").get(f"/cases/{number}/steps/to_safe_place").text
        said = re.search(r'class="answer">([^<]{4,})<', held) or re.search(r'value="([^"]{6,})"', held)
        client = opened(site)
        page = client.get(f"/cases/{number}")
        assert page.status_code == 200
        assert "Open for you alone until" in page.text
        assert WHY in page.text
        step = client.get(f"/cases/{number}/steps/to_safe_place")
        assert step.status_code == 200
        assert said is not None
        site.world.clock.wait(minutes=61)
        client = enter(site, NIGHT)
        assert client.get(f"/cases/{number}").status_code == 404
        assert client.get(f"/cases/{number}/steps/to_safe_place").status_code == 404
        assert rebuild(site.world.inst, check=True).problems == []

    def test_closed_words_open_with_a_key_of_the_case_and_none_is_wrapped_for_her_agency(
        self, either_site: Site
    ) -> None:
        site, number = either_site, either_site.number(either_site.person)
        holder = enter(site, "ahtb")
        page = holder.get(f"/cases/{number}").text
        note = {"csrf_token": token_of(page), "note": "She asks for insulin."}
        holder.post(f"/cases/{number}/note", data=note)
        client = opened(site)
        assert "She asks for insulin." in client.get(f"/cases/{number}").text
        with looking(site.world.inst.engine) as connection:
            keys = connection.execute(select(subject_key.c.agency)).scalars().all()
        assert NIGHT not in keys

    def test_she_changes_finds_exports_and_prints_nothing(self, site: Site) -> None:
        number, client = site.number(site.person), opened(site)
        page = client.get(f"/cases/{number}").text
        assert f'action="/cases/{number}/' not in page
        step = client.get(f"/cases/{number}/steps/to_safe_place").text
        assert f'action="/cases/{number}/' not in step
        for address in ("stop", "note", "tasks", "sign", "hand-over", "steps/to_safe_place"):
            answer = client.post(f"/cases/{number}/{address}", data={"csrf_token": token_of(page), "note": "x"})
            assert answer.status_code == 404, address
        for address in ("print", "print.pdf", "looks"):
            assert client.get(f"/cases/{number}/{address}").status_code == 404, address
            assert f"/cases/{number}/{address}" not in page
        purpose = {"csrf_token": token_of(page), "purpose": "For me."}
        assert client.post(f"/cases/{number}/print.pdf", data=purpose).status_code == 404
        blank = f"/paper/rescue-person?case={number}"
        assert client.get(blank).status_code == 404
        assert enter(site, "ahtb").get(blank).status_code == 200
        found = client.post("/search", data={"csrf_token": token_of(page), "typed": "Sita"}).text
        assert number not in found

    def test_it_is_hers_alone(self, site: Site) -> None:
        number, client = site.number(site.person), opened(site)
        colleague = enter(site, f"{NIGHT}-lead")
        assert colleague.get(f"/cases/{number}").status_code == 404
        assert number not in colleague.get("/").text
        assert client.get(f"/cases/{number}").status_code == 200

    def test_her_day_holds_one_line_of_it_and_no_list_the_case(self, site: Site) -> None:
        number, client = site.number(site.person), opened(site)
        day = client.get("/").text
        assert day.count(number) == 2, "the address and the number of one line"
        assert "open for you until" in day
        for shelf in ("late", "soon", "awaiting", "mine", "unassigned", "colleagues", "taking_part", "offered"):
            assert number not in client.get(f"/day/{shelf}").text
        site.world.clock.wait(minutes=61)
        day = enter(site, NIGHT).get("/")
        assert day.status_code == 200
        assert number not in day.text

    def test_what_she_opens_is_written_down_as_looked_at_in_an_emergency(self, site: Site) -> None:
        number, client = site.number(site.person), opened(site)
        client.get(f"/cases/{number}")
        client.get(f"/cases/{number}/steps/to_safe_place")
        with looking(site.world.inst.engine) as connection:
            looks = readings.of_case(connection, site.person)
        assert {look.what for look in looks if look.agency == NIGHT} == {
            "emergency case",
            "emergency step to_safe_place",
        }
        shown = enter(site, "ahtb").get(f"/cases/{number}/looks").text
        assert "In an emergency: The case" in shown
        assert "In an emergency: Step: " in shown


class TestRefusals:
    def test_without_a_number_and_a_sentence_it_says_what_lacks(self, site: Site) -> None:
        client = enter(site, NIGHT)
        answer = break_glass(client, "nonsense", "Short.")
        assert answer.status_code == 422
        assert 'href="#number"' in answer.text
        assert 'href="#reason"' in answer.text
        assert "Short." in answer.text

    def test_too_long_a_reason_is_refused_alike_for_every_number_stays_in_its_form_and_costs_nothing(
        self, site: Site
    ) -> None:
        client, long = enter(site, NIGHT), "Nobody answers. " * 700
        for number in [site.number(site.person), ABSENT] * 2:
            answer = break_glass(client, number, long)
            assert (answer.status_code, "at most 10000 are kept" in answer.text) == (409, True)
            assert long.strip() in answer.text
        assert break_glass(client, site.number(site.person)).status_code == 302

    def test_a_number_that_is_not_there_answers_costs_and_is_logged_as_a_hidden_one(self, site: Site) -> None:
        number = site.number(site.person)
        reassign(site, "wcsc-kathmandu", hide=True)
        assert "ahtb" in site.world.play.case(site.person).hidden_from
        said = {}
        for which, asked in (("hidden", number), ("absent", ABSENT)):
            client = enter(site, "ahtb" if which == "hidden" else "ahtb-lead")
            with capture_logs() as logs:
                answers = [break_glass(client, asked) for _ in range(4)]
            told = [(one.status_code, re.sub(r'content="[^"]*"', "", one.text).replace(asked, "")) for one in answers]
            told = [(code, re.sub(r'value="[^"]{30,}"|Lead, |Officer, ', "", text)) for code, text in told]
            lines = [{k: v for k, v in log.items() if k not in ("person", "at")} for log in logs]
            said[which] = (told, lines)
            assert [code for code, _ in told] == [404, 404, 404, 409]
        assert said["hidden"] == said["absent"]
        assert len([log for log in said["absent"][1] if log["event"] == "emergency"]) == 4

    def test_three_times_in_thirty_days_and_then_it_says_whom_to_ask(self, either_site: Site) -> None:
        site = either_site
        play = site.world.play
        cases = [play.open("identification", "report", "wcsc-kathmandu", place_found="NP0327") for _ in range(4)]
        for nth, case_id in enumerate(cases[:3]):
            assert break_glass(enter(site, NIGHT), site.number(case_id)).status_code == 302
            site.world.clock.wait(minutes=60 * 24 * nth)
        refused = break_glass(enter(site, NIGHT), site.number(cases[3]))
        assert refused.status_code == 409
        assert "ask a supervisor of your agency" in refused.text
        assert break_glass(enter(site, f"{NIGHT}-lead"), site.number(cases[3])).status_code == 302
        site.world.clock.wait(minutes=60 * 24 * 27)
        assert break_glass(enter(site, NIGHT), site.number(cases[3])).status_code == 302
        assert break_glass(enter(site, NIGHT), site.number(cases[1])).status_code == 302
        assert break_glass(enter(site, NIGHT), site.number(cases[0])).status_code == 409
        assert rebuild(site.world.inst, check=True).problems == []

    def test_a_case_that_she_reads_costs_nothing(self, site: Site) -> None:
        client = opened(site)
        number = site.number(site.person)
        for _ in range(4):
            assert break_glass(client, number).status_code == 302
        assert len(site.world.play.case(site.person).emergencies) == 1


class TestTelling:
    def test_the_accountable_agency_and_a_supervisor_of_hers_are_told_at_once(self, either_site: Site) -> None:
        site, number = either_site, either_site.number(either_site.person)
        opened(site)
        run_once(site.world.inst)
        for who in ("ahtb-lead", f"{NIGHT}-lead"):
            news = enter(site, who).get("/notices").text
            assert "A case was opened in an emergency" in news, who
            assert number in news
        assert "A case was opened in an emergency" not in enter(site, NIGHT).get("/notices").text
        assert "A case was opened in an emergency" not in enter(site, "wcsc-kathmandu").get("/notices").text
        assert enter(site, f"{NIGHT}-lead").get(f"/cases/{number}").status_code == 404
        page = enter(site, "ahtb").get(f"/cases/{number}").text
        assert "Opened in an emergency" in page
        assert WHY in page

    def test_a_supervisor_of_the_holder_reviews_it_and_nobody_else(self, either_site: Site) -> None:
        site, number = either_site, either_site.number(either_site.person)
        opened(site)
        assert "/emergencies/" not in enter(site, "ahtb").get(f"/cases/{number}").text
        lead = enter(site, "ahtb-lead")
        assert "Reading in an emergency to review" in lead.get("/").text
        assert "The review is kept." in review(lead, number, "yes").text
        assert "A reading in an emergency was justified" in lead.get(f"/cases/{number}").text
        assert "Reading in an emergency to review" not in lead.get("/").text
        assert rebuild(site.world.inst, check=True).problems == []

    def test_without_a_word_on_whether_it_was_justified_nothing_is_kept(self, site: Site) -> None:
        opened(site)
        lead = enter(site, "ahtb-lead")
        assert review(lead, site.number(site.person), "").status_code == 422

    def test_what_was_not_justified_is_shown_to_the_oversight_body(self, either_site: Site) -> None:
        site, number = either_site, either_site.number(either_site.person)
        opened(site)
        review(enter(site, "ahtb-lead"), number, "no")
        run_once(site.world.inst)
        case = site.world.play.case(site.person)
        bodies = [code for code in case.informed if code.startswith("dccht")]
        assert bodies
        assert "A case was opened in an emergency" in enter(site, f"{bodies[0]}-lead").get("/notices").text
        with looking(site.world.inst.engine) as connection:
            judged = of_history(site.world.play.ground(case), list(journal.history(connection, site.person)))
        kinds = {(one.kind, one.agency) for _, found in judged for one in found if one.kind.startswith("emergency")}
        assert kinds == {("emergency", NIGHT), ("emergency_unjustified", NIGHT)}

    def test_a_review_that_nobody_makes_climbs_to_the_oversight_body(self, site: Site) -> None:
        opened(site)
        site.world.clock.wait(minutes=60 * 24 * 7)
        run_once(site.world.inst)
        told = site.world.play.case(site.person).escalated
        assert [rung for rung in told if rung.startswith("emergency:")]
        assert any(code.startswith("dccht") for code in site.world.play.case(site.person).informed)


def test_whoever_opened_it_never_reviews_it_herself(site: Site) -> None:
    """Also where her own agency has become accountable meanwhile."""
    opened(site, "wcsc-jhapa-lead")
    reassign(site, "wcsc-jhapa")
    number = site.number(site.person)
    hers = enter(site, "wcsc-jhapa-lead")
    assert f"/cases/{number}/emergencies/" not in hers.get(f"/cases/{number}").text
    seq = next(iter(site.world.play.case(site.person).emergencies))
    page = hers.get(f"/cases/{number}").text
    sent = {"csrf_token": token_of(page), "justified": "yes", "reason": "It was I."}
    answer = hers.post(f"/cases/{number}/emergencies/{seq}", data=sent)
    assert answer.status_code == 422
    assert "cannot review it" in answer.text


def test_the_row_of_her_relation_names_her_and_ends_by_itself(either_site: Site) -> None:
    site = either_site
    opened(site)
    with looking(site.world.inst.engine) as connection:
        rows = list(connection.execute(select(access).where(access.c.relation == "emergency")))
    account = site.world.play.cast.worker(NIGHT)
    assert [(row.agency, row.person) for row in rows] == [(NIGHT, account.id)]
    assert rows[0].until == (site.world.clock() + timedelta(minutes=60)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_no_emergency_opens_a_complaint(site: Site) -> None:
    complaint = site.world.play.open(
        "complaint",
        "received",
        "nhrc",
        {"concerned": "wcsc-kathmandu"},
        written_by="somebody",
        what_happened="A bribe.",
    )
    reader = site.world.play.cast.worker("wcsc-banke")
    with pytest.raises(NotFound):
        open_in_emergency(site.world.inst, reader, site.number(complaint), "She is in danger in this hour.", new_id())
