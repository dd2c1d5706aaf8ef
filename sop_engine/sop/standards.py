"""A standard for homes as its file says it: areas, criteria, weights, bands and every number that grading uses.

Knows how a standard is written and when it is broken; not how a home is rated or graded (`sop/score.py`).
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from sop_engine.sop.calendar import Duration
from sop_engine.sop.grammar import DURATION, NAME, NAMES, TEXT, YES_NO
from sop_engine.sop.language import Text
from sop_engine.sop.reading import (
    BROKEN,
    Key,
    Kind,
    ListOf,
    MapOf,
    Notes,
    OneWord,
    Record,
    TextKind,
    Word,
    place_of,
)
from sop_engine.sop.source import BrokenSop, Node, Place, parse, read_text

SCALE = ("met", "partly", "not_met")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a criterion comes from: `kind` is law, guideline or text.

    `sure` is yes once somebody has read that the source says so.
    """

    kind: str
    reference: str
    sure: bool = False

    def __str__(self) -> str:
        return self.reference


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that must be so in a home; `how` names the kinds of evidence that can show it."""

    text: Text
    critical: bool
    weight: int
    how: tuple[Word, ...]
    sources: tuple[Origin, ...]
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Area:
    """A group of criteria with one score; its own weight counts among the areas, not its criteria's."""

    title: Text
    criteria: Mapping[str, Criterion]
    weight: int = 1
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Veto:
    """A rule that caps the grade: a number of critical criteria with one rating, or danger."""

    cap: Word
    why: Text
    critical: Word | None = None
    at_least: int = 1
    danger: bool = False
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class NaReason:
    """Why a criterion may not apply; where `for_` names areas or criteria, it excuses only those."""

    reason: Word
    title: Text
    for_: tuple[Word, ...] = ()
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many children's files or talks are drawn: a share of all, no fewer than `least`, no more than `most`."""

    least: int
    share: Fraction
    most: int
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class AgreementLimits:
    """Under which agreement a pair of inspectors or a criterion is looked at, and when a visit is repeated blind."""

    pair_least: Fraction
    over_visits: int
    criterion_least: Fraction
    blind_visit_every: int
    blind_visit_within: Duration


@dataclass(frozen=True, slots=True)
class VisitRate:
    """From which risk on how many visits a year are paid, and how many of them unannounced."""

    risk_from: int
    visits: int
    unannounced: int
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Standard:
    """A whole standard as its file says it; `bands` and `ratings` stand from the best to the worst."""

    standard: Word
    title: Text
    version: Word
    standing: Word
    evidence: Mapping[str, Text]
    areas: Mapping[str, Area]
    ratings: Mapping[str, Fraction]
    bands: Mapping[str, Fraction]
    veto: tuple[Veto, ...]
    coverage_least: Fraction
    na_reasons: tuple[NaReason, ...]
    confidence: Mapping[str, int]
    major_under: Fraction
    sampling: Sampling
    agreement: AgreementLimits
    interval: Fraction
    risk: Mapping[str, int]
    visits: tuple[VisitRate, ...]
    low_risk_draw: Fraction
    place: Place = Place(1, 1)

    def criteria(self) -> dict[str, Criterion]:
        """Every criterion by its code, in the order of the file."""
        return {str(code): said for area in self.areas.values() for code, said in area.criteria.items()}

    def area_of(self, code: str) -> str:
        """The area in which a criterion stands; raises KeyError for a code that is not in this standard."""
        for name, area in self.areas.items():
            if code in area.criteria:
                return str(name)
        raise KeyError(code)

    def na_reason(self, reason: str) -> NaReason | None:
        return next((known for known in self.na_reasons if known.reason == reason), None)


def load_standard(path: Path) -> Standard:
    """Load a standard from its file; raises BrokenSop with every mistake."""
    return load_standard_text(read_text(path), str(path))


def load_standard_text(text: str, file: str) -> Standard:
    """Read and check one standard; raises BrokenSop with every mistake, each with its line and column."""
    node, mistakes = parse(text, file)
    notes = Notes(file, list(mistakes))
    standard = STANDARD.read(node, notes)
    if standard is BROKEN:
        raise BrokenSop(notes.mistakes)
    assert isinstance(standard, Standard)
    _check_evidence(standard, notes)
    _check_vetoes(standard, notes)
    _check_na_reasons(standard, notes)
    _check_numbers(standard, notes)
    if notes.mistakes:
        raise BrokenSop(notes.mistakes)
    return standard


@dataclass(frozen=True, slots=True)
class _Codes:
    """A map from codes of a fixed shape, such as A or A1, to values of one kind."""

    of: Kind
    code: re.Pattern[str]
    wanted: str

    def read(self, node: Node, notes: Notes) -> Any:
        if node.entries == {}:
            return notes.mistake(node.place, f"nothing stands here: write at least one entry, named by {self.wanted}")
        for code, (place, _) in (node.entries or {}).items():
            if not self.code.match(code):
                notes.mistake(place, f"'{code}' is no code: write {self.wanted}")
        known = {code: entry for code, entry in (node.entries or {}).items() if self.code.match(code)}
        entries = known if node.entries is not None else None
        return MapOf(self.of, self.code).read(Node(node.place, node.text, node.items, entries, node.quoted), notes)

    def schema(self) -> dict[str, Any]:
        return MapOf(self.of, self.code).schema()


