"""Standards for homes: the shipped draft says what it must, and a broken file shows every mistake where it stands."""

from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from sop_engine.sop.loading import workflows
from sop_engine.sop.source import BrokenSop
from sop_engine.sop.standards import Standard, load_standard, load_standard_text

DRAFT = workflows() / "standards" / "np-homes-1.0-draft.yaml"
SMALL = """\
standard: small
title: A small standard
version: small-1
standing: model draft
evidence: {D: Document, O: Observation}
ratings: {met: 1, partly: 1/2, not_met: 0}
bands: {A: 9/10, B: 1/2, C: 0}
veto:
  - {critical: not_met, cap: C, why: A critical criterion is not met}
coverage_least: 0.80
major_under: 1/2
confidence: {low: 1, high: 2}
sampling: {least: 5, share: 1/5, most: 10}
agreement: {pair_least: 0.6, over_visits: 10, criterion_least: 0.4, blind_visit_every: 10, blind_visit_within: 14 days}
interval: 0.90
risk: {grade: 60, complaints: 40}
visits:
  - {risk_from: 50, visits: 2, unannounced: 1}
  - {risk_from: 0, visits: 1, unannounced: 1}
low_risk_draw: 0.10
na_reasons:
  - {reason: first_inspection, for: A2, title: This is the first inspection}
areas:
  A:
    title: Governance
    criteria:
      A1: {text: A permission is shown, critical: yes, weight: 3, how: [D, O], sources: [{law: some-rules/62}]}
      A2: {text: Actions are closed, critical: no, weight: 1, how: D, sources: Common sense}
  B:
    title: Admission
    criteria:
      B1: {text: The register is complete, critical: no, weight: 2, how: D, sources: [{guideline: some, sure: yes}]}
"""


@pytest.fixture(scope="module")
def draft() -> Standard:
    return load_standard(DRAFT)


class TestTheDraft:
    def test_it_has_sixty_six_criteria_of_which_twenty_four_are_critical(self, draft: Standard) -> None:
        criteria = draft.criteria().values()
        assert len(criteria) == 66
        assert sum(criterion.critical for criterion in criteria) == 24

    def test_its_weights_sum_to_140_and_the_critical_ones_to_66(self, draft: Standard) -> None:
        criteria = draft.criteria().values()
        assert sum(criterion.weight for criterion in criteria) == 140
        assert sum(criterion.weight for criterion in criteria if criterion.critical) == 66

    def test_its_areas_run_from_a_to_m_with_their_numbers_of_criteria(self, draft: Standard) -> None:
        assert "".join(draft.areas) == "ABCDEFGHIJKLM"
        assert [len(area.criteria) for area in draft.areas.values()] == [7, 7, 5, 7, 7, 6, 3, 8, 3, 3, 2, 3, 5]

    def test_the_criteria_of_an_area_are_numbered_without_a_gap(self, draft: Standard) -> None:
        for name, area in draft.areas.items():
            assert list(area.criteria) == [f"{name}{number}" for number in range(1, len(area.criteria) + 1)]

    def test_area_e_has_the_weight_18_of_the_worked_check(self, draft: Standard) -> None:
        assert sum(criterion.weight for criterion in draft.areas["E"].criteria.values()) == 18

    def test_its_bands_and_ratings_are_exact(self, draft: Standard) -> None:
        edges = {"A": Fraction(9, 10), "B": Fraction(3, 4), "C": Fraction(3, 5), "D": Fraction(2, 5), "E": Fraction(0)}
        assert dict(draft.bands) == edges
        assert dict(draft.ratings) == {"met": Fraction(1), "partly": Fraction(1, 2), "not_met": Fraction(0)}
        assert draft.coverage_least == Fraction(4, 5)

    def test_every_sentence_is_there_in_nepali(self, draft: Standard) -> None:
        said = [criterion.text for criterion in draft.criteria().values()]
        said += [area.title for area in draft.areas.values()]
        said += [reason.title for reason in draft.na_reasons] + [veto.why for veto in draft.veto]
        assert all(text.ne for text in [*said, draft.title, *draft.evidence.values()])

    def test_no_sentence_is_used_twice(self, draft: Standard) -> None:
        said = [criterion.text for criterion in draft.criteria().values()]
        assert len({text.en for text in said}) == len({text.ne for text in said}) == 66

    def test_outside_area_m_no_critical_criterion_can_be_put_aside(self, draft: Standard) -> None:
        for reason in draft.na_reasons:
            assert reason.for_, reason.reason
            for code in reason.for_:
                assert code == "M" or not draft.criteria()[code].critical

    def test_every_instrument_it_cites_is_known(self, draft: Standard) -> None:
        known = yaml.safe_load((workflows() / "law" / "instruments.yaml").read_text(encoding="utf-8"))["instruments"]
        cited = [source for criterion in draft.criteria().values() for source in criterion.sources]
        assert {source.reference.split("/")[0] for source in cited if source.kind != "text"} <= set(known)

    def test_the_visits_of_a_year_fall_with_the_risk(self, draft: Standard) -> None:
        rates = [(rate.risk_from, rate.visits, rate.unannounced) for rate in draft.visits]
        assert rates == [(70, 4, 2), (50, 3, 1), (30, 2, 1), (0, 1, 1)]
        assert sum(draft.risk.values()) == 100


