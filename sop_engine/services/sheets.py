"""Forms blank on paper: which there are, the code of each sheet that is printed, and what may be typed in from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.access import is_kept_from
from sop_engine.case.directory import Directory
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import Case
from sop_engine.services.acting import TRIES, NotFound
from sop_engine.services.installation import Installation, new_sheet_code, tidy_sheet_code
from sop_engine.services.rights import find, reads_step
from sop_engine.sop.language import Requirement, Step, Text
from sop_engine.sop.procedure import Procedure
from sop_engine.store import journal, people, procedures, readings, sheets, worklists
from sop_engine.store.database import Busy, looking, writing
from sop_engine.store.people import Account
from sop_engine.store.sheets import Sheet

__all__ = [
    "MOST_COPIES", "Found", "Kit", "Sheet", "Use", "chosen_in", "consents_of", "find_sheet", "kit", "on_paper",
    "on_step", "print_blank", "refused", "use_of", "where_to_type",
]  # fmt: skip
MOST_COPIES = 50
MOST_SHEETS = 150


@dataclass(frozen=True, slots=True)
class Kit:
    """The steps of a procedure that can be filled in on paper, by stage (None: those of every stage).

    `number` is the case for which they are printed, `opens` are the procedures of cases that this one opens.
    """

    procedure: Procedure
    directory: Directory
    number: str | None
    stages: list[tuple[str | None, Text | None, list[tuple[str, Step]]]]
    opens: list[Procedure]

    def steps(self) -> list[str]:
        return [name for _, _, steps in self.stages for name, _ in steps]

    def steps_of(self, stage: str | None) -> list[str]:
        """The steps of a stage; None for those of every stage."""
        return [name for here, _, steps in self.stages for name, _ in steps if here == stage]


@dataclass(frozen=True, slots=True)
class Use:
    """That a sheet was typed in; by whom and when, for those who may read it in the case."""

    number: str | None = None
    by: str = ""
    agency: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A sheet with its own version of the procedure; `older` says that another version is followed by now."""

    sheet: Sheet
    procedure: Procedure
    directory: Directory
    older: bool
    used: Use | None


def consents_of(procedure: Procedure, step: Step) -> list[str]:
    """The consents that a step asks for or waits for, which are read aloud from its sheet."""
    asked = [str(step.asks_consent)] if step.asks_consent is not None else []
    return list(dict.fromkeys(asked + _consents(step.requires)))


def _consents(requires: Sequence[Requirement]) -> list[str]:
    found = []
    for said in requires:
        found += [str(name) for name in said.names] if said.kind == "consent" else []
        found += _consents(said.parts)
    return found


def chosen_in(procedure: Procedure, step: str) -> list[str]:
    """The parts whose agency is chosen in a step."""
    return [str(name) for name, part in procedure.sop.agencies.items() if part.chosen_in == step]


def on_paper(procedure: Procedure, name: str) -> bool:
    """Whether a step has anything to fill in."""
    step = procedure.step_of(name)
    return bool(step.form or consents_of(procedure, step) or chosen_in(procedure, name))


def kit(inst: Installation, account: Account, sop: str, number: str | None = None) -> Kit:
    """What can be printed of a procedure, or of that of a case in its own version; raises NotFound."""
    with looking(inst.engine) as connection:
        versions = procedures.current(connection)
        case = _case(inst, connection, account, number) if number is not None else None
        version = case.version if case is not None and case.sop == sop else versions.get(sop)
        if version is None or (case is not None and case.sop != sop):
            raise NotFound(sop)
        ground = inst.ground(connection, version)
        hidden = {name for name in ground.procedure.steps if case and is_kept_from(ground, case, name, account.agency)}
        opened = dict.fromkeys(str(spawn.sop) for spawn in ground.procedure.sop.spawns())
        others = [inst.ground(connection, versions[name]).procedure for name in opened if name in versions]
        stages = _by_stage(ground.procedure, hidden)
        return Kit(
            ground.procedure, inst.directory(connection), number, stages, [one for one in others if case is None]
        )


