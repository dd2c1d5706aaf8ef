"""Roles of people: those that procedures ask for, and those that administer."""

from collections.abc import Mapping

from sqlalchemy import Connection

from sop_engine.case.items import REVIEWER
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Text
from sop_engine.store import procedures
from sop_engine.store.people import ADMINISTRATOR, AGENCY_ADMINISTRATOR

__all__ = ["ADMINISTRATOR", "AGENCY_ADMINISTRATOR", "ENOUGH", "known_roles"]

# So many administrators must be there that one can confirm what another asks for.
ENOUGH = 2
_ADMINISTERING: Mapping[str, Text] = {
    ADMINISTRATOR: Text("Administrator of all agencies", "सबै निकायको प्रशासक"),
    AGENCY_ADMINISTRATOR: Text("Administrator of the own agency", "आफ्नो निकायको प्रशासक"),
}


def known_roles(inst: Installation, connection: Connection) -> dict[str, Text]:
    """Every role that a procedure in force asks for, and those that administer, with their titles."""
    found = {REVIEWER: Text("Supervisor", "सुपरिवेक्षक")}
    for version in procedures.current(connection).values():
        roles = inst.ground(connection, version).procedure.sop.roles
        found |= {str(name): title for name, title in roles.items()}
    return {**dict(sorted(found.items())), **_ADMINISTERING}
