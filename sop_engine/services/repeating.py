"""Whether a command was sent before: what is sent twice acts once."""

from sop_engine.services.installation import Installation
from sop_engine.store import journal
from sop_engine.store.database import looking


def sent_before(inst: Installation, command: str) -> bool:
    """Whether a command of this id was carried out."""
    with looking(inst.engine, everybody=True) as connection:
        return journal.acted_before(connection, command) is not None


def sent_otherwise(inst: Installation, beginning: str, command: str) -> bool:
    """Whether a command whose id begins so was carried out, and it is another one."""
    with looking(inst.engine, everybody=True) as connection:
        return journal.acted_otherwise(connection, beginning, command)
