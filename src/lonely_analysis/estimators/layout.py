"""The rows of a model, without their design matrix.

Variables that take few values cross-classify the rows into *cells*. A coefficient's column is then a *curve*
over the cells times, at most, one *base*: a product of the continuous numeric parts. The design matrix exists
only in *blocks* of rows. When nothing is continuous, rows add up to cells and the fit never sees a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.covariates import Variable
from lonely_analysis.estimators.encoding import Column, Encoding

# Rows in a block: its columns stay in the processor's cache, and BLAS still has enough to do.
_BLOCK = 4096
# A whole-number variable with at most this many values between its ends is taken as discrete.
_MOST_VALUES = 1000
# With continuous variables beside them, whole numbers join the cells while the table of curves stays small.
_MOST_MIXED_CELLS = 4096
# Up to this many possible cells, those that occur are found by counting, beyond it by sorting.
_MOST_COUNTED = 1 << 22

Block = tuple[slice, np.ndarray]
# The codes of a variable from 0, and how many there may be.
Codes = tuple[np.ndarray, int]


@dataclass(frozen=True, eq=False)
class Layout:
    """Rows as cells and bases: column p of row i is ``curves[p, cell[i]] * bases[base_of[p]][i]``.

    ``base_of`` is -1 where a column has no base. ``values`` holds each discrete variable by cell, and
    ``continuous`` each continuous variable by row.
    """

    encoding: Encoding
    cell: np.ndarray = field(repr=False)
    curves: np.ndarray = field(repr=False)
    bases: tuple[np.ndarray, ...] = field(repr=False)
    base_of: np.ndarray = field(repr=False)
    values: Mapping[str, np.ndarray] = field(repr=False)
    continuous: Mapping[str, np.ndarray] = field(repr=False)

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.curves.shape[1]

    def is_yes_no(self, variable: str) -> bool:
        """Say whether a numeric variable takes no other values than 0 and 1 in these rows."""
        # A model of many variables keeps some yes/no answers by row, beside the continuous ones.
        values = self.values[variable] if variable in self.values else self.continuous.get(variable)
        return values is not None and bool(((values == 0) | (values == 1)).all())

    def blocks(self, step: int = 1) -> Iterator[Block]:
        """Give the design matrix (columns, rows) block by block; ``step`` thins the rows."""
        for first in range(0, len(self.cell), _BLOCK * step):
            rows = slice(first, first + _BLOCK * step, step)
            yield rows, self.rows(rows)

    def rows(self, rows: slice) -> np.ndarray:
        """Return the design matrix of a slice of rows, (columns, rows)."""
        matrix = self.curves.take(self.cell[rows], axis=1)
        for j, base in enumerate(self.bases):
            matrix[self.base_of == j] *= base[rows]
        return matrix

    def predictor(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the linear predictor of every row."""
        by_cell = self._by_cell(coefficients, -1)
        eta = by_cell[self.cell]
        for j, base in enumerate(self.bases):
            eta += self._by_cell(coefficients, j)[self.cell] * base
        return eta

    def _by_cell(self, coefficients: np.ndarray, base: int) -> np.ndarray:
        own = self.base_of == base
        return coefficients[own] @ self.curves[own]

    def totals(self, group: np.ndarray, n_groups: int, scores: np.ndarray) -> np.ndarray:
        """Add ``scores`` times the design matrix within groups of rows: an array (n_groups, columns)."""
        from scipy.sparse import coo_array

        result = np.empty((n_groups, len(self.base_of)))
        for j in range(-1, len(self.bases)):
            own = self.base_of == j
            weighted = scores if j < 0 else scores * self.bases[j]
            by_cell = coo_array((weighted, (group, self.cell)), shape=(n_groups, self.n_cells))
            result[:, own] = by_cell @ self.curves[own].T
        return result

    def by_cell(self) -> Layout:
        """Return the layout whose rows are the cells themselves; only without bases."""
        return rebuilt(self, self.values, {}, np.arange(self.n_cells))

    def setting(self, **fixed: Any) -> Layout:
        """Return the same rows with variables set to one value each (a number, or a category's code)."""
        values = {
            name: np.full_like(v, fixed[name]) if name in fixed else v for name, v in self.values.items()
        }
        continuous = {
            name: np.full_like(v, fixed[name]) if name in fixed else v for name, v in self.continuous.items()
        }
        return rebuilt(self, values, continuous, self.cell)

    def shifted(self, variable: str, by: float) -> Layout:
        """Return the same rows with ``by`` added to a numeric variable."""
        values, continuous = dict(self.values), dict(self.continuous)
        home = values if variable in values else continuous
        home[variable] = home[variable] + by
        return rebuilt(self, values, continuous, self.cell)


