"""Cells of a design whose rows are its PSUs, where a frame cannot be asked for its rows one by one.

A stratum's rows in a domain then make one cell, and sums of squares stand for the rows: their spread within
the stratum is all that the covariance needs of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lonely_analysis.estimators.cells import Cells
from lonely_analysis.estimators.linearise import stratum_means, stratum_scale


@dataclass(frozen=True, eq=False, kw_only=True)
class RowCells(Cells):
    """Cells of a design without PSUs on an engine, where each row is a PSU: a stratum's part of a domain.

    ``psu`` holds the stratum. ``squares`` are sum(w^2), sum(w^2 y) and sum(w^2 y^2), (3, m), with y less
    the shift; ``rows`` counts the rows of a cell.
    """

    squares: np.ndarray = field(repr=False)
    rows: np.ndarray = field(repr=False)

    @property
    def stratum(self) -> np.ndarray:
        """The stratum of each cell."""
        return self.psu

    def degrees_of_freedom(self, target: np.ndarray) -> np.ndarray:
        """Return rows minus strata with respondents of each group."""
        column, size = target[self.domain], int(target.max()) + 1
        strata = np.zeros((self.psus.n_strata, size), dtype=bool)
        strata[self.psu, column] = True
        return np.bincount(column, weights=self.rows, minlength=size).astype(np.intp) - strata.sum(axis=0)

    def _spread(self, column: np.ndarray, factor: np.ndarray, size: int) -> np.ndarray:
        """Add n_h/(n_h-1) (sum z z' - n_h mean mean') over strata; z z' is diagonal: a row has one group."""
        mean = self.mean[self.domain]
        ww, wwy, wwyy = self.squares
        square = factor**2 * (wwyy - 2 * mean * wwy + mean**2 * ww)
        z = factor * (self.total - mean * self.weight)
        shape = (self.psus.n_strata, size)
        sums, squares = np.zeros(shape), np.zeros(shape)
        np.add.at(sums, (self.psu, column), z)
        np.add.at(squares, (self.psu, column), square)
        means, scale = stratum_means(self.psus, sums), stratum_scale(self.psus)
        centred = (means * (scale * self.psus.psus_in_stratum)[:, None]).T @ means
        return np.diag((scale[:, None] * squares).sum(axis=0)) - centred
