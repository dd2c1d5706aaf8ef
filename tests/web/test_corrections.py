"""What a correction changed: in the history and on the page of the step, for those who may read the step."""

import re
from html import unescape

import pytest

from tests.web.conftest import Signed, Site, token_of
from tests.web.test_asking import consented, post
from tests.web.test_statements import counted

FIRST = "Nothing"
OLD = "A brown purse"
NEW = "A red bag"


def recorded(site: Site, client, *said: str) -> None:  # type: ignore[no-untyped-def]
    """Record what her belongings are, and correct it as often as something else is said."""
    step = f"/cases/{site.number(site.person)}/steps/belongings"
    for one in said:
        page = client.get(step).text
        data = {"csrf_token": token_of(page), "belongings_list": one}
        if 'name="corrects"' in page:
            data["corrects"] = "yes"
        assert client.post(step, data=data).status_code == 302


def changes(page: str) -> list[str]:
    """What a page says that corrections changed, newest first, as it is read."""
    found = re.findall(r'<ul class="plain-list"><li><span class="quiet">.*?</ul>', page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in found]


def test_the_history_and_the_step_say_each_answer_as_it_was_and_as_it_is(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.person)}"
    recorded(site, client, FIRST)
    assert changes(client.get(page).text) == []
    recorded(site, client, OLD, NEW)
    history = client.get(page).text.partition("What has happened")[2]
    assert history.count("was corrected") == 2
    assert f"{OLD} → changed to {NEW}" in changes(history)[0]
    assert f"{FIRST} → changed to {OLD}" in changes(history)[1]
    step = client.get(f"{page}/steps/belongings").text
    assert "What was corrected" in step
    assert changes(step) == changes(history)


def test_who_was_asked_for_a_service_reads_nothing_of_what_was_corrected(site: Site, signed: Signed) -> None:
    client, page = signed("ahtb"), f"/cases/{site.number(site.person)}"
    recorded(site, client, OLD, NEW)
    number, consent, _ = consented(site)
    asked = {"service": "shelter", "to": "sisau", "consent": consent, "due": "2026-03-05", "asked": "A bed."}
    assert "The service is asked for." in post(client, f"{page}/referrals", client.get(page).text, **asked).text
    theirs = signed("sisau").get(f"/cases/{number}")
    assert theirs.status_code == 200
    assert "A bed." in theirs.text
    assert NEW not in theirs.text
    assert changes(theirs.text) == []


def test_a_print_without_answers_says_nothing_of_what_was_corrected(site: Site, signed: Signed) -> None:
    client, number = signed("ahtb"), site.number(site.person)
    recorded(site, client, OLD, NEW)
    printed = client.get(f"/cases/{number}/print")
    assert printed.status_code == 200
    assert NEW not in printed.text


def test_a_page_takes_as_many_statements_with_many_corrections_as_with_one(
    site: Site, signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, page, found = signed("ahtb"), f"/cases/{site.number(site.person)}", []
    for said in (["None", "One"], ["Two", "Three", "Four"]):
        recorded(site, client, *said)
        client.get(page)
        with counted(site, monkeypatch) as sent:
            client.get(page)
        found.append(len(sent))
    assert found[0] == found[1]
