"""After a case was handed on: the sender sees how it fares and what it wrote itself, and no more."""

from pathlib import Path

import pytest

from sop_engine.case import commands as cmd
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import send
from tests.web.conftest import Site, enter, removed


@pytest.fixture
def handed_on(tmp_path: Path) -> Site:
    """A site on which the person's case went from the bureau to the women's desk, which recorded something."""
    site = removed(tmp_path)
    site.world.play.accept(site.person)
    site.world.play.advance(site.person, "sort_done", birth_date="1998", part_played="presumed_victim")
    site.world.play.record(site.person, "offer_care")
    return site


def test_the_sender_sees_how_it_goes_on_and_what_it_recorded(handed_on: Site) -> None:
    client, number = enter(handed_on, "ahtb"), handed_on.number(handed_on.person)
    page = client.get(f"/cases/{number}").text
    assert "WCSC Kathmandu" in page
    assert "Your agency handed this case on" in page
    assert f"/cases/{number}/steps/to_safe_place" in page
    assert client.get(f"/cases/{number}/steps/to_safe_place").status_code == 200


def test_what_others_were_told_since_is_not_there_for_it(handed_on: Site) -> None:
    client, number = enter(handed_on, "ahtb"), handed_on.number(handed_on.person)
    case = handed_on.world.play.case(handed_on.person)
    theirs = [name for name, state in case.steps.items() if state.agency == "wcsc-kathmandu"]
    assert theirs
    for name in theirs:
        assert client.get(f"/cases/{number}/steps/{name}").status_code == 404
    assert "What has happened" not in client.get(f"/cases/{number}").text


def test_when_she_takes_a_consent_back_it_loses_sight(handed_on: Site) -> None:
    world = handed_on.world
    world.play.consent(handed_on.person, "data_sharing")
    actor = actor_of(world.play.cast.worker("wcsc-kathmandu"))
    send(world.inst, handed_on.person, cmd.WithdrawConsent(id=new_id(), actor=actor, consent="data_sharing"))
    number = handed_on.number(handed_on.person)
    assert enter(handed_on, "wcsc-kathmandu").get(f"/cases/{number}").status_code == 200
    informed = world.play.case(handed_on.person).informed
    assert "ahtb" not in informed
    assert enter(handed_on, "ahtb").get(f"/cases/{number}").status_code == 404
