"""Whose case it is to see: relations decide, and the answer for a foreign case is that of one that is not there."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.access import is_hidden_from, is_kept_from
from sop_engine.case.ground import Ground
from sop_engine.case.permissions import in_emergency, may, may_all
from sop_engine.case.state import Case, from_bytes
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation, tidy_number
from sop_engine.store import journal, worklists
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.worklists import Line

IN_EMERGENCY, LONGEST_LOOK = "emergency ", 60


def reads_step(ground: Ground, case: Case, step: str, agency: str, relations: frozenset[str] | set[str]) -> bool:
    """Whether an agency reads a step: one at work on the case all that is not kept from it, a former holder its own.

    Who handed a case on goes on to see how it fares, and what it wrote itself; not what others were told since.
    """
    if is_kept_from(ground, case, step, agency):
        return False
    state = case.steps.get(step)
    own = "former" in relations and state is not None and state.agency == agency
    return own or may_all("read", relations)


def id_of(connection: Connection, number: str) -> str | None:
    """The id of the case with a number, whose ever it is."""
    return worklists.by_number(connection, number) if tidy_number(number) == number else None


def find(
    connection: Connection, number: str, account: Account, now: datetime, permission: str = "know"
) -> tuple[str, frozenset[str]]:
    """The id of a case and the relations to it of an account and its agency, one of which must have a permission.

    Raises NotFound alike for absent and foreign cases and for who works on none, and after the same work.
    """
    if tidy_number(number) != number:
        raise NotFound(number)
    case_id, relations = worklists.relations_by_number(connection, number, account.agency, now, account.id)
    if case_id is None or not account.works or not may(permission, relations):
        raise NotFound(number)
    return case_id, frozenset(relations)


def key_to_read(
    inst: Installation, connection: Connection, case: Case, agency: str, relations: frozenset[str] | set[str]
) -> bytes | None:
    """The key of a case's subject for a reader: opened with her agency's own, in an emergency with one at work on it.

    No key is ever wrapped for an agency because of an emergency.
    """
    return inst.keys.subject(connection, case.subject, None if in_emergency(relations) else agency)


def looked(what: str, relations: frozenset[str] | set[str]) -> str:
    """What a look is written down as: one in an emergency is told apart."""
    return f"{IN_EMERGENCY}{what}"[:LONGEST_LOOK] if in_emergency(relations) else what[:LONGEST_LOOK]


def case_id_of(inst: Installation, account: Account, number: str, permission: str = "know") -> str:
    """The id of a case for which this account has a permission; raises NotFound."""
    with looking(inst.engine) as connection:
        return find(connection, number, account, inst.clock(), permission)[0]


def seq_of(inst: Installation, account: Account, number: str) -> int:
    """The number of the last event of a case that is this account's to see; raises NotFound."""
    with looking(inst.engine) as connection:
        case_id, _ = find(connection, number, account, inst.clock())
        return journal.load_known(connection, case_id).seq


def hidden_children(
    inst: Installation, connection: Connection, ground: Ground, case: Case, lines: Sequence[Line], agency: str
) -> set[str]:
    """The cases opened by this one of which an agency is not to know.

    Those of a step that is kept from it, as a rescue from a home; those that are shut to it or keep something from it,
    as a visit that nobody announced, and are not its own yet; and those not open yet, of which neither can be told.
    """
    kept = {
        str(step.spawn.name)
        for name, (_, step) in ground.procedure.steps.items()
        if step.spawn is not None and is_kept_from(ground, case, name, agency)
    }
    there = {line.case_id for line in lines}
    hidden = {child for child, state in case.children.items() if child not in there or state.name in kept}
    for line in lines:
        apart = is_hidden_from(inst.ground(connection, line.version), from_bytes(line.state), agency)
        if apart and not worklists.relations_of(connection, line.case_id, agency, inst.clock()):
            hidden.add(line.case_id)
    return hidden


def is_told(ground: Ground, case: Case, event: ev.Event, agency: str, hidden: set[str]) -> bool:
    """Whether an agency reads a line of the history: none of a step kept from it, none of a case hidden from it.

    That another case resembles this one is for its holder alone, and that one was joined to it for those that may read
    that one; of what was undone the holder knows.
    """
    if isinstance(event, ev.StepRecorded | ev.StepWaived | ev.DocumentAttached):
        return not is_kept_from(ground, case, event.step, agency)
    if isinstance(event, ev.Resembled):
        return case.holder == agency
    if isinstance(event, ev.Joined | ev.Parted):
        return event.other not in hidden and (event.other in case.joined or case.holder == agency)
    if isinstance(event, ev.Spawned):
        return not event.children or any(child.id not in hidden for child in event.children)
    return not isinstance(event, ev.ChildReported) or event.child not in hidden
