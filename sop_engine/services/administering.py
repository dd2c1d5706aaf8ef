"""Administration: who may change agencies and accounts, what two people do together, and the record of all of it.

Whoever administers has no right to any case by it. What one asks for another confirms, never the person concerned.
"""

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services import agencies, changes, personnel
from sop_engine.services.acting import NotFound
from sop_engine.services.administrators import administers_all, in_scope, is_above, may_still_ask
from sop_engine.services.changes import (
    Activate,
    AddPerson,
    ChangeRoles,
    Deactivate,
    EditAgency,
    EndPerson,
    GivePassword,
    OfAgency,
    OfPerson,
    ResetFactor,
)
from sop_engine.services.installation import Installation, new_id
from sop_engine.services.passwords import random_password
from sop_engine.services.roles import known_roles
from sop_engine.store import changes as stored
from sop_engine.store import people
from sop_engine.store.changes import Change
from sop_engine.store.people import Account

OPERATOR = "operator"
_log = structlog.get_logger("accounts")


@dataclass(frozen=True, slots=True)
class Made:
    """A change of `whom`: whether it `waits` for a second person, and a first password that is shown once."""

    whom: str
    waits: bool
    password: str | None = None


class _NotDone(Exception):
    """A change cannot be made after all: nothing of its transaction stays."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def ask(inst: Installation, account: Account, one: OfPerson | OfAgency) -> Made | Refusal:
    """Make a change at once where one person may, else ask a second one. Raises NotFound for what is not hers."""
    try:
        with inst.writing() as connection:
            agency = _agency_of(connection, account, one)
            no = _never(inst, connection, account, one) or _not_so(inst, connection, one)
            if no is not None:
                return no
            waits = _needs_two(connection, one)
            now, by = inst.clock(), None if waits else account.id
            decided = None if waits else now
            kept = Change(
                new_id(), changes.what_of(one), one.whom, agency, changes.to_text(one), account.id, now, by, decided,
                None if waits else True,
            )  # fmt: skip
            stored.add(connection, kept)
            password = None if waits else _do(inst, connection, one)
    except _NotDone as problem:
        return problem.refusal
    _told(inst, kept)
    return Made(one.whom, waits, password)


def decide(inst: Installation, account: Account, identity: str, agreed: bool) -> Made | Refusal:
    """Confirm a change that somebody else asked for, or say no to it. Raises NotFound for what is not hers."""
    try:
        with inst.writing() as connection:
            found = stored.one(connection, identity)
            if found is None:
                raise NotFound(identity)
            one = changes.from_text(found.body)
            _agency_of(connection, account, one, found.agency)
            no = _may_not_decide(connection, account, found, one, agreed)
            if no is not None:
                return no
            if not stored.decide(connection, identity, account.id, inst.clock(), agreed):
                return refuse("decided", "This was decided already", "यसको निर्णय भइसक्यो")
            if agreed:
                _let(_not_so(inst, connection, one))
            password = _do(inst, connection, one) if agreed else None
            decided = stored.one(connection, identity)
    except _NotDone as problem:
        return problem.refusal
    assert decided is not None, "no row of the record goes"
    _told(inst, decided)
    return Made(one.whom, False, password)


def operate(inst: Installation, one: OfPerson, password: str = "") -> Refusal | None:  # nosec B107
    """Make a change as an operator at the command line, who is before the machine and needs nobody."""
    try:
        with inst.writing() as connection:
            _let(_not_so(inst, connection, one))
            entry = people.by_id(connection, one.whom)
            agency = one.agency if isinstance(one, AddPerson) else entry.agency if entry is not None else ""
            now = inst.clock()
            what, body = changes.what_of(one), changes.to_text(one)
            kept = Change(new_id(), what, one.whom, agency, body, OPERATOR, now, OPERATOR, now, True)
            stored.add(connection, kept)
            _let(personnel.do(inst, connection, one, password))
    except _NotDone as problem:
        return problem.refusal
    _told(inst, kept)
    return None


def _agency_of(connection: Connection, account: Account, one: OfPerson | OfAgency, known: str | None = None) -> str:
    """The agency of whom or what is changed, where this is somebody's to administer; raises NotFound."""
    if isinstance(one, EditAgency | Deactivate | Activate):
        if not administers_all(account):
            raise NotFound(one.whom)
        return one.whom
    if isinstance(one, AddPerson):
        return in_scope(account, one.agency)
    target = people.by_id(connection, one.whom)
    if target is None:
        raise NotFound(one.whom)
    return in_scope(account, known or target.agency)


