"""The order of adjustment.

References (tests/reference/mediation_sequential.json, versions inside; data of mediation_effects.json):
coefficients and SE of each step by ``survey::svyglm``; differences by R's ``glm``; SEs of changes from
derivatives by the weights.
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
REFERENCE = json.loads((FOLDER / "mediation_sequential.json").read_text())
DATA = pd.DataFrame(json.loads((FOLDER / "mediation_effects.json").read_text())["data"])
DESIGN = la.SurveyDesign(DATA, weight="weight", stratum="stratum", psu="psu")
STEPS = ["age", "stress"]


@pytest.mark.parametrize("scale", ["coefficient", "difference"])
def test_estimates_changes_and_their_se_are_rs(scale):
    ours, theirs = la.sequential(DESIGN, "poor", "lonely", STEPS, scale=scale).to_frame(), REFERENCE[scale]
    assert ours["added"].tolist() == ["unadjusted", "age", "stress"]
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-9)
    np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-7)
    np.testing.assert_allclose(ours["change"][1:], theirs["change"], rtol=1e-7)
    np.testing.assert_allclose(ours["change_se"][1:], theirs["change_se"], rtol=1e-6)


def test_coefficients_and_se_are_svyglms():
    ours = la.sequential(DESIGN, "poor", "lonely", STEPS, scale="coefficient").to_frame()
    np.testing.assert_allclose(ours["estimate"], REFERENCE["svyglm"]["estimate"], rtol=1e-9)
    np.testing.assert_allclose(ours["se"], REFERENCE["svyglm"]["se"], rtol=1e-8)


def test_all_steps_use_the_rows_that_are_complete_in_the_last():
    holes = DATA.assign(stress=DATA["stress"].mask(DATA.index % 5 == 0))
    design = la.SurveyDesign(holes, weight="weight", stratum="stratum", psu="psu")
    ours = la.sequential(design, "poor", "lonely", STEPS).to_frame()
    kept = la.sequential(DESIGN, "poor", "lonely", STEPS, where=pd.Series(DATA.index % 5 != 0))
    pd.testing.assert_frame_equal(ours, kept.to_frame())
    assert (ours["n"] == (DATA.index % 5 != 0).sum()).all()


def test_steps_in_words_are_the_same_steps():
    named = la.sequential(DESIGN, "poor", "lonely", {"Age": "age", "What stresses": "stress"}).to_frame()
    plain = la.sequential(DESIGN, "poor", "lonely", STEPS).to_frame()
    assert named["added"].tolist() == ["unadjusted", "Age", "What stresses"]
    pd.testing.assert_frame_equal(named.drop(columns="added"), plain.drop(columns="added"))


@settings(max_examples=8)
@given(st.permutations(["age", "stress", "health"]))
def test_the_end_of_the_road_does_not_depend_on_the_order(steps):
    ours = la.sequential(DESIGN, "poor", "lonely", steps, family="linear").to_frame()
    base = la.sequential(DESIGN, "poor", "lonely", ["age", "stress", "health"], family="linear").to_frame()
    np.testing.assert_allclose(
        ours[["estimate", "se"]].iloc[[0, -1]], base[["estimate", "se"]].iloc[[0, -1]], rtol=1e-8
    )
    assert ours["change"].sum() == pytest.approx(ours["estimate"].iloc[-1] - ours["estimate"].iloc[0])


def test_a_covariate_of_nothing_changes_nothing():
    frame = pd.DataFrame({"x": [0, 1] * 40, "z": np.repeat([0, 1], 40), "y": np.tile([0.0, 1, 2, 3], 20)})
    table = la.sequential(la.SurveyDesign(frame), "y", "x", ["z"], family="linear").to_frame()
    assert table["change"][1] == pytest.approx(0, abs=1e-12)


def test_the_jackknife_agrees_with_the_linearised_error():
    # Equal in large samples; with 20 PSUs the jackknife is wider.
    jackknife = la.replicates(DESIGN, method="jackknife")
    again = la.sequential(DESIGN, "poor", "lonely", STEPS, replicates=jackknife).to_frame()
    exact = la.sequential(DESIGN, "poor", "lonely", STEPS).to_frame()
    np.testing.assert_allclose(again["se"], exact["se"], rtol=0.1)


@pytest.mark.parametrize(
    ("steps", "options", "says"),
    [
        ([], {}, "in the order they join"),
        ("age", {}, "in the order they join"),
        (STEPS, {"scale": "odds"}, "difference, coefficient"),
        (STEPS, {"treated": 0}, "nothing is compared"),
        (["income"], {}, "income"),
    ],
)
def test_steps_that_cannot_be_taken_are_refused(steps, options, says):
    with pytest.raises(DataError, match=says):
        la.sequential(DESIGN, "poor", "lonely", steps, **options)


@pytest.mark.slow
def test_intervals_cover_the_true_change_in_clustered_samples(record_property):
    # A confounder z with effect 0.5 on the outcome, and slope 0.4 / (1 + 0.16) on the exposure: the change
    # is -0.5 times it.
    rng, hits = np.random.default_rng(20261123), 0
    truth = -0.5 * 0.4 / 1.16
    for _ in range(2000):
        psu = np.repeat(np.arange(60), 8)
        z = np.sqrt(0.1) * rng.normal(size=60)[psu] + np.sqrt(0.9) * rng.normal(size=480)
        x = 0.4 * z + rng.normal(size=480)
        y = 0.3 * x + 0.5 * z + 0.3 * rng.normal(size=60)[psu] + rng.normal(size=480)
        frame = pd.DataFrame({"x": x, "y": y, "z": z, "psu": psu})
        row = la.sequential(la.SurveyDesign(frame, psu="psu"), "y", "x", ["z"], family="linear").row(step=1)
        hits += row.change_low <= truth <= row.change_high
    record_property("covers", {"change of a coefficient": hits / 2000})
    assert abs(hits / 2000 - 0.95) <= 0.015, hits
