"""Reliability of a scale: how much of the spread of the sum score is shared by its items.

*Alpha* is Cronbach's coefficient; *omega* is McDonald's, from one factor. Both are functions of the items'
covariance matrix, here the design-weighted one, and their standard errors are linearised from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.factor_fit import fit_factors
from lonely_analysis.estimators.intervals import check_level, t_interval
from lonely_analysis.estimators.item_covariance import ItemMoments, from_vech, item_moments, to_vech
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df, resampled_covariance
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

# A coefficient of a covariance matrix, with what may start the next evaluation close by.
Coefficient = Callable[[np.ndarray, np.ndarray | None], tuple[float, Any]]

# Relative step of the central difference; both are smooth, so the error is about the step squared.
_STEP = 1e-5
# Below this share of the items' variances that of their sum is rounding.
_NO_SPREAD = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Reliability(Result):
    """Rows ``alpha`` and ``omega``: ``coefficient, estimate, se, ci_low, ci_high, n, df``."""

    items: tuple[str, ...]
    level: float = 0.95


def reliability(
    data: Survey | SurveyDesign,
    items: str | Sequence[str],
    *,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Reliability:
    """Estimate Cronbach's alpha and McDonald's omega of a scale, with design-based intervals.

    alpha = p/(p-1) (1 - tr S / 1'S1) and omega = (sum of loadings)^2 / (that + sum of uniquenesses), for
    ``p`` items with weighted covariance S; omega's loadings are those of one factor fitted by maximum
    likelihood to S. SEs are linearised over PSUs (distribution-free: Maydeu-Olivares, Coffman and Hartmann
    2007, Psychol Methods 12:157-176); intervals are symmetric for log(1 - coefficient), Bonett's
    transformation (Bonett 2002, J Educ Behav Stat 27:335-340), with the t quantile at the design's degrees
    of freedom.

    ``items`` is a scale or subscale by name (``"ucla3"``, ``"djg6_emotional"``), or a list of columns that
    all run the same way. Items of ``djg6`` enter as they enter its score: counted, 0 or 1. ``n`` rows
    answered every item; those who did not leave the domain, not the design. ``where`` is a boolean Series
    or an expression. With two items there is only ``alpha``, because omega is not identified.

    ``replicates`` (``la.replicates``) estimates again in each replicate.

    Raises ``DataError`` for fewer than two items, an item without variation or an empty domain, and
    ``EstimationError`` for collinear items, and for items whose sum does not vary.

    R equivalent: ``psych::alpha(x)$total$raw_alpha`` and ``psych::omega(x, 1)$omega.tot`` (``fm="ml"``)
    without a design; with one, ``lavaan`` with ``sampling.weights`` and ``estimator="MLR"``.
    """
    check_level(level)
    design = design_in_memory(data, "reliability")
    moments = item_moments(design, items, where)
    if len(moments.names) < 2:
        raise DataError(f"reliability needs at least two items; {items!r} has {len(moments.names)}")
    coefficients = {"alpha": _alpha} if len(moments.names) == 2 else {"alpha": _alpha, "omega": _omega}
    estimates = _estimates(moments, coefficients)
    if replicates is None:
        se = [moments.standard_error(_gradient(moments, of)) for of in coefficients.values()]
    else:

        def again(other: SurveyDesign) -> np.ndarray:
            return _estimates(item_moments(other, items, where), coefficients)

        se = np.sqrt(np.diag(resampled_covariance(design, replicates, estimates, again)))
    df = replicate_df(moments.df, replicates)
    return Reliability(
        table=_table(list(coefficients), estimates, np.asarray(se), moments.n, df, level),
        source=moments.source,
        note=_note(moments),
        items=moments.names,
        level=level,
    )


def _estimates(moments: ItemMoments, coefficients: dict[str, Coefficient]) -> np.ndarray:
    return np.array([of(moments.matrix, None)[0] for of in coefficients.values()])


def _alpha(matrix: np.ndarray, _: np.ndarray | None) -> tuple[float, None]:
    p, spread = len(matrix), matrix.sum()
    if not spread > _NO_SPREAD * np.trace(matrix):
        raise EstimationError(
            "the sum of the items is the same for everybody: turn round the items that run the other way, as "
            "6 minus the answer for answers from 1 to 5"
        )
    return p / (p - 1) * (1 - np.trace(matrix) / spread), None


def _omega(matrix: np.ndarray, start: np.ndarray | None) -> tuple[float, np.ndarray]:
    """Return omega, and the uniquenesses from which that of a matrix close by is a few steps away."""
    sd = np.sqrt(np.diag(matrix))
    fit = fit_factors(matrix / np.outer(sd, sd), 1, start)
    shared = float(sd @ fit.loadings[:, 0]) ** 2
    return shared / (shared + float(fit.uniquenesses @ sd**2)), fit.uniquenesses


def _gradient(moments: ItemMoments, of: Coefficient) -> np.ndarray:
    """Differentiate a coefficient by vech of the covariance matrix, by central differences."""
    centre, p = to_vech(moments.matrix), len(moments.names)
    start = of(moments.matrix, None)[1]
    # Each covariance moves by a share of its own size, as items may be measured in very different units.
    sd = np.sqrt(np.diag(moments.matrix))
    steps = _STEP * to_vech(np.outer(sd, sd))
    moved = [[of(from_vech(centre + sign * row, p), start)[0] for sign in (1, -1)] for row in np.diag(steps)]
    return np.array([(up - down) / (2 * step) for (up, down), step in zip(moved, steps, strict=True)])


def _table(
    names: list[str], estimates: np.ndarray, se: np.ndarray, n: int, df: int, level: float
) -> pd.DataFrame:
    """Return the rows with t intervals of log(1 - coefficient)."""
    low, high = t_interval(np.log(1 - estimates), se / (1 - estimates), np.full(len(se), df), level)
    columns = {"estimate": estimates, "se": se, "ci_low": 1 - np.exp(high), "ci_high": 1 - np.exp(low)}
    return pd.DataFrame({"coefficient": names} | columns | {"n": n, "df": df})


def _note(moments: ItemMoments) -> str:
    if len(moments.names) < 3:
        return "Omega needs three items: with two, a factor is not identified."
    improper = fit_factors(moments.correlation, 1).improper
    if not improper.any():
        return ""
    named = ", ".join(name for name, at in zip(moments.names, improper, strict=True) if at)
    return f"The one-factor solution is improper (no unique variance left in {named}): read omega with care."
