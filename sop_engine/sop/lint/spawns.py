"""Cases that a case opens and waits for: what the exit of one SOP says, before the other SOP is at hand."""

from collections.abc import Mapping

from sop_engine.sop.grammar import CLASSES
from sop_engine.sop.language import Field, Spawn, Under, WaitFor
from sop_engine.sop.lint.check import Checked
from sop_engine.sop.reading import Word


def check(checked: Checked) -> None:
    for spawn in {id(spawn): spawn for spawn in checked.sop.spawns()}.values():
        _spawn(checked, spawn)
    for stage in checked.sop.stages.values():
        if stage.wait_for is not None:
            _wait_for(checked, stage.wait_for)


def _spawn(checked: Checked, spawn: Spawn) -> None:
    if spawn.for_each is not None:
        _for_each(checked, spawn.for_each)
    for ours in spawn.bind.values():
        checked.known_part(ours)
    carried = travelling(spawn, checked.fields)
    for name in spawn.carry:
        checked.known(name, carried, "field")
    if spawn.under is not None:
        _under(checked, spawn, spawn.under)


def travelling(spawn: Spawn, fields: Mapping[str, Field]) -> dict[str, Field]:
    """The fields that may go along with a spawned case: those of the case and, before them, the columns of its row."""
    listed = fields.get(str(spawn.for_each).partition(".")[2])
    return {**fields, **(listed.row if listed is not None else {})}


def _for_each(checked: Checked, word: Word) -> None:
    step, _, name = str(word).partition(".")
    steps = checked.named_steps
    if not checked.known(Word(step, word.place), steps, "step") or step not in steps:
        return
    form = checked.forms.get(steps[step][1].form or "")
    said = checked.fields.get(name)
    if said is None or said.type != "rows" or form is None or name not in form.fields():
        checked.mistake(word.place, f"'{word}' names no list of rows: write STEP.FIELD of a field of type rows")


def _under(checked: Checked, spawn: Spawn, under: Under) -> None:
    if under.consent is not None:
        checked.known(under.consent, checked.sop.consents, "consent")
    for name in under.always:
        checked.known(name, spawn.carry, "field that is carried")
    if under.limited_by is None:
        return
    if under.consent is None:
        checked.mistake(under.limited_by.place, "what she allows hangs on a consent: add 'consent'")
    said = checked.fields.get(under.limited_by)
    if said is None or not said.open or said.type != "several" or not {*said.of} <= {*CLASSES}:
        checked.mistake(
            under.limited_by.place,
            f"'{under.limited_by}' does not say what she allows: name an open field of type several, of the classes "
            f"{', '.join(CLASSES)}",
        )


def _wait_for(checked: Checked, wait: WaitFor) -> None:
    spawned = {str(spawn.name) for spawn in checked.sop.spawns()}
    checked.known(wait.children, spawned, "spawned name")
    if wait.all_ is not None and wait.any_ is not None:
        checked.mistake(wait.place, "wait for all or for any of them: keep one")
