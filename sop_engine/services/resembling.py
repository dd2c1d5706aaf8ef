"""Cases of different agencies that may be about one person: their two holders are told, never who searches.

The worker compares each new name, date of birth or phone with all others, for it alone opens every key. That is done
after the act, so that nobody can tell from a page, or from its time, whether another agency knows somebody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from sop_engine.case.access import is_hidden_from
from sop_engine.case.commands import Actor, Resemble
from sop_engine.case.events import SYSTEM
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.services.acting import act
from sop_engine.services.installation import Installation
from sop_engine.services.registering import finding_fields, register_of
from sop_engine.store import identities, journal, schedule, worklists
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account

COMPARED = "compared"


@dataclass(frozen=True, slots=True)
class Resembling:
    """Another case that may be about the same person, as the holder of a case sees it.

    `agency` holds it, or held it last where it is closed. `ours` says whether the reader may open it.
    """

    number: str
    agency: str
    closed: bool
    ours: bool


def compare_all(inst: Installation) -> int:
    """Compare what is new in the log with all cases and tell the holders; gives how many cases were told."""
    with looking(inst.engine) as connection:
        before, now = int(schedule.marked(connection, COMPARED) or 0), identities.position(connection)
        pairs = list(_pairs(inst, connection, before, now)) if now > before else []
    told = sum(_tell(inst, one, other) for pair in pairs for one, other in (pair, pair[::-1]))
    if now > before:
        with writing(inst.engine) as connection:
            schedule.set_mark(connection, COMPARED, str(now))
    return told


def _pairs(inst: Installation, connection: Connection, before: int, now: int) -> Iterator[tuple[Case, Case]]:
    """The pairs of cases that are most likely about one person and that nobody joined yet."""
    versions = identities.versions(connection)
    fields = {name for version in versions for name in finding_fields(inst.ground(connection, version).procedure)}
    cases = identities.newly_identified(connection, before, now, fields)
    if not cases:
        return
    with register_of(inst, connection, None) as register:
        for case_id in cases:
            identity = register.identities.get(case_id)
            likely = register.find(identity) if identity is not None else []
            others = [other for other, likeness in likely if other != case_id and register.is_one(likeness)]
            case = journal.load_known(connection, case_id)
            for found in (journal.load_known(connection, other) for other in others):
                if found.about == "person" and found.subject != case.subject:
                    yield case, found


def _tell(inst: Installation, case: Case, other: Case) -> bool:
    """Tell one case of another, unless it is to be hidden from whoever holds the first, or one is joined to another."""
    if (
        case.merged is not None
        or other.merged is not None
        or other.id in case.resembles
        or (case.holder is not None and is_hidden_from(inst.ground_now(other.version), other, case.holder))
    ):
        return False
    command = Resemble(
        id=f"resembles:{case.id}:{other.id}"[:80], actor=Actor(SYSTEM, SYSTEM), other=other.id, number=other.number
    )
    return not isinstance(act(inst, case.id, command), Refusal)


def resembling(inst: Installation, connection: Connection, case: Case, account: Account) -> list[Resembling]:
    """The cases that may be about the same person, for whoever holds a case."""
    found = []
    for other in (journal.load_known(connection, identity) for identity in case.resembles):
        hidden = is_hidden_from(inst.ground(connection, other.version), other, account.agency)
        if hidden or other.merged is not None:
            continue
        last = max(other.former, key=lambda agency: other.former[agency], default=other.opener)
        ours = bool(worklists.relations_of(connection, other.id, account.agency, inst.clock()))
        found.append(Resembling(other.number, other.holder or last, other.status == "closed", ours))
    return found
