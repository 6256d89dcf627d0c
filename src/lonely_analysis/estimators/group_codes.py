"""The groups of ``by`` columns as codes, for all rows at once or for some at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod

import numpy as np
import pandas as pd

from lonely_analysis.surveys.design import require_columns

# Codes are counted in a table of at most this many entries; beyond, they are hashed.
_TABLE = 2**20
# With at most this many combinations of labels, codes may have gaps: a table of all of them is small.
_FEW = 2**12


@dataclass(frozen=True, eq=False)
class GroupCodes:
    """Groups whose codes are made for some rows at a time, so that they need not be held for all.

    ``size`` is one more than the largest code; ``named`` returns the groups of given codes, one row each.
    """

    positions: list[np.ndarray] = field(repr=False)
    sizes: list[int]
    inside: np.ndarray | None = field(repr=False)
    named: Callable[[np.ndarray], pd.DataFrame] = field(repr=False)
    rows: int

    @property
    def size(self) -> int:
        """One more than the largest code."""
        return prod(self.sizes)

    @property
    def everybody(self) -> bool:
        """Whether all rows are in one group."""
        return not self.positions and self.inside is None

    def of(self, rows: slice | np.ndarray) -> np.ndarray:
        """Return the codes of some rows: -1 where they are not inside, or lack a ``by`` value."""
        code, outside = None, None if self.inside is None else ~self.inside[rows]
        for position, size in zip(self.positions, self.sizes, strict=True):
            here = position[rows]
            if code is None:
                code = here.astype(np.intp)
            else:
                code *= size
                code += here
            if here.min(initial=0) < 0:
                outside = (here < 0) if outside is None else outside | (here < 0)
        if code is None:
            n = len(range(self.rows)[rows]) if isinstance(rows, slice) else len(rows)
            code = np.zeros(n, dtype=np.intp)
        if outside is not None:
            code[outside] = -1
        return code


def group_codes(frame: pd.DataFrame, by: list[str], inside: np.ndarray) -> GroupCodes:
    """Return the groups of the ``by`` columns among the rows ``inside``.

    Groups follow the order of categories where a column has them, and sorted order else.
    """
    require_columns(list(frame.columns), by)
    columns = {name: _positions(frame[name]) for name in by}
    sizes = [len(labels) for _, labels in columns.values()]
    if prod(sizes) > _FEW:
        code, groups = _numbered(columns, inside)
        return GroupCodes([code], [len(groups)], None, lambda seen: _named(seen, groups, {}), len(frame))

    def named(seen: np.ndarray) -> pd.DataFrame:
        return _named(seen, None, {name: labels for name, (_, labels) in columns.items()})

    positions = [position for position, _ in columns.values()]
    return GroupCodes(positions, sizes, None if inside.all() else inside, named, len(frame))


def group_rows(frame: pd.DataFrame, by: list[str], inside: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Return a code for each row's group of the ``by`` columns, and the groups that occur ``inside``.

    Codes have no gaps; rows outside, and rows that lack a ``by`` value, have code -1.
    """
    codes = group_codes(frame, by, inside)
    code, seen = _renumbered(codes.of(slice(None)))
    return code, codes.named(seen)


def _numbered(
    columns: dict[str, tuple[np.ndarray, pd.Series]], inside: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return codes and groups without gaps, column by column, where all combinations are too many."""
    code, known = np.zeros(len(inside), dtype=np.intp), inside
    groups, pending, size = None, {}, 1
    for name, (position, labels) in columns.items():
        if pending and size * len(labels) > _TABLE:
            code, groups = _compress(code, known, groups, pending)
            pending, size = {}, len(groups)
        code = code * len(labels) + position
        known = known & (position >= 0) if position.min(initial=0) < 0 else known
        pending[name], size = labels, size * len(labels)
    return _compress(code, known, groups, pending)


def _positions(column: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Return each row's position among the labels of a column, -1 where it is missing, and the labels."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        labels = pd.Series(
            pd.Categorical.from_codes(np.arange(len(column.cat.categories)), dtype=column.dtype)
        )
        return column.cat.codes.to_numpy(), labels
    codes, labels = pd.factorize(column, sort=True)
    return codes, pd.Series(labels)


def _compress(
    code: np.ndarray, known: np.ndarray, groups: pd.DataFrame | None, pending: dict[str, pd.Series]
) -> tuple[np.ndarray, pd.DataFrame]:
    """Renumber codes without gaps and in the same order, -1 where not ``known``, and name what they mean.

    A code counts through the rows of ``groups`` and, within each, the combinations of ``pending`` labels.
    """
    code, seen = _renumbered(code if known.all() else np.where(known, code, -1))
    return code, _named(seen, groups, pending)


def _named(seen: np.ndarray, groups: pd.DataFrame | None, pending: dict[str, pd.Series]) -> pd.DataFrame:
    """Return the groups that codes mean, one row each."""
    rows = pd.RangeIndex(len(seen))
    added = {}
    for name, labels in reversed(pending.items()):
        seen, place = np.divmod(seen, max(len(labels), 1))
        added[name] = labels.array.take(place)
    known = {} if groups is None else {name: column.array.take(seen) for name, column in groups.items()}
    together = known | {name: added[name] for name in pending}
    return pd.DataFrame(together, index=rows, copy=False)


def _renumbered(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    top = int(code.max(initial=-1)) + 1
    if top > _TABLE:
        known = code >= 0
        new = np.full(len(code), -1, dtype=np.intp)
        new[known], seen = pd.factorize(code[known], sort=True)
        return new, seen
    present = np.bincount(code + 1, minlength=top + 1)[1:] > 0
    if present.all():
        return code, np.arange(top)
    table = np.append(np.cumsum(present) - 1, -1)
    return table[code], np.flatnonzero(present)
