"""What a case hears of other cases: those that it opened, those about the same subject, and those that resemble it."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.clock import limit
from sop_engine.case.decide.answer import Asked, Decision
from sop_engine.case.decide.moving import closing
from sop_engine.case.decide.spawning import is_by_exit
from sop_engine.case.refusal import refuse


def report(asked: Asked, command: cmd.Report) -> Decision:
    """Note how a child stands; an end that waited for its acceptance is reached now."""
    case = asked.case
    known = case.children.get(command.child.id)
    if known is not None and known.status == command.status and not set(command.milestones) - set(known.milestones):
        return refuse("nothing_new", "This is known already", "यो पहिल्यै थाहा छ")
    reported = ev.ChildReported(
        name=command.name, child=command.child.id, status=command.status, milestones=command.milestones
    )
    if case.ending is None or command.status == "opening" or case.status != "open":
        return (reported,)
    exit_ = asked.ground.exits(case).get(case.ending)
    if exit_ is None or exit_.spawn is None or not is_by_exit(case, case.ending, exit_.spawn, command.child.id):
        return (reported,)
    return (reported, closing(asked, case.ending, exit_, case.ending_signed_by, asked.now))


def hear(asked: Asked, command: cmd.Hear) -> Decision:
    """Take over what another case about the same subject tells; it offers a way and moves nothing."""
    said = asked.ground.procedure.sop.hears.get(command.event)
    if said is None or asked.case.status == "closed":
        return refuse("not_heard", "This procedure does not hear of this", "यस कार्यविधिले यो सुन्दैन")
    values = {str(ours): command.values[theirs] for ours, theirs in said.sets.items() if theirs in command.values}
    due = limit(asked.ground, asked.case.holder, asked.now, said.within) if said.within is not None else None
    exit_ = str(said.offers) if said.offers is not None else None
    return (ev.Heard(event=command.event, case=command.case, values=values, exit=exit_, due=due),)


def resemble(asked: Asked, command: cmd.Resemble) -> Decision:
    """Note that another case may be about the same person, once for each; it moves nothing and opens nothing."""
    if command.other in asked.case.resembles or command.other == asked.case.id:
        return refuse("nothing_new", "This is known already", "यो पहिल्यै थाहा छ")
    return (ev.Resembled(other=command.other, number=command.number),)
