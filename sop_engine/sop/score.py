"""The grade of a home from its ratings by a standard, in exact fractions; findings, agreement and the draw. Pure.

Every number comes from the standard. What was not seen counts as nothing: neither as met nor as zero.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sop_engine.sop.language import Field, Text
from sop_engine.sop.reading import Word
from sop_engine.sop.source import Place
from sop_engine.sop.standards import SCALE, Criterion, Sampling, Standard, Veto

MARKS = (*SCALE, "na", "not_seen")
MAKERS = ("grade", "score", "findings")
PRIORITIES = ("P0", "P1", "P2", "P3")
NO_GRADE = "none"
MARK_TITLES = {
    "met": Text("Met", "पूरा"),
    "partly": Text("Partly", "आंशिक"),
    "not_met": Text("Not met", "पूरा छैन"),
    "na": Text("Does not apply", "लागू हुँदैन"),
    "not_seen": Text("Not seen", "हेरिएन"),
}


@dataclass(frozen=True, slots=True)
class Rating:
    """What was found for one criterion: a mark, for `na` its reason, and the kinds of evidence behind it."""

    mark: str
    reason: str | None = None
    evidence: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cap:
    """A veto that holds, and the criteria for which it does."""

    veto: Veto
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ungraded:
    """Why no grade is given. Codes: nothing_rated, coverage, critical_not_seen."""

    code: str
    say: Text
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A home's result.

    `share` is the uncapped score from 0 to 1; `uncapped` and `grade` are bands, None where `ungraded` says why.
    `caps` are all vetoes that hold, strictest first, also where no grade is given or it is no better anyway.
    An area with nothing rated has None.
    """

    areas: Mapping[str, Fraction | None]
    share: Fraction | None
    coverage: Fraction | None
    uncapped: str | None
    grade: str | None
    caps: tuple[Cap, ...]
    ungraded: tuple[Ungraded, ...]
    open_critical: tuple[str, ...]

    @property
    def capped(self) -> bool:
        return self.grade != self.uncapped


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: P0 is of the home, P2 of an area with all that lacks in it, P1 and P3 of one criterion."""

    priority: str
    area: str | None
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two raters agree over the `pairs` of criteria that both placed on the scale.

    `apart` are criteria that only one of them placed there. A figure is None where it is not defined.
    """

    pairs: int
    apart: tuple[str, ...]
    raw: Fraction | None
    kappa: Fraction | None
    ac2: Fraction | None


def rating_columns(standard: Standard) -> dict[str, Field]:
    """The columns of a list that is rated by a standard: one row for each criterion."""
    here = Place(1, 1)

    def words(names: Iterable[str]) -> tuple[Word, ...]:
        return tuple(Word(str(name), here) for name in names)

    choice, several = Word("choice", here), Word("several", here)
    reasons = {str(known.reason): known.title for known in standard.na_reasons}
    return {
        "code": Field(choice, Text("Criterion", "मापदण्ड"), of=words(standard.criteria()), open=True),
        "rating": Field(choice, Text("Rating", "मूल्याङ्कन"), of=words(MARKS), labels=MARK_TITLES, open=True),
        "evidence": Field(
            several, Text("Evidence", "प्रमाण"), of=words(standard.evidence), labels=standard.evidence, open=True
        ),
        "reason": Field(choice, Text("Why not", "किन लागू हुँदैन"), of=words(reasons), labels=reasons, open=True),
        "note": Field(Word("long_text", here), Text("Note", "टिप्पणी"), class_=Word("story", here)),
    }


def ratings_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Rating]:
    """The ratings that rows of a list say, by criterion."""
    return {
        str(row["code"]): Rating(str(row["rating"]), row.get("reason"), frozenset(row.get("evidence", ())))
        for row in rows
        if "code" in row and "rating" in row
    }


def made(
    maker: str, standard: Standard, rows: Iterable[Mapping[str, Any]], danger: bool, value: str | None
) -> str | int:
    """The result of a maker of the language: the grade, the score in whole percent, or how many findings.

    Without enough ratings the grade is `none`; the score of a home of which nothing was rated is 0.
    """
    ratings = ratings_of(rows)
    if maker == "findings":
        return sum(value in (None, finding.priority) for finding in findings(standard, ratings, danger))
    found = score(standard, ratings, danger)
    if maker == "grade":
        return found.grade.lower() if found.grade is not None else NO_GRADE
    return math.floor(100 * found.share) if found.share is not None else 0


def faults(standard: Standard, ratings: Mapping[str, Rating]) -> tuple[Text, ...]:
    """What makes ratings unusable under a standard, a sentence each; empty where they can be scored."""
    known = standard.criteria()
    found = (_fault(standard, known, code, ratings[code]) for code in sorted(ratings))
    return tuple(fault for fault in found if fault is not None)


