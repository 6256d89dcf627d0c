"""A regression refitted in every replicate, all replicates together.

Each pass over the data moves every replicate by one Newton step: a block's predictions are an array (rows,
replicates), and scores and informations of all replicates are two matrix products. The start is the
full-sample fit plus one step that needs PSU totals only. Replicate weights exist for a block of rows, never
for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lonely_analysis.estimators.glm import Family, Fit, outcome_shift
from lonely_analysis.estimators.layout import Layout
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.sample import Sample

# Rows times replicates that are worked on at once: arrays of 512 KB stay in the cache. Four megabytes took
# ten times as long, because the system then gives and takes back the memory of every array.
_BLOCK = 1 << 16
# Up to this many multiplications OpenBLAS starts no threads. On a busy machine, threads that wait for each
# other took five times the processor time of one thread for the small products of a refit.
_ONE_THREAD = 1 << 18
# The start is so close that three passes do; a replicate that needs more than this is separated.
_MOST_PASSES = 12
_CONVERGED = 1e-9

Block = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows or cells whose replicate weights are made block by block."""

    layout: Layout
    weights: np.ndarray
    outcome: np.ndarray
    unit: np.ndarray

    def blocks(self, multipliers: np.ndarray) -> Iterator[Block]:
        """Give the design matrix, the weights (rows, replicates) and the outcome (rows, 1)."""
        size = max(_BLOCK // multipliers.shape[1], 1)
        for first in range(0, len(self.weights), size):
            rows = slice(first, first + size)
            weights = multipliers[self.unit[rows]]
            weights *= self.weights[rows, None]
            yield self.layout.rows(rows), weights, self.outcome[rows, None]

    @staticmethod
    def residual(weights: np.ndarray, outcome: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Return w (y - mean)."""
        left = np.subtract(outcome, mean)
        left *= weights
        return left


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells whose replicate weights are sums over PSUs: ``weights`` and ``totals`` are sparse."""

    layout: Layout
    weights: object
    totals: object

    def blocks(self, multipliers: np.ndarray) -> Iterator[Block]:
        """Give the design matrix, the weights and the weighted outcomes, (cells, replicates) both."""
        size = max(_BLOCK // multipliers.shape[1], 1)
        for first in range(0, self.layout.n_cells, size):
            cells = slice(first, first + size)
            yield self.layout.rows(cells), self.weights[cells] @ multipliers, self.totals[cells] @ multipliers

    @staticmethod
    def residual(weights: np.ndarray, totals: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Return sum(w y) - sum(w) mean."""
        return totals - weights * mean


def refit(
    family: Family, sample: Sample, found: Fit, residual: np.ndarray, replicates: Replicates
) -> np.ndarray:
    """Return the coefficients of each replicate, (replicates, coefficients), NaN where a fit does not exist.

    ``residual`` are the weighted residuals of the rows used at the full-sample fit.
    """
    multipliers = replicates.multipliers.to_numpy(dtype=float)
    unit = sample.rows(replicates.unit_of_row)
    scores = sample.layout.totals(unit, len(multipliers), residual)
    start = found.centred + multipliers.T @ (scores @ found.basis @ found.inverse)
    shift = outcome_shift(family, sample.outcome, sample.weights)
    start[:, 0] -= shift
    source = _source(replace(sample, outcome=sample.outcome - shift), unit, len(multipliers))
    unit_of_predictor = float(sample.outcome.std()) if family.name == "linear" else 1.0
    settled = _advance(family, source, found.basis, start, multipliers, _CONVERGED * unit_of_predictor)
    settled[:, 0] += shift
    return settled @ found.basis.T


def _source(sample: Sample, unit: np.ndarray, n_units: int) -> _Rows | _Cells:
    layout, weights = sample.layout, sample.weights
    if layout.bases:
        return _Rows(layout, weights, sample.outcome, unit)
    from scipy.sparse import coo_array

    shape = (layout.n_cells, n_units)
    at = (layout.cell, unit)
    totals = coo_array((weights * sample.outcome, at), shape=shape).tocsr()
    return _Cells(layout.by_cell(), coo_array((weights, at), shape=shape).tocsr(), totals)


def _advance(
    family: Family,
    source: _Rows | _Cells,
    basis: np.ndarray,
    start: np.ndarray,
    multipliers: np.ndarray,
    enough: float,
) -> np.ndarray:
    here, moving = start.copy(), np.arange(len(start))
    for _ in range(_MOST_PASSES):
        own = multipliers if len(moving) == len(start) else multipliers[:, moving]
        move, decrement = _step(*_moments(family, source, basis, here[moving], own))
        here[moving] += move
        moving = moving[~(decrement < enough)]
        if not len(moving):
            break
    here[moving] = np.nan
    return here


def _moments(
    family: Family, source: _Rows | _Cells, basis: np.ndarray, here: np.ndarray, multipliers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (replicates, k) and informations (replicates, k, k) in one pass."""
    k = len(basis)
    upper = np.triu_indices(k)
    gradient = np.zeros((k, len(here)))
    products = np.zeros((len(upper[0]), len(here)))
    for x, weights, outcome in source.blocks(multipliers):
        centred = basis.T @ x
        with np.errstate(over="ignore", invalid="ignore"):
            predictor = np.empty_like(weights)
            for columns, product in _products(centred.T, here.T):
                predictor[:, columns] = product
            mean = family.mean(predictor)
            for columns, product in _products(centred, source.residual(weights, outcome, mean)):
                gradient[:, columns] += product
            weights *= family.slope(mean)
        for columns, product in _products(centred[upper[0]] * centred[upper[1]], weights):
            products[:, columns] += product
    information = np.empty((len(here), k, k))
    information[:, upper[0], upper[1]] = products.T
    information[:, upper[1], upper[0]] = products.T
    return gradient.T, information


def _products(a: np.ndarray, b: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Give the columns of ``a @ b``, in products that one thread does."""
    width = max(_ONE_THREAD // a.size, 1)
    for first in range(0, b.shape[1], width):
        columns = slice(first, first + width)
        yield columns, a @ b[:, columns]


def _step(gradient: np.ndarray, information: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Newton's step and its decrement for each replicate; NaN where the information is singular."""
    usable = np.isfinite(information).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1)
    usable[usable] &= np.linalg.cond(information[usable]) < 1 / np.finfo(float).eps
    move = np.full_like(gradient, np.nan)
    move[usable] = np.linalg.solve(information[usable], gradient[usable][..., None])[..., 0]
    square = (gradient * move).sum(axis=1) / information[:, 0, 0]
    return move, np.sqrt(np.maximum(square, 0.0))
