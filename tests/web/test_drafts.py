"""A session that ends while somebody types: the words come back to whoever typed them, and to nobody else."""

import re
from html import unescape

from flask.testing import FlaskClient

from tests.support.world import PASSWORD
from tests.web.conftest import Signed, Site, token_of

WORDS = "Two bags, one of them torn."


def late(site: Site, client: FlaskClient) -> str:
    """The page that answers a form sent after the session has ended."""
    address = f"/cases/{site.number(site.person)}/steps/belongings"
    page = client.get(address).text
    by = re.search(r'name="by" value="([^"]+)"', page)
    assert by is not None
    site.world.clock.wait(minutes=20)
    fields = {"csrf_token": token_of(page), "by": by[1], "belongings_list": WORDS}
    answer = client.post(address, data=fields)
    assert answer.status_code == 401
    return answer.text


def signed_in_again(client: FlaskClient, page: str, name: str) -> str:
    draft = re.search(r'name="draft" value="([^"]+)"', page)
    assert draft is not None
    fields = {"csrf_token": token_of(page), "name": name, "password": PASSWORD, "draft": draft[1], "later": ""}
    return client.post("/sign-in", data=fields).text


def test_what_was_typed_comes_back_after_signing_in_again(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    page = signed_in_again(client, late(site, client), "ahtb")
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    address = re.search(r'action="(/cases/[^"]+/steps/belongings)"', page)
    assert address is not None
    assert client.post(address[1], data={name: unescape(value) for name, value in fields.items()}).status_code == 302
    assert WORDS in client.get(address[1]).text


def test_the_sign_in_page_shows_nothing_of_what_was_typed(site: Site, signed: Signed) -> None:
    page = late(site, signed("ahtb"))
    assert WORDS not in page
    assert site.number(site.person) not in page


def test_a_colleague_who_signs_in_instead_gets_nothing_of_it(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    page = signed_in_again(client, late(site, client), "ahtb-lead")
    assert WORDS not in page


def test_a_form_from_elsewhere_is_never_kept(site: Site, signed: Signed) -> None:
    client = site.app.test_client()
    answer = client.post("/cases/x/steps/y", data={"by": "somebody", "csrf_token": "made up", "z": WORDS})
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")
