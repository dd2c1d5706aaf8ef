"""Files of papers: taken in, given back, looked at, and cleared away where a crash left one that no event names."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from sop_engine.case import commands as cmd
from sop_engine.case.access import is_kept_from
from sop_engine.case.events import File
from sop_engine.case.ground import Ground
from sop_engine.case.permissions import may
from sop_engine.case.reading import may_open, paper_class
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.requirements import all_recorded
from sop_engine.case.state import Case, FileState
from sop_engine.services import uploads
from sop_engine.services.acting import Done, NotFound, act_as
from sop_engine.services.installation import Installation, actor_of, new_id
from sop_engine.services.purpose import PurposeMissing, is_lacking
from sop_engine.services.repeating import sent_before
from sop_engine.services.rights import find, key_to_read, looked
from sop_engine.services.sending import delivered
from sop_engine.services.telling import paper_title
from sop_engine.services.uploads.scanning import scan
from sop_engine.sop.language import Text
from sop_engine.store import documents, drafts, journal, people, readings, schedule, vault
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account
from sop_engine.store.sealing import KEY_BYTES, VaultLocked

ORPHANED = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
SWEPT = "swept"
MOST_NAME_BYTES = 300
# What is closed of a file: the name its sender gave it, the digest of its bytes, and the key that opens them.
NAME, DIGEST, KEY = "file_name", "file_digest", "file_key"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a paper as a page lists it: the how many of its paper, and what its sender called it.

    One that is not for the reader's agency is `withheld`: its class stands there, and its name and a look do not.
    """

    step: str
    document: str
    title: Text
    nth: int
    file: File
    at: datetime
    by: str
    agency: str
    name: str
    withheld: str = ""

    @property
    def has_look(self) -> bool:
        return not self.withheld and uploads.has_look(self.file.media)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that somebody may read, with its bytes; whether she may also keep it on a device."""

    case: Case
    kept: Kept
    may_keep: bool
    data: bytes = field(repr=False)

    @property
    def safe_name(self) -> str:
        """A name for a file on somebody's device that says nothing about anybody."""
        ending = uploads.ENDINGS[self.kept.file.media]
        return f"{self.case.number}-{self.kept.document}-{self.kept.nth}.{ending}"


def attach_file(
    inst: Installation, account: Account, number: str, step: str, document: str, name: str, data: bytes,
    command_id: str, kept: str | None = None, happened: datetime | None = None, seen: int | None = None,
) -> Done | Refusal:  # fmt: skip
    """Take in a file for a paper of a step: cleaned, sealed and on disk before the event that names it is written.

    `kept` tells where the paper itself is. Raises NotFound. Sent twice, it acts once.
    """
    case = _to_write(inst, account, number, step, document)
    if sent_before(inst, command_id):
        return Done(case, (), 0)
    clean = scan(inst.scanner, data) or uploads.take_in(data)
    if isinstance(clean, Refusal):
        return clean
    file, key = File(new_id(), clean.media, len(clean.data)), os.urandom(KEY_BYTES)
    documents.keep(inst.documents, key, documents.bound(case.subject, case.id, file.id), file.id, clean.data)
    command = cmd.Attach(
        id=command_id, actor=actor_of(account), step=step, document=document, file=file, happened=happened, seen=seen
    )
    secrets: dict[str, Any] = {
        NAME: as_name(name), DIGEST: hashlib.sha256(clean.data).hexdigest(), KEY: key.hex(),
    }  # fmt: skip
    secrets |= {"kept": kept} if kept else {}
    answer = act_as(inst, account.agency, "number", number, lambda *_: (command, secrets), "record")
    if isinstance(answer, Refusal) or not answer.events:
        documents.remove(inst.documents, file.id)
    return delivered(inst, answer)


def _to_write(inst: Installation, account: Account, number: str, step: str, document: str) -> Case:
    """The case to which a file is brought, which has a key; raises NotFound."""
    with looking(inst.engine) as connection:
        case, ground, _ = _case(inst, connection, account, number, "record")
        if step not in ground.procedure.steps or is_kept_from(ground, case, step, account.agency):
            raise NotFound(step)
        has_key = inst.keys.subject(connection, case.subject) is not None
        if document not in ground.procedure.step_of(step).documents or not has_key:
            raise NotFound(document)
        return case


def _case(
    inst: Installation, connection: Connection, account: Account, number: str, permission: str
) -> tuple[Case, Ground, frozenset[str]]:
    """A case for which the reader has a permission, and her relations to it; raises NotFound."""
    case_id, relations = find(connection, number, account, inst.clock(), permission)
    case = journal.load_known(connection, case_id)
    return case, inst.ground(connection, case.version), relations


def as_name(name: str) -> str:
    """What a sender called a file, as text of a bounded length; it is never the name of anything here."""
    return name.encode("utf-8", "replace")[:MOST_NAME_BYTES].decode("utf-8", "ignore")


