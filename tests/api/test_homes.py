"""Homes by the API: the register narrowed, and what is not fixed, page after page, as the pages have it."""

import pytest

from tests.api.conftest import program
from tests.case.test_homes import carried_out
from tests.web.conftest import Site
from tests.web.test_homes import homes

__all__ = ["homes"]


def test_what_is_not_fixed_comes_in_pages_with_what_the_page_says(homes: Site) -> None:
    case = carried_out(homes.world)
    homes.world.clock.wait(days=40)
    council = program(homes, "ncrc")
    first = council.get("/homes/findings?limit=1").json
    (one,) = first["items"]
    assert (one["home"], one["code"], one["severity"]) == ("home-katus", "E2", "critical")
    assert (one["acts"], one["number"]) == ("home-katus", homes.number(case))
    assert one["days_late"] > 0
    last = council.get(f"/homes/findings?limit=1&cursor={first['next']}").json
    assert [one["code"] for one in last["items"]] == ["A5"]
    assert last["next"] is None
    assert [one["code"] for one in council.get("/homes/findings?severity=minor").json["items"]] == ["A5"]
    assert [one["code"] for one in council.get("/homes/findings?late=true").json["items"]] == ["E2"]
    assert council.get("/homes/findings?late=perhaps").status_code == 422


@pytest.mark.parametrize(
    ("narrowed", "n"), [("", 1), ("name=katus", 1), ("place=Karnali", 0), ("state=warned", 0), ("critical=true", 1)]
)
def test_the_register_is_narrowed_for_programs_too(homes: Site, narrowed: str, n: int) -> None:
    carried_out(homes.world)
    assert len(program(homes, "ncrc").get(f"/homes?{narrowed}").json["items"]) == n


def test_who_does_not_look_at_homes_learns_of_no_finding(homes: Site) -> None:
    for name in ("ahtb", "home-katus"):
        assert program(homes, name).get("/homes/findings").status_code == 404
