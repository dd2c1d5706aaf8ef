"""How much of others one person may see in a day: enough for any day's work, too little to carry a register away."""

from datetime import timedelta

from sqlalchemy import Connection

from sop_engine.services.installation import Installation
from sop_engine.store import readings
from sop_engine.store.people import Account

A_DAY = timedelta(days=1)
# Looks of a kind that one person may cause within a day: cases that a search lists, prints with answers.
MOST = {"search": 1_000, "print": 50}


class TooMuch(Exception):
    """Somebody has seen as much of that kind today as anybody may."""


def keep_to(inst: Installation, connection: Connection, account: Account, what: str) -> None:
    """Raise TooMuch where a person has caused as many looks of a kind within a day as anybody may."""
    if readings.count_of(connection, account.id, what, inst.clock() - A_DAY) >= MOST[what]:
        raise TooMuch(what)
