"""An SOP as the tables of the domain text write it: one line for each stage, step and way out.

The tables in this folder are typed from the text and never from the YAML; `stage_rows` and its like say the loaded SOP
in the same words, so that the two can be compared cell by cell.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from sop_engine.sop.conditions import Condition
from sop_engine.sop.language import Accountable, Deadline, Exit, Signature, Sop, Stage, Step
from sop_engine.sop.procedure import Procedure

Row = tuple[str, ...]

# The codes by which the text calls the institutions, and the kind of agency of the directory that each is.
KINDS = {
    "AHTB": "anti_trafficking_police", "APF": "border_force", "BOOTH": "ngo_booth", "COMMAND": "police_superior",
    "CWC": "child_welfare_committee_india", "CWO": "child_welfare", "DAO": "district_administration",
    "DC": "district_court", "DCCHT": "dccht", "DGAO": "government_attorney", "DOFE": "foreign_employment_department",
    "DOI": "immigration", "EMB": "mission", "FEB": "foreign_employment_board", "HOME": "childrens_home",
    "HOST": "foreign_authority", "LAWYER": "legal_aid", "LCRC": "local_child_rights", "LG": "local_level",
    "MOFA": "ministry_foreign", "MOHA": "ministry_home", "MOWCSC": "ministry_women", "NCCHT": "nccht", "NCRC": "ncrc",
    "NGO": "ngo", "OCMC": "hospital", "OVERSIGHT": "oversight", "PCRC": "provincial_child_rights",
    "PROSECUTION": "prosecution", "RC": "rehabilitation_centre",
    "SHELTER": "shelter", "SUSPECTS": "suspect_investigation", "AG": "attorney_general",
    "TRANSIT": "transit_home", "UN": "un_agency", "UNHCR": "un_refugee",
    "WCSC": "police_women_desk",
}  # fmt: skip
CODES = {kind: code for code, kind in KINDS.items()}


def rows(table: str) -> list[Row]:
    """The lines of a table below its heading; cells are parted by `|`, and a list in a cell has no order."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    cells = [tuple(_sorted(cell.strip()) for cell in line.split("|")) for line in lines]
    assert all(len(one) == len(other) for one, other in pairwise(cells)), "a row has a cell too many or too few"
    return cells[1:]


def without_last(table: Iterable[Row]) -> list[Row]:
    """Rows without the cell that says where they come from."""
    return [row[:-1] for row in table]


def _sorted(cell: str) -> str:
    return ", ".join(sorted(cell.split(", ")))


def _row(*cells: str) -> Row:
    return tuple(_sorted(cell) for cell in cells)


def stage_rows(procedure: Procedure) -> Iterator[Row]:
    """stage | accountable | deadline | consulted | informed"""
    sop = procedure.sop
    for name, stage in sop.stages.items():
        consulted = ", ".join(part_codes(sop, str(part)) for part in stage.consults)
        informed = ", ".join(part_codes(sop, str(told.part)) for told in stage.informs)
        yield _row(str(name), accountable(sop, stage.accountable), deadlines(stage.deadline), consulted, informed)


def step_rows(procedure: Procedure) -> Iterator[Row]:
    """stage | step | by | form | m/o/c | deadline; a step of every stage stands under `any`."""
    sop = procedure.sop
    for name, (stage, step) in procedure.steps.items():
        by = ", ".join(_doer(sop, sop.stages.get(stage or ""), str(one)) for one in step.done_by or ("holder",))
        yield _row(stage or "any", name, by, str(step.form or ""), _when(step), _times(step))


def exit_rows(procedure: Procedure) -> Iterator[Row]:
    """stage | exit | leads to | signed | opens; an exit of every stage stands under `any`."""
    sop = procedure.sop
    for stage, said in sop.stages.items():
        for name, exit_ in said.go.items():
            yield _exit(sop, str(stage), str(name), exit_)
    for name, exit_ in sop.anywhere.items():
        yield _exit(sop, "any", str(name), exit_)


