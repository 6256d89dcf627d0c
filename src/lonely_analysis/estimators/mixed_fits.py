"""Fitting multilevel models to the rows of a sample: units, starting values, and what comes back.

Covariates are centred and scaled for the search, a linear outcome is centred, and the estimates are put back
afterwards, so that numbers far from 0 cost no digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.diagnose import collinear, not_converged
from lonely_analysis.estimators.glm import FAMILIES, CollinearError, NotConvergedError, fit, points_of
from lonely_analysis.estimators.linear_mixed import EXACT, fit_linear, products
from lonely_analysis.estimators.matrix import dense_matrix, refuse_dependent
from lonely_analysis.estimators.quadrature import fit_random_intercept, grouped
from lonely_analysis.estimators.sample import Sample
from lonely_analysis.estimators.variance_parts import Part, linear_parts, logistic_parts


@dataclass(frozen=True, eq=False)
class MixedFit:
    """What either family returns: fixed effects with their covariance, predicted effects, variance parts."""

    beta: np.ndarray
    vcov: np.ndarray
    log_likelihood: float
    effects: np.ndarray
    parts: list[Part]


def linear_fit(
    sample: Sample, codes: np.ndarray, slope: np.ndarray | None, reml: bool, weight: str | None
) -> MixedFit:
    """Fit y = x b + u_j (+ v_j slope) + e by (restricted) maximum likelihood; ``codes`` (n,) are groups."""
    if weight is not None:
        raise DataError(
            "a linear mixed model is fitted without weights: put what they depend on into the formula, or "
            "use la.regress with the design"
        )
    x = dense_matrix(sample.layout)
    refuse_dependent(sample.layout, x, sample.weights)
    # The search for the variances starts from 1, so that the slope variable is measured in standard
    # deviations.
    unit = np.ones(1) if slope is None else np.array([1.0, slope.std()])
    z = np.ones((len(x), 1)) if slope is None else np.column_stack([np.ones(len(x)), slope / unit[1]])
    back = _units(x)
    _refuse_exact(x @ back, sample.outcome)
    # Sums of squares of an outcome far from 0 would leave few digits to its spread.
    centre = sample.outcome.mean()
    fitted = fit_linear(products(x @ back, z, sample.outcome - centre, codes, reml=reml), slope is not None)
    beta = back @ fitted.beta
    beta[0] += centre
    vcov = fitted.sigma**2 * back @ fitted.inverse @ back.T
    # The restricted likelihood depends on the units of x; lme4 reports that of x as given.
    log_likelihood = fitted.log_likelihood + (np.linalg.slogdet(back)[1] if reml else 0.0)
    parts = linear_parts(fitted, float(unit[-1]))
    return MixedFit(beta, vcov, log_likelihood, fitted.effects / unit, parts)


def _refuse_exact(x: np.ndarray, outcome: np.ndarray) -> None:
    """Refuse an outcome that the terms give exactly: no residual is left to take the variances from."""
    centred = outcome - outcome.mean()
    left = centred - x @ np.linalg.lstsq(x, centred, rcond=None)[0]
    if len(x) <= x.shape[1] or left @ left <= EXACT * (centred @ centred):
        raise EstimationError(
            f"the {x.shape[1]} coefficients fit all {len(x)} rows exactly, so that no variance is left "
            "between or within groups: take fewer terms, or more rows"
        )


def _units(x: np.ndarray) -> np.ndarray:
    """Return B such that the columns of x B have mean 0 and spread 1, but for the intercept, which stays 1.

    Numbers far from 0 then cost no digits, and one tolerance suits all coefficients.
    """
    centre, spread = x[:, 1:].mean(axis=0), x[:, 1:].std(axis=0)
    back = np.diag(np.append(1.0, 1 / spread))
    back[0, 1:] = -centre / spread
    return back


def logistic_fit(sample: Sample, codes: np.ndarray, slope: str | None, weighted: bool) -> MixedFit:
    """Fit logit P(y = 1) = x b + u_j by quadrature; weights are scaled to add up to each group's size."""
    if slope is not None:
        raise DataError("a logistic mixed model has a random intercept only: leave slope= out, or use linear")
    weights = sample.weights
    if weighted:
        weights = weights * (np.bincount(codes) / np.bincount(codes, weights))[codes]
    x = dense_matrix(sample.layout)
    names = [column.name for column in sample.layout.encoding.columns]
    start = _without_groups(sample, weights, names)
    back = _units(x)
    rows = grouped(x @ back, sample.outcome, weights, codes)
    theta, at = fit_random_intercept(rows, np.append(np.linalg.solve(back, start), 0.5), names)
    inverse = np.linalg.inv(at.information)
    if weighted:
        inverse = inverse @ (at.scores.T @ at.scores) @ inverse * (len(at.scores) / (len(at.scores) - 1))
    sd, parts = theta[-1], logistic_parts(theta[-1], inverse[-1, -1])
    vcov = back @ inverse[:-1, :-1] @ back.T
    return MixedFit(back @ theta[:-1], vcov, at.log_likelihood, sd * at.mode[:, None], parts)


def _without_groups(sample: Sample, weights: np.ndarray, names: list[str]) -> np.ndarray:
    """Fit without groups: the start of the search, and where separation and collinear terms are found."""
    points = points_of(sample.layout, weights, sample.outcome)
    try:
        return fit(FAMILIES["logistic"], points).coefficients
    except CollinearError as error:
        raise collinear(error, names) from None
    except NotConvergedError as error:
        raise not_converged(error, FAMILIES["logistic"], points, names) from None
