"""Papers of a step in the browser: sent, listed, looked at, downloaded; and everything that can go wrong on the way."""

import base64
import io
import re
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import waitress
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from sop_engine.case.state import FileState
from sop_engine.cli.running import IN_MEMORY
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing
from sop_engine.services.documents import attach_file
from sop_engine.services.installation import new_id
from sop_engine.services.publishing import publish_file
from sop_engine.services.recording import record_step
from sop_engine.services.sending import Done
from sop_engine.sop.loading import workflows
from sop_engine.store import readings
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from tests.case.test_homes import inspection, ratings
from tests.support import files
from tests.support.browser import chromium
from tests.support.world import PASSWORD
from tests.web.conftest import Signed, Site, enter, token_of
from tests.web.test_drafts import signed_in_again
from tests.web.test_homes import homes

__all__ = ["homes"]
PAPER = "seizure_list"
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def address(site: Site) -> str:
    return f"/cases/{site.number(site.operation)}/steps/things"


def send(
    site: Site, client: FlaskClient, *sent: tuple[bytes, str], command: str = "", field: str = "files", **more: str
) -> TestResponse:
    """Send files as the form of the step does, with the names that a person's device gave them."""
    token = token_of(client.get(address(site)).text)
    given: dict[str, Any] = {"csrf_token": token, "command": command or new_id(), **more}
    given[field] = [(io.BytesIO(data), name) for data, name in sent]
    return client.post(f"{address(site)}/papers/{PAPER}", data=given, content_type="multipart/form-data")


def there(site: Site) -> list[FileState]:
    steps = site.world.play.case(site.operation).steps
    return list(steps["things"].files) if "things" in steps else []


def link(site: Site, nth: int = 0) -> str:
    return f"/cases/{site.number(site.operation)}/files/{there(site)[nth].file.id}"


def test_a_file_is_sent_listed_looked_at_and_downloaded(either_site: Site) -> None:
    client = enter(either_site, "ahtb")
    answer = send(either_site, client, (files.paper(), "Seizure list of Maya.pdf"))
    assert answer.status_code == 302
    assert "Maya" not in answer.location
    page = client.get(answer.location).text
    assert "The file is kept." in page
    row = re.sub(r"\s+", " ", page.partition('<ol class="files">')[2].partition("</ol>")[0])
    for said in ("File 1", "PDF", "kB", "Seizure list of Maya.pdf", "Look", "Download"):
        assert said in row
    number = either_site.number(either_site.operation)
    got = client.get(link(either_site))
    assert got.data.startswith(b"%PDF")
    assert files.CANARY.encode() not in got.data
    assert got.headers["Content-Disposition"] == f'attachment; filename="{number}-{PAPER}-1.pdf"'
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == SANDBOX
    assert got.headers["Cache-Control"] == "no-store"
    assert auditing.verify(either_site.world.inst).problems == []


def shown(page: str) -> Image.Image:
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert found
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