def _by_stage(procedure: Procedure, hidden: set[str]) -> list[tuple[str | None, Text | None, list[tuple[str, Step]]]]:
    found: list[tuple[str | None, Text | None, list[tuple[str, Step]]]] = []
    titles = [*((str(name), stage.title) for name, stage in procedure.sop.stages.items()), (None, None)]
    for stage, title in titles:
        steps = [
            (name, step)
            for name, (where, step) in procedure.steps.items()
            if where == stage and name not in hidden and on_paper(procedure, name)
        ]
        if steps:
            found.append((stage, title, steps))
    return found


def _case(inst: Installation, connection: Connection, account: Account, number: str) -> Case:
    """A case whose steps somebody may print; raises NotFound."""
    case_id, _ = find(connection, number, account, inst.clock(), "copy")
    return journal.load_known(connection, case_id)


Wanted = Sequence[tuple[Procedure, Sequence[str]]]


def print_blank(
    inst: Installation, account: Account, wanted: Wanted, copies: int, number: str | None = None
) -> list[Sheet] | Refusal:
    """A sheet with its own code for each step that is wanted, copy by copy; those of a case carry its `number`."""
    steps = [(procedure, name) for procedure, names in wanted for name in names]
    if not 1 <= copies <= MOST_COPIES:
        return refuse("copies", f"Print between 1 and {MOST_COPIES} copies", f"१ देखि {MOST_COPIES} प्रतिसम्म छाप्नुहोस्")
    if not steps:
        return refuse("nothing", "There is no form to print here", "यहाँ छाप्ने फारम छैन")
    if len(steps) * copies > MOST_SHEETS:
        count = len(steps) * copies
        return refuse(
            "too_many",
            f"These are {count} forms: print at most {MOST_SHEETS} at once, with fewer copies or stage by stage",
            f"यी {count} फारम हुन्: एक पटकमा बढीमा {MOST_SHEETS} छाप्नुहोस्, कम प्रति वा चरणैपिच्छे",
        )
    for _ in range(TRIES):
        printed = [
            Sheet(new_sheet_code(), procedure.name, procedure.version, name, inst.clock(), account.agency, number)
            for _ in range(copies)
            for procedure, name in steps
        ]
        try:
            with writing(inst.engine) as connection:
                sheets.keep(connection, printed)
            return printed
        except Busy:  # a code that is there already, or another writer
            continue
    raise Busy("another writer was first")


def find_sheet(inst: Installation, account: Account, typed: str) -> Found | Refusal:
    """The sheet with the code that somebody typed. One that was printed for a foreign case is not there."""
    code = tidy_sheet_code(typed)
    if code is None:
        return _no_code()
    with looking(inst.engine) as connection:
        sheet = sheets.load(connection, code)
        if sheet is None or (sheet.number is not None and not _may_see(inst, connection, account, sheet.number)):
            return _unknown(code)
        versions = procedures.current(connection)
        ground = inst.ground(connection, sheet.version)
        older = versions.get(sheet.sop) != sheet.version
        directory = inst.directory(connection)
    return Found(sheet, ground.procedure, directory, older, use_of(inst, account, sheet))


def _may_see(inst: Installation, connection: Connection, account: Account, number: str) -> bool:
    try:
        _case(inst, connection, account, number)
    except NotFound:
        return False
    return True


def use_of(inst: Installation, account: Account, sheet: Sheet) -> Use | None:
    """Whether a sheet was typed in; who did and when is a look at that case, which is written down."""
    if sheet.case_id is None or sheet.seq is None:
        return None
    now = inst.clock()
    with writing(inst.engine) as connection:
        relations = worklists.relations_of(connection, sheet.case_id, account.agency, now)
        case = journal.load_known(connection, sheet.case_id)
        ground = inst.ground(connection, case.version)
        if not reads_step(ground, case, sheet.step, account.agency, relations):
            return Use()
        readings.note(connection, account, case.id, "sheet", now)
        envelope = journal.event(connection, case.id, sheet.seq)
        names = people.names(connection, {envelope.by})
    return Use(case.number, names.get(envelope.by, ""), envelope.agency, envelope.recorded)


