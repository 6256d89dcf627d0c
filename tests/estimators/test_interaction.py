"""Interaction measures against a published example and against closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

# Oral cancer, alcohol and smoking (Rothman & Keller 1972): cases and controls by exposure. Hosmer & Lemeshow
# 1992, Epidemiology 3:452-456, print RERI 3.74 (-1.84, 9.32), AP 0.41 (-0.07, 0.90), S 1.87 (0.65, 5.42).
COUNTS = {(0, 0): (3, 20), (0, 1): (8, 18), (1, 0): (6, 12), (1, 1): (225, 166)}
PUBLISHED = {
    "RERI": (3.74, -1.84, 9.32),
    "attributable proportion": (0.41, -0.07, 0.90),
    "synergy index": (1.87, 0.65, 5.42),
}


@pytest.fixture(scope="module")
def oral_cancer():
    rows = [
        {"alcohol": bool(a), "smoking": s, "case": case}
        for (a, s), counts in COUNTS.items()
        for case, count in zip((1, 0), counts, strict=True)
        for _ in range(count)
    ]
    return la.SurveyDesign(pd.DataFrame(rows))


@pytest.mark.parametrize("measure", PUBLISHED)
def test_additive_measures_are_those_published(oral_cancer, measure):
    model = la.regress(oral_cancer, "case ~ alcohol * smoking")
    found = la.interaction(model, "alcohol", "smoking", level=0.95).row(measure=measure)
    # The article uses z and the model's covariance: t and the factor n/(n-1) move the limits by under 1 %.
    assert found.estimate == pytest.approx(PUBLISHED[measure][0], abs=0.005)
    assert found.ci_low == pytest.approx(PUBLISHED[measure][1], abs=0.03)
    assert found.ci_high == pytest.approx(PUBLISHED[measure][2], abs=0.03)


def test_the_ratio_of_ratios_is_the_product_terms_odds_ratio(oral_cancer):
    model = la.regress(oral_cancer, "case ~ alcohol * smoking")
    found = la.interaction(model, "alcohol", "smoking").row(measure="ratio of ratios")
    product = model.ratios().set_index("term").loc["alcohol:smoking"]
    for name in ("estimate", "se", "ci_low", "ci_high", "p"):
        assert getattr(found, name) == pytest.approx(product[name], rel=1e-10)


def test_simple_ratios_are_those_of_the_model_with_the_other_reference(oral_cancer):
    frame = oral_cancer.frame.assign(never=lambda f: 1 - f["smoking"])
    model = la.regress(oral_cancer, "case ~ alcohol * smoking")
    turned = la.regress(la.SurveyDesign(frame), "case ~ alcohol * never").ratios().set_index("term")
    found = la.interaction(model, "alcohol", "smoking").row(measure="alcohol at smoking = True")
    assert found.estimate == pytest.approx(turned.loc["alcohol", "estimate"])
    assert found.se == pytest.approx(turned.loc["alcohol", "se"])


def test_excess_of_risk_differences_is_that_of_the_four_risks(oral_cancer):
    risk = {at: cases / (cases + controls) for at, (cases, controls) in COUNTS.items()}
    model = la.regress(oral_cancer, "case ~ alcohol * smoking", "poisson")
    found = la.interaction(model, "alcohol", "smoking").row(measure="excess of risk differences")
    assert found.estimate == pytest.approx(risk[1, 1] - risk[1, 0] - risk[0, 1] + risk[0, 0], rel=1e-9)
    linear = la.regress(oral_cancer, "case ~ alcohol * smoking", "linear")
    difference = la.interaction(linear, "alcohol", "smoking").row(measure="difference of differences")
    assert (found.estimate, found.se) == pytest.approx((difference.estimate, difference.se), rel=1e-8)


def test_no_additive_interaction_gives_zero_and_one():
    """Risks 0.1, 0.2, 0.3 and 0.4 add up exactly: RERI and AP are 0, S is 1."""
    cells = {(0, 0): 10, (1, 0): 20, (0, 1): 30, (1, 1): 40}
    rows = [{"a": a, "b": b, "y": i < cases} for (a, b), cases in cells.items() for i in range(100)]
    model = la.regress(la.SurveyDesign(pd.DataFrame(rows)), "y ~ a * b", "poisson")
    table = la.interaction(model, "a", "b").to_frame().set_index("measure")["estimate"]
    expected = {"RERI": 0, "attributable proportion": 0, "synergy index": 1, "both": 4}
    np.testing.assert_allclose(table[list(expected)], list(expected.values()), atol=1e-9)


def test_a_protective_variable_is_pointed_out(oral_cancer):
    frame = oral_cancer.frame.assign(sober=lambda f: ~f["alcohol"])
    model = la.regress(la.SurveyDesign(frame), "case ~ sober * smoking")
    assert "exchange its levels" in la.interaction(model, "sober", "smoking").note


@pytest.mark.parametrize(
    ("formula", "pair", "message"),
    [
        ("case ~ alcohol + smoking", ("alcohol", "smoking"), "no term alcohol:smoking"),
        ("case ~ alcohol * smoking * old", ("alcohol", "smoking"), "also interacts with old"),
        ("case ~ alcohol * age", ("alcohol", "age"), "more than two levels"),
    ],
)
def test_interactions_without_one_answer_are_refused(oral_cancer, formula, pair, message):
    rng = np.random.default_rng(1)
    age = rng.integers(20, 80, len(oral_cancer.frame))
    frame = oral_cancer.frame.assign(age=age, old=age > 50)
    frame["case"] = np.where(rng.random(len(frame)) < 0.3, 1 - frame["case"], frame["case"])
    model = la.regress(la.SurveyDesign(frame), formula)
    with pytest.raises(la.DataError, match=message):
        la.interaction(model, *pair)


def test_levels_that_are_not_two_are_refused_by_name():
    rows = pd.DataFrame({"y": [0.0, 1, 2, 1, 3, 2, 4, 2], "g": list("aabbccab"), "e": [0, 1] * 4})
    model = la.regress(la.SurveyDesign(rows), "y ~ C(g) * e", "linear")
    with pytest.raises(la.DataError, match="levels= needs two levels of 'g'"):
        la.interaction(model, "g", "e", levels={"g": ("a",)})
