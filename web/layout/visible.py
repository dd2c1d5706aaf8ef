"""What a stranger wrote, with what would not be seen, or would turn the rest around, written out."""

import re
import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
# Joiners between letters of Devanagari are spelling; anywhere else they only hide something.
_SPELLED = re.compile(r"(?<=[\u0900-\u097f])[\u200c\u200d]")


def visible(name: str) -> str:
    """A name: every letter that is not seen stands as its number, such as `[U+202E]`."""
    spelled = {found.start() for found in _SPELLED.finditer(name)}
    return "".join(
        f"[U+{ord(letter):04X}]" if at not in spelled and unicodedata.category(letter) in _UNSEEN else letter
        for at, letter in enumerate(name)
    )


def visible_text(text: str) -> str:
    """A text of several lines, each as `visible`."""
    return "\n".join("\t".join(visible(part) for part in line.split("\t")) for line in re.split(r"\r?\n", text))
