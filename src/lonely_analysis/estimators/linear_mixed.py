"""Linear mixed models with one grouping: a random intercept, or intercept and slope.

Model: y = x b + z u_j + e, with e ~ N(0, sigma^2) and u_j ~ N(0, sigma^2 L L') for group j; ``z`` is 1, or 1
and the slope variable, and L is a lower triangle (the *relative factor*). The likelihood needs only the sums
of products within each group, so that rows are read once (Bates et al. 2015, J Stat Softw 67(1), section 3; R
``lme4::lmer``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from lonely_analysis.errors import EstimationError

# Steps of numerical derivatives, which one Richardson extrapolation makes good to nine digits.
_STEP = 2e-3
# Logarithms bear a longer step: the likelihood's rounding, divided by its square, then costs fewer digits.
_LOG_STEP = 0.1
_POLISHING_STEPS = 4
# A relative standard deviation below this is 0: its share of the variance is 1e-6.
_NO_VARIANCE = 1e-3
# A residual sum of squares below this share of the (centred) outcome's is rounding.
EXACT = 1e-20


@dataclass(frozen=True, eq=False)
class Products:
    """Sums of products: ``zz`` (J, q, q) and ``zx`` (J, q, p+1) by group, ``xx`` (p+1, p+1) of all rows.

    The last column of x is the outcome. ``n`` rows; ``reml`` says which likelihood is meant.
    """

    zz: np.ndarray = field(repr=False)
    zx: np.ndarray = field(repr=False)
    xx: np.ndarray = field(repr=False)
    n: int
    reml: bool

    @property
    def p(self) -> int:
        """Number of fixed coefficients."""
        return len(self.xx) - 1

    @property
    def degrees(self) -> int:
        """Observations that inform sigma: n less the fixed coefficients under REML."""
        return self.n - self.p if self.reml else self.n


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Estimates at the maximum; ``inverse`` times sigma^2 is the covariance of ``beta``."""

    beta: np.ndarray
    inverse: np.ndarray = field(repr=False)
    sigma: float
    factor: np.ndarray
    log_likelihood: float
    effects: np.ndarray = field(repr=False)
    # Covariance of (log sd of the intercept[, log sd of the slope, atanh of their correlation], log sigma).
    parts_covariance: np.ndarray = field(repr=False)

    @property
    def random_covariance(self) -> np.ndarray:
        """Covariance (q, q) of the group effects."""
        return self.sigma**2 * self.factor @ self.factor.T


def products(x: np.ndarray, z: np.ndarray, y: np.ndarray, group: np.ndarray, *, reml: bool) -> Products:
    """Add products within groups 0..J-1."""
    size = int(group.max()) + 1
    xy = np.column_stack([x, y])
    zx = np.stack([_sums(z[:, [a]] * xy, group, size) for a in range(z.shape[1])], axis=1)
    zz = np.stack([_sums(z[:, [a]] * z, group, size) for a in range(z.shape[1])], axis=1)
    return Products(zz, zx, xy.T @ xy, len(y), reml)


def _sums(values: np.ndarray, group: np.ndarray, size: int) -> np.ndarray:
    return np.stack([np.bincount(group, column, size) for column in values.T], axis=1)


@dataclass(frozen=True, eq=False)
class _Solved:
    """The generalised least squares at one relative factor, in units of sigma."""

    beta: np.ndarray
    inverse: np.ndarray
    log_determinants: float
    residual: float


def _solve(sums: Products, factor: np.ndarray) -> _Solved:
    """Take out the group effects by M = 1 + L' z'z L, whose determinants are those of V."""
    inner = np.eye(len(factor)) + factor.T @ sums.zz @ factor
    outer = factor.T @ sums.zx
    left = sums.xx - np.einsum("jka,jkb->ab", outer, np.linalg.solve(inner, outer))
    xx, xy = left[:-1, :-1], left[:-1, -1]
    beta = np.linalg.solve(xx, xy)
    log_determinants = np.linalg.slogdet(inner)[1].sum()
    if sums.reml:
        log_determinants += np.linalg.slogdet(xx)[1]
    return _Solved(beta, np.linalg.inv(xx), log_determinants, left[-1, -1] - xy @ beta)


def _deviance(sums: Products, factor: np.ndarray, sigma: float | None = None) -> float:
    """Return -2 log likelihood; sigma takes its best value when absent."""
    solved = _solve(sums, factor)
    if not solved.residual > EXACT * sums.xx[-1, -1]:
        raise EstimationError(
            "terms and groups fit all rows exactly, so that no variance is left within groups: take fewer "
            "terms, leave slope= out, or take groups of more rows"
        )
    sigma2 = solved.residual / sums.degrees if sigma is None else sigma**2
    return solved.log_determinants + sums.degrees * np.log(2 * np.pi * sigma2) + solved.residual / sigma2


