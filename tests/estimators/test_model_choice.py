"""Comparing models of one outcome.

References (tests/reference/model_choice.json, versions inside; data of mediation_effects.json): dAIC and
effective parameters by ``AIC`` of ``survey::svyglm``, C by ``survival::concordance`` with weights, SEs from
its derivatives by the weights.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.errors import DataError

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "model_choice.json").read_text())
DATA = pd.DataFrame(json.loads((FOLDER / "mediation_effects.json").read_text())["data"])
DESIGN = la.SurveyDesign(DATA, weight="weight", stratum="stratum", psu="psu")
MODELS = {"Lonely": "lonely", "and age": "lonely + age", "and stress": "lonely * age + stress"}


def compared(design=DESIGN, models=MODELS, **options):
    return la.compare_models(design, "poor", models, **options).to_frame()


def test_criterion_and_effective_parameters_are_svyglms():
    ours = compared()
    np.testing.assert_allclose(ours["aic"], REFERENCE["aic"], rtol=1e-9)
    np.testing.assert_allclose(ours["parameters"], REFERENCE["parameters"], rtol=1e-7)
    np.testing.assert_allclose(ours["aic_gap"], ours["aic"] - min(REFERENCE["aic"]), atol=1e-6)


def test_c_statistic_and_its_change_are_rs():
    ours = compared()
    np.testing.assert_allclose(ours["estimate"], REFERENCE["c"], rtol=1e-10)
    np.testing.assert_allclose(ours["se"], REFERENCE["c_se"], rtol=1e-6)
    np.testing.assert_allclose(ours["change"][1:], REFERENCE["change"], rtol=1e-8)
    np.testing.assert_allclose(ours["change_se"][1:], REFERENCE["change_se"], rtol=1e-6)
    assert ours.loc[0, ["change", "change_se", "change_low", "change_high"]].isna().all()


def test_one_yes_no_covariate_gives_the_mean_of_sensitivity_and_specificity():
    # With one yes/no covariate the ROC curve has one corner: area = (sensitivity + specificity) / 2.
    c = compared(models={"Lonely": "lonely"})["estimate"][0]
    share = [np.average(DATA["lonely"], weights=DATA["weight"] * (DATA["poor"] == v)) for v in (1, 0)]
    assert c == pytest.approx((share[0] + 1 - share[1]) / 2, rel=1e-12)


def test_all_models_use_the_rows_that_are_complete_in_every_one():
    keep = pd.Series(DATA.index % 5 != 0)
    holes = DATA.assign(stress=DATA["stress"].where(keep))
    ours = compared(la.SurveyDesign(holes, weight="weight", stratum="stratum", psu="psu"))
    pd.testing.assert_frame_equal(ours, compared(where=keep))
    assert (ours["n"] == keep.sum()).all()


@settings(max_examples=15)
@given(scale=st.floats(0.01, 100), shift=st.floats(-5, 5), stretch=st.floats(0.1, 10))
def test_neither_the_scale_of_weights_nor_the_units_of_a_covariate_matter(scale, shift, stretch):
    changed = DATA.assign(weight=DATA["weight"] * scale, age=DATA["age"] * stretch + shift)
    ours = compared(la.SurveyDesign(changed, weight="weight", stratum="stratum", psu="psu"))
    pd.testing.assert_frame_equal(ours, compared(), rtol=1e-6, atol=1e-7)


def test_a_covariate_far_from_zero_has_the_same_effective_parameters():
    # At 1e9 the information of the coefficients as they are named is singular to the last digit.
    far = la.SurveyDesign(DATA.assign(age=DATA["age"] + 1e9), weight="weight", stratum="stratum", psu="psu")
    np.testing.assert_allclose(
        compared(far, {"one": "lonely + age"})["parameters"],
        compared(models={"one": "lonely + age"})["parameters"],
        rtol=1e-5,
    )


def test_a_covariate_of_pure_noise_costs_about_one_parameter_without_a_design():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=4000), "noise": rng.normal(size=4000)})
    frame["poor"] = rng.random(4000) < 1 / (1 + np.exp(-frame["x"]))
    ours = compared(la.SurveyDesign(frame), {"x": "x", "and noise": "x + noise"})
    np.testing.assert_allclose(ours["parameters"], [1, 2], atol=0.15)


@pytest.mark.parametrize("models", [{}, "lonely"])
def test_no_models_is_refused(models):
    with pytest.raises(DataError, match="models="):
        la.compare_models(DESIGN, "poor", models)


@pytest.mark.slow
def test_the_interval_of_c_covers_the_cs_of_the_population(record_property):
    # People of a stratified cluster sample; each C is that of one covariate, whose order no fit can change.
    rng, samples, hits = np.random.default_rng(8), 2000, np.zeros(3)

    def draw(clusters: int, people: int) -> pd.DataFrame:
        psu = np.repeat(np.arange(clusters), people)
        x = rng.normal(size=clusters)[psu] * 0.5 + rng.normal(size=len(psu))
        z = rng.normal(size=clusters)[psu] * 0.5 + rng.normal(size=len(psu))
        risk = 1 / (1 + np.exp(1 - x - 0.5 * z))
        return pd.DataFrame({"psu": psu, "x": x, "z": z, "poor": rng.random(len(x)) < risk})

    everybody = draw(400_000, 5)
    poor = everybody["poor"].to_numpy()
    # Mann and Whitney's count from the ranks of those who have the outcome.
    ranks = everybody[["x", "z"]].rank()[poor].sum().to_numpy()
    c = (ranks - poor.sum() * (poor.sum() + 1) / 2) / (poor.sum() * (~poor).sum())
    for _ in range(samples):
        design = la.SurveyDesign(draw(60, 8), psu="psu")
        table = la.compare_models(design, "poor", {"x": "x", "z": "z"}).to_frame()
        hits[:2] += (table["ci_low"] <= c) & (c <= table["ci_high"])
        hits[2] += table["change_low"][1] <= c[1] - c[0] <= table["change_high"][1]
    shares = dict(zip(("C statistic", "C statistic, weaker", "change of C"), hits / samples, strict=True))
    record_property("covers", shares)
    assert (abs(hits / samples - 0.95) <= 0.015).all(), shares
