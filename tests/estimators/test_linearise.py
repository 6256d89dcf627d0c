"""The one covariance: the textbook formula, the rules for strata with one PSU, and domains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.estimators.linearise import (
    covariance,
    covariance_of_totals,
    degrees_of_freedom,
    psu_totals,
)
from lonely_analysis.estimators.psus import coded

RNG = np.random.default_rng(11)
FRAME = pd.DataFrame(
    {
        "w": RNG.gamma(2.0, 1.0, 60),
        "s": np.repeat(["b", "a", "c"], 20),
        "p": np.tile(["y", "x", "z", "v"], 15),
    }
)
DESIGN = la.SurveyDesign(FRAME, weight="w", stratum="s", psu="p")
SCORES = RNG.normal(size=(60, 2)) * FRAME["w"].to_numpy()[:, None]


def test_psu_totals_are_sums_of_rows() -> None:
    expected = pd.DataFrame(SCORES).groupby([FRAME["s"], FRAME["p"]]).sum()
    np.testing.assert_allclose(psu_totals(coded(DESIGN), SCORES), expected, rtol=1e-12)
    assert psu_totals(coded(DESIGN), SCORES[:, 0]).shape == (12, 1)


def test_covariance_is_n_times_the_covariance_of_psu_totals_within_strata() -> None:
    totals = pd.DataFrame(SCORES).groupby([FRAME["s"], FRAME["p"]]).sum()
    expected = sum(4 * np.cov(part.to_numpy(), rowvar=False) for _, part in totals.groupby(level=0))
    np.testing.assert_allclose(covariance(coded(DESIGN), SCORES), expected, rtol=1e-12)


def test_rows_are_psus_where_there_is_no_psu_column() -> None:
    design = la.SurveyDesign(FRAME, weight="w", stratum="s")
    expected = sum(20 * np.cov(SCORES[FRAME["s"] == s], rowvar=False) for s in "abc")
    np.testing.assert_allclose(covariance(coded(design), SCORES), expected, rtol=1e-12)
    simple = la.SurveyDesign(FRAME)
    assert coded(simple).weights.tolist() == [1.0] * 60
    np.testing.assert_allclose(
        covariance(coded(simple), SCORES), 60 * np.cov(SCORES, rowvar=False), rtol=1e-12
    )


def one_psu_in_c(rule: str) -> la.SurveyDesign:
    frame = FRAME.assign(p=FRAME["p"].mask(FRAME["s"] == "c", "only"))
    return la.SurveyDesign(frame, weight="w", stratum="s", psu="p", single_psu=rule)


def test_rules_for_a_stratum_with_one_psu() -> None:
    rows = coded(one_psu_in_c("adjust"))
    totals = psu_totals(rows, SCORES)
    others = np.zeros_like(totals)
    others[rows.stratum_of_psu < 2] = totals[rows.stratum_of_psu < 2]
    without = covariance(coded(one_psu_in_c("remove")), SCORES)
    np.testing.assert_allclose(without, covariance(coded(one_psu_in_c("certainty")), SCORES), rtol=0)
    np.testing.assert_allclose(
        covariance(coded(one_psu_in_c("average")), SCORES), without * 3 / 2, rtol=1e-12
    )
    alone = totals[-1]
    np.testing.assert_allclose(covariance(rows, SCORES), without + np.outer(alone, alone), rtol=1e-12)


def test_fail_looks_only_at_strata_that_the_domain_touches() -> None:
    rows = coded(one_psu_in_c("fail"))
    with pytest.raises(la.DataError, match=r"1 of 3 strata \(s\) have one PSU.*: c\."):
        covariance(rows, SCORES)
    inside = (FRAME["s"] != "c").to_numpy()
    assert covariance(rows, SCORES * inside[:, None], inside).shape == (2, 2)


def test_average_over_single_psus_only_has_no_variance_to_average() -> None:
    frame = pd.DataFrame({"s": ["a", "b"], "p": [1, 1]})
    rows = coded(la.SurveyDesign(frame, stratum="s", psu="p", single_psu="average"))
    assert np.isnan(covariance_of_totals(rows, np.ones((2, 1)))).all()


def test_degrees_of_freedom_count_psus_minus_strata_of_rows_with_weight_in_the_domain() -> None:
    assert degrees_of_freedom(coded(DESIGN)) == 12 - 3
    inside = ((FRAME["s"] == "a") & (FRAME["p"] != "v")).to_numpy()
    assert degrees_of_freedom(coded(DESIGN), inside) == 3 - 1
    zero = la.SurveyDesign(FRAME.assign(w=FRAME["w"].where(FRAME["p"] != "v", 0.0)), "w", "s", "p")
    assert degrees_of_freedom(coded(zero)) == 9 - 3