def where_to_type(inst: Installation, account: Account, sheet: Sheet, number: str) -> Case | Refusal:
    """The case into which a sheet may be typed, or why it may not."""
    with looking(inst.engine) as connection:
        try:
            case = _case(inst, connection, account, number)
        except NotFound:
            return refuse(
                "no_case",
                "There is no such case, or it is not for your agency",
                "यस्तो विषय छैन, वा तपाईंको निकायका लागि होइन",
            )
        ground = inst.ground(connection, case.version)
        gone = sheet.step not in ground.procedure.steps or is_kept_from(ground, case, sheet.step, account.agency)
    if case.sop == sheet.sop and gone:
        return refuse(
            "no_step",
            "The procedure that this case follows has no such form",
            "यो विषयले पछ्याउने कार्यविधिमा यस्तो फारम छैन",
        )
    elsewhere = sheet.case_id not in (None, case.id)
    return _unfit(sheet, case, sheet.step) or (_used() if elsewhere else case)


def on_step(inst: Installation, account: Account, case: Case, step: str, typed: str) -> Found | Refusal:
    """The sheet from which a step of a case is being typed, or why it is not from this one."""
    found = find_sheet(inst, account, typed)
    if isinstance(found, Refusal):
        return found
    return _unfit(found.sheet, case, step) or found


def refused(connection: Connection, case: Case, step: str, typed: str, command: str, corrects: bool) -> Refusal | None:
    """Why a step cannot be recorded from a sheet: another form or case, or it was typed in before.

    Asked in the transaction that records it, and nobody else uses the sheet before its end.
    """
    code = tidy_sheet_code(typed)
    if code is None:
        return _no_code()
    sheet = sheets.load(connection, code, to_write=True)
    if sheet is None:
        return _unknown(code)
    return _unfit(sheet, case, step) or _twice(connection, sheet, case, command, corrects)


def _unfit(sheet: Sheet, case: Case, step: str) -> Refusal | None:
    if sheet.sop != case.sop or sheet.step != step:
        return refuse("other_form", "This sheet is another form", "यो पाना अर्कै फारम हो")
    if sheet.number is not None and sheet.number != case.number:
        return refuse(
            "other_case",
            "This sheet was printed for another case: compare the number on it",
            "यो पाना अर्को विषयका लागि छापिएको हो: पानाको नम्बर हेर्नुहोस्",
        )
    return None


def _twice(connection: Connection, sheet: Sheet, case: Case, command: str, corrects: bool) -> Refusal | None:
    """A sheet is typed in once; again only as a correction, where it was only begun, or where one act is sent twice."""
    if sheet.case_id is None or sheet.seq is None:
        return None
    if sheet.case_id == case.id:
        envelope = journal.event(connection, case.id, sheet.seq)
        begun = isinstance(envelope.event, ev.StepRecorded) and not envelope.event.complete
        if corrects or begun or envelope.command == command:
            return None
    return _used()


def _used() -> Refusal:
    return refuse(
        "sheet_used",
        "This sheet was typed in already: it counts once, and can only be corrected where it was typed",
        "यो पाना पहिल्यै टाइप गरिएको छ: एक पटक मात्र गनिन्छ, र टाइप गरिएकै ठाउँमा सच्याउन मात्र मिल्छ",
    )


def _no_code() -> Refusal:
    return refuse(
        "no_code",
        "This is no code of a sheet: it looks like S-7K3F-92QX and stands at its top. One letter may be wrong",
        "यो पानाको कोड होइन: कोड S-7K3F-92QX जस्तो हुन्छ र पानाको माथि हुन्छ। एउटा अक्षर गलत हुन सक्छ",
    )


def _unknown(code: str) -> Refusal:
    return refuse(
        "no_sheet",
        f"No sheet with the code {code} was printed here, or it is not for your agency",
        f"{code} कोडको पाना यहाँ छापिएको छैन, वा तपाईंको निकायका लागि होइन",
    )
