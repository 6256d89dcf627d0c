"""Confidence intervals of means and proportions under a survey design.

The *effective sample size* is the size of the simple random sample that would give the same variance,
p(1-p)/var, corrected for the degrees of freedom of the variance: times (t with n-1 df / t with the design's
df)^2 (Korn and Graubard 1998, Survey Methodology 24:193-201).

``scipy.special`` is imported where it is first used: that takes longer than most estimates.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from lonely_analysis.errors import DataError

IntervalMethod = Literal["logit", "wilson", "beta"]

Interval = tuple[np.ndarray, np.ndarray]


def check_interval(method: str, level: float) -> None:
    """Raise ``DataError`` for an unknown method or a level that is no probability."""
    if method not in get_args(IntervalMethod):
        raise DataError(f"ci={method!r} is no interval; choose one of: {', '.join(get_args(IntervalMethod))}")
    check_level(level)


def check_level(level: float) -> None:
    """Raise ``DataError`` for a confidence level that is no probability."""
    if not isinstance(level, int | float | np.number) or not 0 < level < 1:
        raise DataError(f"level={level!r} is not between 0 and 1; use 0.95 for 95 %")


def level_or(level: float | None, default: float) -> float:
    """Return the level that was asked for, or that of the result it is about; check it as ``check_level``."""
    chosen = default if level is None else level
    check_level(chosen)
    return chosen


def standard_error(variance: np.ndarray | float) -> np.ndarray:
    """Return the root of variances, of which rounding can leave less than 0 where a covariance lacks rank."""
    return np.sqrt(np.maximum(variance, 0.0))


def t_quantile(df: np.ndarray, level: float) -> np.ndarray:
    """Return the two-sided t quantile, NaN where there are no degrees of freedom."""
    from scipy.special import stdtrit

    df = np.asarray(df, dtype=float)
    return np.where(df > 0, stdtrit(np.where(df > 0, df, 1.0), (1 + level) / 2), np.nan)


def t_interval(estimate: np.ndarray, se: np.ndarray, df: np.ndarray, level: float) -> Interval:
    """Return estimate -/+ t * se, as R ``confint(svymean, df = degf(design))``."""
    half = t_quantile(df, level) * se
    return estimate - half, estimate + half


def proportion_interval(
    method: str, p: np.ndarray, se: np.ndarray, n: np.ndarray, df: np.ndarray, level: float
) -> Interval:
    """Return the interval of proportions ``p`` with standard errors ``se``: arrays, one entry a group.

    ``logit``: the t interval of log(p/(1-p)) with its delta-method standard error, as R ``svyciprop``.
    ``beta``: Clopper-Pearson, ``wilson``: the score interval with the normal quantile, both with the
    effective sample size. At p of 0 and 1, which have no estimated variance, the effective sample size is
    n, and ``logit`` is replaced by ``beta``. Where p is inside and the variance is 0 the interval is p
    itself; without a variance, or degrees of freedom of it, there is none (NaN).
    """
    from scipy.special import expit, logit

    inside = (p > 0) & (p < 1)
    size = _effective_size(p, se, n, df, level, inside)
    if method == "wilson":
        low, high = _wilson(p, size, level)
    else:
        low, high = _beta(p, size, level)
    if method == "logit":
        safe = np.where(inside, p, 0.5)
        half = t_quantile(df, level) * se / (safe * (1 - safe))
        low = np.where(inside, expit(logit(safe) - half), low)
        high = np.where(inside, expit(logit(safe) + half), high)
    fixed = inside & (se == 0) & (df > 0)
    return np.where(fixed, p, low), np.where(fixed, p, high)


def _effective_size(
    p: np.ndarray, se: np.ndarray, n: np.ndarray, df: np.ndarray, level: float, inside: np.ndarray
) -> np.ndarray:
    usable = inside & (se > 0)
    plain = p * (1 - p) / np.where(usable, se, 1.0) ** 2
    corrected = plain * (t_quantile(n - 1, level) / t_quantile(df, level)) ** 2
    return np.where(usable, corrected, np.where(~inside & (n > 0), n, np.nan))


def _wilson(p: np.ndarray, size: np.ndarray, level: float) -> Interval:
    """Score interval (Wilson 1927, J Am Stat Assoc 22:209-212)."""
    from scipy.special import ndtri

    z2 = ndtri((1 + level) / 2) ** 2
    middle = (p + z2 / (2 * size)) / (1 + z2 / size)
    half = np.sqrt(z2 * (p * (1 - p) / size + z2 / (4 * size**2))) / (1 + z2 / size)
    # At p of 0 and 1 the limit is p itself; the square root leaves a rounding error.
    low = np.where(p == 0, 0.0, middle - half)
    return low, np.where(p == 1, 1.0, middle + half)


def _beta(p: np.ndarray, size: np.ndarray, level: float) -> Interval:
    """Clopper-Pearson interval (Clopper and Pearson 1934, Biometrika 26:404-413) with a real sample size."""
    from scipy.special import betaincinv

    alpha = 1 - level
    yes, no = p * size, (1 - p) * size
    low = np.where(p > 0, betaincinv(np.where(p > 0, yes, 1.0), no + 1, alpha / 2), 0.0)
    high = np.where(p < 1, betaincinv(yes + 1, np.where(p < 1, no, 1.0), 1 - alpha / 2), 1.0)
    missing = np.isnan(p)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)
