"""Keeping an installation true: rebuild projections, verify chains and commitments, say what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from sop_engine.case import events as ev
from sop_engine.case import state as case_state
from sop_engine.services import projecting
from sop_engine.services.documents import DIGEST, digest_of
from sop_engine.services.installation import Installation
from sop_engine.services.post import Unreached, faults, try_out
from sop_engine.store import journal, log, outbox, people, vault
from sop_engine.store import tables as t
from sop_engine.store.database import looking, writing
from sop_engine.store.keys import VaultLocked

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Report:
    """What a check found: `problems` are wrong now, `warnings` may become so."""

    checked: int = 0
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def _nothing(done: int, of: int) -> None:
    return None


def case_ids(connection: Connection) -> list[str]:
    rows = connection.execute(select(t.journal.c.case_id).distinct().order_by(t.journal.c.case_id))
    return [row.case_id for row in rows]


def rebuild(inst: Installation, check: bool, progress: Progress = _nothing) -> Report:
    """Fold every case anew and compare with its rows; without `check`, rows that differ are written anew."""
    report = Report()
    with looking(inst.engine) as connection:
        cases = case_ids(connection)
    for number, case_id in enumerate(cases, 1):
        with writing(inst.engine) as connection:
            wanted = _wanted_rows(inst, connection, case_id)
            found = {name: _found_rows(connection, name, case_id) for name in wanted}
            for name, rows in wanted.items():
                if rows != found[name]:
                    report.problems.append(f"case {case_id}: its rows in '{name}' are not what its events give")
                    if not check:
                        _replace(connection, name, case_id, rows)
        report.checked = number
        progress(number, len(cases))
    return report


def _wanted_rows(inst: Installation, connection: Connection, case_id: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a case in each projection, from its events alone."""
    bodies = journal.bodies(connection, case_id)
    envelopes = [ev.from_bytes(body) for body in bodies]
    head = journal.GENESIS
    for body in bodies:
        head = journal.chained(head, body)
    opened = envelopes[0].event
    assert isinstance(opened, ev.Opened)
    rows = projecting.whole(inst.ground(connection, opened.version), envelopes, head)
    rows["standing"] = [_comparable(row) for row in rows["standing"]]
    return rows


def _comparable(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "state": case_state.from_bytes(bytes(row["state"])), "head": bytes(row["head"])}


def _found_rows(connection: Connection, name: str, case_id: str) -> list[dict[str, Any]]:
    table = t.metadata.tables[name]
    keys = [column for column in table.primary_key.columns if column.name != "case_id"]
    rows = connection.execute(select(table).where(table.c.case_id == case_id).order_by(*keys)).mappings()
    return [_comparable(dict(row)) if name == "standing" else dict(row) for row in rows]


def _replace(connection: Connection, name: str, case_id: str, rows: list[dict[str, Any]]) -> None:
    table = t.metadata.tables[name]
    connection.execute(delete(table).where(table.c.case_id == case_id))
    if rows:
        stored = [{**row, "state": case_state.to_bytes(row["state"])} if "state" in row else row for row in rows]
        connection.execute(insert(table), stored)


def verify(inst: Installation, progress: Progress = _nothing) -> Report:
    """Recompute every hash chain from the stored bytes; open every closed value and file against its commitment."""
    report = Report()
    with looking(inst.engine) as connection:
        cases = case_ids(connection)
        for number, case_id in enumerate(cases, 1):
            _verify_case(inst, connection, case_id, report)
            progress(number, len(cases))
        report.checked = len(cases)
        missing = connection.execute(
            select(func.count())
            .select_from(
                t.log.outerjoin(
                    t.journal,
                    (t.journal.c.case_id == t.log.c.case_id)
                    & (t.journal.c.seq == t.log.c.seq)
                    & (t.journal.c.hash == t.log.c.hash),
                )
            )
            .where(t.journal.c.hash.is_(None))
        ).scalar_one()
        if missing:
            report.problems.append(
                f"{missing} entries of the log have no event with their hash: events were changed or removed"
            )
    return report


