"""Homes: ratings by a standard, records that people make alone, a limit for each finding, visits, and what is told."""

from sop_engine.sop import score
from sop_engine.sop.language import Deadline, Fact, Step
from sop_engine.sop.lint.check import Checked
from sop_engine.sop.reading import Word, place_of
from sop_engine.sop.source import Place

HOME = "home"


def check(checked: Checked) -> None:
    sop = checked.sop
    if sop.about == HOME and HOME not in sop.agencies:
        checked.mistake(sop.about.place, f"an SOP about a home needs the part '{HOME}': the home itself")
    for name, said in sop.fields.items():
        if said.standard is not None and (said.type != "rows" or not said.open):
            checked.mistake(said.place, f"'{name}' is rated by a standard: write type: rows and open: yes")
    for name, fact in sop.facts.items():
        _fact(checked, name, fact)
    for _, name, step in checked.steps():
        _alone(checked, name, step)
    for stage_name, stage in sop.stages.items():
        for deadline in stage.deadline:
            _rows(checked, stage_name, deadline)
    for every in sop.every:
        checked.known(every.while_, sop.stages, "stage")
        if every.spawn.for_each is not None:
            checked.mistake(every.place, "time opens one case: leave 'for_each' out")
    _heard(checked)


def _fact(checked: Checked, name: str, fact: Fact) -> None:
    if fact.as_ in score.MAKERS and checked.standard_of(fact) is None:
        checked.mistake(fact.place, f"'{name}' is made by {fact.as_}, which reads a list that is rated by a standard")
    if fact.as_ == "findings" and fact.value is not None and fact.value not in score.PRIORITIES:
        listed = ", ".join(score.PRIORITIES)
        checked.mistake(fact.place, f"'{name}' counts findings of one priority: {listed}")
    if fact.as_ == "unfixed":
        for source in fact.from_:
            if "finding" not in _columns(checked, source):
                checked.mistake(place_of(source), f"'{source}' needs a column 'finding' to tell what is fixed")


def _alone(checked: Checked, name: str, step: Step) -> None:
    for part in step.kept_from:
        checked.known(part, checked.sop.agencies, "part")
    if step.different_people == 1:
        checked.mistake(step.place, f"'{name}' asks for different people: 2 or more, or leave it out")
    if step.different_people and (step.repeat or step.awaits or step.with_ or step.spawn):
        checked.mistake(
            step.place, f"'{name}' is recorded by each alone: it neither repeats, asks, hands over nor opens"
        )
    if step.settles is None or not checked.known(step.settles, {n for _, n, _ in checked.steps()}, "step"):
        return
    first = checked.sop.all_steps().get(step.settles)
    if first is not None and not first[1].different_people:
        checked.mistake(step.settles.place, f"'{step.settles}' is recorded by one person: there is nothing to settle")


def _rows(checked: Checked, stage: str, deadline: Deadline) -> None:
    if deadline.each is None:
        for word, said in (("at_most", deadline.at_most), ("fixed_in", deadline.fixed_in)):
            if said is not None:
                checked.mistake(deadline.place, f"'{word}' stands beside 'each' only")
        return
    columns = _columns(checked, deadline.each)
    if not columns:
        checked.mistake(deadline.each.place, f"'{deadline.each}' is no open list of rows")
        return
    if deadline.until is None and deadline.at_most is None:
        checked.mistake(deadline.place, f"the deadline of '{stage}' says no time for a row: add until or at_most")
    for column in (deadline.until, deadline.at_most.by if deadline.at_most is not None else None):
        if column is not None and column not in columns:
            checked.mistake(place_of(column), f"'{column}' is no open column of '{deadline.each}'")
    if deadline.fixed_in is not None and {"finding", "fixed"} - _columns(checked, deadline.fixed_in):
        checked.mistake(deadline.fixed_in.place, f"'{deadline.fixed_in}' needs the open columns 'finding' and 'fixed'")


def _columns(checked: Checked, name: str) -> set[str]:
    """The open columns of a list."""
    said = checked.fields.get(str(name))
    return {str(column) for column, inner in said.row.items() if inner.open} if said is not None else set()


def _heard(checked: Checked) -> None:
    sop = checked.sop
    values = {str(name) for name, said in checked.fields.items() if said.open} | {str(name) for name in sop.facts}
    for _, _, exit_ in checked.exits():
        for name in exit_.tell.carries if exit_.tell is not None else ():
            checked.known(name, values, "open field or fact")
    exits = {name for _, name, _ in checked.exits()}
    for event, heard in sop.hears.items():
        for ours in heard.sets:
            _open_field(checked, ours, heard.place)
        if heard.offers is not None:
            checked.known(heard.offers, exits, "exit")
        if (heard.offers is None) != (heard.within is None):
            checked.mistake(place_of(event), f"'{event}' offers a way within a time: say both, or neither")


def _open_field(checked: Checked, name: str, place: Place) -> None:
    if checked.known(Word(name, place_of(name) if isinstance(name, Word) else place), checked.fields, "field"):
        said = checked.fields.get(str(name))
        if said is not None and not said.open:
            checked.mistake(place_of(name), f"'{name}' is closed: only open fields can be told between cases")
