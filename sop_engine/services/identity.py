"""By what a case is found: names, phones, handles and years of birth, and how like two of them are. Knows no database.

Likeness is counted in bits, as in record linkage (Fellegi and Sunter 1969): a rare name that agrees says more than a
common one, a year of birth that differs says the opposite.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from math import log2
from typing import Any

from sop_engine.services.spelling import covering, exact, glued, parts
from sop_engine.sop.digits import latin
from sop_engine.sop.facts import birth_span

FEWEST_DIGITS, DIGITS = 7, 8
MOST_COMPARED = 500
MOST_LETTERS = 500
# What agrees, best first: the order of a list, and the words that a page says.
REASONS = ("handle", "phone", "name", "sounds", "part", "birth")
PHONE_BITS, DAY_BITS, NEAR_BITS = 10.0, 11.0, 1.0
NAMES_APART, DAYS_APART, YEARS_APART, FAR_APART = -6.0, -2.0, -8.0, -20.0
# Most who come are born within so long of each other: what a date that agrees says depends on how vague it is.
SPREAD = timedelta(days=9_000)
NEAR, FAR = timedelta(days=730), timedelta(days=3_650)
# Two cases are told of each other from here on: measured with 2 000 invented people, 300 of them twice, and 20 000.
SURE = 4.0
# A register that is still small knows little of how common a name is: it begins as if it held so many other people.
OTHERS, HELD_BY = 200, 2
LIGHT = frozenset(part for name in ("Kumar", "Kumari", "Bahadur", "Prasad") for part in parts(name))
_SEVERAL = re.compile(r"[,;/\n|]|\bor\b|वा")


@dataclass(frozen=True, slots=True)
class Identity:
    """What one case says of a person: each name as its parts sound, all keys of names, names as they are written."""

    names: tuple[tuple[str, ...], ...] = ()
    keys: frozenset[str] = frozenset()
    written: frozenset[tuple[str, ...]] = frozenset()
    phones: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()
    births: tuple[tuple[date, date], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.keys or self.phones or self.handles or self.births)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like two identities are, in bits, and what agrees (`REASONS`)."""

    bits: float
    why: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, float]:
        """Where it stands in a list: by the best reason, then by the bits."""
        return (min(map(REASONS.index, self.why), default=len(REASONS)), -self.bits)


def identity_of(said: Iterable[tuple[str, Any]]) -> Identity:
    """The identity that some answers give, each with what a case is found by in it: name, phone, handle or birth."""
    texts: dict[str, list[str]] = {"name": [], "phone": [], "handle": [], "birth": []}
    for kind, value in said:
        if isinstance(value, str) and value.strip():
            texts[kind].append(value[:MOST_LETTERS])
    heard = [tuple(found) for text in texts["name"] if (found := parts(text))]
    return Identity(
        names=tuple(heard),
        keys=frozenset(key for name in heard for key in (*name, *glued(list(name)))),
        written=frozenset(words for text in texts["name"] if (words := exact(text))),
        phones=frozenset(phone for text in texts["phone"] for phone in phones(text)),
        handles=frozenset(tidy for text in texts["handle"] if (tidy := handle(text))),
        births=tuple(span for text in texts["birth"] if (span := _span(text)) is not None),
    )


def phones(text: str) -> Iterator[str]:
    """The last digits of each phone number in a text, in whatever digits; what is too short is none."""
    for one in _SEVERAL.split(text):
        digits = "".join(
            str(unicodedata.digit(letter)) for letter in one if unicodedata.digit(letter, None) is not None
        )
        if len(digits) >= FEWEST_DIGITS:
            yield digits[-DIGITS:]


def handle(text: str) -> str:
    """A token or other handle without case and spaces."""
    return "".join(letter for letter in latin(text).casefold() if letter.isalnum())


def _span(text: str) -> tuple[date, date] | None:
    try:
        return birth_span(text)
    except (ValueError, OverflowError):
        return None


