"""What the engine would say to a command that is not sent: many more can be asked so than can be carried out."""

from collections.abc import Callable

import msgspec

from sop_engine.case import commands as cmd
from sop_engine.case.decide import decide
from sop_engine.case.refusal import Refusal
from sop_engine.services.rights import CONTENT_RELATIONS
from sop_engine.store import worklists
from sop_engine.store.database import looking
from tests.support.world import World

ACCEPTED = "accepted"
Asking = Callable[[cmd.Command, bool], str]


def asking(world: World, case_id: str) -> Asking:
    """Asks of a case as it stands now; the answer is ACCEPTED or the sentence of the refusal."""
    case, now = world.play.case(case_id), world.clock()
    ground = world.play.ground(case)

    def would(command: cmd.Command, reason: bool) -> str:
        with looking(world.inst.engine) as connection:
            known = worklists.relations_of(connection, case_id, command.actor.agency, now)
        if not known or (isinstance(command, cmd.RecordStep) and not known & CONTENT_RELATIONS):
            return "the case is not there for this agency"
        sealed = dict.fromkeys(["note", *(["reason"] if reason else [])], "sealed")
        answer = decide(ground, case, msgspec.structs.replace(command, sealed=sealed), now)
        return answer.sentence() if isinstance(answer, Refusal) else ACCEPTED

    return would
