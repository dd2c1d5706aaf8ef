"""The words of the SOP language as frozen values: what an SOP file can say, with nothing worked out yet.

`grammar.py` reads them from a file; `lint/` proves that they fit together. The meaning of each word is in
`docs/sop-language.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sop_engine.sop.calendar import Duration
from sop_engine.sop.conditions import Condition
from sop_engine.sop.reading import Word
from sop_engine.sop.source import Place

# The answers of the types that have fixed ones.
CHOICES = {"yes_no": ("yes", "no"), "yn": ("yes", "no", "unknown", "refused")}
# Whom a case may be about, so that what was said in it is a person's; what suspects said is kept apart from the rest.
SUSPECT = "suspect"
PEOPLE = ("person", SUSPECT)
# The types that are asked in a form and may still be left out; every other field needs an answer.
MAY_BE_EMPTY = frozenset({"text", "long_text", "rows", "several", "person", "document"})


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people, in English and, where it is there, Nepali."""

    en: str
    ne: str | None = None

    def in_language(self, language: str) -> str:
        return self.ne if language == "ne" and self.ne else self.en


@dataclass(frozen=True, slots=True)
class Part:
    """A part that an agency plays in a case; bound to one agency of the directory when the case needs it.

    `if_` says when a part that is chosen in a step must be chosen. An agency whose part is `kept_out` never sees the
    case, whatever else it is to it.
    """

    kind: tuple[Word, ...]
    title: Text | None = None
    from_parent: Word | None = None
    found_by: Mapping[str, Word] | None = None
    chosen_in: Word | None = None
    acts_through: Word | None = None
    if_: Condition | None = None
    opens: bool = False
    kept_out: bool = False
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of the data dictionary. Closed (in the vault) unless `open` is yes.

    A list of rows with a `standard` has one row for each criterion of it, with the columns of `score.rating_columns`.
    """

    type: Word
    title: Text
    of: tuple[Word, ...] = ()
    labels: Mapping[str, Text] = field(default_factory=dict)
    open: bool = False
    class_: Word | None = None
    cooperation: bool = False
    precision: Word | None = None
    finds: Word | None = None
    help: Text | None = None
    row: "Mapping[str, Field]" = field(default_factory=dict)
    standard: Word | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a fact's `first_of`: the result if the condition holds."""

    is_: Word
    if_: Condition
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Fact:
    """A non-identifying result that rules may read, computed when a step is recorded."""

    from_: tuple[Word, ...]
    as_: Word | None = None
    yes_if: Condition | None = None
    first_of: tuple[Case, ...] = ()
    else_: Word | None = None
    rule: Word | None = None
    value: Word | None = None
    on: Word | None = None
    plus: Duration | None = None
    missing: Word | None = None
    class_: Word | None = None
    title: Text | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A field where a form asks for it, with the help that belongs to this place."""

    field: Word
    help: Text | None = None
    optional: bool = False
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Section:
    fields: tuple[Asked, ...]
    title: Text | None = None
    show_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class Form:
    title: Text
    sections: tuple[Section, ...]
    signatures: tuple[Word, ...] = ()
    place: Place = Place(1, 1)

    def fields(self) -> tuple[Word, ...]:
        return tuple(asked.field for section in self.sections for asked in section.fields)


@dataclass(frozen=True, slots=True)
class Consent:
    title: Text
    text: Text
    given_by: Mapping[str, Word]
    assent: Word | None = None
    lasts: Duration | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: a law or guideline with its article, clinical practice, or a proposal."""

    kind: str
    reference: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}".strip()


@dataclass(frozen=True, slots=True)
class AtMost:
    """The longest time for a row, from the entry of the stage, by the value of one of its columns."""

    by: Word
    cases: Mapping[str, Duration]


@dataclass(frozen=True, slots=True)
class Deadline:
    """One limit of a duty; where several apply the earliest counts.

    With `each` there is a limit for every row of a list: the day in its column `until`, never later than `at_most`, as
    long as the list `fixed_in` does not say that the row is fixed.
    """

    within: Duration | None = None
    until: Word | None = None
    each: Word | None = None
    at_most: AtMost | None = None
    fixed_in: Word | None = None
    if_: Condition | None = None
    source: Source | None = None
    none: Text | None = None
    extend: "Extend | None" = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Extend:
    """How often a deadline may be extended; from the second time on a second person signs."""

    times: int
    second_person: "tuple[Signature, ...]" = ()