class TestReading:
    def test_the_small_standard_is_right(self) -> None:
        small = load_standard_text(SMALL, "small.yaml")
        assert list(small.criteria()) == ["A1", "A2", "B1"]
        assert small.area_of("B1") == "B"
        assert [str(source) for source in small.criteria()["A2"].sources] == ["Common sense"]
        assert [criterion.sources[0].sure for criterion in small.criteria().values()] == [False, False, True]

    def test_a_criterion_that_is_not_there_stands_in_no_area(self) -> None:
        with pytest.raises(KeyError):
            load_standard_text(SMALL, "small.yaml").area_of("Z1")

    def test_a_file_gives_the_same_as_its_text(self, tmp_path: Path) -> None:
        (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
        assert load_standard(tmp_path / "small.yaml") == load_standard_text(SMALL, "small.yaml")


BROKEN = [
    ("standing:", "standng:", ["1:1: 'standing' is missing here", "4:1: 'standng' is not known here"]),
    ("weight: 3", "weight: 4", ["27:64: '4' is no weight: write 1, 2 or 3"]),
    ("weight: 3", "weight: 0", ["27:64: '0' is no weight"]),
    ("critical: yes, ", "", ["27:11: 'critical' is missing here"]),
    ("critical: yes", "critical: maybe", ["27:51: write yes or no, not 'maybe'"]),
    ("A2: {text", "A1: {text", ["22:37: 'A2' is no area and no criterion", "28:7: 'A1' is written twice"]),
    ("B1: {text", "A1: {text", ["32:7: the criterion A1 is written twice, first in line 27: keep one"]),
    ("B1: {text", "A3: {text", ["32:7: the criterion A3 stands in area B: move it or rename it"]),
    ("B1: {text", "b1: {text", ["32:7: 'b1' is no code: write a letter and a number, as A1"]),
    ("B: 1/2", "B: 9/10", ["7:18: B (9/10) is not under A (9/10): order from best to worst"]),
    ("C: 0}", "C: 1/10}", ["7:26: C (1/10) is the last and must be 0"]),
    ("A: 9/10", "A: 9/0", ["7:12: '9/0' is no share"]),
    ("A: 9/10", "A: 90 %", ["7:12: '90 %' is no share"]),
    ("A: 9/10", "A: 11/10", ["7:12: '11/10' is no share"]),
    ("partly: 1/2, ", "", ["6:10: 'partly' is missing here"]),
    ("partly: 1/2", "parly: 1/2", ["6:19: 'parly' is no code: write met, partly, not_met"]),
    ("cap: C", "cap: F", ["9:30: 'F' is no band: it may be A, B, C"]),
    ("critical: not_met, cap", "danger: no, cap", ["9:5: a veto needs 'critical' or 'danger: yes', and not both"]),
    ("critical: not_met, cap", "critical: na, cap", ["9:16: 'na' is not known here"]),
    ("how: [D, O]", "how: [D, X]", ["27:76: A1: 'X' is no kind of evidence: it may be D, O"]),
    ("how: [D, O]", "how: []", ["27:72: the list is empty"]),
    ("{law: some-rules/62}", "{rule: some}", ["27:90: write a text, {law: INSTRUMENT/ARTICLE}"]),
    ("for: A2", "for: A9", ["22:37: 'A9' is no area and no criterion"]),
    ("complaints: 40", "complaints: 41", ["16:8: the parts of the risk make 101: they must make 100"]),
    ("least: 5,", "least: 11,", ["13:11: 'least' is more than 'most'"]),
    ("risk_from: 0", "risk_from: 50", ["18:5: 'risk_from' must fall from entry to entry, down to 0"]),
    ("visits: 2, unannounced: 1", "visits: 2, unannounced: 3", ["18:5: more visits are unannounced"]),
]


class TestBrokenStandards:
    @pytest.mark.parametrize(("change", "to", "sentences"), BROKEN, ids=[to or change for change, to, _ in BROKEN])
    def test_a_mistake_is_found_where_it_stands(self, change: str, to: str, sentences: list[str]) -> None:
        assert SMALL.count(change) == 1
        with pytest.raises(BrokenSop) as caught:
            load_standard_text(SMALL.replace(change, to), "small.yaml")
        found = [str(mistake) for mistake in caught.value.mistakes]
        assert len(found) == len(sentences), found
        for line, sentence in zip(found, sentences, strict=True):
            assert line.startswith(f"small.yaml:{sentence}")

    def test_all_mistakes_come_at_once(self) -> None:
        text = SMALL.replace("weight: 3", "weight: 9").replace("C: 0}", "C: 1/9}").replace("for: A2", "for: C7")
        with pytest.raises(BrokenSop) as caught:
            load_standard_text(text.replace("critical: no, weight: 2", "weight: 2, colour: red"), "small.yaml")
        assert [mistake.place.line for mistake in caught.value.mistakes] == [7, 22, 27, 32, 32]

    def test_what_is_broken_itself_is_not_called_unknown_elsewhere(self) -> None:
        with pytest.raises(BrokenSop) as caught:
            load_standard_text(SMALL.replace("weight: 1,", "weight: one,"), "small.yaml")
        assert len(caught.value.mistakes) == 1

    @pytest.mark.parametrize("text", ["", "- a\n", "just words", SMALL[: SMALL.index("areas:")] + "areas: {}\n"])
    def test_what_is_no_standard_is_refused(self, text: str) -> None:
        with pytest.raises(BrokenSop):
            load_standard_text(text, "none.yaml")
