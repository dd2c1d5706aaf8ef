"""Values of a case as rows of tables."""

from datetime import datetime
from typing import Any

from sop_engine.case import state
from sop_engine.case.access import Relation
from sop_engine.case.items import Item
from sop_engine.case.state import Case
from sop_engine.store.tables import NEVER, as_text


def standing_row(case: Case, head: bytes, due: datetime | None, check_at: datetime | None) -> dict[str, Any]:
    """The row of a case in `standing`."""
    return {
        "case_id": case.id,
        "number": case.number,
        "sop": case.sop,
        "version": case.version,
        "about": case.about,
        "subject": case.subject,
        "status": case.status,
        "stage": case.stage,
        "holder": case.holder,
        "holder_for": case.holder_for,
        "offered_to": case.offer.to if case.offer else None,
        "answer_by": as_text(case.offer.answer_by) if case.offer else None,
        "awaiting": next(iter(case.awaited.values())).body if case.awaited else None,
        "worker": case.worker,
        "with_": case.with_,
        "due": as_text(due) if due else NEVER,
        "tray": tray_of(case),
        "check_at": as_text(check_at) if check_at else None,
        "opened": as_text(case.opened),
        "closed": as_text(case.closed) if case.closed else None,
        "outcome": case.outcome,
        "parent": case.parent,
        "seq": case.seq,
        "head": head,
        "state": state.to_bytes(case),
    }


def tray_of(case: Case) -> str:
    """On which tray of its holder a case lies: it waits for others, somebody works on it, or nobody does yet."""
    if case.offer is not None or case.awaited:
        return "waits"
    return "somebody" if case.worker is not None else "nobody"


def item_row(case_id: str, asked: Item) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "kind": asked.kind,
        "key": asked.key,
        "agency": asked.agency,
        "since": as_text(asked.since),
        "due": as_text(asked.due) if asked.due else None,
        "role": asked.role,
        "worker": asked.worker,
        "but_not": asked.but_not,
    }


def access_row(case_id: str, relation: Relation) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "agency": relation.agency,
        "relation": relation.relation,
        "person": relation.person,
        "until": as_text(relation.until) if relation.until else None,
    }
