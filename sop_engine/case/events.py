"""What has happened to a case. Reading this file tells everything that can.

An event carries its consequences (agencies resolved, facts worked out), so that the fold needs no SOP and no
directory: a history folds for ever. Closed values are never here; `Envelope.sealed` holds their commitments.
"""

from datetime import datetime
from typing import Any

import msgspec

OpenValue = str | int | list[str | dict[str, Any]]
SYSTEM = "system"
# The person whose case it is, where she acts herself in her own view.
PERSON = "person"


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """The common stem; the kind is the name of the class."""


class Conflict(msgspec.Struct, frozen=True, omit_defaults=True):
    """An agency that is to have nothing to do with a case: what falls to it goes to `fallback` instead.

    `oversight` is the body that gives the case to another one where this agency holds it.
    """

    agency: str
    fallback: str | None = None
    oversight: str | None = None


class Opened(Event, frozen=True, kw_only=True, tag="opened"):
    """A case begins in `opening`, held by its opener, until its first stage is entered.

    `conflicts` are those of the case that opened it; `hidden_from` never see it.
    """

    number: str
    sop: str
    version: str
    about: str
    subject: str
    entry: str
    values: dict[str, OpenValue] = {}
    parts: dict[str, str] = {}
    parent: str | None = None
    parent_name: str | None = None
    conflicts: list[Conflict] = []
    hidden_from: list[str] = []


class StepRecorded(Event, frozen=True, kw_only=True, tag="step_recorded"):
    """A step was done, in whole or in part; `values` are its open answers and the facts that follow.

    `lost` are facts that are no longer known, `parts` agencies chosen in it, `closed` its closed fields that have a
    value, `corrects` the sequence number of a record that it replaces, `for_agency` the agency for which it was typed.
    An `alone` record is one person's own, to be kept from the others until they have recorded too. `sheet` is the code
    of the paper from which it was typed.
    """

    step: str
    complete: bool = True
    values: dict[str, OpenValue] = {}
    lost: list[str] = []
    closed: list[str] = []
    parts: dict[str, str] = {}
    for_agency: str | None = None
    corrects: int | None = None
    consent: str | None = None
    alone: bool = False
    sheet: str | None = None


class StepWaived(Event, frozen=True, kw_only=True, tag="step_waived"):
    """A needed step will not be done; a second person agreed."""

    step: str
    second_person: str


class File(msgspec.Struct, frozen=True):
    """A file as it is stored: its random id, what it is (a media type), and its size in bytes."""

    id: str
    media: str
    size: int


class DocumentAttached(Event, frozen=True, kw_only=True, tag="document_attached"):
    """The paper of a step exists; where it is kept is a closed value. With a `file` the paper itself is stored.

    The name that the file had and its SHA-256 are closed values too (`file_name`, `file_digest`): the event is
    committed to both with salt, so that nobody who has a leaflet and the journal can tell that it is in the case, and
    after erasure nothing is left to compare with. Type and size are open; the size of the sealed file tells as much.
    `completes` says that it was the last thing that the recorded step still needed.
    """

    step: str
    document: str
    completes: bool = False
    file: File | None = None


class ConsentGiven(Event, frozen=True, kw_only=True, tag="consent_given"):
    """A consent was given to named agencies for named classes of data."""

    consent: str
    given_by: str
    to: list[str] = []
    classes: list[str] = []
    signed: str = "signature"
    assent: bool = False


class ConsentRefused(Event, frozen=True, kw_only=True, tag="consent_refused"):
    consent: str


class ConsentWithdrawn(Event, frozen=True, kw_only=True, tag="consent_withdrawn"):
    consent: str


class Offered(Event, frozen=True, kw_only=True, tag="offered"):
    """The case is offered to an agency; it stays where it is until that agency accepts."""

    exit: str | None
    stage: str
    to: str
    for_agency: str | None = None
    answer_by: datetime
    parts: dict[str, str] = {}
    signed_by: str | None = None
    signature_due: datetime | None = None
    override: bool = False


class OfferRefused(Event, frozen=True, kw_only=True, tag="offer_refused"):
    reason: str


class OfferWithdrawn(Event, frozen=True, kw_only=True, tag="offer_withdrawn"):
    why: str = "asked"