def test_a_look_is_a_small_picture_made_here_on_a_page_that_says_so(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    send(site, client, (files.photograph(3000, 2000), "a.jpg"), (files.paper(3), "b.pdf"))
    page = client.get(f"{link(site)}/look").text
    assert "a picture that was made from the file" in page
    assert max(shown(page).size) == 900
    second = client.get(f"{link(site, 1)}/look?page=2").text
    assert "Page 2 of 3" in second
    assert "page=3" in second
    for odd in ("0", "-1", "99", "x", "٣", "1" * 50):
        assert client.get(f"{link(site, 1)}/look?page={odd}").status_code == 200
    assert "<title>" + site.number(site.operation) in page


def test_what_cannot_be_looked_at_is_offered_for_download(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    send(site, client, (files.letter(), "a.docx"))
    page = client.get(f"{link(site)}/look").text
    assert "cannot be shown here" in page
    assert "<img" not in page


def test_every_look_and_download_is_written_down(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    send(site, client, (files.photograph(), "a.jpg"))
    client.get(link(site))
    client.get(f"{link(site)}/look")
    with looking(site.world.inst.engine) as connection:
        looks = [(look.agency, look.what) for look in readings.of_case(connection, site.operation)]
    assert looks.count(("ahtb", "document")) == 2


def test_several_are_sent_at_once_and_each_that_is_not_kept_is_named(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    answer = send(
        site, client, (files.photograph(), "one.jpg"), (b"Name,Age\nX,17\n", "list.jpg"), (files.paper(), "two.pdf")
    )
    assert answer.status_code == 422
    told = answer.text.partition("Not kept:")[2].partition("</ul>")[0]
    assert "list.jpg" in told
    assert "no file of a kind that is taken" in told
    assert "one.jpg" not in told
    assert len(there(site)) == 2
    assert 'name="files"' in answer.text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7 cut", "broken or was cut off"),
        (files.paper(password="x"), "locked with a password"),
        (files.letter(word__vbaProject=b"x", **{"word__vbaProject.bin": b"x"}), "holds a program"),
        (b"%PDF-" + bytes(10_000_000), "larger than 10 MB"),
    ],
    ids=["empty", "cut", "locked", "macros", "large"],
)
def test_what_is_not_taken_gets_a_sentence_and_the_page_stays(
    site: Site, signed: Signed, data: bytes, said: str
) -> None:
    answer = send(site, signed("ahtb"), (data, "x.pdf"))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'name="files"' in answer.text
    assert there(site) == []


def test_no_file_at_all_gets_a_sentence(site: Site, signed: Signed) -> None:
    answer = send(site, signed("ahtb"), (b"", ""))
    assert answer.status_code == 422
    assert "Choose a file" in answer.text


def test_more_than_a_request_may_hold_gets_a_sentence_on_the_same_page(site: Site, signed: Signed) -> None:
    answer = send(site, signed("ahtb"), *[(bytes(9_000_000), f"{n}.mp4") for n in range(3)])
    assert answer.status_code == 413
    assert "at most 20 MB at once" in answer.text
    assert 'name="files"' in answer.text


def test_no_other_address_takes_as_much(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    token = token_of(client.get(address(site)).text)
    for path in (address(site), f"{address(site)}/attach/{PAPER}", "/cases/open"):
        data = {"csrf_token": token, "files": (io.BytesIO(bytes(2_000_000)), "x.pdf")}
        assert client.post(path, data=data, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize("honest", [True, False])
def test_an_upload_that_was_cut_off_keeps_nothing_and_says_so(site: Site, signed: Signed, honest: bool) -> None:
    client = signed("ahtb")
    token = token_of(client.get(address(site)).text)
    line = b"--line\r\nContent-Disposition: form-data; name="
    whole = line + b'"csrf_token"\r\n\r\n' + token.encode() + b"\r\n" + line + b'"files"; filename="a.jpg"\r\n\r\n'
    whole += files.photograph() + b"\r\n--line--\r\n"
    cut = whole[: len(whole) // 2]
    size = str(len(cut if honest else whole))
    answer = client.post(
        f"{address(site)}/papers/{PAPER}", input_stream=io.BytesIO(cut),
        headers={"Content-Type": "multipart/form-data; boundary=line", "Content-Length": size},
    )  # fmt: skip
    assert answer.status_code == 400
    assert "did not arrive whole" in answer.text
    assert 'name="files"' in answer.text
    assert there(site) == []


def test_a_double_click_sends_once(site: Site, signed: Signed) -> None:
    client, command, photograph, paper = signed("ahtb"), new_id(), files.photograph(), files.paper()
    for _ in range(2):
        answer = send(site, client, (photograph, "a.jpg"), (paper, "b.pdf"), command=command)
        assert answer.status_code == 302
    assert len(there(site)) == 2


def test_a_paper_may_still_be_noted_without_a_file(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    data = {"csrf_token": token_of(client.get(address(site)).text), "kept": "In the cupboard"}
    assert client.post(f"{address(site)}/attach/{PAPER}", data=data).status_code == 302
    assert site.world.play.case(site.operation).steps["things"].documents == [PAPER]
    assert there(site) == []


def test_papers_stand_before_the_button_that_finishes_the_step(site: Site, signed: Signed) -> None:
    page = signed("ahtb").get(address(site)).text
    answers, _, rest = page.partition('<form id="answers"')[2].partition("</form>")
    assert "btn-main" not in answers
    papers, _, end = rest.partition('<button class="btn btn-main"')
    assert 'id="papers"' in papers
    assert 'form="answers"' in end.partition(">")[0]
    assert "btn-main" not in end
    assert not re.search(r"<form(?:(?!</form>).)*<form", page, re.DOTALL)


def test_a_step_done_once_more_stays_so_when_a_paper_is_noted_or_an_answer_was_wrong(
    site: Site, signed: Signed
) -> None:
    site.world.play.record(site.operation, "things")
    client = signed("ahtb")
    again = client.get(f"{address(site)}?again=yes").text
    assert 'name="corrects"' not in again
    papers = f"{address(site)}/attach/{PAPER}?again=yes"
    assert papers in again
    noted = client.post(papers, data={"csrf_token": token_of(again), "kept": "Cupboard"}, follow_redirects=True).text
    assert 'name="corrects"' not in noted
    record = re.search(r'<form id="answers" method="post" action="([^"]+)"', again)
    assert record
    wrong = client.post(record[1], data={"csrf_token": token_of(again), "happened": "yesterday"})
    assert wrong.status_code == 422
    assert 'name="corrects"' not in wrong.text
    assert 'name="corrects"' in client.get(address(site)).text


def test_a_paper_does_not_hide_what_the_step_said(site: Site, signed: Signed) -> None:
    site.world.play.record(site.operation, "things", things_kept="Two torn bags")
    client = signed("ahtb")
    assert "Two torn bags" in client.get(address(site)).text
    send(site, client, (files.photograph(), "a.jpg"))
    assert "Two torn bags" in client.get(address(site)).text


def test_history_tells_of_a_file_and_not_its_name(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    send(site, client, (files.photograph(), "Maya.jpg"))
    page = client.get(f"/cases/{site.number(site.operation)}").text
    assert "File added to Seizure list" in page
    assert "Maya" not in page


def test_a_name_meant_to_deceive_is_shown_as_it_is(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    send(site, client, (files.photograph(), "<script>\u202egpj.exe"), (files.photograph(), "फोटो र्‍याली.jpg"))
    page = client.get(address(site)).text
    assert "&lt;script&gt;[U+202E]gpj.exe" in page
    assert "\u202e" not in page
    assert "फोटो र्‍याली.jpg" in page


class TestRights:
    def test_a_file_of_somebody_else_answers_like_one_that_is_not_there(self, site: Site, signed: Signed) -> None:
        send(site, signed("ahtb"), (files.photograph(), "a.jpg"))
        file, number, person = there(site)[0].file.id, site.number(site.operation), site.number(site.person)
        missing = signed("ahtb").get(f"/cases/{number}/files/{new_id()}")
        assert missing.status_code == 404
        asked = [
            ("ahtb", person, file), ("himal-aashraya", number, file), ("wcsc-kathmandu", person, file),
            ("ahtb", "NP-2222-2222", file), ("ahtb", number, "x"), ("himal-aashraya", number, new_id()),
        ]  # fmt: skip
        for name, case, which in asked:
            for ending in ("", "/look"):
                answer = signed(name).get(f"/cases/{case}/files/{which}{ending}")
                assert answer.status_code == 404, (name, case, which)
        ours, theirs = (signed("himal-aashraya").get(f"/cases/{number}/files/{which}") for which in (file, new_id()))
        assert hidden(ours.text) == hidden(theirs.text)

    def test_another_agency_sends_nothing_to_a_foreign_case(self, site: Site, signed: Signed) -> None:
        other = signed("himal-aashraya")
        token = token_of(other.get("/").text)
        data = {"csrf_token": token, "files": (io.BytesIO(files.photograph()), "a.jpg")}
        answer = other.post(f"{address(site)}/papers/{PAPER}", data=data, content_type="multipart/form-data")
        assert answer.status_code == 404
        assert there(site) == []
        assert list(site.world.settings.documents.glob("*/*")) == []

    def test_a_paper_that_the_step_does_not_have_is_not_there(self, site: Site, signed: Signed) -> None:
        client = signed("ahtb")
        token = token_of(client.get(address(site)).text)
        for path in ("steps/things/papers/no_such", "steps/no_such/papers/seizure_list"):
            data = {"csrf_token": token, "files": (io.BytesIO(files.photograph()), "a.jpg")}
            answer = client.post(f"/cases/{site.number(site.operation)}/{path}", data=data)
            assert answer.status_code == 404

    def test_whoever_handed_a_case_on_reads_none_of_its_files_and_its_keeper_goes_on_to(
        self, site: Site, signed: Signed
    ) -> None:
        play = site.world.play
        person, child = bar_rescue.persons(play, site.operation)[1]
        bar_rescue.to_shelter(play, person, child)
        case = play.case(person)
        assert case.holder is not None
        shelter, number = play.cast.worker(case.holder), case.number
        sheet = attach_file(
            site.world.inst, shelter, number, "handover", "handover_sheet", "a.jpg", files.photograph(), new_id()
        )
        assert isinstance(sheet, Done)
        file = play.case(person).steps["handover"].files[0].file.id
        assert signed(shelter.sign_in).get(f"/cases/{number}/files/{file}").status_code == 200
        bar_rescue.to_safe_hands(play, person)
        assert signed(shelter.sign_in).get(f"/cases/{number}/files/{file}").status_code == 200
        handed_on = next(code for code in play.case(person).former if code != shelter.agency)
        assert signed(handed_on).get(f"/cases/{number}").status_code == 200
        assert signed(handed_on).get(f"/cases/{number}/files/{file}").status_code == 404

    def test_what_is_kept_from_a_home_is_kept_from_it_with_its_papers(self, homes: Site) -> None:
        case = inspection(homes.world, E2="not_met")
        number, council = homes.number(case), enter(homes, "ncrc")
        page = council.get(f"/cases/{number}/steps/plan_visit").text
        data = {"csrf_token": token_of(page), "files": (io.BytesIO(files.photograph()), "a.jpg")}
        path = f"/cases/{number}/steps/plan_visit/papers/declarations"
        assert council.post(path, data=data).status_code == 302
        for way in ("rated", "send_for_check"):
            homes.world.play.advance(case, way)
        file = homes.world.play.case(case).steps["plan_visit"].files[0].file.id
        assert enter(homes, "ncrc").get(f"/cases/{number}/files/{file}").status_code == 200
        home = enter(homes, "home-katus")
        assert home.get(f"/cases/{number}").status_code == 200
        assert home.get(f"/cases/{number}/files/{file}").status_code == 404
        assert "File added" not in home.get(f"/cases/{number}").text
        data = {"csrf_token": token_of(home.get("/").text), "files": (io.BytesIO(files.photograph()), "a.jpg")}
        assert home.post(path, data=data).status_code == 404

    def test_what_an_inspector_sends_alone_is_kept_from_the_other_until_both_have_recorded(
        self, homes: Site, tmp_path: Path
    ) -> None:
        inst, play = homes.world.inst, homes.world.play
        shutil.copytree(workflows(), tmp_path / "sops")
        sop = tmp_path / "sops" / "home-inspection.yaml"
        papers = "different_people: 2\n        documents:\n          sketch: {needed: optional, class: staff}\n"
        sop.write_text(sop.read_text().replace("different_people: 2\n", papers, 1))
        publish_file(inst, sop, datetime.now(UTC))
        case = inspection(homes.world)
        number, one, other = homes.number(case), play.cast.worker("ncrc"), play.cast.lead("ncrc")
        sent = attach_file(inst, one, number, "rate", "sketch", "a.jpg", files.photograph(), new_id())
        assert isinstance(sent, Done)
        file = sent.case.steps["rate"].files[0].file.id

        def seen(account: Account) -> tuple[int, int]:
            client = enter(homes, account.sign_in)
            page = client.get(f"/cases/{number}/steps/rate").text
            return page.count(file), client.get(f"/cases/{number}/files/{file}").status_code

        assert seen(one) == (2, 200)
        assert seen(other) == (0, 404)
        for account in (one, other):
            assert isinstance(record_step(inst, account, number, "rate", {"ratings": ratings()}), Done)
        assert seen(other) == (2, 200)


def hidden(page: str) -> str:
    """A page without what is new each time it is made."""
    return re.sub(r'value="[^"]*"|files/[0-9a-f]+|files%2F[0-9a-f]+', "", page)


def test_a_session_that_ended_asks_for_the_file_again_and_loses_nothing_else(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    page = client.get(address(site)).text
    by = re.search(r'name="by" value="([^"]+)"', page)
    assert by
    site.world.clock.wait(minutes=20)
    data = {"csrf_token": token_of(page), "by": by[1], "command": new_id(), "kept": "Cupboard 3",
            "files": (io.BytesIO(bytes(5_000_000)), "Maya.jpg")}  # fmt: skip
    late = client.post(f"{address(site)}/papers/{PAPER}", data=data, content_type="multipart/form-data")
    assert late.status_code == 401
    assert "Maya" not in late.text
    again = signed_in_again(client, late.text, "ahtb")
    assert "Choose the file again" in again
    assert '<input class="form-control" type="file" id="again-1" name="files" multiple required>' in again
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', again))
    assert fields["kept"] == "Cupboard 3"
    sent = {**fields, "files": (io.BytesIO(files.photograph()), "Maya.jpg")}
    path = re.search(r'action="(/cases/[^"]+)" enctype="multipart/form-data"', again)
    assert path
    assert client.post(path[1], data=sent, content_type="multipart/form-data").status_code == 302
    assert len(there(site)) == 1


def test_a_file_that_was_altered_on_disk_is_not_given_out(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    send(site, client, (files.photograph(), "a.jpg"))
    (place,) = site.world.settings.documents.glob("*/*")
    place.write_bytes(place.read_bytes()[:-1])
    for ending in ("", "/look"):
        answer = client.get(f"{link(site)}{ending}")
        assert answer.status_code == 409
        assert "missing or was altered" in answer.text


def test_no_name_and_no_content_reaches_a_log(
    site: Site, signed: Signed, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    client = signed("ahtb")
    send(site, client, (files.photograph(), "Maya.jpg"), (b"Maya was here", "Maya.txt"))
    client.get(link(site))
    seen = capfd.readouterr()
    assert "Maya" not in caplog.text + seen.out + seen.err


@pytest.fixture
def served(site: Site) -> Any:
    """The site behind the real server, on a port of its own."""
    server = waitress.create_server(site.app, host="127.0.0.1", port=0, threads=4, ident=None, **IN_MEMORY)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


@pytest.mark.browser
def test_a_photograph_is_sent_from_a_small_phone_and_never_lies_in_clear(
    site: Site, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_file(*_: object, **__: object) -> None:
        raise AssertionError("the server put a request or an answer into a temporary file")

    noise = files.written(Image.effect_noise((2400, 2400), 90).convert("RGB"), "JPEG", quality=95)
    assert len(noise) > 2_000_000
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False).new_page()
        page.goto(f"{served}/sign-in")
        page.fill("#name", "ahtb")
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.goto(f"{served}{address(site)}")
        monkeypatch.setattr("waitress.buffers.TempfileBasedBuffer.__init__", no_file)
        assert page.get_attribute(f"#photo-{PAPER}", "capture") == "environment"
        page.set_input_files(
            f"#files-{PAPER}", files=[{"name": "IMG_1.JPG", "mimeType": "image/jpeg", "buffer": noise}]
        )
        with page.expect_navigation():
            page.locator(f"form:has(#files-{PAPER}) button").click()
        assert page.locator(".files li").count() == 1
        for place in page.locator(".files a").all():
            box = place.bounding_box()
            assert box is not None
            assert box["height"] >= 40
            assert box["x"] + box["width"] <= 360
        with page.expect_download() as given:
            page.locator(".files a", has_text="Download").click()
        assert given.value.suggested_filename == f"{site.number(site.operation)}-{PAPER}-1.jpg"
        assert given.value.path().stat().st_size == there(site)[0].file.size > 1_000_000
        page.locator(".files a", has_text="Look").click()
        seen = page.locator("img.look").bounding_box()
        assert seen is not None
        assert seen["x"] + seen["width"] <= 360
