"""Rows reduced to cells: weighted sums by PSU and domain, from which means and their covariance follow.

A *cell* is one PSU's part of one *domain* (a group of the ``by`` columns). Every mean, prevalence and
standardised rate is a function of the cells, so that pandas and every other engine share all that comes
after the one group-by. Deviations are formed from totals before they are squared: no variance is a
difference of two large sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.linearise import (
    Psus,
    coded,
    single_psu_factor,
    stratum_means,
    stratum_scale,
)
from lonely_analysis.surveys.design import SurveyDesign, require_columns

# Up to this many cells (8 MB of floats) of a PSU x domain table are worked on at once.
_BLOCK = 2**20
# Codes are counted in a table while it has at most this many entries; beyond, they are hashed.
_TABLE = 2**22
_NAMES_SHOWN = 5


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
    scale = np.sqrt(stratum_scale(psus))
    result = np.zeros((k, k))
    step = max(_BLOCK // k, 1)
    for start in range(0, psus.n_psu, step):
        stratum = psus.stratum_of_psu[start : start + step]
        first, last = stratum[0], stratum[-1] + 1
        block, within = table[start : start + step], sums[first:last]
        # A column of this block may add up to 0 in a stratum, and then has no entry among the sums.
        used = np.union1d(block.indices, within.indices)
        if not len(used):
            continue
        means = stratum_means(psus, within[:, used].toarray(), slice(first, last))
        deviations = block[:, used].toarray() - means[stratum - first]
        deviations *= scale[stratum, None]
        result[np.ix_(used, used)] += deviations.T @ deviations
    return result


def memory_cells(
    design: SurveyDesign,
    values: np.ndarray,
    by: list[str],
    inside: np.ndarray,
    unit: np.ndarray | None = None,
) -> Cells:
    """Reduce a pandas design to cells.

    ``values`` are the outcome, (n,) with NaN where it is missing; ``inside`` are the rows of the domain.
    ``unit`` replaces the PSU of each row where replicate weights differ within PSUs.
    """
    psus = coded(design)
    domain, groups = group_rows(design.frame, by, inside)
    out = np.isnan(values)
    out |= psus.weights == 0
    domain[out] = -1
    shift = _shift(psus.weights, values, domain >= 0)
    row_psu = psus.psu if unit is None else unit
    size = psus.n_psu if unit is None else int(unit.max()) + 1
    cells = _reduce(psus.weights, row_psu, size, domain, len(groups), values - shift if shift else values)
    return Cells(
        psus=psus,
        groups=groups,
        shift=shift,
        count=np.bincount(domain + 1, minlength=len(groups) + 1)[1:],
        **cells,
    )


def _shift(weights: np.ndarray, values: np.ndarray, used: np.ndarray) -> float:
    """Return the weighted mean of a measure, and 0 for a yes/no outcome, whose sums are exact enough."""
    answers = values[used]
    if not len(answers) or (answers.min() >= 0 and answers.max() <= 1):
        return 0.0
    return float(np.average(answers, weights=weights[used]))


def _reduce(
    weights: np.ndarray, psu: np.ndarray, n_psu: int, domain: np.ndarray, k: int, values: np.ndarray
) -> dict[str, np.ndarray]:
    """Add up rows by PSU and domain; rows with domain -1 are left out."""
    width = k + 1
    key = psu * np.intp(width)
    key += domain
    key += 1
    total = weights * values
    spread = np.bincount(domain + 1, weights=total * values, minlength=width)[1:]
    if n_psu * width <= max(_TABLE, len(key)):
        cell_key, size = key, n_psu * width
        keys = None
    else:
        cell_key, keys = pd.factorize(key, sort=True)
        size = len(keys)
    weight = np.bincount(cell_key, weights=weights, minlength=size)
    total = np.bincount(cell_key, weights=total, minlength=size)
    at = np.arange(size) if keys is None else keys
    use = np.flatnonzero((at % width != 0) & (weight > 0))
    return {
        "psu": at[use] // width,
        "domain": at[use] % width - 1,
        "weight": weight[use],
        "total": total[use],
        "spread": spread,
    }


def group_rows(frame: pd.DataFrame, by: list[str], inside: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Return a code for each row's group of the ``by`` columns, and the groups that occur ``inside``.

    Groups follow the order of categories where a column has them, and sorted order else. Rows outside, and
    rows that lack a ``by`` value, have code -1.
    """
    require_columns(list(frame.columns), by)
    code = np.where(inside, 0, -1).astype(np.intp)
    groups = pd.DataFrame(index=[0])
    for name in by:
        position, labels = _positions(frame[name])
        code, seen = _compress(np.where((code < 0) | (position < 0), -1, code * len(labels) + position))
        groups = groups.iloc[seen // max(len(labels), 1)].reset_index(drop=True)
        groups[name] = labels.take(seen % max(len(labels), 1)).reset_index(drop=True)
    if groups.empty and by:
        raise DataError(f"nobody in the domain has a value of {', '.join(by)}")
    return code, groups


def _positions(column: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Return each row's position among the labels of a column, -1 where it is missing, and the labels."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        labels = pd.Series(
            pd.Categorical.from_codes(np.arange(len(column.cat.categories)), dtype=column.dtype)
        )
        return column.cat.codes.to_numpy().astype(np.intp), labels
    codes, labels = pd.factorize(column, sort=True)
    return codes, pd.Series(labels)


def _compress(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Renumber codes without gaps and in the same order, and return the codes that were seen."""
    top = int(code.max(initial=-1)) + 1
    if top > _TABLE:
        known = code >= 0
        new = np.full(len(code), -1, dtype=np.intp)
        new[known], seen = pd.factorize(code[known], sort=True)
        return new, seen
    present = np.bincount(code + 1, minlength=top + 1)[1:] > 0
    table = np.append(np.cumsum(present) - 1, -1)
    return table[code], np.flatnonzero(present)


def yes_no(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a yes/no column as 0, 1 and NaN."""
    values = measure(frame, column)
    wrong = ~((values == 0) | (values == 1) | np.isnan(values))
    if wrong.any():
        raise DataError(
            not_yes_no(column, frame.loc[wrong, column].value_counts().to_dict(), int(wrong.sum()))
        )
    return values


def not_yes_no(column: str, codes: dict, rows: int) -> str:
    """Say which codes keep a column from being a yes/no outcome."""
    shown = ", ".join(f"{code} ({count} rows)" for code, count in list(codes.items())[:_NAMES_SHOWN])
    return (
        f"outcome {column!r} is not yes/no: {rows} rows hold something other than 0 and 1: {shown}. "
        "Recode it, declare missing codes as missing, or use la.mean"
    )


def measure(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column of numbers or yes/no answers as floats, NaN where it is missing."""
    require_columns(list(frame.columns), [column])
    answers = frame[column]
    if not pd.api.types.is_numeric_dtype(answers.dtype):
        raise DataError(
            f"outcome {column!r} holds {answers.dtype}, not numbers or yes/no: {answers.iloc[0]!r} …"
        )
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError(f"outcome {column!r} has {int(np.isinf(values).sum())} infinite values")
    return values
