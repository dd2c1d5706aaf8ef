"""The pages of what is new and of what comes by e-mail, as a browser without scripts meets them."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sop_engine.case import commands as cmd
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.mail_choices import choices_of
from sop_engine.services.passing import run_once
from tests.support.notices import code, sent
from tests.support.world import PASSWORD
from tests.web.conftest import Signed, Site, token_of

DESK, POLICE = "wcsc-kathmandu", "ahtb"


def numbers(page: str) -> list[str]:
    return re.findall(r'class="num" href="/cases/([^"]+)"', page)


def bell(page: str) -> int:
    found = re.search(r'data-count="notices" data-n="\d+">(\d+)<', page)
    return int(found[1]) if found else 0


def post(client: FlaskClient, to: str, /, **fields: object) -> TestResponse:
    token = token_of(client.get("/me/notices").text)
    return client.post(to, data={"csrf_token": token, **fields}, follow_redirects=True)


def test_the_bell_of_every_page_counts_what_the_list_shows(site: Site, signed: Signed) -> None:
    run_once(site.world.inst)
    client = signed(DESK)
    page = client.get("/notices").text
    assert numbers(page) == [site.number(site.person)]
    assert "A case was offered to us" in page
    for address in ("/", "/search", "/procedures/", "/notices", "/me/notices", "/nothing/here"):
        assert bell(client.get(address).text) == 1
    assert client.get("/day/counts").get_json()["notices"] == 1
    site.world.play.accept(site.person)
    client = signed(DESK)
    assert "Nothing is new for you." in client.get("/notices").text
    assert bell(client.get("/").text) == client.get("/day/counts").get_json()["notices"] == 0


def test_nobody_reads_or_marks_the_notices_of_others(site: Site, signed: Signed) -> None:
    run_once(site.world.inst)
    desk, stranger = signed(DESK), signed("wcsc-jhapa")
    shown = desk.get("/notices").text
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', shown)[1] for name in ("number", "kind", "seq")}  # type: ignore[index]
    assert numbers(stranger.get("/notices").text) == []
    theirs, nowhere = (
        post(stranger, "/notices/read", **{**fields, "number": number}) for number in (fields["number"], "NP-2222-2222")
    )
    assert [theirs.status_code, theirs.text] == [nowhere.status_code, nowhere.text]
    assert bell(desk.get("/notices").text) == 1
    post(desk, "/notices/read", **fields)
    assert bell(desk.get("/notices").text) == 0
    assert bell(signed(f"{DESK}-lead").get("/notices").text) == 1


def test_news_is_read_page_by_page_newest_first_and_all_at_once(site: Site, signed: Signed) -> None:
    play = site.world.play
    actor = actor_of(play.cast.worker(POLICE))
    for _ in range(30):
        sent(site.world, site.person, cmd.Note(id=new_id(), actor=actor, to=[DESK]), {"note": "She telephoned."})
        site.world.clock.wait(minutes=1)
    run_once(site.world.inst)
    client = signed(DESK)
    first, second = client.get("/notices").text, client.get("/notices?page=2").text
    assert (len(numbers(first)), len(numbers(second))) == (25, 6)
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    seqs = [int(seq) for page in (first, second) for seq in re.findall(r'name="seq" value="(\d+)"', page)]
    assert seqs == sorted(seqs, reverse=True)
    until = re.search(r'name="until" value="([^"]+)"', first)
    assert until is not None
    site.world.clock.wait(minutes=1)
    sent(site.world, site.person, cmd.Note(id=new_id(), actor=actor, to=[DESK]), {"note": "She telephoned again."})
    run_once(site.world.inst)
    assert "Everything is marked as read." in post(client, "/notices/read-all", until=until[1]).text
    assert len(numbers(client.get("/notices").text)) == 1


@pytest.mark.parametrize("odd", ["", "x", "2026-03-02", "9999-12-31T23:59:59+00:00", "2026-03-02T04:00:00"])
def test_an_odd_moment_marks_nothing_that_comes_later(site: Site, signed: Signed, odd: str) -> None:
    assert post(signed(DESK), "/notices/read-all", until=odd).status_code == 200
    site.world.clock.wait(minutes=1)
    actor = actor_of(site.world.play.cast.worker(POLICE))
    sent(site.world, site.person, cmd.Note(id=new_id(), actor=actor, to=[DESK]), {"note": "She telephoned."})
    run_once(site.world.inst)
    assert bell(signed(DESK).get("/").text) > 0


def test_an_address_is_asked_for_proven_tested_and_deleted(site: Site, signed: Signed) -> None:
    client, desk = signed(DESK), site.world.play.cast.worker(DESK)
    unproven = post(client, "/me/notices/address", address="desk@mail.example", password="not hers")
    assert (unproven.status_code, 'href="#proof"' in unproven.text) == (422, True)
    wrong = post(client, "/me/notices/address", address="nobody", password=PASSWORD)
    assert wrong.status_code == 422
    assert 'href="#address"' in wrong.text
    assert 'value="nobody"' in wrong.text
    assert (
        "A code is on its way"
        in post(client, "/me/notices/address", address="desk@mail.example", password=PASSWORD).text
    )
    right = code(site.world, desk)
    refused = post(client, "/me/notices/code", code=str((int(right) + 1) % 1_000_000).zfill(6))
    assert refused.status_code == 422
    assert 'href="#code"' in refused.text
    assert "The address is yours" in post(client, "/me/notices/code", code=right).text
    assert "desk@mail.example" in client.get("/me/notices").text
    assert "desk@mail.example" not in signed(f"{DESK}-lead").get("/me/notices").text
    assert "A test e-mail is on its way" in post(client, "/me/notices/test").text
    assert "deleted" in post(client, "/me/notices/forget").text
    assert post(client, "/me/notices/test").status_code == 422
    assert post(client, "/me/notices/code", code=right).status_code == 422


def test_nothing_is_mailed_unless_it_is_chosen(site: Site, signed: Signed) -> None:
    client, desk = signed(DESK), site.world.play.cast.worker(DESK)
    page = client.get("/me/notices").text
    assert re.findall(r'id="([a-z_-]+)" name="[a-z]+" value="[a-z_]+" checked', page) == ["how-never", "language-en"]
    chosen = {"how": "daily", "hour": "7", "kinds": ["offered", "late"], "quiet": "yes", "quiet_from": "21"}
    assert "are kept" in post(client, "/me/notices", **chosen, quiet_to="6", language="ne").text
    one = choices_of(site.world.inst, desk).mailing
    assert (one.how, one.hour, one.quiet_from, one.quiet_to, one.language) == ("daily", 7, 21, 6, "ne")
    assert one.kinds == ("late", "offered")
    assert "are kept" in post(client, "/me/notices", how="never", hour="7").text
    assert choices_of(site.world.inst, desk).mailing.quiet_from is None


@pytest.mark.parametrize(
    "odd",
    [{"how": "hourly", "hour": "7"}, {"how": "daily", "hour": "24"}, {"how": "daily"},
     {"how": "daily", "hour": "7", "kinds": ["all"]}, {"how": "daily", "hour": "7", "quiet": "yes", "quiet_from": "x"}],
)  # fmt: skip
def test_what_stands_on_no_list_is_refused(site: Site, signed: Signed, odd: dict[str, object]) -> None:
    answer = post(signed(DESK), "/me/notices", **odd)
    assert answer.status_code == 422
    assert 'href="#how"' in answer.text
    assert choices_of(site.world.inst, site.world.play.cast.worker(DESK)).mailing.how == "never"
