"""The directory of services: which agency offers what, where, and whether it has beds."""

from dataclasses import dataclass

from sop_engine.case.directory import Agency, Directory
from sop_engine.services.installation import Installation
from sop_engine.sop.language import SUSPECT
from sop_engine.store import beds
from sop_engine.store.database import looking
from sop_engine.store.people import Account

FEW = 5


@dataclass(frozen=True, slots=True)
class Offering:
    """An agency with its services; `room` is some, few or none where it has beds, and never the number of people."""

    agency: Agency
    services: tuple[str, ...]
    room: str | None


def offerings(
    inst: Installation, account: Account, service: str | None, district: str | None
) -> tuple[list[Offering], Directory]:
    """The agencies that offer a service (any, where none is named) in a district, those of the district first.

    Whoever works on suspects is told of none: they are places where victims are.

    How full a place is counts the people of whom cases here say that they are there: others may be there too.
    """
    with looking(inst.engine) as connection:
        directory = inst.directory(connection)
        works_on_suspects = directory.works_on(account.agency, SUSPECT)
        fitting = [
            agency
            for agency in directory.agencies.values()
            if agency.active
            and not works_on_suspects
            and (offered := directory.services_of(agency.code))
            and (service is None or service in offered)
        ]
        here = [agency for agency in fitting if district is None or agency.serves is None or district in agency.serves]
        full = beds.people_with(connection, {agency.code for agency in here if agency.beds}, inst.clock())
    found = [
        Offering(agency, directory.services_of(agency.code), _room(agency, full.get(agency.code, 0))) for agency in here
    ]
    return sorted(found, key=lambda one: (one.agency.district != district, one.agency.title.en)), directory


def _room(agency: Agency, there: int) -> str | None:
    if agency.beds is None:
        return None
    free = agency.beds - there
    return "none" if free <= 0 else "few" if free < FEW else "some"
