"""What is there to be read: earlier stages, answers in the reader's words."""

import re
from datetime import date

from sop_engine.services.recording import record_step
from sop_engine.services.sending import Done
from tests.web.conftest import Signed, Site, token_of
from web.layout.times import dated


def taken_over(site: Site) -> str:
    """The number of the person's case, once the women's desk has accepted it."""
    site.world.play.accept(site.person)
    return site.number(site.person)


def test_what_was_recorded_in_earlier_stages_stays_within_reach(site: Site, signed: Signed) -> None:
    offered = signed("wcsc-kathmandu").get(f"/cases/{site.number(site.person)}").text
    assert "Recorded in earlier stages" not in offered
    number = taken_over(site)
    client = signed("wcsc-kathmandu")
    page = client.get(f"/cases/{number}").text
    earlier = page.partition("Recorded in earlier stages")[2].partition("</details>")[0]
    assert "/steps/to_safe_place" in earlier
    assert client.get(re.search(r'href="([^"]+/steps/to_safe_place)"', earlier)[1]).status_code == 200  # type: ignore[index]


def test_answers_that_are_only_read_show_their_days_in_both_calendars(site: Site, signed: Signed) -> None:
    number = taken_over(site)
    page = signed("wcsc-kathmandu").get(f"/cases/{number}/steps/to_safe_place").text
    assert "Another agency does this step" in page
    assert "<form" not in page.partition('<dl class="answers">')[2].partition("</dl>")[0]
    assert re.search(r"<dd>\s*\w{3}\s\d+\sMar\s2026 · \d+\s\w+\s2082, \d\d:\d\d\s*</dd>", page)


def test_a_closed_case_says_that_its_steps_are_only_read(site: Site, signed: Signed) -> None:
    play = site.world.play
    other = play.open("rescue-operation", "intel", "ahtb")
    play.advance(other, "insufficient")
    assert play.case(other).status == "closed"
    done = next(iter(play.case(other).steps))
    page = signed("ahtb").get(f"/cases/{play.case(other).number}/steps/{done}").text
    assert "The case is closed" in page


def test_a_day_is_written_with_both_years_and_breaks_between_the_calendars_only() -> None:
    assert dated(date(2027, 7, 16)).replace("\u00a0", "_") == "Fri 16_Jul_2027 · 32_Asar_2084"
    assert dated(date(2027, 7, 16), "ne").replace("\u00a0", "_") == "शुक्र ३२_असार_२०८४ · १६_जुलाई_२०२७"
    assert dated(date(1890, 1, 2)).replace("\u00a0", "_") == "Thu 2_Jan_1890"


def test_a_closed_case_says_who_still_owes_which_step_and_until_when(site: Site, signed: Signed) -> None:
    play = site.world.play
    play.accept(site.person)
    play.go(site.person, "child_missing")
    case = play.case(site.person)
    assert case.status == "closed"
    (duty,) = case.duties
    page = signed(duty.agency).get(f"/cases/{case.number}").text
    owed = page.partition("Still owed after the end")[2].partition("</section>")[0]
    assert play.ground(case).procedure.step_of(duty.step).title.en in owed
    assert play.ground(case).directory.title(duty.agency).en in owed
    assert "until " in owed
    assert "To do in this stage" not in page


def test_the_people_of_an_operation_are_told_apart_by_what_was_written_on_their_tokens(
    site: Site, signed: Signed
) -> None:
    play = site.world.play
    linked = signed("ahtb").get(f"/cases/{site.number(site.operation)}").text
    rows = [
        (case.number, f"B-{(state.row or 0) + 1:02}")
        for child, state in play.case(site.operation).children.items()
        for case in [play.case(child)]
    ]
    assert len(rows) == 12
    for number, token in rows:
        assert token in linked.partition(f">{number}</a>")[2].partition("row-line")[0]
    number, token = rows[0]
    page = signed("ahtb").get(f"/cases/{number}").text
    assert token in page.partition("Known when the case was opened")[2].partition("</dl>")[0]


def test_what_tells_people_apart_needs_a_key_of_the_reader(site: Site, signed: Signed) -> None:
    play = site.world.play
    case = play.case(site.operation)
    assert "wcsc-kathmandu" not in (case.holder, case.opener)
    for name in ("wcsc-kathmandu", "mowcsc", "himal-aashraya"):
        assert "B-01" not in signed(name).get(f"/cases/{case.number}").text
    play.accept(site.person)
    mine = signed("wcsc-kathmandu").get(f"/cases/{site.number(site.person)}").text
    assert "B-01" in mine


def test_a_step_that_lacks_its_paper_names_it_in_the_list(site: Site, signed: Signed) -> None:
    play = site.world.play
    other = play.open("rescue-operation", "intel", "ahtb")
    for exit_name in ("plan", "submit"):
        play.advance(other, exit_name)
    case, account, raw, parts = play.prepared(other, "written_order", {})
    assert isinstance(record_step(site.world.inst, account, case.number, "written_order", raw, parts), Done)
    address = f"/cases/{case.number}"
    client = signed(account.sign_in)
    row = client.get(address).text.partition("/steps/written_order")[2].partition("row-line")[0]
    assert "Incomplete" in row
    assert "paper missing: Order of approval" in row
    attach = {"csrf_token": token_of(client.get(address).text), "kept": "In the cupboard"}
    client.post(f"{address}/steps/written_order/attach/approval_order", data=attach)
    assert "paper missing" not in client.get(address).text
