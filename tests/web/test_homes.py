"""The auditor's pages: opening a visit, rating apart and agreeing, the register, and what became of findings."""

import re
from datetime import timedelta
from html import unescape

import pytest

from sop_engine.case import commands as cmd
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import Done, send
from tests.case.test_homes import TEAM, carried_out, inspection, ratings
from tests.support.world import World
from tests.web.conftest import Site, enter, token_of
from web import create_app


@pytest.fixture
def homes(sqlite_world: World) -> Site:
    """The site with one licensed home."""
    play = sqlite_world.play
    play.good = TEAM
    case = play.open("home-licence", "licensed", "ncrc", parts={"home": "home-katus"})
    play.record(case, "note_licence", home_place="NP0327", capacity="45", licence_until="2027-07-16")
    return Site(create_app(sqlite_world.inst, sqlite_world.settings), sqlite_world, case, case)


def sent(rows: list[dict[str, object]]) -> dict[str, object]:
    """Ratings as the form sends them."""
    return {f"ratings.{n}.{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def test_a_visit_is_opened_for_a_home_that_is_chosen(homes: Site) -> None:
    client = enter(homes, "ncrc")
    page = client.get("/cases/open").text
    assert "Katus" in page
    form = {"csrf_token": token_of(page), "command": new_id(), "what": "home-inspection/planned"}
    assert "Choose" in client.post("/cases/open", data=form).text
    foreign = client.post("/cases/open", data={**form, "part.home": "ncrc"})
    assert "Choose" in foreign.text
    answer = client.post("/cases/open", data={**form, "command": new_id(), "part.home": "home-katus"})
    assert "Visit planned" in client.get(answer.location).text


def test_two_rate_apart_on_the_page_and_then_see_where_they_differ(homes: Site) -> None:
    case = inspection(homes.world)
    form = f"/cases/{homes.number(case)}/steps/rate"
    for name, mark in (("ncrc", "not_met"), ("ncrc-lead", "partly")):
        client = enter(homes, name)
        page = client.get(form).text
        assert page.count('class="rating"') == 66
        assert '" checked' not in page
        data = {"csrf_token": token_of(page), "command": new_id(), **sent(ratings(E2=mark))}
        assert client.post(form, data=data).status_code == 302
    settled = enter(homes, "ncrc").get(f"/cases/{homes.number(case)}/steps/agree").text
    differing = re.findall(r'<fieldset class="rating differs">\s*<legend[^>]*><span class="num">(\w+)</span>', settled)
    assert differing == ["E2"]
    assert settled.count('.rating" id=') == 66 * 5
    assert len(re.findall(r'\.rating" id="[^"]+" value="met" checked', settled)) == 65


def test_what_was_ticked_stays_when_a_criterion_is_not_rated(homes: Site) -> None:
    case = inspection(homes.world)
    form = f"/cases/{homes.number(case)}/steps/rate"
    client = enter(homes, "ncrc")
    rows = ratings()
    del rows[3]["rating"], rows[3]["evidence"]
    answer = client.post(form, data={"csrf_token": token_of(client.get(form).text), "command": new_id(), **sent(rows)})
    assert answer.status_code == 422
    assert "1 criteria are not rated yet" in answer.text
    assert len(re.findall(r'value="met" checked', answer.text)) == 65


def test_a_rating_without_its_criterion_is_told_beside_the_field(homes: Site) -> None:
    case = inspection(homes.world)
    form = f"/cases/{homes.number(case)}/steps/rate"
    client = enter(homes, "ncrc")
    rows = ratings()
    del rows[3]["code"]
    answer = client.post(form, data={"csrf_token": token_of(client.get(form).text), "command": new_id(), **sent(rows)})
    assert answer.status_code == 422
    assert '<div class="wrong">a rating without its criterion' in answer.text
    assert len(re.findall(r'value="met" checked', answer.text)) == 65


def test_a_licence_that_heard_of_a_visit_says_so_in_its_history(homes: Site) -> None:
    carried_out(homes.world)
    page = enter(homes, "ncrc").get(f"/cases/{homes.number(homes.operation)}").text
    assert "Heard from another case: A plan is needed" in page


def test_the_register_shows_licence_grade_findings_and_next_visit(homes: Site) -> None:
    carried_out(homes.world)
    page = enter(homes, "tooni").get("/homes/").text
    for word in (
        "Katus Children&#39;s Home",
        "Licensed",
        "until Fri 16\u00a0Jul\u00a02027 · 32\u00a0Asar\u00a02084",
        "1 critical",
        ">D<",
        "Inspection: Putting it right",
    ):
        assert word in page


def test_the_page_of_a_home_says_whether_findings_were_fixed(homes: Site) -> None:
    case = carried_out(homes.world)
    today = homes.world.clock().date().isoformat()
    homes.world.play.record(case, "check_actions", checks=[{"finding": "E2", "fixed": "yes", "checked_on": today}])
    page = enter(homes, "ncrc").get("/homes/home-katus").text
    assert page.count("Fixed</span>") == 1
    assert "New rules for staff" not in page
    homes.world.clock.wait(days=100)
    assert "Late" in enter(homes, "ncrc").get("/homes/home-katus").text


def test_nothing_is_told_of_a_visit_before_its_report_is_issued(homes: Site) -> None:
    case = inspection(homes.world, E2="not_met")
    homes.world.play.advance(case, "rated")
    page = enter(homes, "tooni").get("/homes/home-katus").text
    assert "Not rated yet." in page
    assert '<span class="num">E2</span>' not in page


def test_an_ngo_learns_of_a_visit_only_when_it_has_taken_place(homes: Site) -> None:
    play = homes.world.play
    case = play.open("home-inspection", "planned", "ncrc", parts={"home": "home-katus"})
    play.record(case, "plan_visit", visit_kind="unannounced", visit_on="2026-03-20")
    addresses = ("/homes/", "/homes/home-katus")
    council, ngo = (
        " ".join(enter(homes, name).get(address).text for address in addresses) for name in ("ncrc", "tooni")
    )
    for words in ("20\u00a0Mar", "Visit planned", "Inspection: Visit planned", homes.number(case)):
        assert words in council
        assert words not in ngo
    for way in ("team_ready", "set_out"):
        play.advance(case, way)
    assert homes.number(case) in enter(homes, "tooni").get("/homes/home-katus").text


def test_the_register_is_for_those_who_look_at_homes(homes: Site) -> None:
    assert enter(homes, "ahtb").get("/homes/").status_code == 404
    assert enter(homes, "home-katus").get("/homes/home-katus").status_code == 404
    assert enter(homes, "ncrc").get("/homes/no-such-home").status_code == 404


def test_an_auditor_with_a_conflict_of_interest_finds_neither_the_home_nor_a_visit(homes: Site) -> None:
    play = homes.world.play
    visit = carried_out(homes.world)
    there = enter(homes, "tooni").get("/homes/home-katus").text
    assert homes.number(visit) in there
    actor = actor_of(play.cast.worker("ncrc"))
    for case in (visit, homes.person):
        declared = cmd.DeclareConflict(id=new_id(), actor=actor, agency="tooni")
        assert isinstance(send(homes.world.inst, case, declared, {"reason": "They run the home."}), Done)
        pages = [enter(homes, "tooni").get(address) for address in ("/homes/", "/homes/home-katus")]
        assert homes.number(visit) not in pages[1].text
    assert "Katus" not in pages[0].text
    assert pages[1].status_code == 404
    assert homes.number(visit) in enter(homes, "ncrc").get("/homes/home-katus").text


@pytest.mark.parametrize("language", ["en", "ne"])
def test_a_finding_is_chosen_and_read_with_the_words_of_its_criterion(homes: Site, language: str) -> None:
    case = carried_out(homes.world)
    text = procedure_text(homes, case, "E2", language)
    client, council = enter(homes, "local-kathmandu"), enter(homes, "ncrc")
    for one in (client, council):
        one.set_cookie("language", language)
    form = unescape(client.get(f"/cases/{homes.number(case)}/steps/check_actions").text)
    assert f'<option value="E2">E2 {text}</option>' in form
    read = unescape(council.get(f"/cases/{homes.number(case)}/steps/write_plan").text)
    assert f"<td>E2 {text}</td>" in read
    danger = {"en": "Children are in danger", "ne": "बालबालिका खतरामा"}[language]
    assert danger in form


def procedure_text(homes: Site, case: str, code: str, language: str) -> str:
    """What the standard says of a criterion."""
    standard = homes.world.play.ground(homes.world.play.case(case)).procedure.standard_of("agreed")
    assert standard is not None
    return standard.criteria()[code].text.in_language(language)


def test_a_licence_whose_last_day_has_passed_says_so(homes: Site) -> None:
    homes.world.clock.wait(days=510)
    for language, words in (
        ("en", "its end date passed on Fri 16\u00a0Jul\u00a02027 · 32\u00a0Asar\u00a02084"),
        ("ne", "३२\u00a0असार\u00a0२०८४ · १६\u00a0जुलाई\u00a0२०२७"),
    ):
        for address in ("/homes/", "/homes/home-katus"):
            client = enter(homes, "ncrc")
            client.set_cookie("language", language)
            page = client.get(address).text
            assert words in page
            assert "until Fri" not in page


def test_a_visit_that_is_prepared_without_a_day_is_not_called_unplanned(homes: Site) -> None:
    homes.world.play.open("home-inspection", "planned", "ncrc", parts={"home": "home-katus"})
    page = enter(homes, "ncrc").get("/homes/").text
    assert "the day is not set yet" in page
    assert "Inspection: Visit planned" in page
    assert "not planned" not in page


def test_a_finding_stands_once_though_it_is_critical_and_in_a_weak_area(homes: Site) -> None:
    case = inspection(homes.world, E1="not_met", E2="not_met", E3="not_met", E4="not_met", E5="not_met", E6="not_met")
    for way in ("rated", "send_for_check", "checked", "plan_wanted"):
        homes.world.play.advance(case, way)
    page = enter(homes, "ncrc").get("/homes/home-katus").text
    assert "P1" not in page
    assert "Critical" in page
    for code in ("E1", "E2", "E3"):
        assert page.count(f'<span class="num">{code}</span>') == 1


def test_two_actions_about_one_finding_are_one_line_and_count_once(homes: Site) -> None:
    case = inspection(homes.world, E2="not_met")
    row = {"finding": "E2", "priority": "critical", "due": "2026-04-02", "action": "New rules for staff."}
    homes.world.play.good |= {"actions": [row, {**row, "priority": "minor", "action": "Talks."}]}
    for way in ("rated", "send_for_check", "checked", "plan_wanted", "submit", "accept_plan"):
        homes.world.play.advance(case, way)
    client = enter(homes, "ncrc")
    page = client.get("/homes/home-katus").text
    assert page.count('<span class="num">E2</span>') == 1
    # The plan says 2 April, but what is critical has no more than thirty days.
    last = (homes.world.play.case(case).counts_from + timedelta(days=30)).date()
    assert f"{last:%a} {last.day}\u00a0{last:%b}\u00a0{last.year} · " in page
    assert "<strong>1</strong>" in client.get("/homes/").text
