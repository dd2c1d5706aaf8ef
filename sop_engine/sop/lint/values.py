"""Fields and facts: what is open, what is closed and of which class, and that every fact has a closed result."""

from collections.abc import Callable

from sop_engine.sop.language import Fact, Field, Text
from sop_engine.sop.lint.check import Checked, words_of
from sop_engine.sop.reading import Word, place_of
from sop_engine.sop.source import Place

OPEN_TYPES = {"choice", "several", "yes_no", "yn", "integer", "agency", "border_point", "date", "rows"}
READS = {
    "under_18": ("date",),
    "age_band": ("date",),
    "district": ("place",),
    "count": ("rows", "several"),
    "time": ("datetime", "date"),
}
# By what a case is found, and the types of answer that can say it.
FOUND_BY = {"name": ("text", "person"), "phone": ("text",), "handle": ("text",), "birth": ("date",)}
ONE_INPUT = {"age_band", "district", "is", "is_not", "count", "time"}


def check(checked: Checked) -> None:
    for name, said in checked.sop.fields.items():
        check_field(name, said, checked.mistake)
    for name, fact in checked.sop.facts.items():
        _fact(checked, name, fact)
    _nepali(checked)


def check_field(name: str, said: Field, mistake: Callable[[Place, str], object]) -> None:
    """Tell every mistake of a field of an SOP or of the shared forms, and of its columns."""
    if said.type == "rows" and not said.row and said.standard is None:
        mistake(said.place, f"'{name}' is a list of rows without columns: add 'row'")
    if not said.open and said.class_ is None and said.type != "rows":
        mistake(said.place, f"'{name}' is closed and has no class: say 'class' (identity, story, …) or 'open: yes'")
    for column, inner in said.row.items():
        if inner.type == "rows":
            mistake(inner.place, f"'{column}' is a list inside a list: make it a field of its own")
        _answers(column, inner, mistake)
    _answers(name, said, mistake)


def _answers(name: str, said: Field, mistake: Callable[[Place, str], object]) -> None:
    """The choices of a field or column, and whether its answers may be open."""
    if said.type in ("choice", "several") and not said.of:
        mistake(said.place, f"'{name}' is a choice without choices: add 'of'")
    if said.of and said.type not in ("choice", "several"):
        mistake(said.place, f"'{name}' has choices but is of type {said.type}: make it a choice, or leave 'of' out")
    if said.open and said.type not in OPEN_TYPES:
        mistake(
            said.place, f"'{name}' is {said.type} and may not be open: only coded answers are readable without a key"
        )
    if said.finds is not None:
        _found_by(name, said, said.finds, mistake)
    for word in said.labels:
        if said.of and word not in said.of:
            mistake(place_of(word), f"'{word}' is no choice of '{name}'")


def _found_by(name: str, said: Field, finds: Word, mistake: Callable[[Place, str], object]) -> None:
    """By what a case is found is closed, and of a type that can say it."""
    types = FOUND_BY[finds]
    if said.open:
        mistake(finds.place, f"'{name}' is open: by what a case is found is closed, leave 'finds' or 'open' out")
    elif said.type not in types:
        mistake(finds.place, f"'{name}' is {said.type}: a case is found by {finds} in a {' or '.join(types)} only")


def _fact(checked: Checked, name: str, fact: Fact) -> None:
    if not fact.from_:
        return  # the reader has told that the list is empty
    made = [way for way in (fact.as_, fact.yes_if, fact.first_of or None, fact.rule) if way is not None]
    if len(made) != 1:
        checked.mistake(fact.place, f"'{name}' must be made in exactly one way: as, yes_if, first_of or rule")
    if fact.as_ in ONE_INPUT and len(fact.from_) != 1:
        checked.mistake(fact.place, f"'{name}' is made by {fact.as_}, which reads one field")
    if fact.as_ in ("is", "is_not") and fact.value is None:
        checked.mistake(fact.place, f"'{name}' needs the value to compare with: add 'value'")
    _maker(checked, name, fact)
    before = True
    for other in checked.sop.facts:
        if other == name:
            before = False
        elif other in fact.from_ and not before:
            checked.mistake(fact.place, f"'{name}' reads '{other}', which stands below it: move '{other}' up")
    sees = {str(source) for source in fact.from_}
    for condition in [*(case.if_ for case in fact.first_of), *([fact.yes_if] if fact.yes_if else [])]:
        for read in condition.names() - sees:
            if read in checked.fields or read in checked.sop.facts:
                checked.mistake(condition.place, f"'{name}' reads '{read}': add it to 'from'")


