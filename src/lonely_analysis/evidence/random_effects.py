"""Random-effects arithmetic: weighted least squares with an unknown variance between studies.

Vocabulary: ``yi`` effects and ``vi`` sampling variances, arrays of shape (m, k) for m meta-analyses of k
studies; ``design`` the (k, p) moderator matrix that all m share (one column of ones for a plain pool); *tau2*
the variance between studies; *q* the weighted sum of squares around the fixed-effect fit. All m are solved at
once: a step of an iteration is a handful of products of (m, k) arrays, and rows that have converged drop out.

Sources: Viechtbauer 2005 (REML by Fisher scoring, DL), Paule and Mandel 1982, Viechtbauer 2007 (generalised
Q). R equivalent: ``metafor::rma.uni``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lonely_analysis.errors import EstimationError

METHODS = ("FE", "DL", "PM", "REML")
#: Meta-analyses solved at a time: their arrays of 148 studies then stay in the processor's cache.
BLOCK = 256
#: Relative change of tau2 (against the mean sampling variance) at which an iteration has converged.
TOLERANCE = 1e-13
#: What has not converged by then never will.
MAX_ITERATIONS = 1000
#: Fisher scoring crawls where the likelihood is nearly flat: what takes more iterations takes longer steps.
PATIENCE = 50
#: The longest of them, in steps of Fisher scoring.
LONGEST = 100


@dataclass(frozen=True)
class Fit:
    """Estimates of m meta-analyses: ``beta`` (m, p), ``vcov`` (m, p, p), ``tau2``, ``q``, ``scatter`` (m,).

    ``scatter`` is the weighted residual sum of squares over k - p at the random-effects weights: the factor
    by which Knapp and Hartung scale the covariance.
    """

    beta: np.ndarray
    vcov: np.ndarray
    tau2: np.ndarray
    q: np.ndarray
    scatter: np.ndarray


def fit(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, method: str) -> Fit:
    """Fit m meta-analyses of the same k studies' shape by ``method`` (``FE``, ``DL``, ``PM`` or ``REML``)."""
    starts = range(0, len(yi), BLOCK)
    parts = [_fit_block(yi[i : i + BLOCK], vi[i : i + BLOCK], design, method) for i in starts]
    return Fit(*(np.concatenate([getattr(part, name) for part in parts]) for name in Fit.__annotations__))


