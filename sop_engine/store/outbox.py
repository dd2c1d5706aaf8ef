"""What one case owes another, kept in the transaction that owes it and struck off when it is delivered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from sop_engine.store.prepared import Prepared
from sop_engine.store.tables import as_text, outbox


class OpenChild(msgspec.Struct, frozen=True, kw_only=True, tag="open_child"):
    """A case is to be opened for an event `seq` of its parent."""

    parent: str
    seq: int
    child: str
    row: int | None

    @property
    def id(self) -> str:
        return f"open:{self.child}"


class TellParent(msgspec.Struct, frozen=True, kw_only=True, tag="tell_parent"):
    """A case tells its parent how it stood after its event `seq`."""

    child: str
    seq: int
    parent: str
    name: str
    status: str
    milestones: list[str]

    @property
    def id(self) -> str:
        return f"tell:{self.child}:{self.seq}"


class TellSubject(msgspec.Struct, frozen=True, kw_only=True, tag="tell_subject"):
    """A case tells the open cases of another SOP about the same subject what its event `seq` means for them."""

    case: str
    seq: int
    subject: str
    sop: str
    event: str
    values: dict[str, Any]

    @property
    def id(self) -> str:
        return f"hear:{self.case}:{self.seq}"


class TellJoined(msgspec.Struct, frozen=True, kw_only=True, tag="tell_joined"):
    """A case tells `into` that by its event `seq` it was joined to it, or parted from it."""

    case: str
    seq: int
    into: str

    @property
    def id(self) -> str:
        return f"join:{self.case}:{self.seq}"


class TellReaders(msgspec.Struct, frozen=True, kw_only=True, tag="tell_readers"):
    """A case tells those that are joined to it that with its event `seq` others read it or answer for it."""

    case: str
    seq: int

    @property
    def id(self) -> str:
        return f"read:{self.case}:{self.seq}"


class TellErased(msgspec.Struct, frozen=True, kw_only=True, tag="tell_erased"):
    """By event `seq` of a case what its person said was erased: `files` go, and her other cases are told."""

    case: str
    seq: int
    gone_by: datetime
    files: list[str]

    @property
    def id(self) -> str:
        return f"erased:{self.case}:{self.seq}"


Letter = OpenChild | TellParent | TellSubject | TellJoined | TellReaders | TellErased
_INSERT = Prepared(insert(outbox))


def put(connection: Connection, letters: Sequence[Letter], now: datetime) -> None:
    if letters:
        rows = [
            {
                "id": letter.id,
                "created": as_text(now),
                "tries": 0,
                "problem": None,
                "body": msgspec.json.encode(letter),
            }
            for letter in letters
        ]
        _INSERT.run(connection, rows)


def waiting(connection: Connection, most: int = 250) -> list[Letter]:
    """The oldest letters, fewest failed tries first, in the order in which they were written."""
    rows = connection.execute(select(outbox.c.body).order_by(outbox.c.tries, outbox.c.created, outbox.c.id).limit(most))
    return [msgspec.json.decode(row.body, type=Letter) for row in rows]


def strike(connection: Connection, letter: Letter) -> None:
    connection.execute(delete(outbox).where(outbox.c.id == letter.id))


def failed(connection: Connection, letter: Letter, problem: str) -> None:
    """Note why a letter could not be delivered; it is tried again."""
    connection.execute(
        update(outbox).where(outbox.c.id == letter.id).values(tries=outbox.c.tries + 1, problem=problem[:500])
    )


def problems(connection: Connection) -> list[tuple[str, str]]:
    """The letters that failed, with the reason."""
    rows = connection.execute(select(outbox.c.id, outbox.c.problem).where(outbox.c.tries > 0))
    return [(row.id, row.problem or "") for row in rows]
