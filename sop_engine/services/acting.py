"""Acting on one case: load, decide, remember, all in one transaction."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from sop_engine.audit import GENESIS
from sop_engine.case import events as ev
from sop_engine.case.access import answers_for, readers, relations
from sop_engine.case.clock import moment
from sop_engine.case.commands import Command, Open
from sop_engine.case.decide import decide, decide_open
from sop_engine.case.events import PERSON, SYSTEM
from sop_engine.case.ground import Ground
from sop_engine.case.items import items
from sop_engine.case.permissions import may
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.stamp import stamp
from sop_engine.case.state import MERGED, Case
from sop_engine.services import erasing, merging, projecting
from sop_engine.services.installation import Installation
from sop_engine.sop.language import Tell
from sop_engine.store import cutting, journal, outbox, sheets, vault
from sop_engine.store.database import Busy
from sop_engine.store.prepared import at_once
from sop_engine.store.rows import access_row, item_row
from sop_engine.store.vault import Secret

MOST_LETTERS = 10_000
TRIES = 8
KEY_RELATIONS = ("holder", "with", "part", "opener", "support")


@dataclass(frozen=True, slots=True)
class Done:
    """A command was carried out (or had been before): the case after it and the events that it gave now.

    `letters` is how many letters to other cases it left in the outbox.
    """

    case: Case
    events: tuple[ev.Envelope, ...]
    letters: int


class NotFound(Exception):
    """There is no such case, or it is not yours: the answer is the same."""


Made = tuple[Command, Mapping[str, Any]]
Maker = Callable[[Connection, Case, Ground], "Made | Refusal"]
# What else is kept in the transaction of an act.
Also = Callable[[Connection, Done], None]


def act(inst: Installation, case_id: str, command: Command, secrets: Mapping[str, Any] | None = None) -> Done | Refusal:
    """Carry out a command on one case; what it owes to other cases is left in the outbox.

    `secrets` are its closed values by field; they go to the vault and only their commitments into the event. Raises
    NotFound where the case is not there or the actor's agency has no relation to it. Sent twice, it acts once.
    """
    return act_as(inst, command.actor.agency, "case_id", case_id, lambda *_: (command, secrets or {}))


def act_as(
    inst: Installation, agency: str, by: journal.By, key: str, make: Maker, permission: str = "act",
    also: Also = lambda *_: None,
) -> Done | Refusal:  # fmt: skip
    """Find a case by its id or number, make a command of what it is like now, and carry it out in one transaction.

    One of the relations of the agency to the case must have the permission; the program needs none, and the person
    whose case it is, whom her code led to it. `also` is done with it, unless it was carried out before.
    """
    tries = itertools.count()

    def work(connection: Connection) -> Done | Refusal:
        everybody = agency in (SYSTEM, PERSON)
        found = journal.load_to_write(connection, by, key, agency, inst.clock(), whosever=everybody)
        if found is None or not (everybody or may(permission, found.relations)):
            raise NotFound(key)
        answer = act_in(inst, connection, found, make, again=next(tries) > 0)
        if isinstance(answer, Done) and answer.events:
            also(connection, answer)
        return answer

    return in_one(inst, work)


def act_by_itself(inst: Installation, connection: Connection, case_id: str, command: Command) -> Done | Refusal:
    """Carry out a command of the system on a case, inside a transaction that is already begun; raises NotFound."""
    found = journal.load_to_write(connection, "case_id", case_id, SYSTEM, inst.clock())
    if found is None:
        raise NotFound(case_id)
    return act_in(inst, connection, found, lambda *_: (command, {}), again=False)


def in_one(inst: Installation, work: Callable[[Connection], Done | Refusal]) -> Done | Refusal:
    """Do something in one transaction, again where another writer was first; raises Busy after TRIES times."""
    for attempt in range(TRIES):
        try:
            with inst.writing() as connection:
                return work(connection)
        except Busy:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("the loop returns or raises")


def too_long(said: Iterable[object]) -> Refusal | None:
    """The refusal of a text that is longer than is kept: nothing is cut in silence."""
    longest = max((len(text) for text in said if isinstance(text, str)), default=0)
    if longest <= MOST_LETTERS:
        return None
    return refuse(
        "too_long",
        f"This text has {longest} letters, and at most {MOST_LETTERS} are kept: shorten it",
        f"यो पाठमा {longest} अक्षर छन्, बढीमा {MOST_LETTERS} राखिन्छ: छोटो बनाउनुहोस्",
    )


def act_in(
    inst: Installation, connection: Connection, found: journal.Loaded, make: Maker, again: bool
) -> Done | Refusal:
    """Make a command on a case that is locked and carry it out, inside a transaction that is already begun.

    A command sent before is found where it is refused or cannot be written.
    """
    case, now = found.case, inst.clock()
    ground = inst.ground(connection, case.version)
    made = make(connection, case, ground)
    if isinstance(made, Refusal):
        return made
    command, secrets = made
    if again and journal.acted_before(connection, command.id) is not None:
        return Done(case, (), 0)
    if (refused := too_long(secrets.values())) is not None:
        return refused
    sealed = {name: Secret.of(value) for name, value in secrets.items()}
    command = msgspec.structs.replace(command, sealed={name: secret.commitment for name, secret in sealed.items()})
    command = erasing.knowing(inst, connection, case, merging.knowing(inst, connection, case, command))
    decided = decide(ground, case, command, now)
    if isinstance(decided, Refusal):
        return decided if journal.acted_before(connection, command.id) is None else Done(case, (), 0)
    envelopes = stamp(case, case.id, command, decided, now)
    return _remember(inst, connection, ground, case, found.head, envelopes, sealed, now)


def open_in(
    inst: Installation,
    connection: Connection,
    version: str,
    command: Open,
    secrets: Mapping[str, Secret],
    now: datetime,
) -> Done | Refusal:
    """Open a case inside a transaction that is already begun."""
    before = journal.acted_before(connection, command.id)
    if before is not None:
        return _opened_before(journal.load_known(connection, before), command)
    ground = inst.ground(connection, version)
    decided = decide_open(ground, command, now)
    if isinstance(decided, Refusal):
        return decided
    command = msgspec.structs.replace(command, sealed={name: secret.commitment for name, secret in secrets.items()})
    envelopes = stamp(None, command.case, command, decided, now)
    return _remember(inst, connection, ground, None, GENESIS, envelopes, dict(secrets), now)


def _opened_before(case: Case, command: Open) -> Done | Refusal:
    """The case that a command opened when it was sent before; nobody else's case is given away for its id."""
    if case.opener == command.actor.agency:
        return Done(case, (), 0)
    return refuse("sent_before", "This was sent already: open the page again", "यो पहिल्यै पठाइएको छ: पाना फेरि खोल्नुहोस्")


