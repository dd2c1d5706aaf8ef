"""The own view of a person: a code and a PIN on paper lead to her case, to what she needs to know of it and no more.

Knows no account. Nothing here names somebody who works for an agency, nor the number of a case.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import answers_for
from sop_engine.case.accountability import Accountability, accountability
from sop_engine.case.decide.own_view import GIVEN, LIMITED, REFUSED
from sop_engine.case.directory import Directory
from sop_engine.case.events import PERSON
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.requirements import consent_ends
from sop_engine.case.state import Case
from sop_engine.services import brake
from sop_engine.services.acting import Done, act_as
from sop_engine.services.brake import Origin, Waits
from sop_engine.services.installation import LETTERS, Installation, new_id
from sop_engine.services.sending import send
from sop_engine.sop.digits import latin
from sop_engine.sop.language import Text
from sop_engine.sop.procedure import Procedure
from sop_engine.store import journal, own_views, people, readings, vault
from sop_engine.store.database import looking, writing
from sop_engine.store.guarding import bound, is_for, token_for

# Twelve of thirty letters: 58 bits.
CODE_LETTERS, PIN_DIGITS = 12, 6
IDLE = timedelta(minutes=10)
A_PAGE = 50
_TRIED, OWN_VIEW = "own-view", "own view"


@dataclass(frozen=True, slots=True)
class Paper:
    """What is given to her, shown once: the code in groups of four, and the PIN."""

    code: str
    pin: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that she gave and that holds; `to` is empty where it is for every agency of her case."""

    name: str
    title: Text
    text: Text
    to: list[Text]
    since: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """What she asked, and the answer; `answered` is None while she waits."""

    words: str
    correction: bool
    since: datetime
    due: datetime
    answer: str = ""
    answered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What the agency wrote to her unasked."""

    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnView:
    """What she sees. `limited` leaves her the next step and its time; `agency` is None then."""

    limited: bool
    closed: bool
    strip: Accountability
    agency: Text | None
    agreed: list[Agreed]
    asked: list[Question]
    written: list[Message]
    now: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at her case: when, by which agency, at what. Never by whom."""

    at: datetime
    agency: Text
    what: str


@dataclass(frozen=True, slots=True)
class SeenPage:
    procedure: Procedure
    looks: list[Seen]
    further: bool


def set_view(
    inst: Installation, actor: cmd.Actor, number: str, how: str, reason: str | None, command_id: str | None = None
) -> Paper | Refusal | None:
    """Give, limit, refuse or end the own view of a case; gives what goes on paper, once. Raises NotFound."""
    paper, secrets_ = _new_paper(), {"reason": reason} if reason else {}
    command = cmd.SetOwnView(id=command_id or new_id(), actor=actor, how=how)

    def keep(connection: Connection, done: Done) -> None:
        if how in (GIVEN, LIMITED):
            own_views.keep(
                connection,
                done.case.id,
                own_views.mark_of(_tidy(paper.code)),
                people.hashed(_pin(inst, done.case.id, paper.pin)),
            )
        else:
            own_views.end(connection, done.case.id)

    answer = act_as(inst, actor.agency, "number", number, lambda *_: (command, secrets_), also=keep)
    if isinstance(answer, Refusal):
        return answer
    if how not in (GIVEN, LIMITED):
        return None
    return paper if answer.events else refuse(
        "shown", "The code was shown once already: give a new one", "कोड एक पटक देखाइसकियो: नयाँ दिनुहोस्"
    )  # fmt: skip


def _pin(inst: Installation, case_id: str, pin: str) -> str:
    """A PIN as it is hashed: good for one case, so that nobody who writes the database lends one to another case."""
    return f"{pin} {bound(inst.guard, OWN_VIEW, case_id)}"


