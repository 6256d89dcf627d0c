"""Pseudo-maximum-likelihood: the three families, and Newton's method over blocks of rows.

The *predictor* eta is the design matrix times the coefficients; a family maps it to the *mean*. All three
links are canonical, so that Newton's method is iteratively reweighted least squares (McCullagh & Nelder 1989,
Generalized Linear Models, 2nd ed., p. 40-43). A *decrement* is the root mean squared change of eta that a
step makes, in the metric of the information: it depends neither on units nor on the scale of the weights.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from lonely_analysis.estimators.layout import Layout, columns_without_numbers

# After a step of this decrement the next one is beyond double precision (convergence is quadratic).
_CONVERGED = 1e-9
# A step of the coefficients that stays this large while nothing fitted changes is a coefficient on its way to
# infinity: with complete separation every step is about 1.
_DIVERGING = 1e-3
_MOST_STEPS = 25
# Many rows are first fitted on every 64th and then on every 8th of them, if that leaves this many: the start
# is then so near that three passes over all rows do.
_WARM_STEPS = (64, 8)
_WARM_ROWS = 5_000
_WARM_ENOUGH = 1e-4
# Below this unexplained share of a column's variance nothing is left of it but rounding.
_UNEXPLAINED = 1e-10


@dataclass(frozen=True)
class Family:
    """A mean as a function of the predictor, its derivative as a function of the mean, and the link."""

    name: str
    mean: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    link: Callable[[float], float]
    ratio: str


def _expit(eta: np.ndarray) -> np.ndarray:
    """Inverse logit, in place and about three times as fast as SciPy's, which matters in every pass."""
    result = np.negative(eta)
    with np.errstate(over="ignore"):  # a share of 0
        np.exp(result, out=result)
    result += 1
    return np.reciprocal(result, out=result)


FAMILIES = {
    "logistic": Family(
        "logistic", _expit, lambda m: m * (1 - m), lambda m: np.log(m / (1 - m)), "odds ratio"
    ),
    "poisson": Family("poisson", np.exp, lambda m: m, np.log, "rate ratio"),
    "linear": Family("linear", lambda eta: eta, np.ones_like, lambda m: m, ""),
}


@dataclass(frozen=True, eq=False)
class Points:
    """What the fit runs over: rows, or cells with the sum of their weights and their mean outcome."""

    layout: Layout
    weights: np.ndarray
    outcome: np.ndarray


@dataclass(frozen=True, eq=False)
class Fit:
    """The coefficients ``centred`` and the inverse of the information (minus the second derivative) of X B.

    ``basis`` is B, which centres the columns of the design matrix X.
    """

    centred: np.ndarray
    basis: np.ndarray
    inverse: np.ndarray

    @property
    def coefficients(self) -> np.ndarray:
        """The coefficients of X."""
        return self.basis @ self.centred

    def sandwich(self, meat: np.ndarray) -> np.ndarray:
        """Return the covariance of the coefficients, given that of the total of centred scores."""
        bread = self.basis @ self.inverse
        return bread @ meat @ bread.T


class NotConvergedError(ArithmeticError):
    """Newton's method did not settle; ``moving`` are the columns whose coefficients still change."""

    def __init__(self, moving: np.ndarray) -> None:
        self.moving = moving
        super().__init__("the coefficients do not converge")


class CollinearError(ArithmeticError):
    """A column is a linear combination of earlier ones; ``weights`` make all columns add up to 0."""

    def __init__(self, column: int, weights: np.ndarray) -> None:
        self.column, self.weights = column, weights
        super().__init__("collinear columns")


def points_of(layout: Layout, weights: np.ndarray, outcome: np.ndarray) -> Points:
    """Add rows up to cells where nothing is continuous; else fit the rows as they are."""
    if layout.bases:
        return Points(layout, weights, outcome)
    total = np.bincount(layout.cell, weights=weights, minlength=layout.n_cells)
    successes = np.bincount(layout.cell, weights=weights * outcome, minlength=layout.n_cells)
    return Points(layout.by_cell(), total, successes / total)


