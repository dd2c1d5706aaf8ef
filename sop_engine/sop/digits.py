"""Digits: Latin (0-9) and Devanagari (०-९). Numbers and dates have either; what is typed back has Latin ones.

Knows no page and no reader.
"""

import re

LATIN, DEVANAGARI = "0123456789", "०१२३४५६७८९"
_TO_LATIN = str.maketrans(DEVANAGARI, LATIN)
_TO_DEVANAGARI = str.maketrans(LATIN, DEVANAGARI)
# A run without spaces that holds a Latin letter is a code: NP-7K3F-92QX, MP4, A1, an address, a hash.
_RUN = re.compile(r"[A-Za-z0-9_./:@#?&=-]*[0-9][A-Za-z0-9_./:@#?&=-]*")
_LETTER = re.compile(r"[A-Za-z_@#]")


def latin(text: str) -> str:
    """A text with Latin digits, as the program reads numbers and dates."""
    return text.translate(_TO_LATIN)


def devanagari(text: str) -> str:
    """A text with Devanagari digits; codes, which hold Latin letters, keep theirs."""
    return _RUN.sub(lambda run: run[0] if _LETTER.search(run[0]) else run[0].translate(_TO_DEVANAGARI), text)
