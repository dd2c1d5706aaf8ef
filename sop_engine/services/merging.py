"""What a decision about joining two cases must know of the other one: read, and held fast, in the same transaction."""

import msgspec
from sqlalchemy import Connection

from sop_engine.case.access import answers_for, is_hidden_from, readers
from sop_engine.case.commands import Actor, Command, Join, Merge, Other, ShareWith, Sign
from sop_engine.case.events import SYSTEM
from sop_engine.case.state import Case
from sop_engine.services.installation import Installation
from sop_engine.store import journal, outbox

_SYSTEM = Actor(SYSTEM, SYSTEM)


def knowing(inst: Installation, connection: Connection, case: Case, command: Command) -> Command:
    """A command with the other case, where it is about joining; any other as it was."""
    if isinstance(command, Merge):
        return msgspec.structs.replace(command, other=_other(inst, connection, case, command.number))
    if isinstance(command, Sign) and case.proposal is not None and case.proposal.act == "merge":
        return msgspec.structs.replace(command, other=_other(inst, connection, case, case.proposal.target))
    return command


def _other(inst: Installation, connection: Connection, case: Case, number: str) -> Other | None:
    """The case with a number, which nobody moves before this transaction ends; None where the holder may not know it.

    Two cases that are joined to each other at once would both end: one of the two transactions comes too late.
    """
    found = journal.load_to_write(connection, "number", number, SYSTEM, inst.clock())
    return other_of(inst, connection, case, found.case) if found is not None else None


def other_of(inst: Installation, connection: Connection, case: Case, other: Case) -> Other | None:
    """What a decision about a case knows of another one; None where its holder may not know that one."""
    ground = inst.ground(connection, other.version)
    if is_hidden_from(ground, other, case.holder or ""):
        return None
    return Other(
        case=other.id, number=other.number, about=other.about, subject=other.subject, holder=answers_for(other),
        closed=other.status == "closed", merged=other.merged is not None, stopped=other.stop is not None,
        readers=readers(ground, other),
    )  # fmt: skip


def joining(connection: Connection, letter: outbox.TellJoined, case: Case) -> Join:
    """What a case is to note of another one, as that one stands now: a letter that comes late tells nothing old."""
    other = journal.load_known(connection, letter.case)
    joined = other.merged is not None and other.merged.into == case.id
    return Join(id=letter.id, actor=_SYSTEM, other=other.id, number=other.number, joined=joined)


def sharing(inst: Installation, connection: Connection, letter: outbox.TellReaders, case: Case) -> ShareWith:
    """Who answers for the case to which another was joined, and who reads it, as that stands now."""
    other = journal.load_known(connection, letter.case)
    return ShareWith(
        id=f"{letter.id}:{case.id}", actor=_SYSTEM, into=other.id, holder=answers_for(other),
        readers=readers(inst.ground(connection, other.version), other),
    )  # fmt: skip
