"""Impact from numbers already estimated: a published ratio with a prevalence, or a difference of shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.influence import Quantities
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.results import Result


def published_attributable_fraction(
    ratio: float,
    ci_low: float,
    ci_high: float,
    prevalence: float,
    prevalence_se: float = 0.0,
    *,
    among: Literal["population", "cases"] = "population",
    source: str = "published",
    level: float = 0.95,
) -> Quantities:
    """Compute an attributable fraction from a published ratio and the prevalence of exposure.

    ``among="population"``: Levin's p (RR - 1) / (1 + p (RR - 1)), right for a ratio without confounding
    (Levin 1953, Acta Unio Int Contra Cancrum 9:531-541). ``among="cases"``: Miettinen's p (RR - 1) / RR
    with p among the cases, right for an adjusted ratio. The delta method on log(1 - fraction) takes the
    ratio's SE from its interval (on the log scale) and treats ratio and prevalence as independent; z
    interval, ``df`` infinite.

    Raises ``DataError`` for a ratio or limits that are not positive and in order, or a prevalence outside 0
    to 1.
    """
    if not 0 < ci_low <= ratio <= ci_high:
        raise DataError(f"ratio {ratio} with limits {ci_low} and {ci_high}: all must be above 0 and in order")
    if not 0 <= prevalence <= 1 or prevalence_se < 0:
        raise DataError(
            f"prevalence={prevalence} (SE {prevalence_se}) must be a share from 0 to 1: 0.25 for 25 %"
        )
    check_level(level)
    se = np.log(ci_high / ci_low) / (2 * ndtri((1 + level) / 2))
    if among == "population":
        inside = 1 + prevalence * (ratio - 1)
        theta, by_ratio, by_share = -np.log(inside), prevalence * ratio / inside, (ratio - 1) / inside
    elif among == "cases":
        inside = 1 - prevalence * (ratio - 1) / ratio
        theta, by_ratio, by_share = np.log(inside), prevalence / ratio / inside, (1 - 1 / ratio) / inside
    else:
        raise DataError(f"among={among!r} is none of: population, cases")
    vcov = np.array([[(by_ratio * se) ** 2 + (by_share * prevalence_se) ** 2]])
    half = ndtri((1 + level) / 2) * np.sqrt(vcov[0, 0])
    row = {
        "quantity": "attributable_fraction",
        "estimate": 1 - np.exp(theta),
        "se": np.sqrt(vcov[0, 0]),
        "ci_low": 1 - np.exp(theta + half),
        "ci_high": 1 - np.exp(theta - half),
        "n": np.nan,
        "df": np.inf,
    }
    return Quantities(table=pd.DataFrame([row]), source=source, level=level)


@dataclass(frozen=True, kw_only=True, eq=False)
class NumberNeeded(Result):
    """One row: ``direction, estimate, ci_low, ci_high, opposite_from``.

    ``direction`` is ``fewer`` or ``more`` cases. When the difference's interval holds 0, ``ci_high`` is
    infinite and the interval goes on, through infinity, in the other direction down to ``opposite_from``
    (else NaN).
    """


def number_needed(
    difference: Result | float,
    ci_low: float | None = None,
    ci_high: float | None = None,
    *,
    source: str = "data",
) -> NumberNeeded:
    """Turn a difference of shares into how many people it takes for one case more or fewer.

    1 / |difference|, limits from the reciprocals of the difference's limits. A difference whose interval
    holds 0 has an interval that runs through infinity: from ``ci_low`` in the direction of the estimate to
    infinity, and from infinity to ``opposite_from`` in the other (Altman 1998, BMJ 317:1309-1312).

    ``difference`` is a result with one row (``la.average_effect``, or
    ``la.counterfactual(...).row(quantity="difference")``) or a number with its limits. Raises ``DataError``
    for a difference outside -1 to 1, and limits out of order.
    """
    if isinstance(difference, Result):
        ci_low, ci_high, source = difference.ci_low, difference.ci_high, difference.source
        difference = difference.estimate
    if ci_low is None or ci_high is None or not ci_low <= difference <= ci_high:
        raise DataError(f"a difference needs limits around it: {difference} with {ci_low} and {ci_high}")
    if difference == 0 or not -1 <= difference <= 1:
        raise DataError(
            f"a difference of {difference} has no number needed: give a difference of shares, not 0"
        )
    near, far = (ci_low, ci_high) if difference < 0 else (ci_high, ci_low)
    crosses = near * far <= 0
    row = {
        "direction": "fewer" if difference < 0 else "more",
        "estimate": 1 / abs(difference),
        "ci_low": 1 / abs(near),
        "ci_high": np.inf if crosses else 1 / abs(far),
        "opposite_from": (1 / abs(far) if far else np.inf) if crosses else np.nan,
    }
    note = (
        "The interval of the difference holds 0: it may take any number, or act the other way."
        if crosses
        else ""
    )
    return NumberNeeded(table=pd.DataFrame([row]), source=source, note=note)
