"""Rows reduced to cells: weighted sums by PSU and domain, from which means and their covariance follow.

A *cell* is one PSU's part of one *domain* (a group of the ``by`` columns). Every mean, prevalence and
standardised rate is a function of the cells, so that pandas and every other engine share all that comes
after the one group-by. Deviations are formed from totals before they are squared: no variance is a
difference of two large sums.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.estimators.linearise import (
    single_psu_factor,
    spread_of_totals,
    stratum_means,
    stratum_scale,
)
from lonely_analysis.estimators.psus import Psus

# Up to this many entries (half a megabyte) of a PSU x domain table are squared at once: small enough to stay
# in the cache, and to be multiplied by one thread, which on a busy machine is several times faster than two.
_BLOCK = 2**16
# A stratum x domain table of up to this many entries is held whole.
_TABLE = 2**22
# A PSU x domain table of up to this many entries a cell is held whole.
_FULL = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Tabulated(ABC):
    """An outcome in ``k`` domains, however the rows were counted: all that an estimate is made of.

    ``groups`` names the domains, (k, by); ``count`` is the number of respondents with a weight above 0 and
    ``spread`` is sum(w (y - mean)^2) of a domain. Means are measured from ``shift``, one number, or one a
    domain where domains are never averaged.
    """

    groups: pd.DataFrame = field(repr=False)
    count: np.ndarray = field(repr=False)
    spread: np.ndarray = field(repr=False)
    shift: float | np.ndarray = 0.0

    @property
    def n_domains(self) -> int:
        """Number of domains."""
        return len(self.groups)

    @property
    @abstractmethod
    def domain_weight(self) -> np.ndarray:
        """sum(w) of each domain, (k,); NaN where nobody answered."""

    @property
    @abstractmethod
    def mean(self) -> np.ndarray:
        """Weighted mean of each domain less the shift, (k,)."""

    @abstractmethod
    def degrees_of_freedom(self, target: np.ndarray) -> np.ndarray:
        """Return PSUs minus strata with respondents of each group; ``target`` maps domains to groups."""

    @abstractmethod
    def covariance(self, factor: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return the covariance of sums over domains of ``factor`` times the domain's mean.

        ``factor`` is (k,); ``target`` (k,) maps domains to the sums that they enter: one each for plain
        means, the standardised groups for standardised rates.
        """


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells(Tabulated):
    """Weighted sums of an outcome by PSU and domain: ``m`` cells in the order of ``psu``, ``k`` domains.

    ``weight`` is sum(w) and ``total`` is sum(w (y - shift)) of a cell.
    """

    psus: Psus = field(repr=False)
    psu: np.ndarray = field(repr=False)
    domain: np.ndarray = field(repr=False)
    weight: np.ndarray = field(repr=False)
    total: np.ndarray = field(repr=False)

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
        """Return PSUs minus strata with respondents of each group."""
        size = target.max() + 1
        column = target[self.domain]
        return _distinct(self.psu, column, size) - _distinct(self.stratum, column, size)

    def covariance(self, factor: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return the covariance of sums over domains of ``factor`` times the domain's mean."""
        column, size = target[self.domain], int(target.max()) + 1
        variance = self._spread(column, (factor / self.domain_weight)[self.domain], size)
        inflate = np.sqrt(self._single_psu_factors(column, size))
        return variance * inflate[:, None] * inflate

    def _spread(self, column: np.ndarray, factor: np.ndarray, size: int) -> np.ndarray:
        """Return the covariance of sums of ``factor`` w (y - mean) over each column's cells."""
        values = factor * (self.total - self.mean[self.domain] * self.weight)
        if self.psus.n_psu * size <= _FULL * len(values):
            return spread_of_totals(self.psus, _full_table(self.psus, self.psu, column, values, size))
        if self.psus.n_strata * size <= _TABLE and (np.diff(self.psu) > 0).all():
            return _spread_of_rows(self.psus, self.stratum, column, values, size)
        return _sparse_covariance(self.psus, self.psu, column, values, size)

    def _single_psu_factors(self, column: np.ndarray, size: int) -> np.ndarray:
        """Apply the rule for strata with one PSU to each group's own strata, as R does with ``subset``."""
        overall = single_psu_factor(self.psus, self.stratum)
        if overall == 1.0:
            return np.ones(size)
        return np.array([single_psu_factor(self.psus, self.stratum[column == g]) for g in range(size)])


def _full_table(psus: Psus, psu: np.ndarray, column: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Return the table of PSUs x columns that the cells fill, (n_psu, size)."""
    totals = np.bincount(psu * size + column, weights=values, minlength=psus.n_psu * size)
    return totals.reshape(psus.n_psu, size)


def _spread_of_rows(
    psus: Psus, stratum: np.ndarray, column: np.ndarray, values: np.ndarray, size: int
) -> np.ndarray:
    """Return the covariance of sums where each PSU has at most one cell, as when rows are PSUs.

    A PSU is then 0 in all columns but its own: with m the means of a stratum, two columns share -n m m'.
    """
    key, shape = stratum * size + column, (psus.n_strata, size)
    sums = np.bincount(key, weights=values, minlength=psus.n_strata * size).reshape(shape)
    outside = psus.psus_in_stratum[:, None] - np.bincount(key, minlength=sums.size).reshape(shape)
    means, scale = stratum_means(psus, sums), stratum_scale(psus)
    shared = (means * (scale * psus.psus_in_stratum)[:, None]).T @ means
    own = np.bincount(column, weights=scale[stratum] * (values - means.ravel()[key]) ** 2, minlength=size)
    np.fill_diagonal(shared, -(own + (scale[:, None] * outside * means**2).sum(axis=0)))
    return -shared


def _distinct(codes: np.ndarray, column: np.ndarray, size: int) -> np.ndarray:
    """Count the distinct codes in each column."""
    if size == 1:
        return np.array([np.count_nonzero(np.bincount(codes))])
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
