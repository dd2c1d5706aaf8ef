"""Two people erase what was said, on the pages of the case; a certificate says from when on also in backups."""

import re

from sop_engine.services.passing import run_once
from tests.web.conftest import Site, enter


def test_a_closed_case_is_erased_by_two_people_and_has_a_certificate(either_site: Site) -> None:
    site = either_site
    play, clock = site.world.play, site.world.clock
    case = play.open("identification", "report", "ahtb", person_name="Sita Rai", place_found="NP0327")
    play.finish(case)
    number = site.number(case)
    site.app.config["WTF_CSRF_ENABLED"] = False
    assert f"/cases/{number}/erase" not in enter(site, "ahtb").get(f"/cases/{number}").text
    play.go(case, "unfounded")
    worker = enter(site, "ahtb")
    assert worker.get(f"/cases/{number}/erasure").status_code == 404
    assert "Kept until" in worker.get(f"/cases/{number}").text
    refused = worker.post(f"/cases/{number}/erase", data={"because": "time"})
    assert (refused.status_code, "is not over" in refused.text) == (422, True)
    clock.wait(days=760)
    run_once(site.world.inst)
    worker, lead = enter(site, "ahtb"), enter(site, "ahtb-lead")
    assert "To decide: erase what the person said" in lead.get("/day/asked").text
    assert worker.post(f"/cases/{number}/erase", data={"because": "time"}).status_code == 302
    assert "to erase what the person said" in lead.get(f"/cases/{number}").text
    assert lead.post(f"/cases/{number}/sign").status_code == 302
    assert "What was said is erased" in worker.get(f"/cases/{number}").text
    run_once(site.world.inst)
    certificate = worker.get(f"/cases/{number}/erasure").text
    assert re.search(r"From .* on no backup", certificate)
    assert "in the signed log at place" in certificate
    assert enter(site, "mowcsc").get(f"/cases/{number}/erasure").status_code == 404


def test_a_legal_hold_is_seen_by_everybody_and_ended_by_a_supervisor_of_its_agency(site: Site) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = False
    number = site.number(site.person)
    police, desk = enter(site, "ahtb"), enter(site, "wcsc-kathmandu")
    assert police.post(f"/cases/{number}/hold-for-law", data={"reason": "The court asked."}).status_code == 302
    assert "for a court or a law since" in desk.get(f"/cases/{number}").text
    assert desk.post(f"/cases/{number}/let-go", data={"of": "ahtb", "reason": "x"}).status_code == 422
    assert police.post(f"/cases/{number}/let-go", data={"of": "ahtb", "reason": "Judgment."}).status_code == 422
    lead = enter(site, "ahtb-lead")
    assert lead.post(f"/cases/{number}/let-go", data={"of": "ahtb", "reason": "Judgment."}).status_code == 302
    assert "for a court or a law since" not in desk.get(f"/cases/{number}").text
