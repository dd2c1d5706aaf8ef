"""Paper: a case as a print, forms blank from the SOP, and what was filled in by hand typed in later."""

import logging
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask.testing import FlaskClient
from sqlalchemy import select

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.services import sheets
from sop_engine.services.installation import (
    actor_of,
    check_letter,
    new_id,
    new_sheet_code,
    tidy_number,
    tidy_sheet_code,
)
from sop_engine.services.publishing import publish_file
from sop_engine.sop.loading import workflows
from sop_engine.store import journal, readings
from sop_engine.store.database import looking
from sop_engine.store.tables import metadata, reading, sheet
from tests.support.world import World
from tests.web.conftest import Site, enter
from web.paper import drawing, pdf

SAID = "Maya Canary of Lamahi"
TRAP = "<img src=file:///etc/passwd><link rel=attachment href=file:///etc/passwd>"
STEP = "belongings"
HAPPENED = "2026-03-02 14:30"


class Read:
    """A PDF read back: its text, its pages, what it tells of itself."""

    def __init__(self, content: bytes) -> None:
        self.file = pypdfium2.PdfDocument(content)
        self.pages = [page.get_textpage().get_text_range() for page in self.file]
        self.text = "\n".join(self.pages)


@pytest.fixture
def lead(site: Site) -> FlaskClient:
    """The police officer who leads the rescue, without tokens in forms."""
    return officer(site)


def officer(site: Site) -> FlaskClient:
    client = enter(site, "ahtb")
    site.app.config["WTF_CSRF_ENABLED"] = False
    return client


def blank(client: FlaskClient, what: str, language: str = "en", sop: str = "rescue-person", **more: str) -> Read:
    answer = client.post(f"/paper/{sop}/print", data={"what": what, "copies": "1", "language": language, **more})
    assert answer.status_code == 200, answer.text
    return Read(answer.data)


def code_of(read: Read) -> str:
    found = re.search(r"S-\w{4}-\w{4}", read.pages[0])
    assert found
    return found[0]


def type_it(client: FlaskClient, site: Site, code: str, **more: str) -> tuple[int, str]:
    """Type a sheet into the step of its person, as the form of the page would send it."""
    address = f"/cases/{site.number(site.person)}/steps/{STEP}"
    answer = client.post(
        address,
        data={"belongings_list": "A red bag", "happened": HAPPENED, "sheet": code, **more},
        follow_redirects=True,
    )
    return answer.status_code, answer.text


def note(site: Site, words: str) -> None:
    play = site.world.play
    play.send(site.person, cmd.Note(id=new_id(), actor=actor_of(play.cast.worker("ahtb"))), {"note": words})


def test_a_case_is_printed_with_its_number_and_tells_nothing_of_itself_to_a_file_manager(
    site: Site, lead: FlaskClient
) -> None:
    number = site.number(site.person)
    answer = lead.get(f"/cases/{number}/print.pdf")
    read = Read(answer.data)
    assert number in read.pages[0]
    assert "Anti-Human Trafficking Bureau" in read.text
    assert f"1 of {len(read.pages)}" in read.pages[0]
    told = read.file.get_metadata_dict()
    assert (told["Title"], told["Author"]) == ("Record", "")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_print_is_in_the_language_of_the_reader_and_has_both_calendars(site: Site, lead: FlaskClient) -> None:
    lead.set_cookie("language", "ne")
    read = Read(lead.get(f"/cases/{site.number(site.person)}/print.pdf").data)
    assert "मानव" in read.text
    assert "२०८२" in read.text
    assert "२०२६" in read.text
    assert "2082" not in read.text


def test_what_people_said_is_printed_only_on_purpose(site: Site) -> None:
    site.world.play.record(site.person, STEP, belongings_list=SAID)
    note(site, f"Spoke with {SAID}")
    lead = officer(site)
    address = f"/cases/{site.number(site.person)}/print"
    assert "Canary" not in lead.get(address).text
    assert "Canary" not in Read(lead.get(f"{address}.pdf").data).text
    read = Read(lead.post(f"{address}.pdf", data={"purpose": "For the hearing of Canary"}).data)
    assert f"Spoke with {SAID}" in " ".join(read.text.split())
    assert "Belongings and papers" in read.text


