"""Whose case it is to see: relations decide, and the answer for a foreign case is that of one that is not there."""

from datetime import datetime

from sqlalchemy import Connection

from sop_engine.case.ground import Ground
from sop_engine.case.state import Case
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation, tidy_number
from sop_engine.store import worklists
from sop_engine.store.database import looking
from sop_engine.store.people import Account

CONTENT_RELATIONS = frozenset({"holder", "with", "part", "opener", "former"})
SPOKEN_RELATIONS = CONTENT_RELATIONS - {"former"}


def id_of(connection: Connection, number: str) -> str | None:
    """The id of the case with a number, whose ever it is."""
    return worklists.by_number(connection, number) if tidy_number(number) == number else None


def find(connection: Connection, number: str, agency: str, now: datetime) -> tuple[str, frozenset[str]]:
    """The id of a case and the relations of an agency to it; raises NotFound alike for absent and foreign cases."""
    case_id = id_of(connection, number)
    relations = worklists.relations_of(connection, case_id, agency, now) if case_id is not None else set()
    if case_id is None or not relations:
        raise NotFound(number)
    return case_id, frozenset(relations)


def case_id_of(inst: Installation, account: Account, number: str) -> str:
    """The id of a case that is this account's to see; raises NotFound."""
    with looking(inst.engine) as connection:
        return find(connection, number, account.agency, inst.clock())[0]


def is_kept_from(ground: Ground, case: Case, step_name: str, agency: str) -> bool:
    """Whether the SOP keeps a step from an agency, as what was complained of is kept from a home."""
    return agency in {ground.agency(case, str(part)) for part in ground.procedure.step_of(step_name).kept_from}
