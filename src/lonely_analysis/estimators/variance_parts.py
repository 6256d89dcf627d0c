"""Where the variance of a mixed model lies, with intervals on scales where estimates are near normal.

*ICC*: the share of the variance that lies between groups. *Median odds ratio*: of two people with equal
covariates from two groups, the odds of the one in the group with the higher odds over those of the other, in
the median.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri

from lonely_analysis.estimators.linear_mixed import LinearFit

# Variance of the standard logistic distribution, the residual variance of the latent scale (Snijders & Bosker
# 2012, Multilevel Analysis, 2nd ed., section 17.3).
LOGISTIC_VARIANCE = np.pi**2 / 3
# The upper quartile of the normal distribution makes the median of a ratio of two groups (Larsen & Merlo
# 2005, Am J Epidemiol 161:81-88).
UPPER_QUARTILE = float(ndtri(0.75))

_BACK = {"log": np.exp, "atanh": np.tanh, "logit": expit, "log log": lambda value: np.exp(np.exp(value))}


@dataclass(frozen=True, eq=False)
class Part:
    """A variance part as ``at`` with variance ``variance`` on ``scale``, where its interval is symmetric."""

    name: str
    at: float
    variance: float
    scale: Literal["log", "atanh", "logit", "log log"]


def linear_parts(fitted: LinearFit, unit_of_slope: float) -> list[Part]:
    """Return the parts of a linear model whose slope variable was divided by ``unit_of_slope``."""
    covariance, spread = fitted.random_covariance, fitted.parts_covariance
    sd, variance = np.sqrt(np.diag(covariance)), np.diag(spread)
    slopes = []
    if len(sd) == 2:
        correlation = np.arctanh(covariance[0, 1] / sd.prod())
        slopes = [
            Part("sd of slopes", np.log(sd[1] / unit_of_slope), variance[1], "log"),
            Part("correlation", correlation, variance[2], "atanh"),
        ]
    # The logit of the ICC is 2 log(sd) - 2 log(sigma).
    logit = 2 * (np.log(sd[0]) - np.log(fitted.sigma))
    spread_of_logit = 4 * (variance[0] + variance[-1] - 2 * spread[0, -1])
    return [
        Part("sd of intercepts", np.log(sd[0]), variance[0], "log"),
        *slopes,
        Part("sd of residuals", np.log(fitted.sigma), variance[-1], "log"),
        Part("icc", logit, spread_of_logit, "logit"),
    ]


def logistic_parts(sd: float, variance: float) -> list[Part]:
    """Return the parts of a logistic model from the groups' standard deviation and its variance."""
    of_log = variance / sd**2
    return [
        Part("sd of intercepts", np.log(sd), of_log, "log"),
        Part("icc", np.log(sd**2 / LOGISTIC_VARIANCE), 4 * of_log, "logit"),
        Part("median odds ratio", np.log(np.sqrt(2) * UPPER_QUARTILE * sd), of_log, "log log"),
    ]


def parts_table(parts: list[Part], level: float) -> pd.DataFrame:
    """Return ``part, estimate, se, ci_low, ci_high, scale``; ``se`` is that on ``scale``."""
    z = ndtri((1 + level) / 2)
    rows = []
    for part in parts:
        se, back = np.sqrt(part.variance), _BACK[part.scale]
        with np.errstate(over="ignore"):  # the limit of an odds ratio that nothing is known of is infinite
            interval = back(part.at - z * se), back(part.at + z * se)
        rows.append((part.name, back(part.at), se, *interval, part.scale))
    return pd.DataFrame(rows, columns=["part", "estimate", "se", "ci_low", "ci_high", "scale"])
