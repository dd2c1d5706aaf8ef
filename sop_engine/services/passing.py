"""What the passing of time asks for: escalations, letters between cases, the log, facts of age, cases of one person,
files without an event, notices.

Everything is read from rows and is safe to run again, by one worker or by several.
"""

from datetime import datetime

from sop_engine.case.commands import Actor, Age, Tick
from sop_engine.case.events import SYSTEM
from sop_engine.case.refusal import Refusal
from sop_engine.services import epochs
from sop_engine.services.accounts import tidy_all
from sop_engine.services.acting import act
from sop_engine.services.documents import sweep
from sop_engine.services.installation import Installation, new_id
from sop_engine.services.linked import deliver_all
from sop_engine.services.noticing import notice_all
from sop_engine.services.resembling import compare_all
from sop_engine.services.witnessing import sign_log
from sop_engine.store import journal, log, schedule, vault
from sop_engine.store.database import looking, writing

_SYSTEM = Actor(SYSTEM, SYSTEM)
AGED = "aged"


def run_once(inst: Installation) -> int:
    """Do all that is due now; gives how much was done, 0 when there is nothing left to do."""
    done = deliver_all(inst)
    with looking(inst.engine) as connection:
        cases = schedule.to_check(connection, inst.clock())
    for case_id in cases:
        answer = act(inst, case_id, Tick(id=new_id(), actor=_SYSTEM))
        done += 0 if isinstance(answer, Refusal) else 1
    done += age_all(inst)
    done += sweep(inst)
    while drained := log.drain(inst.engine):
        done += drained
    done += sign_log(inst)
    done += compare_all(inst)
    done += notice_all(inst)
    inst.registers.tidy(inst.clock())
    tidy_all(inst)
    done += epochs.turn(inst)
    return done


def age_all(inst: Installation) -> int:
    """Once a month, work out the facts of age again: of open cases, and of those that closed about children."""
    now = inst.clock()
    month = now.strftime("%Y-%m")
    with looking(inst.engine) as connection:
        if schedule.marked(connection, AGED) == month:
            return 0
        cases = [*schedule.open_people(connection), *schedule.closed_as_children(connection)]
    changed = sum(_age(inst, case_id, now) for case_id in cases)
    with writing(inst.engine) as connection:
        schedule.set_mark(connection, AGED, month)
    return changed


def _age(inst: Installation, case_id: str, now: datetime) -> bool:
    with looking(inst.engine) as connection:
        case = journal.load_known(connection, case_id)
        procedure = inst.ground(connection, case.version).procedure
        names = procedure.facts_of_age()
        asked = procedure.inputs_of(names)
        known = vault.latest(connection, inst.keys, case.subject, case_id, asked, case.drafts) if names else {}
    if not known:
        return False
    return not isinstance(act(inst, case_id, Age(id=new_id(), actor=_SYSTEM, known=known)), Refusal)
