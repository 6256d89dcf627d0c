"""Rows reduced to cells: weighted sums by PSU and domain, from which means and their covariance follow.

A *cell* is one PSU's part of one *domain* (a group of the ``by`` columns). Every mean, prevalence and
standardised rate is a function of the cells, so that pandas and every other engine share all that comes
after the one group-by. Deviations are formed from totals before they are squared: no variance is a
difference of two large sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.estimators.columns import group_rows
from lonely_analysis.estimators.linearise import (
    Psus,
    coded,
    single_psu_factor,
    stratum_means,
    stratum_scale,
)
from lonely_analysis.surveys.design import SurveyDesign

# Up to this many entries (half a megabyte) of a PSU x domain table are squared at once: small enough to stay
# in the cache, and to be multiplied by one thread, which on a busy machine is several times faster than two.
_BLOCK = 2**16
# Rows are reduced this many at a time, so that what is made on the way stays in the processor's cache.
_CHUNK = 2**16
# Rows are counted in a table of at most this many entries; beyond, they are taken in parts.
_TABLE = 2**20


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """Weighted sums of an outcome by PSU and domain: ``m`` cells in the order of ``psu``, ``k`` domains.

    ``weight`` is sum(w) and ``total`` is sum(w (y - shift)) of a cell; ``spread`` is sum(w (y - shift)^2)
    and ``count`` the number of respondents with a weight above 0 of a domain. ``groups`` names the domains,
    (k, by).
    """

    psus: Psus = field(repr=False)
    psu: np.ndarray = field(repr=False)
    domain: np.ndarray = field(repr=False)
    weight: np.ndarray = field(repr=False)
    total: np.ndarray = field(repr=False)
    spread: np.ndarray = field(repr=False)
    count: np.ndarray = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    shift: float = 0.0

    @property
    def n_domains(self) -> int:
        """Number of domains."""
        return len(self.groups)

    @cached_property
    def domain_weight(self) -> np.ndarray:
        """sum(w) of each domain, (k,); NaN where nobody answered."""
        sums = self.sum_by_domain(self.weight)
        return np.where(sums > 0, sums, np.nan)

    @cached_property
    def mean(self) -> np.ndarray:
        """Weighted mean of each domain less the shift, (k,)."""
        return self.sum_by_domain(self.total) / self.domain_weight

    def sum_by_domain(self, values: np.ndarray) -> np.ndarray:
        """Add one value a cell within domains: (k,)."""
        return np.bincount(self.domain, weights=values, minlength=self.n_domains)

    @cached_property
    def stratum(self) -> np.ndarray:
        """The stratum of each cell."""
        return self.psus.stratum_of_psu[self.psu]

    def degrees_of_freedom(self, target: np.ndarray) -> np.ndarray:
        """Return PSUs minus strata with respondents of each group; ``target`` maps domains to groups."""
        size = target.max() + 1
        column = target[self.domain]
        return _distinct(self.psu, column, size) - _distinct(self.stratum, column, size)

    def covariance(self, factor: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return the covariance of sums over domains of ``factor`` times the domain's mean.

        ``factor`` is (k,); ``target`` (k,) maps domains to the sums that they enter: one each for plain
        means, the standardised groups for standardised rates.
        """
        column, size = target[self.domain], int(target.max()) + 1
        variance = self._spread(column, (factor / self.domain_weight)[self.domain], size)
        inflate = np.sqrt(self._single_psu_factors(column, size))
        return variance * inflate[:, None] * inflate

    def _spread(self, column: np.ndarray, factor: np.ndarray, size: int) -> np.ndarray:
        """Return the covariance of sums of ``factor`` w (y - mean) over each column's cells."""
        values = factor * (self.total - self.mean[self.domain] * self.weight)
        return _sparse_covariance(self.psus, self.psu, column, values, size)

    def _single_psu_factors(self, column: np.ndarray, size: int) -> np.ndarray:
        """Apply the rule for strata with one PSU to each group's own strata, as R does with ``subset``."""
        overall = single_psu_factor(self.psus, self.stratum)
        if overall == 1.0:
            return np.ones(size)
        return np.array([single_psu_factor(self.psus, self.stratum[column == g]) for g in range(size)])


