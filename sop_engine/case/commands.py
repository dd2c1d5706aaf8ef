"""What somebody may ask of a case. Each command says who, for which agency, when it happened, and what they saw.

Closed values travel as `values` (read only to work out facts) and as `sealed`, their commitments, which alone are kept.
"""

from datetime import datetime
from typing import Any

import msgspec

from sop_engine.case.events import Child, Conflict, File, OpenValue


class Other(msgspec.Struct, frozen=True):
    """A case to which another may be joined, as it stands while that is decided; no person sends it.

    `holder` answers for it: who holds it, or held it last. `readers` are explained at `events.Merged`.
    """

    case: str
    number: str
    about: str
    subject: str
    holder: str
    closed: bool
    merged: bool
    stopped: bool
    readers: dict[str, datetime | None]


class OtherFile(msgspec.Struct, frozen=True):
    """Another case of the same person, as it stands while it is decided whether what she said is erased.

    `number` is None where the agency that asks may not know of it; `kept_longer` where its own time is not over.
    """

    number: str | None
    closed: bool
    legal_hold: bool
    kept_longer: bool


class Actor(msgspec.Struct, frozen=True):
    """A person who signed in, the agency for which they act, and their roles in it."""

    person: str
    agency: str
    roles: frozenset[str] = frozenset()


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """The common stem. `id` makes a command act once, `seen` is the last event that the sender saw."""

    id: str
    actor: Actor
    happened: datetime | None = None
    seen: int | None = None
    sealed: dict[str, str] = {}


class Open(Command, frozen=True, kw_only=True):
    """Open a case at one of the entries of its SOP; `values` are what is known at once.

    `with_` is the agency that has the person, where another case of hers says so.
    """

    case: str
    number: str
    entry: str
    subject: str
    values: dict[str, Any] = {}
    parts: dict[str, str] = {}
    parent: str | None = None
    parent_name: str | None = None
    with_: str | None = None
    conflicts: list[Conflict] = []


class RecordStep(Command, frozen=True, kw_only=True):
    """Record a step. `values` are all its answers, `known` closed answers of earlier steps that its facts need.

    `emptied` are the fields that a correction leaves without an answer, `sheet` is the code of the paper typed from.
    """

    step: str
    values: dict[str, Any] = {}
    known: dict[str, Any] = {}
    parts: dict[str, str] = {}
    complete: bool = True
    corrects: bool = False
    emptied: list[str] = []
    sheet: str | None = None


class WaiveStep(Command, frozen=True, kw_only=True):
    """Ask that a needed step be waived; the sentence of the reason is sealed as `reason`."""

    step: str


class Attach(Command, frozen=True, kw_only=True):
    """Say that the paper of a step exists; where it is kept is sealed as `kept`.

    A `file` is stored already; its name and digest are sealed as `file_name` and `file_digest`.
    """

    step: str
    document: str
    file: File | None = None


class GiveConsent(Command, frozen=True, kw_only=True):
    consent: str
    given_by: str
    to: list[str] = []
    classes: list[str] = []
    signed: str = "signature"
    assent: bool = False


class RefuseConsent(Command, frozen=True, kw_only=True):
    consent: str


class WithdrawConsent(Command, frozen=True, kw_only=True):
    consent: str


class Go(Command, frozen=True, kw_only=True):
    """Take an exit: moves the case, offers it, proposes it or ends it, as the SOP says.

    `to` chooses the receiving agency where several fit; `override` asks to go on although cases are still waited for.
    `confirmed` are the rules of the stage, by their place in it, that the actor vouches for.
    """

    exit: str
    to: str | None = None
    override: bool = False
    confirmed: list[int] = []


class OfferFirst(Command, frozen=True, kw_only=True):
    """Offer a case that is still opening to the agency of its first stage."""

    to: str | None = None


class Accept(Command, frozen=True, kw_only=True):
    pass


class Refuse(Command, frozen=True, kw_only=True):
    """Send an offer back with a coded reason; a sentence may be sealed as `reason`."""

    reason: str


class WithdrawOffer(Command, frozen=True, kw_only=True):
    pass


class Sign(Command, frozen=True, kw_only=True):
    """Give the second signature to what was proposed, or the one owed after an act.

    `other` is filled in by the program where it was proposed to join the case to another; `others` and `gone_by` where
    it was proposed to erase what was said.
    """

    other: Other | None = None
    others: tuple[OtherFile, ...] = ()
    gone_by: datetime | None = None


class RefuseToSign(Command, frozen=True, kw_only=True):
    pass


class HandOver(Command, frozen=True, kw_only=True):
    """Record that the person is now physically with another agency or at another place."""

    to: str


class Assign(Command, frozen=True, kw_only=True):
    worker: str | None


class Note(Command, frozen=True, kw_only=True):
    """Write a note, sealed as `note`; `to` are the agencies that are to read it, none for all that read the case."""

    to: list[str] = []


class AddTask(Command, frozen=True, kw_only=True):
    """Ask an agency of the case for something that stands in no SOP; the words are sealed as `task`."""

    agency: str
    due: datetime
    worker: str | None = None


class EndTask(Command, frozen=True, kw_only=True):
    """Say that a task is done (by its agency) or dropped (also by who asked).

    The answer to what the person asked is sealed as `answer`.
    """

    task: str
    how: str = "done"


