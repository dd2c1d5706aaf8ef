"""What stands on pages, prints and in the API of what is not for an agency: its class, and nothing of it."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from sop_engine.services.documents import attach_file
from sop_engine.services.finding import Filters, asked_by, search
from sop_engine.services.installation import new_id
from sop_engine.services.recording import record_step
from sop_engine.services.sending import Done
from sop_engine.sop.grammar import CLASSES
from sop_engine.sop.loading import load_text
from sop_engine.store.database import writing
from sop_engine.store.procedures import publish
from tests.api.conftest import ROOT, secret_of
from tests.case.test_reading import HOLDING, READS, TEXT, a_desk, classes, readers, told
from tests.support import files
from tests.support.world import World, make_world
from tests.web.conftest import Site, enter
from tests.web.test_paper import Read
from web import create_app

WORDS = {
    "identity": "identity", "contact": "ways to reach her", "health": "health", "story": "her story",
    "legal": "legal matters", "location": "places", "staff": "people at work",
}  # fmt: skip
NEPALI = "तपाईंको निकायका लागि होइन: स्वास्थ्य"


def with_classes(world: World) -> Site:
    procedure, _ = load_text(TEXT, "classes.yaml")
    with writing(world.inst.engine) as connection:
        publish(connection, procedure, world.clock())
    app = create_app(world.inst, world.settings)
    return Site(app, world, "", "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return with_classes(make_world(tmp_path_factory.mktemp("classes")))


@pytest.fixture
def either(world: World) -> Site:
    """The site on each database."""
    return with_classes(world)


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def wrong_on(page: str, which: str, letters: set[str]) -> Iterator[tuple[str, str]]:
    """The cells of a page (`which` is one or two) that say otherwise than the table."""
    for one in CLASSES:
        there, kept = f"Canary {which} {one}" in page, f"Not for your agency: {WORDS[one]}" in page
        if (there, kept) != (one in letters, one not in letters):
            yield which, one


def bearer(site: Site, agency: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret_of(site, agency)}"}


def test_each_kind_sees_its_classes_of_another_and_all_of_its_own_on_page_and_api(site: Site) -> None:
    wrong, walked = [], set()
    for kind, agency in readers(site.world):
        number = site.number(told(site.world, agency))
        client, token = enter(site, agency), bearer(site, agency)
        letters = classes(READS[kind])
        for step, which, theirs in (("tell", "one", letters), ("tell_too", "two", set(CLASSES))):
            page = text(client.get(f"/cases/{number}/steps/{step}").text)
            if which == "one":
                wrong += [(kind, *cell) for cell in wrong_on(page, which, theirs)]
            answers = client.get(f"{ROOT}/cases/{number}/steps/{step}", headers=token).get_json()["answers"]
            for one in CLASSES:
                said = f"Canary {which} {one}" if one in theirs else {"withheld": one}
                if answers[f"{one}_{which}"] != said:
                    wrong.append((kind, which, one))
        walked.add(kind)
    assert wrong == []
    assert len(walked) > 20
    assert {"anti_trafficking_police", "mission", "dccht", "shelter", "local_level", "legal_aid"} <= walked


@pytest.mark.parametrize("kind", ["anti_trafficking_police", "mission", "dccht", "shelter"])
def test_a_print_with_answers_says_what_the_page_says(site: Site, kind: str) -> None:
    agency = next(code for one, code in readers(site.world) if one == kind)
    number = site.number(told(site.world, agency))
    client = enter(site, agency)
    site.app.config["WTF_CSRF_ENABLED"] = False
    answer = client.post(f"/cases/{number}/print.pdf", data={"purpose": "for the hearing"})
    site.app.config["WTF_CSRF_ENABLED"] = True
    printed = " ".join(Read(answer.data).text.split())
    assert list(wrong_on(printed, "one", classes(READS[kind]))) == []
    assert all(f"Canary two {one}" in printed for one in CLASSES)


def test_the_page_of_rights_shows_the_table(site: Site) -> None:
    page = enter(site, "ahtb").get("/agencies/rights").text
    for kind, letters in READS.items():
        row = re.search(rf'<tr data-kind="{kind}">(.*?)</tr>', page, re.DOTALL)
        assert row is not None, kind
        cells = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall("<td>(.*?)</td>", row[1])]
        always, holding = classes(letters), classes(HOLDING.get(kind, ""))
        said = ["yes" if one in always else "while it holds the case" if one in holding else "– no" for one in CLASSES]
        assert cells == said, kind


def test_it_is_said_in_nepali_too(site: Site) -> None:
    number, client = site.number(told(site.world, "ahtb")), enter(site, "ahtb")
    client.set_cookie("language", "ne")
    assert NEPALI in text(client.get(f"/cases/{number}/steps/tell").text)


def test_of_a_correction_it_is_told_that_there_was_one(site: Site) -> None:
    case_id = told(site.world, "ahtb")
    desk, number = site.world.play.cast.worker(a_desk(site.world)), site.number(case_id)
    before = {f"{one}_one": f"Canary one {one}" for one in CLASSES}
    for raw in ({"health_one": "Canary later"}, {"story_one": "Canary later"}):
        assert isinstance(record_step(site.world.inst, desk, number, "tell", before | raw, corrects=True), Done)
    page = text(enter(site, "ahtb").get(f"/cases/{number}").text)
    kept = "Not for your agency: health"
    assert f"One health: {kept} → changed to {kept}" in page
    assert "One story: Canary one story → changed to Canary later" in page


def test_a_paper_is_for_those_for_whom_its_class_is(site: Site) -> None:
    case_id = told(site.world, "ahtb")
    desk, number = site.world.play.cast.worker(a_desk(site.world)), site.number(case_id)
    brought = attach_file(
        site.world.inst, desk, number, "tell", "certificate", "canary-name.pdf", files.paper(), new_id(),
        kept="In the canary cupboard",
    )  # fmt: skip
    assert isinstance(brought, Done)
    file = site.world.play.case(case_id).steps["tell"].files[0].file.id
    client, token = enter(site, "ahtb"), bearer(site, "ahtb")
    page = client.get(f"/cases/{number}/steps/tell").text
    assert "File 1" in page
    assert page.partition('id="papers"')[2].count("Not for your agency: health") == 1
    assert "canary-name" not in page
    assert file not in page
    for address in (f"/cases/{number}/files/{file}", f"/cases/{number}/files/{file}/look"):
        assert client.get(address).status_code == 404
        assert client.get(f"{ROOT}{address}", headers=token).status_code == 404
    listed = client.get(f"{ROOT}/cases/{number}/steps/tell", headers=token).get_json()["files"]
    assert [(one["withheld"], one["name"]) for one in listed] == [("health", "")]
    assert "canary cupboard" not in client.get(f"/cases/{number}").text
    theirs = enter(site, a_desk(site.world))
    assert "canary-name" in theirs.get(f"/cases/{number}/steps/tell").text
    assert "canary cupboard" in theirs.get(f"/cases/{number}").text


def found(client_site: Site, agency: str, asked: str) -> list[str]:
    account = client_site.world.play.cast.worker(agency)
    return [hit.number for hit in search(client_site.world.inst, account, asked_by(asked), Filters()).hits]


def test_nobody_finds_a_case_by_a_class_that_is_not_for_her(either: Site) -> None:
    """A phone number is `contact`: a ministry that is heard does not find by it; others do."""
    agencies = dict(readers(either.world))
    for kind, finds in (("ministry_labour", False), ("immigration", True)):
        case_id = told(either.world, agencies[kind])
        desk = either.world.play.cast.worker(a_desk(either.world))
        raw = {f"{one}_one": "Canary" for one in CLASSES} | {"contact_one": "98510 12345"}
        assert isinstance(
            record_step(either.world.inst, desk, either.number(case_id), "tell", raw, corrects=True), Done
        )
        assert (found(either, agencies[kind], "9851012345") == [either.number(case_id)]) == finds
        assert either.number(case_id) in found(either, desk.agency, "9851012345")


def test_a_form_that_she_does_not_fill_in_now_says_what_is_kept_from_her(site: Site) -> None:
    """A step of a later stage shows what is known already, but for what is not for her yet."""
    number, client = site.number(told(site.world, "ahtb")), enter(site, "ahtb")
    page = client.get(f"/cases/{number}/steps/treat").text
    assert "Canary one health" not in page
    assert "Withheld" not in page
    assert "Not for your agency: health" in page
