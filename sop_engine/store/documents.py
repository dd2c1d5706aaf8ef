"""The bytes of papers: files on disk, each sealed with a key of its own, which is in the vault, under a random name.

A file is a row of sealed chunks. What it belongs to, the number of each chunk and whether it is the last are bound in,
so that a file that was cut, altered, moved or put together from others does not open. No plain byte is ever written.
It is on disk before the event that names it: a crash between leaves a file without an event, never the other way.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sop_engine.store.database import Unwritable
from sop_engine.store.disk import bring_to_disk
from sop_engine.store.sealing import NONCE_BYTES, VaultLocked, seal, unseal

CHUNK = 64 * 1024
TAG_BYTES = 16
_SEALED = NONCE_BYTES + CHUNK + TAG_BYTES
_BEGUN = ".begun"
ID_LETTERS = 32


def bound(subject: str, case_id: str, file: str) -> str:
    """What a file belongs to."""
    return f"document/{subject}/{case_id}/{file}"


def place_of(folder: Path, file: str) -> Path:
    """Where a file lies; raises ValueError for what is no id of a file."""
    if len(file) != ID_LETTERS or not set(file) <= set("0123456789abcdef"):
        raise ValueError("no id of a file")
    return folder / file[:2] / file


def keep(folder: Path, key: bytes, bound_to: str, file: str, plain: bytes) -> None:
    """Seal a file and bring it to disk under a new id; when this returns, a power cut cannot take it."""
    place = place_of(folder, file)
    for needed in (folder, place.parent):
        needed.mkdir(parents=True, exist_ok=True, mode=0o700)
    begun = place.with_name(f"{secrets.token_hex(16)}{_BEGUN}")
    handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as sealed:
            sealed.writelines(_sealed(key, bound_to, plain))
            sealed.flush()
            os.fsync(sealed.fileno())
        begun.rename(place)
    except BaseException as error:
        begun.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise Unwritable("the folder of files takes nothing") from error
        raise
    for changed in (place.parent, folder):
        bring_to_disk(changed)


def _sealed(key: bytes, bound_to: str, plain: bytes) -> Iterator[bytes]:
    starts = range(0, max(len(plain), 1), CHUNK)
    for number, start in enumerate(starts):
        yield seal(key, plain[start : start + CHUNK], _place_in(bound_to, number, last=start == starts[-1]))


def _place_in(bound_to: str, number: int, last: bool) -> str:
    return f"{bound_to}/{number}/{'last' if last else 'more'}"


def read(folder: Path, key: bytes, bound_to: str, file: str) -> bytes:
    """The bytes of a file; raises VaultLocked where it is not there, was altered, cut or moved."""
    try:
        whole = place_of(folder, file).read_bytes()
    except OSError as error:
        raise VaultLocked(f"the file {file} cannot be read") from error
    starts = range(0, max(len(whole), 1), _SEALED)
    return b"".join(
        unseal(key, whole[start : start + _SEALED], _place_in(bound_to, number, last=start == starts[-1]))
        for number, start in enumerate(starts)
    )


def remove(folder: Path, file: str) -> None:
    """Take away a file that no event names."""
    with suppress(FileNotFoundError):
        place_of(folder, file).unlink()


def older_than(folder: Path, moment: datetime) -> set[str]:
    """The files that were brought here before a moment; what was only begun by then is taken away."""
    found = set()
    for place in folder.glob("??/*"):
        if place.stat().st_mtime >= moment.timestamp():
            continue
        if place.name.endswith(_BEGUN):
            place.unlink(missing_ok=True)
        elif len(place.name) == ID_LETTERS:
            found.add(place.name)
    return found