def _distinct(codes: np.ndarray, column: np.ndarray, size: int) -> np.ndarray:
    """Count the distinct codes in each column."""
    pairs = pd.unique(codes * np.intp(size) + column)
    return np.bincount(pairs % size, minlength=size)


def _sparse_covariance(
    psus: Psus, psu: np.ndarray, column: np.ndarray, values: np.ndarray, k: int
) -> np.ndarray:
    """Return the (k, k) covariance of sums of PSU totals that are 0 outside the given cells.

    The PSU x k table is filled and squared block by block, with the columns that a block uses.
    """
    from scipy.sparse import csr_array

    table = csr_array((values, (psu, column)), shape=(psus.n_psu, k))
    strata = csr_array(
        (np.ones(psus.n_psu), psus.stratum_of_psu, np.arange(psus.n_psu + 1)),
        shape=(psus.n_psu, psus.n_strata),
    )
    sums = (strata.T @ table).tocsr()
    table.sum_duplicates()
    scale = np.sqrt(stratum_scale(psus))
    result = np.zeros((k, k))
    step = max(_BLOCK // k, 1)
    for start in range(0, psus.n_psu, step):
        stop = min(start + step, psus.n_psu)
        stratum = psus.stratum_of_psu[start:stop]
        strata_here = slice(stratum[0], stratum[-1] + 1)
        block, within = table[start:stop], sums[strata_here]
        # A column of this block may add up to 0 in a stratum, and then has no entry among the sums.
        used = np.union1d(block.indices, within.indices)
        means = stratum_means(psus, _dense(within, used), strata_here)
        deviations = _dense(block, used) - means[stratum - stratum[0]]
        deviations *= scale[stratum, None]
        result[np.ix_(used, used)] += deviations.T @ deviations
    return result


def _dense(part: Any, used: np.ndarray) -> np.ndarray:
    """Return the columns ``used`` of a sparse table, which has no others, as an array."""
    full = np.zeros((part.shape[0], len(used)))
    rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
    full[rows, np.searchsorted(used, part.indices)] = part.data
    return full


def memory_cells(
    design: SurveyDesign,
    values: np.ndarray,
    by: list[str],
    inside: np.ndarray,
    *,
    binary: bool,
    unit: np.ndarray | None = None,
) -> Cells:
    """Reduce a pandas design to cells.

    ``values`` are the outcome, (n,) with NaN where it is missing; ``inside`` are the rows of the domain. A
    measure is shifted by its mean, so that sums of squares keep their digits. ``unit`` replaces the PSU of
    each row where replicate weights differ within PSUs.
    """
    psus = coded(design)
    domain, groups = group_rows(design.frame, by, inside)
    domain[np.isnan(values)] = -1
    domain[psus.weights == 0] = -1
    count = np.bincount(domain + 1, minlength=len(groups) + 1)[1:]
    shift = 0.0 if binary or not count.any() else _mean(psus.weights, values, domain >= 0)
    if shift:
        values = values - shift
    psu, order = (psus.psu, psus.order) if unit is None else (unit, None)
    cells = _reduce(psus.weights, psu, order, domain, values)
    if binary:
        squares = np.bincount(cells["domain"], weights=cells["total"], minlength=len(groups))
    else:
        squares = np.bincount(domain + 1, weights=psus.weights * values**2, minlength=len(groups) + 1)[1:]
    return Cells(psus=psus, groups=groups, shift=shift, count=count, spread=squares, **cells)


def _mean(weights: np.ndarray, values: np.ndarray, used: np.ndarray) -> float:
    return float(np.average(values[used], weights=weights[used]))


def _reduce(
    weights: np.ndarray, psu: np.ndarray, order: np.ndarray | None, domain: np.ndarray, values: np.ndarray
) -> dict[str, np.ndarray]:
    """Add up rows by PSU and domain, a chunk at a time; rows with domain -1 are left out.

    ``order`` sorts the rows by PSU; None says that they are sorted. A PSU that crosses the end of a chunk has
    two cells in a domain, which add up wherever cells are used. Where the whole table stays in the cache, as
    for one domain, rows need no order.
    """
    names = ("psu", "domain", "weight", "total")
    width = int(domain.max(initial=-1)) + 2
    if (int(psu.max(initial=0)) + 1) * width <= _BLOCK:
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
