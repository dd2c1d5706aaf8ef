"""What can only be seen with all SOPs of a folder at hand: spawned cases can be opened, filled
and waited for, and what one tells another hears.
"""

from collections.abc import Iterator, Mapping

from sop_engine.sop.language import SUSPECT, Field, Part, Spawn, Tell, WaitFor
from sop_engine.sop.lint.spawns import travelling
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.reading import Word, closest, place_of
from sop_engine.sop.source import Mistake, Place

Told = Iterator[tuple[Place, str]]


def between(procedures: Mapping[str, Procedure]) -> list[Mistake]:
    """The mistakes between the procedures of a folder, each once."""
    found = []
    for procedure in procedures.values():
        for spawn in procedure.sop.spawns():
            found += [Mistake(f"{procedure.name}.yaml", *told) for told in _spawn(procedure, spawn, procedures)]
        for stage in procedure.sop.stages.values():
            if stage.wait_for is not None:
                waits = _wait_for(procedure, stage.wait_for, procedures)
                found += [Mistake(f"{procedure.name}.yaml", *told) for told in waits]
        found += [Mistake(f"{procedure.name}.yaml", *told) for told in _told(procedure, procedures)]
        found += [Mistake(f"{procedure.name}.yaml", *told) for told in _heard(procedure, procedures)]
    return list(dict.fromkeys(found))


def _spawn(ours: Procedure, spawn: Spawn, procedures: Mapping[str, Procedure]) -> Told:
    target = procedures.get(spawn.sop)
    if target is None:
        yield spawn.sop.place, f"'{spawn.sop}' is no SOP{closest(spawn.sop, list(procedures))}"
        return
    if spawn.at not in target.sop.opens_at:
        opens = ", ".join(target.sop.opens_at)
        yield spawn.at.place, f"{spawn.sop} cannot be opened at '{spawn.at}': it opens at {opens}"
        return
    yield from _apart(ours, spawn, target)
    for theirs, part in spawn.bind.items():
        yield from _bound(ours, spawn, target, theirs, part)
    for name, said in target.sop.agencies.items():
        if said.from_parent is not None and name not in spawn.bind and said.from_parent not in ours.sop.agencies:
            yield spawn.place, f"'{name}' of {spawn.sop} is our '{said.from_parent}', which is no part here: bind it"
    for name in spawn.carry:
        yield from _carried(travelling(spawn, ours.fields)[name], name, spawn, target)


def _apart(ours: Procedure, spawn: Spawn, target: Procedure) -> Told:
    """Nobody becomes a suspect by another case; and a case that begins in a file would show that she was a suspect."""
    if target.sop.about == SUSPECT != ours.sop.about:
        yield spawn.sop.place, f"'{spawn.sop}' is about a suspect: its cases are opened by those who investigate alone"
    if ours.sop.about == SUSPECT != target.sop.about:
        yield spawn.sop.place, f"'{spawn.sop}' is not about suspects: those who help open the case themselves"


def _bound(ours: Procedure, spawn: Spawn, target: Procedure, theirs: str, part: Word) -> Told:
    known = target.sop.agencies.get(theirs)
    if known is None:
        yield place_of(theirs), f"'{theirs}' is no part of {spawn.sop}{closest(theirs, set(target.sop.agencies))}"
    elif part != "holder" and (strange := _kinds(ours.sop.agencies[part]) - _kinds(known)):
        kinds = ", ".join(sorted(strange))
        yield part.place, f"'{part}' may be of the kind {kinds}, which cannot be '{theirs}' of {spawn.sop}"


def _kinds(part: Part) -> set[str]:
    return {str(kind) for kind in part.kind}


def _carried(said: Field, name: Word, spawn: Spawn, target: Procedure) -> Told:
    theirs = target.fields.get(name)
    if theirs is None:
        yield name.place, f"'{name}' is no field of {spawn.sop}{closest(name, set(target.fields))}"
    elif theirs.type != said.type or not {*said.of} <= {*theirs.of}:
        yield name.place, f"'{name}' can have answers here that it cannot have in {spawn.sop}"
    elif theirs.open != said.open:
        opened, closed = ("here", f"in {spawn.sop}") if said.open else (f"in {spawn.sop}", "here")
        yield name.place, f"'{name}' is open {opened} and closed {closed}: make it the same in both"


def _wait_for(ours: Procedure, wait: WaitFor, procedures: Mapping[str, Procedure]) -> Told:
    goal = wait.all_ or wait.any_
    if goal is None or goal == "settled":
        return
    for spawn in ours.sop.spawns():
        target = procedures.get(spawn.sop) if spawn.name == wait.children else None
        if target is not None and goal not in target.sop.milestones:
            yield goal.place, f"'{goal}' is no milestone of {spawn.sop}{closest(goal, set(target.sop.milestones))}"


def _tells(procedure: Procedure) -> list[Tell]:
    exits = [exit_ for stage in procedure.sop.stages for exit_ in procedure.sop.exits(stage).values()]
    return [exit_.tell for exit_ in exits if exit_.tell is not None]


def _told(ours: Procedure, procedures: Mapping[str, Procedure]) -> Told:
    """A tell that nobody hears, or that lacks what is taken from it."""
    for tell in _tells(ours):
        target = procedures.get(tell.sop)
        heard = target.sop.hears.get(tell.event) if target is not None else None
        if target is None:
            yield tell.sop.place, f"'{tell.sop}' is no SOP{closest(tell.sop, list(procedures))}"
        elif (target.sop.about == SUSPECT) != (ours.sop.about == SUSPECT):
            yield tell.place, f"'{tell.sop}' and this SOP keep victims and suspects apart: neither tells the other"
        elif heard is None or heard.from_ != ours.name:
            yield tell.event.place, f"{tell.sop} does not hear '{tell.event}' from here"
        else:
            for theirs in heard.sets.values():
                if theirs not in tell.carries:
                    yield tell.place, f"{tell.sop} takes '{theirs}' from '{tell.event}': add it to carries"


def _heard(ours: Procedure, procedures: Mapping[str, Procedure]) -> Told:
    """What is heard and nobody tells."""
    for event, heard in ours.sop.hears.items():
        source = procedures.get(heard.from_)
        told = [tell.event for tell in _tells(source) if tell.sop == ours.name] if source is not None else []
        if event not in told:
            yield place_of(event), f"{heard.from_} never tells '{event}'"
