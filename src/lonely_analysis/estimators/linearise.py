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
from lonely_analysis.surveys.design import SurveyDesign, checked_weights, listed
from lonely_analysis.surveys.survey import Survey


@dataclass(frozen=True, eq=False, kw_only=True)
class Psus:
    """The PSUs of a design, numbered stratum by stratum, so that ``stratum_of_psu`` never falls.

    ``psu_labels`` is indexed by (stratum, psu) in the order of the codes.
    """

    stratum_of_psu: np.ndarray = field(repr=False)
    n_strata: int
    single_psu: str
    psu_labels: pd.MultiIndex = field(repr=False)

    @property
    def n_psu(self) -> int:
        """Number of PSUs."""
        return len(self.stratum_of_psu)

    @cached_property
    def psus_in_stratum(self) -> np.ndarray:
        """Number of PSUs in each stratum, counted over the whole design."""
        return np.bincount(self.stratum_of_psu, minlength=self.n_strata)

    def stratum_names(self, strata: np.ndarray) -> list[str]:
        """Labels of the strata with these codes."""
        first = np.searchsorted(self.stratum_of_psu, strata)
        return [str(label) for label in self.psu_labels.get_level_values(0)[first]]

    def single_psu_message(self, single: np.ndarray) -> str:
        """Name the strata with these codes, which have one PSU."""
        column = str(self.psu_labels.names[0])
        return single_psu_message(self.stratum_names(single), self.n_strata, column)


@dataclass(frozen=True, eq=False, kw_only=True)
class Coded(Psus):
    """A pandas design as arrays: weights and codes of PSUs by row; ``in_order`` if the codes never fall."""

    weights: np.ndarray = field(repr=False)
    psu: np.ndarray = field(repr=False)
    in_order: bool

    @cached_property
    def order(self) -> np.ndarray | None:
        """The rows sorted by PSU, or None where they are sorted."""
        return None if self.in_order else np.argsort(self.psu, kind="stable")


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
        stratum, strata = _codes(frame, design.stratum)
        order = np.argsort(stratum, kind="stable") if len(strata) > 1 else np.arange(n)
        psu = np.empty(n, dtype=np.intp)
        psu[order] = np.arange(n)
        in_order = bool((psu[1:] >= psu[:-1]).all())
        stratum_of_psu, labels = stratum[order], frame.index[order]
    else:
        # Rows of a PSU mostly follow each other: each such run is coded once.
        bound = frame[list(dict.fromkeys(name for name in (design.stratum, design.psu) if name))]
        start = _run_starts(bound)
        runs = bound.iloc[start]
        stratum, strata = _codes(runs, design.stratum)
        within, names = _codes(runs, design.psu)
        run, pairs = _sorted_codes(stratum * np.intp(len(names)) + within)
        in_order = bool((run[1:] >= run[:-1]).all())
        psu = np.repeat(run, np.diff(start, append=n))
        stratum_of_psu, labels = pairs // len(names), names[pairs % len(names)]
    return Coded(
        weights=checked_weights(design),
        psu=psu,
        in_order=in_order,
        stratum_of_psu=stratum_of_psu,
        n_strata=len(strata),
        single_psu=design.single_psu,
        psu_labels=psu_index(design, strata[stratum_of_psu], labels),
    )


def psu_index(design: SurveyDesign, strata: pd.Index, psus: pd.Index) -> pd.MultiIndex:
    """Return labels of PSUs as an index (stratum, psu), named as the design's columns."""
    return pd.MultiIndex.from_arrays([strata, psus], names=[design.stratum or "stratum", design.psu or "psu"])


def _run_starts(frame: pd.DataFrame) -> np.ndarray:
    """Return the rows that differ from the row before in one of the columns, and the first row."""
    new = np.zeros(len(frame), dtype=bool)
    new[0] = True
    for _, column in frame.items():
        values = column.cat.codes.array if isinstance(column.dtype, pd.CategoricalDtype) else column.array
        new[1:] |= np.asarray(values[1:] != values[:-1], dtype=bool)
    return np.flatnonzero(new)


def _codes(frame: pd.DataFrame, column: str | None) -> tuple[np.ndarray, pd.Index]:
    """Return the codes of a column in sorted order with their labels; one code where there is no column."""
    if column is None:
        return np.zeros(len(frame), dtype=np.intp), pd.Index(["all"])
    values = frame[column]
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
    size = design.psus_in_stratum
    inflate = single_psu_factor(design, strata)
    first = np.cumsum(size) - size
    means = stratum_means(design, np.add.reduceat(totals, first, axis=0))
    deviations = totals - means[design.stratum_of_psu]
    deviations *= np.sqrt(stratum_scale(design))[design.stratum_of_psu, None]
    return (deviations.T @ deviations) * inflate


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
