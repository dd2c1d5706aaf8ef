"""Who is to be told what: notices, worked out by the worker from the log and from what became late meanwhile.

A notice points at an event and holds no word of the case. Losing them loses nothing: the case is on its list anyway.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sop_engine.case import events as ev
from sop_engine.case.access import answers_for
from sop_engine.case.escalation import REMINDER
from sop_engine.case.ground import Ground
from sop_engine.case.items import CONFLICT, REVIEWER, STOP, Item, is_for, items
from sop_engine.case.state import Case, from_bytes
from sop_engine.services.installation import Installation
from sop_engine.store import identities, journal, log, notices, people, schedule, worklists
from sop_engine.store.database import Busy, looking, writing
from sop_engine.store.notices import News
from sop_engine.store.people import Account
from sop_engine.store.worklists import Line

NOTICED, NOTICED_LATE = "noticed", "noticed-late"
KEPT = timedelta(days=30)
EVERY = timedelta(minutes=1)
AT_ONCE = 2_000
People = Mapping[str, Sequence[Account]]


def notice_all(inst: Installation) -> int:
    """Notice what is new in the log and what became late meanwhile; gives how many notices came of it."""
    found = 0
    try:
        while (told := _notice_log(inst)) is not None:
            found += told
        return found + _notice_late(inst)
    except Busy:
        return found  # another worker does the rest


def _notice_log(inst: Installation) -> int | None:
    """Go on in the log from the mark on, so far at a time; None at its end. Notices and mark go in one transaction."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        before, last = int(schedule.marked(connection, NOTICED) or 0), identities.position(connection)
        until = min(last, before + AT_ONCE)
        if until == before:
            return None
        found = list(_of_events(inst, connection, log.told(connection, before, until, now - KEPT), now))
    with writing(inst.engine) as connection:
        schedule.set_mark(connection, NOTICED, str(until))
        return notices.add(connection, found)


