"""Opening a case that is not one's own in an emergency: for one person, read only, few times, told and reviewed.

No role gives it and nobody can widen it. A number that is not there costs and is written down as one that is.
"""

from datetime import timedelta

import structlog
from sqlalchemy import Connection

from sop_engine.case import commands as cmd
from sop_engine.case.decide.emergencies import NOT_THERE
from sop_engine.case.permissions import may
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.acting import Done, NotFound, act_in, in_one, too_long
from sop_engine.services.installation import Installation, actor_of
from sop_engine.store import attempts, journal, worklists
from sop_engine.store.attempts import Count
from sop_engine.store.people import Account

TIMES, WITHIN = 3, timedelta(days=30)
A_SENTENCE = 20
_log = structlog.get_logger("emergency")


def open_in_emergency(
    inst: Installation, account: Account, number: str, reason: str, command_id: str
) -> Refusal | None:
    """Open a case to one person for an hour; nothing more where she reads it already.

    Raises NotFound where there is no such case, or it is hidden from her agency.
    """
    if len(reason) < A_SENTENCE:
        return refuse("reason_missing", "Say in a sentence what the emergency is", "के आपत्काल हो एक वाक्यमा लेख्नुहोस्")
    if (refused := too_long([reason])) is not None:
        return refused

    def work(connection: Connection) -> Done | Refusal:
        now = inst.clock()
        case_id = worklists.by_number(connection, number)
        whose = (account.agency, now, account.id)
        if case_id is not None and may("read", worklists.relations_of(connection, case_id, *whose)):
            return _READS
        if not _one_more(inst, connection, account):
            return _too_often()
        found = journal.load_to_write(connection, "number", number, account.agency, now)
        # What was said in an erased case nobody reads: it answers as one that is not there.
        if found is None or found.case.erased is not None:
            return NOT_THERE
        command = cmd.OpenEmergency(id=command_id, actor=actor_of(account))
        return act_in(inst, connection, found, lambda *_: (command, {"reason": reason}), again=False)

    answer = in_one(inst, work)
    if answer is _READS:
        return None
    _log.warning("emergency", person=account.id, agency=account.agency, at=inst.clock().isoformat())
    if answer is NOT_THERE:
        raise NotFound(number)
    return answer if isinstance(answer, Refusal) else None


_READS = refuse("reads", "You read this case already", "तपाईं यो विषय पहिल्यै पढ्नुहुन्छ")


def _too_often() -> Refusal:
    return refuse(
        "emergency_quota",
        f"You opened {TIMES} cases in an emergency within {WITHIN.days} days, which is the most. Telephone the agency "
        "that is accountable, or ask a supervisor of your agency to",
        f"तपाईंले {WITHIN.days} दिनभित्र आपत्कालमा {TIMES} विषय खोल्नुभयो, योभन्दा बढी मिल्दैन। जवाफदेही निकायलाई फोन गर्नुहोस्, "
        "वा आफ्नो निकायको सुपरिवेक्षकलाई भन्नुहोस्",
    )


def _one_more(inst: Installation, connection: Connection, account: Account) -> bool:
    """Count one more for a person, if she has one left: each of a few places is free again after the days."""
    now = inst.clock()
    places = [inst.keys.mark(connection, "emergency", f"{account.id}\0{place}") for place in range(TIMES)]
    taken = attempts.of(connection, places)
    free = next((place for place in places if place not in taken or taken[place].until <= now), None)
    if free is None:
        return False
    attempts.keep(connection, free, Count(1, now, now + WITHIN), new=free not in taken)
    return True