def test_a_print_with_answers_is_written_down_with_what_it_is_for_and_that_is_not_readable_without_a_key(
    site: Site, lead: FlaskClient
) -> None:
    inst, purpose = site.world.inst, "For the hearing of Canary"
    lead.post(f"/cases/{site.number(site.person)}/print.pdf", data={"purpose": purpose})
    with looking(inst.engine) as connection:
        looks = {look.what for look in readings.of_case(connection, site.person)}
        assert {"print", "step to_safe_place"} <= looks
        key = inst.keys.subject(connection, site.world.play.case(site.person).subject)
        assert key is not None
        assert [look.purpose for look in readings.of_case(connection, site.person, key) if look.purpose] == [purpose]
        rows = connection.execute(select(reading)).all()
    assert all(b"Canary" not in bytes(row.purpose or b"") for row in rows)


def test_answers_are_not_printed_without_saying_what_for(site: Site, lead: FlaskClient) -> None:
    answer = lead.post(f"/cases/{site.number(site.person)}/print.pdf", data={"purpose": " "}, follow_redirects=True)
    assert "Say in a sentence what the answers are printed for." in answer.text


def test_a_foreign_case_is_not_printed(site: Site, lead: FlaskClient) -> None:
    client = enter(site, "mowcsc")
    for number in (site.number(site.person), "NP-2222-2222"):
        assert client.get(f"/cases/{number}/print").status_code == 404
        assert client.get(f"/cases/{number}/print.pdf").status_code == 404
        assert client.post(f"/cases/{number}/print.pdf", data={"purpose": "to look"}).status_code == 404
        assert client.get(f"/paper/rescue-person?case={number}").status_code == 404


def test_what_somebody_typed_is_plain_text_and_fetches_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    fetch = drawing.Nothing.fetch
    monkeypatch.setattr(
        drawing.Nothing, "fetch", lambda self, url, *rest: fetched.append(url) or fetch(self, url, *rest)
    )
    note(site, TRAP)
    answer = officer(site).post(f"/cases/{site.number(site.person)}/print.pdf", data={"purpose": "For the court"})
    read = Read(answer.data)
    assert "<img src=file:///etc/passwd>" in re.sub(r"\s", "", read.text).replace("<imgsrc", "<img src")
    assert "root:" not in read.text
    assert read.file.count_attachments() == 0
    assert set(fetched) == {"https://paper.invalid/look/paper.css"}