def _never(inst: Installation, connection: Connection, account: Account, one: OfPerson | OfAgency) -> Refusal | None:
    """Why somebody may never make or ask for a change."""
    if one.whom == account.id:
        return refuse(
            "yourself",
            "Nobody changes her own account here: ask another administrator",
            "आफ्नै खाता यहाँ कसैले फेर्न मिल्दैन: अर्को प्रशासकलाई भन्नुहोस्",
        )
    if isinstance(one, EndPerson) and not one.reason:
        return refuse("no_reason", "Say why: choose one of the list", "किन हो जनाउनुहोस्: सूचीबाट छान्नुहोस्")
    if is_above(connection, account, one):
        return _above()
    if isinstance(one, AddPerson | ChangeRoles):
        before = one.before if isinstance(one, ChangeRoles) else []
        if not set(one.roles) <= known_roles(inst, connection).keys() | set(before):
            return refuse("roles", "Choose roles of the list", "सूचीबाट भूमिका छान्नुहोस्")
    return None


def _above() -> Refusal:
    return refuse(
        "roles",
        "Only an administrator of all agencies may do this",
        "यो काम सबै निकायको प्रशासकले मात्र गर्न सक्छ",
    )


def _needs_two(connection: Connection, one: OfPerson | OfAgency) -> bool:
    """Whether a change waits for a second person: wherever a role, a factor, or an account with nothing but a password
    comes into other hands by it.
    """
    if isinstance(one, AddPerson):
        return bool(one.roles)
    if isinstance(one, GivePassword):
        target = people.entry(connection, one.whom)
        return target is None or bool(target.account.roles) or not target.has_factor
    return isinstance(one, ChangeRoles | ResetFactor | Deactivate | Activate)


def _may_not_decide(
    connection: Connection, account: Account, found: Change, one: OfPerson | OfAgency, agreed: bool
) -> Refusal | None:
    """Why somebody may not decide a change; who asked for it may only take it back."""
    if is_above(connection, account, one):
        return _above()
    if account.id == found.whom or (agreed and account.id == found.asked_by):
        return refuse(
            "same_person",
            "Somebody else confirms this: not who asked for it, and not the person concerned",
            "यो अरूले पुष्टि गर्नुपर्छ: प्रस्ताव गर्ने वा सम्बन्धित व्यक्तिले होइन",
        )
    asker = people.by_id(connection, found.asked_by)
    if agreed and (asker is None or not may_still_ask(connection, asker, found.agency)):
        return refuse(
            "asker",
            "Whoever asked for this is no administrator any more: say no, and ask anew",
            "प्रस्ताव गर्ने अब प्रशासक होइन: अस्वीकार गरी फेरि प्रस्ताव गर्नुहोस्",
        )
    return None


def _not_so(inst: Installation, connection: Connection, one: OfPerson | OfAgency) -> Refusal | None:
    if isinstance(one, EditAgency | Deactivate | Activate):
        if one.whom not in inst.directory(connection).agencies:
            raise NotFound(one.whom)
        return agencies.not_so(inst, connection, one)
    return personnel.not_so(inst, connection, one)


def _do(inst: Installation, connection: Connection, one: OfPerson | OfAgency) -> str | None:
    """Make a change; gives a first password where it makes one."""
    if isinstance(one, EditAgency | Deactivate | Activate):
        _let(agencies.do(inst, connection, one))
        return None
    gives = isinstance(one, AddPerson | GivePassword)
    password = random_password() if gives else ""
    _let(personnel.do(inst, connection, one, password))
    return password if gives else None


def _let(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise _NotDone(refusal)


def _told(inst: Installation, one: Change) -> None:
    """A change is in the log with ids, and the directory is read anew where it tells of an agency."""
    if one.what in ("edit_agency", "deactivate", "activate"):
        inst.forget()
    _log.warning(
        "administration", what=one.what, change=one.id, whom=one.whom, asked_by=one.asked_by,
        decided_by=one.decided_by, agreed=one.agreed,
    )  # fmt: skip