@dataclass(frozen=True, slots=True)
class _Areas:
    """The areas; a criterion stands once, in the area whose letter it begins with."""

    of: Kind

    def read(self, node: Node, notes: Notes) -> Any:
        areas = self.of.read(node, notes)
        if areas is BROKEN:
            return BROKEN
        first: dict[str, Word] = {}
        for name, area in areas.items():
            for code in area.criteria:
                if code in first:
                    line = first[code].place.line
                    notes.mistake(code.place, f"the criterion {code} is written twice, first in line {line}: keep one")
                elif code[0] != name:
                    notes.mistake(code.place, f"the criterion {code} stands in area {name}: move it or rename it")
                first.setdefault(str(code), code)
        return areas

    def schema(self) -> dict[str, Any]:
        return self.of.schema()


@dataclass(frozen=True, slots=True)
class _Descending:
    """A map whose shares fall from entry to entry, down to 0; `names`, where given, are exactly its keys."""

    of: Kind
    names: tuple[str, ...] = ()

    def read(self, node: Node, notes: Notes) -> Any:
        before = len(notes.mistakes)
        values = self.of.read(node, notes)
        if len(notes.mistakes) > before:
            return BROKEN
        for name in self.names:
            if name not in (node.entries or {}):
                notes.mistake(node.place, f"'{name}' is missing here")
        named = list(values.items())
        for (above, high), (below, low) in itertools.pairwise(named):
            if low >= high:
                notes.mistake(below.place, f"{below} ({low}) is not under {above} ({high}): order from best to worst")
        last, edge = named[-1]
        if edge != 0:
            notes.mistake(last.place, f"{last} ({edge}) is the last and must be 0, or the lowest scores have none")
        return values

    def schema(self) -> dict[str, Any]:
        return self.of.schema()