@dataclass(frozen=True, slots=True)
class Escalation:
    informs: tuple[Word, ...]
    overdue_by: Duration
    if_: Condition | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Alert:
    if_: Condition
    informs: tuple[Word, ...]
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A rule that no program can check: shown, printed, and confirmed by name where `ask` says so."""

    text: Text
    source: Source
    ask: Word | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must be so before an act; `kind` tells which of the other fields speak.

    Kinds: done, consent, fresh (`step` with `not_older_than`), count, last, where, rule, any_of, consulted.
    """

    kind: str
    names: tuple[Word, ...] = ()
    where: Condition | None = None
    rule: Word | None = None
    parts: "tuple[Requirement, ...]" = ()
    not_older_than: Duration | None = None
    at_least: int = 0
    on_different: Word | None = None
    in_a_row: bool = False
    say: Text | None = None
    fix: Word | None = None
    if_: Condition | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Signature:
    """A second person, never the proposer; signs before, or within `after` where waiting would endanger.

    `of` is the holder's agency unless said otherwise.
    """

    role: Word
    of: Word = Word("holder", Place(1, 1))
    after: Duration | None = None
    if_: Condition | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Under:
    """What may travel with a spawned case, and on which consent."""

    consent: Word | None = None
    limited_by: Word | None = None
    always: tuple[Word, ...] = ()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Spawn:
    """A case that this one opens; `for_each` opens one for each row of STEP.FIELD."""

    name: Word
    sop: Word
    at: Word
    for_each: Word | None = None
    same_person: bool = False
    bind: Mapping[str, Word] = field(default_factory=dict)
    carry: tuple[Word, ...] = ()
    under: Under | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Needed:
    """Whether an exit waits for a step: always, never, or while a condition holds."""

    always: bool = True
    if_: Condition | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    every: Duration | None = None
    at: tuple[Duration, ...] = ()
    until: Duration | None = None
    since: Word | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Document:
    """A paper or file that belongs to a step."""

    title: Text | None = None
    needed: Needed = field(default_factory=lambda: Needed(False))
    class_: Word | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Informed:
    """An agency that is told of a case in this stage, and the open values it may see."""

    part: Word
    carries: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Awaits:
    """Whose answer a step asks for: a part, or `decided_by`; by when, and how often it is chased."""

    answer_of: Word
    within: Duration | None = None
    chase_every: Duration | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Step:
    title: Text
    done_by: tuple[Word, ...] = ()
    form: Word | None = None
    needed: Needed = field(default_factory=Needed)
    only_if: Condition | None = None
    requires: tuple[Requirement, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    deadline: tuple[Deadline, ...] = ()
    owed: Deadline | None = None
    repeat: Repeat | None = None
    asks_consent: Word | None = None
    awaits: Awaits | None = None
    with_: Word | None = None
    mark: Word | None = None
    different_people: int = 0
    settles: Word | None = None
    kept_from: tuple[Word, ...] = ()
    spawn: Spawn | None = None
    statement: bool = False
    freezable: Word | None = None
    source: Source | None = None
    help: Text | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Leaves:
    """A duty that an end leaves with the last holder."""

    step: Word
    within: Duration


@dataclass(frozen=True, slots=True)
class Tell:
    """What the open case of another SOP about the same subject is told when an exit is taken."""

    sop: Word
    event: Word
    carries: tuple[Word, ...] = ()
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Hears:
    """What a case does with an event of another SOP: it takes values over, and an exit is to be looked at in time."""

    from_: Word
    sets: Mapping[str, Word] = field(default_factory=dict)
    offers: Word | None = None
    within: Duration | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Every:
    """A case that is opened again and again while this one is at a stage."""

    every: Duration
    while_: Word
    spawn: Spawn
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a stage: to another stage (`goes_to`) or to an outcome (`ends`)."""

    title: Text
    goes_to: Word | None = None
    ends: Word | None = None
    only_if: Condition | None = None
    requires: tuple[Requirement, ...] = ()
    by: Word | None = None
    by_wish: Word | None = None
    second_person: tuple[Signature, ...] = ()
    reason: bool = False
    asks_steps: bool = True
    lapse: bool = False
    not_before: tuple[Deadline, ...] = ()
    at_most: int | None = None
    not_in: tuple[Word, ...] = ()
    leaves: Leaves | None = None
    spawn: Spawn | None = None
    tell: Tell | None = None
    freezable: Word | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Override:
    """Who may go on although something is still waited for."""

    second_person: tuple[Signature, ...]
    reason: bool = False


@dataclass(frozen=True, slots=True)
class WaitFor:
    """The cases that this stage waits for; `settled` or a milestone of each, of all or of any."""

    children: Word
    all_: Word | None = None
    any_: Word | None = None
    joins_later: bool = True
    override: Override | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Exception_:
    """A condition under which another part is accountable, and who then loses sight of the case."""

    if_: Condition
    use: Word
    hide_from: tuple[Word, ...] = ()
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Accountable:
    """Who is accountable for a stage: one part, or the part that `cases` gives for the value of `depends_on`."""

    part: Word | None = None
    depends_on: Word | None = None
    cases: Mapping[str, Word] = field(default_factory=dict)
    except_: tuple[Exception_, ...] = ()
    place: Place = Place(1, 1)

    def parts(self) -> tuple[Word, ...]:
        """Every part that may be accountable."""
        one = (self.part,) if self.part is not None else ()
        return (*one, *self.cases.values(), *(exception.use for exception in self.except_))


@dataclass(frozen=True, slots=True)
class TakingOver:
    """How a receiver takes over where it is not by offer and acceptance."""

    on_signature: Word | None = None
    by_law: Word | None = None
    accept_within: Duration | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    title: Text
    accountable: Accountable
    service: bool
    protection: bool = False
    decided_by: Accountable | None = None
    deadline: tuple[Deadline, ...] = ()
    taking_over: TakingOver = field(default_factory=TakingOver)
    remind_at: tuple[int, ...] = (50, 90)
    escalate: tuple[Escalation, ...] = ()
    alert: tuple[Alert, ...] = ()
    informs: tuple[Informed, ...] = ()
    consults: tuple[Word, ...] = ()
    rules: tuple[Sentence, ...] = ()
    steps: Mapping[str, Step] = field(default_factory=dict)
    wait_for: WaitFor | None = None
    go: Mapping[str, Exit] = field(default_factory=dict)
    with_: Word | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A stage at which a case may be opened, and by whom."""

    by: Word | None = None
    only: Word | None = None
    with_: Word | None = None
    title: Text | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    title: Text
    closes_as: Word
    settled: bool = False
    erase: Mapping[str, Duration] = field(default_factory=dict)
    erase_from: Word = Word("end", Place(1, 1))
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in a case: a stage entered or left, a step done, or the time in a fact."""

    entered: Word | None = None
    left: Word | None = None
    done: Word | None = None
    reaches: Word | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Excluding:
    """Time between two recorded moments that does not count (STEP.FIELD each)."""

    from_: Word
    to: Word


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline that crosses stages."""

    title: Text
    starts: Moment
    stops: Moment
    within: Duration
    charged_to: Word
    source: Source
    if_: Condition | None = None
    excluding: Excluding | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """A right or a notice: nobody is late in it and nobody is reminded."""

    title: Text
    holder: Word
    starts: Moment
    lasts: Duration
    source: Source
    ends_early: Moment | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class TrackDeadline:
    """By when a track must reach a state, counted from the day in a fact or field."""

    reaches: Word
    within: Duration
    since: Word
    source: Source
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Move:
    """From which states of a track one may go to a state, and who records it."""

    from_: tuple[Word, ...]
    done_by: Word | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """What runs beside the main line, with an owner and no share in the clock; it begins at its first state."""

    title: Text
    owner: Word
    states: tuple[Word, ...]
    labels: Mapping[str, Text] = field(default_factory=dict)
    begins: Condition | None = None
    moves: Mapping[str, Move] = field(default_factory=dict)
    deadline: tuple[TrackDeadline, ...] = ()
    open_at_end: tuple[Signature, ...] = ()
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class After:
    """What sets off a standing rule: a step with a mark, one of some steps, a stage entered, a handover received."""

    marked: Word | None = None
    done: tuple[Word, ...] = ()
    entered: Word | None = None
    received: Word | None = None
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing rule: after something, steps must be done again in time, and meanwhile some exits are blocked."""

    after: After
    redo: tuple[Word, ...]
    within: Duration
    source: Source
    blocks: tuple[Word, ...] = ()
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason for which a deadline may stop; the holding never does."""

    review_within: Duration
    by: Word
    title: Text | None = None
    not_in: tuple[Word, ...] = ()
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class ReopenRule:
    goes_to: Word
    for_: Duration | None = None
    from_: tuple[Word, ...] = ()
    second_person: tuple[Signature, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopen:
    """How an ended case begins again; for the reasons in `new_episode` another case opens, and this one stays ended."""

    otherwise: ReopenRule
    reasons: tuple[Word, ...] = ()
    new_episode: Mapping[str, Spawn] = field(default_factory=dict)
    of_right: ReopenRule | None = None
    place: Place = Place(1, 1)

    def rules(self) -> tuple[ReopenRule, ...]:
        return (self.otherwise,) if self.of_right is None else (self.of_right, self.otherwise)


@dataclass(frozen=True, slots=True)
class Sop:
    """A whole SOP as its file says it."""

    sop: Word
    title: Text
    about: Word
    standing: Word
    issued_by: Word
    in_force: date
    agencies: Mapping[str, Part]
    stages: Mapping[str, Stage]
    outcomes: Mapping[str, Outcome]
    opens_at: Mapping[str, Entry]
    summary: Text | None = None
    calendar: Word = Word("gregorian", Place(1, 1))
    uses_forms: tuple[Word, ...] = ()
    roles: Mapping[str, Text] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    periods: Mapping[str, Period] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    anywhere: Mapping[str, Exit] = field(default_factory=dict)
    milestones: Mapping[str, Moment] = field(default_factory=dict)
    tracks: Mapping[str, Track] = field(default_factory=dict)
    always: tuple[Standing, ...] = ()
    every: tuple[Every, ...] = ()
    hears: Mapping[str, Hears] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)
    alert: tuple[Alert, ...] = ()
    reopen: Reopen | None = None
    refusal_reasons: Mapping[str, Text] = field(default_factory=dict)
    place: Place = Place(1, 1)

    def exits(self, stage: str) -> dict[str, Exit]:
        """Every exit of a stage: its own, then those from anywhere that are not barred in it."""
        own = dict(self.stages[stage].go) if stage in self.stages else {}
        for name, exit_ in self.anywhere.items():
            if stage not in exit_.not_in and name not in own:
                own[name] = exit_
        return own

    def spawns(self) -> list[Spawn]:
        """Every case that a case of this SOP may open, by an exit, a step or in the course of time."""
        exits = [exit_.spawn for stage in self.stages for exit_ in self.exits(stage).values()]
        steps = [step.spawn for _, step in self.all_steps().values()]
        episodes = self.reopen.new_episode.values() if self.reopen is not None else ()
        found = (*exits, *steps, *(one.spawn for one in self.every), *episodes)
        return [spawn for spawn in found if spawn is not None]

    def all_steps(self) -> dict[str, tuple[str | None, Step]]:
        """Every step by name, with the stage in which it stands; None for one that may be done in every stage."""
        found: dict[str, tuple[str | None, Step]] = {str(name): (None, step) for name, step in self.steps.items()}
        for stage, said in self.stages.items():
            found |= {str(name): (str(stage), step) for name, step in said.steps.items()}
        return found


@dataclass(frozen=True, slots=True)
class SharedForms:
    """Forms, with their fields, that several SOPs use."""

    fields: Mapping[str, Field]
    forms: Mapping[str, Form]
