"""The people of the demonstration: two for every agency that acts here, none of them real."""

from dataclasses import dataclass

from sop_engine.case.directory import Directory
from sop_engine.services.installation import Installation, new_id
from sop_engine.services.roles import ADMINISTRATOR, AGENCY_ADMINISTRATOR
from sop_engine.store import people
from sop_engine.store.database import writing
from sop_engine.store.people import Account

LEAD_ROLES = frozenset({"supervisor", "superior", "head", "duty_officer"})
# Two of all agencies, so that one can confirm what the other asks for, and one of a single agency.
ADMINISTRATORS = (
    ("admin", "mowcsc", "Administrator, first", ADMINISTRATOR),
    ("admin-2", "mowcsc", "Administrator, second", ADMINISTRATOR),
    ("utis-admin", "utis", "Administrator, Utis", AGENCY_ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who can sign in, by agency: first a worker, then a lead; and who looks after accounts."""

    of: dict[str, tuple[Account, Account]]
    administrators: tuple[Account, ...] = ()

    def everybody(self) -> dict[str, Account]:
        """All of them by the name with which they sign in."""
        return {one.sign_in: one for group in (*self.of.values(), self.administrators) for one in group}

    def worker(self, agency: str) -> Account:
        return self.of[agency][0]

    def lead(self, agency: str) -> Account:
        return self.of[agency][1]


def hire(inst: Installation, directory: Directory, password: str) -> Cast:
    """Make accounts for every agency that acts here (`CODE`, `CODE-lead`) and administrators, all with one password."""
    found: dict[str, tuple[Account, Account]] = {}
    with writing(inst.engine) as connection:
        for code, agency in directory.agencies.items():
            if not agency.acts_here:
                continue
            short = agency.short.en
            worker = Account(new_id(), code, code, f"Officer, {short}", frozenset(), True)
            lead = Account(new_id(), f"{code}-lead", code, f"Lead, {short}", LEAD_ROLES, True)
            for account in (worker, lead):
                people.add(connection, inst.guard, account, password, cheap=True)
            found[code] = (worker, lead)
        administrators = tuple(
            Account(new_id(), sign_in, agency, shown_as, frozenset({role}), True)
            for sign_in, agency, shown_as, role in ADMINISTRATORS
            if agency in found
        )
        for account in administrators:
            people.add(connection, inst.guard, account, password, cheap=True)
    return Cast(found, administrators)
