"""regress against R survey 4.1-1 (tests/reference/models_regression.R), its invariants, and its refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.estimators.replicates import Replicates

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "models_regression.json").read_text(encoding="utf-8")
)
R = REFERENCE["values"]
CLOSE = {"rtol": 1e-8, "atol": 1e-12}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(REFERENCE["data"]).astype({"ill": "Float64", "income": float})


@pytest.fixture(scope="module")
def design(frame) -> la.SurveyDesign:
    return la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="psu")


def check(model, r, order=None):
    order = list(range(len(r["estimate"]))) if order is None else order
    table = model.to_frame()
    np.testing.assert_allclose(table["estimate"], np.array(r["estimate"])[order], **CLOSE)
    vcov = np.array(r["vcov"])[np.ix_(order, order)]
    se = np.sqrt(np.diag(vcov))
    np.testing.assert_allclose(table["se"], se, **CLOSE)
    np.testing.assert_allclose(model.vcov / np.outer(se, se), vcov / np.outer(se, se), atol=1e-8)
    np.testing.assert_allclose(table[["ci_low", "ci_high"]], np.array(r["ci"])[order], **CLOSE)
    np.testing.assert_allclose(table["p"], np.array(r["p"])[order], rtol=1e-7)
    assert (table["df"] == r["df"]).all()


@pytest.mark.parametrize(
    ("name", "formula", "family"),
    [
        ("logistic", "ill ~ lonely + age + sex + C(country)", "logistic"),
        ("interaction", "ill ~ lonely * sex + age + income + C(country, ref='NO')", "logistic"),
        ("poisson", "ill ~ lonely + age + sex + country", "poisson"),
        ("counts", "visits ~ lonely * age + log(income)", "poisson"),
        ("linear", "score ~ lonely + income + I(age**2) + age + sex * country", "linear"),
        ("years", "score ~ year + I(year**2) + lonely", "linear"),
        ("spline", "ill ~ spline(age, df=3) + sex", "logistic"),
    ],
)
def test_coefficients_covariance_and_intervals_are_those_of_svyglm(design, name, formula, family):
    check(la.regress(design, formula, family), R[name])


def test_a_domain_keeps_the_design_as_subset_does_in_r(design):
    check(la.regress(design, "ill ~ lonely + sex + income", where="age >= 40"), R["domain"])


def test_spline_knots_are_harrells_quantiles(design):
    model = la.regress(design, "ill ~ spline(age, df=3) + sex")
    assert model.points.layout.encoding.knots["spline(age, df=3)"] == pytest.approx(R["spline"]["knots"])


def bootstrap(design) -> Replicates:
    stored = R["bootstrap"]
    index = pd.MultiIndex.from_arrays([stored["stratum"], stored["psu"]])
    multipliers = pd.DataFrame(stored["multipliers"], index=index).sort_index()
    ours = la.replicates(design, n=multipliers.shape[1], seed=1)
    assert list(ours.multipliers.index) == list(multipliers.index)
    return replace(ours, multipliers=multipliers)


@pytest.mark.parametrize(
    ("name", "formula", "family"),
    [
        ("logistic", "ill ~ lonely + age + sex", "logistic"),
        ("mixed", "ill ~ lonely + income", "logistic"),
        ("linear", "score ~ lonely * income", "linear"),
        ("poisson", "visits ~ lonely + age", "poisson"),
    ],
)
def test_bootstrap_refits_give_the_covariance_of_svyglm_on_the_same_replicates(design, name, formula, family):
    model = la.regress(design, formula, family, replicates=bootstrap(design))
    r = R["bootstrap"][name]
    np.testing.assert_allclose(model.to_frame()["estimate"], r["estimate"], **CLOSE)
    np.testing.assert_allclose(np.sqrt(np.diag(model.vcov)), np.sqrt(np.diag(r["vcov"])), **CLOSE)


def test_jackknife_refits_give_the_covariance_of_svyglm(design):
    model = la.regress(
        design, "ill ~ lonely + age + sex", replicates=la.replicates(design, method="jackknife")
    )
    check(model, R["jackknife"])