def fit_linear(sums: Products, slope: bool) -> LinearFit:
    """Maximise the likelihood over the relative factor, then over all variance parts for their covariance.

    Raises ``EstimationError`` where a variance is estimated as 0, or intercept and slope as one.
    """
    from scipy.optimize import minimize

    def deviance(theta: np.ndarray) -> float:
        return _deviance(sums, _triangle(theta))

    start = np.array([1.0, 0.0, 1.0]) if slope else np.array([1.0])
    theta = minimize(deviance, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9}).x
    theta = _polished(deviance, theta)
    _refuse_edge(_triangle(theta), slope)
    factor = _triangle(theta)
    factor = factor * np.where(np.diag(factor) < 0, -1.0, 1.0)
    solved = _solve(sums, factor)
    sigma = np.sqrt(solved.residual / sums.degrees)
    return LinearFit(
        beta=solved.beta,
        inverse=solved.inverse,
        sigma=float(sigma),
        factor=factor,
        log_likelihood=-deviance(theta) / 2,
        effects=_effects(sums, factor, solved.beta),
        parts_covariance=_parts_covariance(sums, factor, float(sigma)),
    )


def _triangle(theta: np.ndarray) -> np.ndarray:
    if len(theta) == 1:
        return theta.reshape(1, 1)
    return np.array([[theta[0], 0.0], [theta[1], theta[2]]])


def _polished(f: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """Newton's steps from near the minimum; the search before them stops at half of the digits."""
    for _ in range(_POLISHING_STEPS):
        if np.min(np.abs(at[[0, -1]])) < _NO_VARIANCE:
            break
        step = np.linalg.lstsq(hessian(f, at), gradient(f, at), rcond=None)[0]
        if np.max(np.abs(step)) > 0.1:
            break
        at = at - step
    return at


def _refuse_edge(factor: np.ndarray, slope: bool) -> None:
    scale = np.sqrt(np.diag(factor @ factor.T))
    if scale[0] < _NO_VARIANCE:
        raise EstimationError(
            "the groups do not differ: the variance between them is estimated as 0. Fit the model without "
            'groups: la.regress(..., family="linear")'
        )
    if slope and abs(factor[1, 1]) < _NO_VARIANCE * max(scale[1], 1.0):
        raise EstimationError(
            "the slope's variance is estimated as 0, or its correlation with the intercept as 1: leave "
            "slope= out, or centre the slope variable if its values are far from 0"
        )


def _effects(sums: Products, factor: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return the predicted effects (J, q) of the groups (best linear unbiased predictions)."""
    inner = np.eye(len(factor)) + factor.T @ sums.zz @ factor
    residual = factor.T @ (sums.zx @ np.append(-beta, 1.0))[..., None]
    return (factor @ np.linalg.solve(inner, residual))[..., 0]


def _parts_covariance(sums: Products, factor: np.ndarray, sigma: float) -> np.ndarray:
    """Invert the observed information of the logged variance parts, on which they are nearest to normal."""
    covariance = sigma**2 * factor @ factor.T
    sd = np.sqrt(np.diag(covariance))
    correlation = [np.arctanh(covariance[0, 1] / sd.prod())] if len(sd) == 2 else []
    at = np.array([*np.log(sd), *correlation, np.log(sigma)])

    def deviance(parts: np.ndarray) -> float:
        spread = np.exp(parts[: len(sd)])
        root = np.diag(spread)
        if len(sd) == 2:
            r = np.tanh(parts[2])
            root = np.array([[spread[0], 0.0], [spread[1] * r, spread[1] * np.sqrt(1 - r**2)]])
        return _deviance(sums, root / np.exp(parts[-1]), float(np.exp(parts[-1])))

    return np.linalg.inv(hessian(deviance, at, _LOG_STEP, levels=3) / 2)


def gradient(f: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """Differentiate by central differences with one Richardson extrapolation."""

    def first(h: float) -> np.ndarray:
        steps = h * np.eye(len(at))
        return np.array([(f(at + e) - f(at - e)) / (2 * h) for e in steps])

    return (4 * first(_STEP / 2) - first(_STEP)) / 3


def hessian(
    f: Callable[[np.ndarray], float], at: np.ndarray, step: float = _STEP, levels: int = 2
) -> np.ndarray:
    """Differentiate twice by central differences, ``levels`` of them with half the step before each time.

    Richardson's extrapolation takes out the error of the second order, and with three levels of the fourth.
    """

    def second(h: float) -> np.ndarray:
        steps = h * np.eye(len(at))
        return np.array(
            [
                [(f(at + a + b) - f(at + a - b) - f(at - a + b) + f(at - a - b)) / (4 * h * h) for b in steps]
                for a in steps
            ]
        )

    found = [second(step / 2**level) for level in range(levels)]
    for order in range(1, levels):
        found = [(4**order * fine - coarse) / (4**order - 1) for coarse, fine in pairwise(found)]
    return found[0]
