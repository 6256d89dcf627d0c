"""Taylor linearisation: the one covariance that every estimator uses.

A *score* is what a row adds to an estimate, already weighted; the estimate's error is the sum of scores.
Scores are added up within PSUs (*PSU totals*), and the spread of the totals within strata gives the
covariance, with replacement at the first stage (Binder 1983, Int Stat Rev 51:279-292; R
``survey::svyrecvar`` without ``fpc``). A *domain* is a part of the sample: rows outside it keep their place
in the design and have score 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.design import SurveyDesign, listed
from lonely_analysis.surveys.survey import Survey


@dataclass(frozen=True, eq=False, kw_only=True)
class Psus:
    """The PSUs of a design, numbered stratum by stratum, so that ``stratum_of_psu`` never falls.

    ``strata`` are the labels of the strata, (n_strata,), and ``names`` those of the PSUs, (n_psu,), in the
    order of the codes; ``columns`` says where the two were found.
    """

    stratum_of_psu: np.ndarray = field(repr=False)
    single_psu: str
    strata: pd.Index = field(repr=False)
    names: pd.Index = field(repr=False)
    columns: tuple[str, str]

    @property
    def n_psu(self) -> int:
        """Number of PSUs."""
        return len(self.stratum_of_psu)

    @property
    def n_strata(self) -> int:
        """Number of strata."""
        return len(self.strata)

    @cached_property
    def psu_labels(self) -> pd.MultiIndex:
        """The labels (stratum, psu) of the PSUs in the order of their codes."""
        return pd.MultiIndex.from_arrays([self.strata[self.stratum_of_psu], self.names], names=self.columns)

    @cached_property
    def psus_in_stratum(self) -> np.ndarray:
        """Number of PSUs in each stratum, counted over the whole design."""
        return np.bincount(self.stratum_of_psu, minlength=self.n_strata)

    def stratum_names(self, strata: np.ndarray) -> list[str]:
        """Labels of the strata with these codes."""
        return [str(label) for label in self.strata[strata]]

    def single_psu_message(self, single: np.ndarray) -> str:
        """Name the strata with these codes, which have one PSU."""
        return single_psu_message(self.stratum_names(single), self.n_strata, self.columns[0])


@dataclass(frozen=True, eq=False, kw_only=True)
class Coded(Psus):
    """A pandas design as arrays: weights by row, and PSUs by *run*, rows of a PSU that follow each other.

    ``in_order`` says that the codes of runs never fall, so that each PSU is one run.
    """

    weights: np.ndarray = field(repr=False)
    run: np.ndarray = field(repr=False)
    run_length: np.ndarray = field(repr=False)
    in_order: bool

    @cached_property
    def psu(self) -> np.ndarray:
        """The code of each row's PSU, (n,)."""
        return np.repeat(self.run, self.run_length)

    @cached_property
    def order(self) -> np.ndarray | None:
        """The rows sorted by PSU, or None where they are sorted."""
        return None if self.in_order else np.argsort(self.psu, kind="stable")

    @cached_property
    def bounds(self) -> np.ndarray:
        """Where the rows of each PSU begin among the rows sorted by PSU, and their end, (n_psu + 1,)."""
        lengths = np.bincount(self.run, weights=self.run_length, minlength=self.n_psu)
        return np.append(0, np.cumsum(lengths.astype(np.intp)))

    @cached_property
    def all_count(self) -> bool:
        """Whether every row has a weight above 0."""
        return bool(self.weights.min(initial=1.0) > 0)


_CODED: WeakKeyDictionary[SurveyDesign, Coded] = WeakKeyDictionary()


def as_design(data: Survey | SurveyDesign) -> SurveyDesign:
    """Return the design of a survey, or the design itself: every estimator takes either."""
    if isinstance(data, SurveyDesign):
        return data
    if isinstance(data, Survey):
        return data.design
    raise DataError(
        f"a Survey or a SurveyDesign is needed, not {type(data).__name__}: "
        "use la.SurveyDesign(frame, weight=..., stratum=..., psu=...)"
    )


