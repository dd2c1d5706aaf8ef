"""The one append-only log of all events, in an order of its own, filled by a drain; and the checks of what is kept."""

from sqlalchemy import Connection, Engine, delete, func, insert, select

from sop_engine.store.database import writing
from sop_engine.store.tables import journal, log, unfolded

BATCH = 500


def drain(engine: Engine) -> int:
    """Append the hashes of new events to the log; what is appended and what is struck off go in one transaction.

    Gives the number of events appended. Losing this between two runs loses nothing.
    """
    with writing(engine) as connection:
        query = select(unfolded.c.case_id, unfolded.c.seq, journal.c.hash).join(
            journal, (journal.c.case_id == unfolded.c.case_id) & (journal.c.seq == unfolded.c.seq)
        )
        rows = connection.execute(
            query.order_by(journal.c.recorded, unfolded.c.case_id, unfolded.c.seq).limit(BATCH)
        ).all()
        position = connection.execute(select(func.coalesce(func.max(log.c.position), 0))).scalar_one()
        for offset, row in enumerate(rows, 1):
            connection.execute(
                insert(log).values(position=position + offset, case_id=row.case_id, seq=row.seq, hash=row.hash)
            )
            connection.execute(delete(unfolded).where(unfolded.c.case_id == row.case_id, unfolded.c.seq == row.seq))
    return len(rows)


def length(connection: Connection) -> int:
    """How many events the log holds."""
    return int(connection.execute(select(func.count()).select_from(log)).scalar_one())
