"""A selection model: what the pool would be if insignificant results were published less (or more) often.

Vocabulary: *delta* is the chance that a result with one-sided p above ``step`` is published, relative to
one with p at or below it; 1 means no selection. With the mean and tau2 these are the model's three
parameters (Vevea and Hedges 1995, one step). It assumes that the step is known and that nothing else
selects; with few studies on one side of the step delta is hardly known, and the interval of the mean shows
it. Intervals are estimate and standard error: with some hundreds of studies they hold the mean as often as
they say, with twenty they do not.

R equivalent: ``metafor::selmodel(rma(yi, vi, method = "ML"), type = "stepfun", steps = 0.025)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.evidence.bias import FEWEST_STUDIES
from lonely_analysis.evidence.pool import checked, source_of
from lonely_analysis.results import Result

#: One-sided 0.025 is two-sided 0.05 in the expected direction.
STEP = 0.025
#: Beyond these a delta fits no better: it only says that hardly any study is there on one side of the step.
DELTA_MIN, DELTA_MAX = 1e-6, 100.0
#: Step of the central differences behind the Hessian, in units of each parameter's own size.
NUDGE = 1e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class SelectionModel(Result):
    """Terms ``mean, tau2, delta``; columns ``term, estimate, se, ci_low, ci_high``; ``lrt`` tests delta = 1.

    ``se`` and interval are missing for a parameter that ends at its bound (tau2 at 0, delta at either end).
    """

    log_likelihood: float
    lrt: float
    lrt_p: float
    k: int
    significant: int
    level: float = 0.95


def selection_model(
    yi: ArrayLike, vi: ArrayLike, *, expected: str = "greater", step: float = STEP, level: float = 0.95
) -> SelectionModel:
    """Fit mean, tau2 and delta by maximum likelihood; ``expected`` is the direction that gets published.

    The density of a published effect is that of N(mean, vi + tau2) times its chance of publication, divided
    by the chance that any result of that study would have had (Vevea and Hedges 1995, eq. 4, p. 422).

    Raises ``DataError`` for fewer than three studies or an unknown direction and ``EstimationError`` when all
    studies are on one side of the step, where delta cannot be estimated.
    """
    y, v = checked(yi, vi)
    if len(y) < FEWEST_STUDIES:
        raise DataError(f"{len(y)} studies: a selection model needs at least {FEWEST_STUDIES}")
    if expected not in ("greater", "less"):
        raise DataError(f"expected={expected!r}: greater or less")
    sign = 1.0 if expected == "greater" else -1.0
    cut = ndtri(1 - step) * np.sqrt(v)
    significant = int((sign * y >= cut).sum())
    if significant in (0, len(y)):
        raise EstimationError(
            f"{significant} of {len(y)} studies have p below {step}: delta cannot be estimated"
        )
    free, loglik = _maximise(sign * y, v, cut)
    _, without = _maximise(sign * y, v, cut, delta=1.0)
    lrt = max(0.0, 2 * (loglik - without))
    return SelectionModel(
        table=_table(free, sign * y, v, cut, sign, level),
        source=source_of(yi),
        log_likelihood=loglik,
        lrt=lrt,
        lrt_p=float(chdtrc(1, lrt)),
        k=len(y),
        significant=significant,
        level=level,
    )


def _log_likelihood(theta: np.ndarray, y: np.ndarray, v: np.ndarray, cut: np.ndarray) -> float:
    mean, tau2, delta = theta
    total = v + tau2
    passes = ndtr((mean - cut) / np.sqrt(total))
    chance = np.where(y >= cut, 0.0, np.log(delta))
    density = -0.5 * (np.log(2 * np.pi * total) + (y - mean) ** 2 / total)
    return float((density + chance - np.log(passes + delta * (1 - passes))).sum())


def _maximise(
    y: np.ndarray, v: np.ndarray, cut: np.ndarray, delta: float | None = None
) -> tuple[np.ndarray, float]:
    """Maximise from several starts, since there may be more than one top; ``delta`` fixes it if given."""
    from scipy.optimize import minimize

    spread = max(float(np.var(y) - v.mean()), 0.1 * float(v.mean()))
    bounds = [(None, None), (0, None), (DELTA_MIN, DELTA_MAX) if delta is None else (delta, delta)]
    best = None
    for first in (0.3, 1.0, 3.0) if delta is None else (delta,):
        start = np.array([np.average(y, weights=1 / (v + spread)), spread, first])
        found = minimize(
            lambda theta: -_log_likelihood(theta, y, v, cut),
            start,
            method="L-BFGS-B",
            jac=lambda theta: -_gradient(theta, y, v, cut),
            bounds=bounds,
            options={"maxiter": 5000, "ftol": 1e-16, "gtol": 1e-10, "maxls": 50},
        )
        best = found if best is None or found.fun < best.fun else best
    return _polish(best.x, y, v, cut, fixed=delta is not None), -float(best.fun)


def _gradient(theta: np.ndarray, y: np.ndarray, v: np.ndarray, cut: np.ndarray) -> np.ndarray:
    mean, tau2, delta = theta
    total = v + tau2
    root = np.sqrt(total)
    u = (mean - cut) / root
    passes, slope = ndtr(u), np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)
    chance = passes + delta * (1 - passes)
    lost = (1 - delta) * slope / chance
    z = (y - mean) / total
    below = (y < cut).sum() / delta
    return np.array(
        [
            (z - lost / root).sum(),
            (0.5 * (z**2 - 1 / total) + 0.5 * lost * u / total).sum(),
            below - ((1 - passes) / chance).sum(),
        ]
    )


def _hessian(theta: np.ndarray, free: np.ndarray, data: tuple[np.ndarray, ...]) -> np.ndarray:
    """Differentiate the gradient of the free parameters by central differences."""
    columns = []
    for i in np.flatnonzero(free):
        nudge = np.zeros(3)
        nudge[i] = NUDGE * max(abs(theta[i]), 0.01)
        up, down = _gradient(theta + nudge, *data), _gradient(theta - nudge, *data)
        columns.append((up - down)[free] / (2 * nudge[i]))
    matrix = np.array(columns)
    return (matrix + matrix.T) / 2


def _inside(theta: np.ndarray) -> np.ndarray:
    """Say which parameters lie off their bounds."""
    return np.array([True, theta[1] > 1e-8, DELTA_MIN * (1 + 1e-6) < theta[2] < DELTA_MAX * (1 - 1e-6)])


def _polish(theta: np.ndarray, y: np.ndarray, v: np.ndarray, cut: np.ndarray, fixed: bool) -> np.ndarray:
    """Finish with Newton steps, which reach the top to the last digits where a line search stops early."""
    free = _inside(theta) & np.array([True, True, not fixed])
    for _ in range(20):
        step = np.zeros(3)
        step[free] = np.linalg.solve(_hessian(theta, free, (y, v, cut)), _gradient(theta, y, v, cut)[free])
        if not np.isfinite(step).all() or np.abs(step[free]).max() > 0.1 * (1 + np.abs(theta[free]).max()):
            return theta
        theta = theta - step
        if np.abs(step).max() < 1e-13 * (1 + np.abs(theta).max()):
            break
    return theta


def _table(
    theta: np.ndarray, y: np.ndarray, v: np.ndarray, cut: np.ndarray, sign: float, level: float
) -> pd.DataFrame:
    free = _inside(theta)
    se = np.full(3, np.nan)
    se[free] = np.sqrt(np.diag(np.linalg.inv(-_hessian(theta, free, (y, v, cut)))))
    estimate = theta * np.array([sign, 1, 1])
    half = ndtri((1 + level) / 2) * se
    low, high = estimate - half, estimate + half
    low[1:] = np.maximum(low[1:], 0)
    terms = ["mean", "tau2", "delta"]
    return pd.DataFrame({"term": terms, "estimate": estimate, "se": se, "ci_low": low, "ci_high": high})
