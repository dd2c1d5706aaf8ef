"""A case as it stands: the fold of its events, small enough to be kept beside them and read in one go."""

from datetime import datetime
from typing import Any

import msgspec

from sop_engine.case.events import Conflict, File, OpenValue, Owed, plain

RECENT = 12
MERGED = "merged"
MOST_FILES = 20


class Occurrence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record of a step: when it happened and what it said openly; who made it, where everybody makes their own."""

    happened: datetime
    values: dict[str, OpenValue] = {}
    by: str = ""
    seq: int = 0


class FileState(msgspec.Struct, frozen=True):
    """A file of a paper: the event that brought it, when it was recorded, and by whom of which agency."""

    document: str
    file: File
    seq: int
    at: datetime
    by: str
    agency: str


class StepState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a step stands. `recent` keeps the last records (at most RECENT); `count` counts all complete ones.

    `seq` is its last record or waiver, and only without one the first paper. `agency` made the last record; none did
    where the step was only waived, or has a paper only. `files` are at most MOST_FILES for each document.
    """

    seq: int
    status: str
    happened: datetime
    recorded: datetime
    agency: str = ""
    count: int = 0
    recent: list[Occurrence] = []
    documents: list[str] = []
    closed: list[str] = []
    files: list[FileState] = []

    @property
    def done(self) -> bool:
        return self.count > 0 or self.status == "waived"


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    seq: int
    exit: str | None
    stage: str
    to: str
    by: str
    made: datetime
    answer_by: datetime
    for_agency: str | None = None
    parts: dict[str, str] = {}
    signed_by: str | None = None
    override: bool = False


class Proposal(msgspec.Struct, frozen=True, omit_defaults=True):
    seq: int
    act: str
    target: str
    role: str
    of: str
    by: str
    agency: str
    made: datetime
    to: str | None = None
    override: bool = False


class OwedSignature(msgspec.Struct, frozen=True):
    """A second signature that is given afterwards; `agency` held the case when `by` acted."""

    exit: str
    by: str
    agency: str
    since: datetime
    due: datetime


class ConsentState(msgspec.Struct, frozen=True, omit_defaults=True):
    status: str
    seq: int
    since: datetime
    to: list[str] = []
    classes: list[str] = []


