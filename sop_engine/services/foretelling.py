"""What a way out of a stage would do if it was taken now: the decision itself is asked, and nothing is carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.accountability import ExitView
from sop_engine.case.clock import values_now
from sop_engine.case.decide.answer import Asked
from sop_engine.case.decide.moving import go, take_exit
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.services.installation import Installation, actor_of, new_id
from sop_engine.sop.language import Text
from sop_engine.store import procedures
from sop_engine.store.people import Account


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a way would do.

    `events` are those of the last act, none where something still stands against it (`refused`). `first` is what a
    second person is asked to sign before. `acting` gives for each agency that may receive the case the one that would
    hold it: itself, or where it has no users here the one that acts for it. `opens` names the procedure of the cases
    that the way opens.
    """

    events: tuple[ev.Event, ...]
    refused: Refusal | None
    first: ev.Proposed | None
    acting: Mapping[str, str | None]
    opens: Text | None


def foretell(
    inst: Installation, connection: Connection, ground: Ground, case: Case, view: ExitView, account: Account,
    now: datetime,
) -> Foretold:  # fmt: skip
    """What one way would do; where the receiver is to be chosen, as for the first that has users here itself."""
    acting = _acting(ground, case, view, now)
    to = next((code for code in view.candidates if acting[code] == code), next(iter(view.candidates), None))
    command = cmd.Go(
        id=new_id(), actor=actor_of(account), exit=view.name, to=to, override=view.override, sealed={"reason": ""}
    )
    asked = Asked(ground, case, now)
    answer = go(asked, command)
    proposed = answer[0] if isinstance(answer, tuple) and answer and isinstance(answer[0], ev.Proposed) else None
    if proposed is not None:
        exit_ = ground.exits(case)[view.name]
        answer = take_exit(asked, view.name, exit_, to, view.override, command, account.id)
    return Foretold(
        events=answer if isinstance(answer, tuple) else (),
        refused=answer if isinstance(answer, Refusal) else None,
        first=proposed,
        acting=acting,
        opens=_opens(inst, connection, ground, case, view.name),
    )


def _acting(ground: Ground, case: Case, view: ExitView, now: datetime) -> dict[str, str | None]:
    receivers = view.candidates or ([view.receiver] if view.receiver is not None else [])
    target = ground.target(case, view.name)
    part = ground.stage_part(target, values_now(ground, case, now)) if receivers and target is not None else None
    return {code: ground.acting(case, part, code)[0] if part is not None else code for code in receivers}


def _opens(inst: Installation, connection: Connection, ground: Ground, case: Case, name: str) -> Text | None:
    spawn = ground.exits(case)[name].spawn
    if spawn is None:
        return None
    return inst.ground(connection, procedures.current(connection)[str(spawn.sop)]).procedure.sop.title
