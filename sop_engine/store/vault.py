"""What people say: closed values, encrypted under their person's key, each with a salted commitment in the journal.

The commitment is SHA-256(salt ‖ value); salt and value are sealed together, so that once the key is gone nothing
can be guessed back, while the chain still verifies.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, insert, select, update

from sop_engine.store.keys import KeyRing
from sop_engine.store.prepared import Prepared
from sop_engine.store.sealing import VaultLocked, seal, unseal
from sop_engine.store.tables import vault

SALT_BYTES = 16
# A ciphertext is as long as what it hides: in steps of this many bytes the length of a name tells nothing of it.
STEP_BYTES = 128
_INSERT = Prepared(insert(vault))


@dataclass(frozen=True, slots=True)
class Secret:
    """A closed value on its way into the vault, with the salt of its commitment."""

    salt: bytes
    value: bytes

    @classmethod
    def of(cls, value: Any) -> "Secret":
        written = msgspec.json.encode(value, order="deterministic")
        return cls(os.urandom(SALT_BYTES), written + b" " * (-len(written) % STEP_BYTES))

    @property
    def commitment(self) -> str:
        return hashlib.sha256(self.salt + self.value).hexdigest()


def bound(subject: str, case_id: str, seq: int, field: str) -> str:
    return f"vault/{subject}/{case_id}/{seq}/{field}"


def keep(connection: Connection, key: bytes, subject: str, case_id: str, seq: int, secrets: dict[str, Secret]) -> None:
    """Seal the secrets of one event."""
    rows = [
        {
            "case_id": case_id,
            "seq": seq,
            "field": name,
            "subject": subject,
            "sealed": seal(key, secret.salt + secret.value, bound(subject, case_id, seq, name)),
        }
        for name, secret in secrets.items()
    ]
    if rows:
        _INSERT.run(connection, rows)


def of_event(connection: Connection, key: bytes, subject: str, case_id: str, seq: int) -> dict[str, Any]:
    """Every closed value of one event, opened."""
    rows = connection.execute(
        select(vault.c.field, vault.c.sealed).where(vault.c.case_id == case_id, vault.c.seq == seq)
    )
    return {row.field: _open(key, row.sealed, bound(subject, case_id, seq, row.field))[1] for row in rows}


def of_records(
    connection: Connection, key: bytes, subject: str, case_id: str, seqs: Set[int]
) -> dict[int, dict[str, Any]]:
    """Every closed value of these events of a case, opened, by event."""
    return _by_event(connection, key, subject, case_id, vault.c.seq.in_(sorted(seqs)))


def by_event(
    connection: Connection, key: bytes, subject: str, case_id: str, fields: Iterable[str]
) -> dict[int, dict[str, Any]]:
    """The closed values of these fields in a case, by the event that they belong to."""
    return _by_event(connection, key, subject, case_id, vault.c.field.in_(sorted(fields)))


def _by_event(
    connection: Connection, key: bytes, subject: str, case_id: str, wanted: ColumnElement[bool]
) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    query = select(vault.c.seq, vault.c.field, vault.c.sealed).where(vault.c.case_id == case_id, wanted)
    for row in connection.execute(query):
        value = _open(key, row.sealed, bound(subject, case_id, row.seq, row.field))[1]
        found.setdefault(row.seq, {})[row.field] = value
    return found


def of_events(
    connection: Connection, keys: Mapping[str, bytes], field: str, events: Set[tuple[str, int]]
) -> dict[tuple[str, int], Any]:
    """One closed value of each of these events (case and number), of the subjects whose keys are given."""
    query = select(vault).where(
        vault.c.field == field,
        vault.c.case_id.in_(sorted({case_id for case_id, _ in events})),
        vault.c.seq.in_(sorted({seq for _, seq in events})),
    )
    return {
        (row.case_id, row.seq): opened(keys[row.subject], row)
        for row in connection.execute(query)
        if (row.case_id, row.seq) in events and row.subject in keys
    }


def latest(
    connection: Connection, keys: KeyRing, subject: str, case_id: str, fields: Iterable[str],
    but_not: Sequence[int] = (),
) -> dict[str, Any]:  # fmt: skip
    """The latest closed value of each of these fields in a case, leaving out some events.

    Nothing where the subject's key is gone.
    """
    wanted = sorted(set(fields))
    key = keys.subject(connection, subject) if wanted else None
    if key is None:
        return {}
    query = select(vault.c.seq, vault.c.field, vault.c.sealed).where(
        vault.c.case_id == case_id, vault.c.field.in_(wanted)
    )
    rows = {row.field: row for row in connection.execute(query.order_by(vault.c.seq)) if row.seq not in but_not}
    return {name: _open(key, row.sealed, bound(subject, case_id, row.seq, name))[1] for name, row in rows.items()}


def opened(key: bytes, row: Any) -> Any:
    """The value of a row of the vault."""
    return _open(key, row.sealed, bound(row.subject, row.case_id, row.seq, row.field))[1]


def _open(key: bytes, sealed: bytes, bound_to: str) -> tuple[bytes, Any]:
    plain = unseal(key, sealed, bound_to)
    return plain[:SALT_BYTES], msgspec.json.decode(plain[SALT_BYTES:])


def reseal(connection: Connection, subject: str, old: bytes, new: bytes) -> None:
    """Seal every closed value of a subject with another key; values and salts stay."""
    for row in connection.execute(select(vault).where(vault.c.subject == subject)).all():
        place = bound(subject, row.case_id, row.seq, row.field)
        which = (vault.c.case_id == row.case_id, vault.c.seq == row.seq, vault.c.field == row.field)
        sealed = seal(new, unseal(old, row.sealed, place), place)
        connection.execute(update(vault).where(*which).values(sealed=sealed))


def matches(key: bytes, sealed: bytes, bound_to: str, commitment: str) -> bool:
    """Whether a sealed value is the one to which the journal is committed."""
    try:
        plain = unseal(key, sealed, bound_to)
    except VaultLocked:
        return False
    return hashlib.sha256(plain).hexdigest() == commitment
