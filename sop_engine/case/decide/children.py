"""What a case hears from the cases that it opened."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.decide.answer import Asked, Decision
from sop_engine.case.decide.moving import closing
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
    if exit_ is None or exit_.spawn is None or str(exit_.spawn.name) != command.name:
        return (reported,)
    return (reported, closing(asked, case.ending, exit_, case.ending_signed_by, asked.now))