def _remember(
    inst: Installation, connection: Connection, ground: Ground, before: Case | None, head: bytes,
    envelopes: Sequence[ev.Envelope], sealed: dict[str, Secret], now: datetime,
) -> Done:  # fmt: skip
    changes, after = projecting.changes(ground, before, envelopes)
    related = relations(ground, after)
    regrouped = before is None or related != relations(ground, before)
    wanted = items(ground, after)
    asked_anew = wanted != (items(ground, before) if before is not None else [])
    if regrouped:
        _keys(inst, connection, before, after, [one.agency for one in related if one.relation in KEY_RELATIONS])
    conflicts = [one.event.conflict for one in envelopes if isinstance(one.event, ev.ConflictDeclared)]
    for conflict in conflicts:
        _hand_on_key(inst, connection, after.subject, conflict)
    key = inst.keys.subject_to_seal(connection, after.subject) if sealed else b""
    if key is None:
        raise Busy("what was said was erased meanwhile")
    letters = _letters(ground, before, after, envelopes)
    with at_once(connection):
        head = journal.append(connection, head, envelopes)
        stood = journal.stand(connection, before, projecting.standing(ground, after, head, envelopes[-1]))
        journal.keep_changes(connection, changes)
        if regrouped:
            journal.keep_access(connection, after.id, [access_row(after.id, relation) for relation in related])
        if asked_anew:
            journal.keep_items(connection, after.id, [item_row(after.id, item) for item in wanted])
        for conflict in conflicts:
            cutting.cut_off(connection, after, conflict.agency)
        vault.keep(connection, key, after.subject, after.id, envelopes[0].seq, sealed)
        sheets.use(connection, envelopes)
        outbox.put(connection, letters, now)
    if stood.rowcount != 1:
        raise Busy("another writer was first")
    if after.erased is not None and before is not None and before.erased is None:
        erasing.destroy(connection, after)
    return Done(after, tuple(envelopes), len(letters))


