"""Effect sizes: from one scale to another, from an interval to a standard error, from benefit to harm.

Vocabulary: *r* correlation, *z* Fisher's transform of it, *d* standardised mean difference, *g* the same
without small-sample bias, OR odds ratio, RR risk ratio, HR hazard ratio. Functions that change the scale of
an estimate and its sampling variance take and return both, as ``Effect(estimate, variance)``; ratios enter
and leave the ``log`` functions logged and the others not. All accept numbers or arrays.

Sources: Borenstein, Hedges, Higgins and Rothstein 2009, chapters 4 and 7; Zhang and Yu 1998; VanderWeele
2020. R equivalents: ``metafor::escalc``, ``metafor::transf.ztor`` and kin, ``metafor::conv.wald``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import gammaln, ndtr, ndtri

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.inputs import correlation, first, numbers, positive, risk, variance_of

#: Standard deviation of the standard logistic distribution: what one unit of d is on the log odds scale.
LOGISTIC_SD = np.pi / np.sqrt(3)
#: Columns that a table of logged ratios has on the log scale.
EXPONENTIATED = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")


class Effect(NamedTuple):
    """An estimate with its sampling variance."""

    estimate: np.ndarray
    variance: np.ndarray


def z_from_r(r: ArrayLike, n: ArrayLike) -> Effect:
    """Return Fisher's z = atanh(r) and its variance 1 / (n - 3) (Borenstein 2009, eq. 6.2-6.3, p. 42)."""
    r, n = correlation(r), numbers(n, "n")
    if (n <= 3).any():
        raise DataError("Fisher's z needs more than 3 persons a study")
    return Effect(np.arctanh(r), 1 / (n - 3))


def r_from_z(z: ArrayLike) -> np.ndarray:
    """Return the correlation tanh(z) (Borenstein 2009, eq. 6.5, p. 42)."""
    return np.tanh(numbers(z, "z"))


def d_from_r(r: ArrayLike, variance: ArrayLike) -> Effect:
    """Return d = 2r / sqrt(1 - r²), variance 4 v / (1 - r²)³ (Borenstein 2009, eq. 7.5-7.6, p. 48)."""
    r, variance = correlation(r), variance_of(variance)
    return Effect(2 * r / np.sqrt(1 - r**2), 4 * variance / (1 - r**2) ** 3)


def r_from_d(d: ArrayLike, variance: ArrayLike, n1: ArrayLike = 1, n2: ArrayLike = 1) -> Effect:
    """Return r = d / sqrt(d² + a) with a = (n1 + n2)² / (n1 n2), which is 4 for groups of equal size.

    The variance is a² v / (d² + a)³ (Borenstein 2009, eq. 7.7-7.9, p. 48-49).
    """
    d, variance = numbers(d, "d"), variance_of(variance)
    n1, n2 = positive(n1, "n1"), positive(n2, "n2")
    a = (n1 + n2) ** 2 / (n1 * n2)
    return Effect(d / np.sqrt(d**2 + a), a**2 * variance / (d**2 + a) ** 3)


def small_sample_factor(df: ArrayLike) -> np.ndarray:
    """Return Hedges' exact factor J(df), about 1 - 3 / (4 df - 1) (Borenstein 2009, eq. 4.22, p. 27)."""
    df = positive(df, "df")
    if (df <= 1).any():
        raise DataError("the small-sample factor needs more than one degree of freedom")
    return np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)


def g_from_d(d: ArrayLike, variance: ArrayLike, df: ArrayLike) -> Effect:
    """Return Hedges' g = J d and its variance J² v (Borenstein 2009, eq. 4.23-4.24, p. 27)."""
    factor = small_sample_factor(df)
    return Effect(factor * numbers(d, "d"), factor**2 * variance_of(variance))


def d_from_means(
    mean1: ArrayLike, sd1: ArrayLike, n1: ArrayLike, mean2: ArrayLike, sd2: ArrayLike, n2: ArrayLike
) -> Effect:
    """Return (mean1 - mean2) / pooled SD, variance (n1 + n2) / (n1 n2) + d² / (2 (n1 + n2)).

    Borenstein 2009, eq. 4.18-4.20, p. 26-27.
    """
    sd1, sd2 = positive(sd1, "sd1"), positive(sd2, "sd2")
    n1, n2 = positive(n1, "n1"), positive(n2, "n2")
    pooled = np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))
    d = (numbers(mean1, "mean1") - numbers(mean2, "mean2")) / pooled
    return Effect(d, (n1 + n2) / (n1 * n2) + d**2 / (2 * (n1 + n2)))


