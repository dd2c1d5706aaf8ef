"""Office files are zip files: read within limits that are counted while reading, never believed from their heads."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

from sop_engine.services.uploads.bare import bare_jpeg, bare_png
from sop_engine.services.uploads.markup import screen
from sop_engine.services.uploads.refused import Refused

MOST_MEMBERS = 2_000
MOST_BYTES = 60_000_000
MOST_RATIO = 200
FREE_OF_RATIO = 1_000_000
_PIECE = 64 * 1024
_TYPES = "[Content_Types].xml"
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_CORE = _HEAD + (
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_APP = _HEAD + b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
_EMPTIED = {
    "docProps/core.xml": _CORE,
    "docProps/app.xml": _APP,
    "docProps/custom.xml": _APP.replace(b"extended-properties", b"custom-properties"),
}
# A small picture of the first page as it once was; the name of a printer.
_BLANKED = re.compile(r"^docProps/thumbnail|/printerSettings/[^/]+\.bin$", re.IGNORECASE)
# Programs, and other files inside this one, of which nobody could say what they do.
_ACTIVE = re.compile(r"vbaProject|vbaData|activeX/|macrosheets/|dialogsheets/|embeddings/|customUI/|\.bin$", re.I)


def content_types(data: bytes) -> str | None:
    """The list of what the parts of an office file are; None for a zip file that is none."""
    with _opened(data) as archive:
        if _TYPES not in archive.namelist():
            return None
        return _read(archive, archive.getinfo(_TYPES), MOST_BYTES).decode("utf-8", "replace")


def cleaned(data: bytes) -> bytes:
    """An office file without what tells who wrote it and where; raises Refused."""
    out, left = io.BytesIO(), MOST_BYTES
    with _opened(data) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            part = _read(old, member, left)
            left -= len(part)
            if not member.is_dir():
                new.writestr(zipfile.ZipInfo(member.filename), _bare(member.filename, part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


@contextmanager
def _opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise Refused("bomb")
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise Refused("broken") from None


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    """A member as it comes out, counted on the way."""
    whole, most = bytearray(), max(FREE_OF_RATIO, member.compress_size * MOST_RATIO)
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            whole += piece
            if len(whole) > min(left, most):
                raise Refused("bomb")
    return bytes(whole)


def _bare(name: str, part: bytes) -> bytes:
    """A part without what it tells besides; raises Refused for programs and for what is loaded from elsewhere."""
    if name in _EMPTIED:
        return _EMPTIED[name]
    if _BLANKED.search(name):
        return b""
    if _ACTIVE.search(name) or ".." in name.split("/"):
        raise Refused("active")
    screen(name, part)
    if name.lower().endswith(".rels") and _loads(part):
        raise Refused("active")
    if part.startswith(b"\xff\xd8\xff"):
        return bare_jpeg(part)
    return bare_png(part) if part.startswith(b"\x89PNG") else part


def _loads(relations: bytes) -> bool:
    """Whether a part loads something from elsewhere; a link is only followed by whoever follows it."""
    try:
        found = ElementTree.fromstring(relations)  # noqa: S314 a file without a DOCTYPE, in a process with limits  # nosec B314
    except ElementTree.ParseError:
        raise Refused("broken") from None
    return any(
        one.get("TargetMode") == "External" and not str(one.get("Type")).endswith("/hyperlink") for one in found.iter()
    )