def _maker(checked: Checked, name: str, fact: Fact) -> None:
    """What a maker reads is of the type that it needs, and what stands beside it is what it understands."""
    source = fact.from_[0]
    said = checked.fields.get(source)
    wanted = READS.get(fact.as_ or "", ())
    if wanted and (said.type not in wanted if said is not None else source in checked.sop.facts):
        checked.mistake(fact.place, f"'{name}' is made by {fact.as_}, which reads a {' or '.join(wanted)}")
    words = words_of(checked, source) if fact.as_ in ("is", "is_not") else ()
    if words and fact.value is not None and fact.value not in words:
        checked.mistake(fact.value.place, f"'{source}' is never '{fact.value}': it can be {', '.join(words)}")
    if fact.as_ == "under_18" and fact.missing is not None and fact.missing not in ("yes", "no", "doubt"):
        checked.mistake(fact.missing.place, f"'{name}' is yes, no or doubt, never '{fact.missing}'")
    if fact.as_ in ("count", "time", "district") and fact.missing is not None:
        checked.mistake(fact.missing.place, f"'{name}' is made by {fact.as_} and has no words: leave 'missing' out")
    if fact.on is not None:
        _on(checked, name, fact, fact.on)
    for word, makers in (
        ("value", ("is", "is_not", "findings")),
        ("plus", ("time",)),
        ("on", ("under_18", "age_band")),
    ):
        if getattr(fact, word) is not None and fact.as_ not in makers:
            checked.mistake(fact.place, f"'{word}' is for facts made by {' or '.join(makers)}: leave it out")
    if fact.else_ is not None and not fact.first_of:
        checked.mistake(fact.place, "'else' ends a list of first_of: leave it out")


def _on(checked: Checked, name: str, fact: Fact, day: Word) -> None:
    if not is_day(checked, day):
        checked.mistake(day.place, f"'{day}' is no day: name a field of type date, or a fact made by time")
    elif day not in fact.from_:
        checked.mistake(day.place, f"'{name}' reads '{day}': add it to 'from'")


def is_day(checked: Checked, name: Word, opened: bool = False) -> bool:
    """Whether a name is a whole day: a field (open, if wanted) of such a type, or a fact made by `time`."""
    if name in checked.sop.facts:
        return checked.sop.facts[name].as_ == "time"
    said = checked.fields.get(name)
    if said is None:
        return name in checked.notes.broken_names
    return said.type in ("date", "datetime") and said.precision != "any" and (said.open or not opened)


def _nepali(checked: Checked) -> None:
    """A sentence without its Nepali is a warning while the SOP is a model draft, and a mistake once it is official."""
    sop = checked.sop
    said: list[tuple[str, str, Text]] = []
    for name, stage in sop.stages.items():
        said.append((name, "title", stage.title))
        said += [(step_name, "title", step.title) for step_name, step in stage.steps.items()]
        said += [(exit_name, "title", exit_.title) for exit_name, exit_ in stage.go.items()]
    said += [(name, "text", consent.text) for name, consent in sop.consents.items()]
    said += [(name, "title", outcome.title) for name, outcome in sop.outcomes.items()]
    for name, what, text in said:
        if text.ne is None:
            message = f"the {what} of '{name}' has no Nepali: add 'ne'"
            if sop.standing == "official":
                checked.mistake(place_of(name), message)
            else:
                checked.notes.warn(place_of(name), message)
