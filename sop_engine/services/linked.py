"""Cases that belong together: opening what a case spawned, and telling a parent how its children stand."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.commands import Actor, Hear, Open, Report
from sop_engine.case.events import SYSTEM
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal
from sop_engine.case.requirements import unmet_consent
from sop_engine.case.state import Case
from sop_engine.services import erasing, merging
from sop_engine.services.acting import Maker, NotFound, act, act_as, open_in
from sop_engine.services.installation import Installation, new_number
from sop_engine.sop.language import Field, Spawn
from sop_engine.store import journal, outbox, procedures, vault, worklists
from sop_engine.store.database import Busy, looking
from sop_engine.store.vault import Secret

MOST_ROUNDS = 50


def deliver_all(inst: Installation) -> int:
    """Deliver letters until none is left that can be; a letter that fails stays, with its reason."""
    delivered = 0
    for _ in range(MOST_ROUNDS):
        with looking(inst.engine) as connection:
            letters = outbox.waiting(connection)
        done = sum(_deliver(inst, letter) for letter in letters)
        delivered += done
        if done == 0:
            break
    return delivered


def _deliver(inst: Installation, letter: outbox.Letter) -> bool:
    try:
        if isinstance(letter, outbox.OpenChild):
            return _open_child(inst, letter)
        if isinstance(letter, outbox.TellParent):
            return _tell_parent(inst, letter)
        if isinstance(letter, outbox.TellJoined):
            return _tell_joined(inst, letter)
        if isinstance(letter, outbox.TellReaders):
            return _tell_readers(inst, letter)
        if isinstance(letter, outbox.TellErased):
            return _tell_erased(inst, letter)
        return _tell_subject(inst, letter)
    except Busy:
        return False
    except Exception as problem:  # one letter that breaks must not stand in the way of all others
        with inst.writing() as connection:
            outbox.failed(connection, letter, type(problem).__name__)
        return False


def _open_child(inst: Installation, letter: outbox.OpenChild) -> bool:
    with inst.writing() as connection:
        parent = journal.load_known(connection, letter.parent)
        ground = inst.ground(connection, parent.version)
        spawned = journal.event(connection, parent.id, letter.seq)
        assert isinstance(spawned.event, ev.Spawned)
        spawn = ground.spawn_of(spawned.event.name, spawned.event.exit)
        version = procedures.current(connection)[str(spawn.sop)]
        child_ground = inst.ground(connection, version)
        values, secrets = _carried(inst, connection, ground, child_ground, parent, spawn, letter.row)
        command = Open(
            id=letter.id,
            actor=Actor(spawned.by, _opener(parent) if spawned.agency == SYSTEM else spawned.agency),
            happened=spawned.happened,
            case=letter.child,
            number=new_number(),
            entry=str(spawn.at),
            subject=parent.subject if spawn.same_person else letter.child,
            values={**values, **secrets},
            parts=_bound(ground, child_ground, parent, spawn),
            parent=parent.id,
            parent_name=str(spawn.name),
            with_=parent.with_ if spawn.same_person else None,
            conflicts=[one.said for one in parent.conflicts.values()],
        )
        sealed = {name: Secret.of(value) for name, value in secrets.items()}
        answer = open_in(inst, connection, version, command, sealed, inst.clock())
        if isinstance(answer, Refusal):
            outbox.failed(connection, letter, answer.sentence())
            return False
        outbox.strike(connection, letter)
    return True


def _opener(parent: Case) -> str:
    """Who opens a case that time asks for: whoever holds the case that asks, or stands in for it."""
    holder = parent.holder or parent.opener
    return parent.instead_of(holder) or holder


def _bound(ground: Ground, child: Ground, parent: Case, spawn: Spawn) -> dict[str, str]:
    """The parts of the new case that its opening binds: those the spawn names, and those that come from the parent."""
    parts = {}
    wanted = {str(theirs): str(ours) for theirs, ours in spawn.bind.items()}
    for name, part in child.procedure.sop.agencies.items():
        ours = wanted.get(str(name)) or (str(part.from_parent) if part.from_parent is not None else None)
        agency = ground.agency(parent, ours) if ours is not None else None
        if agency is not None:
            parts[str(name)] = agency
    return parts


def _carried(
    inst: Installation,
    connection: Connection,
    ground: Ground,
    child: Ground,
    parent: Case,
    spawn: Spawn,
    row: int | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What travels: open values and closed ones, of the row and of the parent, as far as consent lets them."""
    fields = child.procedure.fields
    names = [str(name) for name in spawn.carry if str(name) in fields]
    from_row, row_closed = _row(ground, parent, spawn, row)
    closed = {f"{row_closed}.{name}": name for name in names} if row_closed else {}
    asked = [*closed, *names]
    found = vault.latest(connection, inst.keys, parent.subject, parent.id, asked, parent.drafts)
    values = {name: parent.values[name] for name in names if name in parent.values} | {
        k: v for k, v in from_row.items() if k in names
    }
    secrets = {closed.get(name, name): value for name, value in found.items()}
    allowed = {name for name in names if _may_travel(ground, parent, spawn, name, fields[name], inst.clock())}
    opened = {name: value for name, value in values.items() if name in allowed and fields[name].open}
    return opened, {name: value for name, value in secrets.items() if name in allowed and not fields[name].open}