def coded(design: SurveyDesign) -> Coded:
    """Code a pandas design as arrays, once for each design.

    Without ``psu`` each row is its own PSU, without ``stratum`` there is one stratum, without ``weight`` all
    weights are 1.
    """
    if design not in _CODED:
        _CODED[design] = _code(design)
    return _CODED[design]


def _code(design: SurveyDesign) -> Coded:
    frame = design.frame
    n = len(frame)
    if design.psu is None:
        stratum, strata = _codes(frame[design.stratum] if design.stratum else None, n)
        order = np.argsort(stratum, kind="stable") if len(strata) > 1 else np.arange(n)
        run, run_length = np.empty(n, dtype=np.intp), np.ones(n, dtype=np.intp)
        run[order] = np.arange(n)
        stratum_of_psu, names = stratum[order], frame.index[order]
    else:
        start = _run_starts([frame[name] for name in dict.fromkeys([design.stratum, design.psu]) if name])
        stratum, strata = _codes(frame[design.stratum].iloc[start] if design.stratum else None, len(start))
        within, labels = _codes(frame[design.psu].iloc[start], len(start))
        run, pairs = _sorted_codes(stratum * np.intp(len(labels)) + within)
        run_length = np.diff(start, append=n)
        stratum_of_psu, names = pairs // len(labels), labels[pairs % len(labels)]
    return Coded(
        weights=design.row_weights,
        run=run,
        run_length=run_length,
        in_order=bool((run[1:] >= run[:-1]).all()),
        stratum_of_psu=stratum_of_psu,
        single_psu=design.single_psu,
        strata=strata,
        names=names,
        columns=design_columns(design),
    )


def design_columns(design: SurveyDesign) -> tuple[str, str]:
    """Return where strata and PSUs are found, or what stands for them."""
    return design.stratum or "stratum", design.psu or "psu"


def _run_starts(columns: Sequence[pd.Series]) -> np.ndarray:
    """Return the rows that differ from the row before in one of the columns, and the first row."""
    new = np.zeros(len(columns[0]), dtype=bool)
    new[0] = True
    for column in columns:
        values = column.cat.codes.array if isinstance(column.dtype, pd.CategoricalDtype) else column.array
        new[1:] |= np.asarray(values[1:] != values[:-1], dtype=bool)
    return np.flatnonzero(new)


def _codes(values: pd.Series | None, n: int) -> tuple[np.ndarray, pd.Index]:
    """Return the codes of ``n`` values in sorted order with their labels; one code where there are none."""
    if values is None:
        return np.zeros(n, dtype=np.intp), pd.Index(["all"])
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iu":
        codes, labels = _sorted_codes(values.to_numpy())
    else:
        codes, labels = pd.factorize(values, sort=True)
    return codes, pd.Index(labels)


