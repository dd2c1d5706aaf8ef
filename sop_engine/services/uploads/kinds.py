"""What a file is: told from its bytes, never from its name or from what a browser says. Knows no case."""

from collections.abc import Iterator

from sop_engine.services.uploads.zipped import content_types

PDF, JPEG, PNG, HEIC = "application/pdf", "image/jpeg", "image/png", "image/heic"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MP3, M4A, MP4 = "audio/mpeg", "audio/mp4", "video/mp4"
PICTURES = frozenset({JPEG, PNG, HEIC})
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png", DOCX: "docx", XLSX: "xlsx", MP3: "mp3", M4A: "m4a", MP4: "mp4"}
MOST_LOOKED_AT = 20
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"})
_M4A_BRANDS = frozenset({b"M4A ", b"M4B "})
_PDF_WITHIN = 1024
# ISO/IEC 11172-3: kilobits by index for layer III, and samples a second by index, for MPEG 1 and MPEG 2.
_RATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000)}


def kind_of(data: bytes) -> str | None:
    """The media type of a file that is taken in; None for any other."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[4:8] == b"ftyp":
        return _by_brand(data)
    if data.startswith(b"PK\x03\x04"):
        return _by_parts(data)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return PDF
    return MP3 if is_mp3(data) else None


def _by_brand(data: bytes) -> str | None:
    """What an ISO base media file holds: its brand says, and a track with pictures makes a film of a recording."""
    brand = data[8:12]
    if brand in _HEIC_BRANDS:
        return HEIC
    if brand in _M4A_BRANDS:
        return M4A
    if brand in _MP4_BRANDS:
        return MP4 if b"vide" in _handlers(data) else M4A
    return None


def _handlers(data: bytes) -> set[bytes]:
    """What the tracks of a film hold: `vide`, `soun` and others."""
    return {
        data[start + 16 : start + 20]
        for kind, start, _ in boxes(data, 0, len(data))
        if kind == b"hdlr"
    }  # fmt: skip


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of an ISO base media file, and those in `moov` and its tracks: kind, where it begins, where it ends."""
    while start + 8 <= end:
        size, kind, head = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        stop = end if size == 0 else start + size
        if size and (size < head or stop > end):
            return
        yield kind, start, stop
        if kind in (b"moov", b"trak", b"mdia"):
            yield from boxes(data, start + head, stop)
        start = stop


def _by_parts(data: bytes) -> str | None:
    """What an office file is, by the type of its main part."""
    types = content_types(data)
    if types is None:
        return None
    if f"{DOCX}.main+xml" in types:
        return DOCX
    return XLSX if f"{XLSX}.main+xml" in types else None


def is_mp3(data: bytes) -> bool:
    """Whether two sound frames of layer III stand one after the other where the sound begins."""
    first = after_tag(data)
    size = _frame(data, first)
    return size > 0 and _frame(data, first + size) > 0


def after_tag(data: bytes) -> int:
    """Where the sound begins: behind an ID3 tag, whose size is written in four times seven bits."""
    if not data.startswith(b"ID3") or len(data) < 10:
        return 0
    size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    return 10 + size + (10 if data[5] & 0x10 else 0)


def _frame(data: bytes, at: int) -> int:
    """The size of the sound frame that begins here; 0 where none does."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, samples = (head[1] >> 3) & 3, head[2] >> 4, (head[2] >> 2) & 3
    if version not in _RATES or not 0 < rate < 15 or samples == 3:
        return 0
    length = 144 if version == 3 else 72
    return length * _RATES[version][rate] * 1000 // _SAMPLES[version][samples] + ((head[2] >> 1) & 1)
