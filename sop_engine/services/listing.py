"""All cases of an agency, in the order of their numbers: for programs that read them one page after the other."""

from sop_engine.services.installation import Installation
from sop_engine.store import worklists
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.worklists import Filter, Line

STATUSES = ("open", "closed", "all")


def listed(inst: Installation, account: Account, narrowed: Filter, status: str, after: str, most: int) -> list[Line]:
    """At most so many cases with a number after this one, of a status of `STATUSES`."""
    with looking(inst.engine) as connection:
        return worklists.by_number_after(connection, account.agency, inst.clock(), narrowed, status, after, most)
