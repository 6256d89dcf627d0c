"""Covariance of a scale's items under the design, and the sampling covariance of that covariance.

``vech`` stacks the lower triangle of a symmetric matrix, row by row: s11, s21, s22, s31, ... Moments are
Pearson moments of the codes: items with few answers are treated as numbers, as a sum score treats them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.intervals import standard_error
from lonely_analysis.estimators.linearise import covariance, degrees_of_freedom
from lonely_analysis.estimators.psus import Coded, coded
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.estimators.resample import design_in_memory
from lonely_analysis.surveys.design import require_columns
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.scales import item_points

# A spread below this share of the largest value is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class ItemMoments:
    """Moments of ``p`` items over the ``n`` rows that answered all of them.

    ``matrix`` (p, p) is the weighted covariance, divided by the sum of the weights; ``centred`` (rows, p) are
    the items less their weighted means; ``scores`` (rows, p(p+1)/2) are the linearised
    contributions of each row to ``vech(matrix)``.
    """

    names: tuple[str, ...]
    matrix: np.ndarray = field(repr=False)
    centred: np.ndarray = field(repr=False)
    scores: np.ndarray = field(repr=False)
    design: Coded = field(repr=False)
    in_domain: np.ndarray = field(repr=False)
    n: int
    df: int
    source: str

    @property
    def correlation(self) -> np.ndarray:
        """Correlations of the items."""
        sd = np.sqrt(np.diag(self.matrix))
        return self.matrix / np.outer(sd, sd)

    @cached_property
    def vech_covariance(self) -> np.ndarray:
        """Design-based covariance of ``vech(matrix)``."""
        return covariance(self.design, self.scores, self.in_domain)

    def replicate_covariance(self, replicates: Replicates) -> np.ndarray:
        """Return the covariance of ``vech(matrix)`` from the matrix of each replicate."""
        w = np.where(self.in_domain, self.design.weights, 0.0)
        i, j = np.tril_indices(len(self.names))
        products = self.centred[:, i] * self.centred[:, j]
        sums = replicates.totals(np.column_stack([np.ones(len(w)), self.centred, products]) * w[:, None])
        mean, square = np.split(sums[:, 1:] / sums[:, :1], [len(self.names)], axis=1)
        return replicate_covariance(to_vech(self.matrix), square - mean[:, i] * mean[:, j], replicates)

    def standard_error(self, gradient: np.ndarray) -> float:
        """Return the delta-method SE of a function of ``vech(matrix)`` with this gradient."""
        return float(standard_error(gradient @ self.vech_covariance @ gradient))


def item_moments(data: Any, items: str | list[str], where: Any = None) -> ItemMoments:
    """Estimate the moments of a scale (by name) or of a list of columns, over rows with every item."""
    design = design_in_memory(data, "a scale's covariance")
    points = _item_frame(design, items)
    complete = points.notna().all(axis=1).to_numpy()
    return moments_of(design, points, complete & domain_rows(design.frame, where))


def moments_of(design: Any, points: pd.DataFrame, in_domain: np.ndarray) -> ItemMoments:
    """Estimate the moments of the columns of ``points`` over the rows of a domain."""
    rows = coded(design)
    x = np.where(in_domain[:, None], points.to_numpy(dtype=float), 0.0)
    w = np.where(in_domain, rows.weights, 0.0)
    if w.sum() <= 0:
        raise DataError(f"nobody in the domain answered all of: {', '.join(points.columns)}")
    centred = x - (w @ x) / w.sum()
    matrix = (centred * w[:, None]).T @ centred / w.sum()
    _check_spread(matrix, np.abs(x).max(axis=0), list(points.columns), int((w > 0).sum()))
    i, j = np.tril_indices(len(matrix))
    scores = (centred[:, i] * centred[:, j] - matrix[i, j]) * (w / w.sum())[:, None]
    n, df = int((w > 0).sum()), degrees_of_freedom(rows, in_domain)
    return ItemMoments(tuple(points.columns), matrix, centred, scores, rows, in_domain, n, df, design.source)


def _item_frame(design: Any, items: str | list[str]) -> pd.DataFrame:
    if isinstance(items, str):
        return item_points(design, items)
    require_columns(list(design.frame.columns), list(items))
    for name in items:
        if not pd.api.types.is_numeric_dtype(design.frame[name].dtype):
            raise DataError(
                f"item {name!r} holds {design.frame[name].dtype}, not numbers: give its answers codes in "
                "their order first"
            )
    return design.frame[list(items)].astype("Float64").astype(float)


def _check_spread(matrix: np.ndarray, largest: np.ndarray, names: list[str], n: int) -> None:
    """Refuse items whose spread is no more than the rounding of their largest value."""
    known = np.sqrt(np.diag(matrix)) > _ROUNDING * largest
    constant = [name for name, varies in zip(names, known, strict=True) if not varies]
    if constant:
        raise DataError(f"all {n} answers to {', '.join(constant)} are the same: leave the item out")


def to_vech(matrix: np.ndarray) -> np.ndarray:
    """Stack the lower triangle of a symmetric matrix."""
    return matrix[np.tril_indices(len(matrix))]


def from_vech(stacked: np.ndarray, p: int) -> np.ndarray:
    """Undo ``to_vech``."""
    matrix = np.zeros((p, p))
    matrix[np.tril_indices(p)] = stacked
    return matrix + np.tril(matrix, -1).T
