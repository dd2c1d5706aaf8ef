"""JPEG and PNG without the segments that tell where, when, by whom and with what; the picture itself is untouched.

For pictures inside other files. A photograph that is handed in by itself is drawn anew instead (`pictures`).
"""

import re

from sop_engine.services.uploads.refused import Refused

# ITU-T T.81: markers without a length; APP0, APP2 (colour profile) and APP14 (Adobe) are needed to draw the picture.
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_TOLD = frozenset({*range(0xE1, 0xF0), 0xFE}) - {0xE2, 0xEE}
_SCAN, _END = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_DRAWING = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
)
_SIGNATURE = 8


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG without EXIF, XMP, IPTC, comments, and whatever stands behind its end; raises Refused."""
    out, at = bytearray(data[:2]), 2
    while at + 4 <= len(data):
        marker = data[at + 1]
        if data[at] != 0xFF:
            raise Refused("broken")
        if marker == _END:
            break
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        stop = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SCAN:
            after = _MARKER.search(data, stop)
            stop = after.start() if after else len(data)
        if marker not in _TOLD:
            out += data[at:stop]
        at = stop
    return bytes(out) + bytes((0xFF, _END))


def bare_png(data: bytes) -> bytes:
    """A PNG with the chunks alone that draw it; raises Refused."""
    out, at = bytearray(data[:_SIGNATURE]), _SIGNATURE
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        stop = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if stop > len(data):
            break
        if kind in _DRAWING:
            out += data[at:stop]
        if kind == b"IEND":
            return bytes(out)
        at = stop
    raise Refused("broken")
