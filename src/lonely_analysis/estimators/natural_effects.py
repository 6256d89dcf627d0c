"""Potential outcomes through a mediator: mean of Y(a, M(a*)) over the sample, for linear and logistic pairs.

``a`` is what the outcome sees of the exposure, ``a*`` what the mediator sees. The outcome's predictor is
linear in the mediator, eta = base + m slope, so the mean over a mediator's distribution needs its predictor
and its spread only: two points for a yes/no mediator, one for a linear pair, Gauss-Hermite nodes for a
linear mediator of a logistic outcome.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lonely_analysis.estimators.influence import FittedRows
from lonely_analysis.estimators.matrix import dense_matrix

# The integrand is a logistic curve; with thirty nodes the error is below 1e-9 for spreads up to 5 on the
# logit scale.
NODES = 30


@dataclass(frozen=True, eq=False)
class Pair:
    """The two models on the same rows; ``variance`` is that of a linear mediator's residuals, else 0."""

    outcome: FittedRows
    mediator: FittedRows
    variance: float
    d_variance: np.ndarray
    exposure: str
    mediator_name: str
    levels: tuple[float, float]

    def matrices(self, seen: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the mediator's design matrix, and the outcome's at mediator 0 and 1, for one exposure."""
        value = self.levels[seen]
        at = [
            self.outcome.sample.layout.setting(**{self.exposure: value, self.mediator_name: m})
            for m in (0.0, 1.0)
        ]
        own = self.mediator.sample.layout.setting(**{self.exposure: value})
        return dense_matrix(own), dense_matrix(at[0]), dense_matrix(at[1])


@dataclass(frozen=True, eq=False)
class Potential:
    """A mean potential outcome and its contributions by row used."""

    mean: float
    contributions: np.ndarray


def pair_of(
    outcome: FittedRows, mediator: FittedRows, exposure: str, mediator_name: str, levels: tuple[float, float]
) -> Pair:
    """Join two fitted models; a mediator's residual variance is a weighted mean square."""
    if mediator.family.name != "linear":
        return Pair(outcome, mediator, 0.0, np.zeros(mediator.sample.n), exposure, mediator_name, levels)
    w, residual = mediator.weights, mediator.sample.outcome - mediator.mean
    variance = float(w @ residual**2 / w.sum())
    d_variance = w * (residual**2 - variance) / w.sum()
    return Pair(outcome, mediator, variance, d_variance, exposure, mediator_name, levels)


def potential_outcomes(pair: Pair) -> dict[tuple[int, int], Potential]:
    """Return the mean of Y(a, M(a*)) for a, a* in 0 (control) and 1 (treated)."""
    matrices = [pair.matrices(seen) for seen in (0, 1)]
    d_mediator, d_outcome = pair.mediator.contributions(), pair.outcome.contributions()
    return {
        (a, b): _potential(pair, matrices[b][0], *matrices[a][1:], d_mediator, d_outcome)
        for a in (0, 1)
        for b in (0, 1)
    }


def _potential(
    pair: Pair,
    x_m: np.ndarray,
    x_0: np.ndarray,
    x_1: np.ndarray,
    d_mediator: np.ndarray,
    d_outcome: np.ndarray,
) -> Potential:
    """Integrate over the mediator row by row, keeping the gradient by both models' parameters."""
    w = pair.outcome.weights / pair.outcome.weights.sum()
    beta, change = pair.outcome.coefficients, x_1 - x_0
    base, slope = x_0 @ beta, change @ beta
    predictor = x_m @ pair.mediator.coefficients
    value = np.zeros(len(w))
    by_beta, by_alpha, by_variance = np.zeros(len(beta)), np.zeros(x_m.shape[1]), 0.0
    for share, m, by_predictor, by_spread in _points(pair, predictor):
        mean = pair.outcome.family.mean(base + m * slope)
        curve = w * share * pair.outcome.family.slope(mean)
        value += share * mean
        by_beta += curve @ x_0 + (curve * m) @ change
        # A point moves with the mediator's predictor (linear), or its probability does (logistic).
        moved = curve * slope if pair.mediator.family.name == "linear" else w * mean
        by_alpha += (moved * by_predictor) @ x_m
        by_variance += np.sum(moved * by_spread)
    average = float(w @ value)
    contributions = w * (value - average) + d_outcome @ by_beta + d_mediator @ by_alpha
    return Potential(average, contributions + pair.d_variance * by_variance)


def _points(pair: Pair, predictor: np.ndarray) -> list[tuple]:
    """Return the mediator's distribution by row: (probability, value, d by predictor, d by variance)."""
    if pair.mediator.family.name == "logistic":
        p = pair.mediator.family.mean(predictor)
        spread = p * (1 - p)
        return [(1 - p, 0.0, -spread, 0.0), (p, 1.0, spread, 0.0)]
    if pair.outcome.family.name == "linear":
        return [(1.0, predictor, 1.0, 0.0)]
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    sd = np.sqrt(pair.variance)
    return [
        (share, predictor + sd * z, 1.0, z / (2 * sd))
        for z, share in zip(nodes, weights / np.sqrt(2 * np.pi), strict=True)
    ]
