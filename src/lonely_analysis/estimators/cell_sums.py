"""Adding up rows in memory by PSU and domain, a chunk at a time: the one loop over rows of every mean.

What a *cell* is, ``cells`` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lonely_analysis.estimators.group_codes import GroupCodes

# Rows are reduced this many at a time, so that what is made on the way stays in the processor's cache.
_CHUNK = 2**16
# A table of PSUs and domains of this many entries (half a megabyte) stays in the cache, so that rows may come
# in any order.
_CACHED = 2**16
# Rows are counted in a table of at most this many entries; beyond, they are taken in parts.
_TABLE = 2**20


@dataclass(frozen=True, eq=False)
class CellSums:
    """Cells, (m,) each: PSU, domain, sum(w) and sum(w y); and by domain the rows inside and those counted."""

    psu: np.ndarray
    domain: np.ndarray
    weight: np.ndarray
    total: np.ndarray
    inside: np.ndarray
    count: np.ndarray


def cell_sums(
    weights: np.ndarray, psu: np.ndarray, order: np.ndarray | None, domains: GroupCodes, values: np.ndarray
) -> CellSums:
    """Add up rows by PSU and domain, a chunk at a time.

    Rows outside the domains are left out, and so are those without a value or weight. ``order`` sorts the
    rows by PSU; None says that they are sorted. A PSU with more rows than a chunk has several cells in a
    domain, which add up wherever cells are used. Where the whole table stays in the cache, as for one
    domain, rows need no order.
    """
    inside, count = np.zeros(domains.size, dtype=np.intp), np.zeros(domains.size, dtype=np.intp)
    n_psu, width = int(psu.max(initial=0)) + 1, domains.size + 1
    if order is not None and n_psu * width <= _CACHED:
        table, chunks = _Table(n_psu, width), [slice(i, i + _CHUNK) for i in range(0, len(psu), _CHUNK)]
    else:
        table, chunks = _Chunks(), _whole_psus(psu, order)
    for rows in chunks:
        w, y, domain = weights[rows], values[rows], domains.of(rows)
        here = np.array([len(y)]) if domains.everybody else np.bincount(domain + 1, minlength=width)[1:]
        inside += here
        silent = np.isnan(y) | (w == 0)
        if silent.any():
            domain[silent] = -1
            here = np.bincount(domain + 1, minlength=width)[1:]
        count += here
        table.add(w, psu[rows], domain, y, here)
    return CellSums(*table.cells(), inside, count)


def _whole_psus(psu: np.ndarray, order: np.ndarray | None) -> Iterator[slice | np.ndarray]:
    """Yield chunks of rows in the order of their PSUs that end where a PSU ends, if one of them does."""
    start, n = 0, len(psu)
    while start < n:
        stop = min(start + _CHUNK, n)
        rows = slice(start, stop) if order is None else order[start:stop]
        if stop < n:
            here = psu[rows]
            whole = int(np.searchsorted(here, psu[stop if order is None else order[stop]]))
            stop = start + (whole or len(here))
            rows = slice(start, stop) if order is None else order[start:stop]
        yield rows
        start = stop


class _Table:
    """A table of PSUs x (left out, domains) that stays in the cache: rows may come in any order."""

    def __init__(self, n_psu: int, width: int) -> None:
        self.width = width
        self.weight, self.total = np.zeros(n_psu * width), np.zeros(n_psu * width)

    def add(self, w: np.ndarray, psu: np.ndarray, domain: np.ndarray, y: np.ndarray, _: np.ndarray) -> None:
        key = psu * self.width + domain + 1
        self.weight += np.bincount(key, weights=w, minlength=len(self.weight))
        self.total += np.bincount(key, weights=w * y, minlength=len(self.total))

    def cells(self) -> tuple[np.ndarray, ...]:
        cells = np.flatnonzero(self.weight)
        cells = cells[cells % self.width > 0]
        return cells // self.width, cells % self.width - 1, self.weight[cells], self.total[cells]


class _Chunks:
    """The cells of one chunk after the other, of rows that come sorted by PSU."""

    def __init__(self) -> None:
        self.found: list[tuple[np.ndarray, ...]] = []

    def add(self, w: np.ndarray, psu: np.ndarray, domain: np.ndarray, y: np.ndarray, n: np.ndarray) -> None:
        self.found.append(_reduced(w, psu, domain, y, np.flatnonzero(n)))

    def cells(self) -> tuple[np.ndarray, ...]:
        return tuple(np.concatenate(column) for column in zip(*self.found, strict=True))


def _reduced(
    weights: np.ndarray, psu: np.ndarray, domain: np.ndarray, values: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return the cells of rows that are sorted by PSU, given the domains that are ``used`` among them."""
    if (psu[1:] > psu[:-1]).all():
        rows = np.flatnonzero(domain >= 0)
        return psu[rows], domain[rows], weights[rows], weights[rows] * values[rows]
    if len(used) == 1 and domain.min() >= 0:
        start = np.append(0, np.flatnonzero(psu[1:] != psu[:-1]) + 1)
        weight, total = np.add.reduceat(weights, start), np.add.reduceat(weights * values, start)
        return psu[start], domain[start], weight, total
    width, first = len(used) + 1, psu[0]
    size = int(psu[-1] - first + 1) * width
    if size > _TABLE:
        half = len(psu) // 2
        halves = [
            _reduced(weights[part], psu[part], domain[part], values[part], used)
            for part in (slice(half), slice(half, None))
        ]
        return tuple(np.concatenate(pair) for pair in zip(*halves, strict=True))
    # Column 0 of the table collects the rows that are left out: their domain -1 is the last entry of
    # ``local``.
    local = np.zeros(used.max(initial=-1) + 2, dtype=np.intp)
    local[used] = np.arange(1, width)
    key = (psu - first) * width + local[domain]
    weight = np.bincount(key, weights=weights, minlength=size)
    total = np.bincount(key, weights=weights * values, minlength=size)
    cells = np.flatnonzero(weight)
    cells = cells[cells % width > 0]
    return cells // width + first, used[cells % width - 1], weight[cells], total[cells]
