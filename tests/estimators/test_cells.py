"""The covariance of cells is the same by each of the ways to it: full table, blocks, and rows as PSUs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.estimators import cells


@pytest.mark.parametrize("rule", ["adjust", "average", "certainty", "remove"])
@pytest.mark.parametrize("strata", [1, 7, 60])
@pytest.mark.parametrize("some", [None, "y > -0.5"])
def test_rows_as_psus_have_the_covariance_of_the_full_table(strata, rule, some, monkeypatch) -> None:
    rng = np.random.default_rng(strata)
    n = 120
    frame = pd.DataFrame(
        {"s": rng.integers(0, strata, n), "g": rng.integers(0, 9, n), "w": rng.gamma(2.0, size=n)}
    )
    frame["y"] = rng.normal(size=n) + 100 * frame["s"]
    frame.loc[frame["g"] == 3, "y"] = 5.0
    design = la.SurveyDesign(frame, weight="w", stratum="s", single_psu=rule)
    by_rows = la.mean(design, "y", by="g", where=some)
    monkeypatch.setattr(cells, "_TABLE", 0)
    by_blocks = la.mean(design, "y", by="g", where=some)
    monkeypatch.setattr(cells, "_FULL", 1e9)
    by_table = la.mean(design, "y", by="g", where=some)
    for other in (by_blocks, by_table):
        np.testing.assert_allclose(by_rows.vcov, other.vcov, rtol=1e-10, atol=1e-12 * np.nanmax(other.vcov))


def test_a_simple_random_sample_in_many_groups_has_the_variance_of_its_formula() -> None:
    n = 200_000
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"g": rng.integers(0, 400, n), "y": rng.integers(0, 2, n)})
    found = la.prevalence(la.SurveyDesign(frame), "y", by="g").to_frame()
    # se^2 = n/(n-1) p(1-p)/n_g.
    by_hand = np.sqrt(n / (n - 1) * found["estimate"] * (1 - found["estimate"]) / found["n"])
    np.testing.assert_allclose(found["se"], by_hand, rtol=1e-12)
