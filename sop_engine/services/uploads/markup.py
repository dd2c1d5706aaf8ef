"""XML inside office files: read in whatever encoding it has, so that nothing hides in one that we do not search."""

import re
from xml.parsers import expat

from sop_engine.services.uploads.refused import Refused

MOST_DEPTH = 200
# Drawings of old programs (.vml) are often no proper XML; what stands before the fault in them is looked at.
_NAMED = re.compile(r"\.(xml|rels)$", re.IGNORECASE)
# Codes of fields and formulas that start a program, or load something when the file is opened.
_ACTS = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT)\b|\b(WEBSERVICE|RTD|CALL|EXEC)\s*\(|\w\s*\|\s*'", re.IGNORECASE
)
_CODES = frozenset({"instrText", "delInstrText", "f", "definedName"})
_LINKS = frozenset({"ddeLink", "oleLink", "altChunk"})


def screen(name: str, part: bytes) -> None:
    """Raises Refused for a part with a DOCTYPE or a code that acts, and for XML that is none or is nested too deep."""
    reading = _Reading()
    try:
        reading.parser.Parse(part, True)
    except (expat.ExpatError, ValueError, LookupError):
        # What is not called XML may be anything, such as a picture.
        if _NAMED.search(name):
            raise Refused("broken") from None
    if _ACTS.search("".join(reading.codes)):
        raise Refused("active")


class _Reading:
    """One part while it is read: how deep we are, and the codes so far; a code may be cut into pieces."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self._depth = 0
        self._listens = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._begins
        self.parser.EndElementHandler = self._ends
        self.parser.CharacterDataHandler = self._says

    def _doctype(self, *_: object) -> None:
        raise Refused("active")

    def _begins(self, name: str, told: dict[str, str]) -> None:
        local, self._depth = name.rpartition(":")[2], self._depth + 1
        if local in _LINKS:
            raise Refused("active")
        if self._depth > MOST_DEPTH:
            raise Refused("bomb")
        self.codes += [f" {value}" for key, value in told.items() if local == "fldSimple" and key.endswith("instr")]
        self._listens = local in _CODES

    def _ends(self, name: str) -> None:
        self._depth -= 1
        self._listens = False

    def _says(self, text: str) -> None:
        if self._listens:
            self.codes.append(text)
