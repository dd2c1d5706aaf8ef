"""Grading a home: exact fractions, caps with their reason, no grade on too little, and how far two raters agree."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.sop.facts import still_open
from sop_engine.sop.loading import workflows
from sop_engine.sop.score import MARKS, Finding, Rating, Score, agree, confidence, faults, findings, sample, score
from sop_engine.sop.standards import SCALE, Standard, load_standard, load_standard_text

DRAFT = load_standard(workflows() / "standards" / "np-homes-1.0-draft.yaml")
CRITICAL = [code for code, said in DRAFT.criteria().items() if said.critical]
MINOR = [code for code in DRAFT.criteria() if code not in CRITICAL]
MET, PARTLY, NOT_MET, NOT_SEEN = Rating("met"), Rating("partly"), Rating("not_met"), Rating("not_seen")
# A busy machine is no mistake.
unhurried = settings(deadline=None)
BETTER = {"not_met": PARTLY, "partly": MET}


def all_met(**but: Rating) -> dict[str, Rating]:
    """Ratings that are all met, but for those named."""
    return dict.fromkeys(DRAFT.criteria(), MET) | but


def not_applicable(code: str) -> Rating | None:
    """A rating na for a criterion that some reason of the list excuses."""
    for reason in DRAFT.na_reasons:
        if {code, DRAFT.area_of(code)} & set(reason.for_):
            return Rating("na", str(reason.reason))
    return None


def ratings_of(code: str) -> st.SearchStrategy[Rating]:
    excused = not_applicable(code)
    return st.sampled_from([MET, PARTLY, NOT_MET, NOT_SEEN] + ([excused] if excused else []))


RATINGS = st.fixed_dictionaries({code: ratings_of(code) for code in DRAFT.criteria()})
MOSTLY_MET = st.dictionaries(
    st.sampled_from(list(DRAFT.criteria())), st.sampled_from([PARTLY, NOT_MET, NOT_SEEN]), max_size=4
).map(lambda but: all_met(**but))
ON_SCALE = st.fixed_dictionaries({code: st.sampled_from([MET, PARTLY, NOT_MET]) for code in DRAFT.criteria()})


def one_area(*weights: int) -> Standard:
    """A standard with one area of criteria that are not critical, for sums done in the head."""
    criteria = "".join(
        f"      A{number}: {{text: Criterion, critical: no, weight: {weight}, how: D, sources: None}}\n"
        for number, weight in enumerate(weights, 1)
    )
    return load_standard_text(
        f"""\
standard: one-area
title: One area
version: one-area-1
standing: model draft
evidence: {{D: Document}}
ratings: {{met: 1, partly: 1/2, not_met: 0}}
bands: {{A: 9/10, B: 3/4, C: 3/5, D: 2/5, E: 0}}
veto: [{{danger: yes, cap: E, why: Danger}}]
coverage_least: 0.80
major_under: 1/2
confidence: {{low: 1}}
sampling: {{least: 5, share: 1/5, most: 10}}
agreement:
  {{pair_least: 0.6, over_visits: 10, criterion_least: 0.4, blind_visit_every: 10, blind_visit_within: 14 days}}
