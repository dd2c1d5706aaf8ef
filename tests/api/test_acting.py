"""Acting by the API: once for each key, on the state that was seen, by the rules of the pages."""

import io
from datetime import timedelta

import pytest

from tests.api.conftest import Programs, program
from tests.support.files import drawing
from tests.web.conftest import Site, enter


@pytest.fixture
def offered(site: Site) -> str:
    """The number of a case that is offered to the women's desk."""
    return site.number(site.person)


def test_a_request_with_a_key_acts_once(either_site: Site) -> None:
    desk, number = program(either_site, "wcsc-kathmandu"), either_site.number(either_site.person)
    key = {"Idempotency-Key": "accept-0001"}
    first = desk.post(f"/cases/{number}/accept", headers=key)
    assert (first.status_code, first.json["events"]) == (200, ["entered"])
    seq = either_site.world.play.case(either_site.person).seq
    again = desk.post(f"/cases/{number}/accept", headers=key)
    assert (again.status_code, again.json["events"], again.json["holder"]) == (200, [], "wcsc-kathmandu")
    assert either_site.world.play.case(either_site.person).seq == seq


def test_a_key_that_was_sent_with_something_else_is_refused(programs: Programs, offered: str) -> None:
    desk, key = programs("wcsc-kathmandu"), {"Idempotency-Key": "note-000001"}
    desk.post(f"/cases/{offered}/accept")
    sent = {"sentence": "She wants tea."}
    assert desk.post(f"/cases/{offered}/notes", sent, headers=key).status_code == 200
    other = desk.post(f"/cases/{offered}/notes", {"sentence": "She wants coffee."}, headers=key)
    assert (other.status_code, other.json["rule"]) == (422, "key_used")
    told = [line["said"] for line in desk.get(f"/cases/{offered}/history").json["lines"]]
    assert "She wants tea." in told
    assert "She wants coffee." not in told


def test_a_key_of_somebody_else_is_another_key(programs: Programs, offered: str) -> None:
    key = {"Idempotency-Key": "the-same-key"}
    desk, bureau = programs("wcsc-kathmandu"), programs("ahtb")
    assert desk.post(f"/cases/{offered}/accept", headers=key).status_code == 200
    assert bureau.post(f"/cases/{offered}/notes", {"sentence": "Thank you."}, headers=key).status_code == 200


@pytest.mark.parametrize("key", ["short", "with a space", "x" * 129])
def test_a_key_that_is_none_is_refused(programs: Programs, offered: str, key: str) -> None:
    answer = programs("wcsc-kathmandu").post(f"/cases/{offered}/accept", headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["rule"]) == (422, "idempotency_key")


def test_nothing_is_done_on_a_state_that_has_changed(site: Site, programs: Programs, offered: str) -> None:
    desk = programs("wcsc-kathmandu")
    read = desk.get(f"/cases/{offered}")
    old = {"If-Match": read.headers["ETag"]}
    programs("ahtb").post(f"/cases/{offered}/notes", {"sentence": "Something happens meanwhile."})
    refused = desk.post(f"/cases/{offered}/accept", headers=old)
    assert refused.status_code == 412
    assert site.world.play.case(site.person).holder == "ahtb"
    new = {"If-Match": desk.get(f"/cases/{offered}").headers["ETag"], "Idempotency-Key": "accept-0002"}
    done = desk.post(f"/cases/{offered}/accept", headers=new)
    assert done.status_code == 200
    assert done.headers["ETag"] == f'"{done.json["seq"]}"'
    # Sent again because the answer was lost, it is not refused for its own doing.
    assert desk.post(f"/cases/{offered}/accept", headers=new).status_code == 200


