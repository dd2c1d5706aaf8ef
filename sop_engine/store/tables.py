"""Every table, for SQLite and PostgreSQL alike. Times are UTC as text of fixed width, so that text order is time order.

`journal` is the truth; the rows of `standing`, `held`, `awaited`, `access`, `item`, `finding` can be rebuilt from it.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
ID = String(32)
CODE = String(64)
# The history in the log that tells of looks at cases; every other one is a case.
READINGS = "looks"
TIME = String(27)

agency = Table(
    "agency",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("body", Text, nullable=False),
    Column("edited", Text),
    Column("deactivated", TIME),
)
person = Table(
    "person",
    metadata,
    Column("id", ID, primary_key=True),
    Column("sign_in", String(120), nullable=False, unique=True),
    Column("agency", CODE, ForeignKey("agency.code"), nullable=False),
    Column("shown_as", String(120), nullable=False),
    Column("roles", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("language", String(2)),
    Column("digits", String(4)),
    Column("calendar", String(2)),
    Column("new_device", TIME),
    Column("given_until", TIME),
    Column("ended", TIME),
    # A code over what opens the account, by a key that is not in the database.
    Column("vouched", String(64), nullable=False),
)
session = Table(
    "session",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("person", ID, ForeignKey("person.id"), nullable=False, index=True),
    Column("begun", TIME, nullable=False),
    Column("last_seen", TIME, nullable=False),
    Column("device", String(40), nullable=False),
    Column("strong", Boolean, nullable=False),
)
# Somebody whose password was right and whose code is still to come: nothing is signed in by a row of it.
entering = Table(
    "entering",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("person", ID, ForeignKey("person.id"), nullable=False, index=True),
    Column("begun", TIME, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
)
device = Table(
    "device",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("person", ID, ForeignKey("person.id"), primary_key=True),
    Column("last_used", TIME, nullable=False, index=True),
)
# A code app, or one recovery code. `begun_by` is the session in which an app is being set up, none once it counts.
factor = Table(
    "factor",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person", ID, ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("name", String(80), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("made", TIME, nullable=False),
    Column("begun_by", String(64)),
    Column("last_used", TIME),
    Column("last_step", BigInteger),
)
# What was asked of a browser and is not answered yet: it serves once.
challenge = Table(
    "challenge",
    metadata,
    Column("holder", String(64), primary_key=True),
    Column("purpose", String(8), primary_key=True),
    Column("value", String(64), nullable=False),
    Column("begun", TIME, nullable=False, index=True),
)
attempt = Table(
    "attempt",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", TIME, nullable=False, index=True),
    Column("until", TIME, nullable=False),
)
token = Table(
    "token",
    metadata,
    Column("id", ID, primary_key=True),
    Column("secret", String(64), nullable=False, unique=True),
    Column("person", ID, ForeignKey("person.id"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("made", TIME, nullable=False),
    Column("expires", TIME, nullable=False),
    Column("last_used", TIME),
)
sop_version = Table(
    "sop_version",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("sop", CODE, nullable=False, index=True),
    Column("published", TIME, nullable=False),
    Column("text", Text, nullable=False),
    Column("beside", Text, nullable=False),
)
journal = Table(
    "journal",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("command", String(80), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("recorded", TIME, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("command", "ordinal"),
)
NOT_CLOSED = text("status <> 'closed'")
_NOT_CLOSED: dict[str, Any] = {"sqlite_where": NOT_CLOSED, "postgresql_where": NOT_CLOSED}
standing = Table(
    "standing",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("number", String(16), nullable=False, unique=True),
    Column("sop", CODE, nullable=False),
    Column("version", String(64), nullable=False),
    Column("about", String(16), nullable=False),
    Column("subject", ID, nullable=False),
    Column("status", String(8), nullable=False),
    Column("stage", CODE),
    Column("holder", CODE),
    Column("holder_for", CODE),
    Column("offered_to", CODE),
    Column("answer_by", TIME),
    Column("awaiting", CODE),
    Column("worker", ID),
    Column("with_", CODE),
    Column("due", TIME, nullable=False),
    Column("tray", String(8), nullable=False),
    Column("check_at", TIME, index=True),
    Column("opened", TIME, nullable=False),
    Column("closed", TIME),
    Column("outcome", CODE),
    Column("parent", ID, index=True),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Index("ix_standing_ours", "holder", "due", "number", **_NOT_CLOSED),
    Index("ix_standing_tray", "holder", "tray", "due", "number", "worker", **_NOT_CLOSED),
    Index("ix_standing_mine", "holder", "worker", "tray", "due", "number", **_NOT_CLOSED),
    Index(None, "offered_to", "answer_by", "number"),
    Index(None, "sop", "opened"),
    Index(None, "subject", "sop"),
)
held = Table(
    "held",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("holder", CODE, nullable=False),
    Column("for_agency", CODE),
    Column("stage", CODE),
    Column("begun", TIME, nullable=False),
    Column("ended", TIME),
    Column("due", TIME),
    Index(None, "holder", "begun"),
)
finding = Table(
    "finding",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("nth", Integer, primary_key=True),
    Column("verdict", String(12), nullable=False),
    Column("kind", CODE, nullable=False),
    Column("agency", CODE),
    Column("stage", CODE),
    Column("at", TIME, nullable=False),
    Index(None, "at", "verdict"),
)
awaited = Table(
    "awaited",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("body", CODE, nullable=False),
    Column("holder", CODE),
    Column("begun", TIME, nullable=False),
    Column("ended", TIME),
    Index(None, "body", "begun"),
)
# With a `person` the relation is hers alone, as in an emergency; empty, it is her whole agency's.
access = Table(
    "access",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("agency", CODE, primary_key=True),
    Column("relation", String(12), primary_key=True),
    Column("person", ID, primary_key=True),
    Column("until", TIME),
    Index(None, "agency", "relation", "case_id"),
)
item = Table(
    "item",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("agency", CODE, primary_key=True),
    Column("since", TIME, nullable=False),
    Column("due", TIME),
    Column("role", CODE),
    Column("worker", ID),
    Column("but_not", ID),
    Index(None, "agency", "kind", "due"),
)
unfolded = Table(
    "unfolded",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
)
log = Table(
    "log",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("case_id", ID, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("case_id", "seq"),
)
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", TIME, nullable=False),
    Column("note", Text, nullable=False),
)
# The roots of whole subtrees of the log, of 256, 65 536, … entries: a proof need not read the log.
branch = Table(
    "branch",
    metadata,
    Column("height", Integer, primary_key=True),
    Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("created", TIME, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("problem", Text),
    Column("body", LargeBinary, nullable=False),
)
vault = Table(
    "vault",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("field", String(120), primary_key=True),
    Column("subject", ID, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)
# A time in which keys are wrapped by one epoch key, which is never here.
epoch = Table(
    "epoch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("begun", TIME, nullable=False),
    Column("over", TIME),
    Column("destroyed", TIME),
)
agency_key = Table(
    "agency_key",
    metadata,
    Column("agency", CODE, primary_key=True),
    Column("epoch", Integer, ForeignKey("epoch.number"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)
subject_key = Table(
    "subject_key",
    metadata,
    Column("subject", ID, primary_key=True),
    Column("agency", CODE, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    ForeignKeyConstraint(["agency", "epoch"], ["agency_key.agency", "agency_key.epoch"]),
    Index(None, "epoch"),
)
draft = Table(
    "draft",
    metadata,
    Column("person", ID, primary_key=True),
    Column("case_id", ID, primary_key=True),
    Column("step", CODE, primary_key=True),
    Column("saved", TIME, nullable=False, index=True),
    Column("seen", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
link = Table(
    "link",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("case_id", ID, nullable=False),
    Column("referral", String(16), nullable=False),
    Column("expires", TIME, nullable=False),
    Column("opened", TIME),
    Index(None, "case_id"),
)
# The code and PIN by which a person sees her own case: of the code a keyed hash, of the PIN an Argon2id hash. One a
# case. `session` is where somebody is signed in with them, `seen` when that was last used.
own_view = Table(
    "own_view",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("case_id", ID, nullable=False, unique=True),
    Column("pin", Text, nullable=False),
    Column("session", String(64), unique=True),
    Column("seen", TIME),
)
reading = Table(
    "reading",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", TIME, nullable=False),
    Column("person", ID, nullable=False),
    Column("agency", CODE, nullable=False),
    Column("case_id", ID, nullable=False, index=True),
    Column("what", String(60), nullable=False),
    Column("purpose", LargeBinary),
    # The entry of the log that holds it, with others of the same minutes; none while it waits.
    Column("entry", Integer, index=True),
    Index(None, "person", "at"),
)
sheet = Table(
    "sheet",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("sop", CODE, nullable=False),
    Column("version", String(64), nullable=False),
    Column("step", CODE, nullable=False),
    Column("printed", TIME, nullable=False),
    Column("agency", CODE, nullable=False),
    Column("number", String(16)),
    Column("case_id", ID),
    Column("seq", Integer),
)
# Pointers only: which event of which case is news to whom. Whether it is still so is asked of the other rows.
notice = Table(
    "notice",
    metadata,
    Column("person", ID, ForeignKey("person.id"), primary_key=True),
    Column("case_id", ID, primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("agency", CODE, nullable=False),
    Column("since", TIME, nullable=False, index=True),
    Column("read", TIME),
    Column("mailed", TIME),
    Index(None, "person", "read", "since"),
)
mailing = Table(
    "mailing",
    metadata,
    Column("person", ID, ForeignKey("person.id"), primary_key=True),
    Column("language", String(2), nullable=False),
    Column("how", String(8), nullable=False),
    Column("hour", Integer, nullable=False),
    Column("quiet_from", Integer),
    Column("quiet_to", Integer),
    Column("kinds", Text, nullable=False),
    Column("address", LargeBinary),
    Column("unproven", LargeBinary),
    Column("asked", TIME),
    Column("tries", Integer, nullable=False),
    Column("wanted", String(4)),
    Column("asks", Integer, nullable=False),
    Column("asks_since", TIME),
    Column("sent", TIME),
    Column("failures", Integer, nullable=False),
    Column("retry", TIME),
)
# What was asked and done to agencies and accounts, and by whom: no row is ever taken away.
change = Table(
    "change",
    metadata,
    Column("id", ID, primary_key=True),
    Column("what", String(20), nullable=False),
    Column("whom", CODE, nullable=False),
    Column("agency", CODE, ForeignKey("agency.code"), nullable=False),
    Column("body", Text, nullable=False),
    Column("asked_by", ID, nullable=False),
    Column("asked", TIME, nullable=False),
    Column("decided_by", ID),
    Column("decided", TIME),
    Column("agreed", Boolean),
    Index(None, "agency", "asked"),
)
mark = Table(
    "mark",
    metadata,
    Column("name", CODE, primary_key=True),
    Column("value", String(120), nullable=False),
)


def as_text(moment: datetime) -> str:
    """A moment as it is stored: `2026-11-24T08:41:55.000000Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


# What has no deadline is due later than anything that has: one order, no empty place in it.
NEVER = "9999-12-31T00:00:00.000000Z"


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text)
