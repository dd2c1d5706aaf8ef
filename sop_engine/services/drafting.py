"""Drafts: what somebody types is kept field by field, and given back to them alone, on whatever device they go on."""

from datetime import timedelta

from sqlalchemy import Connection

from sop_engine.case.state import Case
from sop_engine.services.acting import NotFound
from sop_engine.services.installation import Installation
from sop_engine.services.rights import CONTENT_RELATIONS, find
from sop_engine.services.step_page import only_read
from sop_engine.store import drafts, journal
from sop_engine.store.database import writing
from sop_engine.store.drafts import Draft, Fields
from sop_engine.store.people import Account

__all__ = ["KEPT_FOR", "MOST_LETTERS", "Draft", "Fields", "drop_draft", "forget_old", "keep_draft"]
KEPT_FOR = timedelta(days=30)
MOST_LETTERS = 600_000


def keep_draft(inst: Installation, account: Account, number: str, step: str, fields: Fields, seen: int) -> Draft | None:
    """Put these fields of a form into somebody's draft of a step, beside those that are there already.

    None where it holds too much. Raises NotFound where this person may not record the step.
    """
    with writing(inst.engine) as connection:
        case, key = _open(inst, connection, account, number, step)
        before = drafts.load(connection, key, account.id, case.id, step)
        whole = {**(before.fields if before is not None else {}), **fields}
        if sum(len(name) + sum(map(len, values)) for name, values in whole.items()) > MOST_LETTERS:
            return None
        draft = Draft(whole, inst.clock(), before.seen if before is not None else seen)
        drafts.keep(connection, key, account.id, case.id, step, draft)
        return draft


def drop_draft(inst: Installation, account: Account, number: str, step: str) -> None:
    """Throw somebody's own draft of a step away; raises NotFound where it is not theirs to write."""
    with writing(inst.engine) as connection:
        case, _ = _open(inst, connection, account, number, step)
        drafts.drop(connection, account.id, case.id, step)


def forget_old(inst: Installation) -> int:
    """Drop the drafts that nobody touched for KEPT_FOR; gives how many."""
    with writing(inst.engine) as connection:
        return drafts.drop_older(connection, inst.clock() - KEPT_FOR)


def _open(inst: Installation, connection: Connection, account: Account, number: str, step: str) -> tuple[Case, bytes]:
    """A case in which somebody may record a step, and the key of its person."""
    case_id, relations = find(connection, number, account.agency, inst.clock())
    case = journal.load_known(connection, case_id)
    ground = inst.ground(connection, case.version)
    key = inst.keys.subject(connection, case.subject, [account.agency])
    known = step in ground.procedure.steps and bool(relations & CONTENT_RELATIONS)
    if not known or key is None or only_read(ground, case, step, account) is not None:
        raise NotFound(number)
    return case, key