def as_number(variable: str, value: Any) -> float:
    """Return what a numeric variable is set to, or say that it is no number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise DataError(f"{variable!r} is a number in the model, and cannot be set to {value!r}")
    return number


def rebuilt(
    layout: Layout, values: Mapping[str, np.ndarray], continuous: Mapping[str, np.ndarray], cell: np.ndarray
) -> Layout:
    """Return a layout of the same columns over other values of the variables."""
    return _assemble(layout.encoding, values, continuous, cell)


def layout_of(encoding: Encoding, variables: Mapping[str, Variable], n: int) -> Layout:
    """Lay out ``n`` rows of ``variables``, which miss nothing."""
    codes = _discrete(variables, n)
    cell, example = _cross(codes, n)
    values = {name: np.asarray(variables[name].values[example], dtype=float) for name in codes}
    continuous = {k: np.asarray(v.values, dtype=float) for k, v in variables.items() if k not in codes}
    return _assemble(encoding, values, continuous, cell)


def _discrete(variables: Mapping[str, Variable], n: int) -> dict[str, Codes]:
    """Return the codes of the variables that make the cells: all of them, if there are cells enough."""
    found = {name: _codes(v) for name, v in variables.items()}
    if all(found.values()) and prod(size for _, size in found.values()) <= max(n, _MOST_MIXED_CELLS):
        return found
    chosen = {name: found[name] for name, v in variables.items() if v.labels is not None}
    size = prod(codes[1] for codes in chosen.values())
    for name, codes in sorted(found.items(), key=lambda item: item[1][1] if item[1] else 0):
        if codes and name not in chosen and size * codes[1] <= _MOST_MIXED_CELLS:
            chosen[name] = codes
            size *= codes[1]
    return chosen


def _codes(variable: Variable) -> Codes | None:
    values = variable.values
    if variable.labels is not None:
        return values, len(variable.labels)
    if values.dtype == bool:
        return values.view(np.int8), 2
    if values.dtype == np.int8:  # which cannot hold the distance of its own ends
        values = values.astype(np.int16)
    low, high = float(values.min()), float(values.max())
    if high - low > _MOST_VALUES or not _whole(values):
        return None
    return (values - values.dtype.type(low)).astype(np.int16), int(high - low) + 1


def _whole(values: np.ndarray) -> bool:
    """Whether all values are whole numbers, looked at block by block so that most others are seen at once."""
    if values.dtype.kind in "iu":
        return True
    starts = range(0, len(values), _BLOCK)
    return all((np.rint(part) == part).all() for part in (values[s : s + _BLOCK] for s in starts))


def _cross(codes: Mapping[str, Codes], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Cross-classify: the cell of each row, and a row that stands for each cell."""
    cell, size = np.zeros(n, dtype=np.intp), 1
    for code, levels in codes.values():
        cell *= levels
        cell += code
        size *= levels
        if size > _MOST_COUNTED:
            present, cell = np.unique(cell, return_inverse=True)
            size = len(present)
    occurs = np.bincount(cell, minlength=size) > 0
    if not occurs.all():
        cell = (np.cumsum(occurs) - 1)[cell]
    example = np.empty(int(occurs.sum()), dtype=np.intp)
    example[cell] = np.arange(n)
    return cell, example


def _assemble(
    encoding: Encoding,
    values: Mapping[str, np.ndarray],
    continuous: Mapping[str, np.ndarray],
    cell: np.ndarray,
) -> Layout:
    n_cells = len(next(iter(values.values()))) if values else 1
    curves = np.ones((len(encoding.columns), n_cells))
    base_of = np.full(len(encoding.columns), -1)
    bases: dict[Any, np.ndarray] = {}
    for p, column in enumerate(encoding.columns):
        for name, code in column.indicators:
            curves[p] *= values[name] == code
        factors = [(f, k) for f, k in column.numeric if not continuous.keys() & set(f.variables)]
        for factor, k in factors:
            curves[p] *= encoding.numeric_part(factor, k, values)
        rest = tuple(key for key in column.numeric if key not in factors)
        if rest:
            if rest not in bases:
                bases[rest] = _base(encoding, rest, values, continuous, cell)
            base_of[p] = list(bases).index(rest)
    return Layout(encoding, cell, curves, tuple(bases.values()), base_of, values, continuous)


def _base(
    encoding: Encoding,
    parts: tuple,
    values: Mapping[str, np.ndarray],
    continuous: Mapping[str, np.ndarray],
    cell: np.ndarray,
) -> np.ndarray:
    """Multiply continuous numeric parts row by row; arithmetic may mix them with discrete variables."""
    wanted = {name for factor, _ in parts for name in factor.variables}
    numbers = {name: continuous[name] if name in continuous else values[name][cell] for name in wanted}
    product = encoding.numeric_part(*parts[0], numbers)
    for factor, k in parts[1:]:
        product = product * encoding.numeric_part(factor, k, numbers)
    return product


def columns_without_numbers(columns: tuple[Column, ...]) -> dict[tuple, int]:
    """Return the place of each column that is made of indicators alone, by its indicators."""
    return {c.indicators: p for p, c in enumerate(columns) if not c.numeric}
