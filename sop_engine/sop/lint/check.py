"""The linter's frame: what is checked, where mistakes go, and the compiled rules that fall out of checking."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sop_engine.sop import facts
from sop_engine.sop.conditions import Condition, Names, to_cel
from sop_engine.sop.guards import Compiler, Guard, RuleError
from sop_engine.sop.language import CHOICES, Exit, Fact, Field, Form, Requirement, Signature, Sop, Step
from sop_engine.sop.reading import Notes, Word, closest, place_of
from sop_engine.sop.score import NO_GRADE
from sop_engine.sop.source import Place
from sop_engine.sop.standards import Standard


@dataclass(slots=True)
class Checked:
    """An SOP under the linter: its dictionary, its mistakes, its compiled conditions and rules."""

    sop: Sop
    fields: Mapping[str, Field]
    forms: Mapping[str, Form]
    notes: Notes
    standards: Mapping[str, Standard] = field(default_factory=dict)
    guards: dict[Condition, Guard] = field(default_factory=dict)
    rules: dict[str, Guard] = field(default_factory=dict)
    named_steps: Mapping[str, tuple[str | None, Step]] = field(init=False)

    def __post_init__(self) -> None:
        self.named_steps = self.sop.all_steps()

    def mistake(self, place: Place, message: str) -> None:
        self.notes.mistake(place, message)

    def exits(self) -> Iterator[tuple[str | None, str, Exit]]:
        """Every exit with its stage (None: from anywhere) and name."""
        for stage, said in self.sop.stages.items():
            for name, exit_ in said.go.items():
                yield str(stage), str(name), exit_
        for name, exit_ in self.sop.anywhere.items():
            yield None, str(name), exit_

    def steps(self) -> Iterator[tuple[str | None, str, Step]]:
        """Every step with its stage (None: in every stage) and name."""
        for name, (stage, step) in self.named_steps.items():
            yield stage, name, step

    def standard_of(self, fact: Fact) -> Standard | None:
        """The standard by which the first source of a fact is rated."""
        rated = self.fields.get(fact.from_[0]) if fact.from_ else None
        return self.standards.get(str(rated.standard)) if rated is not None and rated.standard is not None else None

    def known(self, word: str, names: Collection[str], what: str) -> bool:
        """Note a mistake unless the word is one of the names; names that were too broken to keep count as known."""
        if word in names or word in self.notes.broken_names:
            return True
        listed = {str(name) for name in names}
        self.mistake(place_of(word), f"'{word}' is no {what} of this SOP{closest(word, listed)}")
        return False

    def known_step(self, word: Word) -> None:
        """Note a mistake unless the word, STEP or STAGE.STEP, names a step and, where it says one, its stage."""
        stage, _, name = str(word).rpartition(".")
        steps = self.named_steps
        if not self.known(Word(name, word.place), steps, "step") or not stage or name not in steps:
            return
        stands_in = steps[name][0]
        if stands_in != stage:
            self.mistake(
                word.place, f"'{name}' is no step of '{stage}'" + (f" but of '{stands_in}'" if stands_in else "")
            )

    def known_part(self, word: Word) -> None:
        """Note a mistake unless the word is a part or `holder`."""
        if word != "holder":
            self.known(word, self.sop.agencies, "part")

    def known_person(self, word: Word) -> None:
        """Note a mistake unless the word is a part, PART.ROLE, `holder` or `holder.ROLE`."""
        part, _, role = str(word).partition(".")
        self.known_part(Word(part, word.place))
        if role:
            self.known(Word(role, word.place), self.sop.roles, "role")

    def known_signers(self, signatures: tuple[Signature, ...]) -> None:
        """Note a mistake for every signature of a part or role that is not there."""
        for signature in signatures:
            self.known_person(signature.of)
            self.known(signature.role, self.sop.roles, "role")


def field_type(said: Field) -> tuple[str, tuple[str, ...]]:
    """The type of a field as conditions see it, with its words."""
    if said.type in CHOICES:
        return "choice", CHOICES[said.type]
    if said.type in ("choice", "several"):
        return str(said.type), tuple(str(word) for word in said.of)
    if said.type in ("integer", "money"):
        return "integer", ()
    return ("rows" if said.type == "rows" else "text"), ()


def fact_type(fact: Fact, standard: Standard | None) -> tuple[str, tuple[str, ...]]:
    """The type and results of a fact as conditions see it; a grade is one of the bands of its standard."""
    if fact.as_ == "grade":
        return "choice", (*(str(band).lower() for band in standard.bands), NO_GRADE) if standard is not None else ()
    if fact.first_of:
        words = [str(case.is_) for case in fact.first_of] + [str(word) for word in (fact.else_, fact.missing) if word]
        return "choice", tuple(dict.fromkeys(words))
    return facts.outcome_words(fact.as_, fact.missing)


def words_of(checked: Checked, name: str, opened: bool = False) -> tuple[str, ...]:
    """The closed list of values of a fact or of a field with one answer; empty where it has none.

    With `opened` only of what rules may read.
    """
    if name in checked.sop.facts:
        fact = checked.sop.facts[name]
        return fact_type(fact, checked.standard_of(fact))[1]
    said = checked.fields.get(name)
    if said is None or (opened and not said.open) or said.type == "several":
        return ()
    return field_type(said)[1]


def readable(checked: Checked) -> tuple[Names, Names]:
    """What rules of the SOP may read, and what rules inside facts may read."""
    typed = {str(name): field_type(said) for name, said in checked.fields.items()}
    fact_types = {str(name): fact_type(fact, checked.standard_of(fact)) for name, fact in checked.sop.facts.items()}
    opened = {name: kind for name, kind in typed.items() if checked.fields[name].open and kind[0] != "rows"}
    periods = {str(name): ("period", ("over", "running", "not_begun")) for name in checked.sop.periods}
    tracks = {
        f"track.{name}": ("choice", tuple(str(state) for state in track.states))
        for name, track in checked.sop.tracks.items()
    }
    dotted = {}
    for _, step_name, step in checked.steps():
        form = checked.forms.get(step.form) if step.form else None
        for name in form.fields() if form else ():
            if str(name) in opened:
                dotted[f"{step_name}.{name}"] = opened[str(name)]
    return Names({**opened, **fact_types, **periods, **tracks, **dotted}), Names({**typed, **fact_types})


def _compiler(names: Names) -> Compiler:
    types = {name: names.cel_type(name) for name in names.types}
    return Compiler(types, {name: words for name, (_, words) in names.types.items() if words})


def _conditions(checked: Checked) -> Iterator[Condition]:
    """Every condition outside facts."""
    sop = checked.sop
    for _, _, exit_ in checked.exits():
        yield from _of(exit_.only_if, *(s.if_ for s in exit_.second_person))
        yield from _of_requirements(exit_.requires)
    for _, _, step in checked.steps():
        limits = (*step.deadline, *((step.owed,) if step.owed else ()))
        yield from _of(step.only_if, step.needed.if_, *(d.if_ for d in limits))
        yield from _of(*(document.needed.if_ for document in step.documents.values()))
        yield from _of_requirements(step.requires)
    for stage in sop.stages.values():
        yield from _of(
            *(e.if_ for e in stage.accountable.except_),
            *(d.if_ for d in stage.deadline),
            *(s.if_ for d in stage.deadline if d.extend for s in d.extend.second_person),
            *(e.if_ for e in stage.escalate),
            *(a.if_ for a in stage.alert),
        )
        override = stage.wait_for.override if stage.wait_for is not None else None
        yield from _of(*(s.if_ for s in override.second_person) if override is not None else ())
    yield from _of(*(part.if_ for part in sop.agencies.values()))
    yield from _of(*(track.begins for track in sop.tracks.values()))
    for signature in [s for track in sop.tracks.values() for s in track.open_at_end]:
        yield from _of(signature.if_)
    for stage in sop.stages.values():
        yield from _of(*(e.if_ for e in stage.decided_by.except_) if stage.decided_by else ())
    yield from _of(*(c.if_ for c in sop.clocks.values()), *(a.if_ for a in sop.alert))
    for rule in sop.reopen.rules() if sop.reopen else ():
        yield from _of(*(s.if_ for s in rule.second_person))


def _of(*conditions: Condition | None) -> Iterator[Condition]:
    return (condition for condition in conditions if condition is not None)


def _of_requirements(requirements: tuple[Requirement, ...]) -> Iterator[Condition]:
    for requirement in requirements:
        yield from _of(requirement.where, requirement.if_)
        yield from _of_requirements(requirement.parts)


def _cel_rules(requirements: tuple[Requirement, ...]) -> Iterator[Word]:
    for requirement in requirements:
        if requirement.rule is not None:
            yield requirement.rule
        yield from _cel_rules(requirement.parts)


def compile_rules(checked: Checked) -> None:
    """Compile every condition and rule; what does not fit the names and types is a mistake."""
    outside, inside = readable(checked)
    compilers = (_compiler(outside), outside), (_compiler(inside), inside)

    def compiled(text: str, place: Place, compiler: Compiler) -> Guard | None:
        try:
            return compiler.compile(text)
        except RuleError as error:
            checked.mistake(place, str(error))
            return None

    def conditions(found: Iterator[Condition], compiler: Compiler, names: Names) -> None:
        for condition in found:
            before = len(checked.notes.mistakes)
            text = to_cel(condition, names, checked.mistake)
            if len(checked.notes.mistakes) == before:
                guard = compiled(text, condition.place, compiler)
                if guard:
                    checked.guards[condition] = guard

    conditions(_conditions(checked), *compilers[0])
    sections = (section for form in checked.forms.values() for section in form.sections)
    conditions((s.show_if for s in sections if s.show_if is not None), *compilers[1])
    for fact in checked.sop.facts.values():
        found = [case.if_ for case in fact.first_of] + ([fact.yes_if] if fact.yes_if else [])
        conditions(iter(found), *compilers[1])
        if fact.rule is not None and (guard := compiled(fact.rule, fact.rule.place, compilers[1][0])):
            checked.rules[str(fact.rule)] = guard
    everything = [exit_.requires for _, _, exit_ in checked.exits()] + [step.requires for _, _, step in checked.steps()]
    for requirements in everything:
        for rule in _cel_rules(requirements):
            if guard := compiled(rule, rule.place, compilers[0][0]):
                checked.rules[str(rule)] = guard