class Owed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step that an agency still owes after its stage or after the end."""

    step: str
    agency: str
    due: datetime
    blocks: list[str] = []


class Entered(Event, frozen=True, kw_only=True, tag="entered"):
    """A stage is entered and its agency holds the case.

    `how` is one of moved, accepted, by_law, on_signature, lapse, reopened, opened. `counts_from` is where the stage's
    deadline begins: the entry, or the offer where the stage protects.
    """

    stage: str
    holder: str
    how: str
    counts_from: datetime
    since: datetime
    exit: str | None = None
    for_agency: str | None = None
    parts: dict[str, str] = {}
    signed_by: str | None = None
    signature_due: datetime | None = None
    duties: list[Owed] = []


class Closed(Event, frozen=True, kw_only=True, tag="closed"):
    """The case has ended; nobody holds it. `duties` are what agencies still owe."""

    exit: str
    outcome: str
    closes_as: str
    settled: bool
    signed_by: str | None = None
    signature_due: datetime | None = None
    duties: list[Owed] = []


class Proposed(Event, frozen=True, kw_only=True, tag="proposed"):
    """Somebody asks for an act that needs a second person first."""

    act: str
    target: str
    role: str
    of: str
    to: str | None = None
    override: bool = False


class ProposalRefused(Event, frozen=True, kw_only=True, tag="proposal_refused"):
    """The second person did not sign, or, where it is `withdrawn`, whoever asked for the signature took it back."""

    act: str
    target: str
    withdrawn: bool = False


class Countersigned(Event, frozen=True, kw_only=True, tag="countersigned"):
    """The signature that was owed after an act was given."""

    exit: str


class Ending(Event, frozen=True, kw_only=True, tag="ending"):
    """An end was chosen that opens another case; it is reached when that case is accepted."""

    exit: str
    outcome: str
    signed_by: str | None = None
    signature_due: datetime | None = None


class Child(msgspec.Struct, frozen=True, omit_defaults=True):
    """A case that this one opens: its id, and the row of the form for which it is opened."""

    id: str
    row: int | None = None


class Spawned(Event, frozen=True, kw_only=True, tag="spawned"):
    """Cases are to be opened; `name` is the spawn's name in the SOP. Without an exit a step or time asked for it."""

    name: str
    exit: str | None = None
    children: list[Child]


class ChildReported(Event, frozen=True, kw_only=True, tag="child_reported"):
    """A case that this one opened tells how it stands: accepted, settled, or milestones reached."""

    name: str
    child: str
    status: str
    milestones: list[str] = []


class HandedOver(Event, frozen=True, kw_only=True, tag="handed_over"):
    """The person is now physically with another agency or at another place."""

    to: str


class Assigned(Event, frozen=True, kw_only=True, tag="assigned"):
    worker: str | None


class Noted(Event, frozen=True, kw_only=True, tag="noted"):
    """A note was written; its words are closed. `opinion` names the consulted part that wrote it.

    `to` are the agencies that read it besides the one that wrote it; empty, all that read the case. The person is one
    of them where it was written to her.
    """

    opinion: str | None = None
    to: list[str] = []


class TaskAdded(Event, frozen=True, kw_only=True, tag="task_added"):
    """Something was asked for that stands in no SOP; its words are closed. `worker` names a person of the agency.

    What the person herself asks is for whoever answers for the case, also after it was handed on; `correction` tells
    that she says something is wrong.
    """

    agency: str
    due: datetime
    worker: str | None = None
    correction: bool = False


class TaskEnded(Event, frozen=True, kw_only=True, tag="task_ended"):
    """A task, named by the number of the event that added it, was done or dropped.

    What the person asked is done by an answer, which is closed.
    """

    task: str
    how: str


class OwnViewSet(Event, frozen=True, kw_only=True, tag="own_view_set"):
    """Whether the person sees her case herself: `how` is given, limited, refused or ended. The reason is closed."""

    how: str


class Stopped(Event, frozen=True, kw_only=True, tag="stopped"):
    """A red stop: until a second person has reviewed it, nothing that is freezable goes on. The reason is closed."""

    review_by: datetime


class Released(Event, frozen=True, kw_only=True, tag="released"):
    """A second person has reviewed the red stop and let things go on."""


class EmergencyOpened(Event, frozen=True, kw_only=True, tag="emergency_opened"):
    """A person to whom the case is not open reads it in an emergency until `until`, alone; the reason is closed.

    It is one person's, whoever else is of her agency. `review_by` is when somebody else must have looked at it.
    """

    until: datetime
    review_by: datetime


