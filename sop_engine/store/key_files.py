"""Files of keys: each holds one key of one kind, in clear or sealed with a passphrase."""

import os
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

from sop_engine.store.disk import bring_to_disk
from sop_engine.store.sealing import KEY_BYTES, VaultLocked, seal, unseal

SALT_BYTES = 16
# What opens the vault, what signs the log, what a witness signs with.
EPOCH_KEY, LOG_KEY, WITNESS_KEY = "epoch-key", "log-key", "witness-key"


def create_key_file(path: Path, passphrase: str | None, kind: str) -> None:
    """Write a new key, readable by its owner only; with a passphrase it is wrapped by Argon2id."""
    write_key_file(path, os.urandom(KEY_BYTES), passphrase, kind)


def write_key_file(path: Path, key: bytes, passphrase: str | None, kind: str) -> None:
    """Write a key into a new file and bring it to disk; raises FileExistsError where there is one."""
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
    bring_to_disk(path.parent)


def read_key_file(path: Path, passphrase: str | None, kind: str) -> bytes:
    """The key of a key file; raises VaultLocked where it is not there, is another's, or the passphrase is wrong."""
    try:
        lines = path.read_text().split("\n")
    except OSError as error:
        raise VaultLocked(
            f"the key file {path} cannot be read: put it back from where copies of the keys are kept"
        ) from error
    if lines[0] == f"{kind} 1 plain":
        return bytes.fromhex(lines[1])
    if lines[0] == f"{kind} 1 argon2id":
        if passphrase is None:
            raise VaultLocked(f"the key file {path} needs its passphrase: set SOP_ENGINE_PASSPHRASE")
        return unseal(_stretch(passphrase, bytes.fromhex(lines[1])), bytes.fromhex(lines[2]), kind)
    raise VaultLocked(f"{path} is no key file of the kind {kind}")


def destroy_key_file(path: Path) -> None:
    """Write over a key and take its file away, as far as a file system lets anybody; copies are not reached."""
    handle = os.open(path, os.O_RDWR)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        file.write(os.urandom(os.fstat(file.fileno()).st_size))
        os.fsync(file.fileno())
    path.unlink()
    bring_to_disk(path.parent)


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return hash_secret_raw(passphrase.encode(), salt, 3, 65536, 4, KEY_BYTES, Type.ID)