interval: 0.90
risk: {{grade: 100}}
visits: [{{risk_from: 0, visits: 1, unannounced: 1}}]
low_risk_draw: 0.10
na_reasons: [{{reason: none_here, title: There are none}}]
areas:
  A:
    title: The area
    criteria:
{criteria}""",
        "one-area.yaml",
    )


def marked(marks: str) -> dict[str, Rating]:
    """Ratings of A1, A2 … from letters: m(et), p(artly), n(ot met), s (not seen), a (na)."""
    known = {"m": MET, "p": PARTLY, "n": NOT_MET, "s": NOT_SEEN, "a": Rating("na", "none_here")}
    return {f"A{number}": known[letter] for number, letter in enumerate(marks, 1)}


class TestTheWorkedChecks:
    def test_all_met_is_an_a_without_a_cap(self) -> None:
        result = score(DRAFT, all_met(), danger=False)
        assert (result.share, result.coverage, result.grade, result.uncapped) == (1, 1, "A", "A")
        assert (result.caps, result.ungraded, result.open_critical, result.capped) == ((), (), (), False)

    def test_one_critical_not_met_is_77_of_78_and_capped_at_d(self) -> None:
        result = score(DRAFT, all_met(E2=NOT_MET), danger=False)
        assert result.areas["E"] == Fraction(15, 18)
        assert result.share == Fraction(77, 78)
        assert (result.uncapped, result.grade, result.capped) == ("A", "D", True)
        assert [(cap.veto.why.en, cap.criteria) for cap in result.caps] == [
            ("A critical criterion is not met", ("E2",))
        ]
        assert result.open_critical == ("E2",)

    def test_one_critical_not_seen_gives_no_grade(self) -> None:
        result = score(DRAFT, all_met(B6=NOT_SEEN), danger=False)
        assert (result.grade, result.uncapped) == (None, None)
        assert [(why.code, why.criteria) for why in result.ungraded] == [("critical_not_seen", ("B6",))]
        assert "B6" in result.ungraded[0].say.en

    def test_a_criterion_without_a_rating_is_not_seen(self) -> None:
        ratings = all_met()
        del ratings["B6"]
        assert score(DRAFT, ratings, danger=False) == score(DRAFT, all_met(B6=NOT_SEEN), danger=False)


class TestVetoes:
    def test_a_critical_partly_met_caps_at_c(self) -> None:
        result = score(DRAFT, all_met(E2=PARTLY), danger=False)
        assert (result.uncapped, result.grade, result.open_critical) == ("A", "C", ())

    def test_two_critical_not_met_make_an_e(self) -> None:
        result = score(DRAFT, all_met(E2=NOT_MET, B1=NOT_MET), danger=False)
        assert (result.uncapped, result.grade) == ("A", "E")
        assert [str(cap.veto.cap) for cap in result.caps] == ["E", "D"]
        assert result.caps[0].criteria == result.open_critical == ("B1", "E2")

    def test_danger_makes_an_e_however_good_the_rest(self) -> None:
        result = score(DRAFT, all_met(), danger=True)
        assert (result.uncapped, result.grade) == ("A", "E")
        assert [cap.veto.danger for cap in result.caps] == [True]

    def test_a_minor_criterion_not_met_caps_nothing(self) -> None:
        result = score(DRAFT, all_met(A5=NOT_MET), danger=False)
        assert (result.grade, result.caps) == ("A", ())

    def test_a_cap_never_lifts_a_grade(self) -> None:
        ratings = all_met(**dict.fromkeys(MINOR, NOT_MET), E2=PARTLY)
        result = score(DRAFT, ratings, danger=False)
        assert result.grade == result.uncapped == "E"
        assert not result.capped
        assert [str(cap.veto.cap) for cap in result.caps] == ["C"]

    def test_danger_is_told_also_where_there_is_no_grade(self) -> None:
        result = score(DRAFT, all_met(B6=NOT_SEEN), danger=True)
        assert result.grade is None
        assert [cap.veto.danger for cap in result.caps] == [True]


class TestBands:
    @pytest.mark.parametrize(
        ("marks", "share", "band"),
        [
            ("mmmmmmmmmn", Fraction(9, 10), "A"),
            ("mmmmmmmmpn", Fraction(85, 100), "B"),
            ("mmmmmmmpnn", Fraction(3, 4), "B"),
            ("mmmmmmmnnn", Fraction(7, 10), "C"),
            ("mmmmmmnnnn", Fraction(3, 5), "C"),
            ("mmmmmpnnnn", Fraction(55, 100), "D"),
            ("mmmmnnnnnn", Fraction(2, 5), "D"),
            ("mmmpnnnnnn", Fraction(35, 100), "E"),
            ("nnnnnnnnnn", Fraction(0), "E"),
        ],
    )
    def test_a_score_on_the_edge_has_the_band(self, marks: str, share: Fraction, band: str) -> None:
        result = score(one_area(*[1] * 10), marked(marks), danger=False)
        assert (result.share, result.grade) == (share, band)

    def test_a_hair_under_the_edge_has_the_band_below(self) -> None:
        result = score(one_area(*[1] * 99), marked("m" * 89 + "n" * 10), danger=False)
        assert (result.share, result.grade) == (Fraction(89, 99), "B")

    def test_the_home_is_the_mean_of_its_areas_not_of_its_criteria(self) -> None:
        result = score(DRAFT, all_met(K1=NOT_MET, K2=NOT_MET), danger=False)
        assert result.share == Fraction(12, 13)

    def test_an_area_of_double_weight_counts_twice(self) -> None:
        text = (workflows() / "standards" / "np-homes-1.0-draft.yaml").read_text(encoding="utf-8")
        heavier = load_standard_text(text.replace("  K:\n", "  K:\n    weight: 2\n"), "heavier.yaml")
        assert score(heavier, all_met(K1=NOT_MET, K2=NOT_MET), danger=False).share == Fraction(12, 14)


class TestCoverage:
    def test_exactly_80_percent_is_enough(self) -> None:
        result = score(one_area(1, 1, 1, 1, 1), marked("mmmms"), danger=False)
        assert (result.coverage, result.share, result.grade) == (Fraction(4, 5), 1, "A")

    def test_under_80_percent_there_is_no_grade(self) -> None:
        result = score(one_area(3, 3, 3, 2, 3), marked("mmmms"), danger=False)
        assert (result.coverage, result.grade) == (Fraction(11, 14), None)
        assert [why.code for why in result.ungraded] == ["coverage"]
        assert result.ungraded[0].say.en == "Ratings cover 11 of 14 points of weight; a grade needs 4/5 of them"

    def test_the_score_is_kept_where_there_is_no_grade(self) -> None:
        assert score(one_area(1, 1, 1), marked("mps"), danger=False).share == Fraction(3, 4)

    def test_na_is_out_of_the_coverage(self) -> None:
        result = score(one_area(1, 1, 1, 1, 1, 3), marked("mmmmsa"), danger=False)
        assert (result.coverage, result.grade) == (Fraction(4, 5), "A")

    @pytest.mark.parametrize(("marks", "coverage"), [("aaa", None), ("sss", 0), ("sas", 0)])
    def test_where_nothing_is_rated_there_is_no_score(self, marks: str, coverage: int | None) -> None:
        result = score(one_area(1, 1, 1), marked(marks), danger=False)
        assert (result.coverage, result.share, result.grade, result.areas["A"]) == (coverage, None, None, None)
        assert [why.code for why in result.ungraded] == ["nothing_rated"]

    def test_a_whole_area_that_does_not_apply_leaves_the_mean(self) -> None:
        none_trafficked = {code: Rating("na", "no_trafficking_victims") for code in DRAFT.areas["M"].criteria}
        result = score(DRAFT, all_met(**none_trafficked, K1=NOT_MET, K2=NOT_MET), danger=False)
        assert (result.areas["M"], result.share, result.coverage) == (None, Fraction(11, 12), 1)


class TestFaults:
    @pytest.mark.parametrize(
        ("ratings", "sentence"),
        [
            ({"A7": Rating("na")}, "A7: na needs a reason of the list"),
            ({"A7": Rating("na", "too_busy")}, "A7: na needs a reason of the list"),
            ({"E2": Rating("na", "first_inspection")}, "E2: 'This is the first inspection' is no reason"),
            ({"A7": Rating("good")}, "A7: 'good' is no rating"),
            ({"Z9": MET}, "Z9 is no criterion of np-homes-1.0-draft"),
        ],
    )
    def test_ratings_that_cannot_be_scored_are_refused(self, ratings: dict[str, Rating], sentence: str) -> None:
        (fault,) = faults(DRAFT, ratings)
        assert fault.en.startswith(sentence)
        assert fault.ne
        for use in (lambda: score(DRAFT, ratings, False), lambda: findings(DRAFT, ratings)):
            with pytest.raises(ValueError, match=sentence):
                use()

    def test_na_with_a_reason_of_the_list_is_fine(self) -> None:
        assert faults(DRAFT, {"A7": Rating("na", "first_inspection")}) == ()
        assert faults(DRAFT, {"M1": Rating("na", "no_trafficking_victims")}) == ()


class TestFindings:
    def test_a_home_where_all_is_met_has_none(self) -> None:
        assert findings(DRAFT, all_met()) == ()

    def test_critical_not_met_is_p1_and_partly_is_p3(self) -> None:
        found = findings(DRAFT, all_met(A5=PARTLY, B1=PARTLY, E2=NOT_MET))
        assert found == (Finding("P1", "E", ("E2",)), Finding("P3", "A", ("A5",)), Finding("P3", "B", ("B1",)))

    def test_a_minor_criterion_not_met_is_p3(self) -> None:
        assert findings(DRAFT, all_met(A5=NOT_MET)) == (Finding("P3", "A", ("A5",)),)

    def test_an_area_under_half_is_one_p2(self) -> None:
        assert findings(DRAFT, all_met(K1=NOT_MET, K2=PARTLY)) == (Finding("P2", "K", ("K1", "K2")),)

    def test_an_area_at_exactly_half_is_not(self) -> None:
        assert [finding.priority for finding in findings(DRAFT, all_met(K1=NOT_MET))] == ["P3"]

    def test_a_critical_one_in_a_weak_area_is_also_its_own_finding(self) -> None:
        found = findings(DRAFT, all_met(I1=NOT_MET, I2=NOT_MET))
        assert found == (Finding("P1", "I", ("I2",)), Finding("P2", "I", ("I1", "I2")))

    def test_p0_comes_only_by_the_flag_of_danger(self) -> None:
        nothing_met = dict.fromkeys(DRAFT.criteria(), NOT_MET)
        assert "P0" not in {finding.priority for finding in findings(DRAFT, nothing_met)}
        assert findings(DRAFT, all_met(), danger=True) == (Finding("P0", None, ()),)

    def test_what_was_not_seen_is_no_finding(self) -> None:
        assert findings(DRAFT, {}) == ()


class TestConfidence:
    @pytest.mark.parametrize(
        ("evidence", "sure"), [("", None), ("D", "low"), ("DO", "medium"), ("DOK", "high"), ("DOSKF", "high")]
    )
    def test_it_grows_with_the_kinds_of_evidence(self, evidence: str, sure: str | None) -> None:
        assert confidence(DRAFT, Rating("met", evidence=frozenset(evidence))) == sure

    def test_an_unknown_kind_does_not_count(self) -> None:
        assert confidence(DRAFT, Rating("met", evidence=frozenset("DX"))) == "low"

    @pytest.mark.parametrize("mark", ["na", "not_seen"])
    def test_what_is_not_rated_has_none(self, mark: str) -> None:
        assert confidence(DRAFT, Rating(mark, evidence=frozenset("DOK"))) is None


class TestAgreement:
    ten = one_area(*[1] * 10)

    def test_kappa_and_ac2_are_those_computed_by_hand(self) -> None:
        # Pairs: 6 met/met, 1 met/partly, 1 partly/partly, 1 partly/not met, 1 not met/met.
        found = agree(self.ten, marked("mmmmmmmppn"), marked("mmmmmmppnm"))
        # Weights 1, 3/4, 0: observed = (6 + 1) * 1 + 2 * 3/4 + 1 * 0 = 8.5 of 10.
        observed = Fraction(85, 100)
        # Margins (met, partly, not met): the first 7, 2, 1; the second 7, 2, 1 of 10.
        # Expected by chance for kappa: .49 + .04 + .01 on the diagonal, 3/4 (.14 + .14 + .02 + .02) beside it = .78.
        assert found.kappa == (observed - Fraction(78, 100)) / Fraction(22, 100) == Fraction(7, 22)
        # AC2: T = 3 + 4 * 3/4 = 6, T / (3 * 2) = 1; .7 * .3 + .2 * .8 + .1 * .9 = .46.
        assert found.ac2 == (observed - Fraction(46, 100)) / Fraction(54, 100) == Fraction(13, 18)
        assert (found.pairs, found.raw, found.apart) == (10, Fraction(7, 10), ())

    def test_margins_that_differ_are_averaged_for_ac2(self) -> None:
        # Pairs: 1 met/met, 1 met/partly, 1 met/not met, 1 partly/partly; margins 3, 1, 0 and 1, 2, 1 of 4.
        found = agree(self.ten, marked("mmmp"), marked("mpnp"))
        observed = Fraction(11, 16)  # (1 + 3/4 + 0 + 1) / 4
        # 3/4 * (1/4 + 2/4 * 3/4 + 0) + 1/4 * (1/4 * 3/4 + 2/4 + 1/4 * 3/4) = 15/32 + 7/32.
        assert found.kappa == (observed - Fraction(22, 32)) / Fraction(10, 32) == 0
        # Means 4/8, 3/8, 1/8: 16/64 + 15/64 + 7/64 = 38/64.
        assert found.ac2 == (observed - Fraction(38, 64)) / Fraction(26, 64) == Fraction(3, 13)

    def test_kappa_collapses_where_almost_all_is_met_and_ac2_does_not(self) -> None:
        found = agree(self.ten, marked("mmmmmmmmmn"), marked("mmmmmmmmnm"))
        assert (found.raw, found.kappa) == (Fraction(4, 5), Fraction(-1, 9))
        # Observed 8/10; 9/10 * 1/10 + 0 + 1/10 * 9/10 = 18/100.
        assert found.ac2 == (Fraction(80, 100) - Fraction(18, 100)) / Fraction(82, 100)

    def test_where_both_say_met_throughout_kappa_is_not_defined_and_ac2_is_one(self) -> None:
        found = agree(self.ten, marked("m" * 10), marked("m" * 10))
        assert (found.raw, found.kappa, found.ac2) == (1, None, 1)

    def test_what_only_one_of_them_rated_is_set_apart(self) -> None:
        found = agree(self.ten, marked("mmsanmmmmm"), marked("mmmmsmmmmm"))
        assert (found.pairs, found.apart, found.raw) == (7, ("A3", "A4", "A5"), 1)

    def test_without_a_pair_no_figure_is_defined(self) -> None:
        found = agree(self.ten, {}, marked("m" * 10))
        assert (found.pairs, found.raw, found.kappa, found.ac2, len(found.apart)) == (0, None, None, None, 10)

    @unhurried
    @given(ON_SCALE, ON_SCALE)
    def test_it_does_not_matter_who_is_the_first_rater(self, one: dict[str, Rating], other: dict[str, Rating]) -> None:
        assert agree(DRAFT, one, other) == agree(DRAFT, other, one)

    @unhurried
    @given(ON_SCALE, ON_SCALE)
    def test_no_figure_is_over_one(self, one: dict[str, Rating], other: dict[str, Rating]) -> None:
        found = agree(DRAFT, one, other)
        assert all(figure is None or -1 <= figure <= 1 for figure in (found.raw, found.kappa, found.ac2))

    @unhurried
    @given(ON_SCALE)
    def test_a_rater_agrees_with_herself(self, one: dict[str, Rating]) -> None:
        found = agree(DRAFT, one, one)
        assert (found.raw, found.ac2) == (1, 1)
        assert found.kappa in (None, 1)


class TestTheDraw:
    @pytest.mark.parametrize(
        ("children", "size"),
        [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (25, 5), (26, 6), (30, 6), (31, 7), (50, 10), (51, 10), (500, 10)],
    )
    def test_its_size_is_a_fifth_from_five_to_ten(self, children: int, size: int) -> None:
        drawn = sample(children, "seed", DRAFT.sampling)
        assert len(set(drawn)) == size
        assert all(1 <= place <= children for place in drawn)
        assert list(drawn) == sorted(drawn)

    def test_it_is_the_same_draw_for_ever(self) -> None:
        assert sample(40, "2083-04-01/7", DRAFT.sampling) == (12, 13, 22, 27, 31, 32, 35, 38)

    def test_another_seed_draws_others(self) -> None:
        assert len({sample(60, seed, DRAFT.sampling) for seed in range(20)}) == 20

    def test_every_child_can_be_drawn(self) -> None:
        assert {place for seed in range(200) for place in sample(60, seed, DRAFT.sampling)} == set(range(1, 61))

    def test_fewer_than_no_children_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no fewer than 0"):
            sample(-1, "seed", DRAFT.sampling)


def graded(ratings: dict[str, Rating], danger: bool = False) -> Score:
    return score(DRAFT, ratings, danger)


class TestWhatAlwaysHolds:
    @unhurried
    @given(RATINGS | ON_SCALE | MOSTLY_MET, st.sampled_from(list(DRAFT.criteria())))
    def test_improving_a_rating_never_lowers_the_score_or_the_grade(
        self, ratings: dict[str, Rating], code: str
    ) -> None:
        better = BETTER.get(ratings[code].mark)
        if better is None:
            return
        before, after = graded(ratings), graded(ratings | {code: better})
        assert before.share is not None
        assert after.share is not None
        assert after.share > before.share
        assert (before.grade is None) == (after.grade is None)
        assert before.grade is None or after.grade is None or after.grade <= before.grade

    @unhurried
    @given(RATINGS, st.sampled_from([code for code in DRAFT.criteria() if not_applicable(code)]))
    def test_na_never_changes_another_area(self, ratings: dict[str, Rating], code: str) -> None:
        excused = not_applicable(code)
        assert excused is not None
        before, after = graded(ratings).areas, graded(ratings | {code: excused}).areas
        assert {name for name in before if before[name] != after[name]} <= {DRAFT.area_of(code)}

    @unhurried
    @given(RATINGS, st.randoms(use_true_random=False), st.booleans())
    def test_the_order_of_ratings_does_not_matter(
        self, ratings: dict[str, Rating], chance: Random, danger: bool
    ) -> None:
        shuffled = list(ratings.items())
        chance.shuffle(shuffled)
        assert graded(dict(shuffled), danger) == graded(ratings, danger)
        assert findings(DRAFT, dict(shuffled), danger) == findings(DRAFT, ratings, danger)

    @unhurried
    @given(RATINGS)
    def test_what_is_not_seen_changes_no_area_score(self, ratings: dict[str, Rating]) -> None:
        seen = {code: rating for code, rating in ratings.items() if rating.mark != "not_seen"}
        assert graded(seen) == graded(ratings)
        for name, area in DRAFT.areas.items():
            worths = [ratings[code].mark for code in area.criteria if ratings[code].mark in SCALE]
            if worths and set(worths) == {"met"}:
                assert graded(ratings).areas[name] == 1

    @unhurried
    @given(RATINGS | ON_SCALE | MOSTLY_MET, st.booleans())
    def test_a_grade_stands_only_on_enough_and_is_never_better_than_uncapped(
        self, ratings: dict[str, Rating], danger: bool
    ) -> None:
        result = graded(ratings, danger)
        seen_all_critical = all(ratings[code].mark != "not_seen" for code in CRITICAL)
        assert result.coverage is not None
        assert (result.grade is not None) == (result.coverage >= Fraction(4, 5) and seen_all_critical)
        assert (result.grade is None) == bool(result.ungraded)
        if result.grade is not None and result.uncapped is not None:
            assert result.grade >= result.uncapped
            assert not danger or result.grade == "E"
            assert result.grade >= ("A" if not result.open_critical else "D" if len(result.open_critical) == 1 else "E")

    @unhurried
    @given(RATINGS)
    def test_everything_that_lacks_is_in_a_finding(self, ratings: dict[str, Rating]) -> None:
        lacking = {code for code, rating in ratings.items() if rating.mark in ("partly", "not_met")}
        assert {code for finding in findings(DRAFT, ratings) for code in finding.criteria} == lacking
        assert {rating.mark for rating in ratings.values()} <= set(MARKS)


def test_a_finding_that_was_fixed_and_lacks_again_is_open() -> None:
    actions = [{"finding": "A1"}, {"finding": "B2"}]
    checks = [{"finding": "A1", "fixed": "yes"}, {"finding": "B2", "fixed": "yes"}, {"finding": "A1", "fixed": "no"}]
    assert still_open(actions, checks) == [{"finding": "A1"}]