def _notice_late(inst: Installation) -> int:
    """Look once a minute which cases became late since; old notices go at the same time."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        mark = schedule.marked(connection, NOTICED_LATE)
        before = datetime.fromisoformat(mark) if mark is not None else now - KEPT
        if mark is not None and timedelta() <= now - before < EVERY:
            return 0
        everybody = people.workers(connection)
        found = [news for line in worklists.overdue(connection, before, now) for news in _late(line, everybody, now)]
    with writing(inst.engine) as connection:
        schedule.set_mark(connection, NOTICED_LATE, now.isoformat())
        notices.drop_older(connection, now - KEPT)
        return notices.add(connection, found)


def _of_events(
    inst: Installation, connection: Connection, events: Iterable[ev.Envelope], now: datetime
) -> Iterator[News]:
    """What some events are news of, as their cases are now."""
    by_case: dict[str, list[ev.Envelope]] = {}
    for envelope in events:
        by_case.setdefault(envelope.case, []).append(envelope)
    everybody = people.workers(connection) if by_case else {}
    for line in worklists.by_ids(connection, sorted(by_case)):
        case = from_bytes(line.state)
        told = Told(connection, inst.ground(connection, line.version), case, everybody)
        for envelope in by_case[case.id]:
            yield from told.by(envelope)
        yield from _late(line, everybody, now)


def _late(line: Line, everybody: People, now: datetime) -> Iterator[News]:
    """That a case is late, for whoever works on it now; what is late for longer than notices are kept is no news."""
    if line.due is not None and now - KEPT < line.due < now:
        yield from _at_work(from_bytes(line.state), everybody, "late", line.due)


def _at_work(case: Case, everybody: People, kind: str, since: datetime) -> Iterator[News]:
    """Whoever works on a case, or all of the agency where nobody does yet: once for each stage."""
    for account in everybody.get(case.holder or "", ()):
        if case.worker in (None, account.id):
            yield News(account.id, case.id, kind, case.entry_seq, account.agency, since)


@dataclass(frozen=True, slots=True)
class Told:
    """What events of one case are news of, and for whom; what somebody did herself is no news to her."""

    connection: Connection
    ground: Ground
    case: Case
    everybody: People

    def by(self, envelope: ev.Envelope) -> Iterator[News]:
        """The news of one event."""
        if isinstance(envelope.event, ev.Escalated):
            yield from self._reminded(envelope.event, envelope.recorded)
            return
        for kind, accounts in self._of(envelope):
            for account in accounts:
                if account.id != envelope.by:
                    yield News(account.id, self.case.id, kind, envelope.seq, account.agency, envelope.recorded)

    def _of(self, envelope: ev.Envelope) -> Iterator[tuple[str, Iterable[Account]]]:
        event, case = envelope.event, self.case
        if isinstance(event, ev.Offered) and case.offer is not None and case.offer.seq == envelope.seq:
            yield "offered", self._agency(event.to)
        if isinstance(event, ev.Assigned):
            yield "assigned", [one for one in self._agency(case.holder or "") if one.id == event.worker]
        if isinstance(event, ev.Noted):
            yield "note", [one for agency in event.to for one in self._agency(agency)]
        if isinstance(event, ev.EmergencyOpened):
            yield "emergency", self._answering(answers_for(case), case.worker)
            yield "emergency", self._answering(envelope.agency)
        if isinstance(event, ev.EmergencyReviewed):
            yield "emergency", [one for agency in event.informs for one in self._answering(agency)]
        for kind, item in self._items(envelope):
            yield kind, [one for one in self._agency(item.agency) if _is_for(item, one)]
        if isinstance(event, ev.ConsentWithdrawn) and envelope.agency == ev.PERSON:
            # She was asked for it once; nobody of the agency was there when she answered otherwise.
            yield "answer", [one for one in self._agency(answers_for(case)) if case.worker in (None, one.id)]
        asked = self._asked(envelope)
        if asked is not None:
            yield "answer", self._asker(asked)

    def _reminded(self, event: ev.Escalated, since: datetime) -> Iterator[News]:
        """The last reminder before the end of a stage says that it is due soon."""
        stage = self.ground.procedure.sop.stages.get(self.case.stage or "")
        last = f"{REMINDER}{self.case.stage}:{self.case.entry_seq}:{max(stage.remind_at, default=0) if stage else 0}"
        if event.rung == last:
            yield from _at_work(self.case, self.everybody, "soon", since)

    def _items(self, envelope: ev.Envelope) -> Iterator[tuple[str, Item]]:
        """The work items that an event began and that still wait."""
        event, seq = envelope.event, str(envelope.seq)
        owed = {duty.step for duty in getattr(event, "duties", ())}
        signed_later = getattr(event, "signature_due", None) is not None
        for item in items(self.ground, self.case):
            if item.kind == "signature":
                begun = isinstance(event, ev.Proposed) if item.key.startswith("proposal:") else signed_later
            elif item.kind == "review":
                begun = item.key == _review_of(event)
            elif item.kind == "conflict":
                begun = isinstance(event, ev.ConflictDeclared) and item.key == event.conflict.agency
            else:
                begun = item.key in owed if item.kind == "duty" else item.key == seq
            if begun:
                yield "to_sign" if item.kind in ("signature", "review") else "asked", item

    def _asked(self, envelope: ev.Envelope) -> ev.Envelope | None:
        """The event to which this one is the answer."""
        event = envelope.event
        if isinstance(event, ev.ReferralAnswered | ev.TaskEnded):
            number = event.referral if isinstance(event, ev.ReferralAnswered) else event.task
            return journal.event(self.connection, self.case.id, int(number))
        if isinstance(event, ev.Answered):
            key = event.key
            return self._last(envelope.seq, lambda one: isinstance(one, ev.Awaited) and one.key == key)
        if isinstance(event, ev.OfferRefused) or (isinstance(event, ev.Entered) and event.how == "accepted"):
            return self._last(envelope.seq, lambda one: isinstance(one, ev.Offered))
        if isinstance(event, ev.ProposalRefused) and not event.withdrawn:
            return self._last(envelope.seq, lambda one: isinstance(one, ev.Proposed))
        return None

    def _last(self, before: int, fits: Callable[[ev.AnyEvent], bool]) -> ev.Envelope | None:
        history = list(journal.history(self.connection, self.case.id))[: before - 1]
        return next((one for one in reversed(history) if fits(one.event)), None)

    def _asker(self, asked: ev.Envelope) -> Sequence[Account]:
        """Who asked for something; all of the agency where that person is gone."""
        agency = self._agency(asked.agency)
        return [one for one in agency if one.id == asked.by] or agency

    def _answering(self, code: str, worker: str | None = None) -> Sequence[Account]:
        """Those who answer for the work of an agency, and the worker of the case; all of it where there are none."""
        agency = self._agency(code)
        return [one for one in agency if REVIEWER in one.roles or one.id == worker] or agency

    def _agency(self, code: str) -> Sequence[Account]:
        return self.everybody.get(code, ())


def _review_of(event: ev.Event) -> str | None:
    """The key of the review that an event asks for, where whoever reviews is told by the item alone."""
    if isinstance(event, ev.ConflictDeclared):
        return f"{CONFLICT}{event.conflict.agency}"
    return STOP if isinstance(event, ev.Stopped) else None


def _is_for(item: Item, account: Account) -> bool:
    return is_for(item, account.agency, account.id, account.roles) and item.worker in (None, account.id)
