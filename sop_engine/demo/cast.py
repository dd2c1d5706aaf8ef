"""The people of the demonstration: two for every agency that acts here, none of them real."""

import random
from dataclasses import dataclass

from sop_engine.case.directory import Directory
from sop_engine.services.installation import Installation, new_id
from sop_engine.store import people
from sop_engine.store.database import writing
from sop_engine.store.people import Account

WORKER_ROLES = frozenset({"worker", "responder", "screener", "case_manager"})
LEAD_ROLES = frozenset({"supervisor", "superior", "head", "duty_officer", "worker"})


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who can sign in, by agency: first a worker, then a lead."""

    of: dict[str, tuple[Account, Account]]

    def worker(self, agency: str) -> Account:
        return self.of[agency][0]

    def lead(self, agency: str) -> Account:
        return self.of[agency][1]


def hire(inst: Installation, directory: Directory, password: str) -> Cast:
    """Make accounts for every agency that acts here: `CODE` and `CODE-lead`, all with one random password."""
    found: dict[str, tuple[Account, Account]] = {}
    with writing(inst.engine) as connection:
        for code, agency in directory.agencies.items():
            if not agency.acts_here:
                continue
            short = agency.short.en
            worker = Account(new_id(), code, code, f"Officer, {short}", WORKER_ROLES, True)
            lead = Account(new_id(), f"{code}-lead", code, f"Lead, {short}", LEAD_ROLES, True)
            for account in (worker, lead):
                people.add(connection, account, password, cheap=True)
            found[code] = (worker, lead)
    return Cast(found)


def password_of(chance: random.Random) -> str:
    """A random password that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(chance.choice(letters) for _ in range(4)) for _ in range(3))
