"""How a Nepali name sounds, however it is written: Devanagari and the Latin spellings that people use meet in one key.

Knows no case and no database. What offices mix up is folded together (sh and s; v, b and w; i and ee; aspirates; a
vowel that is not spoken), what tells names apart is kept (the other vowels, and the `a` at the end that parts Ram from
Rama). Measured by tests/services/test_spelling.py on pairs that were written before the rules.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

MOST_LETTERS = 200
MOST_PARTS = 12


def _table(pairs: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in pairs.split())


_CONSONANTS = _table(
    "क=k ख=kh ग=g घ=gh ङ=ng च=ch छ=ch ज=j झ=jh ञ=n ट=t ठ=th ड=d ढ=dh ण=n त=t थ=th द=d ध=dh न=n प=p फ=ph ब=b "
    "भ=bh म=m य=y र=r ल=l ळ=l व=v श=s ष=s स=s ह=h"
)
_VOWELS = _table("अ=a आ=a इ=i ई=i उ=u ऊ=u ऋ=ri ए=e ऐ=ai ओ=o औ=au ऑ=o")
_SIGNS = _table("ा=a ि=i ी=i ु=u ू=u ृ=ri े=e ै=ai ो=o ौ=au ॉ=o")
_INITIALS = re.compile(r"(?<![\w\u093a-\u094f])(\w[\u093a-\u094f]?)\.\s?(?=\w[\u093a-\u094f]?(?:\.|\s|$))")
_VIRAMA, _ANUSVARA = "्", "ं"
# How offices shorten the commonest parts of names; K.C. and its like are names of their own.
_SHORT = {"bdr": "bahadur", "bd": "bahadur", "pd": "prasad", "prd": "prasad", "kr": "kumar", "md": "mohammad"}
_SHORT |= {"bk": "bishwokarma", "bik": "bishwokarma", "vik": "bishwokarma"}
# In this order; each folds what is heard as one, after Devanagari has been written in Latin letters.
_FOLDS = [
    (re.compile(pattern), by)
    for pattern, by in (
        (r"aa+", "a"), (r"ee+|ii+", "i"), (r"oo+|uu+", "u"), (r"[vw]o", "wa"), (r"ksh?y?|kchh?y?|x", "ks"),
        (r"^ks", "ch"), (r"jn|gn", "gy"), (r"tsh?|chh?", "c"), (r"sh", "s"),
        (r"au(?=[^aeiou]|$)|ou|[ao]w(?=[^aeiou])", "O"), (r"n[wv]", "b"), (r"[vw]", "b"), (r"ph|f", "p"),
        (r"([kgjdtb])h", r"\1"), (r"^lh", "l"), (r"nh$", "ng"), (r"z", "j"), (r"q|ck", "k"),
        (r"([^aeiou])\1$", r"\1a"), (r"(.)\1+", r"\1"), (r"n(?=[pb])", "m"), (r"eu", "yO"), (r"ey$", "e"),
        (r"(?<=[aiu])([by])$", r"\1a"), (r"iy(?=[aeiou])", "i"), (r"(?<=[^aeiouOE])y$", "i"), (r"ai", "E"),
        (r"Ey", "E"), (r"oy$", "oi"), (r"(?<=[^aeiouOE])ya(?=[^aeiouOE])", "e"),
        (r"(?<=[^aeiouOE])([^aeiouOEng]|(?<!n)g|(?<!^)n)$", r"\1a"), (r"(?<=[aeiouOE])(.*?)o", r"\1a"),
        (r"(?<=[aeiouOE])(.*?)o", r"\1a"), (r"(?<=.)a(?=.)", ""), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """The key of one part of a name, such as `sita` for सीता, Seeta and Sita; empty where nothing is to be heard."""
    text = _latin(word)
    text = _SHORT.get(text, text)
    for pattern, by in _FOLDS:
        text = pattern.sub(by, text)
    return text


def parts(name: str) -> list[str]:
    """The parts of a name as they sound, in their order. Initials keep their letter; what is no letter parts words."""
    tidy = unicodedata.normalize("NFC", name[: MOST_LETTERS * 4]).casefold()
    tidy = _INITIALS.sub(r"\1", tidy)
    words = _words(tidy[:MOST_LETTERS])
    return [heard for word in words[:MOST_PARTS] if (heard := sound(word))]


def forget() -> None:
    """Forget which words were heard lately."""
    sound.cache_clear()


def _words(text: str) -> list[str]:
    """Words of letters and their signs; marks that cannot be seen are left out, everything else parts."""
    seen = "".join(letter for letter in text if not unicodedata.category(letter).startswith("C"))
    kept = "".join(letter if unicodedata.category(letter)[0] in "LM" or letter in "'’" else " " for letter in seen)
    return kept.replace("'", "").replace("’", "").split()


def exact(name: str) -> tuple[str, ...]:
    """The words of a name as they are written, without case and order: two that are equal are written alike."""
    return tuple(sorted(_words(unicodedata.normalize("NFC", name[: MOST_LETTERS * 4]).casefold()[:MOST_LETTERS])))


def glued(heard: list[str]) -> list[str]:
    """Two parts that stand side by side, heard as one: Dhan Maya is Dhanmaya."""
    return [re.sub(r"(.)\1+", r"\1", one.removesuffix("a") + other) for one, other in pairwise(heard)]


def alike(one: str, other: str) -> bool:
    """Whether two names sound alike in all their parts, in whatever order, with or without spaces."""
    first, second = parts(one), parts(other)
    return bool(first) and (_covered(first, second) and _covered(second, first))


def _covered(these: list[str], those: list[str]) -> bool:
    return len(covering(these, {*those, *glued(those)})) == len(these)


def covering(heard: list[str], keys: set[str] | frozenset[str]) -> list[str]:
    """The parts of a name that are among some keys, alone or together with a neighbour."""
    found = [part in keys for part in heard]
    for place, pair in enumerate(glued(heard)):
        if pair in keys:
            found[place] = found[place + 1] = True
    return [part for part, there in zip(heard, found, strict=True) if there]


def _latin(word: str) -> str:
    """Devanagari in Latin letters, as it is spoken; Latin letters without their marks."""
    out: list[str] = []
    for place, letter in enumerate(word):
        if letter in _CONSONANTS:
            out.append(_written(word, place, letter))
        elif letter in _VOWELS or letter in _SIGNS:
            out.append(_VOWELS.get(letter) or _SIGNS[letter])
        elif letter == _ANUSVARA:
            out.append("n")
        elif letter == "ॐ":
            out.append("om")
        elif not unicodedata.combining(letter) and letter != "ँ":
            out.append(letter)
    plain = unicodedata.normalize("NFD", "".join(out))
    return "".join(letter for letter in plain if letter.isalpha() and not unicodedata.combining(letter))


def _written(word: str, place: int, letter: str) -> str:
    """A consonant with the vowel that is spoken after it although nothing says so.

    None at the end of a word, unless two consonants stand there together.
    """
    after = word[place + 1] if place + 1 < len(word) else ""
    if letter == "ज" and word[place + 1 : place + 3] == "्ञ":
        return "g"
    if letter == "ञ" and word[place - 2 : place] == "ज्":
        return "y" if after in _SIGNS or after == _VIRAMA else "ya"
    spoken = _CONSONANTS[letter]
    silent = after in _SIGNS or after == _VIRAMA or (after == "" and word[place - 1 : place] != _VIRAMA)
    return spoken if silent else spoken + "a"
