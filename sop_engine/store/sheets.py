"""Sheets of paper: which form each is and whether it was typed in. Knows nothing of a person and no answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from sop_engine.case import events as ev
from sop_engine.store.prepared import Prepared
from sop_engine.store.tables import as_text, from_text, sheet

_USE = Prepared(
    update(sheet).where(sheet.c.code == bindparam("of_code")).values(case_id=bindparam("case_id"), seq=bindparam("seq"))
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form on paper. `number` is the case for which it was printed, `case_id` and `seq` where it was typed in."""

    code: str
    sop: str
    version: str
    step: str
    printed: datetime
    agency: str
    number: str | None = None
    case_id: str | None = None
    seq: int | None = None


def keep(connection: Connection, sheets: Sequence[Sheet]) -> None:
    """Keep sheets that are being printed."""
    rows = [
        {
            "code": one.code, "sop": one.sop, "version": one.version, "step": one.step,
            "printed": as_text(one.printed), "agency": one.agency, "number": one.number,
        }
        for one in sheets
    ]  # fmt: skip
    connection.execute(insert(sheet), rows)


def load(connection: Connection, code: str, to_write: bool = False) -> Sheet | None:
    """A sheet by its code; `to_write` lets nobody else use it before this transaction ends."""
    query = select(sheet).where(sheet.c.code == code)
    row = connection.execute(query.with_for_update() if to_write else query).mappings().first()
    return Sheet(**{**row, "printed": from_text(row["printed"])}) if row is not None else None


def use(connection: Connection, envelopes: Sequence[ev.Envelope]) -> None:
    """Say of the sheets from which steps were typed where they are now."""
    for one in envelopes:
        if isinstance(one.event, ev.StepRecorded) and one.event.sheet is not None:
            _USE.run(connection, {"of_code": one.event.sheet, "case_id": one.case, "seq": one.seq})