def _keys(inst: Installation, connection: Connection, before: Case | None, after: Case, agencies: list[str]) -> None:
    """Wrap the subject's key for every agency that now holds or supports the case.

    A key is made where a case begins and there is none; made later, it would lose what was sealed before.
    """
    have = inst.keys.agencies_of(connection, after.subject)
    if not have and before is None:
        offered = after.offer.to if after.offer is not None else after.opener
        inst.keys.new_subject(connection, after.subject, next(iter(agencies), offered))
        have = inst.keys.agencies_of(connection, after.subject)
    _share(inst, connection, after.subject, [agency for agency in dict.fromkeys(agencies) if agency not in have])


def _hand_on_key(inst: Installation, connection: Connection, subject: str, conflict: ev.Conflict) -> None:
    """Whoever takes the place of an agency that is cut off gets the key, where nobody else has it."""
    if inst.keys.agencies_of(connection, subject) == {conflict.agency}:
        _share(
            inst,
            connection,
            subject,
            [heir for heir in (conflict.fallback, conflict.oversight) if heir is not None][:1],
        )


def _share(inst: Installation, connection: Connection, subject: str, agencies: list[str]) -> None:
    key = inst.keys.subject(connection, subject) if agencies else None
    if key is not None:
        for agency in agencies:
            inst.keys.share(connection, subject, key, agency)


def report_of(ground: Ground, case: Case) -> tuple[str, list[str]]:
    """What a case tells the case that opened it: its status (also settled or merged), and the milestones reached."""
    status = "settled" if case.status == "closed" and case.settled else case.status
    status = status if case.merged is None else MERGED
    reached = [str(name) for name, said in ground.procedure.sop.milestones.items() if moment(case, said) is not None]
    return status, sorted(reached)


def _tell(ground: Ground, before: Case | None, name: str | None) -> Tell | None:
    """What taking an exit of the stage in which a case was tells others."""
    exit_ = ground.exits(before).get(name) if before is not None and name is not None else None
    return exit_.tell if exit_ is not None else None


def _read_by(ground: Ground, case: Case) -> tuple[object, ...]:
    """What the cases joined to a case must know of it."""
    return (answers_for(case), readers(ground, case), case.joined.keys())


def _letters(ground: Ground, before: Case | None, after: Case, envelopes: Sequence[ev.Envelope]) -> list[outbox.Letter]:
    letters: list[outbox.Letter] = []
    for envelope in envelopes:
        if isinstance(envelope.event, ev.Spawned):
            for child in envelope.event.children:
                letters.append(outbox.OpenChild(parent=after.id, seq=envelope.seq, child=child.id, row=child.row))
        elif isinstance(envelope.event, ev.Entered | ev.Closed) and (
            tell := _tell(ground, before, envelope.event.exit)
        ):
            values = {str(name): after.values[name] for name in tell.carries if name in after.values}
            letters.append(
                outbox.TellSubject(
                    case=after.id, seq=envelope.seq, subject=after.subject, sop=str(tell.sop), event=str(tell.event),
                    values=values,
                )
            )  # fmt: skip
        elif isinstance(envelope.event, ev.Merged):
            letters.append(outbox.TellJoined(case=after.id, seq=envelope.seq, into=envelope.event.into))
        elif isinstance(envelope.event, ev.Unmerged) and before is not None and before.merged is not None:
            letters.append(outbox.TellJoined(case=after.id, seq=envelope.seq, into=before.merged.into))
        elif isinstance(envelope.event, ev.Erased) and before is not None:
            letters.append(erasing.told_of(before, envelope.event, envelope.seq))
    if after.joined and before is not None and _read_by(ground, before) != _read_by(ground, after):
        letters.append(outbox.TellReaders(case=after.id, seq=after.seq))
    if after.parent is not None and after.parent_name is not None:
        report = report_of(ground, after)
        if before is None or report_of(ground, before) != report:
            status, milestones = report
            letters.append(
                outbox.TellParent(
                    child=after.id,
                    seq=after.seq,
                    parent=after.parent,
                    name=after.parent_name,
                    status=status,
                    milestones=milestones,
                )
            )
    return letters
