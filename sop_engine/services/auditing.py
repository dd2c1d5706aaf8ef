"""Auditing a history: every chain, the log, its checkpoints and witnesses, every closed value and file, every row."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, TextIO

from msgspec import MsgspecError
from sqlalchemy import Connection, select

from sop_engine.audit import FORMAT, PROOF, Entry, Found, Key, check
from sop_engine.case import events as ev
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import upkeep, witnessing
from sop_engine.services.acting import NotFound
from sop_engine.services.documents import DIGEST, KEY, is_whole
from sop_engine.services.erasing import noted
from sop_engine.services.installation import Installation
from sop_engine.services.upkeep import Progress, Report, nothing
from sop_engine.store import checkpoints, erasing, journal, people, tree, vault, worklists
from sop_engine.store import tables as t
from sop_engine.store.database import looking
from sop_engine.store.sealing import VaultLocked

# By how much a clock is set right in passing.
SET_RIGHT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found: `history` as anybody could check it, `closed` what only the keys here open, and the rows."""

    history: Found
    closed: Report

    @property
    def problems(self) -> list[str]:
        return [*self.history.problems, *self.closed.problems]


def verify(
    inst: Installation, progress: Progress = nothing, witnesses: Sequence[Key] | None = None, seen: Sequence[str] = ()
) -> Audit:
    """Audit an installation.

    `witnesses` are their keys as the auditor knows them (default: those that the installation itself trusts), `seen`
    checkpoints that were kept elsewhere. Raises Malformed where one of them cannot be read.
    """
    known = witnessing.witnesses(inst) if witnesses is None else witnesses
    kept = [*witnessing.remembered(inst), *seen]
    with looking(inst.engine) as connection:
        strange: list[str] = []
        entries, waiting = _entries(connection, strange), _waiting(connection, strange)
        found = check(entries, checkpoints.notes(connection), inst.log_key.public, known, kept, waiting)
        for problem in (*strange, *_loose_ends(connection, found)):
            found.tell(problem)
        report = _closed(inst, connection)
        for identity in people.altered(connection, inst.guard):
            report.problems.append(
                f"account {identity}: what opens it was changed from outside: nobody signs in with it"
            )
    report.problems += upkeep.rebuild(inst, check=True, progress=progress).problems
    return Audit(found, report)


def _entries(connection: Connection, strange: list[str]) -> Iterator[Entry]:
    """The entries of the log; what does not fit the journal beside it is noted."""
    for expected, (position, entry, kept) in enumerate(checkpoints.logged(connection), 1):
        if position != expected:
            strange.append(f"entry {expected} of the log is missing, or stands at {position}")
        if kept is not None and kept != entry.hash:
            strange.append(f"case {entry.case}: event {entry.seq} has another hash than in the log: it was altered")
        yield entry


def _waiting(connection: Connection, strange: list[str]) -> Iterator[Entry]:
    """The events that wait for the log; what does not wait and is not in it was never acknowledged."""
    for entry, waits in checkpoints.unlogged(connection):
        if not waits:
            strange.append(f"case {entry.case}: event {entry.seq} is in no log: it was put in from outside")
        yield entry


def _loose_ends(connection: Connection, found: Found) -> Iterator[str]:
    """The cases that do not stand where their chain ends."""
    stands = checkpoints.ends(connection)
    for case in sorted(stands.keys() | found.heads.keys()):
        if stands.get(case) != found.heads.get(case):
            yield f"case {case}: it does not stand where its chain ends: events were added or removed"


def export(inst: Installation, file: TextIO) -> int:
    """Write the history as anybody may check it, without one closed value; gives how many events it holds."""
    with looking(inst.engine) as connection:
        head = {"format": FORMAT, "log": str(inst.log_key.public), "checkpoints": checkpoints.notes(connection)}
        file.write(json.dumps(head) + "\n")
        logged = (entry for _, entry, _ in checkpoints.logged(connection))
        waiting = (entry for entry, _ in checkpoints.unlogged(connection))
        return _write(file, logged, {}) + _write(file, waiting, {"logged": False})


def _write(file: TextIO, entries: Iterable[Entry], more: dict[str, Any]) -> int:
    count = 0
    for entry in entries:
        body = entry.body.decode(errors="replace") if entry.body is not None else None
        file.write(
            json.dumps({"case": entry.case, "seq": entry.seq, "hash": entry.hash.hex(), **more, "body": body}) + "\n"
        )
        count += 1
    return count