class EmergencyReviewed(Event, frozen=True, kw_only=True, tag="emergency_reviewed"):
    """A second person has looked at a reading in an emergency, named by the number of its event; her words are closed.

    `informs` are the bodies that are told where it was not justified.
    """

    emergency: str
    justified: bool
    informs: list[str] = []


class ConflictDeclared(Event, frozen=True, kw_only=True, tag="conflict_declared"):
    """An agency has a conflict of interest: from now on the case is not there for it. The reason is closed.

    `confirm_by` is when a second person must have signed, `confirms` her agency; `act_by` is when the oversight body
    must have given the case to another agency, where this one held it.
    """

    conflict: Conflict
    confirms: str
    confirm_by: datetime
    act_by: datetime


class ConflictConfirmed(Event, frozen=True, kw_only=True, tag="conflict_confirmed"):
    """A second person has signed that an agency has a conflict of interest."""

    agency: str


class ConflictLifted(Event, frozen=True, kw_only=True, tag="conflict_lifted"):
    """An oversight body found that an agency has no conflict of interest: it is what it was by the procedure again."""

    agency: str
    signed_by: str


class Referred(Event, frozen=True, kw_only=True, tag="referred"):
    """A service was asked of an agency under a consent; who is accountable stays so. What is asked is closed."""

    to: str
    service: str
    due: datetime
    consent: str | None = None


class ReferralOpened(Event, frozen=True, kw_only=True, tag="referral_opened"):
    """A receiver without an account opened its link to a referral."""

    referral: str


class ReferralAnswered(Event, frozen=True, kw_only=True, tag="referral_answered"):
    """The receiver accepted, declined or gave the service; `referral` is the number of the event that asked."""

    referral: str
    answer: str
    reason: str | None = None


class ReferralWithdrawn(Event, frozen=True, kw_only=True, tag="referral_withdrawn"):
    referral: str


class HoldBegun(Event, frozen=True, kw_only=True, tag="hold_begun"):
    """The deadline of the stage stops, for a reason that the SOP knows; the holding goes on."""

    reason: str
    review_by: datetime


class HoldEnded(Event, frozen=True, kw_only=True, tag="hold_ended"):
    pass


class DeadlineExtended(Event, frozen=True, kw_only=True, tag="deadline_extended"):
    until: datetime
    second_person: str | None = None


class Reassigned(Event, frozen=True, kw_only=True, tag="reassigned"):
    """An oversight body moved the case to another agency, with a second person; no acceptance is asked."""

    to: str
    second_person: str
    hide_from_former: bool = False


class Confirmed(Event, frozen=True, kw_only=True, tag="confirmed"):
    """Whoever took an exit confirmed by name what no program can check: rules of the stage, by their place in it."""

    stage: str
    rules: list[int]


class Contested(Event, frozen=True, kw_only=True, tag="contested"):
    """The receiver says that the signed sheet is wrong: a finding, never a return."""


class Reopened(Event, frozen=True, kw_only=True, tag="reopened"):
    """A closed case begins again at a stage, in `opening`, held by whom reopened it."""

    reason: str
    goes_to: str
    signed_by: str | None = None


class Awaited(Event, frozen=True, kw_only=True, tag="awaited"):
    """An answer was asked of a body that does not hold the case."""

    key: str
    body: str
    due: datetime | None = None


class Answered(Event, frozen=True, kw_only=True, tag="answered"):
    key: str


class Escalated(Event, frozen=True, kw_only=True, tag="escalated"):
    """Somebody above was told; it informs and moves nothing. `rung` names the row of the ladder."""

    rung: str
    informs: list[str]


class FactsChanged(Event, frozen=True, kw_only=True, tag="facts_changed"):
    """Facts that depend on time were worked out again."""

    values: dict[str, OpenValue]
    lost: list[str] = []


class TrackMoved(Event, frozen=True, kw_only=True, tag="track_moved"):
    """A track that runs beside the main line is at another state."""

    track: str
    state: str


class DutiesArose(Event, frozen=True, kw_only=True, tag="duties_arose"):
    """A standing rule asks for steps to be done again."""

    duties: list[Owed]


class Diverted(Event, frozen=True, kw_only=True, tag="diverted"):
    """An exception of the SOP began to hold: another agency holds the case at once, and some lose sight of it."""

    part: str
    to: str
    for_agency: str | None = None
    hidden_from: list[str] = []


