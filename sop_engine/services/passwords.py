"""Which passwords are taken: long ones that nobody guesses first. No rule asks for capitals, digits or signs."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from sop_engine.case.refusal import Refusal, refuse

SHORTEST, LONGEST = 12, 500
# So many letters must be left of a password when all that is tried first is taken out of it.
LEFT = 5
_COMMON = re.findall(
    r"\w+",
    """password passwort passphrase secret letmein welcome admin administrator login user test guest default changeme
    iloveyou iloveu loveyou love dragon monkey football cricket sunshine princess master superman batman shadow ninja
    flower freedom whatever trustno starwars computer internet samsung google facebook michael jordan charlie hello
    summer winter spring autumn january february march april june july august september october november december
    monday friday sunday nepal nepali kathmandu pokhara lalitpur bhaktapur biratnagar everest himalaya namaste namaskar
    mero timro maya buddha krishna ganesh shiva police prahari office sarkar rescue shelter project india case""",
)
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "qazwsxedcrfvtgb",
    "1q2w3e4r5t",
)
_SHORTEST_RUN = 3
_LOOKS_LIKE = str.maketrans("@4301!5$7", "aaeolisst")


_SPOKEN = "abcdefghjkmnpqrstuvwxyz23456789"


def random_password() -> str:
    """A random password of 59 bits that can be read aloud."""
    return "-".join("".join(secrets.choice(_SPOKEN) for _ in range(4)) for _ in range(3))


def weak(password: str, names: Iterable[str] = ()) -> Refusal | None:
    """Why a password is not taken; `names` are those of whoever will have it."""
    plain = unicodedata.normalize("NFC", password)
    if len(plain) < SHORTEST:
        return refuse(
            "short",
            f"The password is too short: {SHORTEST} letters or more, several words are best",
            f"पासवर्ड छोटो भयो: {SHORTEST} वा बढी अक्षर, केही शब्द राम्रो हुन्छ",
        )
    if len(plain) > LONGEST:
        return refuse("long", f"A password has at most {LONGEST} letters", f"पासवर्डमा बढीमा {LONGEST} अक्षर हुन्छन्")
    if _left(plain.casefold(), names) < LEFT or _is_common(plain.casefold()):
        return refuse(
            "common",
            "This password is one of the first that are tried: take several words that do not belong together",
            "यो पासवर्ड सबैभन्दा पहिले अनुमान गरिने मध्येको हो: एकआपसमा नमिल्ने केही शब्द लिनुहोस्",
        )
    return None


def _is_common(plain: str) -> bool:
    """Whether it is one of the thirty thousand commonest, or one of them twice, or with digits and signs around it."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    half = len(core) // 2
    return any(one in _commonest() for one in (plain, core, core[:half] if core == core[:half] * 2 else core))


@cache
def _commonest() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


def _left(plain: str, names: Iterable[str]) -> int:
    """How many different letters are left when words, runs, years and names that are tried first are taken out."""
    own = [part for name in names for part in re.split(r"\W+", name.casefold()) if len(part) >= _SHORTEST_RUN]
    words = sorted({*_COMMON, *own}, key=len, reverse=True)
    return min(len(set(_without(spelled, words))) for spelled in (plain, plain.translate(_LOOKS_LIKE)))


def _without(plain: str, words: Iterable[str]) -> str:
    for word in words:
        plain = plain.replace(word, "")
    for run in _RUNS:
        for length in range(len(run), _SHORTEST_RUN - 1, -1):
            for place in range(len(run) - length + 1):
                piece = run[place : place + length]
                plain = plain.replace(piece, "").replace(piece[::-1], "")
    return re.sub(r"(19|20)\d\d|\W|_", "", plain)