def test_a_refusal_names_the_rule_and_what_would_meet_it(site: Site, programs: Programs, offered: str) -> None:
    desk = programs("wcsc-kathmandu")
    desk.post(f"/cases/{offered}/accept")
    told = desk.get(f"/cases/{offered}/ways/sort_done").json
    body = {"confirmed": [rule["place"] for rule in told["rules"]]}
    refused = desk.post(f"/cases/{offered}/ways/sort_done", body)
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    problem = refused.json
    assert problem["type"] == f"urn:sop-engine:{problem['rule']}"
    assert problem["detail"] not in ("", problem["detail_ne"])
    assert {one["step"] for one in problem["unmet"]} >= {"part"}


def test_rules_that_no_program_checks_are_confirmed_here_too(site: Site, programs: Programs, offered: str) -> None:
    desk = programs("wcsc-kathmandu")
    desk.post(f"/cases/{offered}/accept")
    rules = desk.get(f"/cases/{offered}/ways/sort_done").json["rules"]
    if rules:
        assert desk.post(f"/cases/{offered}/ways/sort_done").json["rule"] == "unconfirmed"


def test_wrong_answers_are_told_by_field_and_nothing_is_kept(site: Site, programs: Programs, offered: str) -> None:
    desk = programs("wcsc-kathmandu")
    desk.post(f"/cases/{offered}/accept")
    seq = site.world.play.case(site.person).seq
    refused = desk.post(f"/cases/{offered}/steps/age", {"answers": {"birth_date": "soon", "colour": "red"}})
    assert (refused.status_code, refused.json["rule"]) == (422, "wrong_answers")
    assert {"birth_date", "colour", "age_basis"} <= set(refused.json["fields"])
    assert site.world.play.case(site.person).seq == seq


def test_a_step_recorded_here_is_read_on_the_pages_and_the_other_way_round(
    site: Site, programs: Programs, offered: str
) -> None:
    desk = programs("wcsc-kathmandu")
    desk.post(f"/cases/{offered}/accept")
    form = desk.get(f"/cases/{offered}/steps/age").json["form"]["properties"]
    assert form["sex"]["x-title-ne"]
    answers = {"birth_date": "BS २०५५-०२-०३", "age_basis": "document", "sex": "female"}
    answers = {name: value for name, value in answers.items() if name in form}
    assert desk.post(f"/cases/{offered}/steps/age", {"answers": answers, "later": True}).status_code == 200
    assert desk.get(f"/cases/{offered}/steps/age").json["answers"]["birth_date"] == "1998-05-17"


def test_what_is_still_to_come_has_not_happened(site: Site, programs: Programs, offered: str) -> None:
    desk, now = programs("wcsc-kathmandu"), site.world.clock()
    said = {"sentence": "She ate.", "happened": "2099-01-01T00:00:00+00:00"}
    refused = desk.post(f"/cases/{offered}/notes", said)
    assert (refused.status_code, refused.json["rule"]) == (409, "to_come")
    assert "She ate." not in str(desk.get(f"/cases/{offered}/history").json)
    ahead = (now + timedelta(minutes=2)).isoformat()
    assert desk.post(f"/cases/{offered}/notes", said | {"happened": ahead}).status_code == 200, "another clock"


def test_a_draft_that_a_program_keeps_is_in_the_form_of_the_page(site: Site, programs: Programs, offered: str) -> None:
    desk = programs("wcsc-kathmandu")
    desk.post(f"/cases/{offered}/accept")
    fields = {"birth_date": ["1998"], **{f"no_field_{number}": ["x"] for number in range(200)}}
    kept = desk.put(f"/cases/{offered}/steps/age/draft", {"fields": fields})
    assert kept.status_code == 200
    draft = desk.get(f"/cases/{offered}/steps/age").json["draft"]
    assert draft["fields"] == {"birth_date": ["1998"]}, "what the form does not ask for is left out"
    assert 'value="1998"' in enter(site, "wcsc-kathmandu").get(f"/cases/{offered}/steps/age").text
    assert desk._sent("DELETE", f"/cases/{offered}/steps/age/draft").status_code == 204
    assert desk.get(f"/cases/{offered}/steps/age").json["draft"] is None


