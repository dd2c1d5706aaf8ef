"""What happens to agencies when they are edited, taken out of use and into use again, inside a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sop_engine.case.directory import Agency
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.changes import Activate, Deactivate, EditAgency, OfAgency
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Text
from sop_engine.store import burdens, directory, people, sessions, tokens
from sop_engine.store.burdens import Burden

LONGEST_TITLE, LONGEST_SHORT = 200, 60


@dataclass(frozen=True, slots=True)
class Needed:
    """The cases that still need an agency or a person, which whoever looks may open, and titles by their version."""

    cases: list[Burden]
    may_open: frozenset[str]
    titles: Mapping[str, Text]


def needed(inst: Installation, connection: Connection, cases: list[Burden], reader: str) -> Needed:
    """Cases that need an agency or a person, as a page shows them; `reader` is the agency of whoever looks."""
    versions = {one.version for one in cases}
    titles = {version: inst.ground(connection, version).procedure.sop.title for version in versions}
    return Needed(cases, burdens.known_to(connection, cases, reader, inst.clock()), titles)


def not_so(inst: Installation, connection: Connection, one: OfAgency) -> Refusal | None:
    """Why a change of an agency cannot be made as things are now."""
    agency = inst.directory(connection).agencies[one.whom]
    if isinstance(one, EditAgency):
        return _not_edited(inst, connection, one, agency)
    if agency.active is isinstance(one, Activate):
        return _is_so_already()
    if isinstance(one, Deactivate) and burdens.of_agency(connection, one.whom, inst.clock()):
        return _still_needed()
    return None


def _not_edited(inst: Installation, connection: Connection, one: EditAgency, agency: Agency) -> Refusal | None:
    said = one.said
    for field, text, most in (("title", said.title, LONGEST_TITLE), ("short", said.short, LONGEST_SHORT)):
        for name, words in ((f"{field}_en", text.en), (f"{field}_ne", text.ne or "")):
            if not 1 <= len(words.strip()) <= most or "\0" in words:
                return refuse(name, f"Write 1 to {most} letters", f"१ देखि {most} अक्षर लेख्नुहोस्")
    if agency.acts_here and not said.acts_here:
        if burdens.of_agency(connection, one.whom, inst.clock()):
            return _still_needed()
        if people.of_agency(connection, one.whom):
            return refuse(
                "acts_here",
                "People can still sign in for this agency: end their accounts first",
                "यस निकायका लागि अझै साइन इन गर्न सकिन्छ: पहिले ती खाता बन्द गर्नुहोस्",
            )
    return None


def _still_needed() -> Refusal:
    return refuse(
        "needed",
        "Cases still need this agency: hand them over first. They stand in the list",
        "विषयलाई यो निकाय अझै चाहिन्छ: पहिले हस्तान्तरण गर्नुहोस्। ती सूचीमा छन्",
    )


def _is_so_already() -> Refusal:
    return refuse("so", "This is so already", "यो पहिल्यै यस्तै छ")


def do(inst: Installation, connection: Connection, one: OfAgency) -> Refusal | None:
    """Make a change of an agency."""
    if isinstance(one, EditAgency):
        directory.edit(connection, one.whom, one.said)
        return None
    at = inst.clock() if isinstance(one, Deactivate) else None
    if not directory.deactivate(connection, one.whom, at):
        return _is_so_already()
    if at is not None:
        sessions.end_all_of_agency(connection, one.whom)
        tokens.end_all_of_agency(connection, one.whom)
    return None
