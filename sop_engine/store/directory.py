"""The directory: agencies in the database; kinds, districts, border points and calendars in files.

What an administrator changed of an agency stands beside what the file said of it, and goes before it.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml
from sqlalchemy import Connection, Row, insert, select, update

from sop_engine.case.directory import Agency, Classes, Directory
from sop_engine.case.events import PERSON, SYSTEM
from sop_engine.sop.calendar import Calendar
from sop_engine.sop.grammar import CLASSES
from sop_engine.sop.language import Text
from sop_engine.store.tables import agency as agency_table
from sop_engine.store.tables import as_text


class Edited(msgspec.Struct, frozen=True):
    """What of an agency is so because an administrator said it, whatever the file says."""

    title: Text
    short: Text
    acts_here: bool


# Who acts without an account would else be taken for an agency.
_RESERVED = {SYSTEM: "the program itself", PERSON: "the person whose case it is"}


class DirectoryProblem(Exception):
    """A directory file does not fit; the message names the entry and what to do."""


def read_agencies(path: Path) -> list[Agency]:
    """The agencies of a directory file; raises DirectoryProblem."""
    listed = _yaml(path).get("agencies")
    if not isinstance(listed, dict):
        raise DirectoryProblem(f"{path}: 'agencies' is missing")
    for code in (SYSTEM, PERSON):
        if code in listed:
            raise DirectoryProblem(f"{path}: no agency may be called '{code}': it is the code of {_RESERVED[code]}")
    return [_agency(path, str(code), said) for code, said in listed.items()]


def _agency(path: Path, code: str, said: Any) -> Agency:
    try:
        serves = said.get("serves", "all")
        return Agency(
            code=code,
            title=_text(said["title"]),
            short=_text(said.get("short", said["title"])),
            kind=said["kind"],
            calendar=said["calendar"],
            district=said.get("district"),
            serves=None if serves == "all" else frozenset(serves),
            acts_here=said.get("acts_here", "yes") == "yes",
            country=said.get("country", "NP"),
            beds=int(said["beds"]) if "beds" in said else None,
            offers=tuple(map(str, said["offers"])) if "offers" in said else None,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DirectoryProblem(f"{path}: agency '{code}' lacks or misstates {error}") from error


def keep_agencies(connection: Connection, agencies: Iterable[Agency]) -> None:
    """Put agencies into the database; one that is there already, perhaps with people and cases, is changed.

    What an administrator edited stays so, and one that was deactivated stays out of use.
    """
    known = {row.code for row in connection.execute(select(agency_table.c.code))}
    for said in agencies:
        body = msgspec.json.encode(said).decode()
        if said.code in known:
            connection.execute(update(agency_table).where(agency_table.c.code == said.code).values(body=body))
        else:
            connection.execute(insert(agency_table).values(code=said.code, body=body))
        known.add(said.code)


def edit(connection: Connection, code: str, edited: Edited) -> None:
    """Keep what an administrator says of an agency."""
    body = msgspec.json.encode(edited).decode()
    connection.execute(update(agency_table).where(agency_table.c.code == code).values(edited=body))


def deactivate(connection: Connection, code: str, at: datetime | None) -> bool:
    """Take an agency out of use, or where `at` is None into use again; False where it is so already."""
    before = agency_table.c.deactivated.is_not(None) if at is None else agency_table.c.deactivated.is_(None)
    values = {"deactivated": as_text(at) if at is not None else None}
    return (
        connection.execute(update(agency_table).where(agency_table.c.code == code, before).values(values)).rowcount == 1
    )


def _as_it_is(row: Row[tuple[object, ...]]) -> Agency:
    found = replace(msgspec.json.decode(row.body, type=Agency), active=row.deactivated is None)
    if row.edited is None:
        return found
    said = msgspec.json.decode(row.edited, type=Edited)
    return replace(found, title=said.title, short=said.short, acts_here=said.acts_here)


def load(connection: Connection, folder: Path) -> Directory:
    """The directory: agencies from the database, reference data from the folder."""
    rows = connection.execute(select(agency_table).order_by(agency_table.c.code))
    agencies = {row.code: _as_it_is(row) for row in rows}
    calendars = read_calendars(folder / "calendars.yaml")
    unknown = sorted({agency.calendar for agency in agencies.values()} - set(calendars))
    if unknown:
        raise DirectoryProblem(f"no calendar is called '{unknown[0]}': add it to {folder / 'calendars.yaml'}")
    kinds = read_kinds(folder / "kinds.yaml")
    points = folder / "border-points.csv"
    return Directory(
        agencies, calendars, kinds, _places(folder / "districts.csv"), _places(points), _columns(points, "district"),
        read_offers(folder / "kinds.yaml"), _provinces(folder / "districts.csv"), read_fallbacks(folder / "kinds.yaml"),
        read_classes(folder / "kinds.yaml"), read_on_suspects(folder / "kinds.yaml"),
    )  # fmt: skip


def read_kinds(path: Path) -> dict[str, Text]:
    """The titles of the kinds of agency of a file."""
    return {name: _text(said["title"]) for name, said in _yaml(path)["kinds"].items()}


def read_offers(path: Path) -> dict[str, tuple[str, ...]]:
    """The services that agencies of each kind offer."""
    return {name: tuple(map(str, said.get("offers", ()))) for name, said in _yaml(path)["kinds"].items()}


def read_fallbacks(path: Path) -> dict[str, tuple[str, ...]]:
    """The kinds to which falls what an agency of each kind may not do; raises DirectoryProblem for one that is none."""
    said = _yaml(path)["kinds"]
    found = {name: tuple(map(str, one.get("falls_to", ()))) for name, one in said.items()}
    unknown = sorted({kind for kinds in found.values() for kind in kinds} - set(said))
    if unknown:
        raise DirectoryProblem(f"{path}: 'falls_to' names '{unknown[0]}', which is no kind")
    return found


def read_classes(path: Path) -> dict[str, Classes]:
    """The classes of closed fields that each kind reads, and more where it holds the case; raises DirectoryProblem."""
    found = {}
    for name, said in _yaml(path)["kinds"].items():
        if "reads" not in said:
            raise DirectoryProblem(
                f"{path}: kind '{name}' does not say what it 'reads': write 'all' or a list of classes"
            )
        found[name] = Classes(_classes(path, said["reads"]), _classes(path, said.get("reads_as_holder", [])))
    return found


def read_on_suspects(path: Path) -> frozenset[str]:
    """The kinds that work on cases about suspects and on no other; raises DirectoryProblem.

    What falls to another kind stays on its side, so that a conflict of interest opens no way across.
    """
    said = _yaml(path)["kinds"]
    found = frozenset(name for name, one in said.items() if one.get("works_on_suspects") == "yes")
    for name, kinds in read_fallbacks(path).items():
        across = sorted(kind for kind in kinds if (kind in found) != (name in found))
        if across:
            raise DirectoryProblem(
                f"{path}: '{name}' falls to '{across[0]}', but only one of them works on suspects: name another kind"
            )
    return found


def _classes(path: Path, said: Any) -> frozenset[str]:
    listed = list(CLASSES) if said == "all" else said
    if not isinstance(listed, list):
        raise DirectoryProblem(f"{path}: '{said}' is no list of classes: write 'all' or a list")
    unknown = sorted({*map(str, listed)} - {*CLASSES})
    if unknown:
        raise DirectoryProblem(f"{path}: '{unknown[0]}' is no class: write one of: {', '.join(CLASSES)}")
    return frozenset(map(str, listed))


def read_calendars(path: Path) -> dict[str, Calendar]:
    """The calendars of a file; one may take the holidays of another (`holidays_of`)."""
    said: Mapping[str, Any] = _yaml(path)["calendars"]
    found = {}
    for name, calendar in said.items():
        source = said[calendar["holidays_of"]] if "holidays_of" in calendar else calendar
        holidays = {date.fromisoformat(day["on"]): day["en"] for day in source.get("holidays", [])}
        found[name] = Calendar.of(name, calendar["zone"], calendar["weekend"], holidays)
    return found


def _places(path: Path) -> dict[str, Text]:
    return {row["code"]: Text(row["name_en"], row["name_ne"] or None) for row in csv.DictReader(_lines(path))}


def _columns(path: Path, column: str) -> dict[str, str]:
    return {row["code"]: row[column] for row in csv.DictReader(_lines(path)) if row[column]}


def _provinces(path: Path) -> dict[str, Text]:
    """The province of each district, where the file says one."""
    rows = csv.DictReader(_lines(path))
    return {row["code"]: Text(row["province"], row.get("province_ne") or None) for row in rows if row.get("province")}


def _lines(path: Path) -> list[str]:
    return _text_of(path).splitlines()


def _text_of(path: Path) -> str:
    """The text of a file of the directory; raises DirectoryProblem where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DirectoryProblem(f"{path} cannot be read: the setting 'directory' names its folder") from error


def _text(said: Any) -> Text:
    return Text(said) if isinstance(said, str) else Text(said["en"], said.get("ne"))


def _yaml(path: Path) -> dict[str, Any]:
    loaded = yaml.load(_text_of(path), Loader=yaml.CBaseLoader)  # noqa: S506 - the base loader makes nothing but text  # nosec B506
    return loaded if isinstance(loaded, dict) else {}
