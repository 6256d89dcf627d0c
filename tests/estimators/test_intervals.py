"""Intervals of proportions: published values, edges and what they do without degrees of freedom."""

from __future__ import annotations

import numpy as np
import pytest

from lonely_analysis.estimators.intervals import proportion_interval, t_interval


def one(method: str, p: float, se: float, n: int, df: int, level: float = 0.95) -> tuple[float, float]:
    arrays = (np.array([float(value)]) for value in (p, se, n, df))
    low, high = proportion_interval(method, *arrays, level)
    return float(low[0]), float(high[0])


def simple_random(p: float, n: int) -> float:
    """Standard error under which the effective sample size is n when df = n - 1."""
    return (p * (1 - p) / n) ** 0.5


@pytest.mark.parametrize(
    ("yes", "n", "wilson", "exact"),
    [
        # Newcombe 1998, Stat Med 17:857-872, table I: methods 3 (score) and 5 (Clopper-Pearson).
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_without_design_effect_they_are_the_published_binomial_intervals(
    yes: int, n: int, wilson: tuple[float, float], exact: tuple[float, float]
) -> None:
    p = yes / n
    for method, published in (("wilson", wilson), ("beta", exact)):
        assert one(method, p, simple_random(p, n), n, n - 1) == pytest.approx(published, abs=5.1e-5)


def test_nhanes_wilson_interval_corrects_degrees_of_freedom_once() -> None:
    # 0.1121429564 and 0.0054458 are R's svymean of HI_CHOL in survey's nhanes (7,846 answers, 16 df); the
    # limits are the score interval of that effective sample size, worked by hand.
    p, se, n, df = 0.1121429564, 0.00544583, 7846, 16
    size = p * (1 - p) / se**2 * (1.9602577 / 2.1199053) ** 2
    z = 1.959963985
    middle, half = p + z**2 / (2 * size), z * (p * (1 - p) / size + z**2 / (4 * size**2)) ** 0.5
    expected = ((middle - half) / (1 + z**2 / size), (middle + half) / (1 + z**2 / size))
    assert one("wilson", p, se, n, df) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("method", ["logit", "beta"])
def test_proportions_of_0_and_1_use_the_number_of_respondents(method: str) -> None:
    assert one(method, 0.0, 0.0, 50, 20) == pytest.approx((0.0, 1 - 0.025 ** (1 / 50)), rel=1e-12)
    assert one(method, 1.0, 0.0, 50, 20) == pytest.approx((0.025 ** (1 / 50), 1.0), rel=1e-12)


@pytest.mark.parametrize("method", ["logit", "beta", "wilson"])
def test_a_proportion_inside_without_variance_is_its_own_interval(method: str) -> None:
    assert one(method, 0.25, 0.0, 50, 20) == (0.25, 0.25)


@pytest.mark.parametrize("method", ["logit", "beta", "wilson"])
def test_without_degrees_of_freedom_there_is_no_interval(method: str) -> None:
    assert np.isnan(one(method, 0.25, 0.1, 50, 0)).all()


@pytest.mark.parametrize("method", ["logit", "beta", "wilson"])
def test_a_higher_level_is_wider_and_limits_stay_between_0_and_1(method: str) -> None:
    narrow, wide = one(method, 0.03, 0.02, 60, 9, 0.8), one(method, 0.03, 0.02, 60, 9, 0.99)
    assert 0 <= wide[0] < narrow[0] < 0.03 < narrow[1] < wide[1] <= 1


def test_t_interval_has_the_tabulated_quantile() -> None:
    # t(0.975, 10) = 2.228139 (any t table).
    low, high = t_interval(np.array([5.0]), np.array([2.0]), np.array([10]), 0.95)
    assert (low[0], high[0]) == pytest.approx((5 - 2 * 2.228139, 5 + 2 * 2.228139), abs=1e-5)


@pytest.mark.parametrize("method", ["logit", "beta", "wilson"])
def test_without_a_variance_there_is_no_interval(method: str) -> None:
    # It was that of a simple random sample: the rule "average" has no variance to average over.
    assert np.isnan(one(method, 0.25, np.nan, 50, 3)).all()


@pytest.mark.parametrize("method", ["logit", "beta", "wilson"])
def test_a_share_within_one_psu_is_not_said_to_be_certain(method: str) -> None:
    # One PSU under the rule "remove" has variance 0 and no degrees of freedom.
    assert np.isnan(one(method, 0.25, 0.0, 50, 0)).all()