def score(standard: Standard, ratings: Mapping[str, Rating], danger: bool) -> Score:
    """Grade a home. A criterion without a rating is not seen. Raises ValueError where `faults` finds any."""
    marks = _marks(standard, ratings)
    areas = {str(name): _mean_worth(standard, area.criteria, marks) for name, area in standard.areas.items()}
    share = _mean((standard.areas[name].weight, worth) for name, worth in areas.items() if worth is not None)
    criteria = standard.criteria()
    rated = sum(said.weight for code, said in criteria.items() if marks[code] in SCALE)
    applicable = sum(said.weight for code, said in criteria.items() if marks[code] != "na")
    ungraded = _ungraded(standard, marks, rated, applicable)
    caps = _caps(standard, marks, danger)
    uncapped = None if ungraded or share is None else _band(standard, share)
    return Score(
        areas=areas,
        share=share,
        coverage=Fraction(rated, applicable) if applicable else None,
        uncapped=uncapped,
        grade=None if uncapped is None else _worst(standard, [uncapped, *(str(cap.veto.cap) for cap in caps)]),
        caps=caps,
        ungraded=ungraded,
        open_critical=_critical(standard, marks, "not_met"),
    )


def findings(standard: Standard, ratings: Mapping[str, Rating], danger: bool = False) -> tuple[Finding, ...]:
    """The findings by priority: P0 for danger, P1 critical not met, P2 a weak area, P3 any other lack.

    A weak area takes up all that lacks in it; what is critical and not met stays a finding of its own as well.
    Raises ValueError where `faults` finds any.
    """
    marks = _marks(standard, ratings)
    found = [Finding("P0", None, ())] if danger else []
    for name, area in standard.areas.items():
        lacking = [str(code) for code in area.criteria if marks[code] in ("partly", "not_met")]
        urgent = [code for code in lacking if area.criteria[code].critical and marks[code] == "not_met"]
        found += [Finding("P1", str(name), (code,)) for code in urgent]
        worth = _mean_worth(standard, area.criteria, marks)
        if worth is not None and worth < standard.major_under:
            found.append(Finding("P2", str(name), tuple(lacking)))
        else:
            found += [Finding("P3", str(name), (code,)) for code in lacking if code not in urgent]
    return tuple(sorted(found, key=lambda finding: finding.priority))


def confidence(standard: Standard, rating: Rating) -> str | None:
    """How sure a rating is by the number of independent kinds of evidence; None without any, or where nothing is rated.

    An unknown kind of evidence does not count.
    """
    kinds = len(rating.evidence & set(standard.evidence))
    reached = [(least, name) for name, least in standard.confidence.items() if least <= kinds]
    return str(max(reached)[1]) if reached and rating.mark in SCALE else None


def agree(standard: Standard, one: Mapping[str, Rating], other: Mapping[str, Rating]) -> Agreement:
    """Agreement of two raters who rated apart: raw, quadratically weighted kappa and Gwet's AC2.

    With q ordered marks, weights w(k,l) = 1 - (k-l)^2 / (q-1)^2, shares p(k,l) of pairs and margins p(k+), p(+l):
    observed = sum w p(k,l); each coefficient is (observed - expected) / (1 - expected).

    - kappa: expected = sum w p(k+) p(+l). Source: J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968) 213-220.
      Not defined where both gave one and the same mark throughout.
    - AC2: expected = T / (q (q-1)) * sum m(k) (1 - m(k)), T the sum of all weights, m(k) = (p(k+) + p(+k)) / 2.
      Source: K. L. Gwet, "Handbook of Inter-Rater Reliability", 4th edition (2014).

    Raw is the share of pairs with the same mark. `na` and `not_seen` stand on no scale and make no pair.
    """
    first, second = _marks(standard, one), _marks(standard, other)
    scale = sorted(SCALE, key=lambda mark: standard.ratings[mark])
    both = [code for code in first if first[code] in SCALE and second[code] in SCALE]
    apart = tuple(code for code in first if (first[code] in SCALE) != (second[code] in SCALE))
    pairs = [(scale.index(first[code]), scale.index(second[code])) for code in both]
    if not pairs:
        return Agreement(0, apart, None, None, None)
    same = sum(mine == theirs for mine, theirs in pairs)
    return Agreement(len(pairs), apart, Fraction(same, len(pairs)), _kappa(pairs, len(scale)), _ac2(pairs, len(scale)))


def sample(n_children: int, seed: int | str, by: Sampling) -> tuple[int, ...]:
    """Which children of the register (counted from 1) are drawn; the same seed draws the same, on any machine.

    The places are ordered by the SHA-256 of "SEED:PLACE" and the first are taken, so anybody can draw again by hand.
    """
    if n_children < 0:
        raise ValueError("a home has no fewer than 0 children")
    size = min(n_children, by.most, max(by.least, math.ceil(by.share * n_children)))
    drawn = sorted(range(1, n_children + 1), key=lambda place: hashlib.sha256(f"{seed}:{place}".encode()).digest())
    return tuple(sorted(drawn[:size]))


