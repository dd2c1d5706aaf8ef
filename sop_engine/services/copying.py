"""A copy of an installation while it is in use, without a key, and putting one back on another machine."""

import hmac
import json
import shutil
from pathlib import Path
from typing import Any

from sop_engine import __version__
from sop_engine.services.installation import Installation
from sop_engine.services.witnessing import LATEST, WITNESSES
from sop_engine.store import copying, keys
from sop_engine.store.copying import CannotCopy
from sop_engine.store.database import looking

__all__ = ["ABOUT", "CannotCopy", "about", "copy_out", "differs", "mark_of"]
ABOUT, LOG_PUB = "about.json", "log.pub"
WRITTEN = {"made", "epoch", "log", "opened_by", "events"}
# Kept beside the log's key, and no secret.
OF_THE_LOG = (LOG_PUB, WITNESSES, LATEST)


def copy_out(inst: Installation, folder: Path) -> dict[str, Any]:
    """Copy an installation into a new folder, but for its keys; gives what is written of it. Raises CannotCopy."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise CannotCopy(f"{folder} is there already: name a new folder") from None
    except OSError as problem:
        raise CannotCopy(f"{folder} cannot be made ({problem.strerror}): name another folder") from None
    # What the log was when the copy began, so that it never knows of more than the database that is copied after it.
    (folder / "audit").mkdir(mode=0o700)
    for name in OF_THE_LOG:
        if (inst.audit / name).is_file():
            shutil.copy(inst.audit / name, folder / "audit" / name)
    with looking(inst.engine) as connection:
        epoch = keys.next_epoch(connection) - 1
    held = copying.copy_out(inst.engine, folder)
    # Files are on disk before the events that name them: what is copied after the database lacks none of its files.
    if inst.documents.is_dir():
        shutil.copytree(inst.documents, folder / "documents", ignore=shutil.ignore_patterns("*.begun"))
    written = {
        "made": inst.clock().isoformat(), "version": __version__, "database": inst.engine.dialect.name, "epoch": epoch,
        "log": str(inst.log_key.public), "opened_by": mark_of(inst.keys.epoch_key(epoch)), **held,
    }  # fmt: skip
    (folder / ABOUT).write_text(json.dumps(written, indent=2) + "\n")
    return written


def mark_of(epoch_key: bytes) -> str:
    """By what it is known whether an epoch key is that of a copy before anything is put back; it tells no key."""
    return hmac.digest(epoch_key, b"sop-engine copy", "sha256").hex()


def about(folder: Path) -> dict[str, Any]:
    """What is written of a copy; raises CannotCopy where it is none, or was cut off while it was made."""
    try:
        found = json.loads((folder / ABOUT).read_text())
    except (OSError, ValueError):
        raise CannotCopy(f"{folder} is no whole copy of an installation: there is no {ABOUT} in it") from None
    if not isinstance(found, dict) or not found.keys() >= WRITTEN:
        raise CannotCopy(f"{folder} is no whole copy of an installation: its {ABOUT} lacks what was written of it")
    return found


def differs(inst: Installation, written: dict[str, Any]) -> list[str]:
    """In what an installation differs from what was written of its copy."""
    with looking(inst.engine) as connection:
        held = copying.counts(connection)
    return [
        f"the copy held {written.get(name)} {name}, and here are {count}"
        for name, count in held.items()
        if count != written.get(name)
    ]
