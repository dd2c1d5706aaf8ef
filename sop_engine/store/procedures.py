"""Published versions of SOPs, frozen by the hash of their content; a case stays on its version."""

import json
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, insert, select

from sop_engine.sop.loading import load_text
from sop_engine.sop.procedure import Procedure
from sop_engine.store.tables import as_text, sop_version


def publish(connection: Connection, procedure: Procedure, now: datetime) -> bool:
    """Keep a version; False where it was there already."""
    known = connection.execute(select(sop_version.c.sop).where(sop_version.c.version == procedure.version)).first()
    if known is not None:
        return False
    connection.execute(
        insert(sop_version).values(
            version=procedure.version,
            sop=procedure.name,
            published=as_text(now),
            text=procedure.text,
            beside=json.dumps(dict(procedure.beside)),
        )
    )
    return True


def load(connection: Connection, version: str) -> Procedure:
    """The procedure of a version; compiled once in a process."""
    if version not in _compiled:
        row = connection.execute(select(sop_version).where(sop_version.c.version == version)).one()
        _compiled[version] = _compile(row.text, row.beside, row.sop)
    return _compiled[version]


def current(connection: Connection) -> dict[str, str]:
    """The latest published version of each SOP."""
    rows = connection.execute(select(sop_version.c.sop, sop_version.c.version).order_by(sop_version.c.published))
    return {row.sop: row.version for row in rows}


_compiled: dict[str, Procedure] = {}


@lru_cache(maxsize=64)
def _compile(text: str, beside: str, name: str) -> Procedure:
    return load_text(text, f"{name}.yaml", json.loads(beside))[0]
