"""The directory: agencies in the database; kinds, districts, border points and calendars in files."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import yaml
from sqlalchemy import Connection, insert, select, update

from sop_engine.case.directory import Agency, Directory
from sop_engine.sop.calendar import Calendar
from sop_engine.sop.language import Text
from sop_engine.store.tables import agency as agency_table


class DirectoryProblem(Exception):
    """A directory file does not fit; the message names the entry and what to do."""


def read_agencies(path: Path) -> list[Agency]:
    """The agencies of a directory file; raises DirectoryProblem."""
    listed = _yaml(path).get("agencies")
    if not isinstance(listed, dict):
        raise DirectoryProblem(f"{path}: 'agencies' is missing")
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
    """Put agencies into the database; one that is there already, perhaps with people and cases, is changed."""
    known = {row.code for row in connection.execute(select(agency_table.c.code))}
    for said in agencies:
        body = msgspec.json.encode(said).decode()
        if said.code in known:
            connection.execute(update(agency_table).where(agency_table.c.code == said.code).values(body=body))
        else:
            connection.execute(insert(agency_table).values(code=said.code, body=body))
        known.add(said.code)


def load(connection: Connection, folder: Path) -> Directory:
    """The directory: agencies from the database, reference data from the folder."""
    rows = connection.execute(select(agency_table.c.code, agency_table.c.body).order_by(agency_table.c.code))
    agencies = {row.code: msgspec.json.decode(row.body, type=Agency) for row in rows}
    calendars = read_calendars(folder / "calendars.yaml")
    unknown = sorted({agency.calendar for agency in agencies.values()} - set(calendars))
    if unknown:
        raise DirectoryProblem(f"no calendar is called '{unknown[0]}': add it to {folder / 'calendars.yaml'}")
    kinds = read_kinds(folder / "kinds.yaml")
    points = folder / "border-points.csv"
    return Directory(
        agencies, calendars, kinds, _places(folder / "districts.csv"), _places(points), _columns(points, "district"),
        read_offers(folder / "kinds.yaml"), _provinces(folder / "districts.csv"),
    )  # fmt: skip


def read_kinds(path: Path) -> dict[str, Text]:
    """The titles of the kinds of agency of a file."""
    return {name: _text(said["title"]) for name, said in _yaml(path)["kinds"].items()}


def read_offers(path: Path) -> dict[str, tuple[str, ...]]:
    """The services that agencies of each kind offer."""
    return {name: tuple(map(str, said.get("offers", ()))) for name, said in _yaml(path)["kinds"].items()}


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
