"""What is done on a case besides its steps: refusing, consents, notes, time, oversight; and what a cookie tells."""

import base64
from html import unescape

import pytest

from sop_engine.case import commands as cmd
from sop_engine.services.installation import new_id
from sop_engine.services.sending import Done, send
from sop_engine.store import people
from sop_engine.store.database import looking
from tests.support.world import World
from tests.web.conftest import Signed, Site, token_of


def post(client, page: str, address: str, **fields: object):  # type: ignore[no-untyped-def]
    """Send a form with the token of a page."""
    return client.post(address, data={"csrf_token": token_of(client.get(page).text), **fields})


def test_refusing_asks_for_a_reason_on_a_page_of_its_own_and_leaves_the_sender_accountable(
    site: Site, signed: Signed
) -> None:
    client, number = signed("wcsc-kathmandu"), site.number(site.person)
    form = f"/cases/{number}/refuse"
    assert "Conflict of interest" in client.get(form).text
    assert post(client, form, form, reason_code="no_capacity").location == "/"
    case = site.world.play.case(site.person)
    assert (case.holder, case.offer) == ("ahtb", None)


def test_who_is_not_asked_gets_no_page_to_refuse_on(site: Site, signed: Signed) -> None:
    assert signed("ahtb").get(f"/cases/{site.number(site.person)}/refuse").status_code == 302
    assert signed("wcsc-jhapa").get(f"/cases/{site.number(site.person)}/refuse").status_code == 404


def test_every_form_of_a_page_has_its_own_command_so_that_each_acts_once(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    page = client.get(f"/cases/{site.number(site.operation)}").text
    posting = page.count('method="post"') - 2  # signing out and finding a case change no case
    commands = [part.split('"', 1)[0] for part in page.split('name="command" value="')[1:]]
    assert len(commands) == len(set(commands)) == posting > 2


def test_a_note_sent_twice_is_kept_once(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.person)}"
    command, before = new_id(), site.world.play.case(site.person).seq
    for _ in range(2):
        post(client, page, f"{page}/note", note="She asked for her sister.", command=command)
    assert site.world.play.case(site.person).seq == before + 1


def test_a_consent_is_never_guessed_from_a_form_that_does_not_say_what(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.person)}"
    answer = post(client, page, f"{page}/consent/medical_care", given_by="person")
    assert site.world.play.case(site.person).consents == {}
    assert "agreed, refused or taken back" in answer.text


@pytest.mark.parametrize("seen", ["²", "٣", "-1", "1e3", "9" * 40])
def test_a_strange_number_of_the_last_event_is_no_fault(site: Site, signed: Signed, seen: str) -> None:
    client, page = signed("wcsc-kathmandu"), f"/cases/{site.number(site.person)}"
    assert post(client, page, f"{page}/accept", seen=seen).status_code == 302


def test_a_second_signature_says_in_words_what_is_asked(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.operation)}"
    step = next(
        iter(site.world.play.ground(site.world.play.case(site.operation)).procedure.sop.stages["persons"].steps)
    )
    title = site.world.play.ground(site.world.play.case(site.operation)).procedure.step_of(step).title.en
    post(client, page, f"{page}/waive/{step}", reason="There was no store.")
    shown = unescape(signed("ahtb-lead").get(page).text)
    assert f"to go on without: {title}" in shown
    assert ">Sign<" in shown
    assert ">Sign<" not in client.get(page).text
    lead = signed("ahtb-lead")
    post(lead, page, f"{page}/sign")
    line = unescape(lead.get(page).text).partition(f"{title} was waived")[2].partition("</li>")[0]
    with looking(site.world.inst.engine) as connection:
        asker, signer = (people.by_sign_in(connection, name) for name in ("ahtb", "ahtb-lead"))
    assert asker is not None
    assert signer is not None
    assert f"asked by {asker.shown_as}" in line
    assert line.count(signer.shown_as) == line.count(f"signed by {signer.shown_as}") == 1


