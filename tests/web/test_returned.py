"""A form of the case page that is refused comes back open, with what was typed, and says at which field it is wrong."""

import re
from html import unescape

import pytest

from tests.web.conftest import Signed, Site, token_of
from tests.web.test_asking import consented


def sent(client, page: str, act: str, **fields: object):  # type: ignore[no-untyped-def]
    """Send a form of a case page with the token of the page."""
    return client.post(f"{page}/{act}", data={"csrf_token": token_of(client.get(page).text), **fields})


def form_at(page: str, place: str) -> str:
    """The details of a page in which the form of a place stands; it must stand open."""
    opened = re.search(
        rf'<details open>\s*<summary[^>]*>(?:(?!<details).)*?id="{place}-form".*?</form>', page, re.DOTALL
    )
    assert opened, f"the form {place} does not stand open"
    return unescape(opened[0])


DUE = {"due": "2026-03-05"}
REFUSED = [
    ("tasks", "add_task", "due", {"task": "Buy her shoes.", "agency": "ahtb", "due": "soon"}),
    ("referrals", "refer", "due", {"service": "shelter", "to": "sisau", "asked": "A bed.", "due": "soon"}),
    ("referrals", "refer", "consent", {"service": "shelter", "to": "sisau", "asked": "A bed.", "consent": "", **DUE}),
    ("hold", "hold", "reason_code", {"reason_code": "holiday", "reason": "Her nurse is away."}),
    ("stop", "stop", "reason", {"reason": ""}),
    ("note", "note", "note", {"note": ""}),
    ("hand-over", "hand_over", "to", {"to": "nobody"}),
    ("assign", "assign", "worker", {"worker": "a stranger"}),
]


@pytest.mark.parametrize(("act", "place", "field", "typed"), REFUSED)
def test_a_refused_form_keeps_what_was_typed_and_says_where_it_is_wrong(
    site: Site, signed: Signed, act: str, place: str, field: str, typed: dict[str, str]
) -> None:
    page = f"/cases/{site.number(site.person)}"
    answer = sent(signed("ahtb"), page, act, **typed)
    assert answer.status_code == 422
    shown = form_at(answer.text, place)
    assert f'<a href="#{place}-{field}">' in answer.text
    assert f'id="{place}-{field}"' in shown
    assert f'id="{place}-{field}-wrong"' in shown
    for value in ("Buy her shoes.", "A bed.", "Her nurse is away."):
        assert (value in shown) is (value in typed.values())
    if typed.get("due"):
        assert f'value="{typed["due"]}"' in shown
    if typed.get("service"):
        assert '<option value="shelter" selected>' in shown
        assert '<option value="sisau" selected>' in shown


def test_only_the_form_that_was_sent_stands_open(site: Site, signed: Signed) -> None:
    page = f"/cases/{site.number(site.person)}"
    client = signed("ahtb")
    before = client.get(page).text.count("<details open><summary>")
    after = sent(client, page, "tasks", task="Buy her shoes.", agency="ahtb", due="soon").text
    assert after.count("<details open><summary>") == before + 1
    assert after.count("Buy her shoes.") == 1


def test_a_consent_without_an_answer_keeps_how_it_was_given(site: Site, signed: Signed) -> None:
    page = f"/cases/{site.number(site.person)}"
    answer = sent(signed("ahtb"), page, "consent/medical_care", given_by="person", signed="voice", to="sisau")
    assert answer.status_code == 422
    assert '<a href="#consent-medical_care-form">' in answer.text
    shown = form_at(answer.text, "consent-medical_care")
    assert "agreed, refused or taken back" in shown
    assert '<option value="voice" selected>' in shown


def test_every_summary_leads_to_something_and_the_other_language_to_the_case(site: Site, signed: Signed) -> None:
    page = f"/cases/{site.number(site.person)}"
    answer = sent(signed("ahtb"), page, "tasks", task="Buy her shoes.", agency="ahtb", due="soon").text
    identities = re.findall(r' id="([^"]+)"', answer)
    assert len(identities) == len(set(identities))
    assert set(re.findall(r'<li><a href="#([^"]+)"', answer)) <= set(identities)
    assert f"back={page}" in unescape(answer)


def test_a_button_that_is_refused_says_so_on_the_page_of_the_case(site: Site, signed: Signed) -> None:
    page = f"/cases/{site.number(site.person)}"
    answer = sent(signed("ahtb"), page, "resume")
    assert answer.status_code == 422
    assert "The case is not on hold" in answer.text


def test_a_stop_is_not_released_without_a_reason_and_the_form_says_so(site: Site, signed: Signed) -> None:
    page = f"/cases/{site.number(site.person)}"
    assert sent(signed("ahtb"), page, "stop", reason="He knows where she is.").status_code == 302
    answer = sent(signed("ahtb-lead"), page, "release", reason=" ")
    assert answer.status_code == 422
    assert '<a href="#release-reason">' in answer.text
    assert 'id="release-reason-wrong"' in answer.text


def test_a_service_that_is_declined_without_a_reason_is_asked_for_it(site: Site, signed: Signed) -> None:
    number, consent, holder = consented(site)
    page = f"/cases/{number}"
    asked = {"service": "shelter", "to": "sisau", "consent": consent, "asked": "A bed.", **DUE}
    assert sent(signed(holder), page, "referrals", **asked).status_code == 302
    theirs = signed("sisau")
    key = re.search(rf"{page}/referrals/(\d+)", theirs.get(page).text)
    assert key is not None
    answer = sent(theirs, page, f"referrals/{key[1]}", answer="declined", reason_code="")
    assert answer.status_code == 422
    assert f'<a href="#answer_referral-{key[1]}-reason_code">' in answer.text
    assert f'id="answer_referral-{key[1]}-reason_code-wrong"' in form_at(answer.text, f"answer_referral-{key[1]}")


def test_whoever_has_nothing_to_do_with_the_case_gets_no_form_back(site: Site, signed: Signed) -> None:
    page = f"/cases/{site.number(site.person)}"
    client = signed("wcsc-jhapa")
    token = token_of(client.get("/").text)
    assert client.post(f"{page}/tasks", data={"csrf_token": token, "task": "x", "due": "soon"}).status_code == 404
