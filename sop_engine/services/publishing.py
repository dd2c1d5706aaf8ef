"""Putting a version of an SOP into force."""

from datetime import datetime
from pathlib import Path

from sop_engine.services.installation import Installation
from sop_engine.sop.loading import load_file
from sop_engine.store import procedures
from sop_engine.store.database import writing


def publish_file(inst: Installation, file: Path, now: datetime) -> tuple[str, bool]:
    """Publish the SOP of a file; gives its version and whether it is new. Raises BrokenSop."""
    procedure, _ = load_file(file)
    with writing(inst.engine) as connection:
        fresh = procedures.publish(connection, procedure, now)
    return procedure.version, fresh
