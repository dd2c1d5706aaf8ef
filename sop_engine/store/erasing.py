"""Erasing what is closed of a person from every table and from the bytes of the database's files."""

from contextlib import closing

from sqlalchemy import Connection, Engine, delete, select, update

from sop_engine.store import keys
from sop_engine.store.database import Busy
from sop_engine.store.tables import draft, link, own_view, reading, standing, subject_key, vault

_SCRUBBED = (vault, subject_key, draft, reading)


def cases_of(connection: Connection, subject: str) -> list[str]:
    """The cases about a person, in a fixed order."""
    rows = connection.execute(select(standing.c.case_id).where(standing.c.subject == subject))
    return sorted(row.case_id for row in rows)


def destroy(connection: Connection, subject: str) -> None:
    """Destroy the key of a person and all that was sealed with it. Nobody seals anything with it meanwhile."""
    of_hers = select(standing.c.case_id).where(standing.c.subject == subject)
    connection.execute(select(subject_key.c.agency).where(subject_key.c.subject == subject).with_for_update()).all()
    keys.destroy(connection, subject)
    connection.execute(delete(vault).where(vault.c.subject == subject))
    connection.execute(delete(draft).where(draft.c.case_id.in_(of_hers)))
    connection.execute(delete(own_view).where(own_view.c.case_id.in_(of_hers)))
    connection.execute(delete(link).where(link.c.case_id.in_(of_hers)))
    connection.execute(update(reading).where(reading.c.case_id.in_(of_hers)).values(purpose=None))


def scrub(engine: Engine) -> None:
    """Take what was deleted out of the files of the database too; safe to run again.

    SQLite writes zeros over what it deletes, and the log that is written ahead is cut off; PostgreSQL gives dead rows
    free. What its own log holds of them goes with the epoch.
    """
    if engine.dialect.name == "sqlite":
        _cut_off_log(engine)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _SCRUBBED:
            connection.exec_driver_sql(f"VACUUM {table.name}")


def _cut_off_log(engine: Engine) -> None:
    """Outside of any transaction; raises Busy where somebody goes on reading an older state."""
    with closing(engine.raw_connection()) as connection:
        (busy, *_) = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Busy("somebody reads an older state")