def generalised_q(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """Return Q(tau2): the weighted residual sum of squares with weights 1 / (vi + tau2); falls in tau2."""
    weights = 1 / (vi + tau2[:, None])
    return (weights * _least_squares(weights, yi, design)[1] ** 2).sum(axis=1)


def tau2_where_q_is(target: float, yi: np.ndarray, vi: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Return the tau2 at which Q(tau2) equals ``target``, or 0 where Q is below it already at 0.

    Q is convex and falls, so Newton's method from 0 climbs to the root and never passes it.
    """

    def newton(y: np.ndarray, v: np.ndarray, tau2: np.ndarray) -> np.ndarray:
        weights = 1 / (v + tau2[:, None])
        squares = weights * _least_squares(weights, y, design)[1] ** 2
        return np.maximum((squares.sum(axis=1) - target) / (weights * squares).sum(axis=1), 0)

    start = np.zeros(len(yi))
    above = generalised_q(yi, vi, design, start) > target
    start[above] = _iterate(newton, yi[above], vi[above], start[above])
    return start


def _fit_block(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, method: str) -> Fit:
    df = design.shape[0] - design.shape[1]
    q = generalised_q(yi, vi, design, np.zeros(len(yi)))
    tau2 = _between(yi, vi, design, method, q) if df > 0 else np.zeros(len(yi))
    weights = 1 / (vi + tau2[:, None])
    beta, residuals, bread = _least_squares(weights, yi, design)
    spread = (weights * residuals**2).sum(axis=1)
    scatter = spread / df if df > 0 else np.full(len(yi), np.nan)
    return Fit(beta=beta, vcov=bread, tau2=tau2, q=q, scatter=scatter)


def _between(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, method: str, q: np.ndarray) -> np.ndarray:
    df = design.shape[0] - design.shape[1]
    if method == "FE":
        return np.zeros(len(yi))
    if method == "PM":
        return tau2_where_q_is(df, yi, vi, design)
    moments = _dersimonian_laird(vi, design, q)
    return moments if method == "DL" else _reml(yi, vi, design, moments)


def _dersimonian_laird(vi: np.ndarray, design: np.ndarray, q: np.ndarray) -> np.ndarray:
    weights = 1 / vi
    bread = np.linalg.inv(_cross(weights, design))
    trace = weights.sum(axis=1) - _trace(bread, _cross(weights**2, design))
    return np.maximum((q - (design.shape[0] - design.shape[1])) / trace, 0)


def _reml(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Climb the restricted likelihood by Fisher scoring; a step below 0 ends at 0 if that is uphill."""

    def scoring(y: np.ndarray, v: np.ndarray, tau2: np.ndarray) -> np.ndarray:
        step = _scoring_step(y, v, design, tau2)
        under = tau2 + step < 0
        if under.any():
            at_zero = _scoring_step(y[under], v[under], design, np.zeros(under.sum()))
            step[under] = np.where(at_zero <= 0, -tau2[under], -tau2[under] / 2)
        return step

    return _iterate(scoring, yi, vi, start, crawls=True)


def _scoring_step(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """Return (y'PPy - tr P) / tr PP, where P projects off the moderators (Viechtbauer 2005, p. 269)."""
    weights = 1 / (vi + tau2[:, None])
    _, residuals, bread = _least_squares(weights, yi, design)
    squares = weights**2
    second = bread @ _cross(squares, design)
    trace_p = weights.sum(axis=1) - second.trace(axis1=1, axis2=2)
    trace_pp = (
        squares.sum(axis=1)
        - 2 * _trace(bread, _cross(squares * weights, design))
        + (second @ second).trace(axis1=1, axis2=2)
    )
    return ((squares * residuals**2).sum(axis=1) - trace_p) / trace_pp


def _iterate(
    step: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
    yi: np.ndarray,
    vi: np.ndarray,
    start: np.ndarray,
    crawls: bool = False,
) -> np.ndarray:
    """Add ``step`` to tau2 until it is negligible beside the mean sampling variance, row by row.

    Where the likelihood is more curved than expected, full steps swing around the top for ever: a row whose
    steps change sign without shrinking takes half steps from then on. Where it is flatter, steps shrink by a
    per cent or two each: with ``crawls`` a row that is not there in time goes where they would end.
    """
    tau2, active = start.copy(), np.arange(len(start))
    scale, last, damping = vi.mean(axis=1), np.zeros(len(start)), np.ones(len(start))
    before = np.zeros(len(start))
    for iteration in range(MAX_ITERATIONS):
        if not len(active):
            return tau2
        plain = step(yi[active], vi[active], tau2[active])
        change = damping[active] * plain
        swings = (change * last[active] < 0) & (np.abs(change) > np.abs(last[active]) / 4)
        damping[active[swings]] /= 2
        if crawls and iteration >= PATIENCE:
            change = _secant(change, plain, last[active], before[active], tau2[active])
        tau2[active] += change
        last[active], before[active] = change, plain
        active = active[np.abs(change) > TOLERANCE * (scale[active] + tau2[active])]
    raise EstimationError(
        f"tau2 did not converge in {MAX_ITERATIONS} iterations for {len(active)} meta-analyses: "
        "look for an outlying study, or use method='DL'"
    )


def _secant(
    change: np.ndarray, plain: np.ndarray, moved: np.ndarray, before: np.ndarray, tau2: np.ndarray
) -> np.ndarray:
    """Lengthen steps that shrink slowly to where the line through this one and the one before is 0.

    ``plain`` and ``before`` are what scoring asked for here and before ``moved``, the way gone in between.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.minimum(moved / (before - plain), LONGEST)
        slow = (plain * before > 0) & (factor > 1) & (tau2 + factor * plain >= 0)
    return np.where(slow, factor * plain, change)


def _least_squares(
    weights: np.ndarray, yi: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coefficients (m, p), residuals (m, k) and the inverse of X'WX (m, p, p)."""
    bread = np.linalg.inv(_cross(weights, design))
    beta = (bread @ ((weights * yi) @ design)[:, :, None])[:, :, 0]
    return beta, yi - beta @ design.T, bread


def _cross(weights: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Return X'WX for every row of weights, as one matrix product."""
    k, p = design.shape
    products = (design[:, :, None] * design[:, None, :]).reshape(k, p * p)
    return (weights @ products).reshape(-1, p, p)


def _trace(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.einsum("mij,mji->m", left, right)
