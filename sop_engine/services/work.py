"""The inboxes of a person: what waits for her signature, and what is asked of her agency besides holding cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sop_engine.case import state as case_state
from sop_engine.case.accountability import Accountability, accountability
from sop_engine.case.events import PERSON
from sop_engine.case.ground import Ground
from sop_engine.case.items import CONFLICT, EMERGENCY, INBOXES, Item
from sop_engine.case.state import Case
from sop_engine.services.installation import Installation
from sop_engine.services.said import words_of_tasks
from sop_engine.services.telling import reason_words
from sop_engine.sop.language import Text
from sop_engine.store import readings, work, worklists
from sop_engine.store.database import writing
from sop_engine.store.people import Account


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A work item in a list: the case it is of, what is asked, and by when; `said` are the words of a task."""

    case_id: str
    number: str
    sop: Text
    strip: Accountability
    item: Item
    title: Text
    said: str


@dataclass(frozen=True, slots=True)
class Inbox:
    name: str
    rows: list[ItemRow]
    count: int
    over: bool


def inbox_in(
    inst: Installation, connection: Connection, account: Account, name: str, most: int, skip: int = 0
) -> Inbox:
    """One inbox of a person, those due first."""
    who = (account.agency, account.id, account.roles)
    found = work.of_person(connection, *who, INBOXES[name], inst.clock(), most, skip)
    return Inbox(name, _rows(inst, connection, account.agency, found.items), found.count, found.over)


def note_read(inst: Installation, account: Account, inboxes: Sequence[Inbox]) -> None:
    """Write down of which cases somebody is about to read the words of a task."""
    read = {row.case_id: None for inbox in inboxes for row in inbox.rows if row.said}
    if not read:
        return
    with writing(inst.engine) as connection:
        for case_id in read:
            readings.note(connection, account, case_id, "task", inst.clock())


def waiting_in(inst: Installation, connection: Connection, account: Account) -> dict[str, int]:
    """How much waits in each inbox of a person."""
    who = (account.agency, account.id, account.roles)
    return {name: work.counted(connection, *who, kinds, inst.clock()) for name, kinds in INBOXES.items()}


def _rows(inst: Installation, connection: Connection, agency: str, found: Sequence[tuple[str, Item]]) -> list[ItemRow]:
    lines = {line.case_id: line for line in worklists.by_ids(connection, sorted({case_id for case_id, _ in found}))}
    there = [
        (inst.ground(connection, lines[case_id].version), case_state.from_bytes(lines[case_id].state), item)
        for case_id, item in found
    ]
    tasks = [(ground, case, item.key) for ground, case, item in there if item.kind == "task"]
    said = words_of_tasks(inst, connection, agency, tasks) if tasks else {}
    return [
        ItemRow(
            case.id, case.number, ground.procedure.sop.title, accountability(ground, case, inst.clock()), item,
            title_of(ground, case, item), said.get((case.id, item.key), "") if item.kind == "task" else "",
        )
        for ground, case, item in there
    ]  # fmt: skip


def title_of(ground: Ground, case: Case, item: Item) -> Text:
    """What is asked, without any closed word."""
    if item.key.startswith(EMERGENCY):
        return Text("Reading in an emergency to review", "हेर्नुपर्ने आपत्कालीन हेराइ")
    if item.key.startswith(CONFLICT):
        return Text("Conflict of interest to sign", "हस्ताक्षर गर्नुपर्ने स्वार्थको बाझ")
    if item.kind == "conflict":
        return Text("Conflict of interest: give the case to another agency", "स्वार्थको बाझ: विषय अर्को निकायलाई दिने")
    if item.kind == "review":
        return Text("Red stop to review", "हेर्नुपर्ने रातो रोक")
    if item.kind == "erasure":
        return Text("To decide: erase what the person said", "निर्णय गर्नुपर्ने: व्यक्तिले भनेका कुरा मेटाउने")
    if item.kind == "task":
        task = case.tasks[item.key]
        if task.asked_by == PERSON and task.correction:
            return Text("The person says that something is wrong", "व्यक्ति आफैंले केही गलत छ भन्नुभएको")
        return Text("The person asks", "व्यक्ति आफैंले सोध्नुभएको") if task.asked_by == PERSON else Text("Task", "काम")
    if item.kind == "duty":
        return ground.procedure.step_of(item.key).title
    if item.kind == "referral":
        service = reason_words(case.referrals[item.key].service)
        return Text(f"Service asked: {service.en}", f"मागिएको सेवा: {service.in_language('ne')}")
    what = to_sign(ground, case)
    return Text(f"To sign: {what.en}", f"हस्ताक्षर गर्नुपर्ने: {what.in_language('ne')}")


PROPOSED = ("reassign", "extend", "reopen", "merge", "unmerge", "lift_conflict", "erase")


def to_sign(ground: Ground, case: Case) -> Text:
    """What waits for a signature, without any closed word."""
    proposal = case.proposal
    name = proposal.target if proposal is not None else case.owed_signature.exit if case.owed_signature else ""
    if proposal is not None and proposal.act == "waive" and name in ground.procedure.steps:
        title = ground.procedure.step_of(name).title
        return Text(f"to go on without: {title.en}", f"यो विना अगाडि बढ्ने: {title.in_language('ne')}")
    if proposal is not None and proposal.act in PROPOSED:
        return reason_words(proposal.act)
    sop = ground.procedure.sop
    exits = [exit_ for stage in sop.stages if (exit_ := sop.exits(stage).get(name)) is not None]
    return exits[0].title if exits else reason_words(name)
