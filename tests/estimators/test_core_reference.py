"""Agreement with R ``survey``: reference/core_survey.R wrote the values, with versions, on R's own data sets.

Estimates, SE and df agree to 1e-10, intervals to 1e-8. R's ``svyciprop(method = "logit")`` reaches only
about 3e-9 with its defaults, because the intercept is fitted by ``svyglm`` until the deviance changes by
less than 1e-8; the script fits the same model with epsilon 1e-15.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "core_survey.json").read_text())
FRAMES = {name: pd.DataFrame(columns) for name, columns in REFERENCE["data"].items()}


def design_of(case: dict) -> la.SurveyDesign:
    names = case["design"] or {}
    return la.SurveyDesign(FRAMES[case["data"]], single_psu=case.get("rule", "fail"), **names)


def as_list(value: str | list | None) -> list:
    return [value] if isinstance(value, str) else list(value or [])


def label(case: dict) -> str:
    parts = [
        case["data"],
        case["outcome"],
        *as_list(case["by"]),
        case["ci"],
        str(case["level"]),
        case["rule"],
    ]
    return "-".join([*parts, *(case["design"] or {}), "where" if case["where"] else "all"])


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=label)
def test_estimates_of_domains_are_those_of_r(case: dict) -> None:
    design, by = design_of(case), as_list(case["by"])
    asked = {"by": by, "where": case["where"], "level": case["level"]}
    if case["ci"] == "t":
        result = la.mean(design, case["outcome"], **asked)
    else:
        result = la.prevalence(design, case["outcome"], ci=case["ci"], **asked)
    ours, theirs = result.to_frame(), pd.DataFrame(case["rows"])
    assert ours[by].astype(str).equals(theirs[by].astype(str))
    assert ours["n"].tolist() == theirs["n"].tolist()
    assert ours["df"].tolist() == theirs["df"].tolist()
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-10)
    np.testing.assert_allclose(ours["se"], theirs["se"].astype(float), rtol=1e-10, atol=1e-17)
    for column in ("ci_low", "ci_high"):
        np.testing.assert_allclose(ours[column], theirs[column].astype(float), rtol=1e-8)
    varies = ours["se"] > 0
    np.testing.assert_allclose(ours["deff"][varies], theirs["deff"][varies].astype(float), rtol=1e-9)


def test_covariance_between_domains_is_that_of_r() -> None:
    case = REFERENCE["vcov"]
    design = la.SurveyDesign(FRAMES["nhanes8"], weight="weight", stratum="stratum", psu="psu")
    ours = la.prevalence(design, case["outcome"], by=case["by"]).vcov
    np.testing.assert_allclose(ours, np.array(case["vcov"], dtype=float), rtol=1e-10, atol=1e-18)


@pytest.mark.parametrize("case", REFERENCE["standardised"], ids=lambda case: case["data"])
def test_standardised_rates_are_those_of_svystandardize(case: dict) -> None:
    design = la.SurveyDesign(FRAMES[case["data"]], weight="weight", stratum="stratum", psu="psu")
    result = la.standardise(
        design, case["outcome"], case["by"], case["over"], case["population"], binary=case["binary"]
    )
    ours = result.to_frame()
    np.testing.assert_allclose(ours["estimate"], case["estimate"], rtol=1e-10)
    np.testing.assert_allclose(ours["se"], case["se"], rtol=1e-10)
    if "deff" in case:
        np.testing.assert_allclose(ours["deff"], case["deff"], rtol=1e-9)


@pytest.mark.parametrize("case", REFERENCE["tests"], ids=lambda case: f"{case['data']}-{case['outcome']}")
def test_rao_scott_test_is_svychisq(case: dict) -> None:
    result = la.rao_scott(design_of(case), case["outcome"], case["by"])
    for name in ("statistic", "df1", "df2", "p"):
        assert getattr(result, name) == pytest.approx(case[name], rel=1e-9)


@pytest.mark.parametrize("case", REFERENCE["replicates"], ids=lambda case: f"{case['data']}-{case['type']}")
def test_replicate_weights_that_r_made_give_r_variances(case: dict) -> None:
    weights = pd.DataFrame(case["weights"]).add_prefix("rep")
    frame = pd.concat([FRAMES[case["data"]], weights], axis=1)
    design = la.SurveyDesign(frame, **case["design"])
    given = la.replicates(
        design, columns=list(weights), scale=case["scale"], rscales=np.atleast_1d(case["rscales"])
    )
    estimator = la.prevalence if case["outcome"] == "met" else la.mean
    ours = estimator(design, case["outcome"], by=case["by"], replicates=given).to_frame()
    np.testing.assert_allclose(ours["estimate"], case["estimate"], rtol=1e-10)
    np.testing.assert_allclose(ours["se"], case["se"], rtol=1e-10)


@pytest.mark.parametrize(
    "case", REFERENCE["replicates"][2:], ids=lambda case: f"{case['data']}-{case['type']}"
)
def test_jackknife_is_that_of_r(case: dict) -> None:
    design = la.SurveyDesign(FRAMES[case["data"]], **case["design"])
    made = la.replicates(design, method="jackknife")
    ours = la.mean(design, case["outcome"], by=case["by"], replicates=made).to_frame()
    np.testing.assert_allclose(ours["se"], case["se"], rtol=1e-10)
