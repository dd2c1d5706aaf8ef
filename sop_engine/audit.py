"""Checking a history from outside: this file alone, Python and `cryptography` are enough. See docs/audit-format.md.

    python audit.py EXPORT --log-key FILE [--witnesses FILE] [--seen CHECKPOINT …]
    python audit.py PROOF --proof --log-key FILE

The tree is that of RFC 6962; notes, checkpoints and cosignatures are those of the Community Cryptography Specification
Project (c2sp.org: signed-note, tlog-checkpoint, tlog-cosignature).
"""

import argparse
import base64
import hashlib
import json
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT, PROOF = "sop-engine-history/1", "sop-engine-proof/1"
GENESIS = b"\0" * 32
LOG, WITNESS = b"\x01", b"\x04"
PREVIOUS = "previous "
MOST_TOLD = 100


class Malformed(ValueError):
    """What should be a note, a key or an export is none; the message says what is wrong with it."""


def chained(before: bytes, body: bytes) -> bytes:
    """The hash of an event: SHA-256 over the hash before it in its case (`GENESIS` before the first) and its body."""
    return hashlib.sha256(before + body).digest()


def leaf(data: bytes) -> bytes:
    """The hash of an entry of the log (RFC 6962, 2.1); the entry is the hash of an event."""
    return hashlib.sha256(b"\0" + data).digest()


