"""The register of homes: which have no valid licence, and the same number for the same thing on each page."""

import re

from tests.case.test_homes import inspection
from tests.web.conftest import Site, enter
from tests.web.test_homes import homes

__all__ = ["homes"]


def there(homes: Site, state: str) -> bool:
    return "/homes/home-katus" in enter(homes, "ncrc").get(f"/homes/?state={state}").text


def test_a_home_whose_end_date_has_passed_is_found_as_one_without_a_valid_licence(homes: Site) -> None:
    assert not there(homes, "without")
    assert not there(homes, "expired")
    homes.world.clock.wait(days=510)
    for state in ("without", "expired", "licensed"):
        assert there(homes, state)


def test_a_licence_that_is_no_more_runs_until_no_day(homes: Site) -> None:
    homes.world.play.advance(homes.operation, "suspend")
    for address in ("/homes/", "/homes/home-katus"):
        page = enter(homes, "ncrc").get(address).text
        assert "not valid, though its certificate names Fri 16\u00a0Jul\u00a02027" in page
        assert "until Fri 16" not in page
    assert there(homes, "without")
    assert not there(homes, "expired")


def test_the_open_findings_of_a_home_are_as_many_as_its_visit_counts(homes: Site) -> None:
    case = inspection(homes.world, E1="not_met", E2="not_met", E3="not_met", E4="not_met", A5="partly")
    for way in ("rated", "send_for_check", "checked", "plan_wanted"):
        homes.world.play.advance(case, way)
    page = enter(homes, "ncrc").get("/homes/home-katus").text
    total = re.search(r"<strong>(\d+)</strong>", page)
    visit = re.search(r"<summary>(\d+) findings</summary>", page)
    assert total is not None
    assert visit is not None
    assert total[1] == visit[1] == "5"


def test_a_late_plan_is_as_many_days_late_on_the_page_of_the_home_as_in_the_list(homes: Site) -> None:
    case = inspection(homes.world, A5="partly")
    for way in ("rated", "send_for_check", "checked", "plan_wanted"):
        homes.world.play.advance(case, way)
    homes.world.clock.wait(days=20)
    client = enter(homes, "ncrc")
    late = re.search(r'<strong class="text-late">(\d+)</strong>', client.get("/homes/findings").text)
    assert late is not None
    assert f"the plan is late, days late: {late[1]}<" in client.get("/homes/home-katus").text
