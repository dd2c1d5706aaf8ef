"""A process of its own for each file: what opens a stranger's file can neither write to disk nor take the server down.

It reads the file from its input, writes what became of it to its output, and has little memory and little time. A
fault in a decoder ends this process and nothing else.
"""

import resource
import sys

from sop_engine.services.uploads import papers, pictures, recordings, zipped
from sop_engine.services.uploads.kinds import DOCX, M4A, MP3, MP4, PDF, PICTURES, XLSX, kind_of
from sop_engine.services.uploads.refused import EXIT, Refused

MEMORY = 1_500_000_000
SECONDS = 20


def take_in(data: bytes) -> tuple[str, bytes]:
    """What a file is, and its bytes without what they tell besides; raises Refused."""
    media = kind_of(data)
    if media is None:
        raise Refused("kind")
    if media in PICTURES:
        return pictures.redrawn(data, media)
    if media == PDF:
        return media, papers.copied(data)
    if media in (DOCX, XLSX):
        return media, zipped.cleaned(data)
    if media == MP3:
        return media, recordings.bare_sound(data)
    assert media in (M4A, MP4)
    return media, recordings.blanked_film(data)


def look(data: bytes, media: str, page: str) -> tuple[str, bytes]:
    """How many pages a stored file has, and a small JPEG of one of them."""
    if media == PDF:
        pages, picture = papers.look(data, int(page))
        return str(pages), picture
    return "1", pictures.look(data, media)


def _limit() -> None:
    """No file is written, no memory dump left, and neither memory nor time is without end."""
    nothing = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for what, most in {**nothing, resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: SECONDS}.items():
        resource.setrlimit(what, (most, most))


def main(words: list[str]) -> int:
    _limit()
    data = sys.stdin.buffer.read()
    try:
        said, made = take_in(data) if words[0] == "take_in" else look(data, *words[1:])
    except Refused as refused:
        sys.stderr.write(refused.why)
        return EXIT
    sys.stdout.buffer.write(said.encode() + b"\n" + made)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
