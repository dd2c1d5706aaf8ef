"""The SOPs in force, as pages show them, and those that an agency may open cases of."""

from dataclasses import dataclass

from sop_engine.case.directory import Directory
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Text
from sop_engine.sop.procedure import Procedure
from sop_engine.store import procedures
from sop_engine.store.database import looking
from sop_engine.store.people import Account


@dataclass(frozen=True, slots=True)
class Opening:
    """An entry of an SOP at which somebody's agency may open a case."""

    sop: str
    title: Text
    entry: str
    stage: Text


def in_force(inst: Installation) -> list[Procedure]:
    """The latest published version of every SOP, by name."""
    with looking(inst.engine) as connection:
        versions = procedures.current(connection)
        return [inst.ground(connection, version).procedure for _, version in sorted(versions.items())]


def one(inst: Installation, name: str) -> tuple[Procedure, Directory]:
    """One SOP in force and the directory; raises NotFound."""
    with looking(inst.engine) as connection:
        versions = procedures.current(connection)
        if name not in versions:
            raise NotFound(name)
        return inst.ground(connection, versions[name]).procedure, inst.directory(connection)


def openings(inst: Installation, account: Account) -> list[Opening]:
    """Where somebody may open a case."""
    agency = inst.directory_now().agencies[account.agency]
    found = []
    for procedure in in_force(inst):
        sop = procedure.sop
        for entry, said in sop.opens_at.items():
            by = sop.agencies.get(said.by) if said.by is not None else None
            if said.only is None and by is not None and agency.kind in by.kind:
                found.append(Opening(procedure.name, sop.title, str(entry), sop.stages[entry].title))
    return found