def _fault(standard: Standard, criteria: Mapping[str, Criterion], code: str, rating: Rating) -> Text | None:
    if code not in criteria:
        return Text(f"{code} is no criterion of {standard.version}", f"{code} {standard.version} को मापदण्ड होइन")
    if rating.mark not in MARKS:
        return Text(f"{code}: '{rating.mark}' is no rating", f"{code}: '{rating.mark}' मूल्याङ्कन होइन")
    if rating.mark != "na":
        return None
    known = standard.na_reason(rating.reason or "")
    if known is None:
        return Text(f"{code}: na needs a reason of the list", f"{code}: लागू नहुनुको सूचीमा भएको कारण चाहिन्छ")
    if known.for_ and code not in known.for_ and standard.area_of(code) not in known.for_:
        return Text(
            f"{code}: '{known.title.en}' is no reason for this criterion",
            f"{code}: '{known.title.in_language('ne')}' यो मापदण्डका लागि कारण होइन",
        )
    return None


def _marks(standard: Standard, ratings: Mapping[str, Rating]) -> dict[str, str]:
    """The mark of every criterion; not_seen where there is no rating."""
    found = faults(standard, ratings)
    if found:
        raise ValueError("; ".join(fault.en for fault in found))
    return {code: ratings[code].mark if code in ratings else "not_seen" for code in standard.criteria()}


def _mean(weighed: Iterable[tuple[int, Fraction]]) -> Fraction | None:
    listed = list(weighed)
    weights = sum(weight for weight, _ in listed)
    return sum((weight * worth for weight, worth in listed), Fraction(0)) / weights if weights else None


def _mean_worth(standard: Standard, criteria: Mapping[str, Criterion], marks: Mapping[str, str]) -> Fraction | None:
    worths = standard.ratings
    return _mean((said.weight, worths[marks[code]]) for code, said in criteria.items() if marks[code] in SCALE)


def _band(standard: Standard, share: Fraction) -> str:
    return next(str(name) for name, edge in standard.bands.items() if share >= edge)


def _worst(standard: Standard, bands: list[str]) -> str:
    return max(bands, key=list(standard.bands).index)


def _critical(standard: Standard, marks: Mapping[str, str], mark: str) -> tuple[str, ...]:
    return tuple(code for code, said in standard.criteria().items() if said.critical and marks[code] == mark)


def _caps(standard: Standard, marks: Mapping[str, str], danger: bool) -> tuple[Cap, ...]:
    caps = []
    for veto in standard.veto:
        hit = _critical(standard, marks, veto.critical) if veto.critical is not None else ()
        if (veto.danger and danger) or (veto.critical is not None and len(hit) >= veto.at_least):
            caps.append(Cap(veto, hit))
    order = list(standard.bands)
    return tuple(sorted(caps, key=lambda cap: -order.index(cap.veto.cap)))


def _ungraded(standard: Standard, marks: Mapping[str, str], rated: int, applicable: int) -> tuple[Ungraded, ...]:
    if rated == 0:
        return (Ungraded("nothing_rated", Text("No criterion was rated", "कुनै मापदण्डको मूल्याङ्कन भएको छैन")),)
    reasons = []
    if Fraction(rated, applicable) < standard.coverage_least:
        en = f"Ratings cover {rated} of {applicable} points of weight; a grade needs {standard.coverage_least} of them"
        ne = f"तौलका {applicable} अङ्कमध्ये {rated} को मात्र मूल्याङ्कन भयो; श्रेणीका लागि {standard.coverage_least} भाग चाहिन्छ"
        reasons.append(Ungraded("coverage", Text(en, ne)))
    unseen = _critical(standard, marks, "not_seen")
    if unseen:
        listed = ", ".join(unseen)
        text = Text(f"Critical criteria were not seen: {listed}", f"अति महत्त्वपूर्ण मापदण्ड हेरिएन: {listed}")
        reasons.append(Ungraded("critical_not_seen", text, unseen))
    return tuple(reasons)


def _closeness(one: int, other: int, marks: int) -> Fraction:
    return 1 - Fraction((one - other) ** 2, (marks - 1) ** 2)


def _observed(pairs: list[tuple[int, int]], marks: int) -> Fraction:
    return sum((_closeness(one, other, marks) for one, other in pairs), Fraction(0)) / len(pairs)


def _kappa(pairs: list[tuple[int, int]], marks: int) -> Fraction | None:
    mine, theirs = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    crossed = (mine[k] * theirs[m] * _closeness(k, m, marks) for k in mine for m in theirs)
    expected = sum(crossed, Fraction(0)) / len(pairs) ** 2
    return None if expected == 1 else (_observed(pairs, marks) - expected) / (1 - expected)


def _ac2(pairs: list[tuple[int, int]], marks: int) -> Fraction:
    total = sum((_closeness(k, m, marks) for k in range(marks) for m in range(marks)), Fraction(0))
    given = [mark for pair in pairs for mark in pair]
    means = [Fraction(given.count(mark), len(given)) for mark in range(marks)]
    expected = total / (marks * (marks - 1)) * sum((mean * (1 - mean) for mean in means), Fraction(0))
    return (_observed(pairs, marks) - expected) / (1 - expected)
