"""The history in Nepali is Nepali: agencies, roles, reasons and states have their words in both languages."""

import re

import pytest

from sop_engine.case import events as ev
from sop_engine.case.decide.moving import REFUSAL_REASONS
from sop_engine.case.ground import Ground
from sop_engine.services.case_page import case_page
from sop_engine.services.telling import tell
from sop_engine.sop.language import Text
from sop_engine.sop.loading import standard_library
from sop_engine.worker.loop import run_once
from tests.web.conftest import Site

LATIN = re.compile("[A-Za-z]{2,}")
LIBRARY = standard_library()
SOPS = sorted(LIBRARY.procedures)


def told(site: Site, sop: str, event: ev.AnyEvent) -> Text:
    ground = Ground(LIBRARY.procedures[sop], site.world.inst.directory_now())
    now = site.world.clock()
    envelope = ev.Envelope(
        case="c", seq=2, by="", agency=ev.SYSTEM, happened=now, recorded=now, command="x", event=event
    )
    return tell(ground, envelope, {}, {}, {}).words


def test_who_was_told_is_named_in_both_languages_with_the_role(site: Site) -> None:
    event = ev.Escalated(rung="stage:removed:2:0", informs=["ahtb.supervisor", "wcsc-kathmandu"])
    words = told(site, "rescue-person", event)
    title = site.world.inst.directory_now().title
    for agency in ("ahtb", "wcsc-kathmandu"):
        assert title(agency).en in words.en
        assert title(agency).in_language("ne") in words.in_language("ne")
    assert "(Supervisor)" in words.en
    assert not LATIN.search(words.in_language("ne"))
    assert told(site, "rescue-person", ev.Escalated(rung="alert:0", informs=["ahtb"])).en.startswith("Alert: ")


@pytest.mark.parametrize("sop", SOPS)
def test_every_coded_word_of_a_history_has_its_nepali(site: Site, sop: str) -> None:
    said = LIBRARY.procedures[sop].sop
    now = site.world.clock()
    events: list[ev.AnyEvent] = [ev.OfferRefused(reason=reason) for reason in REFUSAL_REASONS]
    events += [ev.HoldBegun(reason=str(name), review_by=now) for name in said.holds]
    events += [
        ev.TrackMoved(track=str(name), state=str(s)) for name, track in said.tracks.items() for s in track.states
    ]
    events += [ev.ChildReported(name="x", child="y", status=status) for status in ("opening", "open", "settled")]
    events += [
        ev.Proposed(act=act, target="x", role="supervisor", of="ahtb") for act in ("reassign", "extend", "reopen")
    ]
    if said.reopen is not None:
        reasons = [*map(str, said.reopen.reasons), *said.reopen.new_episode]
        events += [ev.Reopened(reason=reason, goes_to="x") for reason in reasons]
    steps = list(LIBRARY.procedures[sop].steps)[:2]
    events.append(ev.DutiesArose(duties=[ev.Owed(step=step, agency="ahtb", due=now) for step in steps]))
    for event in events:
        assert not LATIN.search(told(site, sop, event).in_language("ne")), event


def test_the_history_of_a_late_operation_holds_no_english_in_nepali(site: Site) -> None:
    play = site.world.play
    play.accept(site.person)
    site.world.clock.wait(days=12)
    run_once(site.world.inst)
    for case_id, agency in ((site.person, "wcsc-kathmandu"), (site.operation, "ahtb")):
        history = case_page(site.world.inst, play.cast.worker(agency), play.case(case_id).number).history
        assert any(line.words.en.startswith("Overdue: ") for line in history)
        for line in history:
            assert not LATIN.search(line.words.in_language("ne")), line.words
