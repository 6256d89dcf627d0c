"""Rules from both sides: an input that crosses a threshold changes the verdict, and nothing else decides."""

from __future__ import annotations

import pandas as pd
import pytest
from claim_builders import entry, evidence, real, row, verdict

import lonely_analysis as la

RATIO = {"thresholds": {"ratio": 1.1}}


@pytest.mark.parametrize(
    ("estimate", "low", "high", "expected"),
    [
        (1.11, 1.05, 1.17, "supported"),
        (1.09, 1.05, 1.13, "weak"),  # the whole interval above one, the estimate below the threshold
        (1.15, 0.98, 1.35, "weak"),  # one is in the interval
        (1.02, 0.97, 1.07, "not supported as worded"),  # what the claim says is outside
        (0.97, 0.85, 1.20, "not supported as worded"),
        (0.80, 0.70, 0.99, "contradicted"),
        (0.80, 0.70, 1.01, "not supported as worded"),
    ],
)
def test_an_effect_is_judged_by_its_interval_and_the_threshold(tmp_path, estimate, low, high, expected):
    one = entry("effect", ["a"], **RATIO)
    assert verdict(tmp_path, one, evidence(row("a", estimate, low, high))).verdict == expected


def test_a_number_that_points_away_from_the_claim_is_turned_first(tmp_path):
    one = entry("effect", ["a"], **RATIO)
    protective = row("a", 0.8, 0.75, 0.85, orientation=-1)
    found = verdict(tmp_path, one, evidence(protective))
    assert found.verdict == "supported"
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx((1.25, 1 / 0.85, 1 / 0.75))


@pytest.mark.parametrize(
    ("relation", "first", "second", "expected"),
    [
        ("as strong", (1.5, 1.45, 1.55), (1.5, 1.45, 1.55), "supported"),
        ("as strong", (1.5, 1.2, 1.88), (1.5, 1.2, 1.88), "weak"),  # wide: inside and outside the margin
        ("as strong", (1.14, 1.05, 1.24), (1.5, 1.3, 1.73), "not supported as worded"),  # upper limit inside
        ("as strong", (1.14, 1.08, 1.20), (2.8, 2.5, 3.1), "contradicted"),
        ("as strong", (2.8, 2.5, 3.1), (1.14, 1.08, 1.20), "contradicted"),  # stronger is not as strong
        ("stronger", (1.5, 1.4, 1.6), (1.2, 1.1, 1.3), "supported"),
        ("stronger", (1.3, 1.1, 1.5), (1.2, 1.0, 1.4), "weak"),
        (
            "stronger",
            (1.14, 1.08, 1.2),
            (1.25, 1.2, 1.3),
            "not supported as worded",
        ),  # weaker within the margin
        ("stronger", (1.14, 1.08, 1.2), (1.94, 1.87, 2.01), "contradicted"),
        ("different", (1.5, 1.4, 1.6), (1.2, 1.1, 1.3), "supported"),
        ("different", (1.3, 1.1, 1.5), (1.2, 1.0, 1.4), "weak"),
        ("different", (1.3, 1.28, 1.32), (1.3, 1.28, 1.32), "contradicted"),
    ],
)
def test_a_comparison_is_judged_by_the_difference_of_two_logs(tmp_path, relation, first, second, expected):
    one = entry("comparison", [["a", "b"]], relation=relation, margin=1.25)
    assert verdict(tmp_path, one, evidence(row("a", *first), row("b", *second))).verdict == expected


def test_the_variance_of_a_difference_is_the_sum_of_both(tmp_path):
    # ln 1.14 - ln 2.8 = -0.89857; se = sqrt((ln(1.20/1.08)/3.92)^2 + (ln(3.1/2.5)/3.92)^2) = 0.061124
    one = entry("comparison", [["a", "b"]], relation="as strong", margin=1.25)
    found = verdict(tmp_path, one, evidence(row("a", 1.14, 1.08, 1.2), row("b", 2.8, 2.5, 3.1)))
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx(
        (0.40714, 0.36117, 0.45896), rel=2e-4
    )


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.2, 0.4, "supported"),
        (0.4, 0.6, "weak"),
        (0.45, 0.65, "not supported as worded"),
        (0.6, 0.8, "contradicted"),
    ],
)
def test_a_level_is_judged_against_its_band(tmp_path, low, high, expected):
    one = entry("level", [{"real": "euls", "key": "k", "scale": "share"}], low=0.0, high=0.5)
    found = evidence(records={"k": real((low + high) / 2, low, high)})
    assert verdict(tmp_path, one, found).verdict == expected


