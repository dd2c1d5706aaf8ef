"""How a person reads is hers: kept with her account, the same on every device, and never part of what is typed back."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from sop_engine.services.dates import read_date
from tests.web.conftest import Signed, Site, enter, token_of
from web.layout import times
from web.layout.mistakes import mistakes

CHOSEN = {"language": "ne", "digits": "latn", "calendar": "ad"}


def choose(client: FlaskClient, **chosen: str) -> str:
    """Choose how to read; gives the page that comes then."""
    token = token_of(client.get("/me/reading").text)
    return client.post("/me/reading", data={"csrf_token": token, **chosen}, follow_redirects=True).text


def today(page: str) -> str:
    """Today as the page of the day says it."""
    return re.search(r'<span class="quiet">([^<]+)</span>', page)[1].replace("\u00a0", " ")  # type: ignore[index]


def test_what_was_chosen_is_found_on_another_device_on_each_database(either_site: Site) -> None:
    told = choose(enter(either_site, "ahtb"), **CHOSEN)
    assert '<html lang="ne"' in told
    assert "data-digits" not in told
    other = enter(either_site, "ahtb")
    page = other.get("/").text
    assert '<html lang="ne">' in page
    assert re.match(r"\S+ \d+ मार्च · \d+ \S+ 2082$", today(page))
    assert '<html lang="en">' in enter(either_site, "ahtb-lead").get("/").text


@pytest.mark.parametrize(
    ("chosen", "pattern"),
    [
        ({"language": "en"}, r"\w{3} \d+ Mar · \d+ \w+ 2082$"),
        ({"language": "en", "calendar": "bs"}, r"\w{3} \d+ \w+ 2082 · \d+ Mar$"),
        ({"language": "en", "digits": "deva"}, r"\w{3} [०-९]+ Mar · [०-९]+ \w+ २०८२$"),
        ({"language": "ne"}, r"\S+ [०-९]+ \S+ २०८२ · [०-९]+ मार्च$"),
        ({"language": "ne", "calendar": "ad"}, r"\S+ [०-९]+ मार्च · [०-९]+ \S+ २०८२$"),
    ],
    ids=str,
)
def test_digits_and_calendar_go_with_the_language_unless_they_are_chosen(
    signed: Signed, chosen: dict[str, str], pattern: str
) -> None:
    client = signed("ahtb")
    choose(client, **chosen)
    assert re.match(pattern, today(client.get("/").text))


def test_the_link_in_the_head_changes_this_device_until_one_signs_in_again(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    choose(client, language="ne")
    client.get("/language/en")
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="ne"' in enter(site, "ahtb").get("/").text


def test_the_link_works_before_one_signs_in(site: Site) -> None:
    client = site.app.test_client()
    client.get("/language/ne")
    assert '<html lang="ne" data-digits="deva">' in client.get("/sign-in").text


def test_what_nobody_offers_is_not_kept(signed: Signed) -> None:
    client = signed("ahtb")
    page = choose(client, language="fr", digits="<b>", calendar="julian")
    assert '<html lang="en">' in page
    assert 'value="en" checked' in page


def test_the_choice_is_for_those_who_signed_in(site: Site) -> None:
    assert site.app.test_client().get("/me/reading").status_code == 302


def test_a_case_number_is_read_in_either_digits(site: Site, signed: Signed) -> None:
    client, number = signed("ahtb"), site.number(site.person)
    choose(client, language="ne")
    page = client.get("/").text
    assert number in client.get(f"/cases/{number}").text
    typed = number.translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    answer = client.post("/search", data={"csrf_token": token_of(page), "typed": typed})
    assert answer.headers["Location"].endswith(f"/cases/{number}")


def test_a_date_in_her_calendar_is_understood_and_shown_in_both(site: Site, signed: Signed) -> None:
    client = signed("ahtb")
    address = f"/cases/{site.number(site.person)}/steps/to_safe_place"
    step = client.get(address).text
    name = re.search(r'data-understood="([a-z_.0-9]+)"', step)
    assert name is not None, "the step asks for no date"
    choose(client, language="ne")
    sent = {"csrf_token": token_of(step), "seen": "9", "name": name[1], f"f.{name[1]}": "२०८२/११/१८ १०:३०"}
    kept = client.post(f"{address}/draft", data=sent).get_json()
    assert kept["understood"][name[1]].replace("\u00a0", " ").startswith("सोम १८ फागुन २०८२ · २ मार्च २०२६, १०:३०")
    assert kept["understood"][name[1]] in client.get(address).text


def test_a_period_is_named_in_the_address_and_stays_in_it(signed: Signed) -> None:
    client = signed("mowcsc")
    page = client.get("/review/?period=bs-2082-11").text
    assert "<strong>Falgun\u00a02082</strong>" in page
    days = "Fri 13 Feb 2026 · 1 Falgun 2082 – Sat 14 Mar 2026 · 30 Falgun 2082"
    assert days in page.replace("\u00a0", " ")
    inner = re.search(r'href="(/review/cases/opened[^"]*)"', page)[1].replace("&amp;", "&")  # type: ignore[index]
    assert "period=bs-2082-11" in inner
    opened = client.get(inner).text
    assert "<strong>Falgun\u00a02082</strong>" in opened
    assert "period=bs-2082-11" in re.search(r'href="(/review/\?[^"]*)"', opened)[1]  # type: ignore[index]
    assert "NP-" in opened


def test_a_period_is_told_from_day_to_day_in_either_calendar(signed: Signed) -> None:
    client = signed("mowcsc")
    a = client.get("/review/", query_string={"from": "2026-03-01", "to": "2026-03-31"}).text
    b = client.get("/review/", query_string={"from": "BS 2082-11-17", "to": "BS 2082-12-17"}).text
    choose(client, language="en", calendar="bs")
    c = client.get("/review/", query_string={"from": "२०८२-११-१७", "to": "2082/12/17"}).text
    days = re.compile(r"Sun 1\u00a0Mar\u00a02026 · 17\u00a0Falgun\u00a02082 – Tue 31\u00a0Mar\u00a02026")
    assert days.search(a)
    assert days.search(b)
    assert "Sun 17\u00a0Falgun\u00a02082 · 1\u00a0Mar\u00a02026 – Tue 17\u00a0Chaitra\u00a02082" in c


@pytest.mark.parametrize("asked", [{"period": "fy-1"}, {"from": "2082-11-17"}, {"to": "BS 2082-13-01"}], ids=str)
def test_a_period_that_cannot_be_read_is_said_so(signed: Signed, asked: dict[str, str]) -> None:
    page = signed("mowcsc").get("/review/", query_string=asked).text
    assert 'class="note late" role="alert"' in page


@pytest.mark.parametrize(
    ("vague", "past", "typed"),
    [
        (False, False, "tomorrow"), (True, True, "tomorrow"), (False, False, "BS 2083-08-32"),
        (False, False, "2026-02-30"),
        (True, True, "2045-01-01"), (True, True, "2027-01-01"), (True, True, "1850"), (False, False, "2083-08-08"),
        (False, False, "3000-01-01"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_date_is_said_in_nepali(site: Site, vague: bool, past: bool, typed: str) -> None:
    with pytest.raises(ValueError, match="'") as problem:
        read_date(typed, vague, date(2026, 3, 2), past)
    with site.app.test_request_context("/", headers={"Cookie": "language=ne"}):
        (said,) = mistakes(None, str(problem.value), "ne")
    assert not re.search(r"[A-Za-z]{3}", said.replace(typed, ""))
    assert not re.search(r"[0-9]", said)


def test_a_date_is_named_in_both_languages() -> None:
    for english, nepali in ((times.MONTHS, times.MONTHS_NE), (times.MONTHS_BS, times.MONTHS_BS_NE)):
        assert len(set(english)) == len(set(nepali)) == 12
    assert len(set(times.DAYS)) == len(set(times.DAYS_NE)) == 7
