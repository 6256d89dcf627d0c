"""Shares of combinations of conditions: R ``survey`` (see ``panel_data``), totals, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from panel_data import DESIGN, HOW, REFERENCE, WIDE

import lonely_analysis as la

CONDITIONS = ["lonely", "isolated", "alone"]


def test_shares_errors_and_intervals_are_rs():
    ours, theirs = la.overlap(DESIGN, CONDITIONS).to_frame(), pd.DataFrame(REFERENCE["overlap"])
    for column in ("estimate", "se", "n", "df"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-10)
    for column in ("ci_low", "ci_high"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-8)
    np.testing.assert_allclose(ours["deff"], theirs["deff"], rtol=1e-10)


def test_combinations_that_hold_a_condition_add_up_to_its_prevalence():
    found = la.overlap(DESIGN, CONDITIONS)
    table, alone = found.to_frame(), la.prevalence(DESIGN, "alone", where="isolated >= 0")
    holds = table["alone"].to_numpy(dtype=float)
    assert holds @ table["estimate"] == pytest.approx(alone.estimate, rel=1e-12)
    assert np.sqrt(holds @ found.vcov @ holds) == pytest.approx(alone.se, rel=1e-10)
    assert table["estimate"].sum() == pytest.approx(1, abs=1e-12)


def test_a_condition_named_in_another_order_only_reorders_the_rows():
    one = la.overlap(DESIGN, ["lonely", "alone"]).row(lonely=True, alone=False)
    other = la.overlap(DESIGN, ["alone", "lonely"]).row(lonely=True, alone=False)
    assert (one.estimate, one.ci_low) == pytest.approx((other.estimate, other.ci_low), rel=1e-12)


def test_a_combination_that_nobody_has_is_0_with_an_upper_limit_and_no_design_effect():
    never = la.SurveyDesign(WIDE.assign(never=0), **HOW)
    row = la.overlap(never, ["lonely", "never"]).row(lonely=True, never=True)
    assert row.estimate == 0
    assert 0 < row.ci_high < 0.05
    assert np.isnan(row.deff)


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (["lonely"], "2 to 6 conditions, not 1"),
        (["lonely", "lonely"], "twice"),
        (["lonely", "size"], "'size' is not yes/no"),
        (["lonely", "absent"], "no column 'absent'"),
    ],
)
def test_what_cannot_be_overlapped_is_said(conditions, message):
    with pytest.raises(la.DataError, match=message):
        la.overlap(DESIGN, conditions)


def test_an_empty_domain_is_said():
    with pytest.raises(la.DataError, match="nobody in the domain answered all of: lonely, alone"):
        la.overlap(DESIGN, ["lonely", "alone"], where="weight < 0")