def fit(family: Family, points: Points) -> Fit:
    """Fit by Newton's method from the intercept alone, or from a fit to every k-th row.

    Raises ``CollinearError`` or ``NotConvergedError``.
    """
    thinned = [step for step in _WARM_STEPS if len(points.weights) // step >= _WARM_ROWS]
    basis = centring_basis(points, max(thinned, default=1))
    # An outcome far from 0 would leave its residuals few digits, and no step small enough to stop at.
    shift = outcome_shift(family, points.outcome, points.weights)
    points = points if shift == 0 else replace(points, outcome=points.outcome - shift)
    start = np.zeros(len(basis))
    start[0] = family.link(np.average(points.outcome, weights=points.weights))
    for step in thinned:
        with suppress(ArithmeticError):
            start, _ = _newton(family, points, basis, start, step)
    found, information = _newton(family, points, basis, start, 1)
    found[0] += shift
    return Fit(found, basis, np.linalg.inv(information))


def outcome_shift(family: Family, outcome: np.ndarray, weights: np.ndarray) -> float:
    """Return what can be taken from an outcome and given to the intercept: the mean of a linear model's."""
    return float(np.average(outcome, weights=weights)) if family.name == "linear" else 0.0


def centring_basis(points: Points, step: int = 1) -> np.ndarray:
    """Return B such that the columns of X B are centred and scaled: numbers far from 0 then cost no digits.

    A numeric column is projected off the column of indicators that it multiplies, where the model has it. B
    need not be exact, and so comes from every ``step``-th row.
    """
    columns = points.layout.encoding.columns
    partners = columns_without_numbers(columns)
    numeric = [p for p, column in enumerate(columns) if column.numeric]
    basis = np.eye(len(columns))
    if not numeric:
        return basis
    gram = sum((x * points.weights[rows]) @ x.T for rows, x in points.layout.blocks(step))
    for p in numeric:
        q = partners.get(columns[p].indicators)
        if q is not None and gram[q, q] > 0:
            basis[q, p] = -gram[p, q] / gram[q, q]
    spread = sum(
        ((basis[:, numeric].T @ x) ** 2) @ points.weights[rows] for rows, x in points.layout.blocks(step)
    )
    scale = np.sqrt(spread / gram[0, 0])
    basis[:, numeric] /= np.where(scale > 0, scale, 1.0)
    return basis


def _newton(
    family: Family, points: Points, basis: np.ndarray, start: np.ndarray, step: int
) -> tuple[np.ndarray, np.ndarray]:
    enough = (_CONVERGED if step == 1 else _WARM_ENOUGH) * _unit(family, points)
    here, move, last = start, np.zeros_like(start), np.inf
    moving = np.zeros(len(start), dtype=bool)
    for turn in range(_MOST_STEPS):
        gradient, information = _moments(family, points, basis, here, step)
        if turn == 0:
            refuse_collinear(information, basis)
        next_move, decrement = _step(gradient, information)
        if not decrement <= 2 * last:
            # Overshot, or nothing left to compute with: go back half of the last step.
            move = move / 2
            here = here - move
            continue
        here, move, last = here + next_move, next_move, decrement
        moving = np.abs(move) > _DIVERGING * _unit(family, points)
        if decrement < enough:
            break
    if last >= enough or moving.any():
        raise NotConvergedError(moving)
    return here, information


def _unit(family: Family, points: Points) -> float:
    """Return the unit in which the predictor is measured: the outcome's spread where they share a scale."""
    return float(points.outcome.std()) or 1.0 if family.name == "linear" else 1.0


def _moments(
    family: Family, points: Points, basis: np.ndarray, here: np.ndarray, step: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the score and the information in one pass over the blocks."""
    gradient, information = np.zeros(len(here)), np.zeros((len(here),) * 2)
    numeric = np.flatnonzero((basis != np.eye(len(here))).any(axis=0))
    with np.errstate(over="ignore", invalid="ignore"):
        for rows, x in points.layout.blocks(step):
            if len(numeric):
                x[numeric] = basis[:, numeric].T @ x
            weights = points.weights[rows]
            mean = family.mean(here @ x)
            gradient += x @ (weights * (points.outcome[rows] - mean))
            information += (x * (weights * family.slope(mean))) @ x.T
    return gradient, information


def _step(gradient: np.ndarray, information: np.ndarray) -> tuple[np.ndarray, float]:
    """Return Newton's step and its decrement; the intercept's information is the sum of all weights."""
    try:
        move = np.linalg.solve(information, gradient)
    except np.linalg.LinAlgError:
        return np.zeros_like(gradient), np.nan
    return move, float(np.sqrt(max(gradient @ move, 0.0) / information[0, 0]))


def refuse_collinear(information: np.ndarray, basis: np.ndarray) -> None:
    """Raise ``CollinearError`` for the first column that earlier ones explain to the last digits."""
    size = np.sqrt(np.diag(information))
    if not np.isfinite(size).all():
        return
    for p in np.flatnonzero(size == 0):
        raise CollinearError(int(p), basis[:, p])
    scaled = information / np.outer(size, size)
    for p in range(1, len(size)):
        weights = np.linalg.solve(scaled[:p, :p], scaled[:p, p])
        if 1 - weights @ scaled[:p, p] < _UNEXPLAINED:
            raise CollinearError(p, basis[:, :p] @ (weights / size[:p]) - basis[:, p] / size[p])
