"""The one append-only log of all events, in an order of its own, filled by a drain; and the checks of what is kept."""

from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select

from sop_engine.case import events as ev
from sop_engine.store.database import writing
from sop_engine.store.prepared import Prepared
from sop_engine.store.tables import as_text, journal, log, unfolded

BATCH = 5000
_LOG = Prepared(insert(log))
_STRIKE = Prepared(
    delete(unfolded).where(unfolded.c.case_id == bindparam("of_case"), unfolded.c.seq == bindparam("of_seq"))
)


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
        found = [
            {"position": position + offset, "case_id": row.case_id, "seq": row.seq, "hash": bytes(row.hash)}
            for offset, row in enumerate(rows, 1)
        ]
        if found:
            _LOG.run(connection, found)
            _STRIKE.run(connection, [{"of_case": row["case_id"], "of_seq": row["seq"]} for row in found])
    return len(rows)


def length(connection: Connection) -> int:
    """How many events the log holds."""
    return int(connection.execute(select(func.count()).select_from(log)).scalar_one())


def position_of(connection: Connection, case_id: str, seq: int) -> int | None:
    """The place of an event in the log; None until it is there."""
    query = select(log.c.position).where(log.c.case_id == case_id, log.c.seq == seq)
    return connection.execute(query).scalar_one_or_none()


def told(connection: Connection, after: int, until: int, since: datetime) -> list[ev.Envelope]:
    """The events between two positions of the log that were recorded since a moment, in the order of the log."""
    query = (
        select(journal.c.body)
        .join(log, (log.c.case_id == journal.c.case_id) & (log.c.seq == journal.c.seq))
        .where(log.c.position > after, log.c.position <= until, journal.c.recorded >= as_text(since))
    )
    return [ev.from_bytes(bytes(row.body)) for row in connection.execute(query.order_by(log.c.position))]