def proof(inst: Installation, number: str, seq: int) -> dict[str, Any] | Refusal:
    """What shows that an event of a case is in the log as it was signed last; raises NotFound where there is none."""
    with looking(inst.engine) as connection:
        case_id = worklists.by_number(connection, number)
        event = checkpoints.event(connection, case_id, seq) if case_id is not None else None
        if event is None:
            raise NotFound(number)
        last = checkpoints.latest(connection)
        if event.position is None or last is None or event.position > last[0].size:
            return refuse(
                "unsigned",
                "This event is not signed yet: try again in a few minutes",
                "यो घटनामा अझै हस्ताक्षर भएको छैन: केही मिनेटपछि फेरि प्रयास गर्नुहोस्",
            )
        size, index = last[0].size, event.position - 1
        steps = tree.inclusion(connection, index, size)
        return {
            "format": PROOF, "checkpoint": checkpoints.note_of(connection, size), "index": index,
            "before": event.before.hex(), "body": event.body.decode(), "proof": [step.hex() for step in steps],
        }  # fmt: skip


def _closed(inst: Installation, connection: Connection) -> Report:
    """Open every closed value and file that a key opens, and compare it with what its event is committed to."""
    report = Report()
    subjects = connection.execute(select(t.standing.c.case_id, t.standing.c.subject).order_by(t.standing.c.case_id))
    for case_id, subject in subjects.all():
        try:
            events = [ev.from_bytes(body) for body in journal.bodies(connection, case_id)]
        except MsgspecError:
            # The check of the chains names the event; of what it closed nothing can be said.
            continue
        _times(case_id, events, report)
        _values(inst, connection, case_id, subject, events, report)
        _files(inst, connection, case_id, subject, events, report)
        report.checked += 1
    return report


def _times(case_id: str, events: list[ev.Envelope], report: Report) -> None:
    """Warn where an event was recorded before the one that it follows: the clock of the server was set back."""
    for before, one in pairwise(events):
        if one.recorded < before.recorded - SET_RIGHT:
            report.warnings.append(
                f"case {case_id}: event {one.seq} says {one.recorded:%Y-%m-%d %H:%M} and follows one of "
                f"{before.recorded:%Y-%m-%d %H:%M}: the clock of the server was set back between them"
            )


def _values(
    inst: Installation, connection: Connection, case_id: str, subject: str, events: list[ev.Envelope], report: Report
) -> None:
    key = inst.keys.subject(connection, subject)
    if key is None:
        if any(one.sealed for one in events) and not _erased(inst, connection, subject):
            report.problems.append(f"case {case_id}: the key of its person is gone, and no event tells of an erasure")
        return
    sealed = {
        (row.seq, row.field): row.sealed
        for row in connection.execute(select(t.vault).where(t.vault.c.case_id == case_id))
    }
    for one in events:
        for name, commitment in one.sealed.items():
            value = sealed.pop((one.seq, name), None)
            if value is None or not vault.matches(key, value, vault.bound(subject, case_id, one.seq, name), commitment):
                report.problems.append(
                    f"case {case_id}: the closed value '{name}' of event {one.seq} is missing or was altered"
                )
    for seq, name in sealed:
        report.problems.append(
            f"case {case_id}: the vault holds '{name}' of event {seq}, to which no event is committed"
        )


def _erased(inst: Installation, connection: Connection, subject: str) -> bool:
    """Whether it is told that what a person said was erased: by an event of her cases, or beside an older copy."""
    return subject in noted(inst.audit) or any(
        isinstance(one.event, ev.Erased)
        for case_id in erasing.cases_of(connection, subject)
        for one in journal.history(connection, case_id)
    )


def _files(
    inst: Installation, connection: Connection, case_id: str, subject: str, events: list[ev.Envelope], report: Report
) -> None:
    """Open every file that an event names and compare it with the digest to which the event is committed."""
    key = inst.keys.subject(connection, subject)
    if key is None or not any(isinstance(one.event, ev.DocumentAttached) for one in events):
        return
    closed = _closed_of_files(connection, key, case_id, subject)
    for one in events:
        file = one.event.file if isinstance(one.event, ev.DocumentAttached) else None
        known = closed.get(one.seq)
        if file is not None and (known is None or not is_whole(inst, known, subject, case_id, file.id)):
            report.problems.append(f"case {case_id}: the file of event {one.seq} is missing or was altered")


def _closed_of_files(connection: Connection, key: bytes, case_id: str, subject: str) -> dict[int, dict[str, Any]]:
    """What is closed of files, by event; nothing where the vault was altered, which is told of its values."""
    try:
        return vault.by_event(connection, key, subject, case_id, {DIGEST, KEY})
    except VaultLocked:
        return {}
