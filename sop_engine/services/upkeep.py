"""Keeping an installation true: rebuild projections, say what is wrong."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import URL, Connection, delete, func, insert, select

from sop_engine.audit import GENESIS, chained
from sop_engine.case import events as ev
from sop_engine.case import state as case_state
from sop_engine.services import projecting
from sop_engine.services.epochs import has_copy, leap
from sop_engine.services.installation import Installation
from sop_engine.services.post import HERE, Unreached, faults, try_out
from sop_engine.services.roles import ADMINISTRATOR, ENOUGH
from sop_engine.store import journal, keys, log, outbox, people, worklists
from sop_engine.store import tables as t
from sop_engine.store.database import isolates, looking, writing
from sop_engine.store.epochs import InFiles
from sop_engine.store.isolation import ROLE

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Report:
    """What a check found: `problems` are wrong now, `warnings` may become so."""

    checked: int = 0
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def nothing(done: int, of: int) -> None:
    return None


def case_ids(connection: Connection) -> list[str]:
    rows = connection.execute(select(t.journal.c.case_id).distinct().order_by(t.journal.c.case_id))
    return [row.case_id for row in rows]


def subject_of(inst: Installation, number: str) -> str | None:
    """The id of the person, home or operation that a case is about, whose ever it is; None where there is no such."""
    with looking(inst.engine) as connection:
        case_id = worklists.by_number(connection, number)
        return journal.load_known(connection, case_id).subject if case_id is not None else None


def rebuild(inst: Installation, check: bool, progress: Progress = nothing) -> Report:
    """Fold every case anew and compare with its rows; without `check`, rows that differ are written anew."""
    report = Report()
    with looking(inst.engine) as connection:
        cases = case_ids(connection)
    for number, case_id in enumerate(cases, 1):
        with writing(inst.engine) as connection:
            # Else what somebody writes meanwhile would be seen in part, and written over with what was before.
            connection.execute(select(t.standing.c.case_id).where(t.standing.c.case_id == case_id).with_for_update())
            wanted = _wanted_or_told(inst, connection, case_id, report)
            found = {name: _found_rows(connection, name, case_id) for name in wanted}
            for name, rows in wanted.items():
                if rows != found[name]:
                    report.problems.append(f"case {case_id}: its rows in '{name}' are not what its events give")
                    if not check:
                        _replace(connection, name, case_id, rows)
        report.checked = number
        progress(number, len(cases))
    return report


def _wanted_or_told(
    inst: Installation, connection: Connection, case_id: str, report: Report
) -> dict[str, list[dict[str, Any]]]:
    """The rows of a case; none where its events are such that nobody could have written them."""
    try:
        return _wanted_rows(inst, connection, case_id)
    except Exception as problem:
        report.problems.append(
            f"case {case_id}: its events cannot be folded ({type(problem).__name__}): one was altered"
        )
        return {}


def _wanted_rows(inst: Installation, connection: Connection, case_id: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a case in each projection, from its events alone."""
    bodies = journal.bodies(connection, case_id)
    envelopes = [ev.from_bytes(body) for body in bodies]
    head = GENESIS
    for body in bodies:
        head = chained(head, body)
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


def doctor(inst: Installation) -> Report:
    """What is wrong with an installation, or may become so: letters or mail that fail, a log that lags."""
    report = Report()
    _look_at_mail(inst, report)
    _look_at_epochs(inst, report)
    report.problems += line_to(inst.engine.url)
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
        if people.of_roles(connection, ADMINISTRATOR) < ENOUGH:
            report.warnings.append(
                "fewer than two administrators can sign in, and what one asks for another confirms: make them with "
                "'sop-engine people administrator'"
            )
        for identity, problem in outbox.problems(connection):
            report.problems.append(f"{identity} cannot be delivered: {problem}")
        waiting = connection.execute(select(func.count()).select_from(t.unfolded)).scalar_one()
        if waiting > 10_000:
            report.warnings.append(f"{waiting} events are not in the log yet: is the worker running?")
        report.checked = log.length(connection)
        newest = connection.execute(select(func.max(t.journal.c.recorded))).scalar_one()
        if newest is not None and t.from_text(newest) > inst.clock() + timedelta(days=1):
            report.problems.append(
                f"the newest event is of {newest}, which is still to come: the clock of this machine was wrong then or "
                "is now. Set it right: a clock that is ahead destroys keys too early"
            )
        if inst.engine.dialect.name == "postgresql" and not isolates(inst.engine):
            report.warnings.append(
                "PostgreSQL does not keep agencies apart: let its administrator run "
                f"CREATE ROLE {ROLE} NOLOGIN; (where it is not there) and "
                f"GRANT {ROLE} TO {inst.engine.url.username or 'the login of this installation'}; "
                "then run 'sop-engine init' again"
            )
        if inst.engine.dialect.name == "sqlite":
            version = connection.exec_driver_sql("select sqlite_version()").scalar_one()
            if tuple(int(part) for part in str(version).split(".")) < (3, 51, 3):
                report.warnings.append(
                    f"SQLite {version} has a known fault with two processes checkpointing at once (fixed in 3.51.3): "
                    "run one server process only, or use PostgreSQL"
                )
    return report


def line_to(database: URL) -> list[str]:
    """What is wrong with the line to a database: one elsewhere must prove which it is, over an encrypted line."""
    mode = database.query.get("sslmode") or os.environ.get("PGSSLMODE", "prefer")
    host = str(database.host or database.query.get("host") or HERE[0])
    if host in HERE or host.startswith("/") or mode == "verify-full":
        return []
    return [f"the database is on {host}, and nobody checks that it is: add ?sslmode=verify-full to its address"]


def _look_at_epochs(inst: Installation, report: Report) -> None:
    """Whether keys turn as they should: an epoch that does not end, an old key that is still there."""
    now, late = inst.clock(), timedelta(days=2)
    leapt = leap(inst)
    if leapt is not None:
        report.warnings.append(after_a_leap(leapt))
    folder = inst.keys.source.folder if isinstance(inst.keys.source, InFiles) else None
    if folder is not None and not os.access(folder, os.W_OK):
        report.warnings.append(f"nothing can be written to {folder}: no epoch can begin, and no old key be destroyed")
    with looking(inst.engine) as connection:
        found = keys.epochs(connection)
    if not has_copy(inst, found[-1].number + 1):
        report.warnings.append(
            "nobody has said that copies of the epoch keys are in a safe place: bring them there, then run "
            "'sop-engine keys kept'. Until then no new epoch begins, and nothing that is erased is erased from backups"
        )
    elif now - found[-1].begun > inst.epoch_lasts + late:
        report.warnings.append(
            f"the key of epoch {found[-1].number} has been used since {found[-1].begun.date()}: begin a new epoch with "
            "'sop-engine keys turn --now'"
        )
    for one in found:
        if one.over is not None and one.destroyed is None and now - one.over > inst.epoch_lasts + late:
            report.warnings.append(
                f"the key of epoch {one.number} should be destroyed: until it is, what was erased can be read in old "
                "backups. Run 'sop-engine keys turn', which says what stands against it"
            )


def after_a_leap(leapt: tuple[datetime, datetime]) -> str:
    """What to do where no worker saw the time between two moments go by."""
    before, now = (f"{one:%Y-%m-%d %H:%M}" for one in leapt)
    return (
        f"no worker saw the time between {before} and {now} go by: is the clock of this machine right? If it is, say "
        "so with 'sop-engine keys turn --clock-is-right'. Until then no old key is destroyed"
    )


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
