"""Whatever is typed or sent, the answer is a page: never a fault, never a traceback."""

import random
from pathlib import Path

import pytest

from tests.web.conftest import Signed, Site, enter, removed

GARBAGE = (
    "", "\0", "\u202e\u200b", "x" * 20_000, "-1", "99999999999999999999", "0x1F",
    "'; DROP TABLE journal; --", "{{7*7}}", "<svg onload=alert(1)>", "2082-13-45", "BS 2082-12-33",
    "9999-99-99T99:99", "age:200@2026-01-01", "../../etc/passwd", "\U0001f600" * 50, "नेपाल", "null", "[]",
    "%00", "a" * 33, "1e309", "NaN",
)  # fmt: skip
SIGN_INS = ("ahtb", "ahtb-lead", "wcsc-kathmandu", "mowcsc", "wcsc-jhapa", "admin")


def posting(site: Site) -> list[str]:
    """Every address that takes a form, with real and with made-up names in it."""
    numbers = [site.number(site.person), site.number(site.operation), "NP-2222-2222", "x" * 300]
    names = [
        "to_safe_place",
        "belongings",
        "to_safety",
        "medical_care",
        "headcount",
        "nothing",
        "rescue-person",
        "\u202e",
    ]
    found = []
    for rule in (one for one in site.app.url_map.iter_rules() if not one.endpoint.startswith("api-")):
        if "POST" not in (rule.methods or ()) or rule.endpoint in ("sign_in.out",):
            continue
        for number in numbers:
            for name in names if "name" in rule.arguments else names[:1]:
                given = {"number": number, "name": name, "document": "x", "key": "y", "task": "7", "referral": "9"}
                given["token"] = given["factor"] = given["change"] = name
                given |= {"spoken": "en", "person": site.world.play.cast.lead("utis").id, "code": "wcsc-jhapa"}
                with site.app.test_request_context():
                    adapter = site.app.url_map.bind("localhost")
                    found.append(
                        adapter.build(rule.endpoint, {a: given.get(a, name) for a in rule.arguments}, method="POST")
                    )
    return sorted(set(found))


FIELDS = (
    "exit", "to", "reason", "reason_code", "seen", "command", "what", "note", "state", "worker", "given_by",
    "happened", "place_found", "left_at", "arrived_at", "safe_place_kind", "escorted_by_woman", "belongings_list",
    "people.0.token", "people.999.token", "people.0.looks_like", "women_counted", "rows", "more_rows", "later",
    "corrects", "override", "kept", "part.shelter", "number", "name", "due", "agency", "service", "consent",
    "asked", "task", "answer", "how", "shelf", "f.place_found", "sop", "stage", "password", "assent", "signed",
    "sheet", "purpose", "copies", "language", "case", "also",
    "typed", "status", "sop", "district", "screened", "anyway", "phone", "birth", "code", "wanted", "again", "draft",
    "sign_in", "shown_as", "role", "before", "title_en", "title_ne", "short_en", "short_ne", "acts_here",
)  # fmt: skip


@pytest.mark.parametrize("sign_in", [*SIGN_INS[:3], "admin"])
def test_garbage_in_any_form_gets_a_page(site: Site, sign_in: str) -> None:
    _garbage_in_any_form(site, sign_in)


@pytest.mark.slow
def test_garbage_in_any_form_gets_a_page_with_postgresql_behind_it(tmp_path: Path) -> None:
    _garbage_in_any_form(removed(tmp_path, "postgresql"), SIGN_INS[0])


def _garbage_in_any_form(site: Site, sign_in: str) -> None:
    client = enter(site, sign_in)
    site.app.config["WTF_CSRF_ENABLED"] = False
    chance = random.Random(sign_in)
    for address in posting(site):
        data = {field: chance.choice(GARBAGE) for field in FIELDS if chance.random() < 0.6}
        answer = client.post(address, data=data)
        assert answer.status_code < 500, (address, data)
        assert b"Traceback" not in answer.data
        if answer.status_code == 302 and "sign-in" in answer.location:
            client = enter(site, sign_in)


@pytest.mark.parametrize("sign_in", SIGN_INS)
def test_garbage_in_any_address_gets_a_page(site: Site, signed: Signed, sign_in: str) -> None:
    client = signed(sign_in)
    chance = random.Random(sign_in)
    words = [word.replace("\0", "%00").replace("/", "%2F") or "x" for word in GARBAGE if len(word) < 500]
    for _ in range(150):
        path = "/".join(
            chance.choice(
                ["cases", "steps", "way", "procedures", "review", "admin", "people", site.number(site.person), *words]
            )
            for _ in range(chance.randint(1, 4))
        )
        query = {
            chance.choice(["sop", "from", "to", "number", "rows", "later", "narrow", "agency", "page"]): chance.choice(
                GARBAGE
            )
        }
        answer = client.get(f"/{path}", query_string=query)
        assert answer.status_code < 500, (path, query)
