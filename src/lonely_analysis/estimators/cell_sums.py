"""Adding up rows in memory by PSU and domain, a chunk at a time: the one loop over rows of every mean.

What a *cell* is, ``cells`` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lonely_analysis.estimators.group_codes import GroupCodes
from lonely_analysis.estimators.psus import Coded

# Rows are reduced this many at a time, so that what is made on the way stays in the processor's cache.
_CHUNK = 2**16
# A table of PSUs and domains of this many entries (half a megabyte) stays in the cache, so that rows may come
# in any order.
_CACHED = 2**16
# Rows are counted in a table of at most this many entries, or in that of one PSU.
_TABLE = 2**20

_Cells = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class CellSums:
    """Cells, (m,) each: PSU, domain, sum(w) and sum(w y); and by domain the rows inside and those counted."""

    psu: np.ndarray
    domain: np.ndarray
    weight: np.ndarray
    total: np.ndarray
    inside: np.ndarray
    count: np.ndarray


@dataclass(frozen=True, eq=False)
class Outcome:
    """The outcome by row, measured from ``shift``: floats with NaN where it is missing, or whole numbers."""

    stored: np.ndarray
    shift: float = 0.0

    @property
    def may_be_missing(self) -> bool:
        """Whether a value can be missing, which no whole number is."""
        return self.stored.dtype.kind == "f"

    def of(self, rows: slice | np.ndarray) -> np.ndarray:
        """Return the outcome of some rows as floats."""
        values = self.stored[rows].astype(float, copy=False)
        return values - self.shift if self.shift else values


@dataclass(frozen=True, eq=False)
class _Chunk:
    """Some rows, sorted by PSU: those of the PSUs from ``first``, each with the ``lengths`` of its rows."""

    rows: slice | np.ndarray
    first: int
    lengths: np.ndarray


def cell_sums(psus: Coded, domains: GroupCodes, outcome: Outcome, *, by_row: bool = False) -> CellSums:
    """Add up rows by PSU and domain, a chunk at a time.

    Rows outside the domains are left out, and so are those without a value or weight. A PSU with more rows
    than a chunk has several cells in a domain, which add up wherever cells are used. ``by_row`` takes each
    row for a PSU.
    """
    inside, count = np.zeros(domains.size, dtype=np.intp), np.zeros(domains.size, dtype=np.intp)
    width = domains.size + 1
    found: list[_Cells] = []
    table = None
    if by_row:
        chunks = _chunks(np.arange(len(psus.weights) + 1), None)
    elif not psus.in_order and psus.n_psu * width <= _CACHED:
        table = _Table(psus.n_psu, width)
        chunks = (_Chunk(rows, 0, np.empty(0)) for rows in slices(len(psus.weights)))
    else:
        chunks = _chunks(psus.bounds, psus.order)
    for chunk in chunks:
        w, y, domain = psus.weights[chunk.rows], outcome.of(chunk.rows), domains.of(chunk.rows)
        here = np.array([len(w)]) if domains.everybody else np.bincount(domain + 1, minlength=width)[1:]
        inside += here
        silent = _silent(w, y, psus, outcome)
        if silent is not None:
            domain[silent] = -1
            here = np.bincount(domain + 1, minlength=width)[1:]
        count += here
        if table is not None:
            table.add(w, psus.psu[chunk.rows], domain, y)
        else:
            found += _reduced(chunk, w, domain, y, np.flatnonzero(here), whole=here.sum() == len(w))
    cells = _together(found) if table is None else table.cells()
    return CellSums(*cells, inside, count)


def slices(n: int) -> Iterator[slice]:
    """Cut ``n`` rows into chunks, whatever their PSU."""
    return (slice(start, min(start + _CHUNK, n)) for start in range(0, n, _CHUNK))


def _chunks(bounds: np.ndarray, order: np.ndarray | None) -> Iterator[_Chunk]:
    """Yield chunks of rows in the order of their PSUs that end where a PSU ends, if one of them does."""
    first, start = 0, 0
    while first < len(bounds) - 1:
        stop = min(start + _CHUNK, int(bounds[-1]))
        last = int(np.searchsorted(bounds, stop, side="right")) - 1
        if last > first:
            lengths = np.diff(bounds[first : last + 1])
            lengths[0] = bounds[first + 1] - start
            stop = int(bounds[last])
        else:
            lengths, last = np.array([stop - start]), first
        rows = slice(start, stop)
        yield _Chunk(rows if order is None else order[rows], first, lengths)
        first, start = last, stop


def _silent(w: np.ndarray, y: np.ndarray, psus: Coded, outcome: Outcome) -> np.ndarray | None:
    """Return which rows of a chunk have no value or no weight, or None where all of them count."""
    silent = np.isnan(y) if outcome.may_be_missing else None
    if not psus.all_count:
        silent = w == 0 if silent is None else silent | (w == 0)
    return silent if silent is not None and silent.any() else None


class _Table:
    """A table of PSUs x (left out, domains) that stays in the cache: rows may come in any order."""

    def __init__(self, n_psu: int, width: int) -> None:
        self.width = width
        self.weight, self.total = np.zeros(n_psu * width), np.zeros(n_psu * width)

    def add(self, w: np.ndarray, psu: np.ndarray, domain: np.ndarray, y: np.ndarray) -> None:
        key = psu * self.width + domain + 1
        self.weight += np.bincount(key, weights=w, minlength=len(self.weight))
        self.total += np.bincount(key, weights=w * y, minlength=len(self.total))

    def cells(self) -> _Cells:
        return _filled(self.weight, self.total, 0, np.arange(-1, self.width - 1))


def _reduced(
    chunk: _Chunk, w: np.ndarray, domain: np.ndarray, y: np.ndarray, used: np.ndarray, *, whole: bool
) -> Iterator[_Cells]:
    """Yield the cells of a chunk, given the domains ``used`` in it; ``whole`` if they hold all its rows."""
    lengths = chunk.lengths
    if len(lengths) == len(w):
        rows = slice(None) if whole else np.flatnonzero(domain >= 0)
        psu = np.arange(chunk.first, chunk.first + len(w))
        yield psu[rows], domain[rows], w[rows], w[rows] * y[rows]
        return
    ends = np.cumsum(lengths)
    if len(used) == 1 and whole:
        starts = ends - lengths
        psu = np.arange(chunk.first, chunk.first + len(lengths))
        yield psu, np.full(len(psu), used[0]), np.add.reduceat(w, starts), np.add.reduceat(w * y, starts)
        return
    column, labels = _columns(domain, used)
    step = max(_TABLE // len(labels), 1)
    for at in range(0, len(lengths), step):
        some = lengths[at : at + step]
        rows = slice(ends[at] - lengths[at], ends[at + len(some) - 1])
        yield _counted(w[rows], column[rows], y[rows], chunk.first + at, some, labels)


def _columns(domain: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the column of each row in a narrow table of domains, and the domain of each column.

    Rows that are left out have a column too, of domain -1.
    """
    low, high = int(domain.min()), int(domain.max())
    if high - low < 2 * len(used):
        return domain - low, np.arange(low, high + 1)
    labels = np.append(-1, used)
    # Domain -1 is the last entry of ``local``.
    local = np.zeros(high + 2, dtype=np.intp)
    local[used] = np.arange(1, len(labels))
    return local[domain], labels


def _counted(
    w: np.ndarray, column: np.ndarray, y: np.ndarray, first: int, lengths: np.ndarray, labels: np.ndarray
) -> _Cells:
    """Add up rows that are sorted by PSU in a table of PSUs x ``labels``."""
    size = len(lengths) * len(labels)
    key = np.repeat(np.arange(0, size, len(labels)), lengths)
    key += column
    weight = np.bincount(key, weights=w, minlength=size)
    return _filled(weight, np.bincount(key, weights=w * y, minlength=size), first, labels)


def _filled(weight: np.ndarray, total: np.ndarray, first: int, labels: np.ndarray) -> _Cells:
    """Return the cells of a table of PSUs x ``labels`` that hold somebody: all have a weight above 0."""
    filled = (weight > 0).reshape(-1, len(labels))
    filled[:, labels < 0] = False
    cells = np.flatnonzero(filled)
    row = np.repeat(np.arange(len(filled)), np.count_nonzero(filled, axis=1))
    return row + first, labels[cells - row * len(labels)], weight[cells], total[cells]


def _together(found: list[_Cells]) -> _Cells:
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))