def _sorted_codes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return codes in sorted order and what they stand for.

    Files are often sorted by PSU: then it is enough to count the steps.
    """
    steps = values[1:] != values[:-1]
    if (values[1:] < values[:-1]).any():
        return pd.factorize(values, sort=True)
    codes = np.zeros(len(values), dtype=np.intp)
    np.cumsum(steps, out=codes[1:])
    return codes, values[np.append(0, np.flatnonzero(steps) + 1)]


def psu_totals(design: Coded, scores: np.ndarray) -> np.ndarray:
    """Add weighted ``scores``, (n,) or (n, k), within PSUs: an array (n_psu, k)."""
    columns = scores.reshape(len(scores), -1).T
    totals = [np.bincount(design.psu, weights=column, minlength=design.n_psu) for column in columns]
    return np.stack(totals, axis=1)


def covariance(design: Coded, scores: np.ndarray, in_domain: np.ndarray | None = None) -> np.ndarray:
    """Return the (k, k) covariance of the sum of weighted ``scores``, (n,) or (n, k).

    ``in_domain`` says which rows were estimated from. It matters only to strata with one PSU: as in R, a
    stratum without rows in the domain neither fails nor counts for the rule ``average``.
    """
    strata = None if in_domain is None else design.stratum_of_psu[design.psu[in_domain]]
    return covariance_of_totals(design, psu_totals(design, scores), strata)


def covariance_of_totals(design: Psus, totals: np.ndarray, strata: Any = None) -> np.ndarray:
    """Return the (k, k) covariance of the sum of PSU ``totals``, (n_psu, k).

    sum_h n_h/(n_h-1) sum_i (t_hi - mean_h)(t_hi - mean_h)' over strata h and their n_h PSUs i. ``strata``
    are the codes of the strata that the domain touches, all when absent.
    """
    inflate = single_psu_factor(design, strata)
    return spread_of_totals(design, totals) * inflate


def spread_of_totals(design: Psus, totals: np.ndarray) -> np.ndarray:
    """Return the covariance of ``covariance_of_totals`` before the rule for strata with one PSU."""
    size = design.psus_in_stratum
    first = np.cumsum(size) - size
    means = stratum_means(design, np.add.reduceat(totals, first, axis=0))
    deviations = totals - means[design.stratum_of_psu]
    deviations *= np.sqrt(stratum_scale(design))[design.stratum_of_psu, None]
    return deviations.T @ deviations


def stratum_means(design: Psus, sums: np.ndarray, strata: slice = slice(None)) -> np.ndarray:
    """Return what PSU totals of a stratum are centred on, given their ``sums``, (n_strata, k).

    It is the stratum's mean; for a stratum with one PSU under ``adjust`` it is the mean of the population,
    which is 0 because the scores of the whole add up to 0.
    """
    size = design.psus_in_stratum[strata]
    means = sums / size[:, None]
    if design.single_psu == "adjust":
        means[size == 1] = 0.0
    return means


def stratum_scale(design: Psus) -> np.ndarray:
    """Return n_h/(n_h-1) for each stratum, 1 where there is one PSU."""
    size = design.psus_in_stratum
    return size / np.maximum(size - 1, 1)


def single_psu_factor(design: Psus, strata: Any = None) -> float:
    """Apply the rule for strata with one PSU: refuse (``fail``), or return the factor of the covariance."""
    if design.psus_in_stratum.min() > 1:
        return 1.0
    touched = np.arange(design.n_strata) if strata is None else np.unique(strata)
    single = touched[design.psus_in_stratum[touched] == 1]
    if not len(single):
        return 1.0
    if design.single_psu == "fail":
        raise DataError(design.single_psu_message(single))
    return single_psu_inflation(design.single_psu, len(touched), len(single))


def single_psu_inflation(rule: str, strata: float, single: float) -> float:
    """Return the factor of a variance from ``strata`` of which ``single`` have one PSU.

    It is 1 except under ``average``, where such strata are given the mean contribution of the others.
    """
    if rule != "average" or not single:
        return 1.0
    return strata / (strata - single) if strata > single else np.nan


def single_psu_message(names: Sequence[object], n_strata: int, column: str) -> str:
    """Name the strata that have one PSU, and what can be done."""
    return (
        f"{len(names)} of {n_strata} strata ({column}) have one PSU, so that "
        f"their variance cannot be estimated: {listed([str(name) for name in names])}. Merge each with a "
        'similar stratum, or choose a rule: SurveyDesign(..., single_psu="adjust"), "average", "certainty" '
        'or "remove"'
    )


def degrees_of_freedom(design: Coded, in_domain: np.ndarray | None = None) -> int:
    """Return PSUs minus strata, counted over domain rows with a weight above 0 (R ``survey::degf``)."""
    counted = design.weights > 0
    if in_domain is not None:
        counted = counted & in_domain
    psus = np.flatnonzero(np.bincount(design.psu[counted], minlength=design.n_psu))
    return len(psus) - len(np.unique(design.stratum_of_psu[psus]))
