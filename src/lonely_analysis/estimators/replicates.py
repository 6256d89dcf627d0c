"""Replicate weights: the sample redrawn, as multipliers of PSU totals.

A *replicate* multiplies the weights of each PSU; an estimate is computed again for each replicate, and the
spread of the replicate estimates around the full-sample estimate is its variance: ``scale * sum_r rscales_r
(estimate_r - estimate)^2`` (R ``survey::svrVar`` with ``mse = TRUE``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.psus import Coded, Psus, as_design, coded
from lonely_analysis.surveys.design import SurveyDesign, listed, require_columns
from lonely_analysis.surveys.survey import Survey

ReplicateMethod = Literal["rao-wu", "jackknife"]

# Multipliers of one PSU that differ by less than this (relative) come from rounding in the file.
_SAME = 1e-9
# Tolerance of the rank of user-supplied replicate weights, as R ``survey::degf``.
_RANK = 1e-5


@dataclass(frozen=True, eq=False, kw_only=True)
class Replicates:
    """Replicate weights of a design.

    ``multipliers`` has one row a PSU, indexed by (stratum, psu), and one column a replicate; when a file's
    replicate columns differ within PSUs it has one row a respondent instead. ``unit_of_row`` maps rows of
    the frame to rows of ``multipliers``; it is None on frames other than pandas. ``df`` is the rank of
    user-supplied columns less 1, and None where the design's own degrees of freedom hold.
    """

    multipliers: pd.DataFrame = field(repr=False)
    scale: float
    rscales: np.ndarray = field(repr=False)
    method: str
    unit_of_row: np.ndarray | None = field(repr=False, default=None)
    by_psu: bool = True
    df: int | None = None

    def __len__(self) -> int:
        return self.multipliers.shape[1]

    def row_multipliers(self, replicate: int) -> np.ndarray:
        """Return what one replicate multiplies each row's weight by, (n,)."""
        if self.unit_of_row is None:
            raise DataError("replicates of this frame multiply PSUs in its own engine, not rows: use pandas")
        return self.multipliers.iloc[:, replicate].to_numpy()[self.unit_of_row]

    def all_rows(self, used: np.ndarray) -> np.ndarray:
        """Return the multipliers of the rows ``used``, (rows used, replicates)."""
        self.refuse_other_rows(len(used))
        return self.multipliers.to_numpy(dtype=float)[self.unit_of_row[used]]

    def refuse_other_rows(self, n: int) -> None:
        """Raise ``DataError`` for a frame of ``n`` rows that the replicates were not made for."""
        if self.unit_of_row is not None and len(self.unit_of_row) != n:
            raise DataError(
                f"the replicates were made for another design: it has {len(self.unit_of_row)} rows, "
                f"this one {n}"
            )

    def totals(self, scores: np.ndarray) -> np.ndarray:
        """Return replicate totals, (replicates, k), of weighted row ``scores``, (n,) or (n, k)."""
        self.refuse_other_rows(len(scores))
        columns = scores.reshape(len(scores), -1).T
        size = len(self.multipliers)
        units = np.stack([np.bincount(self.unit_of_row, weights=c, minlength=size) for c in columns])
        return (units @ self.multipliers.to_numpy()).T


