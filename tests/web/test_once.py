"""A form that is sent twice acts once, and one that was changed in between is another act: nothing is lost unseen."""

import re

import pytest
from flask.testing import FlaskClient

from sop_engine.case import events as ev
from sop_engine.case.decide.people import giver_of
from tests.support.told import events
from tests.web.conftest import Signed, Site, enter, token_of


@pytest.fixture
def client(site: Site, signed: Signed) -> FlaskClient:
    return signed("ahtb")


def form_of(site: Site, client: FlaskClient) -> dict[str, str]:
    """What every form of the case page carries."""
    page = client.get(f"/cases/{site.number(site.person)}").text
    command = re.search(r'name="command" value="([0-9a-f]{32})"', page)
    assert command is not None
    return {"csrf_token": token_of(page), "command": command[1]}


def notes(site: Site, client: FlaskClient) -> tuple[int, set[str]]:
    """How many notes were kept, and which of the two words stand on the page."""
    page = client.get(f"/cases/{site.number(site.person)}").text
    return len(events(site.world.inst, site.person, ev.Noted)), set(re.findall(r"(FIRST|SECOND)", page))


def test_the_same_note_is_kept_once_and_a_changed_one_beside_it(site: Site, client: FlaskClient) -> None:
    form, address = form_of(site, client), f"/cases/{site.number(site.person)}/note"
    for said in ("FIRST", "FIRST", "SECOND", "FIRST"):
        assert client.post(address, data={**form, "note": said}, follow_redirects=True).status_code == 200
    assert notes(site, client) == (2, {"FIRST", "SECOND"})


def test_the_word_of_a_form_of_somebody_else_hides_nothing(site: Site, client: FlaskClient) -> None:
    form, address = form_of(site, client), f"/cases/{site.number(site.person)}/note"
    lead = enter(site, "ahtb-lead")
    client.post(address, data={**form, "note": "FIRST"})
    lead.post(address, data={**form, "csrf_token": form_of(site, lead)["csrf_token"], "note": "SECOND"})
    assert notes(site, client) == (2, {"FIRST", "SECOND"})


def test_a_consent_that_is_taken_back_in_a_form_from_before_is_taken_back(site: Site, client: FlaskClient) -> None:
    play, number = site.world.play, site.number(site.person)
    form, address = form_of(site, client), f"/cases/{number}/consent/data_sharing"
    case = play.case(site.person)
    giver = giver_of(play.ground(case), case, play.ground(case).procedure.sop.consents["data_sharing"])
    given = {**form, "what": "give", "given_by": giver, "assent": "yes", "signed": "signature"}
    client.post(address, data=given)
    assert play.case(site.person).consents["data_sharing"].status == "given"
    client.post(address, data={**given, "what": "withdraw"})
    assert play.case(site.person).consents["data_sharing"].status == "withdrawn"


def test_a_step_that_is_corrected_with_the_button_back_is_corrected(site: Site, client: FlaskClient) -> None:
    address = f"/cases/{site.number(site.person)}/steps/to_safe_place"
    page = client.get(address).text
    command = re.search(r'name="command" value="([0-9a-f]{32})"', page)
    assert command is not None
    form = {"csrf_token": token_of(page), "command": command[1], "later": "yes"}
    for place in ("NP0327", "NP0327", "NP0101"):
        answer = client.post(address, data={**form, "place_found": place}, follow_redirects=True)
        assert answer.status_code in (200, 409), answer.status_code
        if answer.status_code == 409:
            assert place in answer.text
    shown = client.get(address).text
    assert re.search(r'value="NP0101"[^>]* selected', shown) or answer.status_code == 409
