"""Erasing what a person said: what the decision must know, the destruction itself, and what is told of it."""

import os
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.commands import Actor, Command, Erase, Forget, OtherFile, Sign
from sop_engine.case.events import SYSTEM
from sop_engine.case.retention import over_at
from sop_engine.case.state import Case
from sop_engine.services import epochs
from sop_engine.services.installation import Installation
from sop_engine.store import documents, erasing, journal, outbox
from sop_engine.store.database import looking

_SYSTEM = Actor(SYSTEM, SYSTEM)
ERASED = "erased"


def knowing(inst: Installation, connection: Connection, case: Case, command: Command) -> Command:
    """A command with the other cases of the person, where it is about erasing; any other as it was."""
    signs = isinstance(command, Sign) and case.proposal is not None and case.proposal.act == "erase"
    if not (signs or isinstance(command, Erase)):
        return command
    others = tuple(
        _other(inst, connection, other, command.actor.agency)
        for other in erasing.cases_of(connection, case.subject)
        if other != case.id
    )
    if isinstance(command, Sign):
        gone_by = epochs.gone_from_backups(inst, connection)
        return msgspec.structs.replace(command, others=others, gone_by=gone_by)
    return msgspec.structs.replace(command, others=others)


def _other(inst: Installation, connection: Connection, case_id: str, agency: str) -> OtherFile:
    """Another case of the person, which nobody moves before this transaction ends."""
    found = journal.load_to_write(connection, "case_id", case_id, agency, inst.clock())
    assert found is not None, "a case that is there stays there"
    case = found.case
    over = over_at(inst.ground(connection, case.version), case)
    return OtherFile(
        number=case.number if found.relations else None,
        closed=case.status == "closed",
        legal_hold=bool(case.legal_holds),
        kept_longer=over is not None and over > inst.clock(),
    )


def destroy(connection: Connection, case: Case) -> None:
    """Destroy the key of the person of a case, and all that was sealed with it."""
    erasing.destroy(connection, case.subject)


def told_of(before: Case, event: ev.Erased, seq: int) -> outbox.TellErased:
    """What is still to be done once the key is destroyed: files, free pages, the other cases of the person."""
    files = [one.file.id for step in before.steps.values() for one in step.files]
    return outbox.TellErased(case=before.id, seq=seq, gone_by=event.gone_by, files=files)


def finish(inst: Installation, letter: outbox.TellErased) -> list[str]:
    """Take away the files of an erased case and what the database's own files still hold; gives whom to tell.

    Those are the other cases of the person, and those that were joined to this one. Safe to run again.
    """
    with looking(inst.engine) as connection:
        case = journal.load_known(connection, letter.case)
        same = erasing.cases_of(connection, case.subject)
    note(inst.audit, case.subject)
    for file in letter.files:
        documents.remove(inst.documents, file)
    inst.keys.forget()
    inst.registers.forget()
    erasing.scrub(inst.engine)
    return [other for other in dict.fromkeys([*same, *case.joined]) if other != case.id]


def note(audit: Path, subject: str) -> None:
    """Write down beside the log, outside the database, that what a person said was erased: ids only."""
    if subject not in noted(audit):
        with (audit / ERASED).open("a") as file:
            file.write(f"{subject}\n")
            file.flush()
            os.fsync(file.fileno())


def noted(audit: Path) -> set[str]:
    """The persons whose words were erased, as it is written outside the database."""
    place = audit / ERASED
    return set(place.read_text().split()) if place.is_file() else set()


def replay(connection: Connection, audit: Path) -> list[str]:
    """Erase again what an older copy of the database brought back; gives the files that are to go with it."""
    files = []
    for subject in sorted(noted(audit)):
        for case_id in erasing.cases_of(connection, subject):
            case = journal.load_known(connection, case_id)
            files += [one.file.id for step in case.steps.values() for one in step.files]
        erasing.destroy(connection, subject)
    return files


def forgetting(letter: outbox.TellErased, case: Case) -> Forget:
    """What another case is to note of an erasure."""
    return Forget(id=f"{letter.id}:{case.id}", actor=_SYSTEM, case=letter.case, gone_by=letter.gone_by)
