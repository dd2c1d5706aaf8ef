"""The ground on which a case is decided: its procedure, the directory, and which agency plays which part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from transitions import Machine

from sop_engine.case.directory import Directory
from sop_engine.case.state import Case
from sop_engine.sop.guards import Value
from sop_engine.sop.language import Accountable, Exit, Part, Step
from sop_engine.sop.procedure import PREVIOUS, Procedure


@dataclass(slots=True)
class Position:
    """Where the machine stands for one move; `transitions` reads and sets `state`."""

    state: str
    previous: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """What `decide` stands on, built once for an SOP version and a directory."""

    procedure: Procedure
    directory: Directory
    machine: Machine = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "machine", _machine(self.procedure))

    def target(self, case: Case, exit_name: str) -> str | None:
        """The stage or outcome to which an exit leads from where the case is; None where it does not leave here."""
        event = self.machine.events.get(exit_name)
        if case.stage is None or event is None or case.stage not in event.transitions:
            return None
        position = Position(case.stage, case.previous)
        return position.state if event.trigger(position) else None

    def exits(self, case: Case) -> dict[str, Exit]:
        """The exits of the stage in which the case is."""
        return {str(name): exit_ for name, exit_ in self.procedure.sop.exits(case.stage or "").items()}

    def candidates(self, case: Case, part_name: str) -> tuple[str, ...]:
        """The agencies that may play a part: one where it is clear, none where it is not known yet."""
        if part_name == "holder":
            return (case.holder,) if case.holder else ()
        if part_name in case.parts:
            return (case.parts[part_name],)
        part = self.part(part_name)
        if part is None or part.from_parent is not None:
            return ()
        kinds = tuple(str(kind) for kind in part.kind)
        if part.found_by is None:
            return self.directory.of_kind(kinds)
        for by, fact in part.found_by.items():
            value = case.values.get(str(fact))
            if value is None:
                return ()
            if by == "country":
                return self.directory.in_country(kinds, str(value))
            district = self.directory.border_districts.get(str(value)) if by == "border_point" else str(value)
            return self.directory.of_kind(kinds, district)
        return self.directory.of_kind(kinds)

    def agency(self, case: Case, part_name: str) -> str | None:
        """The agency of a part where it is clear, else None."""
        found = self.candidates(case, part_name)
        return found[0] if len(found) == 1 else None

    def part(self, name: str) -> Part | None:
        return next((part for known, part in self.procedure.sop.agencies.items() if known == name), None)

    def acting(self, case: Case, part_name: str, agency: str) -> tuple[str | None, str | None]:
        """Who holds when a part is accountable: (holder, for whom). An agency without users acts through another."""
        if self.directory.acts_here(agency):
            return agency, None
        part = self.part(part_name)
        if part is None or part.acts_through is None:
            return None, agency
        return self.agency(case, str(part.acts_through)), agency

    def doers(self, case: Case, step: Step) -> list[tuple[str | None, str | None]]:
        """Who may do a step: pairs of the agency whose people type it and the role they need."""
        found: list[tuple[str | None, str | None]] = []
        for doer in step.done_by or ("holder",):
            part_name, _, role = str(doer).partition(".")
            agency = self.agency(case, part_name)
            if agency is not None and part_name != "holder":
                acting, _ = self.acting(case, part_name, agency)
                agency = acting or case.holder
            found.append((agency, role or None))
        return found

    def stage_part(self, stage: str, values: Mapping[str, Value]) -> str | None:
        """The part that is accountable for a stage by what is known now; None while what it depends on is not."""
        return self._part_of(self.procedure.sop.stages[stage].accountable, values)

    def deciding_part(self, stage: str, values: Mapping[str, Value]) -> str | None:
        """The part that decides in a stage without holding the case; None where nobody does."""
        said = self.procedure.sop.stages[stage].decided_by
        part = self._part_of(said, values) if said is not None else None
        return part if part != "nobody" else None

    def _part_of(self, said: Accountable, values: Mapping[str, Value]) -> str | None:
        for exception in said.except_:
            if self.procedure.surely(exception.if_, values):
                return str(exception.use)
        if said.part is not None:
            return str(said.part)
        value = values.get(str(said.depends_on))
        part = said.cases.get(str(value)) if value is not None else None
        return str(part) if part is not None else None


def _machine(procedure: Procedure) -> Machine:
    sop = procedure.sop
    machine = Machine(
        model=None,
        states=[*(str(name) for name in sop.stages), *(str(name) for name in sop.outcomes)],
        initial=None,
        auto_transitions=False,
        send_event=True,
    )
    stages = [str(name) for name in sop.stages]
    for stage in stages:
        for name, exit_ in sop.exits(stage).items():
            if exit_.goes_to == PREVIOUS:
                for before in stages:
                    machine.add_transition(str(name), stage, before, conditions=[_came_from(before)])
            else:
                machine.add_transition(str(name), stage, str(exit_.goes_to or exit_.ends))
    return machine


def _came_from(stage: str):  # type: ignore[no-untyped-def]
    def came_from(event) -> bool:  # type: ignore[no-untyped-def]
        return bool(event.model.previous == stage)

    return came_from


def only(found: Iterable[str]) -> str | None:
    """The one element, or None where there are none or several."""
    listed = list(found)
    return listed[0] if len(listed) == 1 else None
