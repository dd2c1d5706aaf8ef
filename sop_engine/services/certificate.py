"""The certificate of an erasure: what anybody who knows of the case can hold against the log and the keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.state import Case, ErasedState
from sop_engine.services.installation import Installation
from sop_engine.services.rights import find
from sop_engine.store import journal, keys, log, people
from sop_engine.store.database import looking
from sop_engine.store.people import Account


@dataclass(frozen=True, slots=True)
class Certificate:
    """What can be shown of an erasure: who asked and who agreed, when, and what became of backups.

    `gone` tells since when the epoch key of that time is destroyed, None as long as it is there; `position` is the
    place of the event in the log, from 1 on, None until it is there.
    """

    case: Case
    erased: ErasedState
    asked_by: str
    signed_by: str
    agency: str
    gone: datetime | None
    position: int | None


def certificate(inst: Installation, account: Account, number: str) -> Certificate | None:
    """The certificate of an erasure; None where nothing was erased. Raises NotFound."""
    with looking(inst.engine) as connection:
        case_id, _ = find(connection, number, account, inst.clock())
        case = journal.load_known(connection, case_id)
        if case.erased is None:
            return None
        envelope = next(one for one in journal.history(connection, case_id) if isinstance(one.event, ev.Erased))
        asked, signed = case.erased.asked_by or "", case.erased.signed_by or ""
        names = people.names(connection, {asked, signed})
        return Certificate(
            case, case.erased, names.get(asked, ""), names.get(signed, ""), envelope.agency,
            _gone(connection, case.erased.at), log.position_of(connection, case_id, envelope.seq),
        )  # fmt: skip


def _gone(connection: Connection, erased: datetime) -> datetime | None:
    """Since when no backup can be opened that was made before a moment."""
    until_then = [one for one in keys.epochs(connection) if one.begun <= erased]
    if any(one.destroyed is None for one in until_then):
        return None
    return max((one.destroyed for one in until_then if one.destroyed is not None), default=None)
