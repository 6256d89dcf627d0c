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
