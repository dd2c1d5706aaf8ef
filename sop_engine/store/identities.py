"""By what cases are found, read from the vault: for a register in memory, all at once or only what is new."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from sop_engine.store import vault as closed
from sop_engine.store.keys import KeyRing
from sop_engine.store.tables import READINGS, log, sop_version, standing, subject_key, unfolded, vault

MOST_ASKED = 500


@dataclass(frozen=True, slots=True)
class Said:
    """The latest closed answers of a case by which it may be found, by field (`people.0.token` for one of a list).

    `seqs` are the events that said them.
    """

    case_id: str
    version: str
    values: Mapping[str, Any]
    seqs: Mapping[str, int]


def position(connection: Connection) -> int:
    """The last position of the log."""
    return int(connection.execute(select(func.coalesce(func.max(log.c.position), 0))).scalar_one())


def waiting(connection: Connection) -> dict[str, int]:
    """The cases with events that are not in the log yet, each with its last one."""
    query = select(unfolded.c.case_id, func.max(unfolded.c.seq).label("last")).group_by(unfolded.c.case_id)
    return {row.case_id: row.last for row in connection.execute(query)}


def logged(connection: Connection, after: int) -> tuple[dict[str, int], int]:
    """The cases with events that came into the log after a position, each with its last one; and the position now."""
    query = select(log.c.case_id, func.max(log.c.seq).label("last"), func.max(log.c.position).label("position"))
    events = (log.c.position > after, log.c.case_id != READINGS)
    rows = connection.execute(query.where(*events).group_by(log.c.case_id)).all()
    return {row.case_id: row.last for row in rows}, max((row.position for row in rows), default=after)


def newly_identified(connection: Connection, after: int, until: int, fields: Iterable[str]) -> list[str]:
    """The cases about a person of which the log tells, between two positions, a new value of one of these fields."""
    query = (
        select(log.c.case_id)
        .join(vault, (vault.c.case_id == log.c.case_id) & (vault.c.seq == log.c.seq))
        .join(standing, standing.c.case_id == log.c.case_id)
        .where(log.c.position > after, log.c.position <= until, standing.c.about == "person", _named(fields))
    )
    return [row.case_id for row in connection.execute(query.distinct().order_by(log.c.case_id))]


def versions(connection: Connection) -> list[str]:
    """Every published version of every procedure: those that cases stand on are among them."""
    return [row.version for row in connection.execute(select(sop_version.c.version))]


def load(
    connection: Connection, keys: KeyRing, agency: str | None, fields: Iterable[str], cases: Iterable[str] | None = None
) -> Iterator[Said]:
    """What identifies all cases (or these), as far as an agency has keys; all that is readable where none is named."""
    names = sorted(fields)
    if cases is None:
        yield from _load(connection, keys.subjects(connection, agency), names, None)
        return
    asked = sorted(cases)
    for begin in range(0, len(asked), MOST_ASKED):
        some = asked[begin : begin + MOST_ASKED]
        rows = connection.execute(select(standing.c.subject).where(standing.c.case_id.in_(some)))
        opened = keys.subjects(connection, agency, {row.subject for row in rows})
        yield from _load(connection, opened, names, some)


def _load(
    connection: Connection, opened: Mapping[str, bytes], names: list[str], cases: list[str] | None
) -> Iterator[Said]:
    query = select(vault, standing.c.version).join(standing, standing.c.case_id == vault.c.case_id)
    query = query.where(_named(names)).order_by(vault.c.case_id, vault.c.seq)
    if cases is not None:
        query = query.where(vault.c.case_id.in_(cases))
    for case_id, rows in groupby(connection.execute(query), key=lambda row: row.case_id):
        latest = _latest(row for row in rows if row.subject in opened)
        if latest:
            values = {row.field: closed.opened(opened[row.subject], row) for row in latest}
            yield Said(case_id, latest[0].version, values, {row.field: row.seq for row in latest})


def _latest(rows: Iterable[Any]) -> list[Any]:
    """The last row of each field; of a list only what was said when it was last recorded."""
    last: dict[str, Any] = {}
    recorded: dict[str, int] = {}
    for row in rows:
        last[row.field] = row
        recorded[row.field.partition(".")[0]] = row.seq
    return [row for row in last.values() if "." not in row.field or row.seq == recorded[row.field.partition(".")[0]]]


def _named(fields: Iterable[str]) -> ColumnElement[bool]:
    """Fields by their names; a column of a list (`people.token`) in each of its rows."""
    plain = [name for name in fields if "." not in name]
    columns = [name.partition(".") for name in fields if "." in name]
    some = (vault.c.field.startswith(f"{of}.", autoescape=True) & vault.c.field.endswith(f".{name}", autoescape=True)
            for of, _, name in columns)  # fmt: skip
    return or_(vault.c.field.in_(plain), *some)


def without_key(connection: Connection, agency: str, cases: Iterable[str]) -> set[str]:
    """Those of some cases of which an agency has no key any more."""
    has = select(subject_key.c.subject).where(
        subject_key.c.subject == standing.c.subject, subject_key.c.agency == agency
    )
    query = select(standing.c.case_id).where(standing.c.case_id.in_(sorted(cases)), ~has.exists())
    return {row.case_id for row in connection.execute(query)}
