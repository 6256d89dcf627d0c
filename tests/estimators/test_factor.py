"""Factor structure.

References (tests/reference/scales_reliability.json, versions inside): loadings and uniquenesses by
``stats::factanal`` at tight tolerances; the scaled test by ``lavaan`` (one factor, MLM), whose Gamma
divides by n where the design's covariance divides by n - 1, so that its scaling factor is (n-1)/n of ours.
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
from lonely_analysis.errors import DataError, EstimationError

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "scales_reliability.json").read_text())
DATA = pd.DataFrame(REFERENCE["data"])
ITEMS = [f"i{k}" for k in range(1, 7)]
DESIGN = la.SurveyDesign(DATA, weight="weight", stratum="stratum", psu="psu")


def loadings(result):
    return result.to_frame().filter(like="factor").to_numpy()


@pytest.mark.parametrize(
    ("factors", "rotation", "key"),
    [(1, "none", "one_factor"), (2, "varimax", "two_varimax"), (2, "promax", "two_promax")],
)
def test_loadings_are_factanals(factors, rotation, key):
    ours = la.factor_structure(la.SurveyDesign(DATA), ITEMS, factors=factors, rotation=rotation)
    np.testing.assert_allclose(loadings(ours), REFERENCE[key]["loadings"], atol=2e-7)
    between = np.array(REFERENCE[key]["factor_correlation"])
    np.testing.assert_allclose(ours.factor_correlation, between, atol=2e-7)


@pytest.mark.parametrize(("factors", "key"), [(1, "one_factor"), (2, "two_varimax")])
def test_uniquenesses_and_discrepancy_are_factanals(factors, key):
    ours = la.factor_structure(la.SurveyDesign(DATA), ITEMS, factors=factors)
    np.testing.assert_allclose(ours.to_frame()["uniqueness"], REFERENCE[key]["uniquenesses"], rtol=1e-7)
    assert ours.fit["chi2_unscaled"][0] == pytest.approx(400 * REFERENCE[key]["discrepancy"], rel=1e-9)
    assert ours.fit["df"][0] == REFERENCE[key]["df"]


def test_the_scaled_test_of_fit_is_lavaans():
    ours, theirs = la.factor_structure(la.SurveyDesign(DATA), ITEMS).fit.iloc[0], REFERENCE["scaled"]
    assert ours["chi2_unscaled"] == pytest.approx(theirs["chisq"], rel=1e-8)
    assert ours["scaling"] * 399 / 400 == pytest.approx(theirs["chisq.scaling.factor"], rel=1e-6)
    # RMSEA and CFI of the same chi-squares, with our scaling factors turned into lavaan's.
    chi2, worst = theirs["chisq.scaled"] * 399 / 400, theirs["baseline.chisq.scaled"] * 399 / 400
    assert ours["chi2"] == pytest.approx(chi2, rel=1e-6)
    assert ours["rmsea"] == pytest.approx(np.sqrt((chi2 - 9) / (9 * 400)), rel=1e-6)
    assert ours["cfi"] == pytest.approx(1 - (chi2 - 9) / (worst - 15), rel=1e-6)


def test_two_made_factors_are_found_with_their_correlation():
    rng = np.random.default_rng(4)
    size, within = 20_000, 0.5
    factors = rng.multivariate_normal([0, 0], [[1, within], [within, 1]], size=size)
    truth = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.75], [0, 0.65], [0, 0.55]])
    x = factors @ truth.T + rng.normal(size=(size, 6)) * np.sqrt(1 - (truth**2).sum(axis=1))
    result = la.factor_structure(la.SurveyDesign(pd.DataFrame(x, columns=ITEMS)), ITEMS, factors=2)
    # Promax leaves small cross-loadings; what the two factors say together is free of the choice of rotation.
    said = loadings(result) @ result.factor_correlation.to_numpy() @ loadings(result).T
    np.testing.assert_allclose(said, truth @ [[1, within], [within, 1]] @ truth.T, atol=0.03)
    assert (np.abs(loadings(result)).argmax(axis=1) == [0, 0, 0, 1, 1, 1]).all()
    assert result.fit["rmsea"][0] < 0.02
    assert la.factor_structure(la.SurveyDesign(pd.DataFrame(x, columns=ITEMS)), ITEMS).fit["rmsea"][0] > 0.1


def test_three_items_and_one_factor_fit_by_construction_and_claim_no_test():
    fit = la.factor_structure(DESIGN, ITEMS[:3]).fit.iloc[0]
    assert fit["df"] == 0
    assert np.isnan(fit[["chi2", "p", "rmsea", "cfi"]].astype(float)).all()


@settings(max_examples=10)
@given(st.floats(0.1, 50), st.permutations(range(6)), st.integers(0, 2**32 - 1))
def test_the_solution_follows_its_items_and_ignores_units_and_row_order(scale, items, seed):
    order = np.random.default_rng(seed).permutation(len(DATA))
    other = DATA.iloc[order].assign(weight=lambda d: d["weight"] * scale, i1=lambda d: d["i1"] * 7 - 2)
    design = la.SurveyDesign(other, weight="weight", stratum="stratum", psu="psu")
    names = [ITEMS[k] for k in items]
    ours = la.factor_structure(design, names, factors=2)
    base = la.factor_structure(DESIGN, ITEMS, factors=2)
    np.testing.assert_allclose(
        ours.to_frame().set_index("item").loc[ITEMS], base.to_frame().set_index("item"), atol=1e-5
    )
    np.testing.assert_allclose(
        ours.fit[["chi2", "rmsea", "cfi"]], base.fit[["chi2", "rmsea", "cfi"]], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("items", "options", "error", "says"),
    [
        (ITEMS[:3], {"factors": 2}, DataError, "3 items cannot carry 2 factors"),
        (ITEMS, {"rotation": "oblimin"}, DataError, "none of: promax"),
        (ITEMS, {"factors": 0}, DataError, "cannot carry 0 factors"),
        ([*ITEMS, "copy"], {}, EstimationError, "combination of the others"),
    ],
)
def test_models_that_cannot_be_fitted_are_refused(items, options, error, says):
    with pytest.raises(error, match=says):
        la.factor_structure(la.SurveyDesign(DATA.assign(copy=DATA["i1"] + DATA["i2"])), items, **options)


@pytest.mark.slow
def test_the_scaled_test_rejects_a_true_model_at_its_level_in_clustered_samples(record_property):
    rng, loading, rejected = np.random.default_rng(20261123), np.array([0.8, 0.7, 0.6, 0.5, 0.6]), 0
    place = np.repeat(np.arange(60), 10)
    for _ in range(2000):
        factor = np.sqrt(0.1) * rng.normal(size=60)[place] + np.sqrt(0.9) * rng.normal(size=600)
        x = factor[:, None] * loading + rng.normal(size=(600, 5)) * np.sqrt(1 - loading**2)
        frame = pd.DataFrame(x, columns=ITEMS[:5]).assign(psu=place)
        rejected += la.factor_structure(la.SurveyDesign(frame, psu="psu"), ITEMS[:5]).fit["p"][0] < 0.05
    record_property("rejects", {"one-factor model": rejected / 2000})
    assert 0.035 <= rejected / 2000 <= 0.065


def test_items_whose_covariances_have_no_variance_are_not_tested():
    rng = np.random.default_rng(5)
    items = pd.DataFrame(rng.normal(size=(60, 4)), columns=list("abcd")).assign(psu=1)
    one = la.SurveyDesign(items, psu="psu", single_psu="remove")
    with pytest.raises(la.EstimationError, match="fit of a, b, c, d cannot be tested"):
        la.factor_structure(one, list("abcd"))