class Heard(Event, frozen=True, kw_only=True, tag="heard"):
    """Another case about the same subject told something; `exit` is to be looked at until `due`."""

    event: str
    case: str
    values: dict[str, OpenValue] = {}
    exit: str | None = None
    due: datetime | None = None


class LegalHoldBegun(Event, frozen=True, kw_only=True, tag="legal_hold_begun"):
    """What was said is kept for a court or a law; the agency that wrote the event asks for it."""


class LegalHoldEnded(Event, frozen=True, kw_only=True, tag="legal_hold_ended"):
    """A court or a law asks no more for what was said."""

    of: str


class RetentionOver(Event, frozen=True, kw_only=True, tag="retention_over"):
    """The time is over for which the SOP keeps what was said: its erasure is to be decided."""


class Erased(Event, frozen=True, kw_only=True, tag="erased"):
    """What was said is erased: the key of the person is destroyed.

    `because` is time, wish, or together (with another case of hers, `by_case`). From `gone_by` on no backup that was
    made before can be opened, if epochs turn as they are set to.
    """

    because: str
    gone_by: datetime
    asked_by: str | None = None
    signed_by: str | None = None
    by_case: str | None = None


class Resembled(Event, frozen=True, kw_only=True, tag="resembled"):
    """Another case, with its number, may be about the same person; only whoever holds the case is told of which."""

    other: str
    number: str


class Merged(Event, frozen=True, kw_only=True, tag="merged"):
    """The case has ended because another case of the same person goes on; both histories stay as they are.

    `holder` is the agency that answers for the other case, `readers` are those that read it, with the end of their
    sight where it has one: they read this one too, unless it is hidden from them.
    """

    into: str
    number: str
    holder: str
    readers: dict[str, datetime | None]
    signed_by: str


class Unmerged(Event, frozen=True, kw_only=True, tag="unmerged"):
    """The joining is undone: the case goes on in the stage and with the agency in which it ended."""

    signed_by: str


class ReadersChanged(Event, frozen=True, kw_only=True, tag="readers_changed"):
    """Others read, or answer for, the case to which this one was joined; see `Merged`."""

    holder: str
    readers: dict[str, datetime | None]


class Joined(Event, frozen=True, kw_only=True, tag="joined"):
    """Another case of the same person, with its number, ended and was joined to this one."""

    other: str
    number: str


class Parted(Event, frozen=True, kw_only=True, tag="parted"):
    """A case that was joined to this one goes on by itself again."""

    other: str


AnyEvent = (
    Opened | StepRecorded | StepWaived | DocumentAttached | ConsentGiven | ConsentRefused | ConsentWithdrawn | Offered
    | OfferRefused | OfferWithdrawn | Entered | Closed | Proposed | ProposalRefused | Countersigned | Ending | Spawned
    | ChildReported | HandedOver | Assigned | Noted | HoldBegun | HoldEnded | DeadlineExtended | Reassigned | Contested
    | Confirmed | Reopened | Awaited | Answered | Escalated | FactsChanged | TrackMoved | DutiesArose | Diverted
    | Heard | TaskAdded | TaskEnded | Stopped | Released | Referred | ReferralOpened | ReferralAnswered
    | ReferralWithdrawn | Resembled | Merged | Unmerged | ReadersChanged | Joined | Parted | OwnViewSet
    | LegalHoldBegun | LegalHoldEnded | RetentionOver | Erased
    | EmergencyOpened | EmergencyReviewed | ConflictDeclared | ConflictConfirmed | ConflictLifted
)  # fmt: skip


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event with who, for which agency, and its two times; what is hashed into the chain."""

    case: str
    seq: int
    by: str
    agency: str
    happened: datetime
    recorded: datetime
    command: str
    event: AnyEvent
    seen: int | None = None
    sealed: dict[str, str] = {}


def plain(value: Any) -> str:
    """Words of an SOP file are texts; anything else that cannot be written is a fault."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in an event")


_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=plain)
_decoder = msgspec.json.Decoder(Envelope)


def to_bytes(envelope: Envelope) -> bytes:
    """The bytes that are stored and hashed; they are kept as they are and never made again."""
    return _encoder.encode(envelope)


def from_bytes(body: bytes) -> Envelope:
    return _decoder.decode(body)
