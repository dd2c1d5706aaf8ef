"""Links to a request for a service, for receivers who have no account: each opens once, and its opening is recorded.

A link never leads to accountability: for an agency without users another one acts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sop_engine.case import commands as cmd
from sop_engine.case.access import is_agreed
from sop_engine.case.events import SYSTEM
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import ReferralState
from sop_engine.services.installation import Installation, new_id
from sop_engine.services.rights import find
from sop_engine.services.sending import send
from sop_engine.sop.language import Text
from sop_engine.store import journal, links, vault
from sop_engine.store.database import looking, writing
from sop_engine.store.links import Link
from sop_engine.store.people import Account

LASTS = timedelta(days=7)
_SYSTEM = cmd.Actor(SYSTEM, SYSTEM)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a link shows once: who asks, what for, in which words, and by when the answer is due."""

    by: Text
    service: str
    words: str
    referral: ReferralState


def make_link(inst: Installation, account: Account, number: str, referral: str) -> str | Refusal:
    """A link to a request of one's own agency, to one that has no users here; gives its token once."""
    now = inst.clock()
    with writing(inst.engine) as connection:
        case_id, _ = find(connection, number, account, now, "record")
        case = journal.load_known(connection, case_id)
        asked, directory = case.referrals.get(referral), inst.directory(connection)
        if asked is None or asked.status != "asked" or asked.asked_by != account.agency:
            return refuse("no_referral", "This is asked for no longer", "यो अब मागिएको छैन")
        if directory.acts_here(asked.to):
            return refuse(
                "has_users", "That agency has users here and sees the request", "त्यस निकायका प्रयोगकर्ताले माग देख्छन्"
            )
        if not is_agreed(case, asked):
            return refuse(
                "taken_back",
                "She took back the consent under which this was asked: nothing may be passed on",
                "जुन सहमतिमा यो मागिएको थियो त्यो उहाँले फिर्ता लिनुभयो: केही दिन मिल्दैन",
            )
        return links.make(connection, inst.guard, case_id, referral, min(now + LASTS, asked.due + LASTS))


def is_live(inst: Installation, token: str) -> str | None:
    """Whether a link is new, opened or over (None)."""
    with looking(inst.engine) as connection:
        found = _found(inst, connection, token, inst.clock())
    return None if found is None else "opened" if found.opened else "new"


def _found(inst: Installation, connection: Connection, token: str, now: datetime) -> Link | None:
    """A link that is not over: its agencies may know of the case, and the consent under which it was asked holds."""
    found = links.find(connection, inst.guard, token, now)
    if found is None:
        return None
    case = journal.load_known(connection, found.case_id)
    asked = case.referrals[found.referral]
    shut = case.is_shut_to(asked.to) or case.is_shut_to(asked.asked_by)
    return None if shut or not is_agreed(case, asked) else found


def open_link(inst: Installation, token: str) -> Shown | None:
    """What a link shows, this once; None where it is over, was opened before, or nothing is asked any more."""
    now = inst.clock()
    with writing(inst.engine) as connection:
        found = _found(inst, connection, token, now)
        if found is None or not links.open_once(connection, token, now):
            return None
    command = cmd.OpenReferral(id=new_id(), actor=_SYSTEM, referral=found.referral)
    if isinstance(send(inst, found.case_id, command), Refusal):
        return None
    with looking(inst.engine) as connection:
        case = journal.load_known(connection, found.case_id)
        asked = case.referrals[found.referral]
        key = inst.keys.subject(connection, case.subject, asked.asked_by)
        words = vault.of_event(connection, key, case.subject, case.id, int(found.referral)) if key is not None else {}
        by = inst.directory(connection).title(asked.asked_by)
    return Shown(by, asked.service, str(words.get("asked", "")), asked)


def answer_link(inst: Installation, token: str, answer: str, reason: str | None) -> Refusal | None:
    """Answer through a link that was opened; a refusal says what to do."""
    with looking(inst.engine) as connection:
        found = _found(inst, connection, token, inst.clock())
    if found is None or not found.opened:
        return refuse("over", "This link is over: ask whoever gave it to you", "यो लिङ्क सकियो: दिनेलाई सोध्नुहोस्")
    command = cmd.AnswerReferral(id=new_id(), actor=_SYSTEM, referral=found.referral, answer=answer, reason=reason)
    answered = send(inst, found.case_id, command)
    return answered if isinstance(answered, Refusal) else None
