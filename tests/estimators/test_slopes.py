"""Slopes by group: against R survey, against separate models, and their spread against R metafor."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

#: R `survey::svyglm` of subsets, `metafor::rma` and `confint`: tests/reference/slopes_groups.R.
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "slopes_groups.json").read_text(encoding="utf-8")
)
R = REFERENCE["values"]
FORMULA = "ill ~ trusts + age"


@pytest.fixture(scope="module")
def design() -> la.SurveyDesign:
    frame = pd.DataFrame(REFERENCE["data"]).astype({"ill": "boolean"})
    return la.SurveyDesign(frame, weight="weight", stratum="country", psu="psu")


def test_slopes_and_their_errors_are_those_of_r_in_each_group(design):
    found = la.slopes(design, FORMULA, "trusts", by="country", family="poisson").to_frame()
    np.testing.assert_allclose(found["estimate"], R["estimate"], rtol=1e-8)
    np.testing.assert_allclose(found["se"], R["se"], rtol=1e-7)
    assert list(found["df"]) == R["df"]


def test_the_spread_of_the_slopes_is_that_of_r(design):
    found = la.slopes(design, FORMULA, "trusts", by="country", family="poisson").to_frame()
    pooled = la.pool(found["estimate"], found["se"] ** 2)
    spread = la.between_sd(pooled).to_frame().iloc[0]
    np.testing.assert_allclose(spread[["estimate", "ci_low", "ci_high"]].astype(float), R["tau"], rtol=1e-6)
    assert spread["k"] == len(found)


def test_a_group_without_its_own_slope_has_a_spread_of_zero_and_an_upper_limit():
    same = la.between_sd(la.pool([0.2, 0.21, 0.19, 0.2], [0.04] * 4)).to_frame().iloc[0]
    assert same["estimate"] == 0
    assert same["ci_low"] == 0


def test_each_slope_is_the_model_of_that_group_alone(design):
    found = la.slopes(design, FORMULA, "trusts", by="country", where="age >= 30")
    alone = la.regress(design, FORMULA, where="country == 'c3' and age >= 30")
    row = found.row(country="c3").to_frame().iloc[0]
    expected = alone.row(term="trusts").to_frame().iloc[0]
    columns = ["estimate", "se", "ci_low", "ci_high"]
    np.testing.assert_allclose(row[columns].astype(float), expected[columns].astype(float), rtol=1e-12)
    assert row["n"] == alone.n


def test_ratios_are_the_exponentiated_slopes_and_keep_their_group(design):
    found = la.slopes(design, FORMULA, "trusts", by="country", family="poisson")
    ratios = found.ratios()
    np.testing.assert_allclose(np.log(ratios["ci_high"]), found.to_frame()["ci_high"])
    assert list(ratios["country"]) == list(found.to_frame()["country"])
    with pytest.raises(la.DataError, match="no ratios"):
        la.slopes(design, "age ~ trusts", "trusts", by="country", family="linear").ratios()


def test_replicates_give_every_slope_its_error(design):
    draws = la.replicates(design, n=30, method="rao-wu", seed=1)
    plain = la.slopes(design, FORMULA, "trusts", by="country").to_frame()
    again = la.slopes(design, FORMULA, "trusts", by="country", replicates=draws).to_frame()
    np.testing.assert_allclose(again["estimate"], plain["estimate"])
    assert not np.allclose(again["se"], plain["se"])


def test_an_unknown_term_one_group_and_a_group_that_cannot_be_fitted_are_named(design):
    with pytest.raises(la.DataError, match="no term 'trust' in the model"):
        la.slopes(design, FORMULA, "trust", by="country")
    with pytest.raises(la.DataError, match="'country' has 1 group"):
        la.slopes(design, FORMULA, "trusts", by="country", where="country == 'c1'")
    never = design.replace(
        frame=design.frame.assign(ill=design.frame["ill"].mask(design.frame["country"] == "c2", False))
    )
    with pytest.raises(la.EstimationError, match="c2: "):
        la.slopes(never, FORMULA, "trusts", by="country")


def test_a_fixed_effect_pool_has_no_spread():
    with pytest.raises(la.DataError, match="no variance between studies"):
        la.between_sd(la.pool([0.1, 0.3], [0.1, 0.1], method="FE"))
