"""The rows that follow from events, in memory: what `acting` writes as it goes and `upkeep` compares with."""

from collections.abc import Iterator, Sequence
from typing import Any

from sop_engine.case import events as ev
from sop_engine.case.access import relations
from sop_engine.case.apply import apply
from sop_engine.case.clock import all_due, listed_due, stage_due
from sop_engine.case.escalation import next_check
from sop_engine.case.ground import Ground
from sop_engine.case.items import items
from sop_engine.case.stamp import last_cut
from sop_engine.case.state import Case
from sop_engine.case.verdict import CONFORMING, verdicts
from sop_engine.store.rows import access_row, item_row, standing_row
from sop_engine.store.tables import as_text

Change = tuple[str, dict[str, Any]]


def changes(ground: Ground, before: Case | None, envelopes: Sequence[ev.Envelope]) -> tuple[list[Change], Case]:
    """What events do to the ledgers, in order, and the case after them.

    Each change is one of end_held, held, end_awaited, awaited, finding, with its row. Intervals of holding are cut at
    *happened*, clamped between the previous cut and *recorded*.
    """
    found: list[Change] = []
    case = before
    for envelope in envelopes:
        after = apply(case, envelope)
        found += _holding(ground, case, after, envelope)
        found += _waiting(case, after, envelope)
        found += _findings(ground, case, envelope)
        case = after
    assert case is not None
    return found, case


def _findings(ground: Ground, before: Case | None, envelope: ev.Envelope) -> Iterator[Change]:
    for nth, verdict in enumerate(verdicts(ground, before, envelope)):
        if verdict.verdict != CONFORMING:
            row = {"case_id": envelope.case, "seq": envelope.seq, "nth": nth, "verdict": verdict.verdict}
            row |= {"kind": verdict.kind, "agency": verdict.agency, "stage": verdict.stage}
            yield "finding", {**row, "at": as_text(envelope.recorded)}


def _holding(ground: Ground, before: Case | None, after: Case, envelope: ev.Envelope) -> Iterator[Change]:
    here = (after.holder, after.holder_for, after.stage, after.status)
    was = (before.holder, before.holder_for, before.stage, before.status) if before is not None else None
    if here == was and not isinstance(envelope.event, ev.Entered):
        return
    at = as_text(_cut(before, after, envelope))
    if before is not None and before.holder is not None:
        due = stage_due(ground, before, envelope.recorded)
        yield "end_held", {"of_case": after.id, "at": at, "was_due": as_text(due.at) if due else None}
    if after.holder is not None:
        stage = after.stage if after.status == "open" else None
        row = {"case_id": after.id, "seq": envelope.seq, "holder": after.holder, "for_agency": after.holder_for}
        yield "held", {**row, "stage": stage, "begun": at, "ended": None, "due": None}


def _cut(before: Case | None, after: Case, envelope: ev.Envelope) -> Any:
    at = after.stage_since if isinstance(envelope.event, ev.Entered) else envelope.happened
    return at if before is None else max(last_cut(before), min(at, envelope.recorded))


def _waiting(before: Case | None, after: Case, envelope: ev.Envelope) -> Iterator[Change]:
    was = _waited_for(before) if before is not None else {}
    here = _waited_for(after)
    at = as_text(after.stage_since if isinstance(envelope.event, ev.Entered) else envelope.happened)
    for key in sorted(was.keys() - here.keys()):
        yield "end_awaited", {"of_case": after.id, "of_key": key, "at": at}
    for key in sorted(here.keys() - was.keys()):
        row = {"case_id": after.id, "key": key, "body": here[key], "holder": after.holder}
        yield "awaited", {**row, "begun": at, "ended": None}


def _waited_for(case: Case) -> dict[str, str]:
    """Whose answer is awaited: a receiver of an offer, an agency for which another acts, a body that was asked."""
    waited = {f"answer:{key}:{as_text(state.since)}": state.body for key, state in case.awaited.items()}
    if case.offer is not None:
        waited[f"offer:{case.offer.seq}"] = case.offer.to
    if case.holder_for is not None:
        waited[f"for:{case.holder_seq}"] = case.holder_for
    return waited


def standing(ground: Ground, case: Case, head: bytes, last: ev.Envelope) -> dict[str, Any]:
    """The row of a case in `standing`, as it was when its last event was recorded."""
    limits = all_due(ground, case, last.recorded)
    return standing_row(case, head, listed_due(case, limits), next_check(ground, case, limits, last.recorded))


def whole(ground: Ground, envelopes: Sequence[ev.Envelope], head: bytes) -> dict[str, list[dict[str, Any]]]:
    """Every row of a case in every projection, from its whole history."""
    rows: dict[str, list[dict[str, Any]]] = {"held": [], "awaited": [], "finding": []}
    found, case = changes(ground, None, envelopes)
    for what, row in found:
        if what == "end_held":
            rows["held"][-1] |= {"ended": row["at"], "due": row["was_due"]}
        elif what == "end_awaited":
            next(open_ for open_ in rows["awaited"] if open_["key"] == row["of_key"])["ended"] = row["at"]
        else:
            rows[what].append(dict(row))
    rows["awaited"].sort(key=lambda row: str(row["key"]))
    rows["standing"] = [standing(ground, case, head, envelopes[-1])]
    rows["access"] = [access_row(case.id, relation) for relation in relations(ground, case)]
    rows["item"] = [item_row(case.id, item) for item in items(ground, case)]
    return rows
