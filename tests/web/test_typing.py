"""A form while it is filled in: kept field by field, given back to its writer alone, gone once it is recorded."""

import sqlite3

from tests.web.conftest import Signed, Site, token_of

STEP = "belongings"


def address(site: Site) -> str:
    return f"/cases/{site.number(site.person)}/steps/to_safe_place"


def keep(site: Site, client, **fields: str):  # type: ignore[no-untyped-def]
    page = client.get(address(site)).text
    data: dict[str, object] = {"csrf_token": token_of(page), "seen": "1", "name": list(fields)}
    return client.post(f"{address(site)}/draft", data=data | {f"f.{name}": text for name, text in fields.items()})


def test_what_was_typed_is_there_on_another_device(site: Site, signed: Signed) -> None:
    answer = keep(site, signed("ahtb"), place_found="NP0327")
    assert answer.status_code == 200
    assert answer.get_json()["saved"]
    elsewhere = signed("ahtb").get(address(site)).text
    assert "have not recorded yet" in elsewhere
    assert '<option value="NP0327" selected>' in elsewhere


def test_fields_come_beside_one_another_and_the_last_word_counts(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    keep(site, client, left_at="2026-03-01 10:00")
    keep(site, client, place_found="NP0327")
    keep(site, client, left_at="2026-03-01 11:00")
    page = client.get(address(site)).text
    assert "2026-03-01 11:00" in page
    assert '<option value="NP0327" selected>' in page


def test_a_colleague_sees_nothing_of_it(site: Site, signed: Signed) -> None:
    keep(site, signed("ahtb"), left_at="2026-03-01 10:07")
    assert "10:07" not in signed("ahtb-lead").get(address(site)).text


def test_another_agency_cannot_write_where_it_may_not_record(site: Site, signed: Signed) -> None:
    client = signed("mowcsc")
    token = token_of(client.get("/").text)
    data = {"csrf_token": token, "name": "left_at", "f.left_at": "x"}
    assert client.post(f"{address(site)}/draft", data=data).status_code == 404


def test_nothing_of_it_lies_in_clear_in_the_database(site: Site, signed: Signed) -> None:
    keep(site, signed("ahtb"), left_at="a-very-rare-word")
    with sqlite3.connect(site.world.settings.home / "sop-engine.db") as database:
        assert database.execute("select count(*) from draft").fetchone() == (1,)
        assert "a-very-rare-word" not in "\n".join(database.iterdump())


def test_a_date_by_name_day_first_or_a_time_alone_is_told_as_it_is_understood(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    blank = keep(site, client, left_at="").get_json()["understood"]["left_at"]
    assert blank == "for example 31 Jan 2026 10:30 or 17 Magh 2082 10:30"
    for typed in ("9:15", "२/३/२०२६ ९:१५", "2 Mar 2026 9:15", "18 फागुन २०८२ 9:15"):
        told = keep(site, client, left_at=typed).get_json()["understood"]["left_at"]
        assert told.replace("\u00a0", " ") == "Mon 2 Mar 2026 · 18 Falgun 2082, 09:15"


def test_it_can_be_thrown_away(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    keep(site, client, left_at="2026-03-01 10:07")
    token = token_of(client.get(address(site)).text)
    gone = client.post(f"{address(site)}/discard", data={"csrf_token": token}, follow_redirects=True).text
    assert "thrown away" in gone
    assert "10:07" not in gone


def test_a_flood_is_not_kept_and_what_was_there_stays(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    keep(site, client, left_at="2026-03-01 10:07")
    assert keep(site, client, arrived_at="x" * 700_000).status_code == 413
    assert "10:07" in client.get(address(site)).text


def test_names_that_are_no_fields_are_left_out(site: Site, signed: Signed) -> None:
    assert keep(site, signed("ahtb"), **{"../x": "1", "\0": "2", "csrf_token": "3"}).status_code == 200


def test_after_the_session_has_ended_nothing_is_kept_and_the_page_is_told(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    page = client.get(address(site)).text
    site.world.clock.wait(minutes=20)
    data = {"csrf_token": token_of(page), "by": "x", "name": "left_at", "f.left_at": "x"}
    assert client.post(f"{address(site)}/draft", data=data).status_code == 401


def test_a_paper_that_was_noted_is_no_record_of_the_step_by_somebody(site: Site, signed: Signed) -> None:
    client, step = signed("ahtb"), f"/cases/{site.number(site.operation)}/steps/things"
    page = client.get(step).text
    seen = str(site.world.play.case(site.operation).seq)
    data = {"csrf_token": token_of(page), "seen": seen, "name": "things_kept", "f.things_kept": "Two torn bags"}
    assert client.post(f"{step}/draft", data=data).status_code == 200
    noted = {"csrf_token": token_of(page), "kept": "Cupboard"}
    papers = site.world.play.ground(site.world.play.case(site.operation)).procedure.step_of("things").documents
    assert client.post(f"{step}/attach/{next(iter(papers))}", data=noted).status_code == 302
    page = client.get(step).text
    assert "have not recorded yet" in page
    assert "Somebody recorded this step meanwhile" not in page
    site.world.play.record(site.operation, "things")
    assert "Somebody recorded this step meanwhile" in client.get(step).text
