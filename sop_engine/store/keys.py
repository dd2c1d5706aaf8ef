"""Keys: one per person (or other subject of a case), wrapped by each agency's key, wrapped by the epoch key outside.

AES-256-GCM throughout; what a key or value belongs to is bound in as associated data, so that moving a ciphertext to
another place fails loudly.
"""

import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, insert, select

from sop_engine.store.tables import agency_key, subject_key

KEY_BYTES = 32
NONCE_BYTES = 12
SALT_BYTES = 16
# Kinds of key files: what opens the vault, what signs the log, what a witness signs with.
EPOCH_KEY, LOG_KEY, WITNESS_KEY = "epoch-key", "log-key", "witness-key"


class VaultLocked(Exception):
    """A value or key cannot be opened: a wrong key, no key, or a ciphertext that was moved or altered."""


def seal(key: bytes, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise VaultLocked(f"cannot open what is sealed for {bound_to}") from error


def create_key_file(path: Path, passphrase: str | None, kind: str = EPOCH_KEY) -> None:
    """Write a new key, readable by its owner only; with a passphrase it is wrapped by Argon2id."""
    key = os.urandom(KEY_BYTES)
    if passphrase is None:
        content = f"{kind} 1 plain\n{key.hex()}\n"
    else:
        salt = os.urandom(SALT_BYTES)
        content = f"{kind} 1 argon2id\n{salt.hex()}\n{seal(_stretch(passphrase, salt), key, kind).hex()}\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_key_file(path: Path, passphrase: str | None, kind: str = EPOCH_KEY) -> bytes:
    """The key of a key file; raises VaultLocked where it is not there, is another's, or the passphrase is wrong."""
    try:
        lines = path.read_text().split("\n")
    except OSError as error:
        raise VaultLocked(
            f"the key file {path} cannot be read: run 'sop-engine init' first, or restore the file"
        ) from error
    if lines[0] == f"{kind} 1 plain":
        return bytes.fromhex(lines[1])
    if lines[0] == f"{kind} 1 argon2id":
        if passphrase is None:
            raise VaultLocked(f"the key file {path} needs its passphrase: set SOP_ENGINE_PASSPHRASE")
        return unseal(_stretch(passphrase, bytes.fromhex(lines[1])), bytes.fromhex(lines[2]), kind)
    raise VaultLocked(f"{path} is no key file of the kind {kind}")


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return hash_secret_raw(passphrase.encode(), salt, 3, 65536, 4, KEY_BYTES, Type.ID)


@dataclass(slots=True)
class KeyRing:
    """The keys that this process can open. Holds opened keys in memory, never on disk."""

    epoch_key: bytes = field(repr=False)
    epoch: int = 1
    _agencies: dict[str, bytes] = field(default_factory=dict, repr=False)
    _subjects: dict[str, bytes] = field(default_factory=dict, repr=False)

    def make_agency(self, connection: Connection, code: str) -> None:
        """Make the key of an agency that has none: when the directory is read in, never while a case is worked on."""
        query = select(agency_key.c.agency).where(agency_key.c.agency == code, agency_key.c.epoch == self.epoch)
        if connection.execute(query).first() is None:
            wrapped = seal(self.epoch_key, os.urandom(KEY_BYTES), f"agency/{code}/{self.epoch}")
            connection.execute(insert(agency_key).values(agency=code, epoch=self.epoch, wrapped=wrapped))

    def agency(self, connection: Connection, code: str) -> bytes:
        """The key of an agency; raises VaultLocked where it has none."""
        if code not in self._agencies:
            query = select(agency_key.c.wrapped).where(agency_key.c.agency == code, agency_key.c.epoch == self.epoch)
            row = connection.execute(query).first()
            if row is None:
                raise VaultLocked(f"agency '{code}' has no key: run 'sop-engine init' after changing the directory")
            self._agencies[code] = unseal(self.epoch_key, row.wrapped, f"agency/{code}/{self.epoch}")
        return self._agencies[code]

    def new_subject(self, connection: Connection, subject: str, agency: str) -> bytes:
        """Make the key of a new subject, wrapped for its first agency."""
        key = os.urandom(KEY_BYTES)
        self.share(connection, subject, key, agency)
        return key

    def share(self, connection: Connection, subject: str, key: bytes, agency: str) -> None:
        """Wrap a subject's key for an agency that now holds or supports a case of hers."""
        wrapped = seal(self.agency(connection, agency), key, f"subject/{subject}/{agency}")
        connection.execute(insert(subject_key).values(subject=subject, agency=agency, wrapped=wrapped))

    def agencies_of(self, connection: Connection, subject: str) -> set[str]:
        """The agencies for which a subject's key is wrapped."""
        rows = connection.execute(select(subject_key.c.agency).where(subject_key.c.subject == subject))
        return {row.agency for row in rows}

    def subject(self, connection: Connection, subject: str, agencies: list[str] | None = None) -> bytes | None:
        """The key of a subject, opened with the key of one of these agencies (any, where none is named).

        None where no agency has one, as after erasure.
        """
        if agencies is None and subject in self._subjects:
            return self._subjects[subject]
        query = select(subject_key.c.agency, subject_key.c.wrapped).where(subject_key.c.subject == subject)
        if agencies is not None:
            query = query.where(subject_key.c.agency.in_(agencies))
        row = connection.execute(query.order_by(subject_key.c.agency).limit(1)).first()
        if row is None:
            return None
        key = unseal(self.agency(connection, row.agency), row.wrapped, f"subject/{subject}/{row.agency}")
        if len(self._subjects) > 10_000:
            self._subjects.clear()
        self._subjects[subject] = key
        return key

    def subjects(
        self, connection: Connection, agency: str | None, subjects: Iterable[str] | None = None
    ) -> dict[str, bytes]:
        """The keys of all subjects (or of these) that an agency can open; that anybody can, where none is named."""
        query = select(subject_key).order_by(subject_key.c.subject, subject_key.c.agency)
        if agency is not None:
            query = query.where(subject_key.c.agency == agency)
        if subjects is not None:
            query = query.where(subject_key.c.subject.in_(sorted(subjects)))
        found: dict[str, bytes] = {}
        for row in connection.execute(query):
            if row.subject not in found:
                bound_to = f"subject/{row.subject}/{row.agency}"
                found[row.subject] = unseal(self.agency(connection, row.agency), row.wrapped, bound_to)
        return found

    def mark(self, purpose: str, value: str) -> str:
        """A keyed hash (64 hexadecimal letters): whoever has only the database cannot try out what it is of."""
        return hmac.digest(self.epoch_key, f"{purpose}\0{value}".encode(), "sha256").hex()

    def forget(self) -> None:
        """Drop every opened key: after a transaction that was rolled back, one of them may never have been kept."""
        self._agencies.clear()
        self._subjects.clear()
