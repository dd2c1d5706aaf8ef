"""What a correction of a step changed: each answer as it was and as it is, for those who read the step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.ground import Ground
from sop_engine.case.permissions import may_all
from sop_engine.case.reading import seen
from sop_engine.case.state import Case
from sop_engine.services.answers import merge
from sop_engine.services.installation import Installation
from sop_engine.services.rights import key_to_read, reads_step
from sop_engine.sop.language import Field
from sop_engine.store import vault
from sop_engine.store.people import Account


@dataclass(frozen=True, slots=True)
class Change:
    """An answer before and after; `row` (from 0) and `column` where it stands in a list, `said` what was asked.

    `name` is that of the field, or of the cell of a list. What is not for the reader is `Withheld`.

    Of an agency that was chosen `part` is the name, and `said` is None.
    """

    said: Field | None
    old: Any
    new: Any
    row: int | None = None
    column: Field | None = None
    part: str = ""
    name: str = ""


_Pair = tuple[ev.Envelope, ev.Envelope]


def corrections(
    inst: Installation, connection: Connection, ground: Ground, case: Case, envelopes: Sequence[ev.Envelope],
    account: Account, relations: frozenset[str],
) -> dict[int, list[Change]]:  # fmt: skip
    """What each correction of a history changed, by the number of its event.

    Closed answers need a key of the agency's own; without one the open ones alone are compared. Of a step that
    everybody records alone a reader sees only what that reader corrected.
    """
    pairs = [pair for pair in _pairs(envelopes) if _reads(ground, case, pair, account, relations)]
    if not pairs:
        return {}
    key = key_to_read(inst, connection, case, account.agency, relations)
    seqs = {one.seq for pair in pairs for one in pair}
    closed = vault.of_records(connection, key, case.subject, case.id, seqs) if key is not None else {}
    found = {
        after.seq: [
            _as_seen(ground, case, change, (before.agency, after.agency), account.agency)
            for change in _changes(ground, before, after, closed)
        ]
        for before, after in pairs
    }
    return {seq: changes for seq, changes in found.items() if changes}


def _as_seen(ground: Ground, case: Case, change: Change, by: tuple[str, str], agency: str) -> Change:
    """A change as an agency sees it: that there was one is told, a value that is not for it is not."""
    one = change.column or change.said
    if one is None or one.open:
        return change
    name = change.name
    old, new = (
        seen(ground, case, agency, name, value, who) for value, who in zip((change.old, change.new), by, strict=True)
    )
    return replace(change, old=old, new=new)


def _pairs(envelopes: Sequence[ev.Envelope]) -> Iterator[_Pair]:
    """Each correction with the record that it replaces."""
    records = {one.seq: one for one in envelopes if isinstance(one.event, ev.StepRecorded)}
    for one in records.values():
        before = records.get(getattr(one.event, "corrects", None) or -1)
        if before is not None:
            yield before, one


def _reads(ground: Ground, case: Case, pair: _Pair, account: Account, relations: frozenset[str]) -> bool:
    step = str(getattr(pair[1].event, "step", ""))
    if not reads_step(ground, case, step, account.agency, relations):
        return False
    if ground.procedure.step_of(step).different_people:
        return all(one.by == account.id for one in pair)
    return may_all("read", relations) or all(one.agency == account.agency for one in pair)


def _changes(
    ground: Ground, before: ev.Envelope, after: ev.Envelope, closed: Mapping[int, Mapping[str, Any]]
) -> Iterator[Change]:
    old_event, new_event = before.event, after.event
    if not isinstance(old_event, ev.StepRecorded) or not isinstance(new_event, ev.StepRecorded):
        return
    form = ground.procedure.form_of(ground.procedure.step_of(new_event.step))
    old = merge(old_event.values, closed.get(before.seq, {}))
    new = merge(new_event.values, closed.get(after.seq, {}))
    for name in form.fields() if form is not None else ():
        yield from _of_field(str(name), ground.procedure.fields[name], old.get(name), new.get(name))
    for part in sorted(old_event.parts.keys() | new_event.parts.keys()):
        was, now = old_event.parts.get(part), new_event.parts.get(part)
        if was != now:
            yield Change(None, was, now, part=part)


def _of_field(field: str, said: Field, old: Any, new: Any) -> Iterator[Change]:
    if said.type != "rows":
        if old != new:
            yield Change(said, old, new, name=field)
        return
    olds, news = _rows(old), _rows(new)
    for row in range(max(len(olds), len(news))):
        was, now = (rows[row] if row < len(rows) else {} for rows in (olds, news))
        for name, column in said.row.items():
            if was.get(name) != now.get(name):
                yield Change(said, was.get(name), now.get(name), row, column, name=f"{field}.{row}.{name}")


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