def _verify_case(inst: Installation, connection: Connection, case_id: str, report: Report) -> None:
    head, expected = journal.GENESIS, 1
    rows = connection.execute(select(t.journal).where(t.journal.c.case_id == case_id).order_by(t.journal.c.seq)).all()
    for row in rows:
        head = journal.chained(head, bytes(row.body))
        if row.seq != expected:
            report.problems.append(f"case {case_id}: event {expected} is missing")
            return
        if head != bytes(row.hash):
            report.problems.append(f"case {case_id}: event {row.seq} was altered")
            return
        expected += 1
    standing = connection.execute(
        select(t.standing.c.head, t.standing.c.subject).where(t.standing.c.case_id == case_id)
    ).first()
    if standing is None or bytes(standing.head) != head:
        report.problems.append(
            f"case {case_id}: the chain does not end where the case stands: events were added or removed"
        )
        return
    events = [ev.from_bytes(bytes(row.body)) for row in rows]
    _verify_vault(inst, connection, case_id, standing.subject, events, report)
    _verify_files(inst, connection, case_id, standing.subject, events, report)


def _verify_vault(
    inst: Installation, connection: Connection, case_id: str, subject: str, events: list[ev.Envelope], report: Report
) -> None:
    key = inst.keys.subject(connection, subject)
    if key is None:
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


def _verify_files(
    inst: Installation, connection: Connection, case_id: str, subject: str, events: list[ev.Envelope], report: Report
) -> None:
    """Open every file that an event names and compare it with the digest to which the event is committed."""
    key = inst.keys.subject(connection, subject)
    if key is None or not any(isinstance(one.event, ev.DocumentAttached) for one in events):
        return
    digests = _digests(connection, key, case_id, subject)
    for one in events:
        file = one.event.file if isinstance(one.event, ev.DocumentAttached) else None
        if file is not None and digest_of(inst, key, subject, case_id, file.id) != digests.get(one.seq, ""):
            report.problems.append(f"case {case_id}: the file of event {one.seq} is missing or was altered")


def _digests(connection: Connection, key: bytes, case_id: str, subject: str) -> dict[int, str]:
    """The digests of files by event; none where the vault was altered, which is told of its values."""
    try:
        found = vault.by_event(connection, key, subject, case_id, {DIGEST})
    except VaultLocked:
        return {}
    return {seq: str(values[DIGEST]) for seq, values in found.items()}


def doctor(inst: Installation) -> Report:
    """What is wrong with an installation, or may become so: letters or mail that fail, a log that lags."""
    report = Report()
    _look_at_mail(inst, report)
    if not inst.documents.is_dir():
        report.problems.append(f"the folder of files {inst.documents} is missing: restore it, or run 'sop-engine init'")
    elif inst.documents.stat().st_mode & 0o077:
        report.warnings.append(f"others may enter the folder of files {inst.documents}: chmod 700")
    with looking(inst.engine) as connection:
        if not inst.rules.second_factor and people.any_real(connection):
            report.warnings.append(
                "second_factor is 'offered', and not everybody here is of a demonstration: a password alone opens "
                'the account of whoever sets up no code app. Write second_factor = "required" into the settings'
            )
        for identity, problem in outbox.problems(connection):
            report.problems.append(f"{identity} cannot be delivered: {problem}")
        waiting = connection.execute(select(func.count()).select_from(t.unfolded)).scalar_one()
        if waiting > 10_000:
            report.warnings.append(f"{waiting} events are not in the log yet: is the worker running?")
        report.checked = log.length(connection)
        if inst.engine.dialect.name == "sqlite":
            version = connection.exec_driver_sql("select sqlite_version()").scalar_one()
            if tuple(int(part) for part in str(version).split(".")) < (3, 51, 3):
                report.warnings.append(
                    f"SQLite {version} has a known fault with two processes checkpointing at once (fixed in 3.51.3): "
                    "run one server process only, or use PostgreSQL"
                )
    return report


def _look_at_mail(inst: Installation, report: Report) -> None:
    """Whether e-mails can go out: their settings, and the server itself as it answers now."""
    if inst.post is None:
        return
    wrong = faults(inst.post)
    report.problems += wrong
    if inst.post.address.startswith("http:"):
        report.warnings.append("address begins with http: e-mails lead people to a page that others can read along")
    if wrong:
        return
    try:
        try_out(inst.post)
    except Unreached as problem:
        server = f"{inst.post.host}:{inst.post.port}"
        report.problems.append(f"the mail server {server} cannot be used ({problem}): e-mails wait until it can")
