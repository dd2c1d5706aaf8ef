"""The page before a case moves: what was recorded is checked there, and what it says is what then happens."""

import re
from html import unescape

import pytest

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import exit_views
from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import send
from sop_engine.store import readings
from sop_engine.store.database import looking
from tests.case.test_homes import TEAM, ratings
from tests.web.conftest import Site, enter, token_of


def words(page: str) -> str:
    """The text of a page, in one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def way(site: Site, name: str, case_id: str, exit_name: str, language: str = "en") -> str:
    client = enter(site, name)
    client.set_cookie("language", language)
    answer = client.get(f"/cases/{site.number(case_id)}/way/{exit_name}")
    assert answer.status_code == 200
    return words(answer.text)


def test_what_was_recorded_is_checked_before_the_case_moves(site: Site) -> None:
    play = site.world.play
    play.accept(site.person)
    play.finish(site.person, part_played="presumed_victim")
    page = way(site, "wcsc-kathmandu", site.person, "sort_done")
    recorded = page.partition("Recorded in this stage")[2]
    case = play.case(site.person)
    procedure = play.ground(case).procedure
    here = [str(name) for name in procedure.sop.stages[case.stage or ""].steps if str(name) in case.steps]
    closed = next(name for step in here for name in case.steps[step].closed)
    assert procedure.fields[closed].title.en in recorded
    for step in here:
        assert procedure.step_of(step).title.en in recorded
    with looking(site.world.inst.engine) as connection:
        looks = {look.what for look in readings.of_case(connection, site.person) if look.agency == "wcsc-kathmandu"}
    assert {f"step {step}"[:40] for step in here} <= looks


def test_rows_are_checked_as_a_table(site: Site) -> None:
    play = site.world.play
    other = play.open("rescue-operation", "intel", "ahtb")
    for exit_name in ("plan", "submit", "approve", "go"):
        play.advance(other, exit_name)
    play.finish(other)
    page = way(site, "ahtb", other, "secured")
    assert "B-01 Woman" in page
    assert "B-12 Girl" in page
    assert "12 cases are opened: Rescue of one person" in page


def test_an_agency_that_was_chosen_in_a_step_is_checked_with_its_answers(site: Site) -> None:
    play = site.world.play
    other = play.open("rescue-operation", "intel", "ahtb")
    play.advance(other, "plan")
    play.finish(other)
    page = way(site, "ahtb", other, "submit").partition("Recorded in this stage")[2]
    directory = play.ground(play.case(other)).directory
    chosen = play.case(other).parts["ngo"]
    assert f"Agency: {directory.kinds['ngo'].en} {directory.title(chosen).en}" in page


@pytest.mark.parametrize("language", ["en", "ne"])
def test_an_agency_without_users_is_acted_for_and_the_page_says_so(site: Site, language: str) -> None:
    play = site.world.play
    play.accept(site.person)
    play.finish(site.person, part_played="presumed_victim")
    page = way(site, "wcsc-kathmandu", site.person, "sort_done", language)
    if language == "en":
        assert "has no users here: your agency acts for it." in page
        assert "moves on at once and stays with your agency" in page
        assert "On to medical care Back" in page
    assert " is asked." not in page
    play.go(site.person, "sort_done")
    case = play.case(site.person)
    assert (case.stage, case.holder, case.holder_for) == ("medical", "wcsc-kathmandu", "ocmc-kathmandu")


def test_a_home_without_users_is_acted_for_by_its_council(site: Site) -> None:
    play = site.world.play
    play.good = {**TEAM, "ratings": ratings(E2="not_met"), "agreed": ratings(E2="not_met")}
    case = play.open("home-inspection", "planned", "ncrc", parts={"home": "home-amala"})
    for exit_name in ("team_ready", "set_out", "seen", "rated"):
        play.advance(case, exit_name)
    play.finish(case)
    page = way(site, "ncrc", case, "send_for_check")
    assert "Amala Children's Home has no users here: " in page
    assert "is accountable at once, by law; it cannot refuse." in page
    told = page.partition("has no users here: ")[2].partition(" acts for it")[0]
    play.go(case, "send_for_check")
    assert play.ground(play.case(case)).directory.title(play.case(case).holder or "").en == told


def test_no_answer_is_said_to_be_due_before_the_second_person_has_signed(site: Site) -> None:
    play = site.world.play
    other = play.open("rescue-operation", "intel", "ahtb")
    for exit_name in ("plan", "submit"):
        play.advance(other, exit_name)
    play.finish(other)
    case = play.case(other)
    asks = play.cast.worker(case.holder or "")
    page = way(site, asks.sign_in, other, "approve")
    assert "A second person must sign before it counts" in page
    assert "Its time to answer begins when the second person has signed." in page
    assert "It must answer by" not in page
    go = cmd.Go(id=new_id(), actor=actor_of(asks), exit="approve")
    answer = send(site.world.inst, other, go)
    assert not isinstance(answer, Refusal)
    assert play.case(other).proposal is not None
    strip = words(enter(site, asks.sign_in).get(f"/cases/{case.number}").text).partition("What has happened")[0]
    assert "a second person must sign first" in strip
    assert "must answer" not in strip


def test_what_was_not_confirmed_is_told_on_the_page_itself_and_leads_to_its_tick(site: Site) -> None:
    play = site.world.play
    second = next(child for child in play.case(site.operation).children if child != site.person)
    play.finish(second)
    client, address = enter(site, "ahtb"), f"/cases/{site.number(second)}/way/to_safety"
    page = client.get(address).text
    assert "novalidate" in page
    assert 'class="summary' not in page
    confirm = page.partition('<fieldset class="by-name">')[2].partition("</fieldset>")[0]
    assert "Nobody takes a photograph" in confirm
    assert "Checked by the program" not in confirm
    before = play.case(second).seq
    answer = client.post(address, data={"csrf_token": token_of(page)})
    assert answer.status_code == 422
    assert play.case(second).seq == before
    summary = answer.text.partition('<div class="summary')[2].partition("</div>")[0]
    assert 'href="#rule0"' in summary
    assert "Nobody takes a photograph" in summary
    assert re.search(r'id="rule0"[^>]* aria-invalid="true" aria-describedby="rule0-wrong"', answer.text)
    taken = client.post(address, data={"csrf_token": token_of(answer.text), "confirmed": "0"})
    assert taken.status_code == 302
    assert play.case(second).offer is not None


def test_a_reason_that_is_missing_is_told_at_its_field_and_what_was_ticked_stays(site: Site) -> None:
    play = site.world.play
    play.accept(site.person)
    client = enter(site, "wcsc-kathmandu")
    case = play.case(site.person)
    view = next(one for one in exit_views(play.ground(case), case, site.world.clock()) if one.reason and not one.lacks)
    address = f"/cases/{case.number}/way/{view.name}"
    page = client.get(address).text
    answer = client.post(address, data={"csrf_token": token_of(page), "confirmed": "0", "reason": " "})
    assert answer.status_code == 422
    assert '<a href="#reason">Write the reason in a sentence.</a>' in answer.text
    assert " checked" in answer.text.partition('id="rule0"')[2].partition(">")[0]


def test_the_page_says_who_is_asked_and_until_when(site: Site) -> None:
    play = site.world.play
    second = next(child for child in play.case(site.operation).children if child != site.person)
    play.finish(second)
    page = way(site, "ahtb", second, "to_safety")
    assert re.search(r"Women[^.]* is asked\. It must answer by \w{3}\s\d+\sMar", page)
    assert "Until it accepts you stay accountable." in page


def test_a_way_whose_receiver_nobody_knows_is_not_offered_as_if_it_could_be_taken(site: Site) -> None:
    play = site.world.play
    other = next(child for child in play.case(site.operation).children if child != site.person)
    lead = play.cast.worker("ahtb")
    play.send(other, cmd.WaiveStep(id=new_id(), actor=actor_of(lead), step="to_safe_place"), {"reason": "She ran."})
    play.sign(other)
    page = way(site, "ahtb", other, "to_safety")
    assert "It is not known yet who will be accountable for 'Part played'" in page
    assert "What will happen" not in page
    assert "Go on" not in page
    address = f"/cases/{site.number(other)}"
    assert f"{address}/way/to_safety" not in enter(site, "ahtb").get(address).text


def test_a_way_is_not_taken_while_an_offer_is_open_and_its_page_says_why(site: Site) -> None:
    page = way(site, "ahtb", site.person, "to_safety")
    assert "is offered to" in page
    assert "What will happen" not in page
    assert "is withdrawn" not in page


def test_an_agency_that_was_not_chosen_is_asked_for_by_its_title_at_its_field(site: Site) -> None:
    play = site.world.play
    case = play.open("rescue-operation", "intel", "ahtb")
    play.advance(case, "plan")
    client, address = enter(site, "ahtb"), f"/cases/{site.number(case)}/steps/beds"
    data = {"csrf_token": token_of(client.get(address).text), "shelter_beds": "14"}
    answer = client.post(address, data=data)
    assert answer.status_code == 409
    title = site.world.inst.directory_now().kinds["ngo"].en
    assert f'<a href="#part-ngo">{title}</a>' in answer.text
    assert 'id="part-ngo-wrong">Choose an agency<' in answer.text
    assert 'value="14"' in answer.text


def test_a_way_that_is_refused_keeps_the_reason_that_was_typed(site: Site) -> None:
    client = enter(site, "ahtb")
    site.app.config["WTF_CSRF_ENABLED"] = False
    waiting = site.number(
        next(child for child in site.world.play.case(site.operation).children if child != site.person)
    )
    way = f"/cases/{waiting}/way/to_safety"
    rules = {"confirmed": [str(place) for place in range(4)]}
    answer = client.post(way, data={"reason": "She wants to go at once.", **rules})
    assert answer.status_code == 409
    assert "This cannot be done yet:" in answer.text
    assert "She wants to go at once." in answer.text
    gone = client.post(f"/cases/{waiting}/way/nothing", data={"reason": "x"})
    assert gone.status_code in (302, 404)


def test_a_waiver_that_is_refused_comes_back_on_the_page_of_its_step(site: Site) -> None:
    """By the time it is sent the case is on hold, or somebody else's: here it is not the sender's to waive."""
    client, number = enter(site, "wcsc-kathmandu"), site.number(site.person)
    site.app.config["WTF_CSRF_ENABLED"] = False
    again = client.post(f"/cases/{number}/waive/belongings", data={"reason": "The road is cut."})
    assert again.status_code == 409
    assert site.world.play.case(site.person).proposal is None
