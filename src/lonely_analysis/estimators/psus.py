"""The PSUs of a design as codes, which all variances are computed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
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


def single_psu_message(names: Sequence[object], n_strata: int, column: str) -> str:
    """Name the strata that have one PSU, and what can be done."""
    return (
        f"{len(names)} of {n_strata} strata ({column}) have one PSU, so that "
        f"their variance cannot be estimated: {listed([str(name) for name in names])}. Merge each with a "
        'similar stratum, or choose a rule: SurveyDesign(..., single_psu="adjust"), "average", "certainty" '
        'or "remove"'
    )
