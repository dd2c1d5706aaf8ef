"""How files are spoken of: what they are, how large, and what somebody called them."""

import re
import unicodedata

from flask_babel import gettext, lazy_gettext

from sop_engine.services.uploads import ENDINGS

ACCEPTED = ",".join([".heic", *(f".{ending}" for ending in ENDINGS.values()), ".jpeg"])
_MEDIA = {
    "pdf": lazy_gettext("PDF"),
    "jpg": lazy_gettext("Picture"),
    "png": lazy_gettext("Picture"),
    "docx": lazy_gettext("Text document"),
    "xlsx": lazy_gettext("Spreadsheet"),
    "mp3": lazy_gettext("Sound"),
    "m4a": lazy_gettext("Sound"),
    "mp4": lazy_gettext("Film"),
}
_KILO, _MEGA = 1_000, 1_000_000
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
# Joiners between letters of Devanagari are spelling; anywhere else they only hide something.
_SPELLED = re.compile(r"(?<=[\u0900-\u097f])[\u200c\u200d]")


def media_word(media: str) -> str:
    return str(_MEDIA[ENDINGS[media]])


def size_word(size: int) -> str:
    if size < _MEGA:
        return str(gettext("%(n)s kB", n=max(1, round(size / _KILO))))
    return str(gettext("%(n)s MB", n=round(size / _MEGA, 1)))


def visible(name: str) -> str:
    """A name that a stranger chose, with what would not be seen, or would turn the rest around, written out."""
    spelled = {found.start() for found in _SPELLED.finditer(name)}
    return "".join(
        f"[U+{ord(letter):04X}]" if at not in spelled and unicodedata.category(letter) in _UNSEEN else letter
        for at, letter in enumerate(name)
    )
