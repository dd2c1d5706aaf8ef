"""Tracks beside the main line: their owner moves them, and they hold nothing up."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.clock import track_state, values_now
from sop_engine.case.decide.answer import Asked, Decision
from sop_engine.case.refusal import refuse


def move(asked: Asked, command: cmd.MoveTrack) -> Decision:
    """Say that a track has reached a state: a later one, or as its `moves` allow."""
    case, ground = asked.case, asked.ground
    track = ground.procedure.sop.tracks.get(command.track)
    if track is None or command.state not in track.states:
        return refuse("no_track", "There is no such track or state", "यस्तो पक्ष वा अवस्था छैन")
    if case.status != "open":
        return refuse("not_open", "The case is not open", "विषय खुला छैन")
    here = track_state(ground, case, command.track)
    said = track.moves.get(command.state)
    owner = ground.agency(case, str(said.done_by if said is not None and said.done_by else track.owner))
    if command.actor.agency not in (owner, case.holder if owner is None else owner):
        title = ground.directory.title(owner or "")
        return refuse("not_owner", f"This is recorded by {title.en}", f"यो {title.in_language('ne')} ले दर्ता गर्छ")
    begun = command.track in case.tracks or ground.procedure.surely(track.begins, values_now(ground, case, asked.now))
    if not begun:
        return refuse("not_begun", "This has not begun", "यो सुरु भएको छैन")
    order = [str(state) for state in track.states]
    allowed = here in said.from_ if said is not None else order.index(command.state) > order.index(here)
    if not allowed:
        return refuse("no_move", "It cannot go there from where it is", "अहिलेको अवस्थाबाट त्यहाँ जान सकिँदैन")
    return (ev.TrackMoved(track=command.track, state=command.state),)