def replicates(
    data: Survey | SurveyDesign,
    n: int = 500,
    method: ReplicateMethod = "rao-wu",
    seed: int | None = None,
    *,
    columns: Sequence[str] | None = None,
    combined: bool = True,
    scale: float | None = None,
    rscales: Sequence[float] | None = None,
) -> Replicates:
    """Make replicate weights, or take those that a survey comes with.

    ``rao-wu``: the rescaling bootstrap. In each stratum n_h - 1 of its n_h PSUs are drawn with replacement,
    and a PSU drawn t times has multiplier t n_h/(n_h - 1); ``scale`` is 1/(n - 1) (Rao, Wu and Yue 1992,
    Survey Methodology 18:209-217; R ``as.svrepdesign(type = "subbootstrap")``). ``jackknife``: each PSU is
    left out in turn and the others of its stratum multiplied by n_h/(n_h - 1), with ``rscales`` (n_h -
    1)/n_h (R ``JKn``, and ``JK1`` where there is one stratum); ``n`` and ``seed`` are not used.

    ``columns`` names the survey's own replicate weights instead; ``combined`` says that they include the full
    weight (else they are multipliers), and ``scale`` and ``rscales`` are those of the survey's documentation.

    A stratum with one PSU cannot be redrawn: under ``single_psu="fail"`` it is an error, under any other
    rule its multiplier is 1, so that it adds no variance.

    Raises ``DataError`` for strata with one PSU, for an unknown method, fewer than two replicates, and
    columns that do not match (absent, missing values, weight on a row whose weight is 0, ``rscales`` of
    another length, a ``scale`` that is not above 0, a column of zeros).
    """
    design = as_design(data)
    if columns is not None:
        return _given(design, list(columns), combined, scale, rscales)
    if scale is not None or rscales is not None:
        raise DataError("scale= and rscales= belong to columns=: the methods have their own")
    psus, unit = _psus(design)
    _refuse_single(psus)
    if method == "jackknife":
        table, scale, rscales = _jackknife(psus)
    elif method == "rao-wu":
        if n < 2:
            raise DataError(f"n={n} replicates have no spread: use 500")
        table, scale, rscales = _rao_wu(psus, n, seed)
    else:
        raise DataError(f"method={method!r} is unknown; choose 'rao-wu' or 'jackknife', or give columns=")
    frame = pd.DataFrame(table, index=psus.psu_labels)
    return Replicates(
        multipliers=frame, scale=scale, rscales=np.asarray(rscales), method=method, unit_of_row=unit
    )


def replicate_covariance(
    full: np.ndarray, replicate_estimates: np.ndarray, replicates: Replicates
) -> np.ndarray:
    """Return the (k, k) covariance of ``full``, (k,), from ``replicate_estimates``, (replicates, k).

    Centred on the full-sample estimate (R ``mse = TRUE``). A replicate in which an estimate does not exist
    (NaN: a domain that was not drawn, a model that cannot be fitted) adds nothing to that estimate's
    covariances, as R discards it; where every replicate lacks an estimate, the covariance is NaN.
    """
    estimates = np.asarray(replicate_estimates, dtype=float).reshape(len(replicates), -1)
    deviations = estimates - np.asarray(full, dtype=float).reshape(-1)
    absent = np.isnan(deviations)
    deviations = np.where(absent, 0.0, deviations)
    deviations[:, absent.all(axis=0)] = np.nan
    return replicates.scale * (deviations.T * replicates.rscales) @ deviations


def _psus(design: SurveyDesign) -> tuple[Psus, np.ndarray | None]:
    if design.in_memory:
        rows = coded(design)
        return rows, rows.psu
    from lonely_analysis.estimators.engines import engine_psus

    return engine_psus(design), None


def _refuse_single(psus: Psus) -> None:
    single = np.flatnonzero(psus.psus_in_stratum == 1)
    if len(single) and psus.single_psu == "fail":
        raise DataError(psus.single_psu_message(single))


def _rao_wu(psus: Psus, n: int, seed: int | None) -> tuple[np.ndarray, float, np.ndarray]:
    rng = np.random.default_rng(seed)
    table = np.ones((psus.n_psu, n))
    first = 0
    for size in psus.psus_in_stratum:
        if size > 1:
            drawn = rng.integers(size, size=(size - 1, n))
            flat = np.bincount((drawn * n + np.arange(n)).ravel(), minlength=size * n).reshape(size, n)
            table[first : first + size] = flat * (size / (size - 1))
        first += size
    return table, 1 / (n - 1), np.ones(n)


