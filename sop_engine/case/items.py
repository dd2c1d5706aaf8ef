"""Work items: what a case asks of agencies besides being held. What worklists and inboxes are made of. Pure."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from sop_engine.case.access import answers_for, asked_agency
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case

REVIEWER = "supervisor"
STOP, EMERGENCY, CONFLICT = "stop", "emergency:", "conflict:"
INBOXES = {"to_sign": ("signature", "review"), "asked": ("task", "duty", "referral", "conflict", "erasure")}


class Item(msgspec.Struct, frozen=True, order=True):
    """Something that an agency is asked for in a case.

    `kind` is signature, review (of a red stop, a reading in an emergency or a conflict of interest), task, duty,
    referral, conflict (whose holder is to be replaced) or erasure (whose time has come); `key` tells which. Those with
    `role` in the agency are asked, `worker` where a person is named, never `but_not`.
    """

    kind: str
    key: str
    agency: str
    since: datetime
    due: datetime | None = None
    role: str | None = None
    worker: str | None = None
    but_not: str | None = None


def items(ground: Ground, case: Case) -> list[Item]:
    """Every work item of a case, in a fixed order."""
    return sorted((*_signatures(ground, case), *_asked(case)), key=lambda item: (item.kind, item.key, item.agency))


def _signatures(ground: Ground, case: Case) -> Iterator[Item]:
    proposal, owed = case.proposal, case.owed_signature
    if proposal is not None:
        key = f"proposal:{proposal.act}"
        yield Item("signature", key, proposal.of, proposal.made, None, proposal.role, None, proposal.by)
    if owed is None:
        return
    for role, agency in owed_to(ground, case):
        yield Item("signature", f"owed:{role}", agency, owed.since, owed.due, role, None, owed.by)


def is_for(item: Item, agency: str, person: str, roles: frozenset[str]) -> bool:
    """Whether a work item is for a person: of her agency, in a role of hers, and not to be done by another than her."""
    in_role = item.role is None or item.role in roles
    return item.agency == agency and in_role and item.but_not != person


def owed_to(ground: Ground, case: Case) -> list[tuple[str, str]]:
    """The roles, each with its agency, that may give the signature which an act left to be given."""
    owed, sop = case.owed_signature, ground.procedure.sop
    if owed is None:
        return []
    exits = [exit_ for stage in sop.stages if (exit_ := sop.exits(stage).get(owed.exit)) is not None]
    found: set[tuple[str, str]] = set()
    for row in (row for exit_ in exits for row in exit_.second_person if row.after is not None):
        agency = owed.agency if str(row.of) == "holder" else ground.agency(case, str(row.of))
        if agency is not None:
            found.add((str(row.role), agency))
    return sorted(found)


def _asked(case: Case) -> Iterator[Item]:
    for key, task in case.tasks.items():
        yield Item("task", key, asked_agency(case, task), task.since, task.due, worker=task.worker)
    for duty in case.duties:
        yield Item("duty", duty.step, duty.agency, case.stage_since, duty.due)
    for key, referral in case.referrals.items():
        if referral.status == "asked":
            yield Item("referral", key, referral.to, referral.since, referral.due)
    if case.retention_over is not None and case.proposal is None and not case.legal_holds:
        yield Item("erasure", "time", answers_for(case), case.retention_over, role=REVIEWER)
    if case.stop is not None and case.holder is not None:
        stop = case.stop
        yield Item("review", STOP, case.holder, stop.since, stop.review_by, REVIEWER, None, stop.by)
    for key, one in case.emergencies.items():
        if one.justified is None:
            reviewer = answers_for(case)
            yield Item("review", f"{EMERGENCY}{key}", reviewer, one.since, one.review_by, REVIEWER, None, one.by)
    for agency, conflict in case.conflicts.items():
        if conflict.confirms is not None:
            named = (conflict.confirms, conflict.since, conflict.confirm_by, REVIEWER, None, conflict.by)
            yield Item("review", f"{CONFLICT}{agency}", *named)
        if conflict.said.oversight is not None and case.holder == agency:
            yield Item("conflict", agency, conflict.said.oversight, conflict.since, conflict.act_by)
