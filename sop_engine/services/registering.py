"""Filling registers of names: from the vault with the keys of one agency, and then by what is new at each search."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from sop_engine.case.reading import class_of, may_read
from sop_engine.case.state import Case
from sop_engine.services.carried import kept_fields
from sop_engine.services.identity import Register, identity_of
from sop_engine.services.installation import Installation
from sop_engine.services.registers import Kept
from sop_engine.sop.procedure import Procedure
from sop_engine.store import identities, journal
from sop_engine.store.identities import Said


@contextmanager
def register_of(inst: Installation, connection: Connection, agency: str | None) -> Iterator[Register]:
    """The register of what an agency can open (of everything, where none is named), brought up to now.

    One thread at a time has it. Whose case it is to see today is not said in it.
    """
    with inst.registers.of(agency, inst.clock()) as kept:
        try:
            _catch_up(inst, connection, agency, kept)
        except BaseException:
            # Half a register would be silent about the rest: it is built anew at the next search.
            kept.register, kept.position, kept.waiting = Register(), -1, {}
            raise
        yield kept.register


def _catch_up(inst: Installation, connection: Connection, agency: str | None, kept: Kept) -> None:
    """What waits is read before the log, so that an event that moves from one to the other meanwhile is not missed."""
    waiting = identities.waiting(connection)
    if kept.position < 0:
        position = identities.position(connection)
        _fill(inst, connection, agency, kept.register, None)
    else:
        logged, position = identities.logged(connection, kept.position)
        new = (*waiting.items(), *logged.items())
        cases = {case_id for case_id, seq in new if seq > kept.waiting.get(case_id, 0)}
        for case_id in cases:
            kept.register.drop(case_id)
        _fill(inst, connection, agency, kept.register, cases)
    kept.position, kept.waiting = position, waiting


def _fill(
    inst: Installation, connection: Connection, agency: str | None, register: Register, cases: set[str] | None
) -> None:
    if cases is not None and not cases:
        return
    procedures = {version: inst.ground(connection, version).procedure for version in identities.versions(connection)}
    kinds = {version: finding_fields(procedure) for version, procedure in procedures.items()}
    guarded = {
        version
        for version, procedure in procedures.items()
        if any(step.kept_from for _, step in procedure.steps.values())
    }
    fields = {name for found in kinds.values() for name in found}
    always = _always(inst, connection, agency)
    for said in identities.load(connection, inst.keys, agency, fields, cases):
        procedure, hidden = procedures[said.version], set()
        if agency is not None and (
            said.version in guarded or any(class_of(procedure, name) not in always for name in said.values)
        ):
            hidden = _hidden(inst, connection, said, agency)
        answers = ((kinds[said.version].get(column_of(name)), name, value) for name, value in said.values.items())
        found = [(kind, value) for kind, name, value in answers if kind and name not in hidden]
        register.put(said.case_id, identity_of(found))


def _always(inst: Installation, connection: Connection, agency: str | None) -> frozenset[str]:
    """The classes that an agency reads in every case."""
    directory = inst.directory(connection)
    known = directory.agencies.get(agency or "")
    reads = directory.reads.get(known.kind) if known is not None else None
    return reads.always if reads is not None else frozenset()


def _hidden(inst: Installation, connection: Connection, said: Said, agency: str) -> set[str]:
    """What identifies somebody in a case and an agency does not read: of a step kept from it, or of another class."""
    case = journal.load_known(connection, said.case_id)
    ground = inst.ground(connection, said.version)
    kept, by = kept_fields(ground, case, agency), writers(connection, case)
    return {
        name
        for name in said.values
        if name.partition(".")[0] in kept or not may_read(ground, case, agency, name, by.get(said.seqs[name]))
    }


def writers(connection: Connection, case: Case) -> dict[int, str]:
    """The agency that made each event of a case."""
    return {envelope.seq: envelope.agency for envelope in journal.history(connection, case.id)}


def column_of(name: str) -> str:
    """`people.token` for the token of any row of people."""
    field, _, rest = name.partition(".")
    return f"{field}.{rest.partition('.')[2]}" if rest else field


def finding_fields(procedure: Procedure) -> dict[str, str]:
    """The fields (and columns, as `people.token`) by which cases of a procedure are found, each with its kind."""
    found = {}
    for name, said in procedure.fields.items():
        if said.finds is not None:
            found[str(name)] = str(said.finds)
        found |= {f"{name}.{column}": str(inner.finds) for column, inner in said.row.items() if inner.finds is not None}
    return found