def standardised_change(
    pre: ArrayLike, sd_pre: ArrayLike, post: ArrayLike, sd_post: ArrayLike, r: ArrayLike, n: ArrayLike
) -> Effect:
    """Return J (post - pre) / SD of the change, where the SD follows from the pre-post correlation ``r``.

    As ``metafor::escalc(measure="SMCC")``: variance 1/n + estimate² / (2n). The closer ``r`` is to 1, the
    smaller the SD of the change and the larger the effect, so a correlation that nobody measured decides.
    """
    sd_pre, sd_post, n = positive(sd_pre, "sd_pre"), positive(sd_post, "sd_post"), positive(n, "n")
    spread = np.sqrt(sd_pre**2 + sd_post**2 - 2 * correlation(r) * sd_pre * sd_post)
    change = small_sample_factor(n - 1) * (numbers(post, "post") - numbers(pre, "pre")) / spread
    return Effect(change, 1 / n + change**2 / (2 * n))


def difference(first: Effect, second: Effect) -> Effect:
    """Return first minus second for independent effects: variances add."""
    return Effect(first.estimate - second.estimate, first.variance + second.variance)


def d_from_log_or(log_or: ArrayLike, variance: ArrayLike) -> Effect:
    """Return d = ln(OR) sqrt(3) / pi (Borenstein 2009, eq. 7.1-7.2, p. 47; Chinn 2000)."""
    return Effect(numbers(log_or, "log_or") / LOGISTIC_SD, variance_of(variance) / LOGISTIC_SD**2)


def log_or_from_d(d: ArrayLike, variance: ArrayLike) -> Effect:
    """Return ln(OR) = d pi / sqrt(3) (Borenstein 2009, eq. 7.3-7.4, p. 47)."""
    return Effect(numbers(d, "d") * LOGISTIC_SD, variance_of(variance) * LOGISTIC_SD**2)


def or_to_rr(odds_ratio: ArrayLike, baseline_risk: ArrayLike) -> np.ndarray:
    """Return RR = OR / (1 - p0 + p0 OR), with p0 the risk of the unexposed (Zhang and Yu 1998, p. 1690).

    Exact for an unadjusted OR. For an adjusted OR it is biased, because one p0 stands for every covariate
    pattern, and limits converted the same way are too narrow, because p0 is taken as known: McNutt, Wu, Xue
    and Hafner 2003 (American Journal of Epidemiology 157:940-943). It shows size and replaces no fit.
    """
    odds_ratio, p0 = positive(odds_ratio, "odds ratio"), risk(baseline_risk)
    return odds_ratio / (1 - p0 + p0 * odds_ratio)


def rr_to_or(risk_ratio: ArrayLike, baseline_risk: ArrayLike) -> np.ndarray:
    """Return OR = RR (1 - p0) / (1 - p0 RR), the inverse of ``or_to_rr``; p0 RR must stay below 1."""
    risk_ratio, p0 = positive(risk_ratio, "risk ratio"), risk(baseline_risk)
    if (p0 * risk_ratio >= 1).any():
        raise DataError("a risk ratio times its baseline risk is 1 or more: no odds ratio corresponds to it")
    return risk_ratio * (1 - p0) / (1 - p0 * risk_ratio)


def or_to_rr_common(odds_ratio: ArrayLike) -> np.ndarray:
    """Return RR about sqrt(OR), for outcomes with risks between 0.2 and 0.8 (VanderWeele 2020, p. 746).

    Without any baseline risk this is the conversion whose worst error is smallest; with a known baseline risk
    use ``or_to_rr``. For a rare outcome the OR itself is nearer to the RR.
    """
    return np.sqrt(positive(odds_ratio, "odds ratio"))


def hr_to_rr(hazard_ratio: ArrayLike, baseline_risk: ArrayLike) -> np.ndarray:
    """Return the risk ratio that a hazard ratio makes of the unexposed's risk p0 at the end of follow-up.

    RR = (1 - (1 - p0)^HR) / p0, exact under proportional hazards, because the exposed then survive with
    (1 - p0)^HR. Numbers or arrays of one shape. Raises ``DataError`` for a ratio that is not above 0 and a
    risk outside (0, 1).
    """
    hazard_ratio, p0 = positive(hazard_ratio, "hazard ratio"), risk(baseline_risk)
    return (1 - (1 - p0) ** hazard_ratio) / p0