def test_a_correlation_is_compared_with_its_band_as_a_correlation(tmp_path):
    one = entry("level", [{"real": "euls", "key": "k", "scale": "correlation"}], low=-0.5, high=0.5)
    assert verdict(tmp_path, one, evidence(records={"k": real(0.46, 0.43, 0.49)})).verdict == "supported"
    assert verdict(tmp_path, one, evidence(records={"k": real(0.54, 0.51, 0.57)})).verdict == "contradicted"


def test_a_question_is_described_once_enough_numbers_answer_it(tmp_path):
    one = entry("describe", ["a", "b"], minimum_rows=2)
    both = evidence(row("a", 1.1, 1.0, 1.2), row("b", 1.2, 1.1, 1.3))
    assert verdict(tmp_path, one, both).verdict == "descriptive"
    assert verdict(tmp_path, one, evidence(row("a", 1.1, 1.0, 1.2))).verdict == "no evidence found"


def countries(**changed: float) -> pd.DataFrame:
    levels = {"Norway": 74.0, "Sweden": 68.0, **{f"Country {i}": 10.0 + i for i in range(28)}, **changed}
    rows = [
        {
            "id": f"S_{n}",
            "country": n,
            "trust_pct": v,
            "grade": "A",
            "authors": "W",
            "year": 2009,
            "instrument": "i",
        }
        for n, v in levels.items()
    ]
    return pd.DataFrame(rows)


CONTRAST = {
    "table": "levels",
    "rows_begin": "S_",
    "value": "trust_pct",
    "name": "country",
    "group": ["Norway", "Sweden"],
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "supported"),
        ({"Norway": 20.0}, "mixed"),
        ({"Norway": 20.0, "Sweden": 15.0}, "contradicted"),
    ],
)
def test_a_group_of_countries_is_compared_with_all_others(tmp_path, changed, expected):
    one = entry("contrast", [CONTRAST], quantile=0.75, minimum_countries=20)
    assert verdict(tmp_path, one, evidence(levels=countries(**changed))).verdict == expected


def test_four_countries_give_no_verdict_between_countries(tmp_path):
    one = entry("contrast", [CONTRAST], quantile=0.75, minimum_countries=20)
    assert verdict(tmp_path, one, evidence(levels=countries().head(4))).verdict == "no evidence found"
    few = entry("effect", [{"real": "euls", "key": "k", "scale": "ratio"}], minimum_countries=20, **RATIO)
    with pytest.raises(la.DataError, match="C01: euls has 4 countries, and the rule needs 20"):
        verdict(tmp_path, few, evidence())


def test_a_chain_has_the_verdict_of_its_weakest_link(tmp_path):
    one = entry("chain", [["a"], ["b"]], **RATIO)
    strong, small = row("a", 1.5, 1.4, 1.6), row("b", 1.05, 1.01, 1.09)
    assert verdict(tmp_path, one, evidence(strong, row("b", 1.3, 1.2, 1.4))).verdict == "supported"
    assert verdict(tmp_path, one, evidence(strong, small)).verdict == "weak"
    assert verdict(tmp_path, one, evidence(strong, row("b", 0.8, 0.7, 0.9))).verdict == "contradicted"
    assert verdict(tmp_path, one, evidence(strong)).verdict == "no evidence found"


def test_theory_is_not_tested_and_cannot_name_evidence(tmp_path):
    assert verdict(tmp_path, entry("theory", [], kind="theory"), evidence()).verdict == "theory, not tested"
    with pytest.raises(la.DataError, match="C01: a claim judged as theory names no evidence"):
        verdict(tmp_path, entry("theory", ["a"], kind="theory"), evidence(row("a", 1.5, 1.4, 1.6)))


def test_several_results_give_their_middle_and_opposite_ones_are_mixed(tmp_path):
    one = entry("effect", ["a", "b", "c"], **RATIO)
    good, small, bad = (1.5, 1.4, 1.6), (1.05, 1.01, 1.09), (0.8, 0.7, 0.9)
    assert verdict(tmp_path, one, _three(good, good, small)).verdict == "supported"
    assert verdict(tmp_path, one, _three(good, small, small)).verdict == "weak"
    assert verdict(tmp_path, one, _three(good, good, bad)).verdict == "mixed"
    two = entry("effect", ["a", "b"], **RATIO)
    assert verdict(tmp_path, two, evidence(row("a", *good), row("b", *small))).verdict == "weak"


def _three(*numbers: tuple[float, float, float]):
    return evidence(*(row(name, *three) for name, three in zip("abc", numbers, strict=True)))