class Ask(Command, frozen=True, kw_only=True):
    """The person asks, or says that something is wrong (`correction`); her words are sealed as `task`."""

    correction: bool = False


class SetOwnView(Command, frozen=True, kw_only=True):
    """Give, limit, refuse or end the person's own view; the reason is sealed as `reason`."""

    how: str


class RedStop(Command, frozen=True, kw_only=True):
    """Stop at once what the SOP marks `freezable`; the reason is sealed as `reason`."""


class Release(Command, frozen=True, kw_only=True):
    """Review a red stop as a second person, and let things go on; the reason is sealed as `reason`."""


class OpenEmergency(Command, frozen=True, kw_only=True):
    """Read a case that is not one's own, in an emergency; the reason is sealed as `reason`."""


class ReviewEmergency(Command, frozen=True, kw_only=True):
    """Say whether a reading in an emergency was justified; why is sealed as `reason`."""

    emergency: str
    justified: bool


class DeclareConflict(Command, frozen=True, kw_only=True):
    """Say that an agency has a conflict of interest in a case; the reason is sealed as `reason`."""

    agency: str


class ConfirmConflict(Command, frozen=True, kw_only=True):
    """Sign as a second person that an agency has one."""

    agency: str


class LiftConflict(Command, frozen=True, kw_only=True):
    """An oversight body asks that a conflict that was wrongly declared be lifted; the reason is sealed as `reason`."""

    agency: str


class Refer(Command, frozen=True, kw_only=True):
    """Ask an agency for a service, under a consent that covers it; what is asked is sealed as `asked`."""

    to: str
    service: str
    due: datetime
    consent: str | None = None


class OpenReferral(Command, frozen=True, kw_only=True):
    """A receiver without an account opens its link; sent by the program alone."""

    referral: str


class AnswerReferral(Command, frozen=True, kw_only=True):
    """Accept, decline (with a coded reason) or say that the service was given."""

    referral: str
    answer: str
    reason: str | None = None


class WithdrawReferral(Command, frozen=True, kw_only=True):
    referral: str


class Hold(Command, frozen=True, kw_only=True):
    reason: str


class Resume(Command, frozen=True, kw_only=True):
    pass


class Extend(Command, frozen=True, kw_only=True):
    until: datetime


class Reassign(Command, frozen=True, kw_only=True):
    """An oversight body proposes another holder; a second person of it must sign."""

    to: str
    hide_from_former: bool = False


class Contest(Command, frozen=True, kw_only=True):
    pass


class Reopen(Command, frozen=True, kw_only=True):
    reason: str


class Merge(Command, frozen=True, kw_only=True):
    """Ask that this case end because that of the number is about the same person; the reason is sealed as `reason`.

    `other` is filled in by the program; None where there is no such case, or none that may be named.
    """

    number: str
    other: Other | None = None


class Unmerge(Command, frozen=True, kw_only=True):
    """Ask that a joining be undone; the reason is sealed as `reason`."""


class Join(Command, frozen=True, kw_only=True):
    """Another case stands `joined` to this one, or no longer; sent by the outbox, never by a person."""

    other: str
    number: str
    joined: bool


class ShareWith(Command, frozen=True, kw_only=True):
    """Who answers for the case to which this one was joined, and who reads it; sent by the outbox."""

    into: str
    holder: str
    readers: dict[str, datetime | None]


class Await(Command, frozen=True, kw_only=True):
    key: str
    body: str
    due: datetime | None = None


class Answer(Command, frozen=True, kw_only=True):
    key: str


class MoveTrack(Command, frozen=True, kw_only=True):
    """Say that a track beside the main line has reached another state."""

    track: str
    state: str


class HoldForLaw(Command, frozen=True, kw_only=True):
    """Keep what was said, whatever the time, because a court or a law asks for it; why is sealed as `reason`."""


class LetGo(Command, frozen=True, kw_only=True):
    """End the legal hold of an agency; why is sealed as `reason`."""

    of: str


class Erase(Command, frozen=True, kw_only=True):
    """Ask a second person to erase what was said: because the `time` is over, or by her own `wish`.

    `others` is filled in by the program: the other cases of the same person.
    """

    because: str
    others: tuple[OtherFile, ...] = ()


class Forget(Command, frozen=True, kw_only=True):
    """What this person said was erased by another case of hers; sent by the outbox, never by a person."""

    case: str
    gone_by: datetime


class Report(Command, frozen=True, kw_only=True):
    """A child case tells its parent how it stands; sent by the outbox, never by a person."""

    name: str
    child: Child
    status: str
    milestones: list[str] = []


class Tick(Command, frozen=True, kw_only=True):
    """Time has passed: escalate what is overdue. Sent by the worker; moves nothing."""


class Age(Command, frozen=True, kw_only=True):
    """Work out again the facts that depend on time, from closed values that the worker unlocked."""

    known: dict[str, OpenValue] = {}


class Resemble(Command, frozen=True, kw_only=True):
    """Another case may be about the same person; sent by the worker, which alone reads across agencies."""

    other: str
    number: str


class Hear(Command, frozen=True, kw_only=True):
    """What another case about the same subject tells this one: its event, and the values that it carries."""

    case: str
    event: str
    values: dict[str, Any] = {}
