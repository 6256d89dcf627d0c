"""A second opinion: ``svy``, an independent implementation, on R's data (requirements-crosscheck.lock).

Known differences, with their cause: svy's Wilson interval corrects the degrees of freedom twice (in the
effective sample size and by a t quantile), so it is not compared; its mean of a yes/no outcome has a plain t
interval.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

pytestmark = pytest.mark.crosscheck

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "core_survey.json").read_text())
NHANES = pd.DataFrame(REFERENCE["data"]["nhanes8"]).dropna().astype({"chol": int})
FORMULA = "chol ~ C(race) + C(agecat)"
DESIGN = la.SurveyDesign(NHANES, weight="weight", stratum="stratum", psu="psu")


def sample() -> Any:
    import polars as pl
    import svy

    frame = pl.from_pandas(NHANES).with_columns(psu=pl.col("stratum") * 10 + pl.col("psu"))
    return svy.Sample(frame, svy.Design(stratum="stratum", psu="psu", wgt="weight"))


def compare(ours: pd.DataFrame, theirs: pd.DataFrame, columns: dict[str, str], rtol: float) -> None:
    for mine, other in columns.items():
        np.testing.assert_allclose(ours[mine].to_numpy(float), theirs[other].to_numpy(float), rtol=rtol)


@pytest.mark.parametrize("ci", ["logit", "beta"])
def test_proportions_by_two_columns_agree(ci: str) -> None:
    theirs = (
        sample()
        .estimation.prop("chol", by=["race", "agecat"], ci_method=ci, deff="wr")
        .to_polars()
        .to_pandas()
    )
    theirs = theirs[theirs["chol"].astype(str) == "1"].sort_values(["race", "agecat"])
    ours = la.prevalence(DESIGN, "chol", by=["race", "agecat"], ci=ci).to_frame()
    ours, theirs = (table[table["est" if table is theirs else "estimate"] > 0] for table in (ours, theirs))
    compare(ours, theirs, {"estimate": "est", "se": "se", "df": "df", "n": "n"}, 1e-10)
    compare(ours, theirs, {"ci_low": "lci", "ci_high": "uci"}, 1e-8)


def test_means_in_a_domain_agree() -> None:
    import svy

    theirs = sample().estimation.mean("chol", by="race", where=svy.col("sex") == 1).to_polars().to_pandas()
    ours = la.mean(DESIGN, "chol", by="race", where="sex == 1").to_frame()
    columns = {"estimate": "est", "se": "se", "ci_low": "lci", "ci_high": "uci"}
    compare(ours, theirs.sort_values("race"), columns, 1e-10)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("logistic", "binomial"), ("poisson", "poisson"), ("linear", "gaussian")]
)
def test_regressions_agree(ours: str, theirs: str) -> None:
    found = la.regress(DESIGN, FORMULA, family=ours).to_frame()
    compare(found, fitted(sample(), theirs), {"estimate": "estimate", "se": "std_err", "df": "df"}, 1e-8)


def test_standardised_shares_agree() -> None:
    shares = {"(0,19]": 0.3, "(19,39]": 0.4, "(39,59]": 0.2, "(59,Inf]": 0.1}
    standard = sample().weighting.standardize("agecat", shares=shares, by="race")
    theirs = standard.estimation.mean("chol", by="race").to_polars().to_pandas().sort_values("race")
    ours = la.standardise(DESIGN, "chol", by="race", over="agecat", population=shares).to_frame()
    compare(ours, theirs, {"estimate": "est", "se": "se", "n": "n"}, 1e-10)


def test_jackknife_errors_of_means_agree() -> None:
    theirs = (
        sample()
        .weighting.create_jk_wgts()
        .estimation.mean("chol", by="race", method="replication", variance_center="estimate")
        .to_polars()
        .to_pandas()
        .sort_values("race")
    )
    ours = la.mean(DESIGN, "chol", by="race", replicates=la.replicates(DESIGN, method="jackknife"))
    compare(ours.to_frame(), theirs, {"estimate": "est", "se": "se"}, 1e-10)


def test_jackknife_refits_of_a_regression_agree() -> None:
    # svy centres the refits of a regression on their mean, R (mse = TRUE) and we on the full-sample estimate.
    theirs = fitted(sample().weighting.create_jk_wgts(), "binomial", method="replication")
    jackknife = la.replicates(DESIGN, method="jackknife")
    refits = np.array([refit(jackknife.row_multipliers(r)) for r in range(len(jackknife))])
    spread = refits - refits.mean(axis=0)
    around_mean = np.sqrt((jackknife.rscales[:, None] * spread**2).sum(axis=0))
    np.testing.assert_allclose(around_mean, theirs["std_err"], rtol=1e-7)
    full = la.regress(DESIGN, FORMULA)
    spread = refits - full.to_frame()["estimate"].to_numpy()
    ours = la.regress(DESIGN, FORMULA, replicates=jackknife).to_frame()["se"]
    np.testing.assert_allclose(ours, np.sqrt((jackknife.rscales[:, None] * spread**2).sum(axis=0)), rtol=1e-7)


def fitted(their_sample: Any, family: str, **how: Any) -> pd.DataFrame:
    import svy

    terms = [svy.Cat("race"), svy.Cat("agecat")]
    model = their_sample.glm.fit("chol", x=terms, family=family, tol=1e-13, **how)
    return model.to_polars().to_pandas()


def refit(multipliers: np.ndarray) -> np.ndarray:
    frame = NHANES.assign(weight=NHANES["weight"] * multipliers)
    design = la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="psu", single_psu="adjust")
    return la.regress(design, FORMULA).to_frame()["estimate"].to_numpy()
