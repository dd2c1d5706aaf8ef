"""Two cases of one person as somebody may see them: joined to each other, or beside each other before that is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from sop_engine.case.access import answers_for, is_hidden_from
from sop_engine.case.accountability import Accountability, accountability
from sop_engine.case.commands import Merge
from sop_engine.case.decide.answer import Asked
from sop_engine.case.decide.merging import merge
from sop_engine.case.directory import Directory
from sop_engine.case.permissions import may_all
from sop_engine.case.reading import seen
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.services.carried import kept_fields
from sop_engine.services.installation import Installation, actor_of, new_id
from sop_engine.services.merging import other_of
from sop_engine.services.registering import column_of, finding_fields, writers
from sop_engine.services.rights import find, id_of
from sop_engine.sop.language import Field, Text
from sop_engine.sop.procedure import Procedure
from sop_engine.store import identities, journal, readings, worklists
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account

KINDS = ("name", "birth", "phone", "handle")
Answer = tuple[Field, Any]


@dataclass(frozen=True, slots=True)
class MergedView:
    """What the page of a case that was joined to another tells of that one.

    `number` is None for those who are not to know it; `ours` says whether the reader may open it, `undo` whether her
    agency may ask that the joining be undone.
    """

    number: str | None
    ours: bool
    undo: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of two cases: its number, who answers for it, and where it stands as far as the reader may see that."""

    number: str
    agency: str
    closed: bool
    sop: Text | None = None
    strip: Accountability | None = None
    opened: datetime | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """A case and the one to which it may be joined.

    `said` is what identifies the person, for each kind of `KINDS` what stands in either case; empty unless the reader
    reads both. `other` is None where there is no such case, or none that may be named. `refused` is what stands against
    joining them now, but for what the one who asks has still to say.
    """

    case: Case
    procedure: Procedure
    mine: Side
    other: Side | None
    said: Mapping[str, tuple[list[Answer], list[Answer]]]
    refused: Refusal | None
    directory: Directory
    now: datetime


def readable(connection: Connection, case: Case, agency: str, now: datetime) -> dict[str, str]:
    """The cases joined to a case that an agency may open, each with its number."""
    if not case.joined:
        return {}
    related = worklists.relations_to(connection, list(case.joined), agency, now)
    return {other: number for other, number in case.joined.items() if other in related}


def merged_view(connection: Connection, case: Case, agency: str, now: datetime) -> MergedView | None:
    """To which case one was joined; None for one that was not."""
    merged = case.merged
    if merged is None:
        return None
    ours = bool(worklists.relations_of(connection, merged.into, agency, now))
    known = ours or agency in (merged.left, merged.holder)
    return MergedView(merged.number if known else None, ours, agency in (merged.left, merged.holder))


def number_told(case: Case, agency: str) -> str | None:
    """The number of the case to which one was joined, for the agencies that know it, else None."""
    merged = case.merged
    known = merged is not None and agency in {merged.left, merged.holder, *merged.readers}
    return merged.number if merged is not None and known else None


def both(inst: Installation, account: Account, number: str, other: str) -> Both:
    """A case of the reader's and the one with another number; raises NotFound unless the reader's agency holds it.

    The look is written down first, for each of the two that the reader may open.
    """
    now = inst.clock()
    with writing(inst.engine) as connection:
        case_id, relations = find(connection, number, account, now, "lead")
        other_id = id_of(connection, other)
        theirs = worklists.relations_of(connection, other_id, account.agency, now) if other_id is not None else set()
        for seen in (case_id, other_id) if theirs else (case_id,):
            readings.note(connection, account, str(seen), "join", now)
    with looking(inst.engine) as connection:
        case = journal.load_known(connection, case_id)
        found = journal.load_known(connection, other_id) if other_id is not None else None
        if found is not None and not _may_be_named(inst, connection, case, found):
            found = None
        spoken = may_all("read", relations) and may_all("read", theirs) and found is not None
        return Both(
            case=case,
            procedure=inst.ground(connection, case.version).procedure,
            mine=_side(inst, connection, case, open_=True),
            other=_side(inst, connection, found, open_=bool(theirs)) if found is not None else None,
            said=_said(inst, connection, [case, found], account) if found is not None and spoken else {},
            refused=_refused(inst, connection, case, found, account) if found is not None else None,
            directory=inst.directory(connection),
            now=now,
        )


def _refused(inst: Installation, connection: Connection, case: Case, other: Case, account: Account) -> Refusal | None:
    """What the decision says now to joining one case to the other; nothing is done."""
    command = Merge(id=new_id(), actor=actor_of(account), number=other.number, sealed={"reason": ""})
    asked = Asked(inst.ground(connection, case.version), case, inst.clock())
    answer = merge(asked, msgspec.structs.replace(command, other=other_of(inst, connection, case, other)))
    return answer if isinstance(answer, Refusal) else None


def _may_be_named(inst: Installation, connection: Connection, case: Case, other: Case) -> bool:
    """As the decision asks: the holder was told of the other case or answers for it, and it is not hidden from it."""
    known = other.id in case.resembles or answers_for(other) == case.holder
    return known and not is_hidden_from(inst.ground(connection, other.version), other, case.holder or "")


def _side(inst: Installation, connection: Connection, case: Case, open_: bool) -> Side:
    closed, agency = case.status == "closed", answers_for(case)
    if not open_:
        return Side(case.number, agency, closed)
    ground = inst.ground(connection, case.version)
    strip = accountability(ground, case, inst.clock())
    return Side(case.number, agency, closed, ground.procedure.sop.title, strip, case.opened)


def _said(
    inst: Installation, connection: Connection, cases: Sequence[Case], account: Account
) -> dict[str, tuple[list[Answer], list[Answer]]]:
    """What identifies the person in two cases, by its kind, as far as the agency may read it and has keys."""
    first, second = (_identity(inst, connection, case, account.agency) for case in cases)
    return {kind: (first.get(kind, []), second.get(kind, [])) for kind in KINDS if first.get(kind) or second.get(kind)}


def _identity(inst: Installation, connection: Connection, case: Case, agency: str) -> dict[str, list[Answer]]:
    ground = inst.ground(connection, case.version)
    kinds, kept = finding_fields(ground.procedure), kept_fields(ground, case, agency)
    fields = [name for name in kinds if name.partition(".")[0] not in kept]
    found: dict[str, list[Answer]] = {}
    by = writers(connection, case)
    for said in identities.load(connection, inst.keys, agency, fields, [case.id]):
        for name, value in said.values.items():
            kind = kinds.get(column_of(name))
            if kind is not None and str(value).strip():
                as_seen = seen(ground, case, agency, name, value, by.get(said.seqs[name]))
                found.setdefault(kind, []).append((_field(ground.procedure, column_of(name)), as_seen))
    return found


def _field(procedure: Procedure, name: str) -> Field:
    """A field, or a column of a list as `people.token`."""
    field, _, column = name.partition(".")
    return procedure.fields[field].row[column] if column else procedure.fields[field]
