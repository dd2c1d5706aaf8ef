"""Sound and films: the place, the device and the title that stand in the head of the file are blanked.

What a camera writes into the stream itself (a track of positions) is blanked from the list of tracks, so that no player
finds it; its bytes stay among those of the film. `docs/running.md` says so.
"""

from sop_engine.services.uploads.kinds import after_tag, boxes

# ISO/IEC 14496-12: user data, metadata and unknown extensions; `free` boxes are skipped by every player.
_TOLD = frozenset({b"udta", b"meta", b"uuid"})
_PLAYED = frozenset({b"vide", b"soun"})
_ID3V1 = 128


def blanked_film(data: bytes) -> bytes:
    """An MP4 or M4A of the same length, so that nothing in it has to be found anew."""
    found = bytearray(data)
    listed = list(boxes(data, 0, len(data)))
    for kind, start, stop in listed:
        if kind in _TOLD or (kind == b"trak" and not _is_played(data, start, stop, listed)):
            head = start + (16 if data[start : start + 4] == b"\0\0\0\1" else 8)
            found[start + 4 : start + 8] = b"free"
            found[head:stop] = bytes(stop - head)
    return bytes(found)


def _is_played(data: bytes, start: int, stop: int, listed: list[tuple[bytes, int, int]]) -> bool:
    """Whether a track holds pictures or sound."""
    return any(
        data[at + 16 : at + 20] in _PLAYED for kind, at, end in listed if kind == b"hdlr" and start < at and end <= stop
    )


def bare_sound(data: bytes) -> bytes:
    """An MP3 without its tags: those before the sound, and the old one behind it."""
    sound = data[after_tag(data) :]
    return sound[:-_ID3V1] if sound[-_ID3V1:].startswith(b"TAG") else sound