def sign_in(inst: Installation, code: str, pin: str, origin: Origin) -> str | Waits | None:
    """The token of a session; None where code and PIN do not fit, which takes as long for a code that nobody has."""
    code, now = _tidy(code), inst.clock()
    with looking(inst.engine) as connection:
        tries = brake.tries_of(inst, connection, _TRIED, code, Origin(origin.address))
    waits = brake.take(inst, tries)
    if waits is not None:
        return waits
    mark = own_views.mark_of(code)
    with looking(inst.engine) as connection:
        kept = own_views.of_code(connection, mark)
        typed = _pin(inst, kept.case_id if kept is not None else "", latin(pin).strip())
        fits = people.fits(kept.pin if kept is not None else None, typed)
        # Only after the PIN fits: what takes longer for a code that is known must not be measured.
        shown = fits and kept is not None and bool(_cases(inst, connection, kept.case_id))
    if kept is None or not shown:
        return None
    token = token_for(inst.guard, OWN_VIEW, kept.case_id)
    with writing(inst.engine) as connection:
        brake.passed(inst, connection, tries)
        return token if own_views.begin(connection, mark, token, now) else None


def sign_out(inst: Installation, token: str) -> None:
    """End a session; its token is worth nothing from now on."""
    with writing(inst.engine) as connection:
        own_views.end_session(connection, token)


def view(inst: Installation, token: str) -> OwnView | None:
    """What a session shows; None where it has ended or there is nothing to be shown any more."""
    now = inst.clock()
    with writing(inst.engine) as connection:
        cases = _of_session(inst, connection, token, now)
        if cases:
            own_views.touch(connection, token, now)
    if not cases:
        return None
    with looking(inst.engine) as connection:
        here, limited, directory = cases[-1], _limited(cases), inst.directory(connection)
        ground = inst.ground(connection, here.version)
        strip = accountability(ground, here, now)
        return OwnView(
            limited=limited,
            closed=here.status == "closed",
            strip=strip,
            agency=directory.title(strip.holder_for or answers_for(here)) if not limited else None,
            agreed=[] if limited else _agreed(inst, connection, cases, directory),
            asked=[] if limited else [one for case in cases for one in _asked(inst, connection, case)],
            written=[] if limited else [one for case in cases for one in _written(inst, connection, case)],
            now=now,
        )


