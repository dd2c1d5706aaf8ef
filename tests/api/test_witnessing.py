"""A witness asks for what it signs and sends it back, by the API."""

from sop_engine.audit import WITNESS, public_key
from sop_engine.services import witnessing
from sop_engine.services.passing import run_once
from tests.api.conftest import program
from tests.web.conftest import Site

SEED = b"\7" * 32
COUNCIL = public_key("council", WITNESS, SEED)


def test_a_witness_signs_by_the_api(site: Site) -> None:
    inst = site.world.inst
    (inst.audit / witnessing.WITNESSES).write_text(f"{COUNCIL}\n")
    site.world.clock.wait(hours=1)
    run_once(inst)
    council = program(site, "ncrc")
    asked = witnessing.request_of(council.get("/log/request").get_json()["request"])
    note = witnessing.witness(asked, inst.log_key.public, None, COUNCIL, SEED, site.world.clock())
    sent = council.post("/log/checkpoint", {"checkpoint": note})
    assert (sent.status_code, sent.get_json()) == (200, {"witnesses": ["council"]})
    unsigned = council.post("/log/checkpoint", {"checkpoint": asked.note})
    assert (unsigned.status_code, unsigned.get_json()["rule"]) == (409, "unknown")
    nonsense = council.post("/log/checkpoint", {"checkpoint": "nonsense"})
    assert (nonsense.status_code, nonsense.get_json()["rule"]) == (409, "malformed")
    beyond = council.get(f"/log/request?since={asked.checkpoint.size + 1}")
    assert (beyond.status_code, beyond.get_json()["rule"]) == (409, "no_size")
