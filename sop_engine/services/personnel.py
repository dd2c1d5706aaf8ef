"""What happens to accounts when they are added, changed and ended, inside a transaction; who may is asked elsewhere."""

from datetime import timedelta
from unicodedata import category

from sqlalchemy import Connection

from sop_engine.case.commands import Actor, Assign
from sop_engine.case.events import SYSTEM
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.acting import act_by_itself
from sop_engine.services.changes import (
    REASONS,
    AddPerson,
    ChangeRoles,
    EndPerson,
    EndSessions,
    GivePassword,
    OfPerson,
    ResetFactor,
)
from sop_engine.services.installation import Installation, new_id
from sop_engine.store import burdens, drafts, factors, keys, mailing, people, sessions, tokens
from sop_engine.store.people import Account

GIVEN_LASTS = timedelta(days=3)
LONGEST_NAME = 120


def not_so(inst: Installation, connection: Connection, one: OfPerson) -> Refusal | None:
    """Why a change of an account cannot be made as things are now."""
    if isinstance(one, AddPerson):
        return _not_added(inst, connection, one)
    found = people.entry(connection, one.whom)
    if found is None or found.ended is not None:
        return refuse("ended", "This account has ended", "यो खाता बन्द भइसक्यो")
    if isinstance(one, ChangeRoles):
        return _roles_not_so(found.account, one)
    if isinstance(one, ResetFactor) and not factors.of_person(connection, one.whom):
        return refuse("no_factor", "This person has no second factor", "यो व्यक्तिको दोस्रो प्रमाण छैन")
    if isinstance(one, EndPerson) and one.reason and one.reason not in REASONS:
        return refuse("no_reason", "Say why: choose one of the list", "किन हो जनाउनुहोस्: सूचीबाट छान्नुहोस्")
    return None


def _not_added(inst: Installation, connection: Connection, one: AddPerson) -> Refusal | None:
    agency = inst.directory(connection).agencies.get(one.agency)
    if agency is None:
        return refuse(
            "agency",
            f"no agency has the code '{one.agency}': look into the directory",
            f"'{one.agency}' कोडको निकाय छैन: निर्देशिका हेर्नुहोस्",
        )
    if not agency.acts_here or not agency.active:
        return refuse(
            "agency",
            f"{agency.title.en} has no users here, the directory says: others act for it",
            f"{agency.title.in_language('ne')} का प्रयोगकर्ता यहाँ छैनन्: अरूले त्यसका लागि काम गर्छन्",
        )
    if not _is_sign_in(one.sign_in):
        return refuse(
            "sign_in",
            "A name to sign in with has 1 to 60 letters, digits and signs, without blanks",
            "साइन इन गर्ने नाममा खाली ठाउँबिना १ देखि ६० अक्षर, अङ्क र चिह्न हुन्छन्",
        )
    if people.by_sign_in(connection, one.sign_in, ended=True) is not None:
        return refuse(
            "sign_in",
            f"'{one.sign_in}' is taken: choose another",
            f"'{one.sign_in}' नाम प्रयोगमा छ: अर्को छान्नुहोस्",
        )
    if not 1 <= len(one.shown_as.strip()) <= LONGEST_NAME or any(category(letter) == "Cc" for letter in one.shown_as):
        return refuse(
            "shown_as",
            f"Write in 1 to {LONGEST_NAME} letters how colleagues see this person",
            f"सहकर्मीले देख्ने नाम १ देखि {LONGEST_NAME} अक्षरमा लेख्नुहोस्",
        )
    return None


def _is_sign_in(name: str) -> bool:
    return 1 <= len(name) <= 60 and name.isprintable() and not any(letter.isspace() for letter in name)


def _roles_not_so(account: Account, one: ChangeRoles) -> Refusal | None:
    if account.roles != frozenset(one.before):
        return _changed_meanwhile()
    if account.roles == frozenset(one.roles):
        return refuse("same", "These are the roles that this person has already", "यो व्यक्तिका भूमिका यिनै हुन्")
    return None


def _changed_meanwhile() -> Refusal:
    return refuse(
        "changed",
        "The roles of this person have changed meanwhile: ask anew",
        "यसबीच यो व्यक्तिका भूमिका फेरिए: फेरि प्रस्ताव गर्नुहोस्",
    )


def do(inst: Installation, connection: Connection, one: OfPerson, password: str) -> Refusal | None:
    """Make a change of an account; `password` is the first one, where the change gives one."""
    now = inst.clock()
    if isinstance(one, AddPerson):
        given = Account(
            one.whom, one.sign_in, one.agency, one.shown_as.strip(), frozenset(one.roles),
            given_until=now + GIVEN_LASTS,
        )  # fmt: skip
        people.add(connection, inst.guard, given, password)
    elif isinstance(one, ChangeRoles):
        if not people.set_roles(connection, inst.guard, one.whom, frozenset(one.before), frozenset(one.roles)):
            return _changed_meanwhile()
        sessions.end_all(connection, one.whom)
    elif isinstance(one, ResetFactor):
        factors.drop(connection, one.whom)
        people.vouch(connection, inst.guard, one.whom)
        sessions.end_all(connection, one.whom)
    elif isinstance(one, GivePassword):
        people.set_password(connection, inst.guard, one.whom, password, now + GIVEN_LASTS)
        sessions.end_all(connection, one.whom)
        sessions.forget_devices(connection, one.whom)
    elif isinstance(one, EndSessions):
        sessions.end_all(connection, one.whom)
    else:
        return _end(inst, connection, one)
    return None


def _end(inst: Installation, connection: Connection, one: EndPerson) -> Refusal | None:
    """An account ends: whatever opens it goes, and her cases are nobody's."""
    # Before the account is vouched for as ended; one that has ended has none.
    factors.drop(connection, one.whom)
    if not people.end(connection, inst.guard, one.whom, inst.clock()):
        return refuse("ended", "This account has ended", "यो खाता बन्द भइसक्यो")
    sessions.end_all(connection, one.whom)
    sessions.forget_devices(connection, one.whom)
    tokens.end_all(connection, one.whom)
    drafts.drop_all(connection, one.whom)
    keys.destroy(connection, one.whom)
    mailing.forget(connection, one.whom)
    for case in burdens.of_worker(connection, one.whom):
        act_by_itself(inst, connection, case.case_id, Assign(id=new_id(), actor=Actor(SYSTEM, SYSTEM), worker=None))
    return None