def seen(inst: Installation, token: str, page: int = 1) -> SeenPage | None:
    """A page of the looks at her case, newest first; None where the session has ended or her view is limited."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        cases = _of_session(inst, connection, token, now)
        if not cases or _limited(cases):
            return None
        directory, here = inst.directory(connection), cases[-1]
        found = readings.of_case(connection, here.id, None, A_PAGE + 1, (page - 1) * A_PAGE)
        looks = [Seen(one.at, directory.title(one.agency), one.what) for one in found[:A_PAGE]]
        return SeenPage(inst.ground(connection, here.version).procedure, looks, len(found) > A_PAGE)


def case_of(inst: Installation, token: str) -> Case | None:
    """The case that a session shows, limited or not; None where it has ended."""
    with looking(inst.engine) as connection:
        cases = _of_session(inst, connection, token, inst.clock())
    return cases[-1] if cases else None


def ask(inst: Installation, token: str, words: str, correction: bool, command_id: str) -> Done | Refusal | None:
    """Ask, or say that something is wrong; None where the session has ended or her view is limited."""
    cases = _acting(inst, token)
    command = cmd.Ask(id=command_id, actor=cmd.Actor(PERSON, PERSON), correction=correction)
    return send(inst, cases[-1].id, command, {"task": words} if words else {}) if cases else None


def take_back(inst: Installation, token: str, consent: str) -> Done | Refusal | None:
    """Take a consent back in her case, and where it was given in one that was joined to it; None as for `ask`."""
    answer: Done | Refusal | None = None
    for case in _acting(inst, token):
        if consent in case.consents and case.consents[consent].status == "given":
            command = cmd.WithdrawConsent(id=new_id(), actor=cmd.Actor(PERSON, PERSON), consent=consent)
            answer = send(inst, case.id, command)
    return answer


def _acting(inst: Installation, token: str) -> list[Case]:
    """The cases in which the person of a session acts; none where it has ended or her view is limited."""
    with looking(inst.engine) as connection:
        cases = _of_session(inst, connection, token, inst.clock())
    return [] if _limited(cases) else cases


def _of_session(inst: Installation, connection: Connection, token: str, now: datetime) -> list[Case]:
    case_id = own_views.of_session(connection, token, now - IDLE)
    if case_id is None or not is_for(inst.guard, token, OWN_VIEW, case_id):
        return []
    return _cases(inst, connection, case_id)


def _cases(inst: Installation, connection: Connection, case_id: str) -> list[Case]:
    """The case of a code, and those to which it was joined, the one that goes on last.

    None where nothing is to be shown: it was erased, or her view of it was ended or refused.
    """
    found = [journal.load_known(connection, case_id)]
    while found[-1].merged is not None:
        found.append(journal.load_known(connection, found[-1].merged.into))
    given = found[0].own_view is not None and found[0].own_view.open
    refused = any(case.own_view is not None and case.own_view.how == REFUSED for case in found)
    kept = all(inst.keys.agencies_of(connection, case.subject) for case in found)
    return found if given and kept and not refused else []


def _limited(cases: list[Case]) -> bool:
    return any(case.own_view is not None and case.own_view.how == LIMITED for case in cases)


def _agreed(inst: Installation, connection: Connection, cases: list[Case], directory: Directory) -> list[Agreed]:
    """Each consent that she gave in one of her cases and did not take back."""
    found: dict[str, Agreed] = {}
    for case in cases:
        ground = inst.ground(connection, case.version)
        for name, state in case.consents.items():
            said = ground.procedure.sop.consents.get(name)
            if state.status == "given" and said is not None:
                to = [directory.title(code) for code in state.to]
                ends = consent_ends(ground, case, name) if case.holder is not None else None
                found[name] = Agreed(name, said.title, said.text, to, state.since, ends)
    return list(found.values())


def _asked(inst: Installation, connection: Connection, case: Case) -> Iterator[Question]:
    """What she asked in a case, in order, each with its answer."""
    history = list(journal.history(connection, case.id))
    asked = {one.seq: one for one in history if one.agency == PERSON and isinstance(one.event, ev.TaskAdded)}
    ended = {int(one.event.task): one for one in history if isinstance(one.event, ev.TaskEnded)}
    key = inst.keys.subject(connection, case.subject) if asked else None
    said = vault.by_event(connection, key, case.subject, case.id, ("task", "answer")) if key is not None else {}
    for seq, one in asked.items():
        assert isinstance(one.event, ev.TaskAdded)
        done = ended.get(seq)
        yield Question(
            words=_said(said, seq, "task"), correction=one.event.correction, since=one.happened, due=one.event.due,
            answer=_said(said, done.seq, "answer") if done is not None else "",
            answered=done.happened if done is not None else None,
        )  # fmt: skip


def _written(inst: Installation, connection: Connection, case: Case) -> Iterator[Message]:
    """What was written to her in a case, in order."""
    history = journal.history(connection, case.id)
    found = [one for one in history if isinstance(one.event, ev.Noted) and PERSON in one.event.to]
    key = inst.keys.subject(connection, case.subject) if found else None
    said = vault.by_event(connection, key, case.subject, case.id, ("note",)) if key is not None else {}
    for one in found:
        yield Message(_said(said, one.seq, "note"), one.happened)


def _said(said: Mapping[int, Mapping[str, object]], seq: int, field: str) -> str:
    return str(said.get(seq, {}).get(field, ""))


def _new_paper() -> Paper:
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))
    groups = "-".join(letters[place : place + 4] for place in range(0, CODE_LETTERS, 4))
    return Paper(groups, f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}")


def _tidy(code: str) -> str:
    """A code as it was typed, without what separates its groups."""
    return "".join(letter for letter in latin(code).upper() if letter.isalnum())
