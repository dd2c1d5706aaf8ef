"""The SOPs in force, as pages show them, and those that an agency may open cases of."""

from collections.abc import Mapping
from dataclasses import dataclass

from sop_engine.case.decide.opening import OPENING
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
    """An entry of an SOP at which somebody's agency may open a case; `chooses` are the parts that the opener fills."""

    sop: str
    title: Text
    entry: str
    stage: Text
    chooses: Mapping[str, tuple[str, ...]]


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
    directory = inst.directory_now()
    agency = directory.agencies[account.agency]
    found = []
    for procedure in in_force(inst):
        sop = procedure.sop
        for entry, said in sop.opens_at.items():
            by = sop.agencies.get(said.by) if said.by is not None else None
            if said.only is None and by is not None and agency.kind in by.kind:
                chooses = {
                    str(name): directory.of_kind(tuple(str(kind) for kind in part.kind))
                    for name, part in sop.agencies.items()
                    if part.chosen_in == OPENING and (part.kept_out or agency.kind not in part.kind)
                }
                title = said.title or sop.stages[entry].title
                found.append(Opening(procedure.name, sop.title, str(entry), title, chooses))
    return found
