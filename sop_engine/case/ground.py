"""The ground on which a case is decided: its procedure, the directory, and which agency plays which part."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from transitions import Machine

from sop_engine.case.directory import Directory
from sop_engine.case.state import Case
from sop_engine.sop.guards import Value
from sop_engine.sop.language import Accountable, Exit, Part, Requirement, Spawn, Step, Text
from sop_engine.sop.procedure import PREVIOUS, Procedure


@dataclass(slots=True)
class Position:
    """Where the machine stands for one move; `transitions` reads and sets `state`."""

    state: str
    previous: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """What `decide` stands on, built once for an SOP version and a directory.

    To a case about a suspect nothing comes but from agencies that work on such cases, and to any other nothing from
    those: what suffered and what is accused are kept apart by whom they reach.
    """

    procedure: Procedure
    directory: Directory
    machine: Machine = field(init=False, repr=False, compare=False)
    _exits: Mapping[str, Mapping[str, Exit]] = field(init=False, repr=False, compare=False)
    _at_work: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        sop = self.procedure.sop
        object.__setattr__(self, "directory", self.directory.working_on(str(sop.about)))
        exits = {str(stage): {str(name): exit_ for name, exit_ in sop.exits(stage).items()} for stage in sop.stages}
        object.__setattr__(self, "machine", _machine(self.procedure))
        object.__setattr__(self, "_exits", exits)
        at_work = {stage: tuple(sorted(_parts_at_work(self.procedure, stage))) for stage in exits}
        object.__setattr__(self, "_at_work", at_work)

    def target(self, case: Case, exit_name: str) -> str | None:
        """The stage or outcome to which an exit leads from where the case is; None where it does not leave here."""
        event = self.machine.events.get(exit_name)
        if case.stage is None or event is None or case.stage not in event.transitions:
            return None
        position = Position(case.stage, case.previous)
        return position.state if event.trigger(position) else None

    def exits(self, case: Case) -> Mapping[str, Exit]:
        """The exits of the stage in which the case is."""
        return self._exits.get(case.stage or "", {})

    def spawn_of(self, name: str, exit_name: str | None) -> Spawn:
        """What the SOP says of a case that was opened: the exit that was taken, else whatever opens such cases."""
        taken = [
            exits[exit_name].spawn for exits in self._exits.values() if exit_name is not None and exit_name in exits
        ]
        known = (*taken, *reversed(self.procedure.sop.spawns()))
        return next(spawn for spawn in known if spawn is not None and spawn.name == name)

    def parts_at_work(self, case: Case) -> tuple[str, ...]:
        """The parts that have something to do in the stage in which the case is, or that may move it."""
        return self._at_work.get(case.stage or "", ())

    def candidates(self, case: Case, part_name: str) -> tuple[str, ...]:
        """The agencies that may play a part: one where it is clear, none where it is not known yet.

        What falls to an agency with a conflict of interest goes to its fallback, where nobody else fits.
        """
        found = self.named(case, part_name)
        if not case.conflicts or part_name == "holder":
            return found
        free = tuple(code for code in found if code not in case.conflicts)
        instead = [case.instead_of(code) for code in found]
        return free or tuple(dict.fromkeys(code for code in instead if code is not None and code not in case.conflicts))

    def named(self, case: Case, part_name: str) -> tuple[str, ...]:
        """The agencies that the procedure and the directory name for a part, whatever speaks against one in a case."""
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

    def named_alone(self, case: Case, part_name: str) -> str | None:
        """The one agency that a part names, for where somebody is: nobody stands in for the place of another."""
        found = self.named(case, part_name)
        return found[0] if len(found) == 1 and found[0] not in case.conflicts else None

    def part(self, name: str) -> Part | None:
        return self.procedure.sop.agencies.get(name)

    def part_title(self, name: str) -> Text:
        """What a part is called: its title, else that of its kind; one of several kinds by its readable name."""
        part = self.procedure.sop.agencies[name]
        kind = self.directory.kinds.get(str(part.kind[0])) if len(part.kind) == 1 else None
        return part.title or kind or Text(name.replace("_", " ").capitalize())

    def is_child(self, case: Case) -> bool:
        """Whether a person counts as a child: by the fact `is_child`, where only a plain no says adult."""
        return "is_child" in self.procedure.sop.facts and case.values.get("is_child") != "no"

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
        return [self.doer(case, str(said)) for said in step.done_by or ("holder",)]

    def recorders(self, case: Case, name: str) -> list[tuple[str | None, str | None]]:
        """Who may record a step, or correct it: of a stage that was left, `holder` is the agency that recorded it."""
        stage, step = self.procedure.steps[name]
        state = case.steps.get(name)
        if state is None or not state.agency or stage is None or stage == case.stage:
            return self.doers(case, step)
        return [
            (state.agency if str(said).partition(".")[0] == "holder" else now, role)
            for said, (now, role) in zip(step.done_by or ("holder",), self.doers(case, step), strict=True)
        ]

    def doer(self, case: Case, said: str) -> tuple[str | None, str | None]:
        """Whose people type for PART or PART.ROLE, and the role they need."""
        part_name, _, role = said.partition(".")
        agency = self.agency(case, part_name)
        if agency is not None and part_name != "holder":
            acting, _ = self.acting(case, part_name, agency)
            agency = acting or case.holder
        return agency, role or None

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


def _parts_at_work(procedure: Procedure, name: str) -> set[str]:
    stage, exits = procedure.sop.stages[name], procedure.sop.exits(name).values()
    doing = {str(doer).partition(".")[0] for step in stage.steps.values() for doer in step.done_by}
    moving = {str(exit_.by) for exit_ in exits if exit_.by is not None}
    signing = {str(signer.of).partition(".")[0] for exit_ in exits for signer in exit_.second_person}
    consulted = {str(part) for part in stage.consults}
    holding = {str(said.by).partition(".")[0] for said in procedure.sop.holds.values() if name not in said.not_in}
    asked_again = {
        str(doer).partition(".")[0]
        for exit_ in exits
        for step in _steps_named(exit_.requires)
        for doer in procedure.step_of(step).done_by
    }
    return (doing | moving | signing | consulted | holding | asked_again) - {"holder"}


def _steps_named(requirements: Iterable[Requirement]) -> Iterator[str]:
    """The steps, also of other stages, that requirements name: who does them has something to do."""
    for requirement in requirements:
        if requirement.kind in ("done", "fresh", "count", "last"):
            yield from (str(name).split(".")[-1] for name in requirement.names)
        yield from _steps_named(requirement.parts)


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
