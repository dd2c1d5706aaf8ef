"""What a hostile program tries: acting on what was not chosen, acting twice, reading along, breaking the server."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from sop_engine.case.refusal import Refusal
from sop_engine.services import mail_choices
from sop_engine.services.post import is_address
from tests.api.conftest import program
from tests.web.conftest import Site


def other_child(site: Site) -> str:
    """A case of the operation that is still with the police."""
    return next(one for one in site.world.play.case(site.operation).children if one != site.person)


def test_a_way_taken_together_touches_no_case_of_another_stage(either_site: Site) -> None:
    play, bureau = either_site.world.play, program(either_site, "ahtb")
    removed, reported = other_child(either_site), play.open("identification", "report", "ahtb")
    numbers = [play.case(removed).number, play.case(reported).number]
    way = {"what": "go", "way": "rescue-person/removed/died", "confirmed": [0], "counted": 2, "reason": "Died."}
    done = bureau.post("/together/acts", {"numbers": numbers, **way}).json
    assert [one["rule"] for one in done["each"]] == [None, "not_this"]
    assert (play.case(removed).outcome, play.case(reported).status) == ("died", "open")


def test_rules_are_confirmed_by_name_whatever_is_sent_as_the_way(site: Site) -> None:
    play, bureau, child = site.world.play, program(site, "ahtb"), other_child(site)
    play.finish(child)
    for way in ("x/to_safety", "to_safety", "rescue-person/removed/to_safety"):
        body = {"numbers": [play.case(child).number], "what": "go", "way": way, "counted": 1}
        assert bureau.post("/together/acts", body).json["done"] == 0
    assert play.case(child).offer is None


def test_signing_together_signs_only_what_was_chosen(site: Site) -> None:
    play, bureau, lead = site.world.play, program(site, "ahtb"), program(site, "ahtb-lead")
    children = [one for one in play.case(site.operation).children if one != site.person][:2]
    numbers = [play.case(one).number for one in children]
    for number in numbers:
        bureau.post(f"/cases/{number}/steps/to_safe_place/waive", {"sentence": "She is there already."})
    [asked] = lead.post("/together", {"numbers": numbers}).json["to_sign"]
    assert asked["numbers"] == numbers
    other = {"numbers": numbers, "what": "sign", "way": "Close as unfounded"}
    assert [one["rule"] for one in lead.post("/together/acts", other).json["each"]] == ["not_this", "not_this"]
    assert lead.post("/together/acts", {**other, "way": asked["way"]}).json["done"] == 2


def test_opening_sent_again_answers_with_the_case_that_it_opened(either_site: Site) -> None:
    desk, key = program(either_site, "wcsc-banke"), {"Idempotency-Key": "open-000001"}
    body = {
        "sop": "smuggling-referral",
        "entry": "encounter",
        "known": {"name": "Sita Chaudhary", "birth": "1998-05-17"},
    }
    first, again = (desk.post("/cases", body, headers=key) for _ in range(2))
    assert (again.status_code, again.json["number"]) == (201, first.json["number"])


def test_giving_many_sent_again_undoes_nothing(either_site: Site) -> None:
    bureau, lead = program(either_site, "ahtb"), program(either_site, "ahtb-lead")
    number, key = either_site.number(either_site.operation), {"Idempotency-Key": "assign-00001"}
    one, other = (colleague["id"] for colleague in bureau.get("/me").json["colleagues"][:2])
    bureau.post("/assignments", {"numbers": [number], "worker": one}, headers=key)
    lead.post(f"/cases/{number}/assign", {"worker": other})
    assert bureau.post("/assignments", {"numbers": [number], "worker": one}, headers=key).json["done"] == 1
    assert either_site.world.play.case(either_site.operation).worker == other
    refused = bureau.post("/assignments", {"numbers": [number], "worker": None}, headers=key)
    assert (refused.status_code, refused.json["rule"]) == (422, "key_used")


def test_refusing_an_offer_sent_again_is_known_as_done(either_site: Site) -> None:
    bureau, desk = program(either_site, "ahtb"), program(either_site, "wcsc-kathmandu")
    number, key = either_site.number(either_site.person), {"Idempotency-Key": "refuse-00001"}
    bureau.post(f"/cases/{number}/hand-over", {"to": "ahtb"})
    body = {"reason": "no_capacity", "sentence": "All beds are taken."}
    first, again = (desk.post(f"/cases/{number}/refuse", body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json["holder"]) == (200, 200, None)
    assert desk.get(f"/cases/{number}").status_code == 404


def test_who_only_follows_a_case_is_told_of_no_red_stop_and_no_task(site: Site) -> None:
    bureau, number = program(site, "ahtb"), site.number(site.operation)
    due = (site.world.clock() + timedelta(days=2)).isoformat()
    bureau.post(f"/cases/{number}/tasks", {"agency": "ahtb", "due": due, "sentence": "Telephone."})
    bureau.post(f"/cases/{number}/stop", {"sentence": "Somebody waits outside."})
    ours, told = (program(site, name).get(f"/cases/{number}").json for name in ("ahtb", "dccht-kathmandu"))
    assert {"task", "stop"} <= {one["what"] for one in ours["also_due"]}
    assert [one["name"] for one in ours["also_due"] if one["what"] == "stop"] == [""]
    assert (told["content"], told["also_due"], told["stopped"], told["tasks"]) == (False, [], None, [])


@pytest.mark.parametrize("position", ["\0", "\ud800", "../x", ["a"], 10**40, None, True])
def test_a_cursor_made_by_hand_is_refused(either_site: Site, position: object) -> None:
    made = base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")
    assert program(either_site, "ahtb").get(f"/cases?cursor={made}").status_code == 422


@pytest.mark.parametrize(
    ("path", "status"), [("/cases?sop=%00", 422), ("/day/late?stage=%00", 422), ("/cases/x/steps/%00", 404)]
)
def test_what_is_no_letter_in_an_address_is_refused(either_site: Site, path: str, status: int) -> None:
    assert program(either_site, "ahtb").get(path).status_code == status


@pytest.mark.parametrize("birth", ["16 years (0001-01-01)", "age:16@0001-01-01", "16 years (1200-01-01)", "BS ٢٠٤٥-٠٣"])
def test_a_birth_that_nobody_can_have_is_refused(site: Site, birth: str) -> None:
    body = {"sop": "smuggling-referral", "entry": "encounter", "known": {"birth": birth}}
    answer = program(site, "wcsc-banke").post("/cases", body)
    assert (answer.status_code, set(answer.json["fields"])) == (422, {"birth"})


@pytest.mark.parametrize("typed", ["=?utf-8?b?DQpCY2M6IHhAeC5vcmc=?=@x.org", "=??b??=@x.org"])
def test_an_encoded_word_is_no_address(typed: str) -> None:
    assert not is_address(typed)


def test_wrong_codes_sent_at_once_are_counted_each(either_site: Site) -> None:
    inst, who = either_site.world.inst, either_site.world.play.cast.worker("mowcsc")
    mail_choices.ask_for_code(inst, who, "b@example.org", "en")
    with ThreadPoolExecutor(12) as many:
        answers = list(many.map(lambda code: mail_choices.prove(inst, who, f"{code:06}"), range(30)))
    assert sum(isinstance(one, Refusal) and one.code == "wrong_code" for one in answers) <= mail_choices.MOST_TRIES
