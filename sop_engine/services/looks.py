"""Who looked at a case, when, at what and what for: for the agency that is accountable for it now."""

from collections.abc import Mapping
from dataclasses import dataclass

from sop_engine.case.directory import Directory
from sop_engine.services.installation import Installation
from sop_engine.services.rights import find
from sop_engine.sop.procedure import Procedure
from sop_engine.store import journal, people, readings
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.readings import Look

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Looks:
    """A page of the looks at a case, newest first; `names` are the people by their ids."""

    number: str
    procedure: Procedure
    directory: Directory
    lines: list[Look]
    names: Mapping[str, str]
    page: int
    further: bool


def looks_at(inst: Installation, account: Account, number: str, page: int = 1) -> Looks:
    """The looks at a case; raises NotFound for everybody but the agency that is accountable for it now."""
    with looking(inst.engine) as connection:
        case_id, _ = find(connection, number, account, inst.clock(), "lead")
        case = journal.load_known(connection, case_id)
        key = inst.keys.subject(connection, case.subject, account.agency)
        found = readings.of_case(connection, case_id, key, A_PAGE + 1, (page - 1) * A_PAGE)
        return Looks(
            number=case.number,
            procedure=inst.ground(connection, case.version).procedure,
            directory=inst.directory(connection),
            lines=found[:A_PAGE],
            names=people.names(connection, {look.person for look in found}),
            page=page,
            further=len(found) > A_PAGE,
        )
