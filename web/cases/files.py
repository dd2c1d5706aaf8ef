"""How files are spoken of: what they are, how large, and what somebody called them."""

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


def media_word(media: str) -> str:
    return str(_MEDIA[ENDINGS[media]])


def size_word(size: int) -> str:
    if size < _MEGA:
        return str(gettext("%(n)s kB", n=max(1, round(size / _KILO))))
    return str(gettext("%(n)s MB", n=round(size / _MEGA, 1)))