class ChildState(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    born: datetime
    status: str = "opening"
    row: int | None = None
    milestones: list[str] = []


class HoldState(msgspec.Struct, frozen=True):
    reason: str
    since: datetime
    review_by: datetime


class Pause(msgspec.Struct, frozen=True):
    """A hold that has ended."""

    since: datetime
    until: datetime


class HeardState(msgspec.Struct, frozen=True):
    """An exit that is to be looked at in time because of what another case told."""

    exit: str
    since: datetime
    due: datetime


class TrackState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a track stands, and when it reached each of its states last."""

    state: str
    reached: dict[str, datetime] = {}


class AwaitedState(msgspec.Struct, frozen=True, omit_defaults=True):
    body: str
    since: datetime
    due: datetime | None = None


class TaskState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task that is not ended yet; `asked_by` is the agency that added it, or the person herself."""

    agency: str
    since: datetime
    due: datetime
    asked_by: str
    worker: str | None = None
    correction: bool = False


class OwnViewState(msgspec.Struct, frozen=True):
    """How the person's own view stands (given, limited, refused or ended), since when and set by whom."""

    how: str
    since: datetime
    by: str
    agency: str
    seq: int

    @property
    def open(self) -> bool:
        return self.how in ("given", "limited")


class StopState(msgspec.Struct, frozen=True):
    """A red stop and who pressed it."""

    by: str
    agency: str
    since: datetime
    review_by: datetime


class EmergencyState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reading in an emergency: who, of which agency, until when; `justified` once somebody else has looked at it."""

    by: str
    agency: str
    since: datetime
    until: datetime
    review_by: datetime
    justified: bool | None = None


class ConflictState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conflict of interest: who said it, when, and by when what follows must be done.

    `confirms` is the agency of the second person who is still to sign, None once she did.
    """

    said: Conflict
    by: str
    agency: str
    since: datetime
    act_by: datetime
    confirms: str | None = None
    confirm_by: datetime | None = None


class ReferralState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A service that was asked for; `status` is asked, accepted, declined, given or withdrawn."""

    to: str
    asked_by: str
    service: str
    since: datetime
    due: datetime
    consent: str | None = None
    status: str = "asked"
    opened: datetime | None = None
    reason: str | None = None

    @property
    def running(self) -> bool:
        return self.status in ("asked", "accepted")


class MergedState(msgspec.Struct, frozen=True, omit_defaults=True):
    """To which case this one was joined, who answers for that one and reads it, and how this one stood before.

    `was` is the status that it had, `left` the agency that held it, `left_for` the one for which.
    """

    into: str
    number: str
    holder: str
    readers: dict[str, datetime | None]
    was: str
    left: str
    left_for: str | None = None


class ErasedState(msgspec.Struct, frozen=True, omit_defaults=True):
    """When what was said was erased and why, and from when on no backup of before can be opened."""

    at: datetime
    because: str
    gone_by: datetime
    asked_by: str | None = None
    signed_by: str | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One case. `status` is opening, open or closed; times are UTC.

    `opened_for` tells when a case was last opened for a step or in the course of time, by its name in the SOP.
    `until_left` is what rules go on reading until the stage is left, although the person has grown older meanwhile.
    `values` holds open answers and facts by name, `entered` and `left` the latest time of each stage, `stage_seq` and
    `holder_seq` the event that last changed them (a command is stale only if what it rests on has changed since).
    `tasks`, `referrals` and `emergencies` go by the number of the event that began them.
    `resembles` are cases that may be about the same person, `joined` those that ended because they surely are, each
    with its number; `merged` says that this one ended so. `conflicts` go by the agency that has one.
    `of_age` tells when a child was found to be of age, `retention_over` since when the erasure of what was said is to
    be decided, `legal_holds` which agencies hold it for a court or a law.
    `entry_seq` is the event by which the stage was entered. `drafts` are the events that recorded a step in part: what
    they say closed counts for nothing.
    """

    id: str
    number: str
    sop: str
    version: str
    about: str
    subject: str
    seq: int
    opened: datetime
    opener: str
    entry: str
    status: str = "opening"
    stage: str | None = None
    previous: str | None = None
    stage_since: datetime
    counts_from: datetime
    stage_seq: int = 1
    entry_seq: int = 1
    until_left: dict[str, OpenValue] = {}
    holder: str | None = None
    holder_for: str | None = None
    holder_since: datetime
    holder_seq: int = 1
    how: str = "opened"
    offer: Offer | None = None
    proposal: Proposal | None = None
    owed_signature: OwedSignature | None = None
    with_: str | None = None
    with_since: datetime | None = None
    worker: str | None = None
    parts: dict[str, str] = {}
    former: dict[str, datetime] = {}
    hidden_from: list[str] = []
    values: dict[str, OpenValue] = {}
    steps: dict[str, StepState] = {}
    drafts: list[int] = []
    consents: dict[str, ConsentState] = {}
    children: dict[str, ChildState] = {}
    parent: str | None = None
    parent_name: str | None = None
    entered: dict[str, datetime] = {}
    left: dict[str, datetime] = {}
    taken: dict[str, int] = {}
    ending: str | None = None
    ending_signed_by: str | None = None
    hold: HoldState | None = None
    pauses: list[Pause] = []
    extended: int = 0
    extended_until: datetime | None = None
    duties: list[Owed] = []
    awaited: dict[str, AwaitedState] = {}
    tracks: dict[str, TrackState] = {}
    consulted: list[str] = []
    heard: dict[str, HeardState] = {}
    opened_for: dict[str, datetime] = {}
    resembles: dict[str, str] = {}
    joined: dict[str, str] = {}
    merged: MergedState | None = None
    escalated: list[str] = []
    informed: list[str] = []
    tasks: dict[str, TaskState] = {}
    stop: StopState | None = None
    own_view: OwnViewState | None = None
    referrals: dict[str, ReferralState] = {}
    emergencies: dict[str, EmergencyState] = {}
    conflicts: dict[str, ConflictState] = {}
    outcome: str | None = None
    closes_as: str | None = None
    settled: bool = False
    closed: datetime | None = None
    of_age: datetime | None = None
    retention_over: datetime | None = None
    legal_holds: dict[str, datetime] = {}
    erased: ErasedState | None = None

    def is_shut_to(self, agency: str | None) -> bool:
        """Whether an agency is not to know of the case: it was taken from it, or it has a conflict of interest."""
        return agency in self.hidden_from or agency in self.conflicts

    @property
    def home(self) -> str | None:
        """The home that a case is about."""
        return self.parts.get("home") if self.about == "home" else None

    def instead_of(self, agency: str) -> str | None:
        """An agency, or what it falls to where it has a conflict of interest in the case."""
        return self.conflicts[agency].said.fallback if agency in self.conflicts else agency


_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=plain)
_decoder = msgspec.json.Decoder(Case)


def to_bytes(case: Case) -> bytes:
    return _encoder.encode(case)


def from_bytes(body: bytes) -> Case:
    return _decoder.decode(body)


def changed(case: Case, **values: Any) -> Case:
    """The case with some of its fields replaced."""
    return msgspec.structs.replace(case, **values)