def rr_to_hr(risk_ratio: ArrayLike, baseline_risk: ArrayLike) -> np.ndarray:
    """Return HR = ln(1 - p0 RR) / ln(1 - p0), the inverse of ``hr_to_rr``."""
    risk_ratio, p0 = positive(risk_ratio, "risk ratio"), risk(baseline_risk)
    if (p0 * risk_ratio >= 1).any():
        raise DataError(
            "a risk ratio times its baseline risk is 1 or more: no hazard ratio corresponds to it"
        )
    return np.log1p(-p0 * risk_ratio) / np.log1p(-p0)


def hr_to_rr_common(hazard_ratio: ArrayLike) -> np.ndarray:
    """Return RR about (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR)), common outcomes (VanderWeele 2020)."""
    root = np.sqrt(positive(hazard_ratio, "hazard ratio"))
    return (1 - 0.5**root) / (1 - 0.5 ** (1 / root))


def above_median(r: ArrayLike) -> np.ndarray:
    """Return the share above the outcome's median among persons above the median of the exposure.

    1/2 + asin(r) / pi for a bivariate normal pair (Sheppard's quadrant probability, doubled). With r = 0 it
    is one half, so times 100 it says what a correlation means in people out of 100.
    """
    return 0.5 + np.arcsin(correlation(r)) / np.pi


def superiority(d: ArrayLike) -> np.ndarray:
    """Return the probability that a random person of one group exceeds one of the other: Phi(d / sqrt 2)."""
    return ndtr(numbers(d, "d") / np.sqrt(2))


def log_ratio(estimate: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike, level: ArrayLike = 0.95) -> Effect:
    """Return ln(ratio) and the variance that its printed interval implies.

    The standard error is the length of the logged interval over 2 z (``metafor::conv.wald``). Raises
    ``DataError`` for ratios that are not positive and for an interval that does not contain its estimate.
    """
    estimate = positive(estimate, "ratio")
    low, high = positive(ci_low, "lower limit"), positive(ci_high, "upper limit")
    return Effect(np.log(estimate), se_from_ci(np.log(low), np.log(high), level, np.log(estimate)) ** 2)


def se_from_ci(
    ci_low: ArrayLike, ci_high: ArrayLike, level: ArrayLike = 0.95, estimate: ArrayLike | None = None
) -> np.ndarray:
    """Return (high - low) / (2 z) for an interval on a scale where it is symmetric (log for ratios)."""
    low, high = numbers(ci_low, "lower limit"), numbers(ci_high, "upper limit")
    level = numbers(level, "level")
    if ((level <= 0) | (level >= 1)).any():
        raise DataError("level: give a share between 0 and 1, such as 0.95")
    inside = np.ones_like(low, dtype=bool) if estimate is None else (low <= estimate) & (estimate <= high)
    if not inside.all():
        raise DataError(
            f"{(~inside).sum()} interval(s) do not contain their estimate, first at {first(~inside)}"
        )
    if (high <= low).any():
        raise DataError(f"{(high <= low).sum()} interval(s) have no length, first at {first(high <= low)}")
    return (high - low) / (2 * ndtri((1 + level) / 2))


def invert(
    ratio: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 1 / ratio with its limits, which change places: the same comparison read the other way round."""
    ratio, low, high = positive(ratio, "ratio"), positive(ci_low, "limit"), positive(ci_high, "limit")
    return 1 / ratio, 1 / high, 1 / low


def turn(yi: ArrayLike, orientation: ArrayLike) -> np.ndarray:
    """Return effects (ratios logged) times ``orientation``, so that above zero always means harm."""
    orientation = numbers(orientation, "orientation")
    if not np.isin(orientation, (-1, 1)).all():
        raise DataError("orientation must be 1 or -1 in every row")
    return numbers(yi, "yi") * orientation


def as_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of logged ratios as ratios: estimate and limits are exponentiated.

    ``se`` stays that of the log, on which intervals are formed; columns other than estimates, limits and
    prediction limits stay as they are. R: ``predict(model, transf = exp)`` of ``metafor``.
    """
    columns = [name for name in EXPONENTIATED if name in table]
    return table.assign(**np.exp(table[columns]))