def other_rows(procedure: Procedure) -> Iterator[Row]:
    """what | name | says: entries, decisions elsewhere, waits, periods, clocks, tracks, alerts, holds, reopening."""
    sop = procedure.sop
    for name, entry in sop.opens_at.items():
        yield _row("entry", str(name), f"{part_codes(sop, str(entry.by))} {entry.only or ''}".strip())
    for name, period in sop.periods.items():
        yield _row("period", str(name), f"{period.lasts} of {period.holder}")
    for name, clock in sop.clocks.items():
        yield _row("clock", str(name), f"{clock.within} of {part_codes(sop, str(clock.charged_to))}")
    for name, track in sop.tracks.items():
        signed = " 2p" if track.open_at_end else ""
        yield _row("track", str(name), " > ".join(str(state) for state in track.states) + signed)
        for limit in track.deadline:
            yield _row("track", str(name), f"{limit.reaches} within {limit.within} {_source(limit)}")
    for rule in sop.always:
        done = " ".join(rule.after.done)
        after = f"mark {rule.after.marked}" if rule.after.marked else done or str(rule.after.entered)
        blocks = f" blocks {' '.join(rule.blocks)}" if rule.blocks else ""
        yield _row("standing", after, f"{' '.join(rule.redo)} within {rule.within}{blocks}")
    for name, hold in sop.holds.items():
        yield _row("hold", str(name), str(hold.review_within))
    yield from _linked(sop)
    yield from _told(sop)
    yield from _reopening(sop)


def _linked(sop: Sop) -> Iterator[Row]:
    """Cases that are opened again and again, and what a case hears of others about the same subject."""
    for every in sop.every:
        yield _row("every", str(every.spawn.name), f"{every.every} while {every.while_}: {every.spawn.sop}")
    for name, heard in sop.hears.items():
        offers = f" offers {heard.offers} within {heard.within}" if heard.offers else ""
        yield _row("hears", str(name), f"{heard.from_}{offers}")


def _told(sop: Sop) -> Iterator[Row]:
    for alert in sop.alert:
        yield _row("alert", condition(alert.if_), ", ".join(_told_one(sop, str(to)) for to in alert.informs))
    for name, stage in sop.stages.items():
        for alert in stage.alert:
            told = ", ".join(_told_one(sop, str(to)) for to in alert.informs)
            yield _row("alert", f"{name} {condition(alert.if_)}", told)
        for row in stage.escalate:
            told = ", ".join(_told_one(sop, str(to)) for to in row.informs)
            yield _row("late", f"{name} {row.overdue_by}{_if(row.if_)}", told)
        if stage.wait_for is not None:
            override = " or override 2p" if stage.wait_for.override else ""
            yield _row("wait", str(name), f"{stage.wait_for.children} {stage.wait_for.all_ or 'settled'}{override}")
        if stage.decided_by is not None:
            yield _row("decides", str(name), accountable(sop, stage.decided_by))


def _told_one(sop: Sop, to: str) -> str:
    part, _, role = to.partition(".")
    return (part if part == "holder" else part_codes(sop, part)) + (f".{role}" if role else "")


def _reopening(sop: Sop) -> Iterator[Row]:
    if sop.reopen is None:
        return
    yield _row("reopen", "reasons", ", ".join(str(reason) for reason in sop.reopen.reasons))
    for reason, spawn in sop.reopen.new_episode.items():
        yield _row("reopen", "new episode", f"{reason} > {spawn.sop}.{spawn.at}")
    if sop.reopen.of_right is not None:
        right = sop.reopen.of_right
        yield _row("reopen", "of right", f"{right.for_} from {' '.join(right.from_)} > {right.goes_to}")
    signed = signatures(sop.reopen.otherwise.second_person)
    yield _row("reopen", "else", f"> {sop.reopen.otherwise.goes_to} {signed}".strip())


def _exit(sop: Sop, stage: str, name: str, exit_: Exit) -> Row:
    outcome = sop.outcomes.get(exit_.ends or "")
    leads = f"{exit_.goes_to}" if outcome is None else f"end {exit_.ends} ({outcome.closes_as})"
    barred = f"not in {'/'.join(str(stage) for stage in exit_.not_in)}" if exit_.not_in else ""
    signed = ", ".join(word for word in (_marks(sop, exit_), signatures(exit_.second_person), barred) if word)
    opens = f"{exit_.spawn.sop} at {exit_.spawn.at}" if exit_.spawn is not None else ""
    if exit_.tell is not None:
        opens = f"tells {exit_.tell.sop} {exit_.tell.event}"
    return _row(stage, name, leads, signed, opens)