def test_a_page_that_names_a_file_or_an_address_gets_neither(site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body::before { content: 'leaked' }")
    page = f'<link rel=stylesheet href="{secret.as_uri()}"><link rel=attachment href="{secret.as_uri()}">'
    page += '<link rel=stylesheet href="paper.css"><img src="http://127.0.0.1:9/x.png"><p>Words</p>'
    with site.app.test_request_context():
        read = Read(pdf.pdf([page]))
    assert "Words" in read.text
    assert "leaked" not in read.text
    assert read.file.count_attachments() == 0


def test_prints_never_take_all_threads_from_those_who_write(site: Site, lead: FlaskClient) -> None:
    address = f"/cases/{site.number(site.person)}/print.pdf"
    for _ in range(3):
        assert pdf._WAITING.acquire(blocking=False)
    try:
        assert lead.get(address).status_code == 503
    finally:
        pdf._WAITING.release(3)
    assert lead.get(address).status_code == 200


def test_more_pages_than_one_print_takes_are_told(
    site: Site, lead: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MOST_PAGES", 2)
    answer = lead.post("/paper/rescue-person/print", data={"what": "step:age", "copies": "3", "language": "en"})
    assert (answer.status_code, "Too many pages for one print" in answer.text) == (422, True)


def test_a_server_that_cannot_lay_out_prints_says_so(
    site: Site, lead: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "web.paper.drawing", None)
    address = f"/cases/{site.number(site.person)}/print"
    answer = lead.get(f"{address}.pdf")
    assert (answer.status_code, "libpango" in answer.text) == (503, True)
    assert lead.get(address).status_code == 200


def test_a_sheet_has_a_code_the_number_of_its_case_and_nothing_of_a_person(site: Site, lead: FlaskClient) -> None:
    number = site.number(site.person)
    read = blank(lead, f"step:{STEP}", case=number)
    letters = "".join(re.findall(r"\w", read.pages[0].partition("Case number")[2].partition("When")[0]))
    assert letters == number.replace("-", "")
    with looking(site.world.inst.engine) as connection:
        row = connection.execute(select(sheet)).one()
    assert (row.code, row.step, row.number, row.case_id) == (code_of(read), STEP, number, None)


@pytest.mark.parametrize("language", ["en", "ne", "both"])
def test_forms_are_printed_in_either_language_or_in_both(
    site: Site, lead: FlaskClient, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    with caplog.at_level(logging.WARNING, "weasyprint"):
        read = blank(lead, "stage:medical", language)
    assert caplog.records == []
    assert ("Examine and treat" in read.text) == (language != "ne")
    assert ("उपचार" in read.text) == (language != "en")
    assert len(set(re.findall(r"S-\w{4}-\w{4}", read.text))) == 3


@pytest.mark.slow
def test_every_form_of_every_procedure_prints_without_a_warning(
    site: Site, lead: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    inst, account = site.world.inst, site.world.play.cast.worker("ahtb")
    names = sorted(file.stem for file in workflows().glob("*.yaml") if file.stem != "forms")
    assert len(names) == 10
    for name in names:
        kit = sheets.kit(inst, account, name)
        for language in ("en", "ne", "both"):
            with caplog.at_level(logging.WARNING, "weasyprint"):
                read = blank(lead, "all", language, sop=name)
            codes = set(re.findall(r"S-\w{4}-\w{4}", read.text))
            assert len(codes) == len(kit.steps()) > 2, (name, language)
    assert caplog.records == []


def test_a_kit_is_printed_with_the_forms_of_the_cases_that_it_opens(site: Site, lead: FlaskClient) -> None:
    alone = blank(lead, "all", sop="rescue-operation")
    both = blank(lead, "all", sop="rescue-operation", also="rescue-person")
    assert "Examine and treat" not in alone.text
    assert "Examine and treat" in both.text
    assert "I agree to be examined and treated by a doctor." in " ".join(both.text.split())


def test_copies_have_a_code_each_and_are_limited(site: Site, lead: FlaskClient) -> None:
    read = blank(lead, "step:age", copies="3")
    assert len(set(re.findall(r"S-\w{4}-\w{4}", read.text))) == 3
    for copies, what in (
        ("0", "step:age"),
        ("51", "step:age"),
        ("many", "step:age"),
        ("50", "all"),
        ("1", "step:none"),
    ):
        answer = lead.post("/paper/rescue-person/print", data={"what": what, "copies": copies, "language": "both"})
        assert answer.status_code == 422
        assert 'class="note refused"' in answer.text
        assert f'value="{copies}"' in answer.text
        assert re.search(r'value="both" checked', answer.text)
    with looking(site.world.inst.engine) as connection:
        assert len(connection.execute(select(sheet)).all()) == 3


def test_a_code_reads_back_as_typed_and_one_wrong_letter_is_noticed() -> None:
    for _ in range(200):
        code = new_sheet_code()
        assert tidy_sheet_code(code.lower().replace("-", " ")) == code
        assert tidy_sheet_code(code.removeprefix("S-")) == code
        wrong = "2" if code[2] != "2" else "3"
        assert tidy_sheet_code(f"S-{wrong}{code[3:]}") is None
    assert tidy_sheet_code("NP-" + "2222222" + check_letter("2222222")) is None
    assert tidy_number(new_sheet_code()) is None


def test_a_code_that_is_none_or_unknown_is_told_in_a_sentence(site: Site, lead: FlaskClient) -> None:
    assert "This is no code of a sheet" in lead.get("/paper/type-in?code=S-7K3F-92QX").text
    assert "No sheet with the code" in lead.get(f"/paper/type-in?code={new_sheet_code()}").text
    code = code_of(blank(lead, f"step:{STEP}", case=site.number(site.person)))
    assert "No sheet with the code" in enter(site, "mowcsc").get(f"/paper/type-in?code={code}").text


def test_the_code_of_a_sheet_leads_to_the_form_of_its_step(site: Site, lead: FlaskClient) -> None:
    code, number = code_of(blank(lead, f"step:{STEP}")), site.number(site.person)
    page = lead.get(f"/paper/type-in?code={code}").text
    assert "List of belongings and papers" in page
    assert 'name="number"' in page
    assert "There is no such case" in lead.get(f"/paper/type-in?code={code}&number=NP-2222-2222").text
    assert (
        "This sheet is another form"
        in lead.get(f"/paper/type-in?code={code}&number={site.number(site.operation)}").text
    )
    answer = lead.get(f"/paper/type-in?code={code}&number={number.lower()}")
    assert answer.location == f"/cases/{number}/steps/{STEP}?sheet={code}"
    form = lead.get(answer.location).text
    assert f'name="sheet" value="{code}"' in form
    assert re.search(r'id="happened"[^>]* required', form)


def test_the_first_sheet_of_a_case_leads_to_opening_one(site: Site, lead: FlaskClient) -> None:
    code = code_of(blank(lead, "step:verify", sop="rescue-operation"))
    assert "/cases/open" in lead.get(f"/paper/type-in?code={code}").text.partition("<main")[2]
    other = code_of(blank(lead, f"step:{STEP}"))
    assert "/cases/open" not in lead.get(f"/paper/type-in?code={other}").text.partition("<main")[2]


def test_what_is_typed_from_a_sheet_says_so_and_when_it_happened(either_site: Site) -> None:
    site = either_site
    client = officer(site)
    code = code_of(blank(client, f"step:{STEP}"))
    status, page = type_it(client, site, code, happened="")
    assert (status, "An answer is missing" in page, "A red bag" in page) == (422, True, True)
    assert f'value="{code}"' in page
    status, page = type_it(client, site, code)
    assert (status, f"typed from sheet {code}" in page) == (200, True)
    with looking(site.world.inst.engine) as connection:
        last = list(journal.history(connection, site.person))[-1]
        row = connection.execute(select(sheet)).one()
    assert isinstance(last.event, ev.StepRecorded)
    assert last.event.sheet == code
    assert last.happened.isoformat() == "2026-03-02T08:45:00+00:00"
    assert (row.case_id, row.seq) == (site.person, last.seq)


def test_a_sheet_counts_once_and_is_corrected_where_it_was_typed(either_site: Site) -> None:
    site = either_site
    client = officer(site)
    code = code_of(blank(client, f"step:{STEP}"))
    command = new_id()
    assert type_it(client, site, code, command=command)[0] == 200
    seq = site.world.play.case(site.person).seq
    assert type_it(client, site, code, command=command)[0] == 200
    assert site.world.play.case(site.person).seq == seq
    status, page = type_it(client, site, code)
    assert (status, "This sheet was typed in already" in page) == (409, True)
    told = client.get(f"/paper/type-in?code={code}&number={site.number(site.person)}").text
    assert "Officer, AHTB" in told
    assert "Correct what was typed" in told
    assert type_it(client, site, code, corrects="yes")[0] == 200
    second = next(child for child in site.world.play.case(site.operation).children if child != site.person)
    number = site.world.play.case(second).number
    assert "This sheet was typed in already" in client.get(f"/paper/type-in?code={code}&number={number}").text
    address = f"/cases/{number}/steps/{STEP}"
    data = {"belongings_list": "Nothing", "happened": HAPPENED, "sheet": code, "corrects": ""}
    assert client.post(address, data=data).status_code == 409


def test_a_sheet_that_was_kept_for_later_is_finished(site: Site, lead: FlaskClient) -> None:
    code = code_of(blank(lead, f"step:{STEP}"))
    assert type_it(lead, site, code, later="yes")[0] == 200
    assert type_it(lead, site, code)[0] == 200
    assert site.world.play.case(site.person).steps[STEP].status == "done"


def test_a_sheet_of_another_form_case_or_code_is_refused_and_nothing_typed_is_lost(
    site: Site, lead: FlaskClient
) -> None:
    second = next(child for child in site.world.play.case(site.operation).children if child != site.person)
    elsewhere = code_of(blank(lead, f"step:{STEP}", case=site.world.play.case(second).number))
    other = code_of(blank(lead, "step:to_safe_place"))
    seq = site.world.play.case(site.person).seq
    for code, said in (
        (elsewhere, "printed for another case"),
        (other, "another form"),
        (new_sheet_code(), "No sheet with the code"),
        ("x" * 500, "This is no code of a sheet"),
        ("\0", "This is no code of a sheet"),
    ):
        status, page = type_it(lead, site, code)
        assert status == 409
        assert said in page
        assert "A red bag" in page
    assert site.world.play.case(site.person).seq == seq


def test_a_sheet_typed_elsewhere_tells_a_stranger_neither_the_case_nor_who(site: Site, lead: FlaskClient) -> None:
    code = code_of(blank(lead, f"step:{STEP}"))
    assert type_it(lead, site, code)[0] == 200
    page = enter(site, "mowcsc").get(f"/paper/type-in?code={code}").text
    assert "already, in a case that is not for your agency" in page
    assert site.number(site.person) not in page
    assert "Officer, AHTB" not in page


def test_a_sheet_of_an_older_version_is_told_and_the_form_of_the_case_is_used(
    site: Site, lead: FlaskClient, tmp_path: Path
) -> None:
    code = code_of(blank(lead, f"step:{STEP}"))
    for file in workflows().glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "law").symlink_to(workflows() / "law")
    changed = tmp_path / "rescue-person.yaml"
    changed.write_text(changed.read_text().replace("List of belongings and papers", "List of everything she has"))
    publish_file(site.world.inst, changed, datetime.now(UTC))  # as the others were
    assert "of an older version" in lead.get(f"/paper/type-in?code={code}").text
    assert "List of everything she has" in blank(lead, f"step:{STEP}").text
    assert "List of belongings and papers" in blank(lead, f"step:{STEP}", case=site.number(site.person)).text
    fresh = code_of(blank(lead, f"step:{STEP}"))
    page = lead.get(f"/paper/type-in?code={fresh}&number={site.number(site.person)}").text
    assert "of another version of the procedure than the case" in page


def test_pages_link_to_their_prints(site: Site, lead: FlaskClient) -> None:
    number = site.number(site.person)
    case = lead.get(f"/cases/{number}").text
    for address in (f"/cases/{number}/print", f"/paper/rescue-person?case={number}"):
        assert f'href="{address}"' in case
        assert lead.get(address).status_code == 200
    assert f"/paper/rescue-person?case={number}#step-{STEP}" in lead.get(f"/cases/{number}/steps/{STEP}").text
    assert "/paper/rescue-person" in lead.get("/procedures/rescue-person").text
    assert "/paper/rescue-person" in lead.get("/paper").text


def test_nobody_prints_without_signing_in(site: Site) -> None:
    client = site.app.test_client()
    for address in ("/paper", "/paper/rescue-person", "/paper/type-in", "/cases/NP-2222-2222/print.pdf"):
        assert client.get(address).status_code == 302


def test_a_migrated_database_has_the_tables_of_the_program(world: World) -> None:
    with world.inst.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_word_without_an_end_is_broken_and_what_is_in_a_tag_is_not() -> None:
    letters = "\u0915\u0947" * 60
    made = drawing.breakable(f'<img src="data:{"a" * 500}"><td>{"x" * 60} short &amp;{"&lt;" * 40}{letters}</td>')
    assert f'"data:{"a" * 500}"' in made
    assert f"{'x' * 24}<wbr>{'x' * 24}<wbr>{'x' * 12} short" in made
    assert made.replace("<wbr>", "").count("&lt;") == 40
    assert "<wbr>\u0947" not in made