@dataclass(slots=True)
class Register:
    """The identities of many cases in memory, found by buckets of equal keys: no search compares with all."""

    identities: dict[str, Identity] = field(default_factory=dict, repr=False)
    _buckets: dict[tuple[str, str], set[str]] = field(default_factory=dict, repr=False)

    def put(self, case_id: str, identity: Identity) -> None:
        self.drop(case_id)
        if identity:
            self.identities[case_id] = identity
            for bucket in _buckets_of(identity):
                self._buckets.setdefault(bucket, set()).add(case_id)

    def drop(self, case_id: str) -> None:
        for bucket in set(_buckets_of(self.identities.pop(case_id, Identity()))):
            there = self._buckets[bucket]
            there.discard(case_id)
            if not there:
                del self._buckets[bucket]

    def find(self, asked: Identity) -> list[tuple[str, Likeness]]:
        """The cases that may be about somebody, most like first."""
        likely = ((case_id, self.likeness(asked, self.identities[case_id])) for case_id in self._candidates(asked))
        found = [(case_id, likeness) for case_id, likeness in likely if set(likeness.why) - {"birth"}]
        return sorted(found, key=lambda one: (one[1].rank, one[0]))

    def _candidates(self, asked: Identity) -> set[str]:
        found = {case for phone in asked.phones for case in self._bucket("phone", phone)}
        found |= {case for word in asked.handles for case in self._bucket("handle", word)}
        for name in asked.names:
            for some in sorted(self._with_parts_of(name), key=len):
                if len(found) >= MOST_COMPARED:
                    break
                found.update(sorted(some)[: MOST_COMPARED - len(found)] if len(some) > MOST_COMPARED else some)
        return found

    def _with_parts_of(self, name: tuple[str, ...]) -> Iterator[set[str]]:
        """The cases that share two parts of a name, or the only part that one of them has."""
        pairs = glued(list(name))
        buckets = [
            self._bucket("key", part).union(*(self._bucket("key", pair) for pair in pairs[max(0, n - 1) : n + 1]))
            for n, part in enumerate(name)
        ]
        if len(buckets) == 1:
            yield buckets[0]
        yield from (one & other for one, other in combinations(buckets, 2))
        yield from (self._bucket("alone", key) for key in (*name, *pairs))

    def _bucket(self, kind: str, key: str) -> set[str]:
        return self._buckets.get((kind, key), set())

    def likeness(self, asked: Identity, there: Identity) -> Likeness:
        """How like two identities are, given how common names are here."""
        bits, why = 0.0, []
        if asked.handles & there.handles:
            why.append("handle")
        if asked.phones & there.phones:
            bits += PHONE_BITS
            why.append("phone")
        named = max((self._named(name, asked, there) for name in asked.names), default=(0.0, ""))
        bits += named[0]
        why += [named[1]] if named[1] else []
        born = _born(asked, there)
        bits += born
        why += ["birth"] if born > 0 else []
        return Likeness(bits, tuple(why))

    def _named(self, name: tuple[str, ...], asked: Identity, there: Identity) -> tuple[float, str]:
        """The bits of a name that agrees in whole or in part; what neither has of the other speaks against it."""
        shared = covering(list(name), there.keys)
        left = [part for part in name if part not in shared and part not in LIGHT]
        theirs = min((self._left(other, asked) for other in there.names), key=len, default=[])
        bits = sum(self.weight(part) for part in dict.fromkeys(shared))
        if not shared:
            return (NAMES_APART if there.names else 0.0), ""
        if left:
            return (bits + NAMES_APART if theirs else bits), "part"
        if asked.written & there.written:
            return bits, "name"
        return bits, "part" if theirs else "sounds"

    def _left(self, other: tuple[str, ...], asked: Identity) -> list[str]:
        shared = covering(list(other), asked.keys)
        return [part for part in other if part not in shared and part not in LIGHT]

    def weight(self, part: str) -> float:
        """How much a part of a name says, in bits: the rarer here, the more."""
        here = len(self._bucket("key", part))
        return log2((len(self.identities) + OTHERS) / (here + HELD_BY))

    def is_one(self, likeness: Likeness) -> bool:
        """Whether two cases are most likely about one person: never by the name alone, and never without it."""
        why = set(likeness.why)
        named, more = why & {"name", "sounds", "part"}, why & {"birth", "phone"}
        # So many bits anybody needs to be rather this person than another of all who are here.
        doubt = log2(len(self.identities) + OTHERS)
        return bool(named and more) and likeness.bits >= doubt + SURE


def _buckets_of(identity: Identity) -> Iterator[tuple[str, str]]:
    yield from (("key", key) for key in identity.keys)
    yield from (("alone", name[0]) for name in identity.names if len(name) == 1)
    yield from (("phone", phone) for phone in identity.phones)
    yield from (("handle", word) for word in identity.handles)


def _born(one: Identity, other: Identity) -> float:
    """What dates of birth say: the same day, the same time, near or apart; nothing where one of them has none."""
    return max((_dates(a, b) for a in one.births for b in other.births), default=0.0)


def _dates(one: tuple[date, date], other: tuple[date, date]) -> float:
    days = one[0] == one[1] and other[0] == other[1]
    gap = max(one[0] - other[1], other[0] - one[1])
    if days and gap == timedelta():
        return DAY_BITS
    if days and one[0].year == other[0].year:
        return DAYS_APART
    if gap <= timedelta():
        span = timedelta(days=1) + (one[1] - one[0]) + (timedelta() if one == other else other[1] - other[0])
        return max(NEAR_BITS, log2(SPREAD / span))
    return NEAR_BITS if gap <= NEAR else YEARS_APART if gap <= FAR else FAR_APART
