"""What somebody typed and has not sent yet: kept sealed on the server, one row a person and step."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from sop_engine.store.sealing import VaultLocked, seal, unseal
from sop_engine.store.tables import as_text, draft, from_text, standing

Fields = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of a form as they were typed, when they were kept, and the last event that the form had seen."""

    fields: Fields
    saved: datetime
    seen: int

    def pairs(self) -> list[tuple[str, str]]:
        """The fields as names and values, one pair a value."""
        return [(name, value) for name, values in self.fields.items() for value in values]


def load(connection: Connection, key: bytes, person: str, case_id: str, step: str) -> Draft | None:
    """A person's draft of a step; None where there is none, or it cannot be opened any more."""
    row = connection.execute(select(draft).where(_of(person, case_id, step))).first()
    if row is None:
        return None
    try:
        plain = unseal(key, row.sealed, _bound(person, case_id, step))
    except VaultLocked:
        return None
    return Draft(msgspec.json.decode(plain, type=Fields), from_text(row.saved), row.seen)


def keep(connection: Connection, key: bytes, person: str, case_id: str, step: str, found: Draft) -> None:
    """Keep a draft in the place of the one that is there."""
    sealed = seal(key, msgspec.json.encode(found.fields), _bound(person, case_id, step))
    values = {"saved": as_text(found.saved), "seen": found.seen, "sealed": sealed}
    changed = connection.execute(update(draft).where(_of(person, case_id, step)).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(draft).values(person=person, case_id=case_id, step=step, **values))


def reseal(connection: Connection, subject: str, old: bytes, new: bytes) -> None:
    """Seal every draft of the cases of a subject with another key."""
    cases = select(standing.c.case_id).where(standing.c.subject == subject)
    for row in connection.execute(select(draft).where(draft.c.case_id.in_(cases)).with_for_update()).all():
        place = _bound(row.person, row.case_id, row.step)
        sealed = seal(new, unseal(old, row.sealed, place), place)
        connection.execute(update(draft).where(_of(row.person, row.case_id, row.step)).values(sealed=sealed))


def drop(connection: Connection, person: str, case_id: str, step: str) -> None:
    """Drop a draft, once it is recorded or its writer does not want it."""
    connection.execute(delete(draft).where(_of(person, case_id, step)))


def drop_all(connection: Connection, person: str) -> None:
    """Drop all drafts of somebody who left."""
    connection.execute(delete(draft).where(draft.c.person == person))


def of_person(connection: Connection, person: str, case_id: str) -> set[str]:
    """The steps of a case of which a person has a draft."""
    rows = connection.execute(select(draft.c.step).where(draft.c.person == person, draft.c.case_id == case_id))
    return {row.step for row in rows}


def drop_older(connection: Connection, than: datetime) -> int:
    """Drop the drafts that nobody touched since; gives how many."""
    return connection.execute(delete(draft).where(draft.c.saved < as_text(than))).rowcount


def _of(person: str, case_id: str, step: str) -> ColumnElement[bool]:
    return and_(draft.c.person == person, draft.c.case_id == case_id, draft.c.step == step)


def _bound(person: str, case_id: str, step: str) -> str:
    return f"draft/{person}/{case_id}/{step}"
