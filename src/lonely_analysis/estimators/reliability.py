"""Reliability of a scale: how much of the spread of the sum score is shared by its items.

*Alpha* is Cronbach's coefficient; *omega* is McDonald's, from one factor. Both are functions of the items'
covariance matrix, here the design-weighted one, and their standard errors are linearised from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.factor_fit import fit_factors
from lonely_analysis.estimators.item_covariance import ItemMoments, from_vech, item_moments, to_vech
from lonely_analysis.results import Result

# Relative step of the central difference; omega is smooth, so the error is about the step squared.
_STEP = 1e-5


@dataclass(frozen=True, kw_only=True, eq=False)
class Reliability(Result):
    """Rows ``alpha`` and ``omega``: ``coefficient, estimate, se, ci_low, ci_high, n, df``."""

    items: tuple[str, ...]
    level: float = 0.95


def reliability(data: Any, items: str | list[str], *, where: Any = None, level: float = 0.95) -> Reliability:
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

    Raises ``DataError`` for fewer than two items, an item without variation or an empty domain, and
    ``EstimationError`` for collinear items.

    R equivalent: ``psych::alpha(x)$total$raw_alpha`` and ``psych::omega(x, 1)$omega.tot`` (``fm="ml"``)
    without a design; with one, ``lavaan`` with ``sampling.weights`` and ``estimator="MLR"``.
    """
    moments = item_moments(data, items, where)
    p = len(moments.names)
    if p < 2:
        raise DataError(f"reliability needs at least two items; {items!r} has {p}")
    coefficients = {"alpha": _alpha(moments)}
    if p > 2:
        coefficients["omega"] = _omega(moments)
    rows = [_row(name, *found, moments, level) for name, found in coefficients.items()]
    return Reliability(
        table=pd.DataFrame(rows), source=moments.source, note=_note(moments), items=moments.names, level=level
    )


def _alpha(moments: ItemMoments) -> tuple[float, float]:
    p, own, total = len(moments.names), np.trace(moments.matrix), moments.matrix.sum()
    i, j = np.tril_indices(p)
    factor = p / (p - 1)
    # d alpha / d vech(S): the total counts each covariance twice, the trace counts variances only.
    gradient = factor * (np.where(i == j, 1.0, 2.0) * own / total**2 - np.where(i == j, 1.0, 0.0) / total)
    return factor * (1 - own / total), moments.standard_error(gradient)


def _omega(moments: ItemMoments) -> tuple[float, float]:
    centre = to_vech(moments.matrix)
    start = _one_factor_omega(moments.matrix, None)[1]
    p = len(moments.names)
    gradient = np.empty(len(centre))
    for position in range(len(centre)):
        step = np.zeros(len(centre))
        step[position] = _STEP * np.sqrt(np.mean(np.diag(moments.matrix) ** 2))
        up, down = (_one_factor_omega(from_vech(centre + sign * step, p), start)[0] for sign in (1, -1))
        gradient[position] = (up - down) / (2 * step[position])
    return _one_factor_omega(moments.matrix, start)[0], moments.standard_error(gradient)


def _one_factor_omega(matrix: np.ndarray, start: np.ndarray | None) -> tuple[float, np.ndarray]:
    sd = np.sqrt(np.diag(matrix))
    fit = fit_factors(matrix / np.outer(sd, sd), 1, start)
    shared = float(sd @ fit.loadings[:, 0]) ** 2
    return shared / (shared + float(fit.uniquenesses @ sd**2)), fit.uniquenesses


def _row(name: str, estimate: float, se: float, moments: ItemMoments, level: float) -> dict[str, Any]:
    half = stdtrit(moments.df, 0.5 + level / 2) * se / (1 - estimate)
    low, high = 1 - (1 - estimate) * np.exp(half), 1 - (1 - estimate) * np.exp(-half)
    return {
        "coefficient": name,
        "estimate": estimate,
        "se": se,
        "ci_low": low,
        "ci_high": high,
        "n": moments.n,
        "df": moments.df,
    }


def _note(moments: ItemMoments) -> str:
    if len(moments.names) < 3:
        return "Omega needs three items: with two, a factor is not identified."
    improper = fit_factors(moments.correlation, 1).improper
    if not improper.any():
        return ""
    named = ", ".join(name for name, at in zip(moments.names, improper, strict=True) if at)
    return f"The one-factor solution is improper (no unique variance left in {named}): read omega with care."
