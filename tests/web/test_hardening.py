"""What a browser, a proxy or a hostile program may try at any address: cookies, methods, headers, sealed text."""

import dataclasses
import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import waitress
from flask.testing import FlaskClient
from sqlalchemy import func, select

from sop_engine.case import commands as cmd
from sop_engine.cli.running import IN_MEMORY, MANY
from sop_engine.services.installation import actor_of, new_id
from sop_engine.store import tables
from sop_engine.store.database import looking
from tests.support.world import PASSWORD
from tests.web.conftest import Signed, Site, enter, token_of
from tests.web.test_door import addresses
from web import create_app
from web.guard import STATIC
from web.layout.sealed import DAY, FORM, _box, seal, unseal

YEAR = 31_536_000
# Rows that looking at a page may write: that it was looked at.
LOOKS = frozenset({"reading"})


@pytest.fixture
def encrypted(site: Site) -> Site:
    """The site as it stands behind https."""
    settings = dataclasses.replace(site.world.settings, secure_cookies=True)
    return dataclasses.replace(site, app=create_app(site.world.inst, settings))


def signed_in(site: Site) -> tuple[FlaskClient, list[str]]:
    """Somebody who signed in and chose a language behind https, and every cookie that was set on the way."""
    client = site.app.test_client()
    first = client.get("/sign-in")
    form = {"csrf_token": token_of(first.text), "name": "ahtb", "password": PASSWORD}
    answers = [first, client.post("/sign-in", data=form), client.get("/language/ne?back=/")]
    return client, [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]


def test_behind_https_every_cookie_says_so_in_its_name_and_is_for_no_script(encrypted: Site) -> None:
    client, cookies = signed_in(encrypted)
    assert {one.split("=")[0] for one in cookies} == {
        "__Host-sop", "__Host-sop-form", "__Host-sop-half", "__Host-sop-begun", "__Host-sop-device", "__Host-language",
    }  # fmt: skip
    for one in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in one.split(";")}, one
        assert "Domain" not in one
    assert 'lang="ne"' in client.get("/").text


def test_behind_https_every_answer_tells_browsers_to_stay_there(encrypted: Site) -> None:
    client, _ = signed_in(encrypted)
    asked = ["/", "/nothing", "/look/look.css", "/look/nothing.css", "/api/v1/me", "/api/v1/openapi.json", "/alive"]
    for answer in [client.get(one) for one in asked] + [client.get("/", base_url="http://elsewhere.example")]:
        assert answer.headers["Strict-Transport-Security"] == f"max-age={YEAR}; includeSubDomains"


def test_every_answer_of_every_address_has_its_type_and_the_safe_headers(site: Site, signed: Signed) -> None:
    client, stranger = signed("ahtb"), site.app.test_client()
    for _, method, address in addresses(site):
        if address.startswith(("/leave", "/sign-out")):
            continue
        for one in (client, stranger):
            for answer in (one.open(address, method=method), one.options(address), one.head(address)):
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy, address
                assert "frame-ancestors 'none'" in policy, address
                assert answer.headers["X-Content-Type-Options"] == "nosniff", address
                assert "Access-Control-Allow-Origin" not in answer.headers
                if answer.content_type.startswith("text/"):
                    assert "charset=utf-8" in answer.content_type, address


def test_no_script_or_style_stands_in_a_page(signed: Signed, site: Site) -> None:
    client, number = signed("ahtb"), site.number(site.person)
    for address in ("/", f"/cases/{number}", f"/cases/{number}/steps/to_safe_place", "/me/reading", "/find"):
        page = client.get(address).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", page), address


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "CONNECT"])
def test_a_stranger_learns_by_no_method_which_addresses_there_are(site: Site, method: str) -> None:
    client = site.app.test_client()
    there, nowhere = (client.open(one, method=method) for one in ("/review/", "/nothing/here"))
    assert (there.status_code, there.data.replace(b"review%2F", b""), there.headers.get("Allow")) == (
        nowhere.status_code, nowhere.data.replace(b"nothing%2Fhere", b""), None,
    )  # fmt: skip
    api = [client.open(f"/api/v1/{one}", method=method) for one in ("cases", "nothing")]
    assert [one.status_code for one in api] == [401, 401]
    assert api[0].data == api[1].data


