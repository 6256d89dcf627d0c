"""Factor structure of a scale: whether its items measure one thing or two.

A *loading* is how strongly an item moves with a factor. Loadings come from the design-weighted Pearson
correlations by maximum likelihood; the test of fit is rescaled by the design covariance of those
correlations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import gammaincc

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.factor_fit import FactorFit, degrees, fit_factors
from lonely_analysis.estimators.item_covariance import ItemMoments, item_moments, to_vech
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

Rotation = Literal["none", "varimax", "promax"]

# As R stats::promax.
_PROMAX_POWER = 4
# R stats::varimax stops at 1e-5; tighter here, so that the digits do not depend on the machine.
_VARIMAX_TOLERANCE = 1e-14
_VARIMAX_STEPS = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class FactorStructure(Result):
    """Loadings, one row an item: ``item, factor1, ..., uniqueness``.

    ``factor_correlation`` is a DataFrame. ``fit`` has one row: ``chi2, df, p, rmsea, cfi, n, chi2_unscaled,
    scaling`` (NaN where the model has no degrees of freedom left, so that it fits by construction).
    """

    fit: pd.DataFrame
    factor_correlation: pd.DataFrame = field(repr=False)
    rotation: str
    factors: int


def factor_structure(
    data: Survey | SurveyDesign,
    items: str | Sequence[str],
    *,
    factors: int = 1,
    rotation: Rotation = "promax",
    where: pd.Series | str | None = None,
    replicates: Replicates | None = None,
) -> FactorStructure:
    """Fit an exploratory factor model with one or more factors by maximum likelihood.

    R = L L' + Psi on the weighted Pearson correlations (codes taken as numbers). The test of fit is T = n F
    divided by the mean eigenvalue c of U Gamma, where Gamma is n times the design covariance of the item
    covariances (Satorra and Bentler 1994; under a survey design Muthén and Satorra 1995, Sociol Methodol
    25:267-316), so that weights, clusters and skewed items do not count as misfit. RMSEA = sqrt(max(T/c -
    df, 0) / (df n)); CFI compares with items that share nothing, rescaled in the same way. Rotation:
    ``promax`` lets two factors correlate (power 4), ``varimax`` keeps them apart; one factor needs none.

    ``items`` is a scale by name (``"djg6"``) or a list of numeric columns; rows that answered all items are
    used, and ``where`` (a boolean Series or an expression) restricts them. With ``replicates`` Gamma comes
    from the item covariances of each replicate; loadings have no standard error either way.

    Raises ``DataError`` for too many factors for the items, an item without variation, or an unknown
    rotation, and ``EstimationError`` for collinear items and where the design gives them no variance.

    R equivalent: ``factanal(x, factors, rotation=)``; ``lavaan::cfa(..., estimator="MLM")`` for the test.
    """
    if rotation not in ("promax", "varimax", "none"):
        raise DataError(f"rotation={rotation!r} is none of: promax, varimax, none")
    moments = item_moments(data, items, where)
    fit = fit_factors(moments.correlation, factors)
    vcov = moments.vech_covariance if replicates is None else moments.replicate_covariance(replicates)
    loadings, between = _rotate(fit.loadings, rotation if factors > 1 else "none")
    labels = [f"factor{k + 1}" for k in range(factors)]
    table = pd.DataFrame(loadings, columns=labels).assign(uniqueness=fit.uniquenesses)
    table.insert(0, "item", list(moments.names))
    return FactorStructure(
        table=table,
        source=moments.source,
        note=_note(moments, fit),
        fit=pd.DataFrame([_fit_row(moments, fit, vcov)]),
        factor_correlation=pd.DataFrame(between, index=labels, columns=labels),
        rotation=rotation if factors > 1 else "none",
        factors=factors,
    )


def _note(moments: ItemMoments, fit: FactorFit) -> str:
    if not fit.improper.any():
        return ""
    named = ", ".join(name for name, at in zip(moments.names, fit.improper, strict=True) if at)
    return f"Improper solution: no unique variance left in {named}. Try fewer factors."


def _fit_row(moments: ItemMoments, fit: FactorFit, vcov: np.ndarray) -> dict[str, float]:
    n, (p, k) = moments.n, fit.loadings.shape
    df, chi2 = degrees(p, k), n * fit.discrepancy
    if df == 0:
        names = ("chi2", "p", "rmsea", "cfi", "chi2_unscaled", "scaling")
        return {"df": 0, "n": n} | dict.fromkeys(names, np.nan)
    gamma = _gamma(moments, vcov)
    alone, pairs = np.eye(p), p * (p - 1) // 2
    scaling = _scaling(gamma, fit.implied, _slopes(fit), df)
    scaling_alone = _scaling(gamma, alone, _variance_slopes(p), pairs)
    if not min(scaling, scaling_alone) > 0:
        raise EstimationError(
            f"the fit of {', '.join(moments.names)} cannot be tested: the PSUs give their covariances no "
            "variance. Look for strata with one PSU"
        )
    chi2_alone = -n * np.linalg.slogdet(moments.correlation)[1]
    worst = chi2_alone / scaling_alone - pairs
    scaled = chi2 / scaling
    return {
        "chi2": scaled,
        "df": df,
        "p": float(gammaincc(df / 2, scaled / 2)),
        "rmsea": np.sqrt(max(scaled - df, 0) / (df * n)),
        "cfi": 1 - max(scaled - df, 0) / max(worst, scaled - df, 1e-300),
        "n": n,
        "chi2_unscaled": chi2,
        "scaling": scaling,
    }


def _gamma(moments: ItemMoments, vcov: np.ndarray) -> np.ndarray:
    """Return n times the covariance of the item covariances, for items scaled to unit variance."""
    sd = np.sqrt(np.diag(moments.matrix))
    scale = to_vech(np.outer(sd, sd))
    return moments.n * vcov / np.outer(scale, scale)


def _scaling(gamma: np.ndarray, implied: np.ndarray, slopes: np.ndarray, df: int) -> float:
    """Mean eigenvalue of U Gamma, with U = V - V D (D'VD)^- D'V."""
    p = len(implied)
    i, j = np.tril_indices(p)
    inverse = np.linalg.inv(implied)
    # V = 1/2 D'(S^-1 x S^-1)D on the lower triangle: the normal-theory weight of each covariance.
    off = np.where(i == j, 1.0, 2.0)
    kernel = inverse[np.ix_(i, i)] * inverse[np.ix_(j, j)] + inverse[np.ix_(i, j)] * inverse[np.ix_(j, i)]
    weight = kernel * np.outer(off, off) / 4
    projected = weight @ slopes
    residual = weight - projected @ np.linalg.pinv(slopes.T @ projected) @ projected.T
    return float(np.sum(residual * gamma) / df)


def _slopes(fit: FactorFit) -> np.ndarray:
    """Differentiate the implied covariances by loadings and uniquenesses: (p(p+1)/2, p k + p)."""
    p, k = fit.loadings.shape
    columns = [np.outer(np.eye(p)[a], fit.loadings[:, b]) for a in range(p) for b in range(k)]
    return np.column_stack([*(to_vech(c + c.T) for c in columns), _variance_slopes(p)])


def _variance_slopes(p: int) -> np.ndarray:
    return np.column_stack([to_vech(np.diag(row)) for row in np.eye(p)])


def _rotate(loadings: np.ndarray, rotation: Rotation) -> tuple[np.ndarray, np.ndarray]:
    """Return rotated loadings, strongest factor first, and the correlations of the factors."""
    k = loadings.shape[1]
    turn = np.eye(k) if rotation == "none" else _varimax(loadings)
    if rotation == "promax":
        turn = turn @ _promax(loadings @ turn)
    inverse = np.linalg.inv(turn)
    rotated, between = loadings @ turn, inverse @ inverse.T
    order = np.argsort(-np.sum(rotated**2, axis=0), kind="stable")
    sign = np.where(rotated.sum(axis=0) < 0, -1.0, 1.0)
    return (rotated * sign)[:, order], (between * np.outer(sign, sign))[np.ix_(order, order)]


def _varimax(loadings: np.ndarray) -> np.ndarray:
    """Kaiser-normalised varimax rotation matrix (Kaiser 1958, Psychometrika 23:187-200)."""
    x = loadings / np.sqrt(np.sum(loadings**2, axis=1, keepdims=True))
    turn, before = np.eye(x.shape[1]), 0.0
    for _ in range(_VARIMAX_STEPS):
        z = x @ turn
        left, size, right = np.linalg.svd(x.T @ (z**3 - z * np.mean(z**2, axis=0)))
        turn = left @ right
        if size.sum() < before * (1 + _VARIMAX_TOLERANCE):
            break
        before = size.sum()
    return turn


def _promax(varimax: np.ndarray) -> np.ndarray:
    """Oblique step of promax (Hendrickson and White 1964): aim at the loadings' own fourth powers."""
    target = varimax * np.abs(varimax) ** (_PROMAX_POWER - 1)
    turn = np.linalg.lstsq(varimax, target, rcond=None)[0]
    return turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