def _marks(sop: Sop, exit_: Exit) -> str:
    if exit_.lapse:
        return f"lapse by {part_codes(sop, str(exit_.by))}"
    times = " ".join(str(limit.within) for limit in exit_.not_before if limit.within is not None)
    by = f"by {part_codes(sop, str(exit_.by))}" if exit_.by is not None else ""
    most = f"at most {exit_.at_most}" if exit_.at_most is not None else ""
    marks = (by, f"after {times}" if times else "", most)
    return "her wish" if exit_.by_wish else " ".join(mark for mark in marks if mark)


def signatures(said: tuple[Signature, ...]) -> str:
    """How an act is signed by a second person."""
    return ", ".join(f"2p{f' after {one.after}' if one.after else ''}{_if(one.if_)}" for one in said)


def accountable(sop: Sop, said: Accountable) -> str:
    """The one kind of agency that answers, or one for each value, and the exceptions."""
    if said.part is not None:
        answer = part_codes(sop, str(said.part))
    else:
        cases = ", ".join(f"{value} {part_codes(sop, str(part))}" for value, part in said.cases.items())
        answer = f"{said.depends_on}: {cases}"
    return answer + "".join(f"; barred {part_codes(sop, str(one.use))}" for one in said.except_)


def part_codes(sop: Sop, part: str) -> str:
    """The codes of the kinds of agency that may play a part."""
    found = next((said for name, said in sop.agencies.items() if name == part), None)
    return "/".join(sorted(CODES[str(kind)] for kind in found.kind)) if found is not None else part


def deadlines(said: tuple[Deadline, ...]) -> str:
    """Limits with their source: P for what is only proposed."""
    return ", ".join(_limit(one) for one in said)


def _limit(said: Deadline) -> str:
    if said.none is not None:
        return "none"
    length = str(said.within) if said.within is not None else f"until {said.until}"
    if said.each is not None and said.at_most is not None:
        length = " ".join(["each", *(f"{value} {longest}" for value, longest in said.at_most.cases.items())])
    more = f" extend {said.extend.times}" if said.extend is not None else ""
    return f"{length} {_source(said)}{_if(said.if_)}{more}"


def _source(said: object) -> str:
    text = str(getattr(said, "source", ""))
    return "P" if text == "proposed" else text


def _doer(sop: Sop, stage: Stage | None, doer: str) -> str:
    part, _, role = doer.partition(".")
    own = stage is not None and part == stage.accountable.part
    return ("holder" if own or part == "holder" else part_codes(sop, part)) + (f".{role}" if role else "")


def _when(step: Step) -> str:
    if step.needed.if_ is not None:
        return "c" if condition(step.needed.if_) == "is_child" else f"if {condition(step.needed.if_)}"
    asked = "m" if step.needed.always else "o"
    return asked + (f" only {condition(step.only_if)}" if step.only_if is not None else "")


def _times(step: Step) -> str:
    found = [deadlines(step.deadline)] if step.deadline else []
    if step.different_people:
        found.append(f"by {step.different_people} alone")
    if step.owed is not None:
        found.append(f"owed {_limit(step.owed)}")
    if step.repeat is not None:
        times = f"every {step.repeat.every}" if step.repeat.every else "at " + " ".join(str(d) for d in step.repeat.at)
        found.append(times)
    if step.awaits is not None:
        found.append(f"answer {step.awaits.within}")
    return ", ".join(found)


def _if(said: Condition | None) -> str:
    return f" if {condition(said)}" if said is not None else ""


def condition(said: Condition) -> str:
    """A condition in the words of the tables."""
    if said.op in ("bare", "period_over"):
        return str(said.name)
    if said.op == "period_running":
        return f"{said.name} runs"
    if said.op in ("one_of", "has_any", "has_all"):
        return f"{said.name}={'/'.join(str(word) for word in said.values)}"
    parts = [condition(part) for part in said.parts]
    return {"all": " and ".join(parts), "any": " or ".join(parts), "none": f"not {' or '.join(parts)}"}[said.op]
