"""Second signatures in a history: to which act each belongs, and who asked for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sop_engine.case import events as ev


@dataclass(frozen=True, slots=True)
class Signature:
    """Who asked for an act and who signed it, by their ids."""

    asked_by: str
    signed_by: str


def signatures(envelopes: Iterable[ev.Envelope]) -> dict[int, Signature]:
    """The signature of each act that was done by giving it, by the number of the event; of a history in its order.

    What follows later from such an act, as the acceptance of an offer, names its signer too and is not signed itself.
    """
    found: dict[int, Signature] = {}
    asking: str | None = None
    for one in envelopes:
        signer = getattr(one.event, "signed_by", None) or getattr(one.event, "second_person", None)
        if isinstance(one.event, ev.Proposed):
            asking = one.by
        elif isinstance(one.event, ev.ProposalRefused):
            asking = None
        elif asking is not None and signer == one.by:
            found[one.seq] = Signature(asking, signer)
            asking = None
    return found
