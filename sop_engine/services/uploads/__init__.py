"""What is taken in, and in which form: the kinds of file, their limits, and the sentences for what is not taken.

Knows no case and no web. The work is done `apart`, in a process of its own.
"""

import subprocess
import sys
import threading
from dataclasses import dataclass, field

from sop_engine.case.refusal import Refusal, refuse
from sop_engine.services.uploads.kinds import ENDINGS, MOST_LOOKED_AT, PDF, PICTURES
from sop_engine.services.uploads.refused import EXIT
from sop_engine.store.database import Busy

__all__ = ["ENDINGS", "MOST_BYTES", "MOST_LOOKED_AT", "Clean", "Look", "has_look", "look", "take_in"]
MOST_BYTES = 10_000_000
MEGABYTE = 1_000_000
PATIENCE = 40
AT_ONCE = 2
_turn = threading.BoundedSemaphore(AT_ONCE)
# Some may wait for their turn, so that files never take more than half of the server's threads from those who write.
_waiting = threading.BoundedSemaphore(2 * AT_ONCE)

_SAID = {
    "empty": ("The file is empty: choose it again", "फाइल खाली छ: फेरि छान्नुहोस्"),
    "large": (
        f"The file is larger than {MOST_BYTES // MEGABYTE} MB: make it smaller, or send it in parts",
        f"फाइल {MOST_BYTES // MEGABYTE} MB भन्दा ठूलो छ: सानो बनाउनुहोस् वा टुक्रा गरेर पठाउनुहोस्",
    ),
    "kind": (
        "This is no file of a kind that is taken. Taken are PDF, JPEG, PNG, HEIC, DOCX, XLSX, MP3, M4A and MP4. "
        "What the file is called makes no difference",
        "यो लिइने प्रकारको फाइल होइन। PDF, JPEG, PNG, HEIC, DOCX, XLSX, MP3, M4A र MP4 लिइन्छ। "
        "फाइलको नामले फरक पार्दैन",
    ),
    "broken": (
        "The file is broken or was cut off: open it on your device, save it again and send that",
        "फाइल बिग्रिएको वा काटिएको छ: आफ्नो यन्त्रमा खोलेर फेरि सुरक्षित गरी पठाउनुहोस्",
    ),
    "encrypted": (
        "The PDF is locked with a password: save it without one and send that",
        "PDF मा पासवर्ड छ: पासवर्ड हटाएर सुरक्षित गरी पठाउनुहोस्",
    ),
    "pages": ("A PDF must have 1 to 500 pages: send it in parts", "PDF मा १ देखि ५०० पाना हुनुपर्छ: टुक्रा गरेर पठाउनुहोस्"),
    "pixels": (
        "The picture has more than 40 million pixels: send a smaller one",
        "तस्बिरमा ४ करोडभन्दा बढी पिक्सेल छन्: सानो तस्बिर पठाउनुहोस्",
    ),
    "bomb": (
        "The file becomes far too large when it is opened: save it as PDF and send that",
        "खोल्दा फाइल धेरै ठूलो हुन्छ: PDF मा सुरक्षित गरी पठाउनुहोस्",
    ),
    "active": (
        "The file holds a program, another file, or loads something from elsewhere: save it as PDF and send that",
        "फाइलभित्र प्रोग्राम वा अर्को फाइल छ, वा बाहिरबाट केही तान्छ: PDF मा सुरक्षित गरी पठाउनुहोस्",
    ),
    "heic": (
        "This server cannot read HEIC: save the photograph as JPEG and send that",
        "यो सर्भरले HEIC पढ्न सक्दैन: फोटो JPEG मा सुरक्षित गरी पठाउनुहोस्",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clean:
    """A file as it is kept: what it is, and its bytes."""

    media: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Look:
    """A small JPEG of a page of a file, and how many pages the file has."""

    pages: int
    picture: bytes = field(repr=False)


def take_in(data: bytes) -> Clean | Refusal:
    """A file without what it tells besides, or why it is not taken. Raises Busy where too many are sent at once."""
    if not data or len(data) > MOST_BYTES:
        return _refused("large" if data else "empty")
    made = _apart(data, "take_in")
    if isinstance(made, Refusal):
        return made
    clean = Clean(*made)
    return clean if len(clean.data) <= MOST_BYTES else _refused("large")


def has_look(media: str) -> bool:
    """Whether a stored file can be looked at without opening it."""
    return media == PDF or media in PICTURES


def look(data: bytes, media: str, page: int = 1) -> Look | Refusal:
    """A small picture of a stored file; of a PDF one page, none behind MOST_LOOKED_AT."""
    made = _apart(data, "look", media, str(page))
    return made if isinstance(made, Refusal) else Look(int(made[0]), made[1])


def _apart(data: bytes, *words: str) -> tuple[str, bytes] | Refusal:
    """Have a file worked on in a process of its own, which knows nothing of this one."""
    program = [sys.executable, "-I", "-B", "-m", "sop_engine.services.uploads.apart", *words]
    if not _waiting.acquire(blocking=False):
        raise Busy("too many files at once")
    try:
        return _in_turn(program, data)
    finally:
        _waiting.release()


def _in_turn(program: list[str], data: bytes) -> tuple[str, bytes] | Refusal:
    if not _turn.acquire(timeout=PATIENCE):
        raise Busy("too many files at once")
    try:
        done = subprocess.run(program, input=data, capture_output=True, env={}, timeout=PATIENCE, check=False)  # noqa: S603 # nosec B603
    except subprocess.TimeoutExpired:
        return _refused("broken")
    finally:
        _turn.release()
    if done.returncode == 0:
        said, _, made = done.stdout.partition(b"\n")
        return said.decode(), made
    return _refused(done.stderr.decode("utf-8", "replace") if done.returncode == EXIT else "broken")


def _refused(why: str) -> Refusal:
    return refuse(f"file_{why}", *_SAID.get(why, _SAID["broken"]))
