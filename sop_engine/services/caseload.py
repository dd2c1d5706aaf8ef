"""The caseload of an agency: how much each of its people has, and giving many cases to one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import Installation, actor_of
from sop_engine.services.rights import case_id_of
from sop_engine.services.sending import NotFound, send
from sop_engine.services.staff import not_colleague
from sop_engine.services.together import NOT_HERE, id_in
from sop_engine.store import people, worklists
from sop_engine.store.database import looking
from sop_engine.store.people import Account


@dataclass(frozen=True, slots=True)
class Load:
    """How many open cases somebody has, and how many of them are late."""

    worker: Account
    cases: int
    late: int


def loads_of(inst: Installation, account: Account) -> list[Load]:
    """The load of everybody in somebody's agency, by name."""
    with looking(inst.engine) as connection:
        counted = worklists.loads(connection, account.agency, inst.clock())
        workers = people.workers_of(connection, account.agency)
    return [Load(worker, *counted.get(worker.id, (0, 0))) for worker in workers]


def assign_all(
    inst: Installation, account: Account, batch: str, numbers: Sequence[str], worker: str | None
) -> list[tuple[str, Refusal | None]]:
    """Give many cases to one worker of the agency, one act for each; gives what became of each, in order.

    A case that is not the agency's to see is refused like one that is not there. `batch` names this choice: sent twice,
    it acts once on each case.
    """
    no = not_colleague(inst, account, worker)
    if no is not None:
        return [(number, no) for number in numbers]
    return [(number, _assign(inst, account, batch, number, worker)) for number in dict.fromkeys(numbers)]


def _assign(inst: Installation, account: Account, batch: str, number: str, worker: str | None) -> Refusal | None:
    try:
        case_id = case_id_of(inst, account, number)
    except NotFound:
        return NOT_HERE
    answer = send(inst, case_id, cmd.Assign(id=id_in(batch, number), actor=actor_of(account), worker=worker))
    return answer if isinstance(answer, Refusal) else None
