"""What everybody outside calls: send a command to a case, or open one; what it owes others is delivered at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sop_engine.case.commands import Actor, Command, Open
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.acting import Done, NotFound, act, in_one, open_in
from sop_engine.services.installation import Installation, new_id, new_number
from sop_engine.services.linked import deliver_all
from sop_engine.store import procedures
from sop_engine.store.database import Busy, Unwritable
from sop_engine.store.vault import Secret

__all__ = ["Busy", "Done", "NotFound", "Unwritable", "open_case", "send"]


def send(
    inst: Installation, case_id: str, command: Command, secrets: Mapping[str, Any] | None = None
) -> Done | Refusal:
    """Send a command to a case.

    `secrets` are its closed values by field; they go to the vault and only their commitments into the event. Raises
    NotFound where the case is not there or the actor's agency has no relation to it. Sent twice, it acts once.
    """
    return delivered(inst, act(inst, case_id, command, secrets))


def delivered(inst: Installation, answer: Done | Refusal) -> Done | Refusal:
    """Deliver what an act owes to other cases, and give its answer on."""
    if isinstance(answer, Done) and answer.letters:
        deliver_all(inst)
    return answer


def open_case(
    inst: Installation, actor: Actor, sop: str, entry: str, values: Mapping[str, Any] | None = None,
    command_id: str | None = None, happened: datetime | None = None, parts: Mapping[str, str] | None = None,
) -> Done | Refusal:  # fmt: skip
    """Open a case of an SOP at one of its entries, with what is known at once (open and closed values by field).

    `parts` are the agencies that the SOP lets its opener choose.
    """
    values = dict(values or {})
    identity = new_id()
    command = Open(
        id=command_id or new_id(), actor=actor, happened=happened, case=identity, number=new_number(), entry=entry,
        subject=identity, values=values, parts=dict(parts or {}),
    )  # fmt: skip

    def opening(connection: Connection) -> Done | Refusal:
        version = procedures.current(connection).get(sop)
        if version is None:
            return refuse("no_sop", f"No procedure is called '{sop}'", f"'{sop}' भन्ने कार्यविधि छैन")
        ground = inst.ground(connection, version)
        return open_in(inst, connection, version, command, _secrets(ground, values), inst.clock())

    return delivered(inst, in_one(inst, opening))


def _secrets(ground: Ground, values: Mapping[str, Any]) -> dict[str, Secret]:
    fields = ground.procedure.fields
    return {name: Secret.of(value) for name, value in values.items() if name in fields and not fields[name].open}
