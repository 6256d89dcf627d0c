"""Impact from published numbers.

References: Levin's and Miettinen's formulas by hand; Altman 1998 (BMJ 317:1309-1312): an absolute risk
reduction of 10 % with interval -5 % to 25 % is a number needed of 10, from 4 through infinity to 20 in the
other direction.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.errors import DataError


def test_levins_and_miettinens_formulas():
    assert la.published_attributable_fraction(2, 1.5, 2.7, 0.25).estimate == pytest.approx(0.25 / 1.25)
    among_cases = la.published_attributable_fraction(2, 1.5, 2.7, 0.4, among="cases")
    assert among_cases.estimate == pytest.approx(0.2)


def test_a_known_prevalence_moves_the_limits_as_the_ratio_moves():
    # With the prevalence known, the interval comes from the ratio alone and has the width of the delta
    # method.
    ours = la.published_attributable_fraction(1.5, 1.2, 1.875, 0.3, among="cases")
    by_hand = 0.3 / 1.5 / (1 - 0.3 * 0.5 / 1.5) * np.log(1.875 / 1.2) / (2 * 1.959963984540054)
    assert ours.se == pytest.approx(by_hand)
    assert np.log((1 - ours.ci_low) / (1 - ours.ci_high)) == pytest.approx(2 * 1.959963984540054 * by_hand)


@given(st.floats(0.2, 5), st.floats(1.01, 3), st.floats(0.01, 0.99), st.floats(0, 0.2))
def test_levin_and_miettinen_agree_where_nothing_confounds(ratio, spread, prevalence, se):
    cases = prevalence * ratio / (1 + prevalence * (ratio - 1))
    levin = la.published_attributable_fraction(ratio, ratio / spread, ratio * spread, prevalence, se)
    miettinen = la.published_attributable_fraction(
        ratio, ratio / spread, ratio * spread, cases, among="cases"
    )
    assert levin.estimate == pytest.approx(miettinen.estimate, abs=1e-12)
    assert levin.ci_low <= levin.estimate <= levin.ci_high


def test_uncertainty_of_the_prevalence_widens_the_interval():
    sure, unsure = (la.published_attributable_fraction(2, 1.5, 2.7, 0.25, se) for se in (0, 0.05))
    assert unsure.se > sure.se


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((2, 2.5, 3, 0.2), "in order"),
        ((-1, -2, 3, 0.2), "above 0"),
        ((2, 1.5, 2.7, 25), "0.25 for 25 %"),
    ],
)
def test_impossible_published_numbers_are_refused(arguments, says):
    with pytest.raises(DataError, match=says):
        la.published_attributable_fraction(*arguments)


def test_an_interval_that_holds_0_runs_through_infinity():
    needed = la.number_needed(-0.10, -0.25, 0.05)
    assert (needed.direction, needed.estimate, needed.ci_low) == (
        "fewer",
        pytest.approx(10),
        pytest.approx(4),
    )
    assert needed.ci_high == np.inf
    assert needed.opposite_from == pytest.approx(20)
    assert "holds 0" in needed.note


def test_a_difference_without_0_has_a_plain_interval():
    needed = la.number_needed(0.02, 0.01, 0.04)
    assert (needed.direction, needed.estimate) == ("more", pytest.approx(50))
    assert (needed.ci_low, needed.ci_high) == pytest.approx((25, 100))
    assert np.isnan(needed.opposite_from)


@given(st.floats(-0.9, 0.9), st.floats(0.001, 0.5))
def test_turning_the_outcome_round_turns_the_direction_only(difference, half):
    if abs(difference) < 1e-6:
        return
    one = la.number_needed(difference, difference - half, difference + half)
    other = la.number_needed(-difference, -difference - half, -difference + half)
    assert one.direction != other.direction
    shown = ["estimate", "ci_low", "ci_high", "opposite_from"]
    pd.testing.assert_frame_equal(one.to_frame()[shown], other.to_frame()[shown])


def test_a_result_gives_its_own_limits_and_source():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.random(400) < 0.3, "x": rng.random(400) < 0.5})
    difference = la.counterfactual(la.SurveyDesign(frame, source="made"), "y ~ x", {"x": 0}).row(
        quantity="difference"
    )
    needed = la.number_needed(difference)
    assert needed.estimate == pytest.approx(1 / abs(difference.estimate))
    assert needed.source == "made"


@pytest.mark.parametrize("arguments", [(0.1,), (0.1, 0.2, 0.3), (0.0, -0.1, 0.1), (12, 10, 14)])
def test_a_difference_without_limits_or_sense_is_refused(arguments):
    with pytest.raises(DataError, match="difference"):
        la.number_needed(*arguments)


@pytest.mark.slow
@pytest.mark.parametrize("among", ["population", "cases"])
def test_intervals_cover_the_true_fraction_where_ratio_and_share_come_from_two_studies(
    among, record_property
):
    rng, samples, hits = np.random.default_rng(20261205), 2000, 0
    ratio, share, se_log, se_share = 1.8, 0.3, 0.12, 0.015
    truth = share * (ratio - 1) / (ratio if among == "cases" else 1 + share * (ratio - 1))
    for _ in range(samples):
        ends = np.exp(rng.normal(np.log(ratio), se_log) + 1.959964 * se_log * np.array([0, -1, 1]))
        row = la.published_attributable_fraction(*ends, rng.normal(share, se_share), se_share, among=among)
        hits += row.ci_low <= truth <= row.ci_high
    record_property("covers", {f"published attributable fraction, {among}": hits / samples})
    assert abs(hits / samples - 0.95) <= 0.015, hits
