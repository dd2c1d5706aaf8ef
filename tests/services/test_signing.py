"""To which act of a history a second signature belongs."""

from datetime import UTC, datetime

from sop_engine.case import events as ev
from sop_engine.services.signing import Signature, signatures

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ASKED = ev.Proposed(act="go", target="identify", role="supervisor", of="ahtb")
OFFERED = ev.Offered(exit="identify", stage="identified", to="sisau", answer_by=NOW, signed_by="lead")
ACCEPTED = ev.Entered(
    stage="identified", exit="identify", how="accepted", holder="sisau", since=NOW, counts_from=NOW, signed_by="lead"
)


def history(*acts: tuple[str, ev.AnyEvent]) -> list[ev.Envelope]:
    """A history of these acts, each with the person who did it."""
    return [
        ev.Envelope(case="c", seq=seq, by=by, agency="ahtb", happened=NOW, recorded=NOW, command="x", event=event)
        for seq, (by, event) in enumerate(acts, 1)
    ]


def test_a_signature_belongs_to_the_offer_it_was_given_for_and_not_to_its_acceptance() -> None:
    told = signatures(history(("anita", ASKED), ("lead", OFFERED), ("receiver", ACCEPTED)))
    assert told == {2: Signature("anita", "lead")}


def test_what_was_refused_asks_for_no_signature_any_more() -> None:
    refused = ev.ProposalRefused(act="go", target="identify")
    assert signatures(history(("anita", ASKED), ("lead", refused), ("lead", OFFERED))) == {}
