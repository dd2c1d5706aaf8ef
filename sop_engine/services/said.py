"""What people wrote beside the events of a case, and who may read it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.access import keeps_something_from
from sop_engine.case.ground import Ground
from sop_engine.case.permissions import may, may_all
from sop_engine.case.reading import may_open
from sop_engine.case.state import Case
from sop_engine.services.installation import Installation
from sop_engine.services.rights import key_to_read
from sop_engine.store import vault, worklists

SPOKEN = ("note", "reason", "kept", "task", "asked", "answer")


def said_beside(
    inst: Installation, connection: Connection, ground: Ground, case: Case, envelopes: list[ev.Envelope], agency: str,
    relations: frozenset[str],
) -> dict[int, str]:  # fmt: skip
    """What people wrote beside events: notes, reasons, what was asked; needs a key of the agency's own.

    An agency from which a step is kept reads only what its own people wrote, one that was asked for a service only
    what it was asked, and a note to others nobody but they and whoever wrote it. Where a paper is kept is read by those
    who may open that paper. All else has no class: nobody knows of what it speaks.
    """
    if not may("words", relations):
        return {}
    key = key_to_read(inst, connection, case, agency, relations)
    if key is None:
        return {}
    apart = keeps_something_from(ground, case, agency)
    whole = may_all("words", relations)
    theirs = {
        one.seq
        for one in envelopes
        if not _may_read(one, agency, whole, apart) or not _paper_for(ground, case, one, agency)
    }
    found = vault.by_event(connection, key, case.subject, case.id, SPOKEN)
    return {
        seq: " ".join(str(value) for value in values.values()) for seq, values in found.items() if seq not in theirs
    }


def words_of_tasks(
    inst: Installation, connection: Connection, agency: str, tasks: Sequence[tuple[Ground, Case, str]]
) -> dict[tuple[str, str], str]:
    """The words of tasks of several cases, by case and key: those that an agency reads on the page of the case too."""
    related = worklists.relations_to(connection, [case.id for _, case, _ in tasks], agency, inst.clock())
    ours = [
        (case, key)
        for ground, case, key in tasks
        if may_all("words", related.get(case.id, set()))
        and (case.tasks[key].asked_by == agency or not keeps_something_from(ground, case, agency))
    ]
    keys = inst.keys.subjects(connection, agency, {case.subject for case, _ in ours})
    found = vault.of_events(connection, keys, "task", {(case.id, int(key)) for case, key in ours})
    return {(case_id, str(seq)): str(words) for (case_id, seq), words in found.items()}


def _paper_for(ground: Ground, case: Case, one: ev.Envelope, agency: str) -> bool:
    event = one.event
    if not isinstance(event, ev.DocumentAttached):
        return True
    return may_open(ground, case, agency, event.step, event.document, one.agency)


def _may_read(one: ev.Envelope, agency: str, whole: bool, apart: bool) -> bool:
    """Whether an agency reads what was written beside an event: of the `whole` case, or what it was asked alone."""
    if one.agency == agency:
        return True
    if isinstance(one.event, ev.Referred) and one.event.to == agency:
        return True
    if not whole or apart:
        return False
    return not (isinstance(one.event, ev.Noted) and one.event.to and agency not in one.event.to)
