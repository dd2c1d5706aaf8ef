"""Finding a case by what somebody says, and being asked before a case is opened; nobody finds what is not theirs."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from sop_engine.case.state import Case
from sop_engine.demo.stories import kuwait_route
from sop_engine.services.passing import run_once
from sop_engine.store import vault, worklists
from sop_engine.store.database import looking
from sop_engine.store.tables import reading, standing, subject_key
from tests.web.conftest import Signed, Site, enter, token_of

SITA = {"person_name": "सीता कुमारी तामाङ", "contact_phone": "9841-234567", "birth_date": "2008"}
BOOTH, OTHER = "booth-jamunaha", "ahtb"


def known(site: Site, agency: str = BOOTH, **said: str) -> str:
    """A case of an agency about somebody of whom this was said; gives its number."""
    entry = "interception" if agency == BOOTH else "report"
    return site.number(site.world.play.open("identification", entry, agency, **(said or SITA)))


def found(site: Site, name: str, typed: str, **more: str) -> str:
    """The part of the page that lists what somebody finds."""
    client = enter(site, name)
    token = token_of(client.get("/search").text)
    answer = client.post("/search", data={"csrf_token": token, "typed": typed, **more})
    assert answer.status_code in (200, 422)
    return answer.text.partition('aria-live="polite"')[2]


def numbers(page: str) -> list[str]:
    return re.findall(r'class="num" href="/cases/([^"]+)"', page)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("सीता कुमारी तामाङ", "same name"), ("Seeta Kumari Tamang", "name sounds alike"),
        ("Tamang Sita", "name sounds alike"), ("Sita", "part of the name"),
        ("+977 984 1234567", "same phone"), ("९८४१२३४५६७", "same phone"),
    ],
)  # fmt: skip
def test_a_case_is_found_by_what_somebody_says(either_site: Site, typed: str, why: str) -> None:
    number = known(either_site)
    known(either_site, person_name="Gita Gurung", contact_phone="9800000001")
    page = found(either_site, BOOTH, typed)
    assert numbers(page) == [number]
    assert why in page


def test_a_token_finds_the_person_and_her_operation(site: Site) -> None:
    operation = site.world.play.case(site.operation)
    with looking(site.world.inst.engine) as connection:
        said = vault.latest(connection, site.world.inst.keys, operation.subject, operation.id, ["people.0.token"])
    page = found(site, "ahtb", said["people.0.token"])
    assert operation.number in numbers(page)
    assert "same token" in page


def test_what_is_written_alike_stands_before_what_only_sounds_alike(site: Site) -> None:
    sounds = known(site, person_name="Seeta Taamang")
    alike = known(site, person_name="Sita Tamang")
    part = known(site, person_name="Sita")
    assert numbers(found(site, BOOTH, "sita tamang")) == [alike, sounds, part]


def test_what_agrees_as_it_was_written_and_what_only_sounds_alike_are_two_lists_with_a_number_each(site: Site) -> None:
    sounds = [known(site, person_name=name) for name in ("Seeta Taamang", "Sita")]
    alike = known(site, person_name="Sita Tamang")
    page = found(site, BOOTH, "sita tamang")
    exact, _, other = page.partition("Sounds alike: 2")
    assert "As it was written: 1" in exact
    assert numbers(exact) == [alike]
    assert numbers(other) == sounds
    assert "As it was written" not in found(site, BOOTH, "Seeta Tamaang")


def test_neither_name_nor_phone_stands_on_the_list_or_in_the_title(site: Site) -> None:
    known(site)
    client = enter(site, BOOTH)
    token = token_of(client.get("/search").text)
    answer = client.post("/search", data={"csrf_token": token, "typed": "Sita Tamang"})
    assert answer.request.path == "/search"
    assert "सीता" not in answer.text
    assert "234567" not in answer.text
    title = answer.text.partition("<title>")[2].partition("</title>")[0]
    assert title == "Find a case"


def test_every_case_that_is_listed_was_written_down_as_looked_at(site: Site) -> None:
    number = known(site)
    unlisted = known(site, person_name="Gita Gurung")
    found(site, BOOTH, "Sita Tamang")
    with looking(site.world.inst.engine) as connection:
        looks = connection.execute(select(reading).where(reading.c.what == "search")).all()
    case_ids = {look.case_id for look in looks}
    assert {site.number(case_id) for case_id in case_ids} == {number}
    assert unlisted not in case_ids
    assert {look.agency for look in looks} == {BOOTH}


@pytest.mark.parametrize("typed", ["सीता कुमारी तामाङ", "9841234567", "Sita"])
def test_nobody_finds_a_case_of_another_agency(either_site: Site, typed: str) -> None:
    known(either_site)
    for name in (OTHER, "wcsc-kathmandu", "mowcsc", "himal-aashraya"):
        assert numbers(found(either_site, name, typed)) == []


def test_a_foreign_number_answers_like_one_that_does_not_exist(site: Site, signed: Signed) -> None:
    number = known(site)
    client = signed(OTHER)
    token = token_of(client.get("/search").text)
    there = client.post("/search", data={"csrf_token": token, "typed": number}, follow_redirects=True)
    absent = client.post("/search", data={"csrf_token": token, "typed": "NP-2222-222G"}, follow_redirects=True)
    assert there.status_code == 404
    assert absent.status_code in (200, 404)


def test_who_gave_a_case_away_finds_it_for_ninety_days_and_no_longer(site: Site) -> None:
    play = site.world.play
    play.good = kuwait_route.GOOD
    case_id = play.open("identification", "interception", BOOTH)
    play.advance(case_id, "concern", person_name="Sita Tamang", other_names="", contact_phone="")
    number, holder = site.number(case_id), str(play.case(case_id).holder)
    with looking(site.world.inst.engine) as connection:
        assert worklists.relations_of(connection, case_id, BOOTH, site.world.clock()) == {"former"}
    assert numbers(found(site, BOOTH, "Sita Tamang")) == [number]
    assert numbers(found(site, holder, "Sita Tamang")) == [number]
    site.world.clock.wait(days=91)
    assert numbers(found(site, BOOTH, "Sita Tamang")) == []
    assert numbers(found(site, holder, "Sita Tamang")) == [number]


def test_a_case_whose_key_is_gone_is_found_no_more(either_site: Site) -> None:
    case_id = either_site.world.play.open("identification", "interception", BOOTH, **SITA)
    assert numbers(found(either_site, BOOTH, "Sita")) == [either_site.number(case_id)]
    with either_site.world.inst.writing() as connection:
        connection.execute(delete(subject_key).where(subject_key.c.subject == case_id))
    assert numbers(found(either_site, BOOTH, "Sita")) == []
    with either_site.world.inst.registers.of(BOOTH, either_site.world.clock()) as kept:
        assert case_id not in kept.register.identities


def test_what_is_recorded_after_a_search_is_found_by_the_next(either_site: Site) -> None:
    site = either_site
    play = site.world.play
    case_id = play.open("identification", "interception", BOOTH)
    assert numbers(found(site, BOOTH, "Phulmaya Rai")) == []
    play.record(case_id, "talk", person_name="Phulmaya Rai", other_names="", contact_phone="")
    assert numbers(found(site, BOOTH, "फूलमाया राई")) == [site.number(case_id)]
    play.record(case_id, "talk", person_name="Phulmaya Rana", other_names="", contact_phone="")
    assert numbers(found(site, BOOTH, "फूलमाया राई")) == []
    assert numbers(found(site, BOOTH, "फूलमाया राणा")) == [site.number(case_id)]


def test_filters_leave_out_what_is_not_wanted(site: Site) -> None:
    play = site.world.play
    number = known(site)
    closed = play.open("identification", "report", OTHER, person_name="Sita Tamang")
    play.finish(closed, contact_by="women_desk", place_found="NP0557", danger_now="no")
    assert numbers(found(site, BOOTH, "Sita", status="open")) == [number]
    assert numbers(found(site, BOOTH, "Sita", status="closed")) == []
    assert numbers(found(site, BOOTH, "Sita", sop="identification")) == [number]
    assert numbers(found(site, BOOTH, "Sita", sop="repatriation")) == []
    assert numbers(found(site, OTHER, "Sita", district="NP0557")) == [site.number(closed)]
    assert numbers(found(site, OTHER, "Sita", district="NP0101")) == []


def test_more_than_a_page_is_said_so(site: Site) -> None:
    for _ in range(52):
        known(site, person_name="Sita Rai")
    page = found(site, BOOTH, "Sita Rai")
    assert len(numbers(page)) == 50
    assert "There are more" in page


@pytest.mark.parametrize(
    "odd",
    [
        "",
        " ",
        "\0",
        "?",
        "\u202e\u200b",
        "x" * 201,
        "x" * 900_000,
        "Sita\0",
        "%",
        "_",
        "\U0001f600" * 50,
        "' OR 1=1 --",
    ],
)
def test_whatever_is_typed_gets_a_page_and_stays_in_its_field(site: Site, signed: Signed, odd: str) -> None:
    known(site)
    client = signed(BOOTH)
    token = token_of(client.get("/search").text)
    answer = client.post("/search", data={"csrf_token": token, "typed": odd, "sop": odd[:300], "district": odd[:300]})
    assert answer.status_code in (200, 422)
    assert numbers(answer.text.partition('aria-live="polite"')[2]) == []
    if odd.startswith("x"):
        assert odd[:201] in answer.text


def test_a_form_that_is_too_large_is_told_so(site: Site, signed: Signed) -> None:
    client = signed(BOOTH)
    token = token_of(client.get("/search").text)
    assert client.post("/search", data={"csrf_token": token, "typed": "x" * 1_100_000}).status_code == 413


def opening(site: Site, client: FlaskClient, **typed: str) -> TestResponse:
    page = client.get("/cases/open").text
    data = {"csrf_token": token_of(page), "what": "identification/interception", **typed}
    return client.post("/cases/open", data=data)


def cases(site: Site) -> int:
    with looking(site.world.inst.engine) as connection:
        return len(connection.execute(select(standing.c.case_id)).all())


def test_before_a_case_about_a_person_is_opened_it_is_asked_whether_she_is_known(site: Site, signed: Signed) -> None:
    number, client, before = known(site), signed(BOOTH), cases(site)
    asked = opening(site, client)
    assert "Is she known already?" in asked.text
    shown = opening(site, client, screened="yes", name="Seeta Tamang", birth="18 years")
    assert numbers(shown.text) == [number]
    assert "born at the same time" in shown.text
    assert 'value="Seeta Tamang"' in shown.text
    assert 'value="18 years"' in shown.text
    assert cases(site) == before


def test_a_case_is_opened_all_the_same_and_keeps_what_was_typed(site: Site, signed: Signed) -> None:
    known(site)
    client = signed(BOOTH)
    typed = {"screened": "yes", "name": "Seeta Tamang", "phone": "9800000007", "birth": "2008-05-17"}
    answer = opening(site, client, anyway="yes", **typed)
    number = answer.location.rpartition("/")[2]
    page = client.get(f"/cases/{number}").text
    assert "Seeta Tamang" in page
    assert "9800000007" in page
    assert "17\u00a0May\u00a02008" in page
    case = next(case for case in _all(site) if case.number == number)
    assert case.values["is_child"] == "yes"
    assert "Seeta" not in str(case)
    assert number in numbers(found(site, BOOTH, "9800000007"))


def test_what_is_shown_before_opening_is_written_down_and_what_is_not_shown_is_not(site: Site, signed: Signed) -> None:
    known(site)
    client = signed(BOOTH)
    typed = {"screened": "yes", "name": "Sita Tamang"}
    opening(site, client, **typed)
    assert looks(site) == 1
    assert opening(site, client, anyway="yes", **typed).status_code == 302
    assert looks(site) == 1


def looks(site: Site) -> int:
    with looking(site.world.inst.engine) as connection:
        return len(connection.execute(select(reading.c.id).where(reading.c.what == "search")).all())


def test_who_is_not_known_is_opened_at_once(site: Site, signed: Signed) -> None:
    known(site)
    client, before = signed(BOOTH), cases(site)
    assert opening(site, client, screened="yes", name="Gita Gurung").status_code == 302
    assert opening(site, client, screened="yes").status_code == 302
    assert cases(site) == before + 2


def test_the_same_name_of_another_age_is_not_her(site: Site, signed: Signed) -> None:
    known(site, person_name="Sita Tamang", birth_date="2008")
    assert opening(site, signed(BOOTH), screened="yes", name="Sita Tamang", birth="1970").status_code == 302


def test_a_case_that_was_sent_twice_is_opened_once(site: Site, signed: Signed) -> None:
    client, before = signed(BOOTH), cases(site)
    for _ in range(2):
        assert (
            opening(site, client, screened="yes", name="Gita Gurung", anyway="yes", command="c" * 32).status_code == 302
        )
    assert cases(site) == before + 1


@pytest.mark.parametrize("birth", ["tomorrow", "2090", "1700", "\0", "x" * 5_000])
def test_a_wrong_date_is_told_and_nothing_typed_is_lost(site: Site, signed: Signed, birth: str) -> None:
    client, before = signed(BOOTH), cases(site)
    answer = opening(site, client, screened="yes", name="Gita Gurung", birth=birth)
    assert answer.status_code == 422
    assert 'value="Gita Gurung"' in answer.text
    assert cases(site) == before


def test_the_page_before_opening_says_nothing_of_other_agencies(site: Site, signed: Signed) -> None:
    known(site, OTHER)
    run_once(site.world.inst)
    client = signed(BOOTH)
    assert opening(site, client, screened="yes", name=SITA["person_name"], phone="9841234567").status_code == 302


def test_operations_and_homes_are_opened_without_being_asked(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    page = client.get("/cases/open").text
    data = {"csrf_token": token_of(page), "what": "rescue-operation/intel"}
    answer = client.post("/cases/open", data=data)
    assert answer.status_code == 302
    assert client.post("/cases/open", data={**data, "what": "nothing/intel"}).status_code == 404


def _all(site: Site) -> list[Case]:
    with looking(site.world.inst.engine) as connection:
        rows = connection.execute(select(standing.c.case_id)).all()
    return [site.world.play.case(row.case_id) for row in rows]
