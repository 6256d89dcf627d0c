"""Attributable fraction and counterfactual shares.

References (tests/reference/impact_attributable.json, versions inside): estimates from R's ``glm``; standard
errors of the total, under R ``survey``'s design, of the derivative of each estimate by each weight.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

import lonely_analysis as la
from lonely_analysis.errors import DataError, EstimationError

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "impact_attributable.json").read_text())
DATA = pd.DataFrame(REFERENCE["data"])
DESIGN = la.SurveyDesign(DATA, weight="weight", stratum="stratum", psu="psu")
MODEL = "poor_health ~ lonely + age + trust"


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_the_attributable_fraction_and_its_se_are_rs(family):
    ours = la.attributable_fraction(DESIGN, MODEL, "lonely", family=family)
    theirs = REFERENCE[f"log_left_{family}"]
    assert np.log(1 - ours.estimate) == pytest.approx(theirs["estimate"], rel=1e-9)
    assert ours.se == pytest.approx(theirs["se"], rel=1e-7)
    assert ours.df == REFERENCE["df"]
    assert ours.ci_low < ours.estimate < ours.ci_high


def test_under_a_poisson_model_it_is_miettinens_formula():
    ours = la.attributable_fraction(DESIGN, MODEL, "lonely", family="poisson")
    assert ours.estimate == pytest.approx(REFERENCE["miettinen_poisson"], rel=1e-9)
    assert ours.exposed_among_cases == pytest.approx(REFERENCE["exposed_among_cases"], rel=1e-10)
    assert ours.ratio == pytest.approx(REFERENCE["risk_ratio"], rel=1e-9)


def test_a_counterfactual_with_a_partial_reach_is_rs():
    ours = la.counterfactual(DESIGN, MODEL, {"trust": "+1"}, reach=0.3)
    for quantity, key in (("counterfactual", "trusting"), ("difference", "difference")):
        row = ours.row(quantity=quantity)
        assert row.estimate == pytest.approx(REFERENCE[key]["estimate"], rel=1e-9)
        assert row.se == pytest.approx(REFERENCE[key]["se"], rel=1e-6)
    share = ours.row(quantity="averted_share")
    assert np.log(1 - share.estimate) == pytest.approx(REFERENCE["log_share"]["estimate"], rel=1e-7)
    assert share.se == pytest.approx(REFERENCE["log_share"]["se"], rel=1e-6)
    assert share.ci_low < share.estimate < share.ci_high


def test_observed_is_the_weighted_mean_with_its_design_se():
    observed = la.counterfactual(DESIGN, MODEL, {"lonely": 0}).row(quantity="observed")
    mean = la.mean(DESIGN, "poor_health")
    assert (observed.estimate, observed.se) == pytest.approx((mean.estimate, mean.se), rel=1e-9)


def test_removing_an_exposure_averts_its_attributable_fraction():
    fraction = la.attributable_fraction(DESIGN, MODEL, "lonely")
    share = la.counterfactual(DESIGN, MODEL, {"lonely": 0}).row(quantity="averted_share")
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(share, name) == pytest.approx(getattr(fraction, name), rel=1e-10)


@settings(max_examples=10)
@given(st.floats(0, 1), st.floats(0.1, 10))
def test_the_difference_is_proportional_to_the_reach_and_blind_to_the_scale_of_weights(reach, scale):
    design = la.SurveyDesign(
        DATA.assign(weight=DATA["weight"] * scale), weight="weight", stratum="stratum", psu="psu"
    )
    part = la.counterfactual(design, MODEL, {"lonely": 0}, reach=reach).row(quantity="difference")
    whole = la.counterfactual(DESIGN, MODEL, {"lonely": 0}).row(quantity="difference")
    assert part.estimate == pytest.approx(reach * whole.estimate, abs=1e-12)
    assert part.se == pytest.approx(reach * whole.se, abs=1e-10)


def test_categories_and_yes_no_columns_can_be_exposures():
    words = DATA.assign(lonely=DATA["lonely"].map({0: "no", 1: "yes"}), flag=DATA["lonely"].astype("boolean"))
    design = la.SurveyDesign(words, weight="weight", stratum="stratum", psu="psu")
    number = la.attributable_fraction(DESIGN, MODEL, "lonely")
    text = la.attributable_fraction(design, "poor_health ~ C(lonely) + age + trust", "lonely", unexposed="no")
    flag = la.attributable_fraction(design, "poor_health ~ flag + age + trust", "flag", unexposed=False)
    for other in (text, flag):
        assert (other.estimate, other.se) == pytest.approx((number.estimate, number.se), rel=1e-8)
        assert other.ratio == pytest.approx(number.ratio, rel=1e-8)


def test_the_jackknife_agrees_with_the_linearised_error():
    # Equal in large samples; with 30 PSUs the jackknife is a few per cent wider.
    jackknife = la.replicates(DESIGN, method="jackknife")
    exact, again = (
        la.counterfactual(DESIGN, MODEL, {"lonely": 0}, replicates=chosen).to_frame()
        for chosen in (None, jackknife)
    )
    np.testing.assert_allclose(again["estimate"], exact["estimate"])
    np.testing.assert_allclose(again["se"], exact["se"], rtol=0.1)


@pytest.mark.parametrize(
    ("change", "reach", "says"),
    [
        ({"income": 0}, 1, "'income' is not in the formula"),
        ({}, 1, "change= is empty"),
        ({"lonely": 0}, 20, "reach=20 is no share"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(change, reach, says):
    with pytest.raises(DataError, match=says):
        la.counterfactual(DESIGN, MODEL, change, reach=reach)


def test_a_mean_of_nothing_has_no_share():
    design = la.SurveyDesign(DATA.assign(poor_health=DATA["poor_health"] - 0.5))
    with pytest.raises(EstimationError, match="no share can be formed"):
        la.attributable_fraction(design, MODEL, "lonely", family="linear")


@pytest.mark.slow
def test_intervals_cover_the_true_fraction_in_clustered_samples(record_property):
    # Truth by integration over a large population of the same model.
    rng = np.random.default_rng(20261123)
    place_sd, hits = 0.3, np.zeros(4)

    def population(size, place):
        age = rng.normal(size=size)
        lonely = rng.random(size) < expit(-0.8 - 0.3 * age)
        risk = expit(-1.5 + 0.8 * lonely + 0.4 * age + place_sd * place)
        return age, lonely, risk, expit(-1.5 + 0.4 * age + place_sd * place)

    _, _, risk, without = population(4_000_000, rng.normal(size=4_000_000))
    truth, halved = 1 - without.mean() / risk.mean(), (risk.mean() + without.mean()) / 2
    risk_now = risk.mean()
    for _ in range(2000):
        psu = np.repeat(np.arange(80), 12)
        age, lonely, risk, _ = population(960, rng.normal(size=80)[psu])
        frame = pd.DataFrame({"y": rng.random(960) < risk, "age": age, "lonely": lonely, "psu": psu})
        design = la.SurveyDesign(frame, psu="psu")
        fraction = la.attributable_fraction(design, "y ~ lonely + age", "lonely")
        half = la.counterfactual(design, "y ~ lonely + age", {"lonely": 0}, reach=0.5)
        share, then, change = (
            half.row(quantity=name) for name in ("averted_share", "counterfactual", "difference")
        )
        hits += [
            fraction.ci_low <= truth <= fraction.ci_high,
            share.ci_low <= truth / 2 <= share.ci_high,
            then.ci_low <= halved <= then.ci_high,
            change.ci_low <= halved - risk_now <= change.ci_high,
        ]
    names = ("attributable fraction", "averted share", "share after a change", "difference by a change")
    record_property("covers", dict(zip(names, hits / 2000, strict=True)))
    assert ((hits / 2000 >= 0.935) & (hits / 2000 <= 0.965)).all(), hits


def test_replicates_of_which_none_can_be_fitted_are_refused_and_give_no_silent_nan():
    lonely = DATA["lonely"] == 1
    columns = {f"r{k}": DATA["weight"] * ~lonely * (1 + k) for k in range(3)}
    design = la.SurveyDesign(DATA.assign(**columns), weight="weight")
    made = la.replicates(design, columns=list(columns), scale=1.0)
    with pytest.raises(EstimationError, match="none of the 3 replicates could be estimated"):
        la.attributable_fraction(design, MODEL, "lonely", replicates=made)


@pytest.mark.parametrize("change", [{"age": "+a"}, {"age": "zero"}, {"age": "+nan"}])
def test_a_change_that_is_no_number_is_refused_by_name(change):
    with pytest.raises(DataError, match="'age' is a number in the model, and cannot be set to"):
        la.counterfactual(DESIGN, MODEL, change)