def test_a_file_is_sent_once_read_whole_and_looked_at(site: Site, programs: Programs) -> None:
    bureau, number = programs("ahtb"), site.number(site.operation)
    address, key = f"/cases/{number}/steps/things/papers/seizure_list/files", {"Idempotency-Key": "file-0001"}
    for _ in range(2):
        sent = {"file": (io.BytesIO(drawing()), "list.png")}
        answer = bureau._sent("POST", address, data=sent, headers=key)
        assert answer.status_code == 200, answer.text
    files = bureau.get(f"/cases/{number}/steps/things").json["files"]
    assert [one["media"] for one in files] == ["image/png"] or [one["media"] for one in files] == ["image/jpeg"]
    whole = bureau.get(f"/cases/{number}/files/{files[0]['id']}")
    assert whole.headers["Content-Disposition"].startswith("attachment")
    look = bureau.get(f"/cases/{number}/files/{files[0]['id']}/look")
    assert look.content_type == "image/jpeg"
    refused = bureau._sent("POST", address, data={"file": (io.BytesIO(b"MZ\x90"), "list.exe")})
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")


def test_opening_asks_first_whether_she_is_known(programs: Programs) -> None:
    desk = programs("wcsc-banke")
    body = {
        "sop": "smuggling-referral",
        "entry": "encounter",
        "known": {"name": "Sita Chaudhary", "birth": "1998-05-17"},
    }
    first = desk.post("/cases", body)
    assert first.status_code == 201
    again = desk.post("/cases", {**body, "known": {"name": "सीता चौधरी", "birth": "1998-05-17"}})
    assert (again.status_code, again.json["rule"]) == (409, "may_be_known")
    assert [hit["number"] for hit in again.json["hits"]] == [first.json["number"]]
    assert desk.post("/cases", {**body, "anyway": True}).status_code == 201
    wrong = desk.post("/cases", {**body, "known": {"birth": "soon"}})
    assert (wrong.status_code, set(wrong.json["fields"])) == (422, {"birth"})


def test_all_cases_come_page_after_page_each_once(site: Site, programs: Programs) -> None:
    for _ in range(7):
        site.world.play.open("rescue-operation", "intel", "ahtb")
    bureau, seen, cursor = programs("ahtb"), [], None
    while True:
        page = bureau.get("/cases?limit=4" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [one["number"] for one in page["cases"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 19
    assert bureau.get("/cases?sop=rescue-operation&stage=intel").json["cases"][0]["stage"] == "intel"
    assert programs("wcsc-jhapa").get("/cases?status=all").json["cases"] == []
    for bad in ("!!", "bnVsbA", "LTE", "IngiCg"):
        assert bureau.get(f"/day/late?cursor={bad}").status_code == 422


def test_many_are_moved_only_when_they_were_counted(site: Site, programs: Programs) -> None:
    bureau = programs("ahtb")
    numbers = [one["number"] for one in bureau.get(f"/cases/{site.number(site.operation)}").json["children"]][:3]
    body = {"numbers": numbers, "what": "hand_over", "to": "ahtb"}
    assert bureau.post("/together/acts", body).json["rule"] == "counted"
    done = bureau.post("/together/acts", {**body, "counted": 3})
    assert done.status_code == 200
    assert [one["number"] for one in done.json["each"]] == numbers


def test_a_case_and_its_forms_are_printed(programs: Programs, offered: str) -> None:
    desk = programs("wcsc-kathmandu")
    desk.post(f"/cases/{offered}/accept")
    plain, whole = (
        desk.get(f"/cases/{offered}/print"),
        desk.post(f"/cases/{offered}/print", {"purpose": "For the court."}),
    )
    blank = desk.post("/paper/rescue-person/print", {"what": "step:age", "language": "ne"})
    for answer in (plain, whole, blank):
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF")
    assert desk.post(f"/cases/{offered}/print", {"purpose": ""}).status_code == 422
    assert desk.get("/sheets/S-2222-2222").status_code == 409