def joined(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours in the tree (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def together(parts: Sequence[bytes]) -> bytes:
    """The hash over whole subtrees that stand beside each other, largest first."""
    if not parts:
        return hashlib.sha256(b"").digest()
    whole = parts[-1]
    for part in reversed(parts[:-1]):
        whole = joined(part, whole)
    return whole


@dataclass(slots=True)
class Tree:
    """A tree that grows: the whole subtrees of what it holds, largest first, each with its height."""

    size: int = 0
    parts: list[tuple[int, bytes]] = field(default_factory=list)

    def add(self, entry: bytes) -> None:
        height, found = 0, leaf(entry)
        while self.parts and self.parts[-1][0] == height:
            found = joined(self.parts.pop()[1], found)
            height += 1
        self.parts.append((height, found))
        self.size += 1

    @property
    def root(self) -> bytes:
        return together([part for _, part in self.parts])


def is_included(entry: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that the log of this size and root has this entry at this index (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf(entry)
    for step in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            found = joined(step, found)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            found = joined(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_continued(old: int, new: int, before: bytes, after: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that a log of size `new` only continues the one of size `old` (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and before == after
    if not 0 < old < new:
        return old == 0 and not proof
    path = [before, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    if not path:
        return False
    ours = theirs = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            ours, theirs = joined(step, ours), joined(step, theirs)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            theirs = joined(theirs, step)
        place, last = place >> 1, last >> 1
    return last == 0 and ours == before and theirs == after


@dataclass(frozen=True, slots=True)
class Key:
    """Somebody's public key: of the log itself (`LOG`) or of a witness (`WITNESS`)."""

    name: str
    kind: bytes
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(self.kind + self.public)}"

    def signs(self, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def key_of(text: str) -> Key:
    """The key that stands in a line `name+id+key`; raises Malformed."""
    parts = text.strip().split("+", 2)
    try:
        name, identity, coded = parts
        raw = base64.b64decode(coded, validate=True)
    except ValueError:
        raise Malformed(f"'{text.strip()[:80]}' is no key: it should read name+id+key") from None
    key = Key(name, raw[:1], raw[1:])
    if key.kind not in (LOG, WITNESS) or len(key.public) != 32 or key.id.hex() != identity:
        raise Malformed(f"the key of '{name}' is not whole: have it sent again")
    return key


def keys_of(text: str) -> list[Key]:
    """The keys of a file, one a line; empty lines and lines that begin with # are left out."""
    return [key_of(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed note about the log: its name, how many entries it holds, their root; and what is signed below.

    `body` is the signed text; `signatures` are names with the key's id and the signature.
    """

    origin: str
    size: int
    root: bytes
    body: str
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def previous(self) -> str:
        """The hash of the body of the checkpoint before this one; `none` in the first."""
        lines = self.body.splitlines()[3:]
        return next((line.removeprefix(PREVIOUS) for line in lines if line.startswith(PREVIOUS)), "")

    @property
    def digest(self) -> str:
        return _base64(hashlib.sha256(self.body.encode()).digest())

    def by(self, key: Key) -> list[bytes]:
        """The signatures that claim to be by this key."""
        return [raw[4:] for name, raw in self.signatures if name == key.name and raw[:4] == key.id]

    def is_signed(self, key: Key) -> bool:
        """Whether the log itself signed it."""
        return any(key.signs(self.body.encode(), signature) for signature in self.by(key))

    def witnessed(self, key: Key) -> int | None:
        """When a witness signed it, in seconds since 1970; None where it did not, or a signature is forged."""
        for signature in self.by(key):
            if len(signature) == 72:
                (at,) = struct.unpack(">Q", signature[:8])
                if key.signs(cosigned(self.body, at), signature[8:]):
                    return int(at)
        return None


def cosigned(body: str, at: int) -> bytes:
    """What a witness signs at a time (seconds since 1970)."""
    return f"cosignature/v1\ntime {at}\n{body}".encode()


def checkpoint_of(text: str) -> Checkpoint:
    """Read a checkpoint; raises Malformed."""
    body, gap, below = text.rpartition("\n\n")
    body += "\n"
    lines = body.splitlines()
    if not gap or len(lines) < 3 or not lines[0] or not lines[1].isascii() or not lines[1].isdigit():
        raise Malformed("this is no checkpoint: it should have a name, a size and a root, an empty line and signatures")
    try:
        root = base64.b64decode(lines[2], validate=True)
        signatures = tuple(_signature(line) for line in below.splitlines())
    except ValueError:
        raise Malformed("this checkpoint is not whole: have it sent again") from None
    if len(root) != 32:
        raise Malformed("this checkpoint is not whole: its root is not 32 bytes long")
    return Checkpoint(lines[0], int(lines[1]), root, body, signatures)


def _signature(line: str) -> tuple[str, bytes]:
    dash, name, coded = line.split(" ", 2)
    if dash != "—":
        raise ValueError(line)
    return name, base64.b64decode(coded, validate=True)


def written(origin: str, size: int, root: bytes, previous: str) -> str:
    """The body of a checkpoint, to be signed."""
    return f"{origin}\n{size}\n{_base64(root)}\n{PREVIOUS}{previous}\n"


def signature_line(key: Key, signature: bytes) -> str:
    return f"— {key.name} {_base64(key.id + signature)}\n"


def public_key(name: str, kind: bytes, seed: bytes) -> Key:
    """The public key of a secret one (32 bytes)."""
    return Key(name, kind, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def sign(key: Key, seed: bytes, body: str) -> str:
    """The line of the log's own signature under a body."""
    return signature_line(key, Ed25519PrivateKey.from_private_bytes(seed).sign(body.encode()))


def cosign(key: Key, seed: bytes, body: str, at: int) -> str:
    """The line of a witness's signature under a body, at a time (seconds since 1970)."""
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(cosigned(body, at))
    return signature_line(key, struct.pack(">Q", at) + signature)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log: which event of which case, its body (None where there is none), and the hash in the log."""

    case: str
    seq: int
    body: bytes | None
    hash: bytes


@dataclass(slots=True)
class Found:
    """What a check found: `problems` in words (`more` were left out), and how much was checked.

    `witnessed` says up to what size each witness signed, `heads` where the chain of each case ends: its last event and
    the hash of that.
    """

    problems: list[str] = field(default_factory=list)
    entries: int = 0
    checkpoints: int = 0
    witnessed: dict[str, int] = field(default_factory=dict)
    more: int = 0
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def tell(self, problem: str) -> None:
        if len(self.problems) < MOST_TOLD:
            self.problems.append(problem)
        else:
            self.more += 1


@dataclass(slots=True)
class Chains:
    """The chain of each case: how far it goes, its head, and what came before its time."""

    found: Found
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    early: dict[tuple[str, int], Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        seq, _ = self.heads.get(entry.case, (0, GENESIS))
        if entry.seq != seq + 1:
            if entry.seq <= seq or (entry.case, entry.seq) in self.early:
                self.found.tell(f"case {entry.case}: event {entry.seq} stands in the log twice")
            else:
                self.early[entry.case, entry.seq] = entry
            return
        waiting: Entry | None = entry
        while waiting is not None:
            self._take(waiting)
            waiting = self.early.pop((waiting.case, waiting.seq + 1), None)

    def _take(self, entry: Entry) -> None:
        _, head = self.heads.get(entry.case, (0, GENESIS))
        if entry.body is None:
            self.found.tell(f"case {entry.case}: event {entry.seq} is in the log and nowhere else: it was removed")
        elif chained(head, entry.body) != entry.hash:
            self.found.tell(f"case {entry.case}: event {entry.seq} was altered, or put in the place of another")
        self.heads[entry.case] = entry.seq, entry.hash

    def end(self) -> None:
        for case, seq in sorted(self.early):
            if (case, seq - 1) not in self.early:
                missing = self.heads.get(case, (0, GENESIS))[0] + 1
                self.found.tell(
                    f"case {case}: event {missing} is missing: what follows from event {seq} on hangs loose"
                )


def check(
    entries: Iterable[Entry],
    notes: Sequence[str],
    key: Key,
    witnesses: Sequence[Key] = (),
    seen: Sequence[str] = (),
    waiting: Iterable[Entry] = (),
) -> Found:
    """Check a log against its checkpoints (oldest first), its witnesses, and checkpoints seen earlier elsewhere.

    `waiting` are the events that no log holds yet: of them only the chains of their cases are checked.
    """
    found = Found()
    signed = _signed(notes, key, witnesses, found)
    remembered = _remembered(seen, key, found)
    sizes: dict[int, bytes] = {}
    wanted = {one.size for one in (*signed, *remembered)}
    tree, chains = Tree(), Chains(found)
    for entry in entries:
        chains.add(entry)
        tree.add(entry.hash)
        if tree.size in wanted:
            sizes[tree.size] = tree.root
    for entry in waiting:
        chains.add(entry)
    chains.end()
    found.heads = chains.heads
    found.entries = tree.size
    _compare(signed, sizes, tree.size, found)
    for one in remembered:
        if one.size > tree.size:
            found.tell(
                f"a checkpoint kept elsewhere tells of {one.size} entries, and here are {tree.size}: "
                "an older state was put back, or the end was cut off"
            )
        elif sizes[one.size] != one.root:
            found.tell(
                f"a checkpoint kept elsewhere tells otherwise of the first {one.size} entries: they were rewritten"
            )
    return found


def _signed(notes: Sequence[str], key: Key, witnesses: Sequence[Key], found: Found) -> list[Checkpoint]:
    """The checkpoints that the log signed, each after the one before it."""
    signed: list[Checkpoint] = []
    for number, text in enumerate(notes, 1):
        try:
            one = checkpoint_of(text)
        except Malformed as problem:
            found.tell(f"checkpoint {number}: {problem}")
            continue
        if one.origin != key.name or not one.is_signed(key):
            found.tell(f"the checkpoint of {one.size} entries is not signed by {key.name}: it is forged")
            continue
        if one.previous != (signed[-1].digest if signed else "none"):
            found.tell(f"a checkpoint before that of {one.size} entries was removed or altered")
        for witness in witnesses:
            if one.witnessed(witness) is not None:
                found.witnessed[witness.name] = one.size
            elif one.by(witness):
                found.tell(f"the signature of {witness.name} under the checkpoint of {one.size} entries is forged")
        signed.append(one)
    found.checkpoints = len(signed)
    return signed


def _remembered(seen: Sequence[str], key: Key, found: Found) -> list[Checkpoint]:
    kept: list[Checkpoint] = []
    for text in seen:
        one = checkpoint_of(text)
        if one.origin == key.name and one.is_signed(key):
            kept.append(one)
        else:
            found.tell(f"the checkpoint of {one.size} entries kept elsewhere is not signed by {key.name}")
    return kept


def _compare(signed: Sequence[Checkpoint], sizes: dict[int, bytes], size: int, found: Found) -> None:
    """The first checkpoint that does not fit tells where the log was changed; those after it tell nothing more."""
    fits = 0
    for one in signed:
        if one.size > size:
            found.tell(f"a checkpoint tells of {one.size} entries, and the log holds {size}: its end was cut off")
            return
        if sizes[one.size] != one.root:
            found.tell(
                f"entries {fits + 1} to {one.size} of the log are not those that were signed: they were rewritten"
            )
            return
        fits = one.size


@dataclass(slots=True)
class Export:
    """An export as it is read: its checkpoints, then the entries of the log, then the events that wait for it."""

    notes: list[str]
    lines: Iterator[str]
    next: dict[str, object] | None = None

    def entries(self, logged: bool) -> Iterator[Entry]:
        """What comes next of one kind: entries of the log, or events that wait."""
        while (line := self.next or _line(next(self.lines, ""))) and line.get("logged", True) is logged:
            self.next = None
            yield _entry(line)
        self.next = line


def read_export(lines: Iterable[str]) -> Export:
    """An export, line by line; raises Malformed."""
    reading = iter(lines)
    head = _line(next(reading, ""))
    notes = head.get("checkpoints")
    if head.get("format") != FORMAT or not isinstance(notes, list):
        raise Malformed(f"this is no export of a history: its first line should name the format {FORMAT}")
    return Export([str(note) for note in notes], reading)


def _line(text: str) -> dict[str, object]:
    """A line of an export; nothing where it has ended."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("this export is not whole: a line cannot be read") from None
    if not isinstance(found, dict):
        raise Malformed("this export is not whole: a line is no object")
    return found


def _entry(line: dict[str, object]) -> Entry:
    try:
        body, seq = line["body"], line["seq"]
        if not isinstance(seq, int):
            raise Malformed("this export is not whole: the number of an event is none")
        kept = body.encode() if isinstance(body, str) else None
        return Entry(str(line["case"]), seq, kept, bytes.fromhex(str(line["hash"])))
    except (KeyError, ValueError):
        raise Malformed("this export is not whole: an entry cannot be read") from None


def check_proof(text: str, key: Key) -> Found:
    """Check what shows that one event is in the log; raises Malformed."""
    said, found = _line(text), Found(entries=1, checkpoints=1)
    try:
        one = checkpoint_of(str(said["checkpoint"]))
        event = chained(bytes.fromhex(str(said["before"])), str(said["body"]).encode())
        steps, index = [bytes.fromhex(step) for step in _list(said["proof"])], int(str(said["index"]))
    except (KeyError, ValueError) as problem:
        raise Malformed(f"this is no proof of an event: {problem}") from None
    if said.get("format") != PROOF:
        raise Malformed(f"this is no proof of an event: it should name the format {PROOF}")
    if one.origin != key.name or not one.is_signed(key):
        found.tell(f"the checkpoint of {one.size} entries is not signed by {key.name}: it is forged")
    if not is_included(event, index, one.size, steps, one.root):
        found.tell("the event is not in the log that was signed")
    return found


def _list(value: object) -> list[str]:
    if not isinstance(value, list):
        raise Malformed("this is no proof of an event: its steps are no list")
    return [str(one) for one in value]


def main(words: Sequence[str] | None = None) -> int:
    """Check an export; 0 where nothing is wrong, 1 where something is, 2 where a file cannot be read."""
    asked = argparse.ArgumentParser(description="Check the history in an export, or the proof of one event.")
    asked.add_argument("file", type=Path)
    asked.add_argument("--proof", action="store_true", help="the file is the proof of one event")
    asked.add_argument("--log-key", type=Path, required=True, help="file with the public key of the log")
    asked.add_argument("--witnesses", type=Path, help="file with the public keys of witnesses")
    asked.add_argument("--seen", type=Path, action="append", default=[], help="a checkpoint kept elsewhere")
    said = asked.parse_args(words)
    try:
        key = key_of(said.log_key.read_text())
        witnesses = keys_of(said.witnesses.read_text()) if said.witnesses else []
        seen = [one.read_text() for one in said.seen]
        with said.file.open() as file:
            found = check_proof(file.read(), key) if said.proof else check_export(file, key, witnesses, seen)
    except (OSError, UnicodeDecodeError, Malformed) as problem:
        print(problem, file=sys.stderr)
        return 2
    print("\n".join((*found.problems, summary(found))))
    return 1 if found.problems else 0


def check_export(lines: Iterable[str], key: Key, witnesses: Sequence[Key], seen: Sequence[str]) -> Found:
    """Check an export, line by line; raises Malformed."""
    export = read_export(lines)
    return check(export.entries(True), export.notes, key, witnesses, seen, export.entries(False))


def summary(found: Found) -> str:
    """What was checked, in a sentence."""
    more = f" (and {found.more} more)" if found.more else ""
    witnessed = "".join(f"; {name} signed the first {size}" for name, size in sorted(found.witnessed.items()))
    return f"{found.entries} entries, {found.checkpoints} checkpoints, {len(found.problems)} problems{more}{witnessed}."


if __name__ == "__main__":
    sys.exit(main())