GOOD = (1.5, 1.4, 1.6)


def test_causal_words_need_an_experiment(tmp_path):
    one = entry("effect", ["a"], kind="causal", **RATIO)
    found = verdict(tmp_path, one, evidence(row("a", *GOOD)))
    assert (found.verdict, found.limited_by) == (
        "supported as association",
        "no experiment behind causal words",
    )
    trials = row("a", *GOOD, design="meta-analysis of RCTs")
    assert verdict(tmp_path, one, evidence(trials)).verdict == "supported"
    genes = row("a", *GOOD, design="cohort plus Mendelian randomisation")
    assert verdict(tmp_path, one, evidence(genes)).verdict == "supported as association"
    assert verdict(tmp_path, {**one, "kind": "descriptive"}, evidence(row("a", *GOOD))).verdict == "supported"


def test_second_hand_rows_alone_are_at_most_an_association(tmp_path):
    one = entry("effect", ["a", "b"], **RATIO)
    second = evidence(row("a", *GOOD, grade="B"), row("b", *GOOD, grade="B"))
    assert verdict(tmp_path, one, second).verdict == "supported as association"
    one_first = evidence(row("a", *GOOD, grade="B"), row("b", *GOOD))
    assert verdict(tmp_path, one, one_first).verdict == "supported"


def test_a_rule_may_ask_for_first_hand_rows_and_grade_c_never_counts(tmp_path):
    one = entry("effect", ["a"], minimum_grade="A", **RATIO)
    assert verdict(tmp_path, one, evidence(row("a", *GOOD, grade="B"))).verdict == "no evidence found"
    any_grade = entry("effect", ["a"], **RATIO)
    assert verdict(tmp_path, any_grade, evidence(row("a", *GOOD, grade="C"))).verdict == "no evidence found"


def test_numbers_whose_interval_nobody_read_must_be_twice_the_threshold(tmp_path):
    two = entry("effect", ["a", "b"], thresholds={"correlation": 0.1})
    r = {"measure": "r"}
    sources = evidence(row("a", 0.25, **r), row("b", 0.3, **r))
    assert verdict(tmp_path, two, sources).verdict == "supported as association"
    assert verdict(tmp_path, two, evidence(row("a", 0.18, **r), row("b", 0.3, **r))).verdict == "weak"
    same = evidence(row("a", 0.25, authors="X Y; Z", **r), row("b", 0.3, authors="X Y; Z", **r))
    found = verdict(tmp_path, two, same)
    assert (found.verdict, found.limited_by) == ("weak", "one source and no interval")


def test_indirect_evidence_and_voting_answers_are_held_back(tmp_path):
    indirect = entry("effect", ["a"], direct=False, **RATIO)
    assert verdict(tmp_path, indirect, evidence(row("a", *GOOD))).verdict == "weak"
    voting = entry("effect", ["a"], association_only=True, **RATIO)
    assert verdict(tmp_path, voting, evidence(row("a", *GOOD))).verdict == "supported as association"


def test_a_comparison_without_an_experiment_is_at_most_an_association(tmp_path):
    one = entry("comparison", [["a", "b"]], kind="comparison", relation="stronger", margin=1.25)
    found = evidence(row("a", *GOOD), row("b", 1.1, 1.05, 1.15))
    assert verdict(tmp_path, one, found).verdict == "supported as association"


def test_a_result_of_synthetic_data_is_refused(tmp_path):
    one = entry("effect", [{"real": "euls", "key": "k", "scale": "ratio"}], **RATIO)
    with pytest.raises(la.DataError, match="synthetic data can never carry a verdict"):
        verdict(tmp_path, one, evidence(records={"k": real(1.5, 1.4, 1.6, source="synthetic")}))
    named = entry("effect", [{"real": "synthetic", "key": "k", "scale": "ratio"}], **RATIO)
    with pytest.raises(la.DataError, match=r"C01, evidence: synthetic data can never carry a verdict"):
        verdict(tmp_path, named, evidence())


def test_a_real_result_counts_and_a_missing_key_does_not(tmp_path):
    one = entry("effect", [{"real": "euls", "key": "k", "scale": "log ratio", "orientation": -1}], **RATIO)
    assert verdict(tmp_path, one, evidence()).verdict == "no evidence found"
    found = verdict(tmp_path, one, evidence(records={"k": real(-0.4, -0.5, -0.3)}))
    assert (found.verdict, found.grade, found.date) == ("supported", "computed", 2022)
    assert found.estimate == pytest.approx(1.4918, abs=1e-4)
