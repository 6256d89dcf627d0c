"""Adding up rows in memory by PSU and domain, a chunk at a time: the one loop over rows of every mean.

What a *cell* is, ``cells`` says.
"""

from __future__ import annotations

import numpy as np

# Rows are reduced this many at a time, so that what is made on the way stays in the processor's cache.
_CHUNK = 2**16
# A table of PSUs and domains of this many entries (half a megabyte) stays in the cache, so that rows may come
# in any order.
_CACHED = 2**16
# Rows are counted in a table of at most this many entries; beyond, they are taken in parts.
_TABLE = 2**20


def cell_sums(
    weights: np.ndarray, psu: np.ndarray, order: np.ndarray | None, domain: np.ndarray, values: np.ndarray
) -> dict[str, np.ndarray]:
    """Add up rows by PSU and domain, a chunk at a time; rows with domain -1 are left out.

    ``order`` sorts the rows by PSU; None says that they are sorted. A PSU that crosses the end of a chunk has
    two cells in a domain, which add up wherever cells are used. Where the whole table stays in the cache, as
    for one domain, rows need no order.
    """
    names = ("psu", "domain", "weight", "total")
    width = int(domain.max(initial=-1)) + 2
    if (int(psu.max(initial=0)) + 1) * width <= _CACHED:
        return dict(zip(names, _reduce_to_table(weights, psu, domain, values, width), strict=True))
    parts = []
    for start in range(0, len(psu), _CHUNK):
        stop = start + _CHUNK
        rows = slice(start, stop) if order is None else order[start:stop]
        parts.append(_reduce_chunk(weights[rows], psu[rows], domain[rows], values[rows]))
    return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(names)}


def _reduce_to_table(
    weights: np.ndarray, psu: np.ndarray, domain: np.ndarray, values: np.ndarray, width: int
) -> tuple[np.ndarray, ...]:
    """Return the cells of rows in any order, added up in one table of PSUs x (left out, domains)."""
    size = (int(psu.max(initial=0)) + 1) * width
    weight, total = np.zeros(size), np.zeros(size)
    for start in range(0, len(psu), _CHUNK):
        rows = slice(start, start + _CHUNK)
        key = psu[rows] * width + domain[rows] + 1
        weight += np.bincount(key, weights=weights[rows], minlength=size)
        total += np.bincount(key, weights=weights[rows] * values[rows], minlength=size)
    cells = np.flatnonzero(weight)
    cells = cells[cells % width > 0]
    return cells // width, cells % width - 1, weight[cells], total[cells]


def _reduce_chunk(
    weights: np.ndarray, psu: np.ndarray, domain: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return the cells of rows that are sorted by PSU: psu, domain, sum(w), sum(w y)."""
    if (psu[1:] > psu[:-1]).all():
        rows = np.flatnonzero(domain >= 0)
        return psu[rows], domain[rows], weights[rows], weights[rows] * values[rows]
    used = np.flatnonzero(np.bincount(domain + 1)[1:])
    width, first = len(used) + 1, psu[0]
    size = int(psu[-1] - first + 1) * width
    if size > _TABLE:
        return _reduce_halves(weights, psu, domain, values)
    # Column 0 of the table collects the rows that are left out: their domain -1 is the last entry of
    # ``local``.
    local = np.zeros(domain.max() + 2, dtype=np.intp)
    local[used] = np.arange(1, width)
    key = (psu - first) * width + local[domain]
    weight = np.bincount(key, weights=weights, minlength=size)
    total = np.bincount(key, weights=weights * values, minlength=size)
    cells = np.flatnonzero(weight)
    cells = cells[cells % width > 0]
    return cells // width + first, used[cells % width - 1], weight[cells], total[cells]


def _reduce_halves(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    half = len(arrays[0]) // 2
    first, second = (
        _reduce_chunk(*(array[part] for array in arrays)) for part in (slice(half), slice(half, None))
    )
    return tuple(np.concatenate(pair) for pair in zip(first, second, strict=True))
