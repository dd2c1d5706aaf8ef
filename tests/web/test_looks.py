"""The agency that is accountable sees who looked at its case; nobody else does."""

from tests.web.conftest import Site, enter


def test_the_holder_sees_every_look_and_what_a_print_was_for(either_site: Site) -> None:
    site = either_site
    number = site.number(site.person)
    police, desk = enter(site, "ahtb"), enter(site, "wcsc-kathmandu")
    police.get(f"/cases/{number}/steps/to_safe_place")
    site.app.config["WTF_CSRF_ENABLED"] = False
    site.world.clock.wait(minutes=5)
    police.post(f"/cases/{number}/print.pdf", data={"purpose": "For the hearing."})
    site.world.clock.wait(minutes=5)
    assert desk.get(f"/cases/{number}").status_code == 200
    shown = police.get(f"/cases/{number}/looks").text
    assert "Bring her to a safe place" in shown
    assert "For the hearing." in shown
    assert shown.index("WCPC Kathmandu" if "WCPC Kathmandu" in shown else "Kathmandu") < shown.index("For the hearing.")
    assert desk.get(f"/cases/{number}/looks").status_code == 404
    assert enter(site, "mowcsc").get(f"/cases/{number}/looks").status_code == 404
    for page in ("0", "-1", "nonsense", "99999", "²"):
        assert police.get(f"/cases/{number}/looks?page={page}").status_code == 200