class _Origins:
    """A text, `{law: INSTRUMENT/ARTICLE, sure: yes|no}` or `{guideline: INSTRUMENT/PART, sure: yes|no}`."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text:
            return Origin("text", " ".join(node.text.split()))
        kinds = [key for key in node.entries or {} if key in ("law", "guideline")]
        if node.entries is None or len(kinds) != 1:
            return notes.mistake(node.place, "write a text, {law: INSTRUMENT/ARTICLE} or {guideline: INSTRUMENT/PART}")
        kind = kinds[0]
        keys = {kind: Key(TextKind("an instrument"), required=True, called="reference"), "sure": Key(YES_NO)}
        return Record(Origin, keys, fixed={"kind": kind}).read(node, notes)

    def schema(self) -> dict[str, Any]:
        names = {"law": {"type": "string"}, "guideline": {"type": "string"}, "sure": YES_NO.schema()}
        record = {"type": "object", "properties": names, "additionalProperties": False}
        return {"anyOf": [{"type": "string"}, record]}


@dataclass(frozen=True, slots=True)
class _VetoKind:
    """A veto: for critical criteria or for danger."""

    of: Kind

    def read(self, node: Node, notes: Notes) -> Any:
        said = {key: child.text for key, (_, child) in (node.entries or {}).items()}
        if node.entries is not None and ("critical" in said) == (said.get("danger", "no") != "no"):
            return notes.mistake(node.place, "a veto needs 'critical' or 'danger: yes', and not both")
        return self.of.read(node, notes)

    def schema(self) -> dict[str, Any]:
        return self.of.schema()


def _share(text: str) -> Fraction:
    if re.fullmatch(r"[0-9]{1,6}(/[0-9]{1,6}|\.[0-9]{1,6})?", text) and not re.search(r"/0+$", text):
        share = Fraction(text)
        if share <= 1:
            return share
    raise ValueError(f"'{text}' is no share: write a fraction or decimal from 0 to 1, such as 3/4 or 0.75")


def _weight(text: str) -> int:
    if text in ("1", "2", "3"):
        return int(text)
    raise ValueError(f"'{text}' is no weight: write 1, 2 or 3")


def _count(text: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,4}", text):
        return int(text)
    raise ValueError(f"'{text}' is no number of at least 1")


def _none_or_more(text: str) -> int:
    return 0 if text == "0" else _count(text)


def _check_evidence(standard: Standard, notes: Notes) -> None:
    for code, criterion in standard.criteria().items():
        for kind in criterion.how:
            if kind not in standard.evidence:
                known = ", ".join(standard.evidence)
                notes.mistake(kind.place, f"{code}: '{kind}' is no kind of evidence: it may be {known}")


def _check_vetoes(standard: Standard, notes: Notes) -> None:
    for veto in standard.veto:
        if veto.cap not in standard.bands:
            notes.mistake(veto.cap.place, f"'{veto.cap}' is no band: it may be {', '.join(standard.bands)}")


def _check_na_reasons(standard: Standard, notes: Notes) -> None:
    known = {*standard.criteria(), *standard.areas}
    first: dict[str, Word] = {}
    for said in standard.na_reasons:
        if said.reason in first:
            line = first[said.reason].place.line
            notes.mistake(said.reason.place, f"'{said.reason}' is written twice, first in line {line}: keep one")
        first.setdefault(str(said.reason), said.reason)
        for code in said.for_:
            if code not in known and not notes.broken_names & {code, code[:1]}:
                notes.mistake(code.place, f"'{code}' is no area and no criterion of this standard")


def _check_numbers(standard: Standard, notes: Notes) -> None:
    if standard.sampling.least > standard.sampling.most:
        notes.mistake(standard.sampling.place, "'least' is more than 'most'")
    total = sum(standard.risk.values())
    if total != 100:
        notes.mistake(
            place_of(next(iter(standard.risk), "")), f"the parts of the risk make {total}: they must make 100"
        )
    floors = [rate.risk_from for rate in standard.visits]
    if floors != sorted(set(floors), reverse=True) or floors[-1] != 0:
        notes.mistake(standard.visits[0].place, "'risk_from' must fall from entry to entry, down to 0")
    for rate in standard.visits:
        if rate.unannounced > rate.visits:
            notes.mistake(rate.place, "more visits are unannounced than there are visits")


_SHARE: Kind = TextKind("a share from 0 to 1, such as 3/4", _share)
_WEIGHT: Kind = TextKind("a weight of 1, 2 or 3", _weight)
_COUNT: Kind = TextKind("a number of at least 1", _count)
_NONE_OR_MORE: Kind = TextKind("a whole number", _none_or_more)
_SCALE_WORD = re.compile(f"^({'|'.join(SCALE)})$")
_LETTER = re.compile(r"^[A-Z]$")

CRITERION: Kind = Record(
    Criterion,
    {
        "text": Key(TEXT, required=True),
        "critical": Key(YES_NO, required=True),
        "weight": Key(_WEIGHT, required=True),
        "how": Key(NAMES, required=True),
        "sources": Key(ListOf(_Origins()), required=True),
    },
)
AREA: Kind = Record(
    Area,
    {
        "title": Key(TEXT, required=True),
        "weight": Key(_COUNT),
        "criteria": Key(_Codes(CRITERION, re.compile(r"^[A-Z][1-9][0-9]?$"), "a letter and a number, as A1"), True),
    },
)
VETO: Kind = Record(
    Veto,
    {
        "critical": Key(OneWord(SCALE)),
        "at_least": Key(_COUNT),
        "danger": Key(YES_NO),
        "cap": Key(NAME, required=True),
        "why": Key(TEXT, required=True),
    },
)
NA_REASON: Kind = Record(
    NaReason,
    {"reason": Key(NAME, required=True), "title": Key(TEXT, required=True), "for": Key(NAMES, called="for_")},
)
SAMPLING: Kind = Record(Sampling, {"least": Key(_COUNT, True), "share": Key(_SHARE, True), "most": Key(_COUNT, True)})
AGREEMENT: Kind = Record(
    AgreementLimits,
    {
        "pair_least": Key(_SHARE, required=True),
        "over_visits": Key(_COUNT, required=True),
        "criterion_least": Key(_SHARE, required=True),
        "blind_visit_every": Key(_COUNT, required=True),
        "blind_visit_within": Key(DURATION, required=True),
    },
)
VISIT_RATE: Kind = Record(
    VisitRate,
    {"risk_from": Key(_NONE_OR_MORE, True), "visits": Key(_COUNT, True), "unannounced": Key(_NONE_OR_MORE, True)},
)
STANDARD: Kind = Record(
    Standard,
    {
        "standard": Key(NAME, required=True),
        "title": Key(TEXT, required=True),
        "version": Key(NAME, required=True),
        "standing": Key(OneWord(("model draft", "official")), required=True),
        "evidence": Key(_Codes(TEXT, _LETTER, "one capital letter"), required=True),
        "areas": Key(_Areas(_Codes(AREA, _LETTER, "one capital letter")), required=True),
        "ratings": Key(_Descending(_Codes(_SHARE, _SCALE_WORD, ", ".join(SCALE)), SCALE), required=True),
        "bands": Key(_Descending(_Codes(_SHARE, _LETTER, "one capital letter")), required=True),
        "veto": Key(ListOf(_VetoKind(VETO), single=False), required=True),
        "coverage_least": Key(_SHARE, required=True),
        "na_reasons": Key(ListOf(NA_REASON, single=False), required=True),
        "confidence": Key(MapOf(_COUNT), required=True),
        "major_under": Key(_SHARE, required=True),
        "sampling": Key(SAMPLING, required=True),
        "agreement": Key(AGREEMENT, required=True),
        "interval": Key(_SHARE, required=True),
        "risk": Key(MapOf(_COUNT), required=True),
        "visits": Key(ListOf(VISIT_RATE, single=False), required=True),
        "low_risk_draw": Key(_SHARE, required=True),
    },
)