def _jackknife(psus: Psus) -> tuple[np.ndarray, float, np.ndarray]:
    size = psus.psus_in_stratum[psus.stratum_of_psu]
    out = np.flatnonzero(size > 1)
    same = psus.stratum_of_psu[:, None] == psus.stratum_of_psu[out]
    table = np.where(same, (size / np.maximum(size - 1, 1))[:, None], 1.0)
    table[out, np.arange(len(out))] = 0.0
    return table, 1.0, (size[out] - 1) / size[out]


def _given(
    design: SurveyDesign,
    columns: list[str],
    combined: bool,
    scale: float | None,
    rscales: Sequence[float] | None,
) -> Replicates:
    """Turn the replicate columns of a file into multipliers, of PSUs where they are constant within PSUs."""
    if not design.in_memory:
        raise DataError("replicate columns are read from pandas frames only; make replicates from the design")
    require_columns(list(design.frame.columns), columns)
    for name in columns:
        if not pd.api.types.is_numeric_dtype(design.frame[name].dtype):
            raise DataError(f"replicate column {name!r} holds {design.frame[name].dtype}, not numbers")
    if scale is None or len(columns) < 2:
        raise DataError(
            "columns= needs two replicate columns or more, and the scale= that the survey documents"
        )
    factors = np.ones(len(columns)) if rscales is None else np.asarray(rscales, dtype=float)
    if factors.shape != (len(columns),):
        raise DataError(f"rscales= has {factors.size} values for {len(columns)} replicate columns")
    if not (0 < scale < np.inf and (factors >= 0).all() and np.isfinite(factors).all()):
        raise DataError(
            f"scale={scale!r} must be above 0, and each of rscales= 0 or more: a variance is the sum of "
            "squares times these. Take them from the survey's documentation"
        )
    rows = coded(design)
    multiplier = _checked_columns(design, columns, rows, combined)
    df = _rank(multiplier * rows.weights[:, None]) - 1
    by_psu, table, index, unit = _by_psu(rows, multiplier, design.frame.index)
    frame = pd.DataFrame(table, index=index, columns=columns)
    return Replicates(
        multipliers=frame,
        scale=float(scale),
        rscales=factors,
        method="columns",
        unit_of_row=unit,
        by_psu=by_psu,
        df=df,
    )


def _checked_columns(design: SurveyDesign, columns: list[str], rows: Coded, combined: bool) -> np.ndarray:
    table = design.frame[columns].to_numpy(dtype=float, na_value=np.nan)
    bad = ~np.isfinite(table) | (table < 0)
    if bad.any():
        worst = columns[int(bad.any(axis=0).argmax())]
        raise DataError(
            f"replicate columns hold {int(bad.sum())} missing, infinite or negative values, as in {worst!r}"
        )
    empty = [name for name, column in zip(columns, table.T, strict=True) if not column.any()]
    if empty:
        raise DataError(f"replicate columns {listed(empty)} are 0 in every row: leave them out")
    if not combined:
        return table
    extra = (table > 0) & (rows.weights == 0)[:, None]
    if extra.any():
        raise DataError(
            f"replicate columns give weight to {int(extra.any(axis=1).sum())} rows whose weight in "
            f"{design.weight!r} is 0: the columns do not belong to this weight"
        )
    return table / np.where(rows.weights > 0, rows.weights, 1.0)[:, None]


def _by_psu(
    rows: Coded, multiplier: np.ndarray, index: pd.Index
) -> tuple[bool, np.ndarray, pd.Index, np.ndarray]:
    counted = np.flatnonzero(rows.weights > 0)
    table = np.ones((rows.n_psu, multiplier.shape[1]))
    table[rows.psu[counted]] = multiplier[counted]
    if np.allclose(table[rows.psu[counted]], multiplier[counted], rtol=_SAME, atol=0):
        return True, table, rows.psu_labels, rows.psu
    return False, multiplier, index, np.arange(len(multiplier))


def _rank(weights: np.ndarray) -> int:
    size = np.linalg.norm(weights, axis=0)
    values = np.linalg.eigvalsh((weights.T @ weights) / np.outer(size, size))
    return int((values > _RANK**2 * values[-1]).sum())
