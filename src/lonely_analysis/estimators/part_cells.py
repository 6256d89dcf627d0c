"""Cells of a survey that is read part by part: PSU totals are squared at once and then forgotten.

With totals S = sum(w) and T = sum(w y) of a PSU in a domain, the variance of the domain's mean p needs sums
of (T - p S)^2 over the PSUs of a stratum, that is of T^2, S T and S^2. These *moments* add up across parts,
and there is one row a stratum and domain, however many people there are. The price: covariances between
domains, which need the totals themselves, are not known.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.cells import Cells, memory_cells
from lonely_analysis.estimators.columns import group_rows, measure, yes_no
from lonely_analysis.estimators.engines import RowCells
from lonely_analysis.estimators.linearise import Psus, coded, psu_index, stratum_scale
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.expressions import columns_named, domain_rows
from lonely_analysis.surveys.parts import Parts

# Two parts at a time: one is read while the other is added up. More would only take more memory.
_WORKERS = 2
_STRATUM = "__stratum"
# Sums of a stratum's part of a domain: respondents, PSUs, S, T, and the moments S^2, S T, T^2.
_SUMS = ("__psus", "__s", "__t", "__ss", "__st", "__tt")


@dataclass(frozen=True, eq=False, kw_only=True)
class PartCells(RowCells):
    """Moments by stratum and domain: as in ``RowCells`` ``psu`` holds the stratum; ``rows`` counts PSUs."""

    def _spread(self, column: np.ndarray, factor: np.ndarray, size: int) -> np.ndarray:
        if size < self.n_domains:
            raise DataError(
                "standardised rates need covariances between domains, which a survey that is read part by "
                "part does not keep: give the files to an engine (Polars, DuckDB, Dask or Spark)"
            )
        # PSU totals z_i are centred on their stratum's mean: sum (z_i - z/n_h)^2 = sum z_i^2 - z^2/n_h.
        # This stays in cells, because a table of strata by domains would be mostly empty.
        s, t, mean = self.weight, self.total, self.mean[self.domain]
        ss, st, tt = self.squares
        n_psu = self.psus.psus_in_stratum[self.psu]
        centred = np.where(
            (n_psu == 1) & (self.psus.single_psu == "adjust"), 0.0, (t - mean * s) ** 2 / n_psu
        )
        spread = stratum_scale(self.psus)[self.psu] * (tt - 2 * mean * st + mean**2 * ss - centred)
        variance = np.full((size, size), np.nan)
        np.fill_diagonal(variance, np.bincount(column, weights=factor**2 * spread, minlength=size))
        return variance


@dataclass(frozen=True, eq=False)
class _Part:
    """What is kept of a part: PSUs, sums by stratum and domain (``moments``), sums by domain."""

    psus: pd.DataFrame
    moments: pd.DataFrame
    domains: pd.DataFrame


def part_cells(
    design: SurveyDesign, outcome: str, by: list[str], where: str | None, binary: bool
) -> PartCells:
    """Reduce a survey in parts to moments; ``binary`` says that the outcome is yes/no."""
    parts: Parts = design.frame
    columns = _columns_needed(design, outcome, by, where)
    require_columns(list(parts.columns), columns)
    first = _part(design, parts.files[0], columns, outcome, by, where, binary, shift=None)
    shift = first.domains.attrs["shift"]

    def one(file: Path) -> _Part:
        return _part(design, file, columns, outcome, by, where, binary, shift)

    with ThreadPoolExecutor(_WORKERS) as pool:
        return _merged(design, [first, *pool.map(one, parts.files[1:])], by, shift)


def _columns_needed(design: SurveyDesign, outcome: str, by: list[str], where: str | None) -> list[str]:
    if where is not None and not isinstance(where, str):
        raise DataError(
            'where= must be an expression such as "age >= 20" for a survey in parts, not a Series'
        )
    named = columns_named(where, list(design.frame.columns)) if where else []
    used = [design.weight, design.stratum, design.psu, outcome, *by, *named]
    return list(dict.fromkeys(name for name in used if name))


def _part(
    design: SurveyDesign,
    file: Path,
    columns: list[str],
    outcome: str,
    by: list[str],
    where: str | None,
    binary: bool,
    shift: float | None,
) -> _Part:
    try:
        own = replace(design, frame=design.frame.read(file, columns))
        values = (yes_no if binary else measure)(own.frame, outcome)
        cells = memory_cells(own, values, by, domain_rows(own.frame, where), binary=binary)
    except DataError as error:
        raise DataError(f"{file.name}: {error}") from error
    names = coded(own).psu_labels.to_frame(index=False).set_axis([_STRATUM, "__psu"], axis=1)
    return _Part(psus=names, **_reduced(cells, names[_STRATUM], cells.shift if shift is None else shift))


def _reduced(cells: Cells, stratum_names: pd.Series, shift: float) -> dict[str, pd.DataFrame]:
    """Square the PSU totals of a part, with the outcome measured from ``shift`` as in every other part."""
    from scipy.sparse import csr_array

    moved = cells.shift - shift
    shape = (cells.psus.n_psu, cells.n_domains)
    # Building the sparse table adds up a PSU's two cells where a chunk of rows ended within it.
    s = csr_array((cells.weight, (cells.psu, cells.domain)), shape=shape)
    t = csr_array((cells.total + moved * cells.weight, (cells.psu, cells.domain)), shape=shape)
    psu = np.repeat(np.arange(shape[0]), np.diff(s.indptr))
    stratum = cells.psus.stratum_of_psu[psu]
    group, keys = pd.factorize(stratum * np.intp(shape[1]) + s.indices)
    sums = (np.ones(len(s.data)), s.data, t.data, s.data**2, s.data * t.data, t.data**2)
    table = pd.DataFrame({name: np.bincount(group, weights=x) for name, x in zip(_SUMS, sums, strict=True)})
    first = np.searchsorted(cells.psus.stratum_of_psu, keys // shape[1])
    table.insert(0, _STRATUM, stratum_names.to_numpy()[first])
    moments = pd.concat([_taken(cells.groups, keys % shape[1]), table], axis=1)
    weight, total = cells.sum_by_domain(cells.weight), cells.sum_by_domain(cells.total)
    spread = cells.spread + 2 * moved * total + moved**2 * weight
    domains = cells.groups.assign(__count=cells.count, __spread=spread)
    domains.attrs["shift"] = shift
    return {"moments": moments, "domains": domains}


def _taken(groups: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    return groups.iloc[rows].reset_index(drop=True)


def _merged(design: SurveyDesign, found: list[_Part], by: list[str], shift: float) -> PartCells:
    psus = _all_psus(design, found)
    moments = pd.concat([part.moments for part in found], ignore_index=True)
    domains = pd.concat([part.domains for part in found], ignore_index=True)
    both = pd.concat([moments[by], domains[by]], ignore_index=True)
    code, groups = group_rows(both, by, np.ones(len(both), dtype=bool))
    strata = psus.psu_labels.get_level_values(0).unique().get_indexer(moments[_STRATUM])
    k = len(groups)
    cell, keys = pd.factorize(strata * np.intp(k) + code[: len(moments)], sort=True)
    sums = {name: np.bincount(cell, weights=moments[name]) for name in _SUMS}
    by_domain = code[len(moments) :]
    return PartCells(
        psus=psus,
        psu=keys // k,
        domain=keys % k,
        weight=sums["__s"],
        total=sums["__t"],
        squares=np.stack([sums[name] for name in ("__ss", "__st", "__tt")]),
        rows=sums["__psus"],
        count=np.bincount(by_domain, weights=domains["__count"], minlength=k).astype(np.intp),
        spread=np.bincount(by_domain, weights=domains["__spread"], minlength=k),
        groups=groups,
        shift=shift,
    )


def _all_psus(design: SurveyDesign, found: list[_Part]) -> Psus:
    """Return the PSUs of all parts; refuse one that lies in two, whose total would count as two."""
    names = pd.concat([part.psus for part in found], ignore_index=True)
    if design.psu is not None:
        twice = names[names.duplicated()]
        if len(twice):
            stratum, psu = twice.iloc[0]
            raise DataError(
                f"{len(twice)} PSUs lie in more than one file, the first is {psu!r} of stratum {stratum!r}: "
                "write the files so that each PSU is wholly in one"
            )
    code, strata = pd.factorize(names[_STRATUM], sort=True)
    order = np.argsort(code, kind="stable")
    return Psus(
        stratum_of_psu=code[order],
        n_strata=len(strata),
        single_psu=design.single_psu,
        psu_labels=psu_index(
            design, pd.Index(strata)[code[order]], pd.Index(names["__psu"].to_numpy()[order])
        ),
    )
