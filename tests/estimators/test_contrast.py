"""Contrasts of coefficients and doses that match a ratio: R's values, invariants, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survival_data import COLUMNS, FORMULA, design, small_frame

import lonely_analysis as la

# survey 4.1.1 and survival 3.5.3 (``survival_contrast.R``); R iterates to 1e-12.
REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "survival_contrast.json").read_text())
QUESTIONS = {
    "smoking_less_lonely": {"C(smoking)[2]": 1, "lonely": -1},
    "ten_years_and_lonely": {"age": 10, "lonely": 1},
}


@pytest.fixture(scope="module")
def model():
    return la.cox(design(), formula=FORMULA, **COLUMNS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_contrast_and_its_design_based_error_are_those_of_svycontrast(model, name):
    found = la.contrast(model, QUESTIONS[name], scale="coefficient")
    assert [found.estimate, found.se] == pytest.approx(
        [REFERENCE[name]["estimate"], REFERENCE[name]["se"]], rel=1e-8
    )


def test_one_term_alone_is_its_hazard_ratio(model):
    own = model.ratios().set_index("term").loc["lonely"]
    found = la.contrast(model, "lonely")
    assert [found.estimate, found.ci_low, found.ci_high] == pytest.approx(
        list(own[["estimate", "ci_low", "ci_high"]])
    )
    assert found.p == pytest.approx(own["p"])


def test_a_regression_contrast_keeps_the_t_quantile_of_its_design():
    fitted = la.regress(design(), "died ~ lonely + age", family="logistic")
    own, found = fitted.ratios().set_index("term").loc["lonely"], la.contrast(fitted, "lonely")
    assert found.ci_high == pytest.approx(own["ci_high"])


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_turning_a_comparison_round_inverts_its_ratio(seed):
    fitted = la.cox(design(small_frame(seed)), formula="x + lonely", **COLUMNS)
    there, back = (la.contrast(fitted, {"x": s, "lonely": -s}) for s in (1, -1))
    assert there.estimate * back.estimate == pytest.approx(1)
    assert there.ci_low * back.ci_high == pytest.approx(1)


def test_a_contrast_knows_what_it_compares_and_what_is_held_equal(model):
    question = la.contrast(model, "lonely").question
    assert (question.family, question.given) == ("hazard", ("age", "sex", "smoking"))
    (side,) = question.compared
    assert (side.variable, side.value, side.reference, side.weight) == ("lonely", "True", "False", 1.0)
    (age,) = la.contrast(model, "age").question.compared
    assert (age.value, age.reference) == ("+1", None)


def test_a_contrast_of_categories_knows_label_and_reference(model):
    (_, smoking) = la.contrast(model, {"C(smoking)[2]": 1, "lonely": -1}).question.compared
    assert (smoking.variable, smoking.value, smoking.reference) == ("smoking", "2", "0")


def test_a_regression_contrast_knows_its_family_and_a_dose_that_it_is_one(model):
    fitted = la.regress(design(), "died ~ lonely + age", family="poisson")
    assert la.contrast(fitted, "lonely").question.family == "poisson"
    assert la.dose_for_ratio(model, "age", 1.5).question.family == "dose"


def test_a_term_that_is_not_in_the_model_is_named(model):
    with pytest.raises(la.DataError, match=r"no term 'smoking' in the model; its terms: lonely"):
        la.contrast(model, {"smoking": 1})
    with pytest.raises(la.DataError, match="all 0"):
        la.contrast(model, {"lonely": 0})


def test_a_linear_model_has_no_ratio():
    fitted = la.regress(design(), "age ~ lonely", family="linear")
    with pytest.raises(la.DataError, match='scale="coefficient"'):
        la.contrast(fitted, "lonely")


def test_the_dose_of_a_ratio_gives_that_ratio_back(model):
    slope = la.contrast(model, "age", scale="coefficient").estimate
    dose = la.dose_for_ratio(model, "age", 1.5)
    assert np.exp(slope * dose.estimate) == pytest.approx(1.5)
    logged = la.dose_for_ratio(model, "age", 1.5, shape="log")
    assert (logged.estimate + 1) ** slope == pytest.approx(1.5)


def test_the_interval_of_a_dose_counts_the_slope_and_the_ratio(model):
    """By hand: Var(x) = (Var(ln R) + x² Var(b)) / b²."""
    slope = la.contrast(model, "age", scale="coefficient")
    x = np.log(1.5) / slope.estimate
    fixed, both = la.dose_for_ratio(model, "age", 1.5), la.dose_for_ratio(model, "age", 1.5, 1.2, 1.875)
    assert fixed.se == pytest.approx(x * slope.se / slope.estimate)
    se_log = np.log(1.875 / 1.2) / (2 * 1.959963984540054)
    assert both.se == pytest.approx(np.sqrt(se_log**2 + (x * slope.se) ** 2) / slope.estimate)
    assert both.estimate == fixed.estimate


def test_a_logarithmic_dose_has_the_error_of_its_derivative(model):
    x = la.dose_for_ratio(model, "age", 1.02)
    logged = la.dose_for_ratio(model, "age", 1.02, shape="log")
    assert logged.se == pytest.approx(np.exp(x.estimate) * x.se)


def test_a_slope_that_may_be_nothing_gives_no_dose():
    flat = small_frame(3).assign(x=np.tile([0.0, 1.0], 30))
    fitted = la.cox(design(flat), formula="x", **COLUMNS)
    assert fitted.p > 0.05
    with pytest.raises(la.EstimationError, match="cannot be told from 0"):
        la.dose_for_ratio(fitted, "x", 1.5)


@pytest.mark.parametrize("ratio", [(0.0,), (1.5, 1.6, 1.7), (-1.0,)])
def test_an_impossible_ratio_is_refused(model, ratio):
    with pytest.raises(la.DataError, match="above 0 and in order"):
        la.dose_for_ratio(model, "age", *ratio)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["linear", "log"])
def test_intervals_of_a_matching_dose_cover_the_true_dose(shape, record_property):
    """The ratio comes from another study, known with error; the slope from 80 places of 25 persons."""
    rng, samples, hits, place = np.random.default_rng(20261202), 2000, 0, np.repeat(np.arange(80), 25)
    slope, log_ratio, se_ratio = {"linear": 0.15, "log": 0.9}[shape], 0.9, 0.09
    truth = log_ratio / slope if shape == "linear" else np.expm1(log_ratio / slope)
    dose = np.arange(0, 21)
    for _ in range(samples):
        given = rng.choice(dose, 80)[place] // 2 + rng.choice(dose, 2000) // 2
        x = given if shape == "linear" else np.log(given + 1)
        # A tenth of a place shares one uniform number, so that the chance stays a function of the dose.
        u = np.where(rng.random(2000) < 0.1, rng.random(80)[place], rng.random(2000))
        ill = u < 1 / (1 + np.exp(1.5 - slope * x))
        model = la.regress(
            la.SurveyDesign(pd.DataFrame({"x": x, "ill": ill, "psu": place}), psu="psu"), "ill ~ x"
        )
        ends = np.exp(rng.normal(log_ratio, se_ratio) + 1.959964 * se_ratio * np.array([0, -1, 1]))
        row = la.dose_for_ratio(model, "x", *ends, shape=shape)
        hits += row.ci_low <= truth <= row.ci_high
    record_property("covers", {f"matching dose, {shape}": hits / samples})
    assert abs(hits / samples - 0.95) <= 0.015, hits