def test_trace_gives_nothing_back(site: Site, signed: Signed) -> None:
    answer = signed("ahtb").open("/", method="TRACE", headers={"X-Told": "canary"})
    assert answer.status_code == 404
    assert b"canary" not in answer.data


def test_folders_are_not_listed(signed: Signed) -> None:
    client = signed("ahtb")
    for address in ("/look/", "/look", "/static/", "/look/../", "/look/%2e%2e/__init__.py", "/static/bootstrap/"):
        assert client.get(address).status_code == 404, address


def test_what_a_proxy_might_say_is_not_believed(site: Site) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example", "X-Original-URL": "/review/",
        "X-Rewrite-URL": "/review/", "X-HTTP-Method-Override": "DELETE",
    }  # fmt: skip
    client = site.app.test_client()
    plain, told = client.get("/cases/open"), client.get("/cases/open", headers=forged)
    assert (plain.status_code, plain.location) == (told.status_code, told.location)
    assert "evil" not in str(told.headers) + told.text


def test_an_address_is_decoded_once(site: Site, signed: Signed) -> None:
    client, number = signed("ahtb"), site.number(site.person)
    assert client.get(f"/cases/{number.replace('-', '%2D')}").status_code == 200
    assert client.get(f"/cases/{number.replace('-', '%252D')}").status_code == 404


def test_reading_pages_records_nothing(site: Site, signed: Signed) -> None:
    client = signed("ahtb")

    def rows() -> dict[str, int]:
        with looking(site.world.inst.engine) as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in tables.metadata.tables.items()
                if name not in LOOKS
            }

    before = rows()
    for _, method, address in addresses(site):
        if method == "GET" and not address.startswith("/leave"):
            client.get(address)
    assert rows() == before


def test_text_that_was_sealed_is_refused_when_it_is_altered_old_or_of_another_purpose(site: Site) -> None:
    client = enter(site, "ahtb")
    cookie = client.get_cookie("sop-form")
    assert cookie is not None
    with site.app.test_request_context():
        whole = seal({"by": "x"})
        assert unseal(whole) == {"by": "x"}
        assert unseal(whole[:-3] + ("AAA" if whole[-3:] != "AAA" else "BBB")) is None
        assert unseal(cookie.value) is None
        box = _box(site.app, FORM)
        now = box.extract_timestamp(whole.encode())
        assert unseal(box.encrypt_at_time(b'{"by": "x"}', now - DAY - 60).decode()) is None
    form = {"csrf_token": token_of(site.app.test_client().get("/sign-in").text), "name": "ahtb", "password": PASSWORD}
    page = client.get("/me/reading").text
    answer = client.post("/sign-in", data={**form, "csrf_token": token_of(page), "draft": cookie.value})
    assert (answer.status_code, answer.location) == (302, "/")


def test_letters_that_are_not_seen_stand_by_their_number_in_what_was_said(site: Site, signed: Signed) -> None:
    play, said = site.world.play, "Maya\u202eavaS\u200b\u2066 काठ\u200dमा\nsecond line"
    play.record(site.person, "belongings", belongings_list=said)
    play.accept(site.person)
    shown = signed("wcsc-kathmandu").get(f"/cases/{site.number(site.person)}/steps/belongings").text
    assert "Maya[U+202E]avaS[U+200B][U+2066] काठ\u200dमा\nsecond line" in shown
    assert "\u202e" not in shown


def test_a_note_cannot_turn_what_stands_beside_it_around(site: Site, signed: Signed) -> None:
    actor = actor_of(site.world.play.cast.worker("ahtb"))
    said = {"note": "Ask \u202eayaM\u202c\u2060 tomorrow"}
    site.world.play.send(site.operation, cmd.Note(id=new_id(), actor=actor), said)
    page = signed("ahtb").get(f"/cases/{site.number(site.operation)}").text
    assert "Ask [U+202E]ayaM[U+202C][U+2060] tomorrow" in page
    assert "\u202e" not in page


@pytest.fixture
def served(site: Site) -> Iterator[tuple[str, int]]:
    """The site behind the real server."""
    server = waitress.create_server(site.app, host="127.0.0.1", port=0, threads=2, ident=None, **IN_MEMORY, **MANY)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield "127.0.0.1", server.effective_port
    server.close()
    thread.join(timeout=10)


