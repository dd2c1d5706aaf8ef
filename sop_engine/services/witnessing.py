"""Signing the log, and what goes between an installation and the agencies that witness it."""

import base64
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sop_engine.audit import (
    WITNESS,
    Checkpoint,
    Key,
    Malformed,
    checkpoint_of,
    cosign,
    is_continued,
    keys_of,
    signature_line,
)  # fmt: skip
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.installation import Installation
from sop_engine.store import checkpoints, readings, tree
from sop_engine.store.database import looking, writing

EVERY = timedelta(minutes=5)
LATEST, WITNESSES = "latest", "witnesses"


@dataclass(frozen=True, slots=True)
class Request:
    """What a witness is asked: to sign `checkpoint`, which continues what it signed at size `old` as `proof` shows."""

    old: int
    proof: list[bytes]
    note: str
    checkpoint: Checkpoint = field(repr=False)

    def __str__(self) -> str:
        lines = [f"old {self.old}", *(base64.b64encode(step).decode() for step in self.proof)]
        return "\n".join(lines) + f"\n\n{self.note}"


def sign_log(inst: Installation) -> int:
    """Sign a checkpoint where the log has grown and the last one is older than `EVERY`; gives how many were signed."""
    with looking(inst.engine) as connection:
        last = checkpoints.latest(connection)
    if last is not None and timedelta() <= inst.clock() - last[1] < EVERY:
        return 0
    with writing(inst.engine) as connection:
        readings.enter(connection)
        note = checkpoints.put(connection, inst.log_key, inst.clock())
    if note is not None:
        # Beside the database: a state that was put back does not know it.
        keep(inst.audit / LATEST, note)
    return int(note is not None)


def keep(file: Path, note: str) -> None:
    """Keep a checkpoint in a file, in place of the one before it, so that no cut leaves half of either."""
    beside = file.with_suffix(".new")
    with beside.open("w") as writing_to:
        writing_to.write(note)
        writing_to.flush()
        os.fsync(writing_to.fileno())
    beside.replace(file)


def remembered(inst: Installation) -> list[str]:
    """The last checkpoint as it is kept beside the database; nothing before the first."""
    file = inst.audit / LATEST
    return [file.read_text()] if file.is_file() else []


def witnesses(inst: Installation) -> list[Key]:
    """The agencies whose signature counts; raises Malformed where their file is broken."""
    file = inst.audit / WITNESSES
    found = keys_of(file.read_text()) if file.is_file() else []
    if any(key.kind != WITNESS for key in found):
        raise Malformed(f"{file} names a key that is not a witness's")
    return found


def request_since(inst: Installation, old: int) -> Request | Refusal:
    """What a witness is sent that signed the log last at size `old` (0 for never)."""
    with looking(inst.engine) as connection:
        last = checkpoints.latest(connection)
        if last is None:
            return refuse(
                "empty",
                "Nothing was signed yet: try again in a few minutes",
                "अहिलेसम्म केही हस्ताक्षर भएको छैन: केही मिनेटपछि फेरि प्रयास गर्नुहोस्",
            )
        size = last[0].size
        if not 0 <= old <= size:
            return refuse(
                "no_size",
                f"The log holds {size} entries: name a size up to that",
                f"अभिलेखमा {size} प्रविष्टि छन्: त्यहाँसम्मको सङ्ख्या दिनुहोस्",
            )
        note = checkpoints.note_of(connection, size) or ""
        return Request(old, tree.consistency(connection, old, size), note, last[0])


def request_of(text: str) -> Request:
    """Read what a witness is sent; raises Malformed."""
    head, gap, note = text.partition("\n\n")
    first, *steps = head.splitlines() or [""]
    word, _, old = first.partition(" ")
    try:
        proof = [base64.b64decode(step, validate=True) for step in steps]
    except ValueError:
        raise Malformed("this request is not whole: have it sent again") from None
    if not gap or word != "old" or not (old.isascii() and old.isdigit()):
        raise Malformed("this is no request to a witness: its first line should read 'old' and a size")
    return Request(int(old), proof, note, checkpoint_of(note))


def witness(request: Request, log: Key, last: Checkpoint | None, key: Key, seed: bytes, now: datetime) -> str | Refusal:
    """The checkpoint with the line of a witness; a refusal where it does not continue what this witness saw last.

    `last` is the checkpoint that it signed last; None where it never did.
    """
    one, old = request.checkpoint, last.size if last is not None else 0
    if one.origin != log.name or not one.is_signed(log):
        return refuse(
            "forged",
            f"This checkpoint is not signed by {log.name}",
            f"यो जाँचबिन्दुमा {log.name} को हस्ताक्षर छैन",
        )
    if request.old != old:
        return refuse(
            "other_size",
            f"You signed {old} entries last: ask for a request that begins there",
            f"तपाईंले पछिल्लो पटक {old} प्रविष्टिमा हस्ताक्षर गर्नुभएको थियो: त्यहाँबाट सुरु हुने अनुरोध माग्नुहोस्",
        )
    if last is not None and not is_continued(old, one.size, last.root, one.root, request.proof):
        return refuse(
            "rewritten",
            f"This log does not continue the {old} entries that you signed: something was rewritten. "
            "Keep both files and tell the oversight body",
            f"यो अभिलेख तपाईंले हस्ताक्षर गरेका {old} प्रविष्टिको निरन्तरता होइन: केही बदलिएको छ। "
            "दुवै फाइल राख्नुहोस् र निगरानी निकायलाई भन्नुहोस्",
        )
    return request.note + cosign(key, seed, one.body, int(now.timestamp()))


def take_in(inst: Installation, text: str) -> list[str] | Refusal:
    """Keep the lines of witnesses that stand below a checkpoint; gives their names. Sent twice, they are kept once."""
    try:
        sent, known = checkpoint_of(text), witnesses(inst)
    except Malformed as problem:
        return refuse("malformed", str(problem), "यो पूर्ण जाँचबिन्दु होइन: फेरि पठाउन भन्नुहोस्")
    signers = [key for key in known if sent.witnessed(key) is not None]
    with writing(inst.engine) as connection:
        note = checkpoints.note_of(connection, sent.size)
        if note is None or checkpoint_of(note).body != sent.body:
            return refuse(
                "not_ours",
                f"The log has no such checkpoint of {sent.size} entries",
                f"अभिलेखमा {sent.size} प्रविष्टिको यस्तो जाँचबिन्दु छैन",
            )
        if not signers:
            return refuse(
                "unknown",
                "No witness of this installation signed this checkpoint",
                "यो जाँचबिन्दुमा यस स्थापनाको कुनै साक्षीको हस्ताक्षर छैन",
            )
        kept = checkpoint_of(note)
        for key in signers:
            if kept.witnessed(key) is None:
                for raw in sent.by(key):
                    checkpoints.add_line(connection, sent.size, signature_line(key, raw))
    return [key.name for key in signers]
