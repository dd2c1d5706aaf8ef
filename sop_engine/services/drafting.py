"""Drafts: what somebody types is kept field by field, and given back to them alone, on whatever device they go on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sop_engine.case.clock import calendar_of
from sop_engine.case.directory import Directory
from sop_engine.case.state import Case
from sop_engine.services.acting import NotFound
from sop_engine.services.form_fields import raw_of
from sop_engine.services.half_filled import SoFar, so_far
from sop_engine.services.installation import Installation
from sop_engine.services.rights import find
from sop_engine.services.step_page import only_read
from sop_engine.sop.procedure import Procedure
from sop_engine.store import drafts, journal
from sop_engine.store.database import writing
from sop_engine.store.drafts import Draft, Fields
from sop_engine.store.people import Account

__all__ = ["MOST_LETTERS", "Draft", "Fields", "Kept", "drop_draft", "keep_draft"]
MOST_LETTERS = 600_000


@dataclass(frozen=True, slots=True)
class Kept:
    """When a draft was kept, and what the form comes to with it."""

    saved: datetime
    so_far: SoFar
    procedure: Procedure
    directory: Directory


def keep_draft(inst: Installation, account: Account, number: str, step: str, fields: Fields, seen: int) -> Kept | None:
    """Put these fields of a form into somebody's draft of a step, beside those that are there already.

    What the form does not ask for is left out. None where it holds too much. Raises NotFound where this person may not
    record the step.
    """
    with writing(inst.engine) as connection:
        case, key = _open(inst, connection, account, number, step)
        before = drafts.load(connection, key, account.id, case.id, step)
        ground = inst.ground(connection, case.version)
        form = ground.procedure.form_of(ground.procedure.step_of(step))
        asked = set(map(str, form.fields())) if form is not None else set()
        fields = {name: values for name, values in fields.items() if name.partition(".")[0] in asked}
        whole = {**(before.fields if before is not None else {}), **fields}
        if sum(len(name) + sum(map(len, values)) for name, values in whole.items()) > MOST_LETTERS:
            return None
        draft = Draft(whole, inst.clock(), before.seen if before is not None else seen)
        drafts.keep(connection, key, account.id, case.id, step, draft)
    procedure, calendar = ground.procedure, calendar_of(ground, account.agency)
    raw = raw_of(procedure, form, whole)
    bs = account.reader.bikram_sambat
    found = so_far(procedure, form, raw, case.values, ground.directory, calendar, calendar.today(draft.saved), bs)
    return Kept(draft.saved, found, procedure, ground.directory)


def drop_draft(inst: Installation, account: Account, number: str, step: str) -> None:
    """Throw somebody's own draft of a step away; raises NotFound where it is not theirs to write."""
    with writing(inst.engine) as connection:
        case, _ = _open(inst, connection, account, number, step)
        drafts.drop(connection, account.id, case.id, step)


def _open(inst: Installation, connection: Connection, account: Account, number: str, step: str) -> tuple[Case, bytes]:
    """A case in which somebody may record a step, and the key of its person."""
    case_id, _ = find(connection, number, account, inst.clock(), "record")
    case = journal.load_known(connection, case_id)
    ground = inst.ground(connection, case.version)
    key = inst.keys.subject(connection, case.subject, account.agency)
    key = inst.keys.subject_to_seal(connection, case.subject) if key is not None else None
    if step not in ground.procedure.steps or key is None or only_read(ground, case, step, account) is not None:
        raise NotFound(number)
    return case, key