def kept_here(
    inst: Installation, connection: Connection, ground: Ground, case: Case, step: str, account: Account,
    relations: frozenset[str],
) -> list[Kept]:  # fmt: skip
    """The files of a step that somebody may read, in the order in which they came; none who may not open papers."""
    key = key_to_read(inst, connection, case, account.agency, relations) if may("papers", relations) else None
    if key is None or is_kept_from(ground, case, step, account.agency):
        return []
    files = _theirs(ground, case, step, account)
    names = people.names(connection, {one.by for one in files})
    called = vault.by_event(connection, key, case.subject, case.id, {NAME}) if files else {}
    listed = [_kept(ground, step, files, one, names, called) for one in files]
    return [
        one
        if may_open(ground, case, account.agency, step, one.document, one.agency)
        else replace(one, name="", withheld=paper_class(ground.procedure, step, one.document))
        for one in listed
    ]


def _theirs(ground: Ground, case: Case, step: str, account: Account) -> Sequence[FileState]:
    """The files of a step; of one that all record alone, only the reader's own until all have recorded."""
    files = case.steps[step].files if step in case.steps else []
    if ground.procedure.step_of(step).different_people and not all_recorded(ground, case, step):
        return [one for one in files if one.by == account.id]
    return files


def _kept(
    ground: Ground, step: str, files: Sequence[FileState], one: FileState, names: Mapping[str, str],
    called: Mapping[int, Mapping[str, Any]],
) -> Kept:  # fmt: skip
    same = [other.file.id for other in files if other.document == one.document]
    return Kept(
        step, one.document, paper_title(ground, step, one.document), same.index(one.file.id) + 1, one.file, one.at,
        names.get(one.by, ""), one.agency, str(called.get(one.seq, {}).get(NAME, "")),
    )  # fmt: skip


def opened(
    inst: Installation, account: Account, number: str, file: str, permission: str = "papers"
) -> Opened | Refusal:
    """A file of a case; the look is written down before it is read. Raises NotFound for whatever is not theirs, and
    PurposeMissing where she has not said yet what she opens it for.
    """
    with looking(inst.engine) as connection:
        case, ground, relations = _case(inst, connection, account, number, permission)
        step = next((name for name, state in case.steps.items() if file in {one.file.id for one in state.files}), None)
        if step is None or step not in ground.procedure.steps:
            raise NotFound(file)
        listed = kept_here(inst, connection, ground, case, step, account, relations)
        kept = next((one for one in listed if one.file.id == file), None)
        key = key_to_read(inst, connection, case, account.agency, relations)
        if kept is None or kept.withheld or key is None:
            raise NotFound(file)
        if is_lacking(inst, connection, ground, case, account, relations):
            raise PurposeMissing(number)
        closed = vault.by_event(connection, key, case.subject, case.id, {KEY})
        seq = next(one.seq for one in case.steps[step].files if one.file.id == file)
    with writing(inst.engine) as connection:
        readings.note(connection, account, case.id, looked("document", relations), inst.clock())
    own, place = bytes.fromhex(closed[seq][KEY]), documents.bound(case.subject, case.id, file)
    try:
        data = documents.read(inst.documents, own, place, file)
    except VaultLocked:
        return refuse(
            "file_lost", "The file is missing or was altered: tell whoever runs this server",
            "फाइल छैन वा फेरबदल भएको छ: यो सर्भर चलाउनेलाई भन्नुहोस्",
        )  # fmt: skip
    return Opened(case, kept, may("keep", relations), data)


def is_whole(inst: Installation, closed: Mapping[str, Any], subject: str, case_id: str, file: str) -> bool:
    """Whether a stored file is there, opens, and is the one whose digest is among what is closed of it."""
    try:
        key = bytes.fromhex(closed[KEY])
        data = documents.read(inst.documents, key, documents.bound(subject, case_id, file), file)
    except (VaultLocked, ValueError, KeyError):
        return False
    return hashlib.sha256(data).hexdigest() == closed.get(DIGEST)


def sweep(inst: Installation) -> int:
    """Once a day, take away files that no event names and that are older than a day, and drafts that nobody touched
    for a month; gives how many.
    """
    now = inst.clock()
    today = now.date().isoformat()
    with looking(inst.engine) as connection:
        if schedule.marked(connection, SWEPT) == today:
            return 0
        left = documents.older_than(inst.documents, now - ORPHANED)
        left -= journal.files_standing(connection) if left else set()
        left -= journal.files_named(connection) if left else set()
    for file in left:
        documents.remove(inst.documents, file)
    with writing(inst.engine) as connection:
        schedule.set_mark(connection, SWEPT, today)
        forgotten = drafts.drop_older(connection, now - KEPT_FOR)
    return len(left) + forgotten
