"""Saying why, before answers or papers of a case are opened on which somebody else works. The log of reading has it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from sop_engine.case.ground import Ground
from sop_engine.case.permissions import in_emergency
from sop_engine.case.purpose import OTHER, PURPOSES, asks_why
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import Case
from sop_engine.services.installation import Installation
from sop_engine.services.rights import find
from sop_engine.store import journal, readings, sessions
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account

PURPOSE = "purpose"
HOLDS = timedelta(hours=12)
LONGEST = 500
MISSING = refuse(
    "purpose_missing",
    "A colleague works on this case: say first what you open it for",
    "यो विषयमा सहकर्मीले काम गर्दै हुनुहुन्छ: के का लागि खोल्ने पहिले भन्नुहोस्",
)


class PurposeMissing(Exception):
    """Somebody opens answers or papers and has not said yet why; `number` is that of the case."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


def is_lacking(
    inst: Installation, connection: Connection, ground: Ground, case: Case, account: Account,
    relations: frozenset[str],
) -> bool:  # fmt: skip
    """Whether somebody has to say why and did not: in this session, or by a program in the last hours.

    Whoever reads in an emergency said why when she opened it.
    """
    if in_emergency(relations) or not asks_why(ground, case, account.agency, account.id, account.roles):
        return False
    return not readings.is_noted(connection, account.id, case.id, PURPOSE, _since(inst, connection, account))


def _since(inst: Installation, connection: Connection, account: Account) -> datetime:
    """Since when a purpose that was said still holds."""
    now, rules = inst.clock(), inst.rules
    begun = [one.begun for one in sessions.living(connection, account.id, now, rules.idle, rules.absolute)]
    return max(now - HOLDS, min(begun, default=now - HOLDS))


def say_in_a_word(inst: Installation, account: Account, number: str, text: str) -> Refusal | None:
    """Say by a word of `PURPOSES`, else by a sentence, what answers are opened for. Raises NotFound."""
    known = text in PURPOSES and text != OTHER
    return say(inst, account, number, *((text,) if known else (OTHER, text)))


def say(inst: Installation, account: Account, number: str, purpose: str, words: str = "") -> Refusal | None:
    """Say what answers of a case are opened for: one of `PURPOSES`, OTHER with a sentence. Raises NotFound.

    It is written down where it is asked and was not said yet, sealed as every purpose is.
    """
    with looking(inst.engine) as connection:
        case_id, relations = find(connection, number, account, inst.clock(), "read")
        case = journal.load_known(connection, case_id)
        lacking = is_lacking(inst, connection, inst.ground(connection, case.version), case, account, relations)
    words = " ".join(words.split())[:LONGEST]
    if purpose not in PURPOSES or (purpose == OTHER and not words):
        return refuse(
            "purpose_words", "Choose what you open it for; for something else, say it in a sentence",
            "के का लागि खोल्ने छान्नुहोस्; अन्य भए एक वाक्यमा लेख्नुहोस्",
        )  # fmt: skip
    if lacking:
        with writing(inst.engine) as connection:
            key = inst.keys.subject_to_seal(connection, case.subject)
            said = f"{purpose} {words}".strip()
            readings.note(connection, account, case_id, PURPOSE, inst.clock(), said, key)
    return None
