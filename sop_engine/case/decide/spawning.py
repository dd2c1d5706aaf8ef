"""Cases that a case opens: by an exit, by a step that was recorded, or again and again in the course of time."""

import hashlib

from sop_engine.case import events as ev
from sop_engine.case.clock import next_openings, rows_of, values_now
from sop_engine.case.decide.answer import Asked
from sop_engine.case.state import Case
from sop_engine.sop.language import Spawn, Step


def by_exit(asked: Asked, name: str, spawn: Spawn | None) -> tuple[ev.Spawned, ...]:
    """The cases that an exit opens: one, or one for each row of a form.

    They do not wait for the next agency, and an exit that is taken again because its offer was refused opens them once.
    """
    case = asked.case
    if spawn is None or case.stage is None:
        return ()
    rows: list[int | None] = [None]
    if spawn.for_each is not None:
        rows = list(range(len(rows_of(values_now(asked.ground, case, asked.now), spawn.for_each))))
    return _born(asked, spawn, name, _taking(case, name), rows)


def _taking(case: Case, name: str) -> str:
    return f"{name}/{case.entered[case.stage or ''].isoformat()}"


def is_by_exit(case: Case, name: str, spawn: Spawn, child: str) -> bool:
    """Whether a case was opened by taking an exit of the stage in which this case is."""
    known = case.children.get(child)
    return known is not None and child == child_id(case.id, str(spawn.name), _taking(case, name), known.row)


def by_step(asked: Asked, name: str, step: Step) -> tuple[ev.Spawned, ...]:
    """The case that a record of a step opens, a new one for each record."""
    before = asked.case.steps.get(name)
    return _born(asked, step.spawn, None, f"{name}/{before.seq if before else 0}", [None]) if step.spawn else ()


def by_time(asked: Asked) -> tuple[ev.Spawned, ...]:
    """The cases that are to be opened now because their time has come."""
    found: tuple[ev.Spawned, ...] = ()
    for at, spawn in next_openings(asked.ground, asked.case):
        if at <= asked.now:
            found += _born(asked, spawn, None, at.isoformat(), [None])
    return found


def by_reopening(asked: Asked, reason: str, spawn: Spawn) -> tuple[ev.Spawned, ...]:
    """The case that begins a new episode after the end of this one, once for each end and reason."""
    closed = asked.case.closed.isoformat() if asked.case.closed is not None else ""
    return _born(asked, spawn, None, f"{reason}/{closed}", [None])


def _born(asked: Asked, spawn: Spawn, exit_: str | None, act: str, rows: list[int | None]) -> tuple[ev.Spawned, ...]:
    ids = {child_id(asked.case.id, str(spawn.name), act, row): row for row in rows}
    born = [ev.Child(id=identity, row=row) for identity, row in ids.items() if identity not in asked.case.children]
    return (ev.Spawned(name=str(spawn.name), exit=exit_, children=born),) if born or not ids else ()


def child_id(parent: str, name: str, act: str, row: int | None) -> str:
    """The id of a case to be opened: the same for the same act, so that opening it twice opens it once."""
    return hashlib.sha256(f"{parent}/{name}/{act}/{row}".encode()).hexdigest()[:32]