def test_an_act_at_no_time_is_asked_again_and_nothing_typed_is_lost(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.person)}/steps/belongings"
    answer = post(client, page, page, belongings_list="A red bag", happened="last night")
    assert answer.status_code == 422
    assert "is no date and time: write 2026-11-24 10:30" in answer.text
    assert "A red bag" in answer.text
    assert 'value="last night"' in answer.text


def test_more_rows_keep_those_that_are_there(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.operation)}/steps/headcount"
    before = client.get(page).text
    answer = post(client, page, page, **{"people.0.token": "B-77", "more_rows": "31"})
    assert "people.30.token" in answer.text
    assert "people.30.token" not in before
    assert 'value="B-77"' in answer.text


def test_wrong_answers_are_told_in_nepali_too(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.person)}/steps/to_safe_place"
    client.set_cookie("language", "ne")
    answer = unescape(post(client, page, page, left_at="yesterday", place_found="Atlantis").text)
    assert "सूचीबाट एक छान्नुहोस्" in answer
    assert "'yesterday' मिति र समय होइन" in answer


def test_only_oversight_is_offered_to_give_a_case_to_another_agency(site: Site, signed: Signed) -> None:
    assert "Give the case to another agency" not in signed("ahtb").get(f"/cases/{site.number(site.person)}").text


def test_what_is_told_on_the_next_page_cannot_be_read_in_the_cookie(site: Site, signed: Signed) -> None:
    client, page = signed("wcsc-kathmandu"), f"/cases/{site.number(site.person)}"
    post(client, page, f"{page}/accept")
    cookie = client.get_cookie("sop-form")
    assert cookie is not None
    opened = base64.urlsafe_b64decode(cookie.value + "=" * (-len(cookie.value) % 4))
    assert b"accountable" not in opened
    assert b"csrf" not in opened
    assert "Your agency is accountable now" in client.get(page).text


def test_an_upload_never_lies_in_a_file_in_clear(site: Site, signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    def spilled(*args: object, **kwargs: object) -> None:
        raise AssertionError("a temporary file")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(f"tempfile.{name}", spilled)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", spilled)
    client, page = signed("ahtb"), f"/cases/{site.number(site.person)}"
    sent = client.post(
        f"{page}/note", data={"csrf_token": token_of(client.get(page).text), "note": "x", "file": _file(700_000)}
    )
    assert sent.status_code == 302


def _file(size: int) -> tuple[object, str]:
    from io import BytesIO

    return BytesIO(b"x" * size), "paper.pdf"


def test_what_is_too_large_gets_a_page(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.person)}"
    answer = post(client, page, f"{page}/note", note="x" * 1_100_000)
    assert answer.status_code == 413
    assert "Too large" in answer.text


def test_a_stranger_learns_nothing_from_how_a_form_is_refused(sqlite_world: World) -> None:
    from web import create_app

    client = create_app(sqlite_world.inst, sqlite_world.settings).test_client()
    known, unknown = client.post("/cases/NP-2222-2222/accept"), client.post("/nothing/here")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)


def test_a_note_can_be_read_by_those_who_work_on_the_case_and_by_nobody_else(site: Site, signed: Signed) -> None:
    number = site.number(site.person)
    page = f"/cases/{number}"
    post(signed("ahtb"), page, f"{page}/note", note="She asked for her sister.")
    assert "She asked for her sister." in signed("ahtb").get(page).text
    site.world.clock.wait(days=2)
    told = send(site.world.inst, site.person, cmd.Tick(id=new_id(), actor=cmd.Actor("system", "system")))
    assert isinstance(told, Done)
    assert "dccht-kathmandu" in told.case.informed
    informed = signed("dccht-kathmandu").get(page)
    assert informed.status_code == 200
    assert "She asked for her sister." not in informed.text


def test_a_sentence_that_is_too_long_is_not_cut_but_refused_and_kept_in_its_form(site: Site, signed: Signed) -> None:
    address = f"/cases/{site.number(site.operation)}/note"
    site.app.config["WTF_CSRF_ENABLED"] = False
    shown = signed("ahtb").post(address, data={"note": "y" * 10_001, "command": "e" * 32})
    assert "This text has 10001 letters, and at most 10000 are kept: shorten it" in shown.text
    assert "y" * 10_001 in shown.text