def raw(served: tuple[str, int], request: bytes) -> bytes:
    """What the server answers to bytes, until it ends the connection or is silent."""
    found = b""
    with socket.create_connection(served, timeout=5) as line:
        line.settimeout(2)
        line.sendall(request)
        try:
            while piece := line.recv(65_536):
                found += piece
        except TimeoutError:
            pass
    return found


def test_who_sends_slowly_over_many_connections_keeps_nobody_out(served: tuple[str, int]) -> None:
    begun = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\na"
    with ExitStack() as held:
        for _ in range(150):
            held.enter_context(socket.create_connection(served, timeout=5)).sendall(begun)
        assert raw(served, b"GET /alive HTTP/1.1\r\nHost: localhost\r\n\r\n").endswith(b"alive")


HIDDEN = b"0\r\n\r\nGET /alive HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [b"Content-Length: 4\r\nContent-Length: 70",
     b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding : chunked", b"Content-Length: +4",
     b"Transfer-Encoding: xchunked"],
)  # fmt: skip
def test_a_request_whose_end_is_not_clear_smuggles_no_second_one(served: tuple[str, int], headers: bytes) -> None:
    answers = raw(served, b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n\r\n" + HIDDEN)
    assert b"\r\n\r\nalive" not in answers
    assert answers.count(b"HTTP/1.1 ") <= 1


def test_where_a_length_and_chunks_are_told_the_chunks_count(served: tuple[str, int]) -> None:
    both = b"Content-Length: 90\r\nTransfer-Encoding: chunked\r\n\r\n"
    answers = raw(served, b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + both + HIDDEN)
    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.endswith(b"\r\n\r\nalive")


def test_the_server_does_not_say_what_it_is(served: tuple[str, int]) -> None:
    connection = http.client.HTTPConnection(*served, timeout=5)
    connection.request("GET", "/alive", headers={"Host": "localhost"})
    answer = connection.getresponse()
    assert answer.read() == b"alive"
    assert answer.getheader("Server") is None


def test_signing_out_and_the_quick_way_out_clear_the_browser(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    left = client.post("/sign-out", data={"csrf_token": token_of(client.get("/").text)})
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    gone = signed("ahtb").get("/leave")
    assert gone.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert urlsplit(gone.location).hostname == "www.gorkhapatraonline.com"


def test_a_password_is_hidden_while_it_is_typed_and_may_come_from_a_manager(site: Site, signed: Signed) -> None:
    for page in (site.app.test_client().get("/sign-in").text, signed("ahtb").get("/me/tokens").text):
        [field] = re.findall(r'<input[^>]*name="password"[^>]*>', page)
        assert 'type="password"' in field
        assert 'autocomplete="current-password"' in field
        assert "maxlength" not in field
        assert "readonly" not in field


def test_every_page_has_the_way_out(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    for endpoint, method, address in addresses(site):
        if method == "GET" and endpoint not in STATIC and not address.startswith(("/leave", "/request")):
            answer = client.get(address)
            # A print is a sheet of paper.
            if address.endswith("/print"):
                continue
            if answer.content_type.startswith("text/html") and answer.status_code != 302 and "<h1" in answer.text:
                # A person's own view has no account to sign out of: its way out is the quick one.
                way = "/leave" if address.startswith("/s/") else 'action="/sign-out"'
                assert way in answer.text, address


@pytest.mark.parametrize("said", ["cross-site", "same-site", "none"])
def test_a_form_that_another_site_sends_is_refused_also_with_a_token(site: Site, signed: Signed, said: str) -> None:
    client, address = signed("ahtb"), f"/cases/{site.number(site.operation)}"
    data = {"csrf_token": token_of(client.get(address).text), "note": "Sent from elsewhere", "command": new_id()}
    assert client.post(f"{address}/note", data=data, headers={"Sec-Fetch-Site": said}).status_code == 400
    assert "Sent from elsewhere" not in client.get(address).text
    client.post(f"{address}/note", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert "Sent from elsewhere" in client.get(address).text


def test_a_form_that_somebody_else_opened_in_this_browser_is_refused(site: Site, signed: Signed) -> None:
    client, address = signed("ahtb"), f"/cases/{site.number(site.operation)}"
    token = token_of(client.get(address).text)
    others = {"csrf_token": token, "note": "By another hand", "command": new_id()}
    lead = site.world.play.cast.lead("ahtb").id
    assert client.post(f"{address}/note", data={**others, "by": lead}).status_code == 400
    assert "By another hand" not in client.get(address).text