def _row(ground: Ground, parent: Case, spawn: Spawn, row: int | None) -> tuple[dict[str, Any], str | None]:
    if row is None or spawn.for_each is None:
        return {}, None
    step, _, field = str(spawn.for_each).partition(".")
    listed = parent.steps[step].recent[-1].values.get(field, [])
    opened = listed[row] if isinstance(listed, list) and row < len(listed) else {}
    return (opened if isinstance(opened, dict) else {}), f"{field}.{row}"


def _may_travel(ground: Ground, parent: Case, spawn: Spawn, name: str, said: Field, now: datetime) -> bool:
    """A value travels under the consent that the SOP names, in the classes she allowed; life and limb always."""
    under = spawn.under
    if under is None or under.consent is None or name in under.always:
        return True
    if unmet_consent(ground, parent, str(under.consent), None, now):
        return False
    if under.limited_by is None or said.class_ is None:
        return True
    classes = parent.values.get(str(under.limited_by), [])
    return isinstance(classes, list) and str(said.class_) in classes


def _tell_parent(inst: Installation, letter: outbox.TellParent) -> bool:
    command = Report(
        id=letter.id,
        actor=Actor(SYSTEM, SYSTEM),
        name=letter.name,
        child=ev.Child(id=letter.child),
        status=letter.status,
        milestones=letter.milestones,
    )
    try:
        answer = act(inst, letter.parent, command)
    except NotFound:
        answer = None
    with inst.writing() as connection:
        if isinstance(answer, Refusal) and answer.code != "nothing_new":
            outbox.failed(connection, letter, answer.sentence())
            return False
        outbox.strike(connection, letter)
    return True


def _tell_subject(inst: Installation, letter: outbox.TellSubject) -> bool:
    """Tell every open case of an SOP about a subject; where there is none, nobody is to be told."""
    with looking(inst.engine) as connection:
        cases = worklists.about(connection, letter.subject, letter.sop)
    problem = None
    for case_id in cases:
        command = Hear(
            id=f"{letter.id}:{case_id}", actor=Actor(SYSTEM, SYSTEM), case=letter.case, event=letter.event,
            values=letter.values,
        )  # fmt: skip
        answer = act(inst, case_id, command)
        problem = answer.sentence() if isinstance(answer, Refusal) else problem
    with inst.writing() as connection:
        if problem is not None:
            outbox.failed(connection, letter, problem)
            return False
        outbox.strike(connection, letter)
    return True


def _tell_joined(inst: Installation, letter: outbox.TellJoined) -> bool:
    """Tell a case of one that was joined to it or parted from it."""
    return _told(
        inst, letter, [letter.into], lambda connection, case, _: (merging.joining(connection, letter, case), {})
    )


def _tell_readers(inst: Installation, letter: outbox.TellReaders) -> bool:
    """Tell every case that is joined to one who reads that one now."""
    with looking(inst.engine) as connection:
        joined = list(journal.load_known(connection, letter.case).joined)
    return _told(
        inst, letter, joined, lambda connection, case, _: (merging.sharing(inst, connection, letter, case), {})
    )


def _tell_erased(inst: Installation, letter: outbox.TellErased) -> bool:
    """Finish an erasure, and tell the other cases of the person."""
    others = erasing.finish(inst, letter)
    return _told(inst, letter, others, lambda connection, case, _: (erasing.forgetting(letter, case), {}))


def _told(inst: Installation, letter: outbox.Letter, cases: list[str], make: Maker) -> bool:
    """Let each of these cases take note of a letter, and strike it off once all have."""
    answers = [act_as(inst, SYSTEM, "case_id", case_id, make) for case_id in cases]
    with inst.writing() as connection:
        for answer in answers:
            if isinstance(answer, Refusal) and answer.code != "nothing_new":
                outbox.failed(connection, letter, answer.sentence())
                return False
        outbox.strike(connection, letter)
    return True
