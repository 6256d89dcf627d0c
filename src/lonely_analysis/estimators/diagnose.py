"""Why a model cannot be fitted, in words that name the term and say what to do."""

from __future__ import annotations

import numpy as np

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.glm import CollinearError, Family, NotConvergedError, Points

_NAMES_SHOWN = 4
# Parts of a linear combination below this share of the largest are rounding.
_NEGLIGIBLE = 1e-6


def check_outcome(family: Family, name: str, outcome: np.ndarray) -> None:
    """Refuse an outcome that the family does not model, or that is the same in every row."""
    low, high = float(outcome.min()), float(outcome.max())
    if family.name == "logistic" and not ((outcome == 0) | (outcome == 1)).all():
        raise DataError(
            f"outcome {name!r} goes from {low:g} to {high:g}: a logistic model needs yes/no (True/False "
            'or 1/0). Compute a yes/no column, or use family="linear"'
        )
    if family.name == "poisson" and low < 0:
        raise DataError(
            f'outcome {name!r} goes down to {low:g}: a Poisson model needs 0 or more; use family="linear"'
        )
    if low == high:
        raise EstimationError(
            f"outcome {name!r} is {low:g} in all {len(outcome)} rows used: there is nothing to explain"
        )


def collinear(error: CollinearError, names: list[str]) -> EstimationError:
    """Name a column that others determine, and which."""
    name = names[error.column]
    weights = np.abs(error.weights)
    if not np.delete(weights, error.column).any():
        return EstimationError(f"no row used has {name!r} other than 0: leave it out, or merge categories")
    partners = [names[p] for p in np.flatnonzero(weights > _NEGLIGIBLE * weights.max()) if p != error.column]
    if partners == [names[0]]:
        return EstimationError(f"{name!r} is the same in every row used: leave it out")
    others = ", ".join(other for other in partners if other != names[0])
    return EstimationError(f"{name!r} is collinear: it follows from {others}. Leave one of them out")


def not_converged(
    error: NotConvergedError, family: Family, points: Points, names: list[str]
) -> EstimationError:
    """Tell separation from other failures by looking for values of a column with one outcome only."""
    if family.name == "linear" or not error.moving.any():
        return EstimationError(
            "the model does not converge: rescale covariates with very large values, or take fewer terms"
        )
    moving = [names[p] for p in np.flatnonzero(error.moving)]
    found = _constant_parts(points, names)
    if found:
        return EstimationError(
            f"separation: {'; '.join(found[:_NAMES_SHOWN])}, so that the coefficient has no finite value. "
            "Merge the category with another, or leave the term out"
        )
    return EstimationError(
        f"separation: {', '.join(moving[:_NAMES_SHOWN])} together predict the outcome perfectly in some "
        "rows, so that their coefficients have no finite value. Take fewer or coarser terms"
    )


def _constant_parts(points: Points, names: list[str]) -> list[str]:
    """Find indicators on whose side the outcome never varies."""
    size = len(names)
    weight, total = np.zeros((2, size)), np.zeros((2, size))
    binary = np.ones(size, dtype=bool)
    for rows, x in points.layout.blocks():
        w, wy = points.weights[rows], points.weights[rows] * points.outcome[rows]
        binary &= ((x == 0) | (x == 1)).all(axis=1)
        for side, inside in enumerate((x == 0, x == 1)):
            weight[side] += inside @ w
            total[side] += inside @ wy
    found = []
    for p in np.flatnonzero(binary)[1:]:
        for side in (1, 0):
            share = total[side, p] / weight[side, p] if weight[side, p] else 0.5
            if share in (0.0, 1.0) or abs(share - 1) < 1e-12:
                found.append(f"the outcome is {share:.0f} in every row with {names[p]} = {side}")
    return found
